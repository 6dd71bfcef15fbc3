/**
 * How to compare.
 * @module
 */
import { suiteError } from "../errors.ts";
import { addressOf } from "../ffi/address.ts";
import { CoreCompareFlag, encodeCompareOpts, METADATA_WORDS, type Metadata } from "../ffi/layout.gen.ts";
import type { FilterOptions } from "../filter/filter.ts";
import type { LogRecord } from "../records.gen.ts";
import type { UrlOptions } from "../tree/url.ts";

/** Options of all comparisons. Those about URLs are for both sides; `source()` makes a side with its own. */
export interface CompareOptions extends FilterOptions, UrlOptions {
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
   * Follow symbolic links in trees. One that leads to a directory above it is compared as a link.
   * @default false
   */
  followSymlinks?: boolean | undefined;
  /**
   * `bytes` accepts no proof of equality but the bytes themselves.
   * @default "any"
   */
  prove?: "any" | "bytes" | undefined;
  /**
   * Names that are only on the right are no difference: they are passed over.
   * @default false
   */
  oneWay?: boolean | undefined;
  /**
   * Directories are no entries, only what is in them.
   * @default false
   */
  skipEmptyDirs?: boolean | undefined;
  /**
   * Do not go into directories of another file system than their root's.
   * @default false
   */
  oneFileSystem?: boolean | undefined;
  /**
   * Names in trees that differ in letter case alone are one name, as Unicode folds case.
   * @default false
   */
  ignoreCaseNames?: boolean | undefined;
  /**
   * `nfc`: names in trees that are the same once normalised, such as é in one character or in two, are one name.
   * @default "none"
   */
  normalize?: "none" | "nfc" | undefined;
  /**
   * What of the metadata is compared besides the content.
   * @default []
   */
  metadata?: readonly Metadata[] | undefined;
  /**
   * Times that are no further apart than this are the same, in milliseconds.
   * @default 0
   */
  modifyWindowMs?: number | undefined;
  /**
   * Bytes passed over first, of both sides or of each. Pairs only.
   * @default 0
   */
  skip?: number | readonly [left: number, right: number] | undefined;
  /**
   * Bytes compared at most. Pairs only.
   * @default all
   */
  limitBytes?: number | undefined;
  /**
   * Entries or ranges given at most; the rest is counted all the same.
   * @default all
   */
  limit?: number | undefined;
  /**
   * Paths below the roots: only these are compared, a directory as itself, without what is below it.
   * @default all
   */
  paths?: readonly (string | Uint8Array)[] | undefined;
  /**
   * Look inside files that are archives (tar, cpio, zip, 7z, ar; gzip, bzip2, xz, zstd, lz4) and compare them as trees.
   * A directory against an archive does so unasked.
   * @default false
   */
  archive?: boolean | undefined;
  /**
   * Compare what is in archives by BLAKE3 digests alone, also where it could be read side by side.
   * @default false
   */
  hashCompare?: boolean | undefined;
  /**
   * Leading parts of the paths in archives that do not count; an entry with no more parts does not either.
   * @default 0
   */
  stripComponents?: number | undefined;
  /**
   * Look into archives in the trees, so many inside each other at most: 0 to 8. Those that are not the same bytes on
   * both sides are compared by what is in them, under names such as `outer.tar!/inner`. Two files are then archives.
   * @default 0
   */
  nested?: number | undefined;
  /** What archives may cost. Beyond, they are `unknown` with `E_ARCHIVE_BOMB`. */
  limits?: ArchiveLimits | undefined;
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

/** What an archive may cost. */
export interface ArchiveLimits {
  /**
   * Bytes of all entries together.
   * @default 1 TiB
   */
  bytes?: number | undefined;
  /**
   * Bytes unpacked for each byte of the archive, once more than 1 GiB was unpacked.
   * @default 2000
   */
  ratio?: number | undefined;
  /**
   * Entries, of a manifest too.
   * @default 10 million
   */
  entries?: number | undefined;
  /**
   * Bytes of the name of an entry.
   * @default 65536
   */
  name?: number | undefined;
}

/** What else {@link compareRanges} takes. */
export interface RangeOptions {
  /** `true` for the ranges of bytes that differ, `"bytes"` for the bytes too. */
  ranges?: boolean | "bytes" | undefined;
}

/** What else {@link compareRenames} takes. */
export interface RenameOptions {
  /** Find files that are on the other side under another name. */
  renames?: boolean | undefined;
  /** One-sided files that are looked at, at most. */
  renameLimit?: number | undefined;
}

/** The options of all functions that compare two sides. */
export type AllOptions = CompareOptions & RangeOptions & RenameOptions;

/** A whole number among the options, 0 where there is none. */
export function integer(value: number | undefined, name: string, min: number, max: number): number {
  if (value === undefined) return 0;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw suiteError("E_USAGE", `${name} is a whole number from ${min} to ${max}, not ${String(value)}`, {
    op: "compare",
  });
}

function metadataBits(words: readonly Metadata[]): number {
  let bits = 0;
  for (const word of words) {
    const known = METADATA_WORDS.find(([, name]) => name === word);
    if (!known) {
      const all = METADATA_WORDS.map(([, name]) => name).join(", ");
      throw suiteError("E_USAGE", `metadata is any of ${all}, not ${String(word)}`, { op: "compare" });
    }
    bits |= known[0];
  }
  return bits;
}

function checkPath(path: Uint8Array): void {
  const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("latin1");
  let wrong: string | undefined;
  if (text === "") wrong = "is empty";
  else if (text.startsWith("/")) wrong = "is absolute";
  else if (text.includes("\0")) wrong = "holds a NUL byte";
  else if (text.includes("..") && /(?:^|\/)\.\.(?:\/|$)/.test(text)) wrong = "leads up with ..";
  if (wrong === undefined) return;
  const name = new TextDecoder().decode(path);
  throw suiteError("E_USAGE", `a path in the list ${wrong}${text === "" ? "" : `: ${name}`}`, { op: "compare", path: name });
}

/**
 * The paths of the options as libcore takes them, each ended by a NUL.
 *
 * @throws SuiteError E_USAGE, naming the path, for one that is empty, absolute, holds a NUL or leads up with `..`
 */
export function joinPaths(paths: CompareOptions["paths"]): Uint8Array | undefined {
  if (!paths) return undefined;
  const end = Buffer.alloc(1);
  const parts = paths.flatMap((path) => [typeof path === "string" ? Buffer.from(path) : path, end]);
  for (const part of parts) if (part !== end) checkPath(part);
  // One byte more than there is, so that an empty list has an address too.
  return Buffer.concat([...parts, end]);
}

/** Refuses what leaves no names to look at, or does not take the digests that renames are found by. */
function checkRenames({ renames, collapse, oneWay, prove }: AllOptions): void {
  const other = collapse ? "collapse" : oneWay ? "oneWay" : prove === "bytes" ? 'prove: "bytes"' : undefined;
  if (!renames || other === undefined) return;
  throw suiteError("E_USAGE", `renames cannot be found with ${other}`, { op: "compare" });
}

/** The switches among the options, as bits. */
export function compareFlags(options: AllOptions): number {
  const f = CoreCompareFlag;
  return (
    (options.locate ? f.LOCATE : 0) |
    (options.stopAtFirst ? f.FIRST : 0) |
    (options.allEntries ? f.ALL_ENTRIES : 0) |
    (options.collapse ? f.COLLAPSE : 0) |
    (options.sizePrecheck === false ? f.NO_SIZE_PRECHECK : 0) |
    (options.quickCheck === false ? f.NO_QUICK_CHECK : 0) |
    (options.followSymlinks ? f.FOLLOW : 0) |
    (options.prove === "bytes" ? f.PROVE_BYTES : 0) |
    (options.oneWay ? f.ONE_WAY : 0) |
    (options.skipEmptyDirs ? f.SKIP_EMPTY_DIRS : 0) |
    (options.oneFileSystem ? f.ONE_FILE_SYSTEM : 0) |
    (options.archive || options.nested ? f.ARCHIVE : 0) |
    (options.hashCompare ? f.HASH : 0) |
    (options.ignoreCaseNames ? f.IGNORE_CASE_NAMES : 0) |
    (options.normalize === "nfc" ? f.NORMALIZE_NAMES : 0) |
    (options.renames ? f.RENAMES : 0) |
    (options.ranges ? f.RANGES : 0) |
    (options.ranges === "bytes" ? f.RANGE_BYTES : 0) |
    (options.log ? f.LOG : 0)
  );
}

/**
 * The options as libcore takes them.
 *
 * @param filter the compiled rules' address
 * @param paths what {@link joinPaths} made, to be held until libcore has read it
 * @throws SuiteError E_USAGE for a value out of range
 */
export function encodeOptions(
  options: AllOptions,
  filter: number | undefined,
  paths: Uint8Array | undefined,
): Uint8Array {
  const flags = compareFlags(options);
  const { normalize = "none" } = options;
  if (normalize !== "none" && normalize !== "nfc") {
    throw suiteError("E_USAGE", `normalize is none or nfc, not ${String(normalize)}`, { op: "compare" });
  }
  checkRenames(options);
  const { skip = 0, modifyWindowMs = 0 } = options;
  const [left, right] = typeof skip === "number" ? [skip, skip] : skip;
  if (!(modifyWindowMs >= 0 && modifyWindowMs <= 1e12)) {
    throw suiteError("E_USAGE", `modifyWindowMs is a number from 0, not ${String(modifyWindowMs)}`, { op: "compare" });
  }
  const { limits = {} } = options;
  return encodeCompareOpts({
    flags,
    jobs: integer(options.jobs, "jobs", 0, 1_000_000),
    metadata: metadataBits(options.metadata ?? []),
    filter: filter ?? 0,
    modifyWindowNs: Math.round(modifyWindowMs * 1e6),
    skipLeft: integer(left, "skip", 0, Number.MAX_SAFE_INTEGER),
    skipRight: integer(right, "skip", 0, Number.MAX_SAFE_INTEGER),
    limitBytes: integer(options.limitBytes, "limitBytes", 1, Number.MAX_SAFE_INTEGER),
    limitRecords: integer(options.limit, "limit", 1, Number.MAX_SAFE_INTEGER),
    paths: paths ? addressOf(paths) : 0,
    pathsLen: paths ? paths.length - 1 : 0,
    stripComponents: integer(options.stripComponents, "stripComponents", 0, 10_000),
    maxBytes: integer(limits.bytes, "limits.bytes", 1, Number.MAX_SAFE_INTEGER),
    maxRatio: integer(limits.ratio, "limits.ratio", 1, Number.MAX_SAFE_INTEGER),
    maxEntries: integer(limits.entries, "limits.entries", 1, Number.MAX_SAFE_INTEGER),
    nested: integer(options.nested, "nested", 0, 8),
    renameLimit: integer(options.renameLimit, "renameLimit", 1, 0xffff_ffff),
    maxName: integer(limits.name, "limits.name", 1, 0xffff_ffff),
    chunkBytes: integer(options.chunkSize, "chunkSize", 4096, 4 * 1024 * 1024),
  });
}
