/**
 * Entries of trees, by what they are.
 * @module
 */
import { SuiteError, suiteError } from "../errors.ts";
import { CoreFilterFlag, decodeFindSummary, FIND_SUMMARY_SIZE } from "../ffi/layout.gen.ts";
import { check, make } from "../ffi/handle.ts";
import { core } from "../ffi/load.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { compileRules, type Rule } from "../filter/filter.ts";
import { ErrorRecord, FoundRecord, type AnyRecord } from "../records.gen.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import { entriesOf, type Found } from "./entry.ts";
import { encodeOptions, joinStrings, listOf, type FindOptions, type FindOutput } from "./options.ts";

/** What could not be listed, looked at or read. */
export interface FindFailure {
  path: string;
  error: SuiteError;
}

/** What a walk came to. */
export interface FindResult {
  /** Entries that were found. */
  results: number;
  /** Entries that were looked at, and directories that were listed. */
  entries: number;
  dirs: number;
  /** Names that were passed over, with what is below them. */
  skipped: { hidden: number; ignored: number; excluded: number };
  /** `maxResults` ended it. */
  truncated: boolean;
  /** What failed, the first 1,000; `errorCount` is exact. */
  errors: FindFailure[];
  errorCount: number;
  /** Roots that could not be listed. */
  rootsFailed: number;
  elapsedMs: number;
}

const KEPT_ERRORS = 1000;

/** @internal What the command line adds. */
export interface FindExtras {
  readonly output?: FindOutput;
  /** Is told each failure as it happens. */
  readonly onError?: (record: ErrorRecord) => void;
}

const hasCapital = (glob: string): boolean => /\p{Lu}/u.test(glob.replace(/\\[\s\S]/g, ""));

/** Rules about the names that count. */
function matchRules(patterns: readonly string[], options: FindOptions): Rule[] {
  const rules: Rule[] = [];
  const fold = (glob: string) => ((options.caseSensitive ?? hasCapital(glob)) ? 0 : CoreFilterFlag.FOLD);
  for (const glob of patterns) {
    if (glob !== "*") rules.push({ glob, flags: CoreFilterFlag.INCLUDE | fold(glob) });
  }
  return rules;
}

/** Globs of the endings, each with its special characters taken as they are. */
const endings = (options: FindOptions): string[] =>
  listOf(options.ext).map((ext) => `*.${ext.replace(/^\./, "").replace(/[\\*?[\]]/g, String.raw`\$&`)}`);

function failureOf({ path, code, errno, message }: ErrorRecord): FindFailure {
  const error = suiteError(code, `${path}: ${message}`, { op: "find", path, ...(errno !== undefined && { errno }) });
  return { path, error };
}

/** @internal */
export function findPlan(
  patterns: string | readonly string[],
  roots: string | Uint8Array | readonly (string | Uint8Array)[],
  options: FindOptions,
  extras: FindExtras = {},
): RunPlan<FindResult, Found> {
  const rootList = typeof roots === "string" || roots instanceof Uint8Array ? [roots] : roots;
  if (rootList.length === 0) throw suiteError("E_USAGE", "find needs at least one root", { op: "find" });
  const globs = listOf(patterns);
  const both = globs.some((glob) => glob !== "*") && endings(options).length > 0;
  if (both) throw suiteError("E_USAGE", "a pattern and an ending: write the ending into the pattern", { op: "find" });
  const encodedRoots = joinStrings(rootList, "a root");
  // Wrong options are refused before anything is opened.
  encodeOptions(options, { match: 0, exclude: 0 }, extras.output);
  const prefixes = rootList.map((root) => prefixOf(root));
  const errors: FindFailure[] = [];
  return {
    op: "find",
    signal: options.signal,
    items: (record: AnyRecord) => {
      if (record instanceof FoundRecord) return entriesOf(record, prefixes);
      if (record instanceof ErrorRecord) {
        if (errors.length < KEPT_ERRORS) errors.push(failureOf(record));
        extras.onError?.(record);
      }
      return [];
    },
    // Failures are to be seen also when nobody iterates.
    collect: () => {},
    start: (pump, token) => {
      using match = compileRules(matchRules([...globs, ...endings(options)], options));
      using exclude = compileRules(listOf(options.exclude).map((glob) => ({ glob, flags: 0 })));
      const filters = { match: match?.pointer ?? 0, exclude: exclude?.pointer ?? 0 };
      const { bytes, held } = encodeOptions(options, filters, extras.output);
      const pointer = make("find", (out) =>
        core().core_find_new(out, pump, token, encodedRoots, encodedRoots.length, bytes),
      );
      void held;
      return pointer;
    },
    finish: (run, failure, stopped) => {
      const result = resultOf(run, errors);
      if (failure && !(failure.code === "E_CANCELLED" && stopped)) {
        failure.partial = result;
        throw failure;
      }
      return result;
    },
  };
}

/** A root as its paths begin. */
function prefixOf(root: string | Uint8Array): Uint8Array {
  const bytes = typeof root === "string" ? Buffer.from(root) : root;
  return bytes.length === 0 || bytes.at(-1) === 0x2f ? bytes : Buffer.concat([bytes, Buffer.from("/")]);
}

function resultOf(run: NativeRun, errors: FindFailure[]): FindResult {
  const bytes = new Uint8Array(FIND_SUMMARY_SIZE);
  check("find", core().core_find_result(run.pointer, bytes));
  const s = decodeFindSummary(new DataView(bytes.buffer));
  return {
    results: s.results,
    entries: s.entries,
    dirs: s.dirs,
    skipped: { hidden: s.hidden, ignored: s.ignored, excluded: s.excluded },
    truncated: s.truncated !== 0,
    errors,
    errorCount: s.errors,
    rootsFailed: s.rootsFailed,
    elapsedMs: s.elapsedNs / 1e6,
  };
}

/**
 * Finds the entries of trees whose names match a glob: without a slash in it,
 * wherever they stand; with one, by their path below the root.
 *
 * Hidden names and what ignore files name are passed over unless the options
 * say otherwise. Iterate the run for the entries, in the order of their
 * paths; await it for the counts. What cannot be read is in `errors`, and
 * does not end the walk.
 *
 * @param pattern a glob or several, of which one must match
 * @param root directories; `""` is the working directory, without a name before its paths
 * @throws SuiteError at once: E_USAGE, E_IGNORE for an ignore file of the options that cannot be read, E_NATIVE. By the
 *   run: E_WRITE, E_MEMORY, E_CANCELLED.
 * @example
 * ```ts
 * import { find } from "suite";
 *
 * const paths = [];
 * for await (const { path } of find("README.md", "", { maxDepth: 1 })) paths.push(path);
 * console.log(paths); // [ "README.md" ]
 * ```
 */
export function find(
  pattern: string | readonly string[] = "*",
  root: string | Uint8Array | readonly (string | Uint8Array)[] = "",
  options: FindOptions = {},
): Run<Found, FindResult> {
  return new Run(findPlan(pattern, root, options));
}

/**
 * As {@link find}, on the calling thread, which it blocks: all entries.
 *
 * @example
 * ```ts
 * import { findSync } from "suite";
 *
 * console.log(findSync("package.json", "", { maxDepth: 1 }).map(({ path }) => path)); // [ "package.json" ]
 * ```
 */
export function findSync(
  pattern: string | readonly string[] = "*",
  root: string | Uint8Array | readonly (string | Uint8Array)[] = "",
  options: FindOptions = {},
): Found[] & { readonly result: FindResult } {
  const found: Found[] = [];
  const result = runSync({ ...findPlan(pattern, root, options), collect: (entry: Found) => void found.push(entry) });
  return Object.assign(found, { result });
}
