/** Writes docs/records.md: every field of every record, and every word. */
import { BANNER } from "./format.ts";
import { enumNamed, type Enum, type Header } from "./model.ts";
import { word } from "./names.ts";
import {
  docOf,
  docOfValue,
  publicShapes,
  valuesOf,
  type Property,
  type RecordShape,
  type Value,
} from "./shape.ts";
import { findSummaryFields, foundFields } from "./find-line.ts";
import { groupFields } from "./group-line.ts";
import { progressFields } from "./progress-line.ts";
import { settingFields, settingSummaryFields } from "./setting-line.ts";
import { manifestSummaryFields } from "./manifest-line.ts";
import { summaryFields, type SummaryField } from "./summary-line.ts";

interface Row {
  name: string;
  type: string;
  /** Whether it is there: `always`, or what stands there or not when it is absent. */
  presence: string;
  meaning: string;
}

/** The text of docs/records.md. */
export function emitRecordsDoc(header: Header): string {
  const shapes = publicShapes(header);
  const enums = new Set<Enum>([enumNamed(header, "core_verdict", 1)]);
  for (const value of shapes.flatMap((shape) =>
    shape.properties.flatMap(valuesOf),
  )) {
    if (value.of && value.form !== "error") enums.add(value.of);
  }
  return `${BANNER.md}
# Records

With \`--json\` a command prints JSON Lines: one record a line, the \`summary\`
last. In TypeScript the same records come from iterating a run, with the same
names in camel case. Each has \`v\`, the version of its type, and \`type\`. A new field keeps
\`v\`; a removed, renamed or retyped one raises it. Readers ignore types and
fields that they do not know. [records.schema.json](records.schema.json) is the
JSON Schema of a line.

Paths are bytes. A path that is not valid UTF-8 appears as \`path_b64\`, its bytes
in base64, instead of \`path\`; never both.

${shapes.map((shape) => recordSection(shape)).join("\n")}
## group

Sources that are equal, or one that is equal to no other, or one whose content is not known: \`compare --groups\`.
Version 1.

${table(groupFields(header).map((field) => ({ ...field, type: linked(field.type), presence: field.optional ? "or left out" : "always" })))}
## summary

The last line: the outcome of the command. Version 1.

${table(summaryFields(header).map((field) => ({ ...field, type: linked(field.type), presence: field.optional ? "or left out" : "always" })))}
Behind records of type [digest](#digest), with \`--write-manifest\`, it is this one:

${table(lineRows(manifestSummaryFields(header)))}
## progress

How far the command is. Only with \`--progress=json\`, and on stderr. Version 1.

${table(lineRows(progressFields))}
## entry of find

An entry that was found: a line of \`suite find --json\`, of type \`entry\` as that of \`compare\`. Version 1.

${table(foundFields(header).map((field) => ({ ...field, type: linked(field.type), presence: field.optional ? "or left out" : "always" })))}
The \`summary\` behind them:

${table(lineRows(findSummaryFields))}
## setting

One setting of \`suite config show --json\`, and where it comes from. Version 1.

${table(lineRows(settingFields))}
The \`summary\` behind them:

${table(lineRows(settingSummaryFields))}
## Words

${[...enums].map((item) => enumSection(header, item)).join("\n")}`;
}

function recordSection(shape: RecordShape): string {
  return `## ${shape.name}

${shape.struct.doc.text} Version ${shape.version}.

${table(shape.properties.flatMap(rows))}`;
}

function rows(property: Property): Row[] {
  const { name } = property;
  if (property.kind === "plain") {
    const { value } = property;
    const bytes = value.form === "path" ? ` Or \`${name}_b64\`.` : "";
    return [
      {
        name,
        type: typeName(value),
        presence: presence(value),
        meaning: `${docOf(property)}${bytes}`.trim(),
      },
    ];
  }
  if (property.kind === "tuple") {
    return property.values.map((value, index) => ({
      name: `${name}[${index}]`,
      type: typeName(value),
      presence: presence(value),
      meaning: docOfValue(value),
    }));
  }
  return property.members.map(({ name: member, value }, index) => ({
    name: `${name}.${member}`,
    type: typeName(value),
    presence:
      index === 0 && property.optional
        ? `or \`${name}\` left out`
        : presence(value),
    meaning: docOfValue(value),
  }));
}

function presence(value: Value): string {
  if (value.optional) return "or left out";
  return value.nullable ? "or null" : "always";
}

function typeName(value: Value): string {
  if (value.form === "error") return "[error code](errors.md)";
  if (value.form === "word" && value.of) return linked(`\`${value.of.name}\``);
  if (value.form === "flags" && value.of)
    return `array of ${linked(`\`${value.of.name}\``)}`;
  if (value.form === "numbers") return "array of integers";
  if (value.form === "time") return "time (ISO 8601)";
  return value.form === "number" ? "integer" : "string";
}

/** `core_verdict` in backquotes becomes a link to its words. */
function linked(type: string): string {
  return type.replace(/^`core_(\w+)`$/, "[$1](#$1)");
}

function enumSection(header: Header, item: Enum): string {
  const items = item.values
    .map((value) => ({
      name: word(header, item, value),
      meaning: value.doc.text,
    }))
    .filter((entry) => entry.name !== null)
    .map(
      (entry) =>
        `- \`${entry.name}\`${entry.meaning === "" ? "" : `: ${entry.meaning}`}`,
    );
  return `### ${item.name.replace(/^core_/, "")}

${item.doc.text}

${items.join("\n")}
`;
}

/** The rows of a line that is made in TypeScript. */
function lineRows(fields: readonly SummaryField[]): Row[] {
  return fields.map((field) => ({
    ...field,
    presence: field.optional ? "or left out" : "always",
  }));
}

function table(list: Row[]): string {
  const lines = list.map(
    (row) =>
      `| \`${row.name}\` | ${row.type} | ${row.presence} | ${row.meaning} |`,
  );
  return `| field | type | presence | meaning |\n|---|---|---|---|\n${lines.join("\n")}\n`;
}
