// The garbage collector at work all the time: what C still uses is not taken away, and what nobody uses is.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { compare, compareDir, compareSync, pathSource, type EntryRecord } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeCrowd, makeTree, noise, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const crowd = join(dir, "crowd");
const empty = join(dir, "empty");
let collections = 0;
let timer: Timer;

beforeAll(() => {
  makeCrowd(crowd, 1000);
  makeTree(empty, {});
  timer = setInterval(() => {
    Bun.gc(true);
    collections++;
  }, 1);
});

afterAll(() => {
  clearInterval(timer);
  expect(collections).toBeGreaterThan(50);
});

leavesNothing();

/** A stream that gives one byte at a time, each in a turn of its own. */
function slow(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      if (at === bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, ++at));
    },
  });
}

/** Makes garbage of the size that small views live in, so that freed memory is used again. */
function churn(): void {
  for (let i = 0; i < 2000; i++) new Uint8Array(16 + (i % 64)).fill(0xee);
}

describe("with collections forced throughout", () => {
  test("bytes that only the run holds stay", async () => {
    for (let i = 0; i < 8; i++) {
      const text = noise(20, i + 1);
      // Both copies are referred to by nothing here.
      const run = compare(slow(text), new Uint8Array(text));
      Bun.gc(true);
      churn();
      expect((await run).verdict).toBe("equal");
    }
  });

  test("a small view that moves while it is read is read right", async () => {
    for (let i = 0; i < 8; i++) {
      const text = noise(20, i + 1);
      const view = new Uint8Array(text);
      const run = compare(view, slow(text));
      await new Promise((resolve) => setImmediate(resolve));
      // Asking a small view for its buffer gives it a new place.
      expect(view.buffer.byteLength).toBe(20);
      Bun.gc(true);
      churn();
      expect((await run).verdict).toBe("equal");
    }
  });

  test("a path of bytes is copied, and may change at once", async () => {
    const path = new TextEncoder().encode(crowd);
    const run = compare(pathSource(path), empty);
    path.fill(0);
    expect((await run).counts.onlyLeft).toBe(1000);
  });

  test("runs that only their iterator holds go on", async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, async () => {
        let count = 0;
        for await (const _ of compare(crowd, empty)) if (++count % 300 === 0) await Bun.sleep(1);
        return count;
      }),
    );
    expect(new Set(all)).toEqual(new Set([1000]));
  });

  test("runs that only their promise holds go on", async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, () => compare(crowd, empty).then((r) => r.counts.onlyLeft)),
    );
    expect(new Set(results)).toEqual(new Set([1000]));
  });

  test("records outlive their run, and are decoded late", async () => {
    const kept: EntryRecord[] = [];
    for await (const entry of compare(crowd, empty)) if (kept.length < 500) kept.push(entry);
    Bun.gc(true);
    churn();
    expect(kept.map((entry) => Number(entry.path.slice(0, 6)))).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(new Set(kept.map((entry) => entry.status))).toEqual(new Set(["only_left"]));
  });

  test("streams and Blobs give all their bytes", async () => {
    const bytes = noise(3 << 20);
    for (let i = 0; i < 5; i++) {
      expect((await compare(new Blob([bytes]), new Blob([bytes]).stream())).verdict).toBe("equal");
    }
  });

  test("runs dropped at every stage are swept", async () => {
    for (let i = 0; i < 200; i++) {
      const run = compare(crowd, empty);
      if (i % 4 === 1) void run[Symbol.asyncIterator]().next();
      else if (i % 4 === 2) run.cancel();
      else if (i % 4 === 3) void run.catch(() => {});
      if (i % 20 === 0) await Bun.sleep(1);
    }
  });

  test("synchronous calls are not disturbed", async () => {
    for (let i = 0; i < 50; i++) {
      expect(compareSync(noise(64, i + 1), noise(64, i + 1)).verdict).toBe("equal");
      expect((await compareDir(crowd, empty, { collect: 10 })).onlyLeft).toHaveLength(10);
    }
  });
});
