// Builds dist/suite: one executable that carries the commands, the runtime and the native library.
import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
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
];

/**
 * Builds the executable for this machine.
 *
 * @param outfile where it goes; `dist/suite` unless said
 * @returns the absolute path of the executable
 */
export async function buildCli(outfile = join(repositoryRoot, "dist", "suite")): Promise<string> {
  const { library } = await buildNative();
  const folder = join(repositoryRoot, ".cache", "cli");
  const entry = join(folder, "entry.ts");
  const embed = join(folder, "embed.ts");
  const from = (path: string) => JSON.stringify(relative(folder, path));
  await mkdir(folder, { recursive: true });
  // Two files, since imports run before the rest of a file: the library is known before the first command runs.
  await writeFile(
    embed,
    `import library from ${from(library)} with { type: "file" };\n` +
      `import { registerEmbeddedLibrary } from ${from(join(repositoryRoot, "src/ffi/embedded.ts"))};\n` +
      "registerEmbeddedLibrary(library);\n",
  );
  await writeFile(entry, `import "./embed.ts";\nimport ${from(join(repositoryRoot, "cli/main.ts"))};\n`);
  const child = Bun.spawn([process.execPath, "build", ...FLAGS, entry, "--outfile", outfile], {
    cwd: repositoryRoot,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`bun build failed:\n${out}${err}`);
  return outfile;
}

if (import.meta.main) console.log(await buildCli());
