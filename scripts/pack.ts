// Makes the npm packages: the library with its command, and the native library of this machine's platform.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { PACKAGE_NAME, platformPackage } from "../src/ffi/locate.ts";
import { lazyUtil } from "./build/lazy-builtins.ts";
import { repositoryRoot as root } from "./build/layout.ts";
import { buildNative } from "./build/native.ts";
import { hostTarget } from "./build/target.ts";
import { thirdPartyNotices } from "./package/licences.ts";
import { platformFields } from "./package/platform.ts";

/** The finished archives. */
export interface Packed {
  library: string;
  platform: string;
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}:\n${out}${err}`);
}

const template = async (name: string) => (await Bun.file(join(root, "npm", name)).json()) as Record<string, unknown>;

/** Writes package.json and the licence, and makes the archive: its path. */
async function archive(folder: string, manifest: Record<string, unknown>, into: string): Promise<string> {
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await cp(join(root, "LICENSE"), join(folder, "LICENSE"));
  const { name, version } = manifest as { name: string; version: string };
  await run([process.execPath, "pm", "pack", "--destination", into, "--quiet"], folder);
  return join(into, `${name.replace(/^@/, "").replace("/", "-")}-${version}.tgz`);
}

/** Bundles what a file imports. Parts that are imported when they are needed stay apart, so that a start does not wait for them. */
async function bundle(entry: string, outdir: string, name: string): Promise<void> {
  await Bun.build({
    entrypoints: [join(root, entry)],
    outdir,
    naming: { entry: name },
    target: "bun",
    format: "esm",
    splitting: true,
    sourcemap: "none",
    plugins: [lazyUtil],
  });
}

/** Declarations name the files as they are shipped. */
async function declarations(folder: string): Promise<void> {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", "src"];
  await run([tsc, "-p", "npm/tsconfig.json", ...options, "--outDir", folder], root);
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith(".d.ts")) continue;
    const text = await readFile(join(folder, file), "utf8");
    await writeFile(join(folder, file), text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
}

/**
 * Makes both archives.
 *
 * @param into folder for them; `dist/npm` unless said
 */
export async function pack(into = join(root, "dist", "npm")): Promise<Packed> {
  const { library, licences } = await buildNative();
  const { version } = await Bun.file(join(root, "package.json")).json();
  const target = hostTarget();
  const work = join(root, ".cache", "pack");
  await rm(work, { recursive: true, force: true });
  const platform = join(work, "platform");
  const main = join(work, "library");
  await Promise.all([into, platform, main].map((dir) => mkdir(dir, { recursive: true })));

  await cp(library, join(platform, "libcore.so"));
  if (licences !== undefined) await cp(licences, join(platform, basename(licences)));
  const platformName = platformPackage(target);
  const platformTgz = await archive(
    platform,
    { name: platformName, version, ...(await template("platform.json")), ...platformFields(target) },
    into,
  );

  await bundle("src/index.ts", join(main, "lib"), "index.js");
  await bundle("cli/main.ts", join(main, "bin"), "suite.js");
  await declarations(join(main, "types"));
  await cp(join(root, "docs", "records.schema.json"), join(main, "records.schema.json"));
  await cp(join(root, "README.md"), join(main, "README.md"));
  await writeFile(join(main, "THIRD_PARTY.md"), await thirdPartyNotices(root));
  const libraryTgz = await archive(
    main,
    { name: PACKAGE_NAME, version, ...(await template("library.json")), optionalDependencies: { [platformName]: version } },
    into,
  );
  return { library: libraryTgz, platform: platformTgz };
}

if (import.meta.main) console.log(Object.values(await pack()).join("\n"));
