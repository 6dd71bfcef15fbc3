/**
 * Two files, with all that differs.
 * @module
 */
import { suiteError } from "../errors.ts";
import type { EntryRecord, RangeRecord } from "../records.gen.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import type { Source } from "../tree/source.ts";
import { comparePlan, refuseStreams, type SyncSource } from "./compare.ts";
import type { CompareOptions } from "./options.ts";
import { finishCompare, type PairResult } from "./result.ts";

/** Options of {@link compareRanges}. */
export interface CompareRangesOptions extends CompareOptions {
  /**
   * Give the bytes of both sides with each range; long ranges then come in pieces of 4096 bytes.
   * @default false
   */
  bytes?: boolean | undefined;
}

/**
 * Compares two files to their end, and gives a record for each range of
 * neighbouring bytes that differ, in order, then the entry if they differ.
 * What the longer file has behind the end of the shorter is no range; the
 * entry's reasons tell of it.
 *
 * @throws SuiteError as {@link compare}, and E_USAGE when the sides are directories
 * @example
 * ```ts
 * import { compareRanges, RangeRecord } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const run = compareRanges(bytes("one two three"), bytes("one TWO threE"));
 * for await (const record of run) {
 *   if (record instanceof RangeRecord) console.log(record.offset, record.length);
 * }
 * // 4 3
 * // 12 1
 * ```
 */
export function compareRanges(
  a: Source,
  b: Source,
  options: CompareRangesOptions = {},
): Run<RangeRecord | EntryRecord, PairResult> {
  return new Run(rangesPlan(a, b, options));
}

/**
 * As {@link compareRanges}, on the calling thread, which it blocks. The ranges
 * themselves are for the asynchronous function; this one counts their bytes.
 *
 * @example
 * ```ts
 * import { compareRangesSync } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * console.log(compareRangesSync(bytes("one two three"), bytes("one TWO threE")).differing); // 4
 * ```
 */
export function compareRangesSync(a: SyncSource, b: SyncSource, options: CompareRangesOptions = {}): PairResult {
  refuseStreams(a, b);
  return runSync(rangesPlan(a, b, options));
}

function rangesPlan(a: Source, b: Source, { bytes = false, ...options }: CompareRangesOptions): RunPlan<PairResult> {
  const ranges = bytes ? "bytes" : true;
  return comparePlan<PairResult>(
    a,
    b,
    { ...options, ranges },
    {
      finish: (run, failure, stopped, all) => {
        const result = finishCompare(run, failure, stopped, all);
        if (result.kind === "pair") return result;
        throw suiteError("E_USAGE", "compareRanges compares two files; use compare for trees", { op: "compare" });
      },
    },
  );
}
