/**
 * Many sources: are all equal, and which are.
 * @module
 */
import { suiteError, type SuiteError } from "../errors.ts";
import { make, check } from "../ffi/handle.ts";
import {
  decodeGroupsSummary,
  encodeGroupsOpts,
  GROUPS_SUMMARY_SIZE,
  REASON_WORDS,
  SOURCE_SIZE,
  VERDICT_WORDS,
  type GroupsSummary,
  type Proof,
  type Reason,
  type Verdict,
} from "../ffi/layout.gen.ts";
import { core } from "../ffi/load.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import { prepareSource, releaseSource, streamFailure, type PreparedSource, type Source } from "../tree/source.ts";
import { checkUrlOptions, type UrlOptions } from "../tree/url.ts";
import { refuseStreams, type SyncSource } from "./compare.ts";
import { withDefaults } from "./configure.ts";
import { GroupJoiner, type GroupError, type GroupRecord } from "./group.ts";
import { compareFlags, encodeOptions, type CompareOptions } from "./options.ts";

/** How to compare many sources. */
export type ManyOptions = UrlOptions &
  Pick<CompareOptions, "sizePrecheck" | "quickCheck" | "prove" | "chunkSize" | "jobs" | "signal" | "log">;

/** A source whose content is not known. */
export interface SourceError extends GroupError {
  /** Its place among the sources, from 0. */
  source: number;
  /** Its name, where it has one. */
  name?: string;
  /** What a stream failed with. */
  cause?: unknown;
}

/** What both results say. */
interface Common {
  /** `equal` only when every byte is proven equal; `different` when two sources are proven so; else `unknown`. */
  verdict: Verdict;
  /** `verdict` is `equal`. */
  allEqual: boolean;
  /** The sources whose content is not known, in their order. */
  errors: SourceError[];
  /** How many of those could not be read at all. */
  unreadable: number;
  /** Sources that are equal to another one, that are proven different from all others, that are not known. */
  counts: { equal: number; different: number; unknown: number };
  /** Equal sources by how they were proven so. */
  proofs: Partial<Record<Proof, number>>;
  bytesRead: number;
  /** Bytes that a proof or a difference made it needless to read. */
  bytesAvoided: number;
  elapsedMs: number;
  /** The iteration was left before the end, so that only what was found until then counts. */
  cancelled: boolean;
}

/** Whether all sources are equal. */
export interface AllResult extends Common {
  /** Two sources that are proven different, by their places, and how; the same two each time. */
  difference?: { left: number; right: number; reasons: Reason[] };
}

/** Which sources are equal. */
export interface CompareResult extends Common {
  /**
   * The places of equal sources, group by group, in the order of their first
   * members. A source whose content is not known is a group of its own.
   */
  groups: number[][];
  /** What is known about any two sources. */
  diff(a: number, b: number): Verdict;
}

/** Sources ready for libcore. */
interface Prepared {
  readonly sides: PreparedSource[];
  /** As many `core_source` one behind the other. */
  readonly encoded: Uint8Array;
}

function prepare(sources: readonly Source[], defaults: UrlOptions): Prepared {
  if (!Array.isArray(sources) || sources.length === 0) {
    throw suiteError("E_USAGE", "there must be at least one source", { op: "compare" });
  }
  const sides: PreparedSource[] = [];
  try {
    const encoded = new Uint8Array(sources.length * SOURCE_SIZE);
    let stdin = false;
    for (const [i, source] of sources.entries()) {
      const side = prepareSource(source, defaults);
      sides.push(side);
      encoded.set(side.encoded, i * SOURCE_SIZE);
      if (side.name !== "-") continue;
      if (stdin) throw suiteError("E_USAGE", "standard input can be one source only: - and -", { op: "compare" });
      stdin = true;
    }
    return { sides, encoded };
  } catch (error) {
    sides.forEach(releaseSource);
    throw error;
  }
}

function readSummary(run: NativeRun): GroupsSummary {
  const bytes = new Uint8Array(GROUPS_SUMMARY_SIZE);
  check("compare", core().core_groups_result(run.pointer, bytes));
  return decodeGroupsSummary(new DataView(bytes.buffer));
}

function proofsOf(s: GroupsSummary): Common["proofs"] {
  const all: [Proof, number][] = [
    ["bytes", s.proofBytes],
    ["same_inode", s.proofSameInode],
    ["holes", s.proofHoles],
    ["same_extents", s.proofSameExtents],
  ];
  return Object.fromEntries(all.filter(([, n]) => n > 0));
}

/**
 * Gathers groups into the lists of the result, which is made when the run has
 * ended: whoever iterates takes the last groups after that, so the lists in it
 * are these, and no copies.
 */
class Collector {
  readonly #groups: number[][] = [];
  readonly #errors: SourceError[] = [];
  readonly #sides: readonly PreparedSource[];

  constructor(sides: readonly PreparedSource[]) {
    this.#sides = sides;
  }

  add({ sources, error }: GroupRecord): void {
    this.#groups.push([...sources]);
    const [source = 0] = sources;
    const side = this.#sides[source];
    if (!error || !side) return;
    // libcore only knows that a stream broke, not why.
    this.#errors.push({
      source,
      ...(side.name !== undefined && { name: side.name }),
      ...error,
      ...streamFailure([side]),
    });
  }

  common(s: GroupsSummary, cancelled: boolean): Common {
    const verdict = VERDICT_WORDS[s.verdict] ?? "unknown";
    return {
      verdict,
      allEqual: verdict === "equal",
      errors: this.#errors,
      unreadable: s.unreadable,
      counts: { equal: s.equal, different: s.different, unknown: s.unknown },
      proofs: proofsOf(s),
      bytesRead: s.bytesRead,
      bytesAvoided: s.bytesAvoided,
      elapsedMs: s.elapsedNs / 1e6,
      cancelled,
    };
  }

  all(s: GroupsSummary, cancelled: boolean): AllResult {
    const reasons = REASON_WORDS.filter(([bit]) => s.reasons & bit).map(([, word]) => word);
    return {
      ...this.common(s, cancelled),
      ...(reasons.length > 0 && { difference: { left: s.left, right: s.right, reasons } }),
    };
  }

  many(s: GroupsSummary, cancelled: boolean): CompareResult {
    return { ...this.common(s, cancelled), groups: this.#groups, diff: (a, b) => this.#diff(a, b) };
  }

  /** The group of each source that is known, made when it is first asked for. */
  #groupOf: Map<number, number> | undefined;

  #diff(a: number, b: number): Verdict {
    this.#groupOf ??= new Map(this.#groups.flatMap((sources, i) => sources.map((source) => [source, i] as const)));
    const [x, y] = [this.#groupOf.get(a), this.#groupOf.get(b)];
    const known = (source: number) => !this.#errors.some((error) => error.source === source);
    if (x === undefined || y === undefined || !known(a) || !known(b)) return "unknown";
    return x === y ? "equal" : "different";
  }
}

function manyPlan<Result>(
  sources: readonly Source[],
  own: ManyOptions,
  first: boolean,
  result: (collector: Collector, summary: GroupsSummary, cancelled: boolean) => Result,
): RunPlan<Result, GroupRecord> {
  const options = withDefaults<CompareOptions>(own);
  const { jobs, chunkSize, sizePrecheck, quickCheck, prove, log } = options;
  const used = { jobs, chunkSize, sizePrecheck, quickCheck, prove, log };
  // Wrong options are refused before anything is opened.
  encodeOptions(used, undefined, undefined);
  checkUrlOptions(options);
  const { sides, encoded } = prepare(sources, options);
  const collector = new Collector(sides);
  const joiner = new GroupJoiner(sides.map(({ name, nameBytes }) => ({ text: name, bytes: nameBytes })));
  return {
    op: "compare",
    items: (record) => {
      const group = joiner.add(record);
      return group ? [group] : [];
    },
    collect: (group) => collector.add(group),
    finish: (run, failure, stopped) => {
      const cancelled = failure?.code === "E_CANCELLED" && stopped;
      const found = result(collector, readSummary(run), cancelled);
      if (failure && !cancelled) throw withPartial(failure, found);
      return found;
    },
    ...(log && { log }),
    signal: options.signal,
    start: (pump, token) => {
      const opts = encodeGroupsOpts({
        flags: compareFlags({ ...used, stopAtFirst: first }),
        jobs: jobs ?? 0,
        chunkBytes: chunkSize ?? 0,
      });
      return make("compare", (out) => core().core_groups_new(out, pump, token, encoded, sides.length, opts));
    },
    // Holds what the encoded sources point to until the run is over.
    release: () => sides.forEach(releaseSource),
  };
}

function withPartial(failure: SuiteError, partial: unknown): SuiteError {
  failure.partial = partial;
  return failure;
}

/**
 * Finds out whether all sources are equal. All are read together, each at
 * most once, and no further than to the first difference.
 *
 * A source that cannot be read does not fail the run: it is one of the
 * `errors`, and the verdict is then `different` or `unknown`, never `equal`.
 *
 * @param sources files, bytes, Blobs or streams; at least one
 * @throws SuiteError at once: E_USAGE, E_UNSUPPORTED, E_NOT_FOUND (a descriptor that is not open), E_NATIVE. By the
 *   run: E_MEMORY, E_CANCELLED.
 * @example
 * ```ts
 * import { compareAll } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const result = await compareAll([bytes("same"), new Blob(["same"]), bytes("different")]);
 * console.log(result.allEqual, result.difference?.right); // false 2
 * ```
 */
export function compareAll(sources: readonly Source[], options: ManyOptions = {}): Run<never, AllResult> {
  return new Run(allPlan(sources, options));
}

function allPlan(sources: readonly Source[], options: ManyOptions): RunPlan<AllResult> {
  const plan = manyPlan(sources, options, true, (found, s, cancelled) => found.all(s, cancelled));
  const { items, collect, ...rest } = plan;
  return {
    ...rest,
    // The sources that are not known are part of the result alone.
    items: (record) => {
      for (const group of items?.(record) ?? []) collect?.(group as GroupRecord);
      return [];
    },
    collect: () => {},
  };
}

/**
 * As {@link compareAll}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareAllSync } from "suite";
 *
 * console.log(compareAllSync(["README.md", "README.md", "README.md"]).proofs.same_inode); // 3
 * ```
 */
export function compareAllSync(sources: readonly SyncSource[], options: ManyOptions = {}): AllResult {
  refuseStreams(...sources);
  return runSync(allPlan(sources, options));
}

/**
 * Finds out which of many sources are equal: by their bytes, with each source
 * read at most once, and no further than it takes to tell it from all others.
 *
 * Iterate the run for the groups in the order of their first members, those of
 * one source too; await it for all of them. A source that cannot be read does
 * not fail the run: it is a group of its own with an `error`.
 *
 * @param sources files, bytes, Blobs or streams; at least one
 * @throws SuiteError as {@link compareAll}
 * @example
 * ```ts
 * import { compareMany } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const run = compareMany([bytes("a"), bytes("b"), bytes("a")]);
 * for await (const group of run) console.log(group.sources.join(" "));
 * // 0 2
 * // 1
 * console.log((await run).diff(0, 1)); // different
 * ```
 */
export function compareMany(sources: readonly Source[], options: ManyOptions = {}): Run<GroupRecord, CompareResult> {
  return new Run(manyPlan(sources, options, false, (found, s, cancelled) => found.many(s, cancelled)));
}

/**
 * As {@link compareMany}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareManySync } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * console.log(compareManySync([bytes("a"), bytes("b"), bytes("a")]).groups.join(" and ")); // 0,2 and 1
 * ```
 */
export function compareManySync(sources: readonly SyncSource[], options: ManyOptions = {}): CompareResult {
  refuseStreams(...sources);
  return runSync(manyPlan(sources, options, false, (found, s, cancelled) => found.many(s, cancelled)));
}
