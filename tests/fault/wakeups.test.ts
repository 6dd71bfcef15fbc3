// News that comes in the moment between looking for it and waiting for it.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { compare } from "../../src/index.ts";
import { CoreRunState } from "../../src/ffi/layout.gen.ts";
import { core } from "../../src/ffi/load.ts";
import type { Symbols } from "../../src/ffi/symbols.gen.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const COUNT = 4000;

test("an iterator that was slow and finds nothing is told of what comes right then", async () => {
  makeCrowd(join(dir, "L"), COUNT);
  makeTree(join(dir, "R"), {});
  const lib = core() as { -readonly [Name in keyof Symbols]: Symbols[Name] };
  const drain = lib.core_run_drain;
  let late = 0;
  // Returns "nothing" only after something has come: the thread was interrupted in between.
  lib.core_run_drain = ((run, buf, cap, used: BigUint64Array, state: Uint32Array) => {
    const result = drain(run, buf, cap, used, state);
    if (used[0] === 0n && ((state[0] ?? 0) & CoreRunState.ENDED) === 0) {
      late++;
      const progress = new Uint8Array(64);
      do lib.core_run_progress(run, progress);
      while (new Uint32Array(progress.buffer)[0] === 0);
    }
    return result;
  }) as typeof drain;
  try {
    let seen = 0;
    for await (const _ of compare(join(dir, "L"), join(dir, "R"), { jobs: 1 })) {
      // Long enough for the ring to fill up, several times.
      if (seen++ % 1000 === 0) await Bun.sleep(20);
    }
    expect(seen).toBe(COUNT);
    expect(late).toBeGreaterThan(0);
  } finally {
    lib.core_run_drain = drain;
  }
}, 20_000);
