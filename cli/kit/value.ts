/**
 * The text of a value, read as the type of its flag.
 * @module
 */
import { parseDate } from "../../src/units/date.ts";
import { formatDuration, parseDuration } from "../../src/units/duration.ts";
import { parseSize } from "../../src/units/size.ts";
import type { NumberFlag, ValueFlag } from "./flag.ts";
import { oneOf, suggestion } from "./usage.ts";

/** What was read, or what should have stood there. */
export type Read = { readonly value: unknown } | { readonly expected: string; readonly hint?: string };

/** Reads one value of a flag. */
export function readValue(flag: ValueFlag, text: string): Read {
  switch (flag.type) {
    case "string":
    case "path":
      return text === "" ? { expected: flag.type === "path" ? "the name of a file" : "a text" } : { value: text };
    case "enum":
      return readWord(flag.values, text);
    case "set":
      return readSet(flag.values, text);
    case "date": {
      const value = parseDate(text);
      return value === undefined ? { expected: "a date, such as 2026-11-21, 2026-11-21T02:03Z or 2 days ago" } : { value };
    }
    case "parsed": {
      const value = flag.parse(text);
      return value === undefined ? { expected: flag.expects } : { value };
    }
    default:
      return readNumber(flag, text);
  }
}

function readWord(values: readonly string[], text: string): Read {
  if (values.includes(text)) return { value: text };
  return { expected: oneOf(values), hint: suggestion(text, values) };
}

function readSet(values: readonly string[], text: string): Read {
  const words = text.split(",");
  const wrong = words.find((word) => !values.includes(word));
  if (wrong === undefined) return { value: [...new Set(words)] };
  return { expected: `a list with commas of ${oneOf(values)}`, hint: suggestion(wrong, values) };
}

/** 1e999 is more than a number can be, and nothing that a flag means. */
const finite = (value: number) => (Number.isFinite(value) ? value : undefined);

const PARSERS = {
  integer: (text: string) => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined),
  number: (text: string) => (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? finite(Number(text)) : undefined),
  size: parseSize,
  duration: parseDuration,
} as const;

function readNumber(flag: NumberFlag, text: string): Read {
  const value = PARSERS[flag.type](text);
  const { min = -Infinity, max = flag.type === "integer" ? Number.MAX_SAFE_INTEGER : Infinity } = flag;
  return value !== undefined && value >= min && value <= max ? { value } : { expected: range(flag) };
}

/** What a number is to be, in words. */
function range({ type, min, max }: NumberFlag): string {
  const show = (value: number) => (type === "duration" ? formatDuration(value) : String(value));
  const unit = type === "size" ? (max === undefined && min === 1 ? " byte" : " bytes") : "";
  const from = min === undefined ? "" : ` from ${show(min)}`;
  const to = max === undefined ? "" : ` ${min === undefined ? "up " : ""}to ${show(max)}`;
  const bounds = from || to ? `${from}${to}${unit}` : "";
  if (type === "integer") return `a whole number${bounds}`;
  if (type === "number") return `a number${bounds}`;
  return type === "size" ? `a size${bounds}, such as 64k or 1MiB` : `a length of time${bounds}, such as 90s or 1h30m`;
}

/** The whole complaint about a value. */
export function complaint(where: string, read: Exclude<Read, { value: unknown }>, text: string): string {
  return `${where} is ${read.expected}, not ${text === "" ? "empty" : text}${read.hint ?? ""}`;
}
