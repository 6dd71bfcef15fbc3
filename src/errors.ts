/**
 * What libcore and the library throw: one family, with a stable code.
 * @module
 */
import { ERRORS, ERRORS_BY_NAME, type ErrorClass, type ErrorCode } from "./errors.gen.ts";

export type { ErrorCode } from "./errors.gen.ts";

/** What is known about a failure besides its code. */
export interface ErrorDetails {
  /** What was being done: "compare", "load". */
  op: string;
  /** The path it was about. */
  path?: string;
  /** The system's error number. */
  errno?: number;
  cause?: unknown;
}

/**
 * The base of all errors of this library.
 *
 * @example
 * ```ts
 * import { compare, SuiteError } from "suite";
 *
 * const code = await compare("no-such-file", "other").then(
 *   () => "none",
 *   (error) => (error instanceof SuiteError ? error.code : "other"),
 * );
 * console.log(code); // E_NOT_FOUND
 * ```
 */
export class SuiteError extends Error {
  /** A name from docs/errors.md, for programs. */
  readonly code: ErrorCode;
  /** What was being done. */
  readonly op: string;
  /** The path it was about, where there is one. */
  readonly path?: string;
  /** The system's error number, where there is one. */
  readonly errno?: number;
  /** The exit code of a command that ends with this error. */
  readonly exitCode: number;
  /** The result as far as the operation came, where it has one: a `PairResult` or `TreeSummary` of a comparison. */
  partial?: unknown;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.op = details.op;
    if (details.path !== undefined) this.path = details.path;
    if (details.errno) this.errno = details.errno;
    this.exitCode = ERRORS_BY_NAME[code].exit;
  }
}

/** An argument is wrong. */
export class UsageError extends SuiteError {}
/** A configuration value is wrong. */
export class ConfigError extends SuiteError {}
/** The object was closed before. */
export class ClosedError extends SuiteError {}
/** The operand is of a kind that cannot be read. */
export class UnsupportedError extends SuiteError {}
/** The operand does not exist. */
export class SourceNotFoundError extends SuiteError {}
/** The operand could not be read. */
export class SourceReadError extends SuiteError {}
/** The output could not be written. */
export class WriteError extends SuiteError {}
/** The time allowed for a source is up. */
export class ComparisonTimeoutError extends SuiteError {}
/** A name of a tree could not be listed, looked at or read. */
export class SearchError extends SuiteError {}
/** A limit of the system or of the library was reached. */
export class LimitError extends SuiteError {}
/** An archive is damaged, encrypted, or of no kind that is read. */
export class ArchiveError extends SuiteError {}
/** An archive goes beyond a limit that ordinary archives do not reach. */
export class ArchiveBombError extends ArchiveError {}
/** Several names of a directory are one name where spelling does not count. */
export class NameCollisionError extends SuiteError {}
/** A manifest is damaged, or of no kind that is read. */
export class ManifestError extends SuiteError {}
/** The content is not what a manifest promises. */
export class VerifyError extends SuiteError {}
/** Memory ran out. */
export class MemoryError extends SuiteError {}
/** The run was cancelled. */
export class CancelledError extends SuiteError {}
/** The native library is missing, broken or of another version. */
export class NativeError extends SuiteError {}

const CLASSES: Record<ErrorClass, typeof SuiteError> = {
  UsageError,
  ConfigError,
  ClosedError,
  UnsupportedError,
  SourceNotFoundError,
  SourceReadError,
  WriteError,
  ComparisonTimeoutError,
  SearchError,
  LimitError,
  ArchiveError,
  ArchiveBombError,
  NameCollisionError,
  ManifestError,
  VerifyError,
  MemoryError,
  CancelledError,
  NativeError,
};

/** Makes the error of the class that belongs to a code. */
export function suiteError(code: ErrorCode, message: string, details: ErrorDetails): SuiteError {
  return new CLASSES[ERRORS_BY_NAME[code].class](code, message, details);
}

/** Makes the error that stands for a negative result of libcore. */
export function coreError(result: number, message: string, details: ErrorDetails): SuiteError {
  const info = ERRORS[result];
  // A code this version does not know can only come from a library of another one.
  if (!info) return suiteError("E_NATIVE", `libcore returned the unknown code ${result}: ${message}`, details);
  return suiteError(info.name, message === "" ? info.summary : message, details);
}
