/**
 * The exit codes that every command shares. docs/exit-codes.md explains them.
 * @module
 */

/** What a command ends with. */
export const Exit = {
  OK: 0,
  /** Differences, or nothing found. */
  DIFFERENT: 1,
  USAGE: 2,
  /** Finished, but some items failed or could not be decided. */
  PARTIAL: 3,
  /** Could not run: an operand cannot be opened, no output is possible. */
  FATAL: 4,
  /** Stopped by SIGHUP, SIGINT, SIGTERM. */
  HANGUP: 129,
  INTERRUPTED: 130,
  /** The reader of standard output went away. */
  CLOSED_PIPE: 141,
  TERMINATED: 143,
} as const;
