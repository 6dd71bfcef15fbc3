/**
 * Two directories, with the outcome as lists.
 * @module
 */
import { suiteError, type ErrorCode, type SuiteError } from "../errors.ts";
import type { Reason, Verdict } from "../ffi/layout.gen.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { EntryRecord, type AnyRecord } from "../records.gen.ts";
import { Run, runSync } from "../run.ts";
import type { PathSource, Source, TreeSource } from "../tree/source.ts";
import { comparePlan, refuseStreams } from "./compare.ts";
import type { CompareOptions } from "./options.ts";
import { finishCompare, type TreeSummary } from "./result.ts";

/** Why two entries of the same name are not proven equal. */
export type DiffReason = Reason;

/** Options of {@link compareDir}. */
export interface CompareDirOptions extends CompareOptions {
  /**
   * Paths kept in the lists of the result, all lists together.
   * @default 100000
   */
  collect?: number | undefined;
}

/** Two directories compared. Lists hold paths below the roots, in bytewise order. */
export interface DirResult {
  equal: boolean;
  verdict: Verdict;
  /** Paths on both sides that differ, with the reason. */
  diff: Record<string, DiffReason>;
  onlyLeft: string[];
  onlyRight: string[];
  /** Paths that could not be decided, with the reason. */
  errors: Record<string, { code: ErrorCode; message: string }>;
  /** The lists are not complete: `collect` was reached. The counts in `stats` are exact. */
  truncated: boolean;
  stats: Omit<TreeSummary, "kind" | "verdict" | "equal">;
}

const DEFAULT_COLLECT = 100_000;
const WHAT = "compareDir compares two directories";

/** Gathers records into the lists. */
class Collector {
  readonly diff = Object.create(null) as DirResult["diff"];
  readonly onlyLeft: string[] = [];
  readonly onlyRight: string[] = [];
  readonly errors = Object.create(null) as DirResult["errors"];
  truncated = false;
  #room: number;

  constructor(room: number) {
    this.#room = room;
  }

  add(record: AnyRecord): void {
    if (!(record instanceof EntryRecord) || record.status === "equal") return;
    if (this.#room-- <= 0) {
      this.truncated = true;
      return;
    }
    const { path, status, error } = record;
    if (status === "only_left") this.onlyLeft.push(path);
    else if (status === "only_right") this.onlyRight.push(path);
    else if (status === "different") this.diff[path] = record.reasons[0] ?? "content_mismatch";
    else this.errors[path] = { code: error?.code ?? "E_READ", message: error?.message ?? "" };
  }

  finish(
    run: NativeRun,
    failure: SuiteError | undefined,
    stopped: boolean,
    options: CompareOptions,
    what: string,
  ): DirResult {
    const result = finishCompare(run, failure, stopped, options);
    if (result.kind !== "tree") {
      throw suiteError("E_USAGE", `${what}; use compare for files`, { op: "compare" });
    }
    const { kind: _, verdict, equal, ...stats } = result;
    const { diff, onlyLeft, onlyRight, errors, truncated } = this;
    return { equal, verdict, diff, onlyLeft, onlyRight, errors, truncated, stats };
  }
}

/**
 * A comparison whose result is lists of paths.
 *
 * @param what said when the sides turn out to be no trees
 */
export function dirPlan(a: Source, b: Source | TreeSource, options: CompareDirOptions, what: string) {
  const { collect = DEFAULT_COLLECT, ...rest } = options;
  if (!Number.isInteger(collect) || collect < 0) {
    throw suiteError("E_USAGE", `collect is a whole number from 0, not ${collect}`, { op: "compare" });
  }
  const lists = new Collector(collect);
  return comparePlan<DirResult>(a, b, rest, {
    collect: (record) => lists.add(record),
    finish: (run, failure, stopped, all) => lists.finish(run, failure, stopped, all, what),
  });
}

/**
 * Compares two directories and lists what differs.
 *
 * @throws SuiteError as {@link compare}, and E_USAGE when a side is no directory
 * @example
 * ```ts
 * import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
 * import { compareDir } from "suite";
 *
 * const dir = await mkdtemp("/tmp/dirs-");
 * await Promise.all(["a", "b"].map((side) => mkdir(`${dir}/${side}`)));
 * await writeFile(`${dir}/a/new.txt`, "only here");
 * const result = await compareDir(`${dir}/a`, `${dir}/b`);
 * console.log(result.onlyLeft); // [ "new.txt" ]
 * ```
 */
export function compareDir(
  a: string | PathSource,
  b: string | PathSource,
  options: CompareDirOptions = {},
): Run<EntryRecord, DirResult> {
  return new Run(dirPlan(a, b, options, WHAT));
}

/**
 * As {@link compareDir}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareDirSync } from "suite";
 *
 * console.log(compareDirSync("src", "src").equal); // true
 * ```
 */
export function compareDirSync(
  a: string | PathSource,
  b: string | PathSource,
  options: CompareDirOptions = {},
): DirResult {
  refuseStreams(a, b);
  return runSync(dirPlan(a, b, options, WHAT));
}
