// Any text as a length of time: whole milliseconds that are written and read back, or none.
import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../src/units/duration.ts";
import { textOf, type FuzzTarget } from "./kit/target.ts";

export const target: FuzzTarget = {
  words: ["w", "d", "h", "m", "s", "ms", " ", "days", "weeks", "min", ".5", "1", "0", "99999999999999", "month"],
  run(input) {
    const ms = parseDuration(textOf(input));
    if (ms === undefined) return;
    assert(Number.isSafeInteger(ms) && ms >= 0, String(ms));
    assert.equal(parseDuration(formatDuration(ms)), ms);
  },
};
