// A run gives its records to one iterator and its result to whoever awaits it.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { compare, compareDir, EntryRecord, type Run } from "../../src/index.ts";
import { countCalls, counters, leavesNothing, settle, until } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
/** More records than a ring of 64 KiB holds: about 360 of these fill one. */
const CROWD = 2000;
const crowd = join(dir, "crowd");
const empty = join(dir, "empty");

beforeAll(() => {
  makeCrowd(crowd, CROWD);
  makeTree(empty, {});
  makeTree(join(dir, "l"), { "a.txt": "1", "b.txt": "2", "only-l": "x", same: "s" });
  makeTree(join(dir, "r"), { "a.txt": "1", "b.txt": "3", "only-r": "y", same: "s" });
});

leavesNothing();

const small = () => compare(join(dir, "l"), join(dir, "r"));
const big = () => compare(crowd, empty);

async function pathsOf(run: Run<EntryRecord, unknown>): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of run) paths.push(entry.path);
  return paths;
}

describe("records", () => {
  test("an iteration gives every record, and the result can be awaited after it", async () => {
    const run = small();
    expect(await pathsOf(run)).toEqual(["b.txt", "only-l", "only-r"]);
    const result = await run;
    expect(result.counts).toEqual({ equal: 2, different: 1, onlyLeft: 1, onlyRight: 1, unknown: 0 });
    expect(result.cancelled).toBe(false);
  });

  test("records that need many rings all come, in order", async () => {
    const paths = await pathsOf(big());
    expect(paths).toHaveLength(CROWD);
    expect(paths).toEqual(paths.toSorted());
    expect(new Set(paths).size).toBe(CROWD);
  });

  test("records stay as they are while later ones come", async () => {
    const kept: EntryRecord[] = [];
    for await (const entry of big()) kept.push(entry);
    expect(kept.map((e) => Number(e.path.slice(0, 6)))).toEqual(Array.from({ length: CROWD }, (_, i) => i));
  });

  test("an iteration that begins after the end gives them too", async () => {
    const run = small();
    await until("the run has ended", () => run.progress.entries === 5 && counters().tasks === 0);
    await Bun.sleep(5);
    expect(await pathsOf(run)).toEqual(["b.txt", "only-l", "only-r"]);
  });

  test("awaiting before the iteration is asked for begins is no problem when the iterator came first", async () => {
    const run = small();
    const iterator = run[Symbol.asyncIterator]();
    const result = run.then((r) => r.verdict);
    const paths: string[] = [];
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) paths.push(step.value.path);
    expect(paths).toEqual(["b.txt", "only-l", "only-r"]);
    expect(await result).toBe("different");
  });

  test("a run of a pair gives at most one record", async () => {
    const pair = compare(join(dir, "l/b.txt"), join(dir, "r/b.txt"));
    expect(await pathsOf(pair)).toEqual([join(dir, "l/b.txt")]);
    expect(await pathsOf(compare(join(dir, "l/same"), join(dir, "r/same")))).toEqual([]);
  });
});

describe("once only", () => {
  test("a second iteration throws E_USAGE, and the first goes on", async () => {
    const run = small();
    const first = run[Symbol.asyncIterator]();
    expect((await first.next()).value?.path).toBe("b.txt");
    expect((await failureOf(() => run[Symbol.asyncIterator]())).code).toBe("E_USAGE");
    expect((await first.next()).value?.path).toBe("only-l");
    expect((await first.next()).value?.path).toBe("only-r");
    expect((await first.next()).done).toBe(true);
    expect((await failureOf(() => pathsOf(run))).message).toContain("iterated already");
  });

  test("a run that was awaited cannot be iterated any more", async () => {
    const run = small();
    await run;
    const error = await failureOf(() => pathsOf(run));
    expect(error.code).toBe("E_USAGE");
    expect(error.message).toContain("awaited first");
  });
});

describe("await alone", () => {
  test("drops the records in C: none crosses, and no ring stays", async () => {
    await settle();
    using calls = countCalls("core_run_drain", "core_run_discard");
    const run = big();
    const result = await run;
    expect(result.counts.onlyLeft).toBe(CROWD);
    expect(calls.core_run_discard).toBe(1);
    expect(calls.core_run_drain).toBe(0);
    // The last worker lets go of it after it has told of the end.
    await until("no ring stays", () => counters().rings === 0);
  });

  test("the lists of compareDir come from records all the same", async () => {
    using calls = countCalls("core_run_drain", "core_run_discard");
    const result = await compareDir(crowd, empty);
    expect(result.onlyLeft).toHaveLength(CROWD);
    expect(calls.core_run_drain).toBeGreaterThan(1);
    expect(calls.core_run_discard).toBe(0);
  });

  test("a run that already stands still with a full ring goes on when it is awaited", async () => {
    const run = big();
    await until("the ring is full", () => run.progress.entries > 100 && counters().rings === 1);
    expect(run.progress.entries).toBeLessThan(CROWD);
    expect((await run).counts.onlyLeft).toBe(CROWD);
  });

  test("may happen any number of times, also at once", async () => {
    const run = small();
    const [a, b] = await Promise.all([run, run]);
    expect(a).toBe(b);
    expect(await run).toBe(a);
  });
});

describe("the shape of a promise", () => {
  test("functions give the run itself, not a promise of it", () => {
    const runs = [small(), compareDir(empty, empty)];
    for (const run of runs) {
      expect(run).not.toBeInstanceOf(Promise);
      expect(typeof run[Symbol.asyncIterator]).toBe("function");
      expect(typeof run.cancel).toBe("function");
    }
    expect(compare.constructor.name).toBe("Function");
    expect(compareDir.constructor.name).toBe("Function");
    return Promise.all(runs);
  });

  test("then() gives what its handlers give", async () => {
    expect(await small().then((r) => r.verdict)).toBe("different");
    expect(await compare(join(dir, "none"), empty).then(undefined, (e) => (e as { code: string }).code)).toBe(
      "E_NOT_FOUND",
    );
  });

  test("catch() handles a failure and passes a result on", async () => {
    expect(await compare(join(dir, "none"), empty).catch((e) => (e as { code: string }).code)).toBe("E_NOT_FOUND");
    expect(await small().catch(() => "failed")).toHaveProperty("verdict", "different");
  });

  test("finally() runs in either case and changes nothing", async () => {
    let ends = 0;
    expect((await small().finally(() => ends++)).verdict).toBe("different");
    const failed = compare(join(dir, "none"), empty).finally(() => ends++);
    expect((await failureOf(failed)).code).toBe("E_NOT_FOUND");
    expect(ends).toBe(2);
  });
});

describe("failure", () => {
  test("an iteration throws it, and awaiting after it throws the same error", async () => {
    const run = compare(join(dir, "none"), empty);
    const first = await failureOf(() => pathsOf(run));
    expect(first.code).toBe("E_NOT_FOUND");
    expect(await failureOf(run)).toBe(first);
  });

  test("carries the path, the system's number and the result so far", async () => {
    const error = await failureOf(compare(join(dir, "none"), empty));
    expect(error.path).toBe(join(dir, "none"));
    expect(error.errno).toBe(2);
    expect(error.exitCode).toBe(4);
    expect(error.partial).toMatchObject({ verdict: "unknown", counts: { equal: 0 } });
  });
});

describe("progress", () => {
  test("is there at once, grows, and stays after the end", async () => {
    const run = big();
    expect(run.progress.entries).toBeGreaterThanOrEqual(0);
    let last = 0;
    for await (const _ of run) {
      const { entries } = run.progress;
      expect(entries).toBeGreaterThanOrEqual(last);
      last = entries;
    }
    expect(run.progress.entries).toBe(CROWD);
    const { elapsedMs } = run.progress;
    expect(elapsedMs).toBeGreaterThan(0);
    await Bun.sleep(3);
    expect(run.progress.elapsedMs).toBe(elapsedMs);
  });

  test("counts the bytes of both sides", async () => {
    const run = compare(join(dir, "l"), join(dir, "r"));
    await run;
    // Three files of one byte stand on both sides, and none of them is more than one inode.
    expect(run.progress).toMatchObject({ entries: 5, bytesRead: 6, bytesAvoided: 0, bytesTotal: 6 });
  });

  test("knows in the end how much there was, of streams too that there is no telling", async () => {
    const tree = compare(join(dir, "l"), join(dir, "r"));
    await tree;
    expect(tree.progress).toMatchObject({ entriesTotal: 5, totalKnown: true });
    const stream = compare(join(dir, "l/same"), new Blob(["s"]));
    await stream;
    expect(stream.progress).toMatchObject({ entriesTotal: 1, totalKnown: false });
  });

  test("of two files that are searched for the first difference counts what both have", async () => {
    const bytes = (length: number) => new Uint8Array(length);
    const counted = async (locate: boolean) => {
      const run = compare(bytes(10), bytes(4), { locate });
      await run;
      return run.progress;
    };
    expect(await counted(true)).toMatchObject({ totalKnown: true, bytesTotal: 8 });
    expect(await counted(false)).toMatchObject({ totalKnown: true, bytesTotal: 14, bytesRead: 0 });
  });
});
