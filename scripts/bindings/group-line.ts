/**
 * The `group` line of `--json` output. C sends groups in parts and by numbers;
 * TypeScript joins them and gives the sources their names.
 */
import type { Header } from "./model.ts";
import { errorCodes, words } from "./names.ts";
import type { SummaryField } from "./summary-line.ts";

const names = { type: "array", items: { type: ["string", "null"] }, minItems: 1 };

/** The fields in the order of the line. */
export function groupFields(header: Header): readonly SummaryField[] {
  return [
    {
      name: "id",
      type: "integer",
      meaning: "Number of the group, from 0, in the order of their first members.",
      schema: { type: "integer", minimum: 0 },
    },
    {
      name: "members",
      type: "array of strings",
      meaning:
        "The sources by their names, null for one without. Or `members_b64`, each name in base64, where one of them is not valid UTF-8.",
      optional: true,
      schema: names,
    },
    {
      name: "members_b64",
      type: "array of strings",
      meaning: "In place of `members`.",
      optional: true,
      schema: names,
    },
    {
      name: "sources",
      type: "array of integers",
      meaning: "The places of the members among all sources, from 0, in order.",
      schema: { type: "array", items: { type: "integer", minimum: 0 }, minItems: 1 },
    },
    {
      name: "proof",
      type: "`core_proof`",
      meaning: "How they were proven equal; left out where there is one member.",
      optional: true,
      schema: { enum: words(header, "core_proof") },
    },
    {
      name: "error",
      type: "object",
      meaning: "Why the content of the only member is not known: `code`, `errno` where there is one, and `message`.",
      optional: true,
      schema: {
        type: "object",
        properties: {
          code: { enum: errorCodes(header) },
          errno: { type: "integer" },
          message: { type: "string" },
        },
        required: ["code"],
      },
    },
  ];
}

/** What the fields have to do with one another. */
export const groupRules = [{ oneOf: [{ required: ["members"] }, { required: ["members_b64"] }] }];
