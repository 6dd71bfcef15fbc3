// How fast this machine can compare at all: what the numbers of files are to be held against.
import { availableParallelism } from "node:os";
import { closeSync, openSync, readSync } from "node:fs";
import { median } from "./stats.ts";

/** Rates in bytes of one side a second. */
export interface Ceiling {
  /** memcmp over two blocks that are far larger than the caches, one thread. */
  readonly memoryOne: number;
  /** The same on all cores at once, together. */
  readonly memoryAll: number;
  /** memcmp over two blocks that fit the second-level cache, one thread. */
  readonly cache: number;
  /** read(2) of two files in the page cache into one buffer of 256 KiB, one thread: what copying alone costs. */
  readonly readOne?: number;
  readonly threads: number;
}

const BLOCK = 256 << 20;
const SMALL = 256 << 10;
const ROUNDS = 5;

/** Compares blocks of `size` bytes `times` times: the median rate of the rounds. */
export function compareRate(size: number, times: number): number {
  const a = Buffer.alloc(size, 1);
  const b = Buffer.alloc(size, 1);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = Bun.nanoseconds();
    for (let i = 0; i < times; i++) {
      if (!a.equals(b)) throw new Error("memory is not what it was");
    }
    rates.push((size * times) / ((Bun.nanoseconds() - start) / 1e9));
  }
  return median(rates);
}

function readRate(left: string, right: string): number {
  const buffer = Buffer.alloc(SMALL);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const files = [openSync(left, "r"), openSync(right, "r")];
    const start = Bun.nanoseconds();
    let total = 0;
    for (let got = 1; got > 0;) {
      got = 0;
      for (const file of files) got += readSync(file, buffer, 0, SMALL, null);
      total += got;
    }
    rates.push(total / 2 / ((Bun.nanoseconds() - start) / 1e9));
    files.forEach(closeSync);
  }
  return median(rates);
}

async function together(threads: number): Promise<number> {
  const source = new URL("./ceiling-worker.ts", import.meta.url).href;
  const workers = Array.from({ length: threads }, () => new Worker(source));
  const rates = workers.map((worker) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    worker.addEventListener("message", ({ data }: MessageEvent<number>) => resolve(data));
    return promise;
  });
  for (const worker of workers) worker.postMessage(BLOCK / threads);
  const sum = (await Promise.all(rates)).reduce((a, b) => a + b, 0);
  for (const worker of workers) worker.terminate();
  return sum;
}

/** Measures the ceiling; the files are a large pair in the page cache, if there is one. */
export async function measureCeiling(pair?: { left: string; right: string }): Promise<Ceiling> {
  const threads = availableParallelism();
  return {
    memoryOne: compareRate(BLOCK, 1),
    memoryAll: await together(threads),
    cache: compareRate(SMALL, 1000),
    ...(pair && { readOne: readRate(pair.left, pair.right) }),
    threads,
  };
}
