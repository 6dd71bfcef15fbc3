// Several JavaScript threads over one library, and threads that are ended in the middle of their work.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { compare } from "../../src/index.ts";
import type { Job } from "../support/comparing-worker.ts";
import { counters, leavesNothing, leftovers, NOTHING, settle, until } from "../support/counters.ts";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";
import { isPoolBusy, openDescriptors } from "../support/threads.ts";

const dir = temporaryFolder();
const crowd = join(dir, "crowd");
const empty = join(dir, "empty");

beforeAll(() => {
  makeCrowd(crowd, 1000);
  makeTree(empty, {});
  makeTree(join(dir, "l"), { a: "1", b: "2", l: "3", same: "s" });
  makeTree(join(dir, "r"), { a: "1", b: "3", r: "4", same: "s" });
});

leavesNothing();

/** Starts a Worker on a job: it, and its first word. */
function start(job: Job): { worker: Worker; word: Promise<unknown> } {
  const worker = new Worker(join(import.meta.dir, "../support/comparing-worker.ts"));
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(job);
  return { worker, word: promise };
}

describe("C-40", () => {
  test("8 Workers at once make 1,000 comparisons each, with the right answers", async () => {
    const job: Job = { kind: "compare", left: join(dir, "l"), right: join(dir, "r"), count: 1000 };
    const workers = Array.from({ length: 8 }, () => start(job));
    // This thread compares too, meanwhile.
    for (let i = 0; i < 100; i++) expect((await compare(job.left, job.right)).counts.different).toBe(1);
    expect(await Promise.all(workers.map(({ word }) => word))).toEqual(Array.from({ length: 8 }, () => []));
    expect(counters().pumps).toBe(9);
    for (const { worker } of workers) await worker.terminate();
    await until("all pumps but one are gone", () => counters().pumps === 1);
  });
});

describe("a terminated Worker", () => {
  test("leaves nothing, whatever it was doing: 100 of them", async () => {
    await compare(empty, empty);
    await settle();
    const before = { descriptors: openDescriptors(), threads: counters().threads };
    const jobs: Job[] = [
      { kind: "iterate", left: crowd, right: empty, count: 5 },
      { kind: "feed", left: "", right: "", count: 5 },
      { kind: "memory", left: "", right: "", count: 3 },
      { kind: "sync", left: crowd, right: empty, count: 1 },
      { kind: "iterate", left: crowd, right: crowd, count: 1 },
    ];
    let most = 0;
    for (let round = 0; round < 10; round++) {
      const workers = Array.from({ length: 10 }, (_, i) => start(jobs[i % jobs.length] as Job));
      for (const { word } of workers) expect(await word).toBe("busy");
      most = Math.max(most, counters().runs);
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    }
    // They were in the middle of it.
    expect(most).toBeGreaterThanOrEqual(20);
    await until("all pumps but one are gone", () => counters().pumps === 1);
    await settle();
    expect(counters().threads).toBe(before.threads);
    expect(openDescriptors()).toBeLessThanOrEqual(before.descriptors);
    const { steps } = counters();
    expect(await isPoolBusy()).toBe(false);
    expect(counters().steps).toBe(steps);
    // And what remains still works.
    expect((await compare(crowd, empty)).counts.onlyLeft).toBe(1000);
  });

  test("that had done nothing native leaves nothing either", async () => {
    const worker = new Worker(`data:text/javascript,postMessage("up")`);
    await new Promise((resolve) => (worker.onmessage = resolve));
    await worker.terminate();
    expect(leftovers()).toEqual(NOTHING);
  });
});
