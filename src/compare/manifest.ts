/**
 * Manifests written.
 * @module
 */
import { suiteError, type SuiteError } from "../errors.ts";
import { addressOf } from "../ffi/address.ts";
import { check, make } from "../ffi/handle.ts";
import {
  CoreCompareFlag,
  CoreDigestAlgorithm,
  decodeDigestSummary,
  DIGEST_SUMMARY_SIZE,
  encodeDigestOpts,
} from "../ffi/layout.gen.ts";
import { core } from "../ffi/load.ts";
import type { NativeRun } from "../ffi/native-run.ts";
import { compileFilter, type FilterOptions } from "../filter/filter.ts";
import type { DigestRecord } from "../records.gen.ts";
import { Run, runSync, type RunPlan } from "../run.ts";
import { formatNumber, type ManifestFormat } from "../tree/manifest.ts";
import { parseOperand } from "../tree/parse.ts";
import { operandText } from "../tree/parse.ts";
import type { PathSource } from "../tree/source.ts";
import { integer, joinPaths } from "./options.ts";

/** Options of {@link writeManifest}. */
export interface WriteManifestOptions extends FilterOptions {
  /**
   * What the manifest looks like.
   * @default "suite"
   */
  format?: ManifestFormat | undefined;
  /**
   * The digest of each file, where the format leaves a choice: `suite`.
   * @default "blake3"
   */
  algorithm?: "blake3" | "sha256" | undefined;
  /**
   * Go on where a run that was interrupted stopped: what it found out about files that did not change since is used.
   * @default true
   */
  resume?: boolean | undefined;
  /**
   * Follow symbolic links. One that leads to a directory above it is listed as a link.
   * @default false
   */
  followSymlinks?: boolean | undefined;
  /**
   * Do not go into directories of another file system than the root's.
   * @default false
   */
  oneFileSystem?: boolean | undefined;
  /**
   * Directories are no entries, only what is in them.
   * @default false
   */
  skipEmptyDirs?: boolean | undefined;
  /**
   * Paths below the root: only these are listed.
   * @default all
   */
  paths?: readonly (string | Uint8Array)[] | undefined;
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
  /** Cancels the run when it fires. What it found out is kept for the next one. */
  signal?: AbortSignal | undefined;
}

/** What a manifest came to. */
export interface ManifestResult {
  /** Names in the tree. */
  entries: number;
  /** Those of them that are files. */
  files: number;
  /** Entries whose content could not be read: the manifest does not vouch for them. */
  unknown: number;
  /** Files whose digest an interrupted run had made. */
  reused: number;
  bytesRead: number;
  /** Bytes of the files whose digest an interrupted run had made. */
  bytesAvoided: number;
  elapsedMs: number;
  /** The iteration was left before the end, so that there is no manifest. */
  cancelled: boolean;
}

const ALGORITHMS = { blake3: CoreDigestAlgorithm.BLAKE3, sha256: CoreDigestAlgorithm.SHA256 } as const;
/** What the formats of other programs hold. */
const ONLY: Partial<Record<ManifestFormat, keyof typeof ALGORITHMS>> = { sha256sum: "sha256", hashdeep: "sha256", b3sum: "blake3" };

const usage = (message: string) => suiteError("E_USAGE", message, { op: "digest" });

function algorithmOf({ format = "suite", algorithm }: WriteManifestOptions): number {
  const only = ONLY[format];
  const number = ALGORITHMS[algorithm ?? only ?? "blake3"];
  if (number === undefined) throw usage(`algorithm is blake3 or sha256, not ${String(algorithm)}`);
  if (only !== undefined && algorithm !== undefined && algorithm !== only) throw usage(`a manifest of ${format} holds ${only}, not ${algorithm}`);
  return number;
}

/** A path of this machine, as bytes. */
function pathOf(operand: string | PathSource, what: string): Uint8Array {
  const named = typeof operand === "string" ? operand : operand.pathBytes;
  const location = parseOperand(named);
  if (location.kind === "path" && !location.archive) return location.path;
  throw suiteError("E_UNSUPPORTED", `${operandText(named)}: ${what}`, { op: "digest", path: operandText(named) });
}

function finish(run: NativeRun, failure: SuiteError | undefined, stopped: boolean): ManifestResult {
  const bytes = new Uint8Array(DIGEST_SUMMARY_SIZE);
  check("digest", core().core_digest_result(run.pointer, bytes));
  const s = decodeDigestSummary(new DataView(bytes.buffer));
  const cancelled = failure?.code === "E_CANCELLED" && stopped;
  const { entries, files, unknown, reused, bytesRead, bytesAvoided } = s;
  const result = { entries, files, unknown, reused, bytesRead, bytesAvoided, elapsedMs: s.elapsedNs / 1e6, cancelled };
  if (failure && !cancelled) {
    failure.partial = result;
    throw failure;
  }
  return result;
}

function plan(dir: string | PathSource, file: string | PathSource, options: WriteManifestOptions): RunPlan<ManifestResult> {
  const root = pathOf(dir, "a manifest is made of a directory");
  const output = pathOf(file, "a manifest is written to a file");
  const paths = joinPaths(options.paths);
  const f = CoreCompareFlag;
  const encoded = {
    flags:
      (options.followSymlinks ? f.FOLLOW : 0) |
      (options.oneFileSystem ? f.ONE_FILE_SYSTEM : 0) |
      (options.skipEmptyDirs ? f.SKIP_EMPTY_DIRS : 0),
    jobs: integer(options.jobs, "jobs", 0, 1_000_000),
    chunkBytes: integer(options.chunkSize, "chunkSize", 4096, 4 * 1024 * 1024),
    algorithm: algorithmOf(options),
    format: formatNumber(options.format ?? "suite"),
    paths: paths ? addressOf(paths) : 0,
    pathsLen: paths ? paths.length - 1 : 0,
    output: addressOf(output),
    outputLen: output.length,
    resume: options.resume === false ? 0 : 1,
  };
  return {
    op: "digest",
    finish,
    signal: options.signal,
    start: (pump, token) => {
      // The run keeps the filter for itself, and has copied the rest when this returns.
      using filter = compileFilter(options);
      const opts = encodeDigestOpts({ ...encoded, filter: filter?.pointer ?? 0 });
      return make("digest", (out) => core().core_digest_new(out, pump, token, root, root.length, opts));
    },
    // Holds what the options point to until the run is over.
    release: () => void [paths, output],
  };
}

/**
 * Lists a directory with the digest of each file, and writes the list to a
 * file: a manifest, which appears whole or not at all. Iterate the run for the
 * entries, in bytewise order of their paths; await it for the counts.
 *
 * An interrupted run leaves `FILE.partial`, with which the next one goes on.
 * What cannot be read is listed as such (by `suite`, other formats leave it
 * out), and counted as `unknown`.
 *
 * @param dir the directory
 * @param file where the manifest is to be; if that is in the directory, it is not listed
 * @throws SuiteError at once: E_USAGE, E_UNSUPPORTED, E_NATIVE. By the run: E_NOT_FOUND, E_PERMISSION, E_READ, E_LIMIT,
 *   E_LOOP, E_UNSUPPORTED for a name that the format cannot hold, E_WRITE, E_USAGE when the run to be resumed made other
 *   digests, E_MEMORY, E_CANCELLED
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { compare, manifest, writeManifest } from "suite";
 *
 * const dir = await mkdtemp("/tmp/manifest-");
 * await writeFile(`${dir}/a.txt`, "as it was");
 * const { files } = await writeManifest(dir, `${dir}/SHA256SUMS`, { format: "sha256sum" });
 * await writeFile(`${dir}/a.txt`, "otherwise");
 * for await (const entry of compare(dir, manifest(`${dir}/SHA256SUMS`))) {
 *   console.log(files, entry.path, entry.error?.code); // 1 a.txt E_VERIFY
 * }
 * ```
 */
export function writeManifest(
  dir: string | PathSource,
  file: string | PathSource,
  options: WriteManifestOptions = {},
): Run<DigestRecord, ManifestResult> {
  return new Run(plan(dir, file, options));
}

/**
 * As {@link writeManifest}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { compareSync, manifest, writeManifestSync } from "suite";
 *
 * const list = `${mkdtempSync("/tmp/manifest-")}/src.manifest`;
 * writeManifestSync("src/tree", list, { jobs: 1 });
 * console.log(compareSync("src/tree", manifest(list)).verdict); // equal
 * ```
 */
export function writeManifestSync(
  dir: string | PathSource,
  file: string | PathSource,
  options: WriteManifestOptions = {},
): ManifestResult {
  return runSync(plan(dir, file, options));
}
