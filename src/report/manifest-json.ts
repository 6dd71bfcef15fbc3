/**
 * The summary line of `--write-manifest --json`.
 * @module
 */
import type { ManifestResult } from "../compare/manifest.ts";
import type { SuiteError } from "../errors.ts";

/** `{"v":1,"type":"summary",…}`: the last line. docs/records.md describes it. */
export function manifestSummaryJson(result: ManifestResult | undefined, exit: number, error: SuiteError | undefined): object {
  return {
    v: 1,
    type: "summary",
    exit,
    entries: result?.entries ?? 0,
    files: result?.files ?? 0,
    unknown: result?.unknown ?? 0,
    reused: result?.reused ?? 0,
    bytes_read: result?.bytesRead ?? 0,
    bytes_avoided: result?.bytesAvoided ?? 0,
    elapsed_ms: result?.elapsedMs ?? 0,
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}
