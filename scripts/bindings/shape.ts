/**
 * What the tags of a record struct say about its JSON: the one plan that the
 * decoder, the JSON Schema and the documentation are written from.
 */
import {
  enumNamed,
  HeaderError,
  structNamed,
  tag,
  type Enum,
  type Field,
  type Header,
  type Struct,
} from "./model.ts";
import { publicName, suffix, word } from "./names.ts";

/** One struct member as a JSON value. */
export interface Value {
  field: Field;
  /**
   * `text` is prose and always UTF-8; `path` is bytes, written as base64 where it must be; `numbers` are bytes that
   * hold unsigned integers of 32 bits; `hex` are bytes as digits; `time` is a signed number of nanoseconds since 1970,
   * of which the least means absent.
   */
  form: "number" | "word" | "flags" | "error" | "text" | "path" | "numbers" | "hex" | "time";
  /** The enumeration behind `word`, `flags` and `error`. */
  of?: Enum;
  /** The number that means absent; for strings it is the empty string of an optional one. */
  absent?: bigint;
  /** Whether an absent value leaves its property out, instead of being null. */
  optional: boolean;
  /** Whether the value can be null. */
  nullable: boolean;
}

/** A property of the record. */
export type Property =
  | { kind: "plain"; name: string; value: Value }
  | { kind: "tuple"; name: string; values: [Value, Value] }
  /** Left out as a whole when its first member is optional and absent. */
  | {
      kind: "object";
      name: string;
      optional: boolean;
      members: { name: string; value: Value }[];
    };

/** A record type. */
export interface RecordShape {
  struct: Struct;
  /** `entry`, the `type` of its lines. */
  name: string;
  /** `v` of its lines. */
  version: number;
  /** The number in the head. */
  type: number;
  /** It does not reach the output: something is made of it first. */
  internal: boolean;
  /** `EntryRecord` and `EntryJson`. */
  className: string;
  jsonName: string;
  properties: Property[];
}

/** Names of properties that hold bytes of the file system, not text. */
const BYTE_NAMES = new Set(["path", "target", "root", "member", "left", "right", "path_right", "from", "to", "entries"]);

/** The values of a property, in order. */
export function valuesOf(property: Property): Value[] {
  if (property.kind === "plain") return [property.value];
  return property.kind === "tuple"
    ? property.values
    : property.members.map((member) => member.value);
}

/** Whether the property can be left out. */
export function isOptional(property: Property): boolean {
  return property.kind === "plain"
    ? property.value.optional
    : property.kind === "object" && property.optional;
}

/** What documentation says about a value; one without a text of its own is its enumeration. */
export function docOfValue(value: Value): string {
  return (
    value.field.doc.text ||
    (value.of?.doc.text.replace(/(?<=\.) .*$/, "") ?? "")
  );
}

/** What documentation says about a property; the members of an object speak for themselves. */
export function docOf(property: Property): string {
  const values = valuesOf(property).slice(
    0,
    property.kind === "object" ? 1 : 2,
  );
  return values.map(docOfValue).filter(Boolean).join(" ");
}

/** The shapes of all records of the header, in its order. */
export function recordShapes(header: Header): RecordShape[] {
  return header.structs
    .filter((s) => tag(s.doc, "record") !== undefined)
    .map((s) => recordShape(header, s));
}

/** The shapes of the records that are lines of the output. */
export function publicShapes(header: Header): RecordShape[] {
  return recordShapes(header).filter((shape) => !shape.internal);
}

/** Offset of the record's length and of its type, the same in every record. */
export function recordHead(header: Header): Struct | undefined {
  const first = recordShapes(header)[0]?.struct.fields[0];
  return first?.type.kind === "struct"
    ? structNamed(header, first.type.name, first.line)
    : undefined;
}

function recordShape(header: Header, struct: Struct): RecordShape {
  const [, name = "", version = ""] =
    /^([a-z_]+) (\d+)$/.exec(tag(struct.doc, "record") ?? "") ?? [];
  const [head, ...fields] = struct.fields;
  if (name === "")
    throw new HeaderError(
      header.file,
      struct.line,
      "@record wants a name and a version",
    );
  if (head?.type.kind !== "struct" || head.type.name !== "core_rec") {
    throw new HeaderError(
      header.file,
      struct.line,
      `struct ${struct.name} is a record, so it begins with struct core_rec`,
    );
  }
  const types = enumNamed(header, "core_rec_type", struct.line);
  const type = types.values.find(
    (value) => suffix(header, types, value) === name.toUpperCase(),
  );
  if (!type)
    throw new HeaderError(
      header.file,
      struct.line,
      `enum core_rec_type has no value for ${name}`,
    );
  const className = `${publicName(name)}Record`;
  const jsonName = `${publicName(name)}Json`;
  const properties = readProperties(header, fields);
  return {
    struct,
    name,
    version: Number(version),
    type: type.value,
    internal: tag(struct.doc, "internal") !== undefined,
    className,
    jsonName,
    properties,
  };
}

function readProperties(header: Header, fields: Field[]): Property[] {
  const properties: Property[] = [];
  for (const field of fields) {
    const json = tag(field.doc, "json");
    if (json === undefined) continue;
    const path = /^([a-z]\w*)(?:\.([a-z]\w*)|\[([01])\])?(\?)?$/.exec(json);
    if (!path)
      throw new HeaderError(
        header.file,
        field.line,
        `@json ${json}: name, name?, name[0], name[1] or a.b`,
      );
    const [, name = "", member, index, optional] = path;
    const value = readValue(
      header,
      field,
      member ?? name,
      optional !== undefined,
    );
    const before = properties.find((property) => property.name === name);
    if (member !== undefined)
      addMember(header, properties, before, name, { name: member, value });
    else if (index !== undefined)
      addElement(header, properties, before, name, Number(index), value);
    else if (before)
      throw new HeaderError(
        header.file,
        field.line,
        `@json ${name} is there already`,
      );
    else properties.push({ kind: "plain", name, value });
  }
  const half = properties.find(
    (property) => property.kind === "tuple" && property.values.length !== 2,
  );
  if (half)
    throw new HeaderError(
      header.file,
      fields[0]?.line ?? 0,
      `${half.name}[1] is missing`,
    );
  return properties;
}

function addMember(
  header: Header,
  properties: Property[],
  before: Property | undefined,
  name: string,
  member: { name: string; value: Value },
): void {
  const { field, form } = member.value;
  if (form === "path")
    throw new HeaderError(
      header.file,
      field.line,
      "bytes inside a nested object",
    );
  if (before === undefined) {
    const optional = member.value.optional;
    properties.push({ kind: "object", name, optional, members: [member] });
  } else if (
    before.kind === "object" &&
    !before.members.some((m) => m.name === member.name)
  ) {
    before.members.push(member);
  } else {
    throw new HeaderError(
      header.file,
      field.line,
      `@json ${name}.${member.name} does not fit what is above`,
    );
  }
}

function addElement(
  header: Header,
  properties: Property[],
  before: Property | undefined,
  name: string,
  index: number,
  value: Value,
): void {
  const { field, form, optional } = value;
  if (optional || form === "path" || form === "text" || form === "numbers" || form === "hex" || form === "time") {
    throw new HeaderError(
      header.file,
      field.line,
      `@json ${name}[${index}]: elements are numbers or words and never left out`,
    );
  }
  if (before === undefined && index === 0) {
    // Completed by the element [1] below; readProperties() checks that it came.
    properties.push({
      kind: "tuple",
      name,
      values: [value] as unknown as [Value, Value],
    });
  } else if (
    before?.kind === "tuple" &&
    index === 1 &&
    before.values.length < 2
  ) {
    before.values.push(value);
  } else {
    throw new HeaderError(
      header.file,
      field.line,
      `@json ${name}[${index}] does not fit what is above`,
    );
  }
}

function readValue(
  header: Header,
  field: Field,
  name: string,
  optional: boolean,
): Value {
  const of = tag(field.doc, "of");
  const item = of === undefined ? undefined : enumNamed(header, of, field.line);
  const absent = readAbsent(header, field);
  const refuse = (message: string): never => {
    throw new HeaderError(header.file, field.line, `${field.name}: ${message}`);
  };
  if (field.type.kind === "struct") {
    if (
      tag(structNamed(header, field.type.name, field.line).doc, "bytes") ===
      undefined
    )
      refuse("not a @bytes struct");
    if (item || absent !== undefined)
      refuse(
        "@of and @absent are for numbers; an optional string is absent when empty",
      );
    const numbers = tag(field.doc, "numbers") !== undefined;
    const hex = tag(field.doc, "hex") !== undefined;
    if (numbers && optional) refuse("@numbers are never left out: the array is empty");
    return {
      field,
      form: numbers ? "numbers" : hex ? "hex" : BYTE_NAMES.has(name) ? "path" : "text",
      optional,
      nullable: false,
    };
  }
  if (field.type.kind !== "int") return refuse("a pointer in a record");
  if (tag(field.doc, "time") !== undefined) {
    if (field.size !== 8 || !field.type.signed || item || absent !== undefined) refuse("@time is a signed field of 64 bits");
    return { field, form: "time", optional, nullable: false };
  }
  if (optional && absent === undefined) refuse("@json with ? needs @absent");
  const form = item ? formOf(header, item, field) : "number";
  const none =
    item &&
    form === "word" &&
    item.values.some((value) => word(header, item, value) === null);
  if (none && absent !== undefined && absent !== 0n)
    refuse("@absent beside a NONE of value 0");
  if (form === "flags" && absent !== undefined)
    refuse("flags are never absent: the array is empty");
  const value: Value = {
    field,
    form,
    optional,
    nullable: !optional && (absent !== undefined || none === true),
  };
  if (item) value.of = item;
  if (absent !== undefined) value.absent = absent;
  else if (none) value.absent = 0n;
  return value;
}

function readAbsent(header: Header, field: Field): bigint | undefined {
  const text = tag(field.doc, "absent");
  if (text === undefined) return undefined;
  const max =
    field.size === 8
      ? 0xffff_ffff_ffff_ffffn
      : (1n << BigInt(field.size * 8)) - 1n;
  const value = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  // Between 2^53 and all ones a number cannot tell neighbours apart.
  if (
    value === undefined ||
    value > max ||
    (value > BigInt(Number.MAX_SAFE_INTEGER) && value !== max)
  ) {
    throw new HeaderError(
      header.file,
      field.line,
      `@absent ${text} is not a number of this field`,
    );
  }
  return value;
}

function formOf(
  header: Header,
  item: Enum,
  field: Field,
): "word" | "flags" | "error" {
  if (tag(item.doc, "enum") !== undefined) return "word";
  if (tag(item.doc, "flags") !== undefined) return "flags";
  if (tag(item.doc, "errors") !== undefined) return "error";
  throw new HeaderError(
    header.file,
    field.line,
    `enum ${item.name} has none of @enum, @flags, @errors`,
  );
}
