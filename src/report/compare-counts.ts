/**
 * The outcome of a comparison in one line of numbers, for people who have watched it.
 * @module
 */
import type { PairResult, TreeSummary } from "../compare/result.ts";
import { roundSize } from "../units/size.ts";

const count = (n: number) => n.toLocaleString("en-US");

/** Equal, in words: with how much that was. */
function same(result: PairResult | TreeSummary): string {
  if (result.kind === "pair") return result.size[0] === null ? "the same" : `the same: ${roundSize(result.size[0])}`;
  const { equal } = result.counts;
  return `the same: ${count(equal)} ${equal === 1 ? "entry" : "entries"}`;
}

/**
 * How many names of a tree have which outcome, and how much was the same.
 *
 * @param partial the comparison did not come to its end
 * @param limit entries shown at most
 * @returns undefined for two files that are not the same, of which the line about them says all there is
 */
export function countsLine(result: PairResult | TreeSummary | undefined, partial: boolean, limit?: number): string | undefined {
  if (!result) return undefined;
  if (result.verdict === "equal" && !partial) return same(result);
  if (result.kind === "pair") return undefined;
  const { equal, different, onlyLeft, onlyRight, unknown } = result.counts;
  const parts = [
    [different, "different"],
    [onlyLeft, "only in A"],
    [onlyRight, "only in B"],
    [unknown, "undecided"],
    [equal, "the same"],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} ${what}`);
  const entries = different + onlyLeft + onlyRight + unknown;
  const shown = limit !== undefined && limit < entries ? ` (the first ${count(limit)} shown)` : "";
  return `${partial ? "stopped; so far " : ""}${told.length > 0 ? told.join(", ") : "nothing was compared"}${shown}`;
}
