/** From the header to the texts of all generated files. */
import { emitErrors, emitErrorsDoc } from "./emit-errors.ts";
import { emitLayout } from "./emit-layout.ts";
import { emitRecordsDoc } from "./emit-records-doc.ts";
import { emitRecords } from "./emit-records.ts";
import { emitSchema } from "./emit-schema.ts";
import { emitStructs } from "./emit-structs.ts";
import { emitSymbols } from "./emit-symbols.ts";
import { format } from "./format.ts";
import type { Header } from "./model.ts";
import { parseHeader } from "./parse.ts";
import { preprocess } from "./preprocess.ts";
import { measure } from "./probe.ts";

const EMITTERS: Record<string, (header: Header) => string> = {
  "src/ffi/symbols.gen.ts": emitSymbols,
  "src/ffi/layout.gen.ts": emitLayout,
  "src/records.gen.ts": emitRecords,
  "src/errors.gen.ts": emitErrors,
  "docs/errors.md": emitErrorsDoc,
  "docs/records.md": emitRecordsDoc,
  "docs/records.schema.json": emitSchema,
  "libcore/src/api/structs.gen.h": emitStructs,
};

/** Reads the header at `path`; `name` stands for it in messages. */
export async function readHeader(path: string, name: string): Promise<Header> {
  return measure(await parseHeader(preprocess(path), name), path);
}

/** The generated files as path (below the repository) and text. */
export function generate(header: Header): Map<string, string> {
  return new Map(
    Object.entries(EMITTERS).map(([path, emit]) => [
      path,
      format(emit(header), path),
    ]),
  );
}
