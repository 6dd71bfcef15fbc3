/**
 * The summary line of `--json`.
 * @module
 */
import type { PairResult, TreeSummary } from "../compare/result.ts";
import type { SuiteError } from "../errors.ts";

/** `{"v":1,"type":"summary",…}`: the last line. docs/records.md describes it. */
export interface SummaryJson {
  v: 1;
  type: "summary";
  verdict: string;
  exit: number;
  equal: number;
  different: number;
  only_left: number;
  only_right: number;
  unknown: number;
  bytes_read: number;
  bytes_avoided: number;
  proofs: Record<string, number>;
  compared: readonly string[];
  /** Pairs of names of one content, where they were looked for, and one-sided files that were not looked at. */
  renamed?: number;
  renames_skipped?: number;
  elapsed_ms: number;
  /** Entries that are not as a manifest promises; left out where there are none. */
  broken?: number;
  /** Of many sources: how many groups there are. */
  groups?: number;
  /** Of many sources: two that differ. */
  difference?: object;
  error?: { code: string; message: string };
}

/**
 * The summary of a comparison that came to `result`, or to nothing but `error`.
 */
export function summaryJson(
  result: PairResult | TreeSummary | undefined,
  exit: number,
  error: SuiteError | undefined,
): SummaryJson {
  const counts = result?.counts;
  return {
    v: 1,
    type: "summary",
    verdict: result?.verdict ?? "unknown",
    exit,
    equal: counts?.equal ?? 0,
    different: counts?.different ?? 0,
    only_left: counts?.onlyLeft ?? 0,
    only_right: counts?.onlyRight ?? 0,
    unknown: counts?.unknown ?? 0,
    bytes_read: result?.bytesRead ?? 0,
    bytes_avoided: result?.bytesAvoided ?? 0,
    proofs: result?.proofs ?? {},
    compared: result?.compared ?? ["content"],
    ...(result?.kind === "tree" &&
      result.renamed !== undefined && { renamed: result.renamed, renames_skipped: result.renamesSkipped ?? 0 }),
    elapsed_ms: result?.elapsedMs ?? 0,
    ...(result?.kind === "tree" && result.broken > 0 && { broken: result.broken }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
