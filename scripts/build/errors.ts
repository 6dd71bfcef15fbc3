// The one error a build ends with on purpose: a sentence for the reader, what to do next, and the exit code.

/** Exit codes of the scripts: `usage` for a wrong command line, `failed` for anything that could not be built. */
export const exitCodes = { usage: 2, failed: 4 } as const;

/** A build that cannot go on, explained for somebody who has never seen this repository. */
export class BuildError extends Error {
  readonly exitCode: number;
  /** What to type or change next, when there is something to say. */
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode?: number; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "BuildError";
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.hint = options.hint;
  }
}

const storageHints: Record<string, string> = {
  ENOSPC:
    "The disk is full. Free some space (the folder .cache may be deleted at any time) and run the same command again.",
  EDQUOT: "The disk quota is used up. Free some space (the folder .cache may be deleted at any time) and run again.",
  EROFS: "The file system is read-only. Copy the checkout to a folder you can write to and run the same command there.",
  EACCES:
    "No permission to write there. Change the owner of the checkout's .cache folder, or delete it, and run again.",
  EPERM: "No permission to write there. Change the owner of the checkout's .cache folder, or delete it, and run again.",
  ENOTDIR: "A file stands where the build needs a folder. Delete the checkout's .cache folder and run again.",
};

/**
 * Turns a failed file operation under the cache into a {@link BuildError} that names the path and the next step.
 * Errors that are not about storage come back unchanged: they are bugs, and their stack trace matters.
 */
export function storageError(error: unknown, action: string, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code = "" } = error as NodeJS.ErrnoException;
  const hint = storageHints[code];
  if (hint === undefined) return error;
  return new BuildError(`cannot ${action} ${path} (${code})`, { hint, cause: error });
}
