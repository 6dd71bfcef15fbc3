/**
 * `suite compare A B`
 * @module
 */
import { compare, pathSource, SuiteError, type CompareOptions, type PairResult, type TreeSummary } from "../../src/index.ts";
import { suiteError } from "../../src/errors.ts";
import { Exit } from "../kit/exit.ts";
import type { Bytes, Values } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import { startedClosed } from "../kit/output.ts";
import { SHARED } from "../kit/shared.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { ComparePrinter } from "./compare-printer.ts";

const flags = {
  quiet: {
    type: "boolean",
    short: "q",
    aliases: ["s", "silent"],
    config: false,
    description: "print nothing, stop at the first difference",
  },
  brief: { type: "boolean", config: false, description: "do not look for the place or print the reason" },
  "all-entries": {
    type: "boolean",
    config: false,
    description: "print equal entries, and all below one-sided directories",
  },
  json: { type: "boolean", config: false, description: "JSON Lines (docs/records.md)" },
  jobs: {
    type: "integer",
    short: "j",
    min: 0,
    max: 1_000_000,
    default: "0",
    description: "threads at most; 0 is as many as processors, up to 8",
  },
  "chunk-size": {
    type: "size",
    min: 4096,
    max: 4 * 1024 * 1024,
    default: "256k",
    description: "bytes read at a time, 4k to 4M",
  },
  "size-precheck": { type: "boolean", default: true, description: "read files even if their sizes differ" },
  "quick-check": { type: "boolean", default: true, description: "do not look at a few places of a large file first" },
  // No -v: that is the version for users of cmp.
  verbose: { type: "count", description: SHARED.verbose.description },
} as const;

type CompareFlags = Values<typeof flags>;

/** What to do about an error that ends the command. */
const NEXT: Partial<Record<string, string>> = {
  E_NOT_FOUND: "check the spelling",
  E_PERMISSION: "run it as a user who may read the path",
  E_CHANGED: "compare again when nothing writes to it",
  E_UNSUPPORTED: "pipe its bytes: suite compare - OTHER < PATH",
  E_LIMIT: "raise the limit (ulimit -n) or use fewer threads (-j 1)",
};

/** Tells of an error on stderr: the path, the cause, what to do. */
function complain(messages: Messages, error: SuiteError): void {
  const next = NEXT[error.code];
  messages.write(`suite compare: ${error.message} (${error.code})${next ? `; ${next}` : ""}`);
}

/** The exit code a comparison comes to; the strongest reason wins. */
function exitCode(result: PairResult | TreeSummary | undefined, error: SuiteError | undefined, quiet: boolean): number {
  const differs = result?.verdict === "different";
  if (quiet && differs) return Exit.DIFFERENT;
  if (error) return differs && result?.kind === "pair" ? Exit.DIFFERENT : error.exitCode;
  if (result && result.counts.unknown > 0) return Exit.PARTIAL;
  return differs ? Exit.DIFFERENT : Exit.OK;
}

const sourceOf = (operand: Bytes) => (typeof operand === "string" ? operand : pathSource(operand));

/** The definition. */
export const tool: Tool = defineTool({
  name: "compare",
  summary: "tell whether two files or directories are the same",
  examples: [
    ["suite compare release.iso mirror.iso", "two files, byte for byte"],
    ["suite compare /data /backup/data", "two trees: what differs, and why"],
    ["suite compare --json a b | jq .", "one JSON object a line, a summary last"],
    ["suite compare -q a b && echo same", "nothing but the exit code"],
  ],
  operands: [{ name: "A" }, { name: "B" }],
  description: ["A and B are two files or two directories. `-` is standard input."],
  sections: [
    {
      title: "Lines",
      rows: [
        ["< PATH", "only in A"],
        ["> PATH", "only in B"],
        ["* PATH", "differs; the reason follows"],
        ["! PATH", "undecided; the error code follows"],
        ["= PATH", "equal, with `--all-entries`"],
      ],
    },
    {
      title: "Exit codes",
      rows: [
        ["0", "the same"],
        ["1", "different"],
        ["2", "usage or configuration"],
        ["3", "some entries undecided"],
        ["4", "an operand cannot be read"],
      ],
    },
  ],
  flags,
  async run({ flags, operands, output, messages, progress, signals, paint, terminal }) {
    const [a, b] = operands as [Bytes, Bytes];
    const { quiet } = flags;
    if ((a === "-" || b === "-") && startedClosed(0)) {
      throw suiteError("E_NOT_FOUND", "-: standard input is closed", { op: "open", path: "-" });
    }
    const printer = quiet ? undefined : new ComparePrinter({ ...flags, output, messages, paint, terminal });
    let result: PairResult | TreeSummary | undefined;
    let error: SuiteError | undefined;
    try {
      const job = compare(sourceOf(a), sourceOf(b), compareOptions(flags, messages, signals.signal));
      using _ = progress.start(() => {
        const { bytesRead, bytesAvoided, bytesTotal, entries } = job.progress;
        return { bytes: bytesRead + bytesAvoided, total: bytesTotal, entries };
      });
      if (printer) {
        for await (const entry of job) {
          await printer.entry(entry);
          progress.poll();
        }
      }
      result = await job;
    } catch (thrown) {
      if (!(thrown instanceof SuiteError) || thrown.code === "E_WRITE" || thrown.code === "E_USAGE") throw thrown;
      error = thrown;
      result = thrown.partial as typeof result;
    }
    const exit = signals.exit ?? exitCode(result, error, quiet);
    printer?.end(result, exit, error, a, b);
    if (error && error.code !== "E_CANCELLED") complain(messages, error);
    return exit;
  },
});

function compareOptions(flags: CompareFlags, messages: Messages, signal: AbortSignal): CompareOptions {
  return {
    locate: !flags.quiet && !flags.brief,
    stopAtFirst: flags.quiet,
    allEntries: flags["all-entries"],
    collapse: !flags.json && !flags["all-entries"],
    sizePrecheck: flags["size-precheck"],
    quickCheck: flags["quick-check"],
    chunkSize: flags["chunk-size"],
    jobs: flags.jobs,
    signal,
    ...(flags.verbose > 0 && { log: (record) => messages.write(`suite compare: ${record.message}`) }),
  };
}
