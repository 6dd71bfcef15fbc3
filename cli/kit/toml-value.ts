/**
 * Values of TOML as values of flags, and back.
 * @module
 */
import { TomlDate } from "smol-toml";
import { formatDate } from "../../src/units/date.ts";
import { formatDuration } from "../../src/units/duration.ts";
import { formatSize } from "../../src/units/size.ts";
import { takesValue, type Flag, type ValueFlag } from "./flag.ts";
import { readValue, type Read } from "./value.ts";

/** What was read, or what should have stood there instead of `text`. */
export type ReadToml = { readonly value: unknown } | (Exclude<Read, { value: unknown }> & { readonly text: string });

/** Which kinds of TOML value a flag may be written as. */
function asText(flag: ValueFlag, value: unknown): string | undefined {
  const number = typeof value === "number" || typeof value === "bigint";
  switch (flag.type) {
    case "integer":
    case "number":
      return number ? String(value) : undefined;
    case "size":
    case "duration":
      return number || typeof value === "string" ? String(value) : undefined;
    case "date":
      return value instanceof TomlDate ? value.toISOString() : typeof value === "string" ? value : undefined;
    case "set":
      return Array.isArray(value) && value.every((word) => typeof word === "string") ? value.join(",") : (value as string);
    default:
      return typeof value === "string" ? value : undefined;
  }
}

const shown = (value: unknown): string => (value instanceof TomlDate ? value.toISOString() : JSON.stringify(value));

/** Reads a value of a configuration file as the type of its flag. */
export function readToml(flag: Flag, value: unknown): ReadToml {
  if (flag.type === "boolean") return typeof value === "boolean" ? { value } : { expected: "true or false", text: shown(value) };
  if (flag.type === "count") {
    const whole = typeof value === "number" && Number.isInteger(value) && value >= 0;
    return whole ? { value } : { expected: "a whole number", text: shown(value) };
  }
  if (flag.repeat && Array.isArray(value) && flag.type !== "set") {
    const all = value.map((one) => readOne(flag, one));
    return all.find((read) => !("value" in read)) ?? { value: all.map((read) => (read as { value: unknown }).value) };
  }
  const read = readOne(flag, value);
  return "value" in read && flag.repeat ? { value: [read.value] } : read;
}

function readOne(flag: ValueFlag, value: unknown): ReadToml {
  const text = asText(flag, value);
  // An impossible text, to learn what is expected instead.
  const read = readValue(flag, typeof text === "string" ? text : "");
  if (typeof text === "string" && "value" in read) return read;
  const expected = "value" in read ? "a text" : read.expected;
  const hint = "value" in read ? undefined : read.hint;
  return { expected, text: shown(value), ...(hint !== undefined && typeof text === "string" && { hint }) };
}

/** A text as TOML: as in JSON, but that TOML does not have DEL as it is. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll("\x7f", "\\u007f");

/** A value as TOML, for `suite config show`. */
export function writeToml(flag: Flag, value: unknown): string {
  if (flag.type === "parsed" && !(flag.repeat && Array.isArray(value))) return quoted(flag.write(value));
  if (Array.isArray(value)) {
    const one: Flag = "repeat" in flag ? { ...flag, repeat: false } : flag;
    return `[${value.map((part) => writeToml(one, part)).join(", ")}]`;
  }
  if (!takesValue(flag)) return String(value);
  if (value instanceof Uint8Array) return quoted(new TextDecoder().decode(value));
  if (flag.type === "size") return JSON.stringify(formatSize(value as number));
  if (flag.type === "duration") return JSON.stringify(formatDuration(value as number));
  // As text: a date of TOML is read to the millisecond only.
  if (flag.type === "date") return quoted(formatDate(value as bigint));
  // An integer of TOML is read exactly, or not at all: what is none that can be told from its neighbours is a float.
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
  return quoted(String(value));
}
