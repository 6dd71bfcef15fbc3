/**
 * Points in time as people write them: the one parser of all tools.
 * @module
 */
import { parseDuration } from "./duration.ts";

const NS_PER_MS = 1_000_000n;
/** The first nanosecond of year 0 and the last of year 9999. */
const FIRST = -62_167_219_200_000_000_000n;
const LAST = 253_402_300_799_999_999_999n;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * The nanoseconds since 1970 that a text means:
 *
 * - ISO 8601: `2026-11-21`, `2026-11-21T02:03`, `2026-11-21T02:03:04.5Z`, `2026-11-21 02:03+01:00`; local time where
 *   no zone is given, midnight where no time is
 * - `@1700000000`, `@1700000000.25`: seconds since 1970
 * - `2 days ago`, `1h30m ago`, `3 months ago`, `1 year ago`
 * - `now`, `today`, `yesterday` (their midnights)
 *
 * @param now milliseconds since 1970 that count as now
 * @returns undefined for anything else, for a day or time that does not exist, and for one outside the years 0 to 9999
 *   (UTC), which {@link formatDate} could not write
 */
export function parseDate(text: string, now: number = Date.now()): bigint | undefined {
  const ns = epoch(text) ?? iso(text) ?? relative(text.toLowerCase(), now);
  return ns !== undefined && ns >= FIRST && ns <= LAST ? ns : undefined;
}

function epoch(text: string): bigint | undefined {
  const found = /^@(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (!found) return undefined;
  const ns = BigInt(found[2] ?? "0") * 1_000_000_000n + fraction(found[3]);
  return found[1] === "-" ? -ns : ns;
}

function fraction(digits: string | undefined): bigint {
  return BigInt((digits ?? "").padEnd(9, "0"));
}

function iso(text: string): bigint | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const number = (i: number) => Number(match[i] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(number) as [number, number, number, number, number, number];
  const [zoneHour, zoneMinute] = [number(10), number(11)];
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined;
  // Not Date.UTC(), which takes years below 100 for years of the 20th century.
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  if (utc.getUTCFullYear() !== year || utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== day) return undefined;
  utc.setUTCHours(hour, minute, second);
  let ms = utc.getTime();
  if (match[9]) {
    ms -= (match[9] === "-" ? -1 : 1) * (zoneHour * 60 + zoneMinute) * 60_000;
  } else if (!match[8]) {
    const local = new Date(0);
    local.setFullYear(year, month - 1, day);
    local.setHours(hour, minute, second, 0);
    ms = local.getTime();
  }
  return BigInt(ms) * NS_PER_MS + fraction(match[7]);
}

function relative(text: string, now: number): bigint | undefined {
  if (text === "now") return BigInt(Math.floor(now)) * NS_PER_MS;
  const date = new Date(now);
  if (text === "today" || text === "yesterday") {
    date.setHours(0, 0, 0, 0);
    if (text === "yesterday") date.setDate(date.getDate() - 1);
    return BigInt(date.getTime()) * NS_PER_MS;
  }
  const [, length] = /^(.+?) ago$/.exec(text) ?? [];
  if (length === undefined) return undefined;
  const [, count, unit] = /^(\d{1,5}) ?(month|year)s?$/.exec(length) ?? [];
  if (count !== undefined) {
    monthsBack(date, Number(count) * (unit === "year" ? 12 : 1));
    return Number.isNaN(date.getTime()) ? undefined : BigInt(date.getTime()) * NS_PER_MS;
  }
  // Here a number alone says too little: 3 of what?
  const ms = /^\d/.test(length) && /[a-z]$/.test(length) ? parseDuration(length) : undefined;
  return ms === undefined ? undefined : BigInt(Math.floor(now) - ms) * NS_PER_MS;
}

/** The same day of an earlier month, or its last day: a month before 31 March is 28 February. */
function monthsBack(date: Date, months: number): void {
  const day = date.getDate();
  date.setDate(1);
  date.setMonth(date.getMonth() - months);
  const last = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  date.setDate(Math.min(day, last));
}

/** ISO 8601 in UTC with nanoseconds, which {@link parseDate} reads as exactly this point; years 0 to 9999. */
export function formatDate(ns: bigint): string {
  const second = ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n);
  const rest = String(ns - second * 1_000_000_000n).padStart(9, "0");
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}
