/**
 * The shape of the npm package `dir-compare` over {@link compare}: the same calls and the same result, for programs
 * that have it in use. What differs: contents are always compared, byte for byte, and what cannot be read fails the
 * call instead of being left out.
 * @module
 */
import { lstatSync, statSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { suiteError, type SuiteError } from "../errors.ts";
import type { Kind, Status } from "../ffi/layout.gen.ts";
import { EntryRecord, type AnyRecord } from "../records.gen.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import { compare as compareTrees, comparePlan } from "./compare.ts";
import type { CompareOptions } from "./options.ts";
import { finishCompare } from "./result.ts";

/** What a name is, in the words of dir-compare. */
export type DifferenceType = "missing" | "file" | "directory" | "broken-link";
/** Which side has a name. */
export type DifferenceState = "equal" | "left" | "right" | "distinct";
/** Why two entries are distinct. */
export type Reason = undefined | "different-size" | "different-date" | "different-content" | "different-symlink";

/** Options, by the names that dir-compare has for them. */
export interface Options {
  /** Contents are always compared; `true` says no more. */
  compareSize?: boolean | undefined;
  compareContent?: boolean | undefined;
  /** Modification times too. */
  compareDate?: boolean | undefined;
  /**
   * Milliseconds by which times may differ.
   * @default 1000
   */
  dateTolerance?: number | undefined;
  /** Compare symbolic links as links. Otherwise they are followed. */
  compareSymlink?: boolean | undefined;
  skipSubdirs?: boolean | undefined;
  /** Leave `diffSet` out. */
  noDiffSet?: boolean | undefined;
  /** Globs separated by commas: docs/filters.md. */
  includeFilter?: string | undefined;
  /** Globs separated by commas: docs/filters.md. */
  excludeFilter?: string | undefined;
}

/** One name of the two directories. */
export interface Difference {
  /** Absolute or relative as the operand: the directory the name is in. */
  path1: string | undefined;
  path2: string | undefined;
  /** That directory below the roots, beginning with a slash. */
  relativePath: string;
  name1: string | undefined;
  name2: string | undefined;
  state: DifferenceState;
  permissionDeniedState: "access-ok";
  type1: DifferenceType;
  type2: DifferenceType;
  size1: number | undefined;
  size2: number | undefined;
  date1: Date | undefined;
  date2: Date | undefined;
  /** Directories above it, below the roots. */
  level: number;
  reason: Reason;
}

/** What the comparison comes to: counts, and each name. */
export interface Result {
  same: boolean;
  distinct: number;
  equal: number;
  left: number;
  right: number;
  differences: number;
  total: number;
  distinctFiles: number;
  equalFiles: number;
  leftFiles: number;
  rightFiles: number;
  differencesFiles: number;
  totalFiles: number;
  distinctDirs: number;
  equalDirs: number;
  leftDirs: number;
  rightDirs: number;
  differencesDirs: number;
  totalDirs: number;
  diffSet?: Difference[];
}

type Side = 0 | 1;

const STATES: Record<Exclude<Status, "unknown">, DifferenceState> = {
  equal: "equal",
  different: "distinct",
  only_left: "left",
  only_right: "right",
};

function typeOf(kind: Kind | null): DifferenceType {
  if (kind === null) return "missing";
  return kind === "dir" ? "directory" : kind === "symlink" ? "broken-link" : "file";
}

function reasonOf({ reasons }: EntryRecord): Reason {
  if (reasons.includes("size_mismatch")) return "different-size";
  if (reasons.includes("content_mismatch")) return "different-content";
  if (reasons.includes("link_target")) return "different-symlink";
  return reasons.includes("mtime") ? "different-date" : undefined;
}

/** Gathers entries into the result. */
class Gatherer {
  readonly #roots: readonly [string, string];
  readonly #options: Options;
  readonly #all: Difference[] = [];
  readonly #clashes: [left: string[], right: string[]] = [[], []];
  #failure: SuiteError | undefined;
  readonly #counts = { distinct: [0, 0], equal: [0, 0], left: [0, 0], right: [0, 0] };

  constructor(a: string, b: string, options: Options) {
    this.#roots = [a, b];
    this.#options = options;
  }

  add(entry: AnyRecord): void {
    if (!(entry instanceof EntryRecord)) return;
    const { status, kind, path } = entry;
    if (status === "unknown") {
      const { code = "E_READ", message = "cannot be read" } = entry.error ?? {};
      this.#failure ??= suiteError(code, `${path}: ${message}`, { op: "compare", path });
      return;
    }
    if (entry.reasons.includes("type_mismatch")) {
      // There, a name that is a file here and a directory there is two.
      this.#clash(path, kind[0], 0);
      this.#clash(path, kind[1], 1);
      return;
    }
    const state = STATES[status];
    this.#put(path, [typeOf(kind[0]), typeOf(kind[1])], state, state === "distinct" ? reasonOf(entry) : undefined);
  }

  #clash(path: string, kind: Kind | null, side: Side): void {
    this.#putAlone(path, kind, side);
    if (kind === "dir") this.#clashes[side].push(`${path}/`);
  }

  #putAlone(path: string, kind: Kind | null, side: Side): void {
    const types: [DifferenceType, DifferenceType] = ["missing", "missing"];
    types[side] = typeOf(kind);
    this.#put(path, types, side === 0 ? "left" : "right", undefined);
  }

  /** The sides that have a directory where the other has a file: what is below it has not been told yet. */
  lacking(): { root: string; add: (entry: EntryRecord) => void }[] {
    return ([0, 1] as const).flatMap((side) => {
      const tops = this.#clashes[side];
      if (tops.length === 0) return [];
      const add = ({ path, kind }: EntryRecord) => {
        if (tops.some((top) => path.startsWith(top))) this.#putAlone(path, kind[side], side);
      };
      return [{ root: this.#roots[side], add }];
    });
  }

  #put(path: string, types: [DifferenceType, DifferenceType], state: DifferenceState, reason: Reason): void {
    const isDir = types.includes("directory");
    const counts = this.#counts[state];
    counts[isDir ? 1 : 0] = (counts[isDir ? 1 : 0] ?? 0) + 1;
    if (this.#options.noDiffSet) return;
    const above = dirname(path) === "." ? "" : dirname(path);
    const sides = ([0, 1] as const).map((side) => {
      if (types[side] === "missing") return undefined;
      const stat = this.#stat(join(this.#roots[side], path));
      return { path: join(this.#roots[side], above), size: stat?.size, date: stat?.mtime };
    });
    const name = basename(path);
    this.#all.push({
      path1: sides[0]?.path,
      path2: sides[1]?.path,
      relativePath: `/${above}`,
      name1: sides[0] && name,
      name2: sides[1] && name,
      state,
      permissionDeniedState: "access-ok",
      type1: types[0],
      type2: types[1],
      size1: sides[0]?.size,
      size2: sides[1]?.size,
      date1: sides[0]?.date,
      date2: sides[1]?.date,
      level: above === "" ? 0 : above.split("/").length,
      reason,
    });
  }

  #stat(path: string): Stats | undefined {
    if (!this.#options.compareSymlink) {
      const followed = statSync(path, { throwIfNoEntry: false });
      if (followed) return followed;
    }
    return lstatSync(path, { throwIfNoEntry: false });
  }

  result(): Result {
    if (this.#failure) throw this.#failure;
    const { distinct, equal, left, right } = this.#counts;
    const of = ([files = 0, dirs = 0]: number[]) => ({ files, dirs, all: files + dirs });
    const [d, e, l, r] = [of(distinct), of(equal), of(left), of(right)];
    const differences = d.all + l.all + r.all;
    return {
      same: differences === 0,
      distinct: d.all,
      equal: e.all,
      left: l.all,
      right: r.all,
      differences,
      total: differences + e.all,
      distinctFiles: d.files,
      equalFiles: e.files,
      leftFiles: l.files,
      rightFiles: r.files,
      differencesFiles: d.files + l.files + r.files,
      totalFiles: d.files + l.files + r.files + e.files,
      distinctDirs: d.dirs,
      equalDirs: e.dirs,
      leftDirs: l.dirs,
      rightDirs: r.dirs,
      differencesDirs: d.dirs + l.dirs + r.dirs,
      totalDirs: d.dirs + l.dirs + r.dirs + e.dirs,
      ...(!this.#options.noDiffSet && { diffSet: this.#all }),
    };
  }
}

const KNOWN = new Set([
  "compareSize",
  "compareContent",
  "compareDate",
  "dateTolerance",
  "compareSymlink",
  "skipSubdirs",
  "noDiffSet",
  "includeFilter",
  "excludeFilter",
]);

const globs = (list = "") =>
  list
    .split(",")
    .map((glob) => glob.trim())
    .filter((glob) => glob !== "");

function optionsOf(options: Options): CompareOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !KNOWN.has(name)) {
      throw suiteError("E_USAGE", `${name} is no option that this function has`, { op: "compare" });
    }
  }
  return {
    allEntries: true,
    followSymlinks: !options.compareSymlink,
    metadata: options.compareDate ? ["mtime"] : [],
    modifyWindowMs: options.dateTolerance ?? 1000,
    include: globs(options.includeFilter),
    exclude: [...globs(options.excludeFilter), ...(options.skipSubdirs ? ["*/"] : [])],
  };
}

function planOf(a: string, b: string, options: Options): RunPlan<Gatherer> {
  const gathered = new Gatherer(a, b, options);
  return comparePlan<Gatherer>(a, b, optionsOf(options), {
    collect: (record) => gathered.add(record),
    finish: (run, failure, stopped, all) => {
      const result = finishCompare(run, failure, stopped, all);
      if (result.kind === "tree") return gathered;
      throw suiteError("E_USAGE", "two directories are compared here", { op: "compare" });
    },
  });
}

/**
 * Compares two directories.
 *
 * @throws SuiteError as `compareDir`; for a name that cannot be read its code; E_USAGE for an option of dir-compare
 *   that is not in {@link Options}: handlers, `ignoreCase`, `skipEmptyDirs`, `skipSymlinks`, `handlePermissionDenied`
 * @example
 * ```ts
 * import { compare } from "suite/compare/dir-compare";
 *
 * const result = await compare("src/units", "src/units", { compareContent: true });
 * console.log(result.same, result.differences); // true 0
 * ```
 */
export async function compare(path1: string, path2: string, options: Options = {}): Promise<Result> {
  const gathered = await new Run(planOf(path1, path2, options));
  for (const { root, add } of gathered.lacking()) {
    // A directory beside itself gives all its names, and reads no file.
    for await (const entry of compareTrees(root, root, optionsOf(options))) add(entry);
  }
  return gathered.result();
}

/**
 * As {@link compare}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareSync } from "suite/compare/dir-compare";
 *
 * console.log(compareSync("src/units", "src/units").totalDirs); // 0
 * ```
 */
export function compareSync(path1: string, path2: string, options: Options = {}): Result {
  const gathered = runSync(planOf(path1, path2, options));
  for (const { root, add } of gathered.lacking()) {
    const collect = (record: AnyRecord) => record instanceof EntryRecord && add(record);
    runSync(comparePlan(root, root, optionsOf(options), { collect, finish: finishCompare }));
  }
  return gathered.result();
}
