// The ways a run is stopped before its end, and what its awaiter then gets.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { compare, compareDir, compareDirSync, compareSync, type EntryRecord, type Run } from "../../src/index.ts";
import { counters, leavesNothing, until } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
/** More records than a ring holds: a run of them cannot end while nobody takes them. */
const CROWD = 2000;
const crowd = join(dir, "crowd");
const empty = join(dir, "empty");

beforeAll(() => {
  makeCrowd(crowd, CROWD);
  makeTree(empty, {});
});

leavesNothing();

const big = (signal?: AbortSignal) => compare(crowd, empty, { signal });

/** Takes so many records, then leaves the iteration. */
async function take(run: Run<EntryRecord, unknown>, count: number): Promise<void> {
  let taken = 0;
  for await (const _ of run) if (++taken === count) break;
  expect(taken).toBe(count);
}

describe("leaving the iteration", () => {
  test("break cancels, and await gives what was found until then", async () => {
    const run = big();
    await take(run, 3);
    const result = await run;
    expect(result.cancelled).toBe(true);
    expect(result.verdict).toBe("different");
    expect(result.counts.onlyLeft).toBeGreaterThanOrEqual(3);
    expect(result.counts.onlyLeft).toBeLessThan(CROWD);
  });

  test("a throw in the loop cancels, and is what the loop throws", async () => {
    const run = big();
    const broken = new Error("mine");
    const loop = (async () => {
      for await (const _ of run) throw broken;
    })();
    expect(await loop.catch((e: unknown) => e)).toBe(broken);
    expect((await run).cancelled).toBe(true);
  });

  test("return() of the iterator cancels", async () => {
    const run = big();
    const iterator = run[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    expect((await run).cancelled).toBe(true);
    expect((await iterator.next()).done).toBe(true);
  });

  test("break at the last record of work that is done changes nothing", async () => {
    const pair = compare(join(crowd), join(dir, "file"));
    await Bun.write(join(dir, "file"), "x");
    await pair.catch(() => {});
    const run = compare(crowd, join(dir, "file"));
    await take(run, 1);
    expect(await run).toMatchObject({ verdict: "different", cancelled: false });
  });

  test("compareDir too gives its partial lists", async () => {
    const run = compareDir(crowd, empty);
    await take(run, 1);
    const result = await run;
    expect(result.onlyLeft.length).toBeGreaterThanOrEqual(1);
    expect(result.onlyLeft.length).toBeLessThan(CROWD);
    expect(result.verdict).toBe("different");
  });
});

describe("await using", () => {
  test("cancels a run that stands still, and waits until it has stopped", async () => {
    let run: Run<EntryRecord, { cancelled: boolean }>;
    {
      await using held = big();
      await until("the ring is full", () => held.progress.entries > 100);
      run = held;
    }
    expect(run.progress.entries).toBeLessThan(CROWD);
    expect((await run).cancelled).toBe(true);
  });

  test("after the end it changes nothing", async () => {
    await using run = big();
    const result = await run;
    expect(result).toMatchObject({ cancelled: false, counts: { onlyLeft: CROWD } });
  });

  test("after a failure it throws nothing", async () => {
    const error = await (async () => {
      await using run = compare(join(dir, "none"), empty);
      return await failureOf(run);
    })();
    expect(error.code).toBe("E_NOT_FOUND");
  });

  test("of a failed run that nobody awaited, too", async () => {
    await using run = compare(join(dir, "none"), empty);
    expect(run.progress.entries).toBe(0);
  });

  test("while an iteration waits, ends that iteration", async () => {
    const run = compare(new ReadableStream<Uint8Array>({}), new Uint8Array(4));
    const next = run[Symbol.asyncIterator]().next();
    await run[Symbol.asyncDispose]();
    expect((await next).done).toBe(true);
    expect((await run).cancelled).toBe(true);
  });
});

describe("cancel()", () => {
  test("makes an awaited run throw E_CANCELLED with the result so far", async () => {
    const run = big();
    await until("the ring is full", () => run.progress.entries > 100);
    run.cancel();
    const error = await failureOf(run);
    expect(error).toMatchObject({ code: "E_CANCELLED", exitCode: 130, op: "compare" });
    expect(error.partial).toMatchObject({ verdict: "different", cancelled: false });
  });

  test("makes an iteration throw it", async () => {
    const run = big();
    const error = await failureOf(async () => {
      for await (const _ of run) run.cancel();
    });
    expect(error.code).toBe("E_CANCELLED");
  });

  test("ends a run that waits for a stream which never comes", async () => {
    let stopped = 0;
    const never = new ReadableStream<Uint8Array>({ cancel: () => void stopped++ });
    const run = compare(never, new Uint8Array(4));
    expect(counters().feeds).toBe(1);
    run.cancel();
    expect((await failureOf(run)).code).toBe("E_CANCELLED");
    expect(stopped).toBe(1);
  });

  test("may be called again, and after the end", async () => {
    const run = big();
    run.cancel();
    run.cancel();
    expect((await failureOf(run)).code).toBe("E_CANCELLED");
    run.cancel();
    const done = compare(empty, empty);
    await done;
    done.cancel();
    expect((await done).verdict).toBe("equal");
  });
});

describe("a signal", () => {
  const reason = new Error("enough");

  test("that had fired before cancels even the smallest work", async () => {
    const byte = new Uint8Array(1);
    for (let i = 0; i < 200; i++) {
      const error = await failureOf(compare(byte, byte, { signal: AbortSignal.abort(reason) }));
      expect(error.code).toBe("E_CANCELLED");
      expect(error.cause).toBe(reason);
    }
  });

  test("that had fired before stops the synchronous functions", async () => {
    const signal = AbortSignal.abort(reason);
    for (const call of [() => compareSync(crowd, empty, { signal }), () => compareDirSync(crowd, empty, { signal })]) {
      const error = await failureOf(call);
      expect(error.code).toBe("E_CANCELLED");
      expect(error.cause).toBe(reason);
    }
  });

  test("that fires meanwhile cancels with its reason as the cause", async () => {
    const controller = new AbortController();
    const run = big(controller.signal);
    await until("the ring is full", () => run.progress.entries > 100);
    controller.abort(reason);
    const error = await failureOf(run);
    expect(error.code).toBe("E_CANCELLED");
    expect(error.cause).toBe(reason);
    expect(error.partial).toMatchObject({ verdict: "different" });
  });

  test("that fires in the loop makes the loop throw", async () => {
    const controller = new AbortController();
    const error = await failureOf(async () => {
      for await (const _ of big(controller.signal)) controller.abort(reason);
    });
    expect(error.cause).toBe(reason);
  });

  test("without a reason of its own gives the one of the platform", async () => {
    const error = await failureOf(big(AbortSignal.abort()));
    expect((error.cause as Error).name).toBe("AbortError");
  });

  test("that fires after the end changes nothing", async () => {
    const controller = new AbortController();
    const run = big(controller.signal);
    const result = await run;
    controller.abort(reason);
    expect(await run).toBe(result);
    expect(result.cancelled).toBe(false);
  });

  test("one signal stops many runs", async () => {
    const controller = new AbortController();
    const runs = Array.from({ length: 50 }, () => big(controller.signal));
    await until("all rings are full", () => runs.every((r) => r.progress.entries > 100));
    controller.abort(reason);
    for (const run of runs) expect((await failureOf(run)).cause).toBe(reason);
  });
});
