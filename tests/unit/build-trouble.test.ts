// What can be wrong with the machine that builds, as it happens and not as an error that is thrown by hand: no rights, no
// space, a process that is killed, a cache that another version wrote, programs that are not there.
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BuildError } from "../../scripts/build/errors.ts";
import { repositoryRoot } from "../../scripts/build/layout.ts";
import { buildNative } from "../../scripts/build/native.ts";
import type { BuildOptions } from "../../scripts/build/options.ts";
import { hostTarget, platformOf } from "../../scripts/build/target.ts";
import { findCompiler } from "../../scripts/build/toolchain.ts";
import { withoutPrivileges } from "../cli/kit/rights.ts";

// For what hangs; compilers are slow on a machine that does something else as well.
setDefaultTimeout(60_000);

const sources: Record<string, string> = {
  "libcore/core.map": "{ global: core_*; local: *; };\n",
  "libcore/src/one.c":
    'int two(void);\n__attribute__((visibility("default"))) int core_one(void);\nint core_one(void)\n{\n\treturn two() - 1;\n}\n',
  "libcore/src/two.c": "int two(void);\nint two(void)\n{\n\treturn 2;\n}\n",
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "suite-trouble-"));
  for (const [path, text] of Object.entries(sources)) write(path, text);
});

afterEach(() => {
  chmodSync(root, 0o755);
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function program(name: string, script: string): string {
  const path = join(root, name);
  write(name, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const build = (options: BuildOptions = {}) => buildNative({ root, ...options });

async function failure(work: Promise<unknown>): Promise<BuildError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** What begins with a name of ours and is no result: unfinished files. */
const unfinished = () =>
  (readdirSync(join(root, ".cache"), { recursive: true }) as string[]).filter((path) =>
    /\.(tmp|partial|d)$/.test(path),
  );

/** Starts a build in a process of its own, which may be one with fewer rights. */
function start(options: BuildOptions, words: readonly string[] = []) {
  const script = `
    import { buildNative } from ${JSON.stringify(join(repositoryRoot, "scripts/build/native.ts"))};
    try {
      console.log((await buildNative(${JSON.stringify({ root, ...options })})).compiled.length);
    } catch (error) {
      console.log(JSON.stringify([error.name, error.exitCode, error.message, error.hint]));
    }`;
  return Bun.spawn([...words, process.execPath, "-e", script], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
}

describe("the place to write to", () => {
  test("a checkout that may only be read: which path, why, and what to do", async () => {
    chmodSync(root, 0o555);
    const child = start({}, withoutPrivileges());
    const [name, exitCode, message, hint] = JSON.parse(await child.stdout.text());
    expect([name, exitCode]).toEqual(["BuildError", 4]);
    expect(message).toContain(join(root, ".cache"));
    expect(message).toContain("(EACCES)");
    expect(hint).toContain("No permission to write there.");
    expect(readdirSync(root)).toEqual(["libcore"]);
  });

  test("a disk that fills up while compiling, and while linking: says so, and the last library stays", async () => {
    const { library } = await build();
    const before = readFileSync(library);
    for (const when of ['*" -c "*', '*" -shared "*']) {
      const full = `for last; do :; done; echo part >"$last"; echo "cannot write: No space left on device" >&2; exit 1`;
      const cc = program("cc-of-a-full-disk", `case " $* " in ${when}) ${full};; esac\nexec cc "$@"`);
      const error = await failure(build({ cc }));
      expect(error.exitCode).toBe(4);
      expect(error.message).toContain("No space left on device");
      expect(error.hint).toContain("The disk is full where");
      expect(error.hint).toContain("Free some space");
      expect(readFileSync(library).equals(before)).toBe(true);
      expect(unfinished()).toEqual([]);
    }
  });
});

describe("what is there from before", () => {
  test("a build that was killed goes on: what it had compiled is good, the rest is made", async () => {
    // The second file waits to be killed in the middle of writing.
    const until = `while test -e "${root}/begun" && ! test -e "${root}/go"; do sleep 0.1; done; exit 1`;
    const wait = `case "$*" in *two.c*) for last; do :; done; echo part >"$last"; : >"${root}/begun"; ${until};; esac`;
    const cc = program("slow-cc", `test -e "${root}/go" || { ${wait}; }\nexec cc "$@"`);
    const child = start({ cc, jobs: 1 });
    while (!existsSync(join(root, "begun"))) await Bun.sleep(20);
    child.kill("SIGKILL");
    await child.exited;
    write("go", "");
    const { compiled, library } = await build({ cc, jobs: 1 });
    expect(compiled).toEqual(["libcore/src/two.c"]);
    expect(existsSync(library)).toBe(true);
  });

  test("notes of another version, or none at all, are no notes: everything is made again", async () => {
    const { library } = await build();
    const folder = join(library, "..");
    const stamps = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => path.endsWith(".stamp"));
    expect(stamps.length).toBe(3);
    const good = JSON.parse(readFileSync(join(folder, stamps[0] ?? ""), "utf8")) as { command: string; output: string };
    const { command, output } = good;
    const others = ["", "null", "7", "{}", '{"command":1}', JSON.stringify({ command, output }), "\0\xff"];
    for (const text of [...others, JSON.stringify({ command, output, inputs: null })]) {
      for (const stamp of stamps) {
        // The command is that of this very step, as if only what is noted had changed.
        const own = JSON.parse(readFileSync(join(folder, stamp), "utf8")) as { command: string; output: string };
        writeFileSync(join(folder, stamp), text.replace(command, own.command).replace(output, own.output));
      }
      const again = await build();
      expect({ text, compiled: again.compiled.length, linked: again.linked.length }).toEqual({
        text,
        compiled: 2,
        linked: 1,
      });
    }
    expect((await build()).compiled).toEqual([]);
  });
});

describe("programs that are not there", () => {
  /** What a script throws in a process whose PATH holds nothing but these programs: its exit code, message and hint. */
  async function refusal(body: string, programs: readonly string[]): Promise<unknown[]> {
    mkdirSync(join(root, "bin"), { recursive: true });
    for (const name of programs) program(`bin/${name}`, `exec ${Bun.which(name)} "$@"`);
    const script = `
      const scripts = ${JSON.stringify(join(repositoryRoot, "scripts/build"))}, root = ${JSON.stringify(root)};
      try {
        ${body}
      } catch (error) {
        console.log(JSON.stringify([error.exitCode, error.message, error.hint]));
      }`;
    const env = { PATH: join(root, "bin"), HOME: root, TMPDIR: tmpdir() };
    const child = Bun.spawn([process.execPath, "-e", script], {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    return JSON.parse(await child.stdout.text()) as unknown[];
  }

  test("cargo: what it is for, and what to type on each system", async () => {
    const body = `
      const { fetchCrates } = await import(scripts + "/third-party/cargo.ts");
      await fetchCrates([], root + "/fetch");`;
    const [exitCode, message, hint] = await refusal(body, []);
    expect([exitCode, message]).toEqual([4, "cargo was not found"]);
    expect(hint).toContain("downloads the sources of the third-party libraries");
    for (const system of ["Debian 12", "Fedora", "Alpine", "macOS"]) expect(hint).toContain(system);
    expect(existsSync(join(root, "fetch"))).toBe(false);
  });

  test.each([
    ["perl", "make"],
    ["make", "perl"],
  ])("%s: why OpenSSL needs it, and that there is a build without OpenSSL", async (missing, other) => {
    const platform = platformOf(hostTarget());
    const context = { root, source: "openssl", folder: "configured", platform, compiler: findCompiler(), jobs: 1 };
    const body = `
      const { configureOpenssl } = await import(scripts + "/third-party/openssl.ts");
      await configureOpenssl(${JSON.stringify(context)});`;
    const [exitCode, message, hint] = await refusal(body, [other]);
    expect([exitCode, message]).toEqual([4, `${missing} was not found`]);
    expect(hint).toContain("OpenSSL");
    expect(hint).toContain("--half=file");
    expect(existsSync(join(root, "configured"))).toBe(false);
  });
});
