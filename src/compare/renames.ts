/**
 * Two trees, with the files that were moved.
 * @module
 */
import { suiteError, type SuiteError } from "../errors.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { RenameRecord, type AnyRecord, type EntryRecord } from "../records.gen.ts";
import { Run, runSync } from "../run.ts";
import type { Source, TreeSource } from "../tree/source.ts";
import { comparePlan, refuseStreams, type SyncSource } from "./compare.ts";
import type { CompareOptions } from "./options.ts";
import { finishCompare, type PairResult, type TreeSummary } from "./result.ts";

/** Options of {@link compareRenames}. `collapse`, `oneWay` and `prove: "bytes"` are refused. */
export interface CompareRenamesOptions extends CompareOptions {
  /**
   * Files on one side only that are looked at, in the order of their paths; each costs 128 bytes of memory and its path.
   * @default 400000
   */
  renameLimit?: number | undefined;
  /**
   * Renames kept in the list of the result.
   * @default 100000
   */
  collect?: number | undefined;
}

/** A file that has one path on the left and another on the right. */
export interface Rename {
  from: string;
  to: string;
  /** Bytes of the file. */
  size: number;
}

/** Two trees compared, with the files that were moved. */
export interface RenamesResult extends TreeSummary {
  /** In the order of the left paths. */
  renames: Rename[];
  /** The list is not complete: `collect` was reached. `renamed` is exact. */
  truncated: boolean;
}

const DEFAULT_COLLECT = 100_000;

/** Gathers records into the list. */
class Collector {
  readonly renames: Rename[] = [];
  truncated = false;
  readonly #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  add(record: AnyRecord): void {
    if (!(record instanceof RenameRecord)) return;
    if (this.renames.length >= this.#room) this.truncated = true;
    else this.renames.push({ from: record.from, to: record.to, size: record.size });
  }

  finish(run: NativeRun, failure: SuiteError | undefined, stopped: boolean, options: CompareOptions): PairResult | RenamesResult {
    const result = finishCompare(run, failure, stopped, options);
    return result.kind === "pair" ? result : { ...result, renames: this.renames, truncated: this.truncated };
  }
}

function renamesPlan(a: Source | TreeSource, b: Source | TreeSource, { collect = DEFAULT_COLLECT, ...options }: CompareRenamesOptions) {
  if (!Number.isInteger(collect) || collect < 0) {
    throw suiteError("E_USAGE", `collect is a whole number from 0, not ${collect}`, { op: "compare" });
  }
  const list = new Collector(collect);
  return comparePlan<PairResult | RenamesResult>(a, b, { ...options, renames: true }, {
    collect: (record) => list.add(record),
    finish: (run, failure, stopped, all) => list.finish(run, failure, stopped, all),
  });
}

/**
 * Compares two trees as {@link compare} does, and finds files that are on one
 * side only and have the content of one that is on the other side only: behind
 * all entries comes a record for each such pair, in the order of the left
 * paths. Both stay entries of their own, so that the verdict is the same.
 *
 * That the contents are one is proven by size and BLAKE3 digest. Each file is
 * in one pair at most. Where several have one content, those whose last part
 * of the path is the same go together first, then the others in the order of
 * their paths; `candidates` says how many there are. Empty files are left out.
 *
 * @throws SuiteError as {@link compare}, and E_USAGE with `collapse`, `oneWay` or `prove: "bytes"`
 * @example
 * ```ts
 * import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
 * import { compareRenames, RenameRecord } from "suite";
 *
 * const dir = await mkdtemp("/tmp/renames-");
 * await Promise.all(["a", "b"].map((side) => mkdir(`${dir}/${side}`)));
 * await writeFile(`${dir}/a/draft.txt`, "the same words");
 * await writeFile(`${dir}/b/final.txt`, "the same words");
 * for await (const record of compareRenames(`${dir}/a`, `${dir}/b`)) {
 *   if (record instanceof RenameRecord) console.log(record.from, record.to); // draft.txt final.txt
 * }
 * ```
 */
export function compareRenames(
  a: Source | TreeSource,
  b: Source | TreeSource,
  options: CompareRenamesOptions = {},
): Run<EntryRecord | RenameRecord, PairResult | RenamesResult> {
  return new Run(renamesPlan(a, b, options));
}

/**
 * As {@link compareRenames}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareRenamesSync } from "suite";
 *
 * const result = compareRenamesSync("src", "src");
 * if (result.kind === "tree") console.log(result.renames.length); // 0
 * ```
 */
export function compareRenamesSync(
  a: SyncSource | TreeSource,
  b: SyncSource | TreeSource,
  options: CompareRenamesOptions = {},
): PairResult | RenamesResult {
  refuseStreams(a, b);
  return runSync(renamesPlan(a, b, options));
}
