/**
 * What `suite find --json` ends with.
 * @module
 */
import type { FindResult } from "../find/find.ts";

/** The summary line. */
export function findSummaryJson(result: FindResult, exit: number): object {
  return {
    v: 1,
    type: "summary",
    exit,
    entries: result.entries,
    matches: result.results,
    skipped: result.skipped,
    errors: result.errorCount,
    truncated: result.truncated,
    elapsed_ms: Math.round(result.elapsedMs * 1000) / 1000,
  };
}
