/**
 * Writes every file that follows from libcore/include/core.h: FFI symbols,
 * struct layouts, record decoders, the error table, the JSON Schema and their
 * documentation. The files are committed; `--check` finds out whether they
 * still fit the header.
 *
 *     bun scripts/gen-bindings.ts [--check]
 */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { generate, readHeader } from "./bindings/generate.ts";

const COMMAND = "bun scripts/gen-bindings.ts";
const HEADER = "libcore/include/core.h";
const ROOT = dirname(import.meta.dir);

/** The generated files whose text on disk is not what the header gives. */
async function drifted(files: Map<string, string>): Promise<string[]> {
  const names: string[] = [];
  for (const [name, text] of files) {
    const file = Bun.file(join(ROOT, name));
    if (!(await file.exists()) || (await file.text()) !== text)
      names.push(name);
  }
  return names;
}

async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--check");
  if (unknown !== undefined) {
    console.error(`unknown argument ${unknown}\nusage: ${COMMAND} [--check]`);
    return 2;
  }
  const files = generate(await readHeader(join(ROOT, HEADER), HEADER));
  const names = await drifted(files);
  if (args.includes("--check")) {
    for (const name of names) console.error(`${name} does not fit ${HEADER}`);
    if (names.length > 0) console.error(`run: ${COMMAND}`);
    return names.length > 0 ? 1 : 0;
  }
  for (const name of names) {
    mkdirSync(dirname(join(ROOT, name)), { recursive: true });
    await Bun.write(join(ROOT, name), files.get(name) ?? "");
    console.log(`wrote ${name}`);
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
