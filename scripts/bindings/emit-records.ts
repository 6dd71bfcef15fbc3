/** Writes src/records.gen.ts: a lazily decoding class for each record type. */
import { BANNER, tsdoc } from "./format.ts";
import { HeaderError, type Header } from "./model.ts";
import { camel, constantName, publicName } from "./names.ts";
import { CONSTANTS, HELPERS, READERS } from "./records-runtime.ts";
import {
  docOf,
  docOfValue,
  isOptional,
  publicShapes,
  recordHead,
  recordShapes,
  valuesOf,
  type Property,
  type RecordShape,
  type Value,
} from "./shape.ts";

/** The text of src/records.gen.ts. */
export function emitRecords(header: Header): string {
  const shapes = recordShapes(header);
  const body = [
    CONSTANTS,
    ...shapes.map((shape) => emitInterface(shape)),
    `/** Any record in its JSON shape. */\nexport type RecordJson = ${publicShapes(header).map((s) => s.jsonName).join(" | ")};\n`,
    ...shapes.map((shape) => emitClass(header, shape)),
    `/** Any record. */\nexport type AnyRecord = ${shapes.map((s) => s.className).join(" | ")};\n`,
    emitWalk(header, shapes),
    HELPERS,
  ].join("\n");
  const readers = Object.entries(READERS).filter(([name]) =>
    new RegExp(`\\b${name}\\(`).test(body),
  );
  return [
    BANNER.ts,
    emitImports(shapes),
    body,
    ...readers.map(([, text]) => text),
  ].join("\n");
}

function emitImports(shapes: RecordShape[]): string {
  const names = new Set<string>();
  for (const value of shapes.flatMap((shape) =>
    shape.properties.flatMap(valuesOf),
  )) {
    if (!value.of || value.form === "error") continue;
    names
      .add(`type ${publicName(value.of.name)}`)
      .add(`${constantName(value.of.name)}_WORDS`);
  }
  return `import { ERRORS, type ErrorCode } from "./errors.gen.ts";
import { suiteError, type SuiteError } from "./errors.ts";
import { ${[...names].sort().join(", ")} } from "./ffi/layout.gen.ts";\n`;
}

function emitInterface(shape: RecordShape): string {
  const properties = shape.properties.map((property) => {
    const doc = tsdoc([docOf(property)], "  ");
    if (property.kind === "plain" && property.value.form === "path") {
      const { name } = property;
      return `${doc}  ${name}?: string;
  /** ${name} in base64, in place of \`${name}\` where that is not valid UTF-8. */
  ${name}_b64?: string;`;
    }
    return `${doc}  ${property.name}${isOptional(property) ? "?" : ""}: ${jsonType(property)};`;
  });
  return `${tsdoc([`${shape.struct.doc.text} The JSON shape of {@link ${shape.className}}.`])}export interface ${shape.jsonName} {
  v: ${shape.version};
  type: ${JSON.stringify(shape.name)};
${properties.join("\n")}
}
`;
}

function jsonType(property: Property): string {
  if (property.kind === "plain") return valueType(property.value);
  if (property.kind === "tuple") {
    const [left, right] = property.values;
    return `[left: ${valueType(left)}, right: ${valueType(right)}]`;
  }
  const members = property.members.map(
    // Without its first member the object is not there, so inside it that one always is.
    ({ name, value }, index) =>
      `${index > 0 ? tsdoc([docOfValue(value)], "    ") : ""}${name}${index > 0 && value.optional ? "?" : ""}: ${valueType(value)};`,
  );
  return `{\n${members.join("\n")}\n}`;
}

function valueType(value: Value): string {
  const nullable = value.nullable ? " | null" : "";
  const name = value.of ? publicName(value.of.name) : "";
  if (value.form === "word") return `${name}${nullable}`;
  if (value.form === "flags") return `${name}[]`;
  if (value.form === "error") return `ErrorCode${nullable}`;
  if (value.form === "numbers") return "number[]";
  return value.form === "number" ? `number${nullable}` : "string";
}

function emitClass(header: Header, shape: RecordShape): string {
  const getters = shape.properties.map((property) =>
    emitGetter(header, shape, property),
  );
  const json = shape.properties.map((property) => emitToJson(property));
  return `${tsdoc([
    `${shape.struct.doc.text} Fields are decoded when they are read. The record refers to its batch, which must not change.`,
  ])}export class ${shape.className} {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** The record that begins at \`at\` in \`bytes\`. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Version of this record type. */
  get v(): ${shape.version} {
    return ${shape.version};
  }

  get type(): ${JSON.stringify(shape.name)} {
    return ${JSON.stringify(shape.name)};
  }

${getters.join("\n")}
  /** The record as \`--json\` prints it. */
  toJSON(): ${shape.jsonName} {
    const json: Partial<${shape.jsonName}> = { v: ${shape.version}, type: ${JSON.stringify(shape.name)} };
${json.join("\n")}
    return json as ${shape.jsonName};
  }

  /** What console.log shows: the JSON shape. */
  [INSPECT](): ${shape.jsonName} {
    return this.toJSON();
  }
}
`;
}

function emitGetter(
  header: Header,
  shape: RecordShape,
  property: Property,
): string {
  const name = camel(property.name);
  const doc = tsdoc([docOf(property)], "  ");
  const optional = isOptional(property) ? " | undefined" : "";
  const type =
    property.kind === "object"
      ? `${shape.jsonName}["${property.name}"]`
      : `${jsonType(property)}${optional}`;
  const head = `${doc}  get ${name}(): ${type}`;
  if (property.kind === "tuple") {
    return `${head} {\n    return [${property.values.map((value) => expression(header, value)).join(", ")}];\n  }\n`;
  }
  if (property.kind === "object")
    return emitObjectGetter(header, shape, property, head);
  const { value } = property;
  if (value.form === "time") {
    const ns = `i64(this.#bytes, this.#at + ${value.field.offset})`;
    const raw = `As nanoseconds since 1970.`;
    return `${tsdoc([docOf(property), "In UTC, as ISO 8601 has it."], "  ")}  get ${name}(): string${optional} {
    ${value.optional ? `const ns = this.${name}Ns;\n    return ns === undefined ? undefined : isoOf(ns);` : `return isoOf(this.${name}Ns);`}
  }

${tsdoc([docOf(property), raw], "  ")}  get ${name}Ns(): bigint${optional} {
    ${value.optional ? `const ns = ${ns};\n    return ns === NO_TIME ? undefined : ns;` : `return ${ns};`}
  }
`;
  }
  if (value.form !== "path")
    return `${head} {\n    return ${expression(header, value)};\n  }\n`;
  const body = (result: string): string =>
    value.optional
      ? `const bytes = ${slice(value)};\n    return bytes.length === 0 ? undefined : ${result};`
      : `return ${result.replace("bytes", slice(value))};`;
  const lossy = `As text: bytes that are not UTF-8 appear as U+FFFD, so open \`${name}Bytes\` instead.`;
  const raw = `The bytes of \`${name}\` as the file system knows them: a view of the batch, to be copied before it is changed.`;
  return `${tsdoc([docOf(property), lossy], "  ")}  get ${name}(): string${optional} {
    ${body("TEXT.decode(bytes)")}
  }

${tsdoc([raw], "  ")}  get ${name}Bytes(): Uint8Array${optional} {
    ${body("bytes")}
  }
`;
}

function emitObjectGetter(
  header: Header,
  shape: RecordShape,
  property: Extract<Property, { kind: "object" }>,
  head: string,
): string {
  const [first, ...rest] = property.members;
  if (!first)
    throw new HeaderError(
      header.file,
      shape.struct.line,
      `${property.name} is empty`,
    );
  const lines = rest.map(({ name, value }) =>
    value.optional
      ? `const ${name} = ${expression(header, value)};\n    if (${name} !== undefined) object.${name} = ${name};`
      : `object.${name} = ${expression(header, value)};`,
  );
  return `${head} {
    const ${first.name} = ${expression(header, first.value)};
    ${first.value.optional ? `if (${first.name} === undefined) return undefined;` : ""}
    const object: NonNullable<${shape.jsonName}["${property.name}"]> = { ${first.name} };
    ${lines.join("\n    ")}
    return object;
  }
`;
}

function emitToJson(property: Property): string {
  const { name } = property;
  const own = camel(name);
  if (property.kind === "plain" && property.value.form === "path") {
    const put = `const ${own}64 = ${own}.includes("\\uFFFD") ? base64UnlessUtf8(${slice(property.value)}) : undefined;
      if (${own}64 === undefined) json.${name} = ${own};
      else json.${name}_b64 = ${own}64;`;
    return `    const ${own} = this.${own};
    ${property.value.optional ? `if (${own} !== undefined) {\n${put}\n}` : put}`;
  }
  if (!isOptional(property)) return `    json.${name} = this.${own};`;
  return `    const ${own} = this.${own};\n    if (${own} !== undefined) json.${name} = ${own};`;
}

function slice(value: Value): string {
  return `str(this.#bytes, this.#at, ${value.field.offset})`;
}

/** The expression that decodes one value, undefined or null where it is absent. */
function expression(header: Header, value: Value): string {
  if (value.form === "text") {
    const text = `TEXT.decode(${slice(value)})`;
    return value.optional ? `${text} || undefined` : text;
  }
  if (value.form === "numbers") return `numbersOf(${slice(value)})`;
  if (value.form === "hex") {
    const hex = `hexOf(${slice(value)})`;
    return value.optional ? `${hex} || undefined` : hex;
  }
  const raw = `${reader(header, value)}(this.#bytes, this.#at + ${value.field.offset})`;
  const none = value.optional ? "undefined" : "null";
  const absent =
    value.absent === undefined
      ? ""
      : value.absent > 0xffff_ffffn
        ? "ALL_ONES"
        : String(value.absent);
  switch (value.form) {
    case "flags":
      return `flagsOf(${constantName(value.of?.name ?? "")}_WORDS, ${raw})`;
    case "word":
      return absent === ""
        ? `wordOf(${constantName(value.of?.name ?? "")}_WORDS, ${raw})`
        : `wordUnless(${constantName(value.of?.name ?? "")}_WORDS, ${raw}, ${absent}, ${none})`;
    case "error":
      return absent === ""
        ? `errorOf(${raw})`
        : `errorUnless(${raw}, ${absent}, ${none})`;
    default:
      return absent === "" ? raw : `numberUnless(${raw}, ${absent}, ${none})`;
  }
}

function reader(header: Header, value: Value): string {
  const { type, line } = value.field;
  const name =
    type.kind === "int" ? `${type.signed ? "i" : "u"}${type.bits}` : "";
  if (name in READERS) return name;
  throw new HeaderError(
    header.file,
    line,
    `records-runtime.ts has no reader for ${name || type.kind}`,
  );
}

function emitWalk(header: Header, shapes: RecordShape[]): string {
  const head = recordHead(header);
  const at = (name: string): string => {
    const offset =
      head?.fields.find((field) => field.name === name)?.offset ?? 0;
    return offset === 0 ? "at" : `at + ${offset}`;
  };
  const cases = shapes.map(
    (shape) => `      case ${shape.type}:
        atLeast(bytes, ${shape.struct.size});
        records.push(new ${shape.className}(batch, at));
        break;`,
  );
  return `/**
 * The records of a batch that was drained from a run, in order. Types that
 * these bindings do not know are skipped. The batch must not change as long as
 * its records are in use.
 *
 * @throws SuiteError E_NATIVE for bytes that are no records; so do the fields of a record when they are read
 */
export function decodeRecords(batch: Uint8Array): AnyRecord[] {
  const records: AnyRecord[] = [];
  let at = 0;
  while (at < batch.length) {
    const bytes = at + ${head?.size ?? 0} <= batch.length ? u32(batch, ${at("bytes")}) : 0;
    // A length of 0 would never end, one past the batch would read other memory.
    if (bytes < ${head?.size ?? 0} || at + bytes > batch.length) throw broken(\`nothing whole at byte \${at}\`);
    switch (u32(batch, ${at("type")})) {
${cases.join("\n")}
    }
    at += bytes;
  }
  return records;
}
`;
}
