/**
 * The exit codes that every command shares: the one table that
 * `suite help exit-codes`, the manual pages, README.md and docs/exit-codes.md show.
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
  /** A promise of a manifest or digest is broken. */
  VERIFICATION: 5,
  /** Stopped by SIGHUP, SIGINT, SIGTERM. */
  HANGUP: 129,
  INTERRUPTED: 130,
  /** The reader of standard output went away. */
  CLOSED_PIPE: 141,
  TERMINATED: 143,
} as const;

/** One row of the table. */
export interface ExitRow {
  readonly code: number;
  readonly name: string;
  readonly when: string;
}

/** Every exit code. They never change their meaning. */
export const EXIT_CODES: readonly ExitRow[] = [
  { code: Exit.OK, name: "ok", when: "the same; found; done" },
  { code: Exit.DIFFERENT, name: "different", when: "a difference is proven; nothing was found" },
  {
    code: Exit.USAGE,
    name: "usage",
    when: "unknown flag, missing value, surplus operand, value out of range, bad configuration",
  },
  {
    code: Exit.PARTIAL,
    name: "partial",
    when: "finished, but some entries are unknown: refused, unreadable, changed while read",
  },
  {
    code: Exit.FATAL,
    name: "fatal",
    when:
      "an operand cannot be opened or read, it changed while it was read, memory ran out, the native library is " +
      "missing, standard output cannot be written (`E_WRITE`)",
  },
  {
    code: Exit.VERIFICATION,
    name: "verification",
    when: "something is not as a manifest promises (`E_VERIFY`)",
  },
  { code: Exit.HANGUP, name: "SIGHUP", when: "the first signal cancels and writes whole lines, the second ends at once" },
  { code: Exit.INTERRUPTED, name: "SIGINT", when: "as above" },
  { code: Exit.CLOSED_PIPE, name: "closed pipe", when: "the reader of standard output went away; nothing is said about it" },
  { code: Exit.TERMINATED, name: "SIGTERM", when: "as above" },
];

/** The table in Markdown, as the documents have it. */
export function exitCodesMarkdown(): string {
  const rows = EXIT_CODES.map(({ code, name, when }) => `| ${code} | ${name} | ${when} |`);
  return ["| code | name | when |", "|---|---|---|", ...rows].join("\n");
}
