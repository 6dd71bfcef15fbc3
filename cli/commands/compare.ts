/**
 * `suite compare A B`
 * @module
 */
import {
  compare,
  pathSource,
  SuiteError,
  type CompareOptions,
  type EntryRecord,
  type PairResult,
  type TreeSummary,
} from "../../src/index.ts";
import { suiteError } from "../../src/errors.ts";
import { summaryJson } from "../../src/report/compare-json.ts";
import { entryLine, pairLine, type PathRenderer } from "../../src/report/compare-text.ts";
import { parseFlags, size, usage, wholeNumber } from "../kit/args.ts";
import { Exit } from "../kit/exit.ts";
import { Output, startedClosed } from "../kit/output.ts";
import { Signals } from "../kit/signals.ts";
import { renderPath, safeText } from "../kit/text.ts";

/** What `suite compare --help` prints. */
export const help = `Examples:
  suite compare release.iso mirror.iso      two files, byte for byte
  suite compare /data /backup/data          two trees: what differs, and why
  suite compare --json a b | jq .           one JSON object a line, a summary last
  suite compare -q a b && echo same         nothing but the exit code

Usage: suite compare [OPTIONS] A B

A and B are two files or two directories. "-" is standard input.

Lines:   < PATH only in A   > PATH only in B   * PATH differs   ! PATH undecided   = PATH equal
Exit:    0 same, 1 different, 2 usage, 3 some entries undecided, 4 an operand cannot be read

Options:
  -q, --quiet, -s, --silent   print nothing, stop at the first difference
      --brief                 do not look for the place or print the reason
      --all-entries           print equal entries, and all below one-sided directories
      --json                  JSON Lines (docs/records.md)
  -j, --jobs N                threads at most (0: as many as processors, up to 8)
      --chunk-size SIZE       bytes read at a time, 4k to 4M (256k)
      --no-size-precheck      read files even if their sizes differ
      --no-quick-check        do not look at a few places of a large file first
      --verbose               tell on stderr what is worth knowing
  -h, --help                  this text
`;

const options = {
  quiet: { type: "boolean", short: "q" },
  silent: { type: "boolean", short: "s" },
  brief: { type: "boolean" },
  "all-entries": { type: "boolean" },
  json: { type: "boolean" },
  jobs: { type: "string", short: "j" },
  "chunk-size": { type: "string" },
  "no-size-precheck": { type: "boolean" },
  "no-quick-check": { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What to do about an error that ends the command. */
const NEXT: Partial<Record<string, string>> = {
  E_NOT_FOUND: "check the spelling",
  E_PERMISSION: "run it as a user who may read the path",
  E_CHANGED: "compare again when nothing writes to it",
  E_UNSUPPORTED: "pipe its bytes: suite compare - OTHER < PATH",
  E_LIMIT: "raise the limit (ulimit -n) or use fewer threads (-j 1)",
};

/** Tells of an error on stderr: the path, the cause, what to do. */
export function complain(error: SuiteError): void {
  const next = NEXT[error.code];
  process.stderr.write(`suite compare: ${safeText(error.message)} (${error.code})${next ? `; ${next}` : ""}\n`);
}

/** The exit code a comparison comes to; the strongest reason wins. */
function exitCode(result: PairResult | TreeSummary | undefined, error: SuiteError | undefined, quiet: boolean): number {
  const differs = result?.verdict === "different";
  if (quiet && differs) return Exit.DIFFERENT;
  if (error) return differs && result?.kind === "pair" ? Exit.DIFFERENT : error.exitCode;
  if (result && result.counts.unknown > 0) return Exit.PARTIAL;
  return differs ? Exit.DIFFERENT : Exit.OK;
}

type Operand = string | Uint8Array;

const textOf = (operand: Operand) => (typeof operand === "string" ? operand : new TextDecoder().decode(operand));
const sourceOf = (operand: Operand) => (typeof operand === "string" ? operand : pathSource(operand));
const bytesOf = (operand: Operand) => (typeof operand === "string" ? new TextEncoder().encode(operand) : operand);

/** What the flags ask for. */
type Flags = ReturnType<typeof parseFlags>["flags"];

/** Writes the entries of a comparison as lines or JSON, a pair in the words of cmp. */
class Printer {
  readonly #output: Output;
  readonly #json: boolean;
  readonly #brief: boolean;
  readonly #render: PathRenderer;
  /** Not yet printed: the only entry of a pair is told in another way. */
  #held: EntryRecord | undefined;

  constructor(output: Output, flags: Flags) {
    this.#output = output;
    this.#json = Boolean(flags.json);
    this.#brief = Boolean(flags.brief);
    const terminal = Boolean(process.stdout.isTTY);
    this.#render = (path, bytes) => renderPath(path, bytes, terminal);
  }

  async entry(entry: EntryRecord): Promise<void> {
    if (this.#json) {
      this.#output.write(JSON.stringify(entry.toJSON()), "\n");
    } else {
      if (this.#held) this.#treeEntry(this.#held);
      this.#held = entry;
    }
    if (this.#output.full) await this.#output.flush();
  }

  end(result: PairResult | TreeSummary | undefined, exit: number, error: SuiteError | undefined, a: Operand, b: Operand): void {
    const held = this.#held;
    if (this.#json) {
      this.#output.write(JSON.stringify(summaryJson(result, exit, error)), "\n");
    } else if (held && result?.kind === "pair") {
      this.#pairEntry(held, result, a, b);
    } else if (held) {
      this.#treeEntry(held);
    }
  }

  #treeEntry(entry: EntryRecord): void {
    this.#output.write(...entryLine(entry, this.#render, this.#brief));
    if (entry.error) {
      const { message, code } = entry.error;
      process.stderr.write(`suite compare: ${safeText(entry.path)}: ${message} (${code})\n`);
    }
  }

  #pairEntry(entry: EntryRecord, result: PairResult, a: Operand, b: Operand): void {
    const differs = entry.status === "different" && !result.reasons.includes("type_mismatch");
    const name = (operand: Operand) => this.#render(textOf(operand), () => bytesOf(operand));
    const line = differs ? pairLine(name(a), name(b), result, this.#brief) : entryLine(entry, this.#render, this.#brief);
    this.#output.write(...line);
  }
}

/** Runs the command: its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const { flags, operands } = parseFlags(args, options);
  const output = new Output();
  if (flags.help) {
    output.write(help);
    await output.flush();
    return Exit.OK;
  }
  const [a, b] = operands;
  if (a === undefined || b === undefined || operands.length > 2) {
    throw usage(`compare takes two operands, not ${operands.length}; see suite compare --help`);
  }
  if ((a === "-" || b === "-") && startedClosed(0)) {
    throw suiteError("E_NOT_FOUND", "-: standard input is closed", { op: "open", path: "-" });
  }
  const quiet = Boolean(flags.quiet ?? flags.silent);
  const printer = quiet ? undefined : new Printer(output, flags);
  using signals = new Signals();
  let result: PairResult | TreeSummary | undefined;
  let error: SuiteError | undefined;
  try {
    const job = compare(sourceOf(a), sourceOf(b), compareOptions(flags, quiet, signals.signal));
    if (printer) for await (const entry of job) await printer.entry(entry);
    result = await job;
  } catch (thrown) {
    if (!(thrown instanceof SuiteError) || thrown.code === "E_WRITE" || thrown.code === "E_USAGE") throw thrown;
    error = thrown;
    result = thrown.partial as typeof result;
  }
  const exit = signals.exit ?? exitCode(result, error, quiet);
  printer?.end(result, exit, error, a, b);
  if (error && error.code !== "E_CANCELLED") complain(error);
  await output.flush();
  return exit;
}

function compareOptions(flags: Flags, quiet: boolean, signal: AbortSignal): CompareOptions {
  return {
    locate: !quiet && !flags.brief,
    stopAtFirst: quiet,
    allEntries: Boolean(flags["all-entries"]),
    collapse: !flags.json && !flags["all-entries"],
    sizePrecheck: !flags["no-size-precheck"],
    quickCheck: !flags["no-quick-check"],
    chunkSize: size("--chunk-size", flags["chunk-size"], 4096, 4 * 1024 * 1024),
    jobs: wholeNumber("--jobs", flags.jobs, 0, 1_000_000),
    signal,
    ...(flags.verbose && { log: (record) => process.stderr.write(`suite compare: ${safeText(record.message)}\n`) }),
  };
}
