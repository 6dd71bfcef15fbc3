/**
 * Two sides, whatever they are.
 * @module
 */
import { core } from "../ffi/load.ts";
import { make } from "../ffi/handle.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { compileFilter } from "../filter/filter.ts";
import type { EntryRecord } from "../records.gen.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import {
  isStream,
  prepareSource,
  releaseSource,
  streamFailure,
  type PathSource,
  type PreparedSource,
  type Source,
  type TreeSource,
} from "../tree/source.ts";
import { checkUrlOptions, type UrlSource } from "../tree/url.ts";
import { withDefaults } from "./configure.ts";
import { encodeOptions, joinPaths, type AllOptions, type CompareOptions } from "./options.ts";
import { finishCompare, type PairResult, type TreeSummary } from "./result.ts";
import { suiteError, type SuiteError } from "../errors.ts";

/** A side that can be read without this thread's event loop. */
export type SyncSource = string | URL | Uint8Array | PathSource | UrlSource;

/** What the functions of this folder make their runs from. */
export function comparePlan<Result>(
  a: Source | TreeSource,
  b: Source | TreeSource,
  own: AllOptions,
  rest: Pick<RunPlan<Result>, "collect"> & {
    finish(run: NativeRun, failure: SuiteError | undefined, stopped: boolean, options: CompareOptions): Result;
  },
): RunPlan<Result> {
  const options = withDefaults(own);
  // Wrong options are refused before anything is opened.
  encodeOptions(options, undefined, undefined);
  checkUrlOptions(options);
  const paths = joinPaths(options.paths);
  const sides: PreparedSource[] = [prepareSource(a, options)];
  try {
    sides.push(prepareSource(b, options));
    const [left, right] = sides as [PreparedSource, PreparedSource];
    // Each would get what the other did not.
    if (left.fd !== undefined && left.fd === right.fd) {
      const stream = left.fd === 0 ? "standard input" : `descriptor ${left.fd}`;
      throw suiteError("E_USAGE", `${stream} can be one side only: ${left.name} and ${right.name}`, { op: "compare" });
    }
    return {
      op: "compare",
      ...rest,
      finish: (run, failure, stopped) => {
        // libcore only knows that a stream broke, not why.
        const broken = failure?.code === "E_READ" && streamFailure(sides);
        if (failure && broken) failure.cause = broken.cause;
        const told = failure?.code === "E_USAGE" ? namingBoth(failure, left, right) : failure;
        return rest.finish(run, told, stopped, options);
      },
      ...(options.log && { log: options.log }),
      signal: options.signal,
      start: (pump, token) => {
        // The run keeps the filter for itself.
        using filter = compileFilter(options);
        const opts = encodeOptions(options, filter?.pointer, paths);
        return make("compare", (out) => core().core_compare_new(out, pump, token, left.encoded, right.encoded, opts));
      },
      // Holds what the encoded sides point to until the run is over.
      release: () => sides.forEach(releaseSource),
    };
  } catch (error) {
    sides.forEach(releaseSource);
    throw error;
  }
}

/** An error about how the sides fit together names them both. */
function namingBoth(failure: SuiteError, left: PreparedSource, right: PreparedSource): SuiteError {
  const [a, b] = [left, right].map(({ name = "a stream" }) => name);
  return suiteError("E_USAGE", `${a} and ${b}: ${failure.message}`, { op: failure.op });
}

/**
 * Compares two files by their bytes, or two directories as trees.
 *
 * Iterate the run for the entries that are not equal, in bytewise order of
 * their paths; await it for the result. A side that cannot be read at all
 * fails the run; inside a tree it is an entry of status `unknown`, and the
 * verdict is then never `equal`.
 *
 * @param a left side
 * @param b right side
 * @throws SuiteError at once: E_USAGE, E_UNSUPPORTED, E_NATIVE. By the run: E_USAGE, E_NOT_FOUND, E_PERMISSION, E_READ,
 *   E_CHANGED, E_LIMIT, E_LOOP, E_UNSUPPORTED, E_MEMORY, E_CANCELLED; of a URL also E_HTTP_STATUS, E_NETWORK, E_TLS,
 *   E_TIMEOUT.
 * @example
 * ```ts
 * import { compare } from "suite";
 *
 * const result = await compare(new TextEncoder().encode("same"), new Blob(["same"]));
 * console.log(result.verdict, result.proof); // equal bytes
 * ```
 */
export function compare(
  a: Source | TreeSource,
  b: Source | TreeSource,
  options: CompareOptions = {},
): Run<EntryRecord, PairResult | TreeSummary> {
  return new Run(comparePlan(a, b, options, { finish: finishCompare }));
}

/**
 * As {@link compare}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareSync } from "suite";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const result = compareSync(bytes("line 1\nline 2"), bytes("line 1\nline 3"), { locate: true });
 * if (result.kind === "pair") console.log(result.offset, result.line); // 12 2
 * ```
 */
export function compareSync(
  a: SyncSource | TreeSource,
  b: SyncSource | TreeSource,
  options: CompareOptions = {},
): PairResult | TreeSummary {
  refuseStreams(a, b);
  return runSync(comparePlan(a, b, options, { finish: finishCompare }));
}

/** A stream needs the event loop that a synchronous call blocks. */
export function refuseStreams(...sides: (SyncSource | TreeSource)[]): void {
  if (!sides.some(isStream)) return;
  throw suiteError("E_USAGE", "streams and standard input need the asynchronous function", { op: "compare" });
}
