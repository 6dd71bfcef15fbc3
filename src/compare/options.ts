/**
 * How to compare.
 * @module
 */
import { suiteError } from "../errors.ts";
import { CoreCompareFlag, encodeCompareOpts } from "../ffi/layout.gen.ts";
import type { FilterOptions } from "../filter/filter.ts";
import type { LogRecord } from "../records.gen.ts";

/** Options of all comparisons. */
export interface CompareOptions extends FilterOptions {
  /**
   * Find the first byte that differs, and its line. Without it a difference
   * may be proven by the sizes or by a sample, which is faster. Pairs only.
   * @default false
   */
  locate?: boolean | undefined;
  /**
   * Stop at the first proven difference.
   * @default false
   */
  stopAtFirst?: boolean | undefined;
  /**
   * Give records of equal entries too.
   * @default false
   */
  allEntries?: boolean | undefined;
  /**
   * Give one record for a one-sided directory, with the number of names below it, instead of one for each name.
   * @default false
   */
  collapse?: boolean | undefined;
  /**
   * Take two files of different sizes as different without reading them.
   * @default true
   */
  sizePrecheck?: boolean | undefined;
  /**
   * Look at a few places of a large file before all of it is read. Proves differences only.
   * @default true
   */
  quickCheck?: boolean | undefined;
  /**
   * Bytes read at a time, 4096 to 4 MiB.
   * @default 262144
   */
  chunkSize?: number | undefined;
  /**
   * Threads at most; 0 is as many as there are processors, up to 8.
   * @default 0
   */
  jobs?: number | undefined;
  /** Cancels the comparison when it fires. */
  signal?: AbortSignal | undefined;
  /** Is told what is worth knowing but no result. */
  log?: ((record: LogRecord) => void) | undefined;
}

function integer(value: number | undefined, name: string, min: number, max: number): number {
  if (value === undefined) return 0;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw suiteError("E_USAGE", `${name} is a whole number from ${min} to ${max}, not ${String(value)}`, {
    op: "compare",
  });
}

/**
 * The options as libcore takes them.
 *
 * @param filter the compiled rules' address
 * @throws SuiteError E_USAGE for a value out of range
 */
export function encodeOptions(options: CompareOptions, filter: number | undefined): Uint8Array {
  const f = CoreCompareFlag;
  const flags =
    (options.locate ? f.LOCATE : 0) |
    (options.stopAtFirst ? f.FIRST : 0) |
    (options.allEntries ? f.ALL_ENTRIES : 0) |
    (options.collapse ? f.COLLAPSE : 0) |
    (options.sizePrecheck === false ? f.NO_SIZE_PRECHECK : 0) |
    (options.quickCheck === false ? f.NO_QUICK_CHECK : 0) |
    (options.log ? f.LOG : 0);
  return encodeCompareOpts({
    flags,
    jobs: integer(options.jobs, "jobs", 0, 1_000_000),
    filter: filter ?? 0,
    chunkBytes: integer(options.chunkSize, "chunkSize", 4096, 4 * 1024 * 1024),
  });
}
