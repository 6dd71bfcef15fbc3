// Builds the executables: dist/suite with all commands, and one for each tool alone, dist/suite-compare. Each carries
// the runtime and the native library.
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { COMMANDS, TOOLS } from "../cli/commands/index.ts";
import { lazyUtil } from "./build/lazy-builtins.ts";
import { repositoryRoot } from "./build/layout.ts";
import { buildNative } from "./build/native.ts";

/**
 * How releases are built. In the words of `bun build`: --minify --sourcemap --bytecode --format=esm
 * --no-compile-autoload-dotenv --no-compile-autoload-bunfig --compile-exec-argv=--, so that nothing of the folder it
 * runs in is read and no option of the runtime reaches it; and --splitting: what is imported when it is needed stays
 * apart, with the modules of the runtime it asks for, which are most of a start.
 */
const RELEASE = {
  target: "bun",
  minify: true,
  sourcemap: "linked",
  bytecode: true,
  format: "esm",
  splitting: true,
  // Small files that are always loaded together are one.
  minChunkSize: 16_384,
  plugins: [lazyUtil],
  metafile: true,
} as const;
const EXECUTABLE = { execArgv: ["--"], autoloadDotenv: false, autoloadBunfig: false } as const;

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
  /** The files it is made from, below the root of the checkout. */
  files: string[];
  /** The modules of the runtime that these import: `fs`. Each that a command needs is a part of its start. */
  builtins: string[];
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
  const { metafile } = await Bun.build({
    ...RELEASE,
    plugins: [...RELEASE.plugins],
    entrypoints: [entry],
    compile: { ...EXECUTABLE, execArgv: [...EXECUTABLE.execArgv], outfile: join(built, name) },
  });
  await rename(join(built, name), outfile);
  await rm(built, { recursive: true });
  if (metafile === undefined) throw new Error("bun build says nothing about what it built");
  const codeBytes = Object.values(metafile.outputs).reduce((bytes, output) => bytes + output.bytes, 0);
  const files = Object.keys(metafile.inputs).map((file) => relative(repositoryRoot, resolve(file)));
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  const builtins = [...new Set(imports.filter((path) => /^[a-z][a-z:/_]*$/.test(path)))];
  return { path: outfile, bytes: (await stat(outfile)).size, codeBytes, files, builtins };
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
