/**
 * The `summary` behind the records of `suite compare DIR --write-manifest FILE --json`. It is made in TypeScript, and
 * has no struct in the header.
 */
import type { Header } from "./model.ts";
import { errorCodes } from "./names.ts";
import type { SummaryField } from "./summary-line.ts";

const count = (name: string, meaning: string): SummaryField => ({
  name,
  type: "integer",
  meaning,
  schema: { type: "integer", minimum: 0 },
});

/** The fields in the order of the line. */
export function manifestSummaryFields(header: Header): SummaryField[] {
  return [
    { name: "exit", type: "integer", meaning: "The exit code of the command.", schema: { type: "integer", minimum: 0, maximum: 255 } },
    count("entries", "Names in the tree."),
    count("files", "Those of them that are files."),
    count("unknown", "Entries whose content could not be read."),
    count("reused", "Files whose digest an interrupted run had made."),
    count("bytes_read", "Bytes read."),
    count("bytes_avoided", "Bytes of the files whose digest an interrupted run had made."),
    { name: "elapsed_ms", type: "number", meaning: "How long it took.", schema: { type: "number", minimum: 0 } },
    {
      name: "error",
      type: "object",
      meaning: "Why there is no manifest: `code` and `message`.",
      optional: true,
      schema: {
        type: "object",
        properties: { code: { enum: errorCodes(header) }, message: { type: "string" } },
        required: ["code", "message"],
      },
    },
  ];
}
