// The npm packages as their users get them: no registry but one on loopback, caches of their own.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pack, type Packed } from "../../scripts/pack.ts";
import { platformName, platformPackage } from "../../src/ffi/locate.ts";
import { blocksOf, documents } from "../support/documents.ts";

const ROOT = join(import.meta.dir, "../..");
let dir = "";
let packed: Packed;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "suite-packages-"));
  packed = await pack(join(dir, "tgz"));
}, 120_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A folder with two files that differ, and nothing of this checkout in its environment. */
function place(name: string, registry: string): { cwd: string; env: Record<string, string> } {
  const cwd = join(dir, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, "a"), "one\n");
  writeFileSync(join(cwd, "b"), "two\n");
  const bin = join(cwd, ".bun");
  mkdirSync(bin);
  // The package's command asks for `bun` by name.
  cpSync(process.execPath, join(bin, "bun"));
  symlinkSync("bun", join(bin, "bunx"));
  const own = { HOME: cwd, TMPDIR: cwd, BUN_TMPDIR: cwd, BUN_INSTALL: join(cwd, ".install") };
  const env = { ...own, BUN_INSTALL_CACHE_DIR: join(cwd, ".cache"), PATH: `${bin}:/usr/bin:/bin` };
  return { cwd, env: { ...env, BUN_CONFIG_REGISTRY: registry, npm_config_registry: registry } };
}

async function run(command: string[], { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const child = Bun.spawn(command, { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: 60_000 });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { stdout, stderr, exit: await child.exited };
}

/** A port that nothing listens on. */
function closedRegistry(): string {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return `http://127.0.0.1:${port}/`;
}

const DIFFER = "a b differ: byte 1, line 1\n";

describe("packages", () => {
  test("install from their files with no registry, and run by bunx", async () => {
    const at = place("offline", closedRegistry());
    writeFileSync(join(at.cwd, "package.json"), "{}");
    mkdirSync(join(at.cwd, "dist"));
    symlinkSync(join(dir, "tgz"), join(at.cwd, "dist/npm"));
    // The lines of the document, as they stand there.
    const lines = blocksOf("docs/packaging.md").find(({ text }) => text.startsWith("bun add "))?.text.trimEnd().split("\n");
    const [add = "", compare = "", ...more] = lines ?? [];
    expect([compare, more]).toEqual(["bunx --no-install suite compare a b", []]);
    // They name the most common platform.
    expect(await run(["sh", "-c", add.replace("linux-x64-gnu", platformName())], at)).toMatchObject({ exit: 0 });
    expect(await run(["sh", "-c", compare], at)).toMatchObject({ stdout: DIFFER, stderr: "", exit: 1 });
    // What ran is what was installed, with the library of its platform.
    const { stdout } = await run(["bunx", "--no-install", "suite", "--version", "--verbose"], at);
    expect(/^ {2}loaded from +(.*)$/m.exec(stdout)?.[1]).toStartWith(`${at.cwd}/node_modules/suite-`);
  }, 90_000);

  test("run by name from a registry", async () => {
    const archives = new Map([packed.library, packed.platform].map((path) => [basename(path), path]));
    const asked: string[] = [];
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const { pathname, origin } = new URL(request.url);
        asked.push(basename(pathname));
        const path = archives.get(basename(pathname));
        if (path) return new Response(Bun.file(path));
        const tarball = [...archives.keys()].find((file) => file.startsWith(`${basename(pathname)}-0`));
        if (!tarball) return new Response("{}", { status: 404 });
        const manifest = manifestOf(archives.get(tarball) as string);
        const { name, version } = manifest;
        const dist = { tarball: `${origin}/${tarball}`, integrity: integrity(archives.get(tarball) as string) };
        return Response.json({
          name,
          "dist-tags": { latest: version },
          versions: { [version]: { ...manifest, dist } },
        });
      },
    });
    const at = place("registry", `http://127.0.0.1:${server.port}/`);
    const ran = await run([process.execPath, "x", "suite", "compare", "a", "b"], at);
    expect(ran).toMatchObject({ stdout: DIFFER, exit: 1 });
    // The package, the library of this platform, and nothing else.
    const names = ["suite", platformPackage(platformName())];
    expect([...new Set(asked)].sort()).toEqual([...names, ...archives.keys()].sort());
  }, 90_000);

  test("depend on nothing, run nothing when they are installed, and bring all they import", async () => {
    const [library, platform] = [manifestOf(packed.library), manifestOf(packed.platform)];
    for (const manifest of [library, platform]) {
      for (const key of ["dependencies", "peerDependencies", "bundledDependencies", "devDependencies", "scripts"]) {
        expect(manifest).not.toHaveProperty(key);
      }
    }
    expect(library).toMatchObject({ name: "suite", optionalDependencies: { [platform.name]: platform.version } });
    expect(Object.keys(library.optionalDependencies ?? {})).toEqual([platform.name]);
    const at = place("contents", closedRegistry());
    expect(await run(["tar", "-xzf", packed.library], at)).toMatchObject({ exit: 0 });
    const root = join(at.cwd, "package");
    const code = [...new Bun.Glob("{bin,lib}/*.js").scanSync({ cwd: root })];
    expect(code).toEqual(expect.arrayContaining(["bin/suite.js", "lib/index.js"]));
    const transpiler = new Bun.Transpiler({ loader: "js" });
    for (const file of code) {
      for (const { path } of transpiler.scanImports(readFileSync(join(root, file), "utf8").replace(/^#!.*/, ""))) {
        const known = path.startsWith("./") ? existsSync(join(root, file, "..", path)) : isBuiltin(path);
        expect({ file, path, known }).toEqual({ file, path, known: true });
      }
    }
  }, 90_000);

  test("type-check and run in a strict project", async () => {
    const at = place("consumer", closedRegistry());
    const node_modules = join(at.cwd, "node_modules");
    writeFileSync(join(at.cwd, "package.json"), '{"type":"module"}');
    expect(await run([process.execPath, "add", packed.platform, packed.library], at)).toMatchObject({ exit: 0 });
    for (const types of ["bun-types", "@types/node", "undici-types"]) {
      cpSync(join(ROOT, "node_modules", types), join(node_modules, types), { recursive: true, dereference: true });
    }
    writeFileSync(
      join(at.cwd, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noPropertyAccessFromIndexSignature: true,
          module: "nodenext",
          target: "esnext",
          types: ["bun-types"],
          noEmit: true,
        },
        files: ["main.ts"],
      }),
    );
    writeFileSync(
      join(at.cwd, "main.ts"),
      `import { compare, compareDirSync, type DirResult, type PairResult, type TreeSummary } from "suite";
       const result: PairResult | TreeSummary = await compare("a", "b");
       const dirs: DirResult = compareDirSync(".", ".", { jobs: 1 });
       for await (const entry of compare("a", "b")) console.log(entry.status, entry.path);
       console.log(result.verdict, dirs.equal);
       // @ts-expect-error a number is no source: the types are there, and are not any
       export const wrong = () => compare(1, "b");
       // @ts-expect-error nor is there such an option
       export const unknown = () => compare("a", "b", { nonsense: true });\n`,
    );
    expect(await run([process.execPath, "check"], at)).toMatchObject({ exit: 0 });
    expect(await run([process.execPath, "main.ts"], at)).toMatchObject({
      stdout: "different a\ndifferent true\n",
      exit: 0,
    });
  }, 90_000);

  test("no document tells a reader to run the command by name before it is installed", () => {
    const runs = /\b(?:bunx|bun x|npx|npm exec)\b[^\n`|]*?[ "']suite(?![\w.-])/;
    expect(
      ["bunx suite compare", "bunx --no-install suite", "npx -y suite a"].filter((line) => !runs.test(line)),
    ).toEqual([]);
    expect(["npx -y bun@1.4.5 run demo", "bunx suite-x", "bun run suite"].filter((line) => runs.test(line))).toEqual(
      [],
    );
    const telling: string[] = [];
    for (const file of documents()) {
      const text = readFileSync(join(ROOT, file), "utf8");
      const command = text.search(runs);
      if (command < 0) continue;
      telling.push(file);
      const install = text.search(/bun add \S*suite-\S+\.tgz/);
      expect({ file, installedFirst: install >= 0 && install < command }).toEqual({ file, installedFirst: true });
    }
    expect(telling).toEqual(["docs/packaging.md"]);
  });
});

/** The package.json inside an archive. */
function manifestOf(archive: string): { name: string; version: string; optionalDependencies?: Record<string, string> } {
  const tar = Bun.spawnSync(["tar", "-xzOf", archive, "package/package.json"]);
  return JSON.parse(tar.stdout.toString());
}

function integrity(archive: string): string {
  return `sha512-${new Bun.CryptoHasher("sha512").update(readFileSync(archive)).digest("base64")}`;
}
