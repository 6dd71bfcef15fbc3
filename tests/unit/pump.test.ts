// Many runs at once on one thread: nobody waits for a consumer, and nothing grows while one does not read.
import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, compareSync, type EntryRecord, type Run } from "../../src/index.ts";
import { symbols, type Symbols } from "../../src/ffi/symbols.gen.ts";
import { countCalls, counters, leavesNothing, settle, until } from "../support/counters.ts";
import { makeCrowd, makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { isPoolBusy, openDescriptors, poolThreads } from "../support/threads.ts";

const dir = temporaryFolder();
const CROWD = 800;
/** As many records of the crowd fit into a ring: each takes 88 bytes and its name of 97, up to the next eight. */
const RING = Math.floor((64 * 1024) / (Math.ceil((88 + 97) / 8) * 8));
const crowd = join(dir, "crowd");
const empty = join(dir, "empty");

beforeAll(() => {
  makeCrowd(crowd, CROWD);
  makeTree(empty, {});
});

leavesNothing();

const big = () => compare(crowd, empty);

const disposeAll = (runs: Run<EntryRecord, unknown>[]) => Promise.all(runs.map((run) => run[Symbol.asyncDispose]()));

/** Waits until the pool has run no step for a while. */
async function standstill(): Promise<number> {
  // Threads may wait for a processor longer than one look takes.
  for (let last = -1, same = 0; ; await Bun.sleep(20)) {
    const { steps } = counters();
    same = steps === last ? same + 1 : 0;
    if (same === 5) return steps;
    last = steps;
  }
}

describe("runs that nobody reads", () => {
  test("1,000 stand still while another one finishes", async () => {
    await settle();
    const runs = Array.from({ length: 1000 }, big);
    await until("all rings are full", () => runs.every((r) => r.progress.entries >= RING));
    await standstill();
    expect(counters()).toMatchObject({ runs: 1000, rings: 1000, feeds: 0 });
    const entries = runs.map((run) => run.progress.entries);
    expect(Math.max(...entries)).toBe(RING);

    const rss = process.memoryUsage.rss();
    const { bytes } = counters();
    expect((await compare(crowd, empty)).counts.onlyLeft).toBe(CROWD);
    const seen: string[] = [];
    for await (const entry of compare(crowd, empty)) seen.push(entry.path);
    expect(seen).toHaveLength(CROWD);
    expect(compareSync(crowd, crowd).verdict).toBe("equal");

    await standstill();
    // None of the 1,000 went on, and the three others have given everything back.
    expect(runs.map((run) => run.progress.entries)).toEqual(entries);
    expect(counters()).toMatchObject({ runs: 1000, rings: 1000, bytes });
    expect(process.memoryUsage.rss() - rss).toBeLessThan(64 << 20);

    // Any of them still gives everything.
    expect((await (runs[500] as Run<EntryRecord, { counts: unknown }>)).counts).toMatchObject({ onlyLeft: CROWD });
    await disposeAll(runs);
  });

  test("while they stand still no thread works and nothing is read", async () => {
    const runs = Array.from({ length: 20 }, big);
    await until("all rings are full", () => runs.every((r) => r.progress.entries >= RING));
    const steps = await standstill();
    const rss = process.memoryUsage.rss();
    expect(await isPoolBusy()).toBe(false);
    expect(counters().steps).toBe(steps);
    expect(process.memoryUsage.rss() - rss).toBeLessThan(8 << 20);
    await disposeAll(runs);
  });

  test("are collected when they are dropped, with all they hold", async () => {
    await settle();
    const before = openDescriptors();
    for (let i = 0; i < 50; i++) big();
    await until("all rings are there", () => counters().rings === 50);
    expect(openDescriptors()).toBeGreaterThanOrEqual(before + 50);
    await settle();
    // The pump keeps its two, and the event loop may have taken one more to watch them.
    expect(openDescriptors()).toBeLessThanOrEqual(before + 1);
  });

  test("an ended one with records unread is collected too", async () => {
    writeFileSync(join(dir, "one"), "1");
    writeFileSync(join(dir, "two"), "2");
    for (let i = 0; i < 50; i++) compare(join(dir, "one"), join(dir, "two"));
    await settle();
  });
});

describe("a consumer that stops", () => {
  test("stops the producer: what was made is a ring and a batch at most", async () => {
    const run = big();
    const iterator = run[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i++) await iterator.next();
    const steps = await standstill();
    expect(run.progress.entries).toBeLessThanOrEqual(3 * RING);
    await Bun.sleep(50);
    expect(counters().steps).toBe(steps);

    let rest = 0;
    while (!(await iterator.next()).done) rest++;
    expect(rest).toBe(CROWD - 10);
    expect((await run).counts.onlyLeft).toBe(CROWD);
  });

  test("a slow one gets everything", async () => {
    const paths: string[] = [];
    for await (const entry of big()) {
      paths.push(entry.path);
      if (paths.length % 100 === 0) await Bun.sleep(2);
    }
    expect(paths).toHaveLength(CROWD);
    expect(paths).toEqual(paths.toSorted());
  });

  test("a stream whose other side does not come is read no further than the feed is large", async () => {
    let made = 0;
    const chunk = new Uint8Array(64 << 10);
    const fast = new ReadableStream<Uint8Array>({
      pull: (c) => {
        made += chunk.length;
        c.enqueue(chunk.slice());
      },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = new ReadableStream<Uint8Array>({ start: (c) => promise.then(() => (c.enqueue(chunk), c.close())) });
    const run = compare(fast, late);
    await until("the feed is full", () => made >= 1 << 20);
    await standstill();
    // The feed holds 1 MiB, the reader a chunk of 256 KiB, the stream and its writer one of 64 KiB each.
    expect(made).toBeLessThanOrEqual((1 << 20) + (256 << 10) + (3 << 16));
    resolve();
    expect(await run).toMatchObject({ verdict: "different", size: [null, chunk.length] });
  });
});

describe("the thread of the caller", () => {
  test("C-05 works on while a large pair is compared: the number of calls does not grow with the bytes", async () => {
    const bytes = noise(128 << 20);
    writeFileSync(join(dir, "large-a"), bytes);
    writeFileSync(join(dir, "large-b"), bytes);
    writeFileSync(join(dir, "small-a"), bytes.subarray(0, 100));
    writeFileSync(join(dir, "small-b"), bytes.subarray(0, 100));

    const names = Object.keys(symbols) as (keyof Symbols)[];
    /** Calls that a comparison makes, and the turns of the event loop while it was between its ends. */
    const measure = async (name: string) => {
      using calls = countCalls(...names);
      const run = compare(join(dir, `${name}-a`), join(dir, `${name}-b`), { quickCheck: false });
      const all = { ...calls };
      let turns = 0;
      let open = true;
      const result = run.finally(() => (open = false));
      while (open) {
        await new Promise((resolve) => setImmediate(resolve));
        turns++;
      }
      expect((await result).verdict).toBe("equal");
      for (const key of names) all[key] = calls[key];
      return { calls: Object.values(all).reduce((sum, n) => sum + n, 0), turns };
    };
    await measure("small");
    const small = await measure("small");
    const large = await measure("large");
    expect(small.calls).toBeGreaterThan(0);
    // Of 2,048 reads.
    expect(large.calls).toBeLessThan(small.calls + 30);
    // 256 MiB take milliseconds to read at the least, a turn of the loop microseconds.
    expect(large.turns).toBeGreaterThan(20);
  });

  test("10,000 small pairs at once use the pool's threads and no more", async () => {
    const a = new Uint8Array([1, 2, 3]);
    const b = new Uint8Array([1, 2, 4]);
    const runs = Array.from({ length: 10_000 }, (_, i) => compare(a, i % 2 ? a : b));
    const threads = poolThreads().size;
    const results = await Promise.all(runs);
    expect(results.filter((r) => r.verdict === "equal")).toHaveLength(5000);
    expect(results.filter((r) => r.kind === "pair" && r.offset === 2)).toHaveLength(5000);
    expect(threads).toBe(counters().threads);
    expect(threads).toBeLessThanOrEqual(Math.min(8, navigator.hardwareConcurrency));
    expect(poolThreads().size).toBe(threads);
  });

  test("runs leave no memory behind in C", async () => {
    await settle();
    const round = async () => {
      await Promise.all(Array.from({ length: 100 }, () => compare(crowd, empty, { stopAtFirst: true })));
      for await (const _ of big());
      await settle();
      return counters().bytes;
    };
    const first = await round();
    for (let i = 0; i < 3; i++) {
      await round();
      // The thread that had it last gives back the memory of a run when it is no longer counted.
      await until("no more memory is in use than before", () => counters().bytes <= first);
    }
  });
});
