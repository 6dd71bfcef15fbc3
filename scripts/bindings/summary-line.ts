/**
 * The `summary` line of `--json` output. It is put together in TypeScript from
 * the result of a run, so it has no struct in the header; its words come from
 * there all the same.
 */
import type { Header } from "./model.ts";
import { errorCodes, words } from "./names.ts";

/** One field of the summary line. */
export interface SummaryField {
  name: string;
  /** For the table in docs/records.md. */
  type: string;
  meaning: string;
  optional?: true;
  schema: object;
}

const COUNT = { type: "integer", minimum: 0 };
const nullableText = { type: ["string", "null"] };

/** The fields in the order of the line. */
export function summaryFields(header: Header): SummaryField[] {
  const count = (name: string, meaning: string): SummaryField => ({
    name,
    type: "integer",
    meaning,
    schema: COUNT,
  });
  return [
    {
      name: "verdict",
      type: "`core_verdict`",
      meaning: "What is known about the two sides as a whole.",
      schema: { enum: words(header, "core_verdict") },
    },
    {
      name: "exit",
      type: "integer",
      meaning: "The exit code of the command.",
      schema: { type: "integer", minimum: 0, maximum: 255 },
    },
    count("equal", "Entries that are proven equal."),
    count("different", "Entries that are proven different."),
    count("only_left", "Entries that exist on the left only."),
    count("only_right", "Entries that exist on the right only."),
    count("unknown", "Entries about which nothing is proven."),
    count("bytes_read", "Bytes read, both sides."),
    count("bytes_avoided", "Bytes that a proof made it needless to read."),
    {
      name: "proofs",
      type: "object",
      meaning:
        "How many equal entries have which proof; proofs that do not occur are left out.",
      schema: {
        type: "object",
        properties: Object.fromEntries(
          words(header, "core_proof").map((w) => [w, COUNT]),
        ),
      },
    },
    {
      name: "compared",
      type: "array of strings",
      meaning: "What was compared: `content`.",
      schema: {
        type: "array",
        items: { type: "string" },
        contains: { const: "content" },
      },
    },
    {
      ...count("renamed", "With `--renames`: how many `rename` records there are."),
      optional: true,
    },
    {
      ...count("renames_skipped", "With `--renames`: files on one side only that were not looked at: beyond the limit, unreadable, or changed meanwhile."),
      optional: true,
    },
    {
      name: "elapsed_ms",
      type: "number",
      meaning: "How long it took.",
      schema: { type: "number", minimum: 0 },
    },
    {
      ...count("broken", "Entries that are not as a manifest on one side promises (`E_VERIFY`); left out where there are none."),
      optional: true,
    },
    {
      ...count("groups", "With `--groups`: how many groups there are, without sources whose content is not known."),
      optional: true,
    },
    {
      name: "difference",
      type: "object",
      meaning:
        "With `--all`: two sources that differ, `left` and `right` (or `left_b64` and `right_b64`; null without a name), and the `reasons`.",
      optional: true,
      schema: {
        type: "object",
        properties: {
          left: nullableText,
          left_b64: nullableText,
          right: nullableText,
          right_b64: nullableText,
          reasons: { type: "array", items: { enum: words(header, "core_reason") } },
        },
        required: ["reasons"],
      },
    },
    {
      name: "error",
      type: "object",
      meaning: "Why the command could not finish: `code` and `message`.",
      optional: true,
      schema: {
        type: "object",
        properties: { code: { enum: errorCodes(header) }, message: { type: "string" } },
        required: ["code", "message"],
      },
    },
  ];
}
