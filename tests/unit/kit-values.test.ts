// Sizes, durations and dates: one parser each.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatDate, parseDate } from "../../src/units/date.ts";
import { formatDuration, parseDuration } from "../../src/units/duration.ts";
import { formatSize, parseSize, roundSize } from "../../src/units/size.ts";

describe("sizes", () => {
  test.each([
    ["0", 0],
    ["64k", 65_536],
    ["64K", 65_536],
    ["64KiB", 65_536],
    ["64kB", 64_000],
    ["1.5k", 1536],
    ["1.1MB", 1_100_000],
    ["2g", 2 ** 31],
    ["3t", 3 * 2 ** 40],
    ["7P", 7 * 2 ** 50],
    ["512b", 512],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%s is %d", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(["", "k", "-1", "+1", "1 k", "1e3", "0x10", "1.5", "0.1k", "1kk", "1bi", "1ib", "9007199254740992", "8P1", "1,5k", "¹k"])(
    "%p is none",
    (text) => expect(parseSize(text)).toBeUndefined(),
  );

  test("what is written is read back", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseSize(formatSize(bytes)) === bytes));
    fc.assert(fc.property(fc.nat(1023), fc.nat(4), (n, i) => parseSize(formatSize(n * 1024 ** i)) === n * 1024 ** i));
    expect(formatSize(262_144)).toBe("256k");
  });

  test("no text breaks it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => Number.isSafeInteger(parseSize(text) ?? 0)));
    fc.assert(fc.property(fc.stringMatching(/^[0-9.]{0,40}[kmgtpiKB]{0,3}$/), (text) => Number.isSafeInteger(parseSize(text) ?? 0)));
  });

  test("people get few digits", () => {
    const sizes = [0, 999, 1000, 1536, 1_048_575, 1_468_006, 104_857_600, 2 ** 40, 5 * 2 ** 50];
    expect(sizes.map(roundSize)).toEqual(["0 B", "999 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "1.4 MiB", "100 MiB", "1.0 TiB", "5.0 PiB"]);
    fc.assert(fc.property(fc.nat({ max: 2 ** 50 }), (bytes) => roundSize(bytes).length <= 8));
  });
});

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["90", 90_000],
    ["1.5", 1500],
    ["2h", 7_200_000],
    ["3d", 259_200_000],
    ["1h30m", 5_400_000],
    ["1h 30min", 5_400_000],
    ["1.5 days", 129_600_000],
    ["2 weeks", 1_209_600_000],
    ["250ms", 250],
    ["0", 0],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "s", "-1s", "1x", "1m1h", "1s1s", "1 month", "1y", "1h30", "1 h ", " 1h", "1e3s", "99999999999999999w"])("%p is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  test("what is written is read back", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms));
    expect([0, 5_400_000, 90_000].map(formatDuration)).toEqual(["0s", "1h30m", "1m30s"]);
  });

  test("no text breaks it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => Number.isSafeInteger(parseDuration(text) ?? 0)));
    fc.assert(fc.property(fc.stringMatching(/^([0-9.]{0,20} ?(ms|s|m|h|d|w|days) ?){0,4}$/), (text) => Number.isSafeInteger(parseDuration(text) ?? 0)));
    // Not in time that grows with more than the length.
    expect(parseDuration(`${"1".repeat(50_000)}!`)).toBeUndefined();
    expect(parseDuration(`${"1a ".repeat(20_000)}!`)).toBeUndefined();
  });
});

describe("dates", () => {
  const now = Date.UTC(2026, 2, 31, 12, 0, 0);
  const utc = (...at: [number, number, number, number?, number?, number?]) => BigInt(Date.UTC(...at)) * 1_000_000n;
  const local = (...at: [number, number, number, number?, number?]) => BigInt(new Date(...at).getTime()) * 1_000_000n;

  test.each([
    ["2026-11-21T02:03:04Z", utc(2026, 10, 21, 2, 3, 4)],
    ["2026-11-21 02:03+01:00", utc(2026, 10, 21, 1, 3)],
    ["2026-11-21T02:03:04.123456789-0130", utc(2026, 10, 21, 3, 33, 4) + 123_456_789n],
    ["2026-11-21", local(2026, 10, 21)],
    ["2026-11-21T02:03", local(2026, 10, 21, 2, 3)],
    ["2024-02-29T00:00Z", utc(2024, 1, 29)],
    ["0001-01-01T00:00Z", -62_135_596_800_000_000_000n],
    ["@0", 0n],
    ["@1700000000.25", 1_700_000_000_250_000_000n],
    ["@-1", -1_000_000_000n],
    ["now", BigInt(now) * 1_000_000n],
    ["2 days ago", BigInt(now - 2 * 86_400_000) * 1_000_000n],
    ["1h30m ago", BigInt(now - 5_400_000) * 1_000_000n],
  ])("%s", (text, ns) => expect(parseDate(text, now)).toBe(ns));

  test("months and years are those of the calendar", () => {
    const day = (text: string) => new Date(Number(parseDate(text, new Date(2026, 2, 31, 12).getTime()) ?? 0n) / 1e6);
    expect(day("1 month ago")).toEqual(new Date(2026, 1, 28, 12));
    expect(day("13 months ago")).toEqual(new Date(2025, 1, 28, 12));
    expect(day("1 year ago")).toEqual(new Date(2025, 2, 31, 12));
    expect(day("yesterday")).toEqual(new Date(2026, 2, 30));
    expect(day("today")).toEqual(new Date(2026, 2, 31));
  });

  test.each(["", "2026", "2026-13-01", "2026-02-29", "2026-04-31", "2026-1-1", "2026-01-01T24:00", "2026-01-01T00:60", "2026-01-01T00:00:60Z", "2026-01-01Z", "tomorrow", "ago", "2 ago", "2 days", "-2 days ago", "@", "@1e9", "2026-01-01T00:00+99:00", "0000-01-01T00:00+00:01", "9999-12-31T23:59-00:01", "@253402300800", "@-999999999999", "99999 years ago", "9007199254740991ms ago"])(
    "%p is none",
    (text) => expect(parseDate(text, now)).toBeUndefined(),
  );

  test("what is written is read back", () => {
    const year0 = -62_167_219_200_000_000_000n;
    fc.assert(fc.property(fc.bigInt({ min: year0, max: 253_402_300_799_999_999_999n }), (ns) => parseDate(formatDate(ns)) === ns));
  });

  test("no text breaks it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => ["bigint", "undefined"].includes(typeof parseDate(text))));
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{1,8} (day|month|year|week|h)s? ago$/), (text) => ["bigint", "undefined"].includes(typeof parseDate(text))));
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z$/), (text) => ["bigint", "undefined"].includes(typeof parseDate(text))));
  });
});
