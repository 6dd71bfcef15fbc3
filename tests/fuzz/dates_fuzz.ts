// Any text as a point in time: one that is written and read back, or none.
import assert from "node:assert/strict";
import { formatDate, parseDate } from "../../src/units/date.ts";
import { textOf, type FuzzTarget } from "./kit/target.ts";

/** What counts as now, so that an input means the same each time. */
const NOW = Date.UTC(2026, 2, 31, 12);

export const target: FuzzTarget = {
  words: [
    "2026-11-21",
    "T02:03:04",
    ".123456789",
    "Z",
    "+01:00",
    "-",
    "@",
    "@-",
    " ago",
    "days",
    "months",
    "years",
    "99999",
    "now",
    "today",
    "yesterday",
    "0000",
    "9999-12-31",
  ],
  run(input) {
    const ns = parseDate(textOf(input), NOW);
    if (ns === undefined) return;
    assert.equal(typeof ns, "bigint");
    assert.equal(parseDate(formatDate(ns), NOW), ns);
  },
};
