/**
 * The part of src/records.gen.ts that is the same for every header: reading
 * numbers, words and strings. Kept as text, as it becomes part of that file.
 */

/** Constants that classes and helpers use; they stand first, as a class uses them when it is defined. */
export const CONSTANTS = `const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

// The byte order mark is part of a name like any other character.
const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });

/** INT64_MIN, which as a time means that there is none. */
const NO_TIME = -9223372036854775808n;

/** UINT64_MAX, which as a number is rounded to 2^64. */
const ALL_ONES = 18446744073709551616;
`;

/** Functions that every records file carries. */
export const HELPERS = `function numberUnless<None>(value: number, absent: number, none: None): number | None {
  return value === absent ? none : value;
}

function wordOf<Word>(words: readonly (Word | null)[], value: number): Word {
  const word = words[value];
  if (word === undefined || word === null) throw broken(\`no word for \${value} in a record\`);
  return word;
}

function wordUnless<Word, None>(
  words: readonly (Word | null)[],
  value: number,
  absent: number,
  none: None,
): Word | None {
  return value === absent ? none : wordOf(words, value);
}

function flagsOf<Word>(words: readonly (readonly [number, Word])[], value: number): Word[] {
  const found: Word[] = [];
  for (const [bit, word] of words) if ((value & bit) !== 0) found.push(word);
  return found;
}

function errorOf(value: number): ErrorCode {
  const info = ERRORS[value];
  if (info === undefined) throw broken(\`no error code \${value}\`);
  return info.name;
}

function errorUnless<None>(value: number, absent: number, none: None): ErrorCode | None {
  return value === absent ? none : errorOf(value);
}

function base64UnlessUtf8(bytes: Uint8Array): string | undefined {
  // Asked only for text with U+FFFD, which can be real or come from bad bytes.
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // What is text comes back as it was. node:buffer has a function for it, and takes a millisecond to load.
  return raw.equals(Buffer.from(TEXT.decode(bytes))) ? undefined : raw.toString("base64");
}

function atLeast(bytes: number, size: number): void {
  if (bytes < size) throw broken(\`a record of \${bytes} bytes where \${size} are needed\`);
}

/** Only a library of another version, or a broken one, sends such records. */
function broken(what: string): SuiteError {
  return suiteError("E_NATIVE", \`libcore sent what is no record: \${what}\`, { op: "decode" });
}

function str(bytes: Uint8Array, record: number, field: number): Uint8Array {
  const from = u32(bytes, record + field);
  const to = from + u32(bytes, record + field + 4);
  // The length of the record stands first in it. What is behind it belongs to others.
  if (to > u32(bytes, record)) throw broken(\`bytes \${from} to \${to} of a record of \${u32(bytes, record)}\`);
  return bytes.subarray(record + from, record + to);
}
`;

/**
 * Readers of little-endian integers, by name; only those in use are written.
 * They index the bytes, as a DataView for each record costs more than it saves.
 */
export const READERS: Record<string, string> = {
  hexOf: `function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
`,
  isoOf: `function isoOf(ns: bigint): string {
  // Rounded down, so that times before 1970 are in the right second too.
  const fraction = BigInt.asUintN(64, ((ns % 1000000000n) + 1000000000n) % 1000000000n);
  const seconds = Number((ns - fraction) / 1000000000n);
  return new Date(seconds * 1000).toISOString().replace(/\\d{3}Z$/, \`\${String(fraction).padStart(9, "0")}Z\`);
}
`,
  i64: `function i64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(i32(bytes, at + 4)) << 32n) | BigInt(u32(bytes, at));
}
`,
  numbersOf: `function numbersOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => u32(bytes, 4 * i));
}
`,
  u8: `function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
`,
  u16: `function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
`,
  u64: `function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 4294967296;
}
`,
  u32: `function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}
`,
  i32: `function i32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
`,
};
