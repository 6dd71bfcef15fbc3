/**
 * Two files, with all that differs.
 * @module
 */
import { suiteError, type SuiteError } from "../errors.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { RangeRecord, type AnyRecord, type EntryRecord } from "../records.gen.ts";
import { Run, runSync } from "../run.ts";
import type { Source, TreeSource } from "../tree/source.ts";
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
  /**
   * Ranges kept in the list of the result.
   * @default 100000
   */
  collect?: number | undefined;
}

/** Neighbouring bytes that differ: where, counted from 0, and how many. */
export interface ByteRange {
  offset: number;
  length: number;
  /** What stands there on each side, with `bytes`. */
  leftBytes?: Uint8Array;
  rightBytes?: Uint8Array;
}

/** Two files compared, with the ranges that differ. */
export interface RangesResult extends PairResult {
  /** In order. */
  ranges: ByteRange[];
  /** The list is not complete: `collect` was reached. `differing` is exact. */
  truncated: boolean;
}

const DEFAULT_COLLECT = 100_000;

/** Gathers records into the list. */
class Collector {
  readonly ranges: ByteRange[] = [];
  truncated = false;
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  add(record: AnyRecord): void {
    if (!(record instanceof RangeRecord)) return;
    if (this.ranges.length >= this.#room) {
      this.truncated = true;
      return;
    }
    const { offset, length, leftBytes, rightBytes } = record;
    // Copies: the record would keep the whole batch that it came in.
    this.ranges.push({ offset, length, ...(leftBytes && rightBytes && { leftBytes: leftBytes.slice(), rightBytes: rightBytes.slice() }) });
  }

  finish(run: NativeRun, failure: SuiteError | undefined, stopped: boolean, options: CompareOptions): RangesResult {
    const result = finishCompare(run, failure, stopped, options);
    if (result.kind === "pair") return { ...result, ranges: this.ranges, truncated: this.truncated };
    throw suiteError("E_USAGE", "compareRanges compares two files; use compare for trees", { op: "compare" });
  }
}

function rangesPlan(a: Source | TreeSource, b: Source | TreeSource, { bytes = false, collect = DEFAULT_COLLECT, ...options }: CompareRangesOptions) {
  if (!Number.isInteger(collect) || collect < 0) {
    throw suiteError("E_USAGE", `collect is a whole number from 0, not ${collect}`, { op: "compare" });
  }
  const list = new Collector(collect);
  return comparePlan<RangesResult>(a, b, { ...options, ranges: bytes ? "bytes" : true }, {
    collect: (record) => list.add(record),
    finish: (run, failure, stopped, all) => list.finish(run, failure, stopped, all),
  });
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
  a: Source | TreeSource,
  b: Source | TreeSource,
  options: CompareRangesOptions = {},
): Run<RangeRecord | EntryRecord, RangesResult> {
  return new Run(rangesPlan(a, b, options));
}

/**
 * As {@link compareRanges}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareRangesSync } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const { ranges } = compareRangesSync(bytes("abcd"), bytes("aXXd"));
 * for (const { offset, length } of ranges) console.log(offset, length); // 1 2
 * ```
 */
export function compareRangesSync(
  a: SyncSource | TreeSource,
  b: SyncSource | TreeSource,
  options: CompareRangesOptions = {},
): RangesResult {
  refuseStreams(a, b);
  return runSync(rangesPlan(a, b, options));
}
