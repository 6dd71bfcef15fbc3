// C-34: ten thousand operations at once are tasks of one pool, not threads, and cost memory only while they run.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, compareAll, compareMany, configure, type SuiteError } from "../../src/index.ts";
import { counters, leavesNothing, settle } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";
import { poolThreads } from "../support/threads.ts";

leavesNothing();
const dir = temporaryFolder();
const N = 10_000;
const FILES = 50;
const at = (i: number) => join(dir, String(i % FILES));
for (let i = 0; i < FILES; i++) writeFileSync(at(i), i % 2 ? "odd and small" : "two and small");

/** Starts N operations before the first can be told to have ended; the most memory of C that was seen. */
async function atOnce(
  start: (i: number) => PromiseLike<boolean>,
): Promise<{ right: number; bytes: number; threads: number }> {
  const all = Array.from({ length: N }, (_, i) => start(i));
  const { bytes, threads } = counters();
  const answers = await Promise.all(all);
  return { right: answers.filter(Boolean).length, bytes, threads };
}

/** Each kind of operation, and whether its answer is right. */
const KINDS: Record<string, (i: number) => PromiseLike<boolean>> = {
  "pairs of files": (i) => compare(at(i), at(i + 1)).then(({ verdict }) => verdict === "different"),
  "pairs of files that are equal": (i) => compare(at(i), at(i + 2)).then(({ equal }) => equal),
  "pairs that are not there": (i) =>
    compare(at(i), join(dir, "none")).then(
      () => false,
      (error) => (error as SuiteError).code === "E_NOT_FOUND",
    ),
  "files and streams": (i) =>
    i % 500
      ? compare(at(i), at(i)).then(({ equal }) => equal)
      : compare(at(i), new Blob(["odd and small"])).then(({ equal }) => equal === (i % 2 === 1)),
  "many sources": (i) => compareMany([at(i), at(i + 1), at(i + 2)]).then(({ groups }) => groups.length === 2),
  "all sources": (i) => compareAll([at(i), at(i + 2), at(i + 4)]).then(({ allEqual }) => allEqual),
};

describe("C-34 ten thousand at once", () => {
  for (const [name, start] of Object.entries(KINDS)) {
    test(`${name}: the pool's threads, and no memory left`, async () => {
      await settle();
      // The first round makes what stays: the pool, its buffers, the pump.
      await start(0);
      await settle();
      const before = counters();
      const { right, bytes, threads } = await atOnce(start);
      expect(right).toBe(N);
      const jobs = Math.min(8, navigator.hardwareConcurrency);
      expect(threads).toBeLessThanOrEqual(jobs);
      expect(poolThreads().size).toBe(threads);
      // What one of them holds while it waits for its turn: a few kilobytes; a ring where records wait to be taken.
      expect((bytes - before.bytes) / N).toBeLessThan((name === "many sources" ? 72 : 16) << 10);
      await settle();
      // The buffers of the threads are for good: those of one piece for each.
      expect(counters().bytes - before.bytes).toBeLessThanOrEqual(jobs * (1 << 20));
    });
  }

  test("one thread is enough", async () => {
    configure({ jobs: 1 });
    try {
      const { right } = await atOnce(KINDS["pairs of files"]!);
      expect(right).toBe(N);
    } finally {
      configure({ jobs: undefined });
    }
  });

  test("again and again: the memory of C and of JavaScript stays flat", async () => {
    const start = KINDS["pairs of files"]!;
    const heap = () => {
      Bun.gc(true);
      return process.memoryUsage().heapUsed;
    };
    for (let i = 0; i < 2; i++) await atOnce(start);
    await settle();
    const [bytes, used] = [counters().bytes, heap()];
    for (let i = 0; i < 3; i++) await atOnce(start);
    await settle();
    expect(counters().bytes).toBe(bytes);
    // 30,000 operations: less than what 140 bytes of each would be.
    expect(heap() - used).toBeLessThan(4 << 20);
  });
});
