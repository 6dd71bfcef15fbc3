// The live objects of libcore in this process, and the check that a test file leaves none behind.
import { afterAll, expect } from "bun:test";
import { check } from "../../src/ffi/handle.ts";
import { COUNTERS_SIZE, decodeCounters, type Counters } from "../../src/ffi/layout.gen.ts";
import { core } from "../../src/ffi/load.ts";
import type { Symbols } from "../../src/ffi/symbols.gen.ts";

/** What is alive now. */
export function counters(): Counters {
  const bytes = new Uint8Array(COUNTERS_SIZE);
  check("counters", core().core_counters_get(bytes));
  return decodeCounters(new DataView(bytes.buffer));
}

/** What may not outlive its run. A pump and the pipe in it belong to their thread, and stay as long as it does. */
export function leftovers(pumps = 1) {
  const now = counters();
  const { runs, rings, feeds, tasks, transfers } = now;
  return {
    runs,
    rings,
    feeds,
    tasks,
    transfers,
    pumps: Math.max(0, now.pumps - pumps),
    descriptors: Math.max(0, now.descriptors - 2 * pumps),
  };
}

/** What {@link leftovers} says when all is well. */
export const NOTHING = { runs: 0, rings: 0, feeds: 0, tasks: 0, transfers: 0, pumps: 0, descriptors: 0 };

const LIMIT_MS = 20_000;

/** Waits until a condition holds; what it is called when it never does. */
export async function until(what: string, holds: () => boolean, pause: () => Promise<unknown> = () => Bun.sleep(1)) {
  const limit = Date.now() + LIMIT_MS;
  while (!holds()) {
    if (Date.now() > limit)
      throw new Error(`${what}: not so after ${LIMIT_MS / 1000} s; ${JSON.stringify(counters())}`);
    await pause();
  }
}

/** A collection, and the turn of the event loop in which its finalizers run. */
export async function collect(): Promise<void> {
  Bun.gc(true);
  await Bun.sleep(1);
}

/** Collects until nothing is left over, and fails with the counters if something stays. */
export async function settle(): Promise<void> {
  const isNothing = () => Bun.deepEquals(leftovers(), NOTHING);
  await until("nothing is left over", isNothing, collect).catch(() => {});
  expect(leftovers()).toEqual(NOTHING);
}

/** Called once in every test file that uses the library: after its last test no run, ring, feed or descriptor is left. */
export function leavesNothing(): void {
  afterAll(settle, 2 * LIMIT_MS);
}

/** Counts the calls of functions of libcore while it is in use; the functions themselves still run. */
export function countCalls<Name extends keyof Symbols>(...names: Name[]): Record<Name, number> & Disposable {
  const lib = core() as Record<keyof Symbols, (...args: unknown[]) => unknown>;
  const originals = names.map((name) => [name, lib[name]] as const);
  const calls = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  for (const [name, original] of originals) {
    lib[name] = (...args) => {
      calls[name]++;
      return original(...args);
    };
  }
  return Object.assign(calls, {
    [Symbol.dispose]: () => originals.forEach(([name, original]) => (lib[name] = original)),
  });
}
