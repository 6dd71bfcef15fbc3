/**
 * Writes src/ffi/layout.gen.ts: the ABI version, the struct sizes, the enums,
 * and a writer or reader for each struct that a function takes.
 */
import { BANNER, tsdoc } from "./format.ts";
import {
  HeaderError,
  structNamed,
  tag,
  type Enum,
  type Field,
  type Header,
  type Struct,
} from "./model.ts";
import {
  camel,
  constantName,
  pascal,
  publicName,
  suffix,
  word,
} from "./names.ts";

/** What -1 of a 64-bit field looks like in a tag. */
const UINT64_MAX = "18446744073709551615";

/** The text of src/ffi/layout.gen.ts. */
export function emitLayout(header: Header): string {
  const { encoded, decoded } = crossing(header);
  return [
    BANNER.ts,
    `/** The ABI these bindings were made for: the value that \`core_abi_version()\` must return. */`,
    `export const ABI_VERSION = ${header.abiVersion};\n`,
    `/** The structs in the order of \`core_struct_sizes()\`. */`,
    `export const STRUCT_NAMES = ${JSON.stringify(header.structs.map((s) => s.name))} as const;\n`,
    `/** Their sizes in bytes, in the same order. */`,
    `export const STRUCT_SIZES: readonly number[] = ${JSON.stringify(header.structs.map((s) => s.size))};\n`,
    ...header.enums
      .filter((item) => tag(item.doc, "errors") === undefined)
      .map((item) => emitEnum(header, item)),
    ...encoded.map((struct) => emitEncoder(header, struct)),
    ...decoded.map((struct) => emitDecoder(header, struct)),
    `function setU64(view: DataView, at: number, value: number): void {
      view.setUint32(at, value, true);
      view.setUint32(at + 4, Math.floor(value / 4294967296), true);
    }\n`,
    `function getU64(view: DataView, at: number): number {
      return view.getUint32(at, true) + view.getUint32(at + 4, true) * 4294967296;
    }\n`,
    `function getU64OrNull(view: DataView, at: number): number | null {
      // All ones, the UINT64_MAX of C, is rounded to 2^64 as a number.
      const value = getU64(view, at);
      return value === 18446744073709551616 ? null : value;
    }\n`,
  ].join("\n");
}

/** Which structs callers fill in (behind a const pointer) and which they read. */
function crossing(header: Header): { encoded: Struct[]; decoded: Struct[] } {
  const encoded = new Set<Struct>();
  const decoded = new Set<Struct>();
  for (const func of header.functions) {
    for (const { type } of func.params) {
      if (type.kind !== "pointer" || type.to !== "struct") continue;
      (type.const ? encoded : decoded).add(
        structNamed(header, type.name, func.line),
      );
    }
  }
  return { encoded: [...encoded], decoded: [...decoded] };
}

function emitEnum(header: Header, item: Enum): string {
  const name = publicName(item.name);
  const members = item.values.map(
    (value) =>
      `${tsdoc([value.doc.text], "  ")}  ${suffix(header, item, value)}: ${value.value},`,
  );
  const object = `${tsdoc([item.doc.text])}export const ${pascal(item.name)} = {\n${members.join("\n")}\n} as const;\n`;
  const words = item.values.map((value) => word(header, item, value));
  const union = words
    .filter((w) => w !== null)
    .map((w) => JSON.stringify(w))
    .join(" | ");
  const type = `/** The words of {@link ${pascal(item.name)}}. */\nexport type ${name} = ${union};\n`;
  if (tag(item.doc, "enum") !== undefined)
    return [object, type, emitWords(header, item)].join("\n");
  if (tag(item.doc, "flags") !== undefined)
    return [object, type, emitFlagWords(header, item)].join("\n");
  return object;
}

function emitWords(header: Header, item: Enum): string {
  const table: (string | null)[] = [];
  for (const value of item.values) {
    if (value.value < 0 || value.value > 255) {
      throw new HeaderError(
        header.file,
        value.line,
        `${value.name}: values of an @enum lie between 0 and 255`,
      );
    }
    table[value.value] = word(header, item, value);
  }
  const words = Array.from(table, (w) => w ?? null);
  return `/** Word of each value of {@link ${pascal(item.name)}}; null where there is none. */
export const ${constantName(item.name)}_WORDS: readonly (${publicName(item.name)} | null)[] = ${JSON.stringify(words)};\n`;
}

function emitFlagWords(header: Header, item: Enum): string {
  const pairs = [...item.values]
    .sort((a, b) => a.value - b.value)
    .map((value) => {
      if (value.value <= 0 || (value.value & (value.value - 1)) !== 0) {
        throw new HeaderError(
          header.file,
          value.line,
          `${value.name}: values of @flags are single bits`,
        );
      }
      return `[${value.value}, ${JSON.stringify(word(header, item, value))}],`;
    });
  return `/** Bit and word of each flag of {@link ${pascal(item.name)}}, in bit order. */
export const ${constantName(item.name)}_WORDS: readonly (readonly [bit: number, word: ${publicName(item.name)}])[] = [\n${pairs.join("\n")}\n];\n`;
}

function emitEncoder(header: Header, struct: Struct): string {
  const [size, ...fields] = struct.fields;
  if (size?.name !== "size" || size.type.kind !== "int" || size.size !== 4) {
    throw new HeaderError(
      header.file,
      struct.line,
      `struct ${struct.name} is passed in, so it begins with uint32_t size`,
    );
  }
  const name = publicName(struct.name);
  const members = fields.map((field) => {
    const note =
      field.type.kind === "pointer"
        ? "An address; what it points to must stay where it is."
        : "";
    return `${tsdoc([field.doc.text, note], "  ")}  ${camel(field.name)}?: number;`;
  });
  const writes = fields.map((field) => `  ${setter(header, field)}`);
  return `/** Bytes of \`struct ${struct.name}\`. */
export const ${constantName(struct.name)}_SIZE = ${struct.size};

${tsdoc([`Fields of \`struct ${struct.name}\`: ${struct.doc.text} Left out means 0.`])}export interface ${name}Fields {
${members.join("\n")}
}

/** Lays out a \`struct ${struct.name}\`, its size filled in. */
export function encode${name}(fields: ${name}Fields): Uint8Array {
  // A view of an ArrayBuffer: unlike a small plain Uint8Array it never moves.
  const view = new DataView(new ArrayBuffer(${struct.size}));
  view.setUint32(${size.offset}, ${struct.size}, true);
${writes.join("\n")}
  return new Uint8Array(view.buffer);
}
`;
}

function setter(header: Header, field: Field): string {
  const value = `fields.${camel(field.name)} ?? 0`;
  if (field.type.kind === "struct")
    throw new HeaderError(
      header.file,
      field.line,
      "a struct inside an options struct",
    );
  if (field.size === 8) return `setU64(view, ${field.offset}, ${value});`;
  return `view.set${accessor(field)}(${field.offset}, ${value}${field.size > 1 ? ", true" : ""});`;
}

function emitDecoder(header: Header, struct: Struct): string {
  const name = publicName(struct.name);
  const members = struct.fields.map((field) => {
    const nullable = isNullable(header, field) ? " | null" : "";
    return `${tsdoc([field.doc.text], "  ")}  ${camel(field.name)}: number${nullable};`;
  });
  const reads = struct.fields.map(
    (field) => `    ${camel(field.name)}: ${getter(header, field)},`,
  );
  return `/** Bytes of \`struct ${struct.name}\`. */
export const ${constantName(struct.name)}_SIZE = ${struct.size};

${tsdoc([struct.doc.text])}export interface ${name} {
${members.join("\n")}
}

/** Reads a \`struct ${struct.name}\` that begins at \`at\`. */
export function decode${name}(view: DataView, at = 0): ${name} {
  return {
${reads.join("\n")}
  };
}
`;
}

function getter(header: Header, field: Field): string {
  if (field.type.kind !== "int")
    throw new HeaderError(
      header.file,
      field.line,
      "a result struct holds integers only",
    );
  const at = field.offset === 0 ? "at" : `at + ${field.offset}`;
  if (field.size === 8)
    return `getU64${isNullable(header, field) ? "OrNull" : ""}(view, ${at})`;
  return `view.get${accessor(field)}(${at}${field.size > 1 ? ", true" : ""})`;
}

function isNullable(header: Header, field: Field): boolean {
  const absent = tag(field.doc, "absent");
  if (absent === undefined) return false;
  if (absent !== UINT64_MAX || field.size !== 8) {
    throw new HeaderError(
      header.file,
      field.line,
      `in a result struct @absent is ${UINT64_MAX} of a 64-bit field`,
    );
  }
  return true;
}

function accessor(field: Field): string {
  const signed = field.type.kind === "int" && field.type.signed;
  return `${signed ? "Int" : "Uint"}${field.size * 8}`;
}
