/**
 * The `progress` line of `--progress=json`. It goes to stderr, is made in
 * TypeScript, and has no struct in the header.
 */
import type { SummaryField } from "./summary-line.ts";

const COUNT = { type: "integer", minimum: 0 };

/** The fields in the order of the line. */
export const progressFields: readonly SummaryField[] = [
  { name: "bytes", type: "integer", meaning: "Bytes that need no more work: read, or proven without reading.", schema: COUNT },
  {
    name: "total",
    type: "integer",
    meaning: "Bytes of all files, both sides; absent while there may be more, and for streams.",
    optional: true,
    schema: COUNT,
  },
  { name: "rate", type: "integer", meaning: "Bytes a second over the last 5 seconds.", schema: COUNT },
  {
    name: "eta",
    type: "number",
    meaning: "Seconds to go; absent while that cannot be told.",
    optional: true,
    schema: { type: "number", minimum: 0 },
  },
  { name: "entries", type: "integer", meaning: "Names whose outcome is known.", schema: COUNT },
  { name: "entries_total", type: "integer", meaning: "All names; absent while there may be more.", optional: true, schema: COUNT },
];
