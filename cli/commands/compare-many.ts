/**
 * `suite compare --all SRC...` and `suite compare --groups SRC...`
 * @module
 */
import {
  compareAll,
  compareMany,
  SuiteError,
  type AllResult,
  type CompareResult,
  type ManyOptions,
  type Source,
} from "../../src/index.ts";
import { suiteError } from "../../src/errors.ts";
import { groupLine, groupNames, manySummaryJson, unknownJson } from "../../src/report/compare-many.ts";
import type { Rendered } from "../../src/report/compare-text.ts";
import { Exit } from "../kit/exit.ts";
import type { Bytes } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import type { Output } from "../kit/output.ts";
import type { Progress } from "../kit/progress.ts";
import type { Signals } from "../kit/signals.ts";
import type { Painter } from "../kit/style.ts";
import { renderPath } from "../kit/text.ts";
import { LOOKS } from "./compare-printer.ts";
import { stepOf } from "./compare-outcome.ts";
import { operandName } from "./compare-urls.ts";

/** What it is done with. */
export interface ManyContext {
  readonly output: Output;
  readonly messages: Messages;
  readonly progress: Progress;
  readonly signals: Signals;
  readonly paint: Painter;
  readonly terminal: boolean;
  readonly options: ManyOptions;
  /** An operand as the library takes it. */
  read(name: Bytes): Source;
  readonly groups: boolean;
  readonly quiet: boolean;
  readonly brief: boolean;
  readonly json: boolean;
  readonly null: boolean;
  /** Groups printed at most. */
  readonly limit: number | undefined;
}

/** The flags that are about two sides, by the words a person used. */
const FOR_PAIRS = ["ranges", "verbose-bytes", "print-bytes", "ignore-initial", "bytes", "all-entries", "archive", "renames", "html", "url-map"] as const;

/**
 * Refuses what makes no sense with many sources.
 *
 * @throws SuiteError E_USAGE
 */
export function checkManyFlags(
  flags: Record<(typeof FOR_PAIRS)[number], unknown> & { all: boolean; groups: boolean },
  sources: number,
): void {
  const word = flags.all ? "--all" : "--groups";
  const refuse = (message: string) => {
    throw suiteError("E_USAGE", message, { op: "parse" });
  };
  if (flags.all && flags.groups) refuse("--all and --groups are two questions: ask one");
  const other = FOR_PAIRS.find((name) => flags[name]);
  if (other) refuse(`--${other} is about two sides, and ${word} compares any number`);
  if (sources === 0) refuse(`${word} takes at least one source; see suite compare --help`);
}

/** The exit code it comes to; the strongest reason wins. */
function exitOf(result: AllResult | CompareResult | undefined, error: SuiteError | undefined, quiet: boolean): number {
  const differs = result?.verdict === "different";
  if (quiet && differs) return Exit.DIFFERENT;
  if (error) return error.exitCode;
  if (result && result.unreadable > 0) return Exit.FATAL;
  if (result && result.errors.length > 0) return Exit.PARTIAL;
  return differs ? Exit.DIFFERENT : Exit.OK;
}

const textOf = (name: Bytes) => (typeof name === "string" ? name : new TextDecoder().decode(name));
const bytesOf = (name: Bytes) => (typeof name === "string" ? new TextEncoder().encode(name) : name);

/** A line of a list that is a dash names a file; only as an operand it is standard input, and then it is text. */
const isDash = (name: Bytes) => typeof name !== "string" && name.length === 1 && name[0] === 0x2d;

/** Compares many sources: the exit code. */
export async function runMany(context: ManyContext, operands: readonly Bytes[]): Promise<number> {
  // A URL shows nothing that may be a secret.
  const names = operands.map((name) => (typeof name === "string" ? operandName(name) : name));
  const { output, messages, signals, quiet, json } = context;
  let result: AllResult | CompareResult | undefined;
  let error: SuiteError | undefined;
  try {
    const sources = operands.map((name) => (isDash(name) ? "./-" : context.read(name)));
    // Nothing is printed of the groups: then the first difference is enough.
    result = await (context.groups && !quiet
      ? printGroups(context, names, compareMany(sources, context.options))
      : watched(context, compareAll(sources, context.options)));
  } catch (thrown) {
    if (!(thrown instanceof SuiteError) || thrown.code === "E_WRITE" || thrown.code === "E_USAGE") throw thrown;
    error = thrown;
    result = thrown.partial as typeof result;
  }
  const exit = signals.exit ?? exitOf(result, error, quiet);
  if (!quiet && !context.groups && result) printAll(context, names, result as AllResult);
  if (json && !quiet) output.write(JSON.stringify(manySummaryJson(result, exit, error, names)), "\n");
  for (const { source, message, code } of result?.errors ?? []) {
    messages.write(`suite compare: ${textOf(names[source] ?? "")}: ${message} (${code})`);
  }
  if (error && error.code !== "E_CANCELLED") messages.write(`suite compare: ${error.message} (${error.code})`);
  return exit;
}

/** Shows how far a run is until it has ended. */
async function watched<Result>(
  context: ManyContext,
  job: ReturnType<typeof compareAll> & PromiseLike<Result>,
): Promise<Result> {
  using _ = shown(context, job);
  return await job;
}

function shown({ progress }: ManyContext, job: Pick<ReturnType<typeof compareAll>, "progress">): Disposable {
  return progress.start(() => stepOf(job.progress));
}

async function printGroups(
  context: ManyContext,
  names: readonly Bytes[],
  job: ReturnType<typeof compareMany>,
): Promise<CompareResult> {
  const { output, json, paint, progress, limit = Infinity } = context;
  using _ = shown(context, job);
  let printed = 0;
  for await (const group of job) {
    progress.poll();
    if (printed++ >= limit) continue;
    if (json) output.write(JSON.stringify(group.toJSON()), "\n");
    else if (context.null) output.write(...groupNames(group, names));
    else
      output.write(
        ...groupLine(group, names, nameRenderer(context), context.brief, (status, sigil) =>
          paint(LOOKS[status], sigil),
        ),
      );
    if (output.full) await output.flush();
  }
  return await job;
}

const nameRenderer =
  ({ terminal }: ManyContext) =>
  (name: Bytes): Rendered =>
    renderPath(textOf(name), () => bytesOf(name), terminal);

/** Two sources that differ, if two do; with `--json` the sources that are not known, as the summary has the two. */
function printAll(context: ManyContext, names: readonly Bytes[], { difference, errors }: AllResult): void {
  const { output, json } = context;
  if (json) {
    for (const [id, error] of errors.entries()) output.write(JSON.stringify(unknownJson(error, id, names)), "\n");
  } else if (difference) {
    const [left, right] = [names[difference.left] ?? "", names[difference.right] ?? ""];
    if (context.null) output.write("* ", left, "\0* ", right, "\0");
    else output.write(nameRenderer(context)(left), " ", nameRenderer(context)(right), " differ\n");
  }
}
