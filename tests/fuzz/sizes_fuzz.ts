// Any text as a size: a whole number of bytes that is written and read back, or none.
import assert from "node:assert/strict";
import { formatSize, parseSize, roundSize } from "../../src/units/size.ts";
import { textOf, type FuzzTarget } from "./kit/target.ts";

export const target: FuzzTarget = {
  words: ["k", "M", "G", "T", "P", "KiB", "mb", "B", ".", ".5", "0", "1", "1024", "9007199254740991", "e", "-", "+"],
  run(input) {
    const bytes = parseSize(textOf(input));
    if (bytes === undefined) return;
    assert(Number.isSafeInteger(bytes) && bytes >= 0, String(bytes));
    assert.equal(parseSize(formatSize(bytes)), bytes);
    assert(roundSize(bytes).length <= 10, roundSize(bytes));
  },
};
