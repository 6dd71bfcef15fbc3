/** Writes docs/records.schema.json: what a line of `--json` output looks like. */
import { BANNER } from "./format.ts";
import type { Header } from "./model.ts";
import { errorName, publicName, word } from "./names.ts";
import {
  docOf,
  docOfValue,
  isOptional,
  publicShapes,
  type Property,
  type RecordShape,
  type Value,
} from "./shape.ts";
import { findSummaryFields, foundFields, foundRules } from "./find-line.ts";
import { groupFields, groupRules } from "./group-line.ts";
import { progressFields } from "./progress-line.ts";
import { settingFields, settingSummaryFields } from "./setting-line.ts";
import { manifestSummaryFields } from "./manifest-line.ts";
import { summaryFields, type SummaryField } from "./summary-line.ts";

type Schema = Record<string, unknown>;

/** The text of docs/records.schema.json. */
export function emitSchema(header: Header): string {
  const shapes = publicShapes(header);
  const definitions: Record<string, Schema> = {};
  for (const shape of shapes)
    definitions[publicName(shape.name)] = recordSchema(header, shape);
  definitions["Group"] = {
    ...lineSchema(
      "group",
      "Sources that are equal, or one whose content is not known.",
      groupFields(header),
    ),
    allOf: groupRules,
  };
  definitions["Summary"] = summarySchema(header);
  definitions["ManifestSummary"] = lineSchema(
    "summary",
    "The last line of suite compare --write-manifest --json.",
    manifestSummaryFields(header),
  );
  definitions["Progress"] = lineSchema(
    "progress",
    "How far the command is: a line of --progress=json, on stderr.",
    progressFields,
  );
  definitions["Found"] = {
    ...lineSchema("entry", "An entry that was found: a line of suite find --json.", foundFields(header)),
    allOf: foundRules,
  };
  definitions["FindSummary"] = lineSchema("summary", "The last line of suite find --json.", findSummaryFields);
  definitions["Setting"] = lineSchema(
    "setting",
    "One setting, and where it comes from: a line of suite config show --json.",
    settingFields,
  );
  definitions["SettingSummary"] = lineSchema(
    "summary",
    "The last line of suite config show --json.",
    settingSummaryFields,
  );
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $comment: BANNER.json,
    title: "A line of --json output",
    description:
      "Readers ignore types and fields that they do not know: a new field keeps v, a removed, renamed or retyped one raises it.",
    oneOf: Object.keys(definitions).map((name) => ({
      $ref: `#/$defs/${name}`,
    })),
    $defs: definitions,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function recordSchema(header: Header, shape: RecordShape): Schema {
  const properties: Record<string, Schema> = {
    v: { const: shape.version },
    type: { const: shape.name },
  };
  const required = ["v", "type"];
  const rules: Schema[] = [];
  for (const property of shape.properties) {
    const { name } = property;
    properties[name] = {
      ...propertySchema(header, property),
      ...described(docOf(property)),
    };
    if (property.kind === "plain" && property.value.form === "path") {
      const base64 = `${name}_b64`;
      properties[base64] = {
        type: "string",
        contentEncoding: "base64",
        description: `${name} in base64, where it is not valid UTF-8.`,
      };
      rules.push(
        property.value.optional
          ? { not: { required: [name, base64] } }
          : { oneOf: [{ required: [name] }, { required: [base64] }] },
      );
    } else if (!isOptional(property)) {
      required.push(name);
    }
  }
  return {
    type: "object",
    description: shape.struct.doc.text,
    properties,
    required,
    ...(rules.length > 0 ? { allOf: rules } : {}),
  };
}

function propertySchema(header: Header, property: Property): Schema {
  if (property.kind === "plain") return valueSchema(header, property.value);
  if (property.kind === "tuple") {
    const items = property.values.map((value) => ({
      ...valueSchema(header, value),
      ...described(docOfValue(value)),
    }));
    return { type: "array", prefixItems: items, minItems: 2, items: false };
  }
  const members = property.members.map(({ name, value }) => [
    name,
    { ...valueSchema(header, value), ...described(docOfValue(value)) },
  ]);
  // The object is left out when its first member is absent, so inside it that one is always there.
  const required = property.members.filter(
    ({ value }, index) => index === 0 || !value.optional,
  );
  return {
    type: "object",
    properties: Object.fromEntries(members),
    required: required.map((member) => member.name),
  };
}

function valueSchema(header: Header, value: Value): Schema {
  const { form, of, nullable } = value;
  if (form === "text" || form === "path") return { type: "string" };
  if (form === "hex") return { type: "string", pattern: "^([0-9a-f]{2})+$" };
  if (form === "time") return { type: "string", pattern: "^[+-]?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{9}Z$" };
  if (form === "numbers") return { type: "array", items: { type: "integer", minimum: 0 } };
  const none = nullable ? [null] : [];
  if (of && form === "error")
    return { enum: [...of.values.map(errorName), ...none] };
  if (of) {
    const words = of.values
      .map((item) => word(header, of, item))
      .filter((w) => w !== null);
    return form === "flags"
      ? { type: "array", items: { enum: words }, uniqueItems: true }
      : { enum: [...words, ...none] };
  }
  const { type } = value.field;
  const minimum = type.kind === "int" && !type.signed ? { minimum: 0 } : {};
  return { type: nullable ? ["integer", "null"] : "integer", ...minimum };
}

function described(description: string): Schema {
  return description === "" ? {} : { description };
}

function summarySchema(header: Header): Schema {
  const about = "The last line: the outcome of the command.";
  return lineSchema("summary", about, summaryFields(header));
}

/** A line that is made in TypeScript. */
function lineSchema(
  type: string,
  description: string,
  fields: readonly SummaryField[],
): Schema {
  const properties = fields.map(({ name, schema, meaning }) => [
    name,
    { ...schema, description: meaning },
  ]);
  return {
    type: "object",
    description,
    properties: {
      v: { const: 1 },
      type: { const: type },
      ...Object.fromEntries(properties),
    },
    required: [
      "v",
      "type",
      ...fields.filter((field) => !field.optional).map((field) => field.name),
    ],
  };
}
