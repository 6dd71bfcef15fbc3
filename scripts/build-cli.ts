// Builds the executables: dist/suite with all commands, and one for each tool alone, dist/suite-compare. Each carries
// the runtime and the native library.
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { COMMANDS, TOOLS } from "../cli/commands/index.ts";
import { repositoryRoot } from "./build/layout.ts";
import { buildNative } from "./build/native.ts";

/** How releases are built: nothing of the folder it runs in is read, and no option of the runtime reaches it. */
const FLAGS = [
  "--compile",
  "--minify",
  "--sourcemap",
  "--bytecode",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--compile-exec-argv=--",
  // What is imported when it is needed stays apart, with the modules of the runtime it asks for: these are most of a start.
  "--splitting",
];

/** The executables there are, by name, and the tool that each is; `suite` is all of them. */
export const EXECUTABLES: Readonly<Record<string, string | undefined>> = {
  suite: undefined,
  ...Object.fromEntries(Object.keys(TOOLS).map((tool) => [`suite-${tool}`, tool])),
};

/** A finished executable. */
export interface Built {
  path: string;
  bytes: number;
  /** Of them our code, without the runtime and the native library. */
  codeBytes: number;
}

/**
 * The file that an executable begins with. That of one tool names its command alone, so that the code of the others is
 * not in it; of them it knows the names.
 */
function entrySource(tool: string | undefined, from: (path: string) => string): string {
  // Imports run before the rest of a file: the library is known before the first command runs.
  if (tool === undefined) return `import "./embed.ts";\nimport ${from("cli/main.ts")};\n`;
  const { summary } = TOOLS[tool] as (typeof TOOLS)[string];
  return `import "./embed.ts";
import { runSuite } from ${from("cli/kit/suite.ts")};
const commands = { ${tool}: { summary: ${JSON.stringify(summary)}, load: () => import(${from(`cli/commands/${tool}.ts`)}) } };
const names = ${JSON.stringify(Object.keys(COMMANDS))};
process.exitCode = await runSuite({ commands, names, called: "suite-${tool}" }, process.argv.slice(2));
`;
}

async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd: repositoryRoot, stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${out}${err}`);
  return out;
}

/**
 * Builds one executable for this machine.
 *
 * @param name one of {@link EXECUTABLES}
 * @param outfile where it goes; `dist/NAME` unless said
 */
export async function buildCli(name = "suite", outfile = join(repositoryRoot, "dist", name)): Promise<Built> {
  if (!Object.hasOwn(EXECUTABLES, name)) {
    throw new Error(`no executable ${name}; there are ${Object.keys(EXECUTABLES).join(", ")}`);
  }
  const { library } = await buildNative();
  const folder = join(repositoryRoot, ".cache", "cli");
  const from = (path: string) => JSON.stringify(relative(folder, join(repositoryRoot, path)));
  const entry = join(folder, `${name}.ts`);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "embed.ts"),
    `import library from ${JSON.stringify(relative(folder, library))} with { type: "file" };\n` +
      `import { registerEmbeddedLibrary } from ${from("src/ffi/embedded.ts")};\n` +
      "registerEmbeddedLibrary(library);\n",
  );
  await writeFile(entry, entrySource(EXECUTABLES[name], from));
  // Beside its place, which it then takes at once: an old one may be running. The source maps that are written with it
  // are inside it too.
  const built = `${outfile}.build`;
  await run([process.execPath, "build", ...FLAGS, entry, "--outfile", join(built, name)]);
  await rename(join(built, name), outfile);
  await rm(built, { recursive: true });
  return { path: outfile, bytes: (await stat(outfile)).size, codeBytes: await codeSize(entry, folder) };
}

/** How large our code is in an executable that begins with this file. */
async function codeSize(entry: string, folder: string): Promise<number> {
  const outdir = join(folder, "code");
  await run([process.execPath, "build", "--target=bun", "--format=esm", "--minify", "--splitting", entry, "--outdir", outdir]);
  let bytes = 0;
  for (const file of new Bun.Glob("*.js").scanSync({ cwd: outdir, absolute: true })) bytes += Bun.file(file).size;
  await rm(outdir, { recursive: true });
  return bytes;
}

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  for (const name of positionals.length > 0 ? positionals : Object.keys(EXECUTABLES)) {
    const { path, bytes, codeBytes } = await buildCli(name);
    const size = `${(bytes / 1e6).toFixed(1)} MB, ${(codeBytes / 1e3).toFixed(0)} kB of it our code`;
    console.log(`${relative(process.cwd(), path)}  ${size}`);
  }
}

if (import.meta.main) await main();
