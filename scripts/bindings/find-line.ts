/** The lines of `suite find --json`. C sends entries many to a record; TypeScript makes a line of each. */
import type { Header } from "./model.ts";
import { words } from "./names.ts";
import type { SummaryField } from "./summary-line.ts";

const COUNT = { type: "integer", minimum: 0 };

/** The fields of an entry that was found. */
export function foundFields(header: Header): readonly SummaryField[] {
  return [
    {
      name: "path",
      type: "string",
      meaning: "As the root was named, and the path below it. Or `path_b64`.",
      optional: true,
      schema: { type: "string" },
    },
    {
      name: "path_b64",
      type: "string",
      meaning: "In place of `path`, in base64, where it is not valid UTF-8.",
      optional: true,
      schema: { type: "string", contentEncoding: "base64" },
    },
    { name: "kind", type: "`core_kind`", meaning: "What it is.", schema: { enum: words(header, "core_kind") } },
    {
      name: "link",
      type: "boolean",
      meaning: "With `--follow`: it is a symbolic link, and `kind` that of what it leads to.",
      optional: true,
      schema: { const: true },
    },
    { name: "depth", type: "integer", meaning: "1 for names in the root.", schema: { type: "integer", minimum: 1 } },
  ];
}

/** What the fields have to do with one another. */
export const foundRules = [{ oneOf: [{ required: ["path"] }, { required: ["path_b64"] }] }];

/** The fields of the `summary` that is the last line. */
export const findSummaryFields: readonly SummaryField[] = [
  { name: "exit", type: "integer", meaning: "The exit code of the command.", schema: { type: "integer", minimum: 0, maximum: 255 } },
  { name: "entries", type: "integer", meaning: "Entries that were looked at.", schema: COUNT },
  { name: "matches", type: "integer", meaning: "Entries that were found.", schema: COUNT },
  {
    name: "skipped",
    type: "object",
    meaning: "Names that were passed over, with what is below them: `hidden`, `ignored`, `excluded`.",
    schema: {
      type: "object",
      properties: { hidden: COUNT, ignored: COUNT, excluded: COUNT },
      required: ["hidden", "ignored", "excluded"],
    },
  },
  { name: "errors", type: "integer", meaning: "Names that could not be looked at; each has an `error` line.", schema: COUNT },
  { name: "truncated", type: "boolean", meaning: "`--max-results` ended it.", schema: { type: "boolean" } },
  { name: "elapsed_ms", type: "number", meaning: "How long it took.", schema: { type: "number", minimum: 0 } },
];
