/**
 * How far a comparison is, and the exit code it comes to.
 * @module
 */
import type { PairResult, RunProgress, SuiteError, TreeSummary } from "../../src/index.ts";
import { Exit } from "../kit/exit.ts";
import type { Step } from "../kit/progress-line.ts";

/** How far a run is, as the line of progress takes it. */
export function stepOf({ bytesRead, bytesAvoided, bytesTotal, totalKnown, entries, entriesTotal }: RunProgress): Step {
  return { bytes: bytesRead + bytesAvoided, total: totalKnown ? bytesTotal : 0, entries, entriesTotal };
}

/** The exit code a comparison comes to; the strongest reason wins. */
export function exitCode(
  result: PairResult | TreeSummary | undefined,
  error: SuiteError | undefined,
  quiet: boolean,
): number {
  const differs = result?.verdict === "different";
  if (result?.kind === "tree" && result.broken > 0) return Exit.VERIFICATION;
  if (quiet && differs) return Exit.DIFFERENT;
  if (error) return differs && result?.kind === "pair" ? Exit.DIFFERENT : error.exitCode;
  if (result && result.counts.unknown > 0) return Exit.PARTIAL;
  return differs ? Exit.DIFFERENT : Exit.OK;
}
