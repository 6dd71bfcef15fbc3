// suite as it is released: one executable with the library inside. A checkout that is run from source starts slower.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { libraryPath } from "../../src/ffi/load.ts";

const FLAGS = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];

/** Builds the executable below `cache`: its path, or nothing when that fails. */
export async function compileSuite(root: string, cache: string): Promise<string | undefined> {
  const folder = join(cache, "compiled");
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, "entry.ts");
  const importPath = (path: string) => JSON.stringify(relative(folder, path));
  writeFileSync(
    entry,
    `import library from ${importPath(libraryPath())} with { type: "file" };
import { registerEmbeddedLibrary } from ${importPath(join(root, "src/ffi/embedded.ts"))};
registerEmbeddedLibrary(library);
await import(${importPath(join(root, "cli/main.ts"))});
`,
  );
  const output = join(folder, "suite");
  const build = Bun.spawn(["bun", "build", ...FLAGS, "--compile-exec-argv=--", entry, "--outfile", output], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  return (await build.exited) === 0 && existsSync(output) ? output : undefined;
}
