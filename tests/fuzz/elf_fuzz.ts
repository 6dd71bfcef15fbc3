// Any bytes as the native library: whole, or not and then why; never an error of the look itself.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elfFault } from "../../src/ffi/elf.ts";
import type { FuzzTarget } from "./kit/target.ts";

const file = join(mkdtempSync(join(tmpdir(), "suite-fuzz-")), "libcore.so");

export const target: FuzzTarget = {
  words: ["\x7fELF", "\x02\x01\x01", "\x01\0\0\0", "8\0"],
  run(input) {
    writeFileSync(file, input);
    const fault = elfFault(file);
    if (fault !== undefined) assert.match(fault, /^its? /);
    // Nothing that short has a segment to map.
    if (input.length < 64) assert(fault);
  },
};
