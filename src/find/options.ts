/**
 * What can be asked of a walk.
 * @module
 */
import { suiteError } from "../errors.ts";
import { CoreFindFlag, CoreFindKind, encodeFindOpts, KIND_WORDS, type Kind } from "../ffi/layout.gen.ts";
import { addressOf } from "../ffi/address.ts";

/** What `type` may be: a kind, or what narrows them. */
export type FindType = Exclude<Kind, "unknown"> | "executable" | "empty";

/** Options of {@link find}. */
export interface FindOptions {
  /** Globs of names that do not exist for the walk, nor does what is below them. */
  exclude?: string | readonly string[] | undefined;
  /** Only entries of these kinds. `executable` and `empty` narrow what else is named, or files and directories. */
  type?: FindType | readonly FindType[] | undefined;
  /** Only names that end in a dot and one of these. */
  ext?: string | readonly string[] | undefined;
  /** How far down: 1 is the names in a root. */
  maxDepth?: number | undefined;
  /** @default 1 */
  minDepth?: number | undefined;
  /** Bytes of files, inclusive. */
  minSize?: number | undefined;
  maxSize?: number | undefined;
  /** Content changed at or after this time: nanoseconds since 1970, or a Date. */
  mtimeAfter?: bigint | Date | undefined;
  /** At or before. */
  mtimeBefore?: bigint | Date | undefined;
  /**
   * Names that begin with a dot count.
   * @default false
   */
  hidden?: boolean | undefined;
  /** Which ignore files are asked; `false` for none. @default all */
  ignore?: false | IgnoreOptions | undefined;
  /**
   * Letters match only in their case. Without it, they do when a pattern holds a capital letter.
   */
  caseSensitive?: boolean | undefined;
  /** Symbolic links are what they lead to. @default false */
  follow?: boolean | undefined;
  /** Directories on other file systems than the root's are not gone into. @default false */
  oneFileSystem?: boolean | undefined;
  /** `"none"`: entries come as they are found. @default "path" */
  sort?: "path" | "none" | undefined;
  /** Ends after so many entries. */
  maxResults?: number | undefined;
  /** Threads at most; 0 is as many as there are processors, up to 8. @default 0 */
  jobs?: number | undefined;
  /** Cancels the walk when it fires. */
  signal?: AbortSignal | undefined;
}

/** Ignore files. */
export interface IgnoreOptions {
  /** `.gitignore`, `.git/info/exclude` and `global`, in repositories. @default true */
  git?: boolean | undefined;
  /** `.ignore`. @default true */
  own?: boolean | undefined;
  /** core.excludesFile of git: the caller knows where. It need not exist. */
  global?: string | Uint8Array | undefined;
  /** More files, whose patterns begin at each root; asked last. */
  files?: readonly (string | Uint8Array)[] | undefined;
  /** core.ignoreCase of git. @default false */
  foldCase?: boolean | undefined;
}

const MOST = Number.MAX_SAFE_INTEGER;

/** A value or several, as a list. */
export const listOf = <T extends string>(value: T | readonly T[] | undefined): readonly T[] =>
  typeof value === "string" ? [value] : (value ?? []);

function integer(value: number | undefined, name: string, min: number, max: number, absent: number): number {
  if (value === undefined) return absent;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw suiteError("E_USAGE", `${name} is a whole number from ${min} to ${max}, not ${String(value)}`, { op: "find" });
}

function kindBits(types: readonly FindType[]): number {
  let bits = 0;
  for (const type of types) {
    const kind = KIND_WORDS.indexOf(type as Kind);
    if (type === "executable") bits |= CoreFindKind.EXECUTABLE;
    else if (type === "empty") bits |= CoreFindKind.EMPTY;
    else if (kind > 0 && (type as string) !== "unknown") bits |= 1 << kind;
    else {
      const all = [...KIND_WORDS.filter((word) => word && word !== "unknown"), "executable", "empty"].join(", ");
      throw suiteError("E_USAGE", `type is any of ${all}, not ${String(type)}`, { op: "find" });
    }
  }
  return bits;
}

/** Seconds and nanoseconds of a point in time. */
function timeOf(time: bigint | Date | undefined, absent: number): { s: number; ns: number } {
  if (time === undefined) return { s: absent, ns: 0 };
  const ns = typeof time === "bigint" ? time : BigInt(time.getTime()) * 1_000_000n;
  const rest = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { s: Number((ns - rest) / 1_000_000_000n), ns: Number(rest) };
}

/** Strings, each ended by a NUL. */
export function joinStrings(parts: readonly (string | Uint8Array)[], what: string): Uint8Array {
  const end = Buffer.alloc(1);
  const bytes = parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const broken = bytes.find((part) => part.includes(0));
  if (broken) {
    throw suiteError("E_USAGE", `${what} holds a NUL byte: ${JSON.stringify(new TextDecoder().decode(broken))}`, { op: "find" });
  }
  return Buffer.concat(bytes.flatMap((part) => [part, end]));
}

/** Where entries go that are not wanted as records. */
export interface FindOutput {
  /** A descriptor, open until the run has ended. */
  readonly fd: number;
  /** A NUL behind each path, in place of a line feed. */
  readonly nul: boolean;
  /** Paths below the root only. */
  readonly relative: boolean;
}

/**
 * The options as libcore takes them, and what must be held until it has read them.
 *
 * @throws SuiteError E_USAGE for a value out of range
 */
export function encodeOptions(
  options: FindOptions,
  filters: { readonly match: number; readonly exclude: number },
  output: FindOutput | undefined,
): { readonly bytes: Uint8Array; readonly held: readonly Uint8Array[] } {
  const f = CoreFindFlag;
  const ignore: IgnoreOptions = options.ignore === false ? { git: false, own: false } : (options.ignore ?? {});
  const files = joinStrings(ignore.files ?? [], "an ignore file");
  const global = typeof ignore.global === "string" ? Buffer.from(ignore.global) : (ignore.global ?? new Uint8Array());
  const after = timeOf(options.mtimeAfter, -MOST);
  const before = timeOf(options.mtimeBefore, MOST);
  if (options.sort !== undefined && options.sort !== "path" && options.sort !== "none") {
    throw suiteError("E_USAGE", `sort is path or none, not ${String(options.sort)}`, { op: "find" });
  }
  const bytes = encodeFindOpts({
    flags:
      (options.hidden ? f.HIDDEN : 0) |
      (options.follow ? f.FOLLOW : 0) |
      (options.oneFileSystem ? f.ONE_FILE_SYSTEM : 0) |
      (options.sort === "none" ? f.UNORDERED : 0) |
      (ignore.git === false ? f.NO_GIT : 0) |
      (ignore.own === false ? f.NO_IGNORE : 0) |
      (ignore.foldCase ? f.FOLD_RULES : 0) |
      (output?.nul ? f.NUL : 0) |
      (output?.relative ? f.RELATIVE : 0),
    jobs: integer(options.jobs, "jobs", 0, 1_000_000, 0),
    kinds: kindBits(listOf(options.type)),
    minDepth: integer(options.minDepth, "minDepth", 0, 0xffff_ffff, 0),
    maxDepth: integer(options.maxDepth, "maxDepth", 1, 0xffff_ffff, 0),
    output: output?.fd ?? -1,
    maxResults: integer(options.maxResults, "maxResults", 1, MOST, 0),
    minSize: integer(options.minSize, "minSize", 0, MOST, 0),
    maxSize: integer(options.maxSize, "maxSize", 0, MOST, MOST),
    changedAfter: after.s,
    changedAfterNs: after.ns,
    changedBefore: before.s,
    changedBeforeNs: before.ns,
    match: filters.match,
    exclude: filters.exclude,
    ignoreFiles: addressOf(files),
    ignoreFilesLen: files.length,
    excludesFile: addressOf(global),
    excludesFileLen: global.length,
  });
  return { bytes, held: [files, global] };
}
