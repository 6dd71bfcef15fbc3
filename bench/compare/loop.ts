// C-05: how long the thread that asks for a comparison is kept from other work.
import { makePair } from "../lib/corpus.ts";
import type { Bar } from "./bars.ts";
import { Hosts } from "./contenders.ts";

const MIB = 1024 ** 2;
const LIMIT_MS = 20;

/** The longest gap of a timer of 1 ms in a warm process while it compares a large pair. */
export async function measureLoop(cache: string, runs: number, quick: boolean): Promise<Bar> {
  await using hosts = new Hosts();
  const { left, right } = makePair(cache, quick ? "quick-pair-1g" : "pair-1g", quick ? 16 * MIB : 1024 * MIB);
  const host = hosts.get("loop");
  const gaps: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const { longestGapNs = Number.NaN } = await host.run({ task: "suite compare, watched", left, right, times: 1 });
    // The first one loads what the others find.
    if (run > 0) gaps.push(longestGapNs / 1e6);
  }
  gaps.sort((a, b) => a - b);
  const value = gaps[gaps.length >> 1] ?? Number.NaN;
  const what = `longest gap of a timer of 1 ms, ${quick ? "16 MiB" : "1 GiB"} pair, API`;
  return { id: "C-05", what, limit: LIMIT_MS, to: "ms", value, fastest: gaps[0] ?? value, met: value <= LIMIT_MS };
}
