/**
 * `suite compare -l`, `-b` and `--ranges`: the bytes themselves.
 * @module
 */
import { statSync } from "node:fs";
import { compareRanges } from "../../src/compare/ranges.ts";
import { suiteError, SuiteError } from "../../src/errors.ts";
import type { CompareOptions, PairResult, Source, TreeSource } from "../../src/index.ts";
import { RangeRecord } from "../../src/records.gen.ts";
import { byteLines, placeSuffix, rangeLine, rangesLine } from "../../src/report/compare-bytes.ts";
import { summaryJson } from "../../src/report/compare-json.ts";
import type { Bytes } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import type { Output } from "../kit/output.ts";
import type { Progress } from "../kit/progress.ts";
import type { Signals } from "../kit/signals.ts";
import { exitCode, stepOf } from "./compare-outcome.ts";
import { operandName } from "./compare-urls.ts";

/** Both sides: as they were written, and as the library takes them. */
export interface Operands {
  readonly a: Bytes;
  readonly b: Bytes;
  readonly left: Source | TreeSource;
  readonly right: Source | TreeSource;
}

/** What the list is made with. */
export interface RangesContext {
  readonly output: Output;
  readonly messages: Messages;
  readonly progress: Progress;
  readonly signals: Signals;
  readonly options: CompareOptions;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly "verbose-bytes": boolean;
  readonly "print-bytes": boolean;
}

/** Digits of the largest byte number there can be, as cmp aligns its lines; of any number where a size is not known. */
function numberWidth(operands: readonly Bytes[], { skip = 0, limitBytes }: CompareOptions): number {
  const skips = typeof skip === "number" ? [skip, skip] : skip;
  let most = limitBytes ?? Number.MAX_SAFE_INTEGER;
  for (const [side, operand] of operands.entries()) {
    try {
      const stat = statSync(typeof operand === "string" ? operand : Buffer.from(operand));
      if (stat.isFile()) most = Math.min(most, stat.size - (skips[side] ?? 0));
    } catch {
      // The comparison itself says what is wrong.
    }
  }
  return String(Math.max(most, 0)).length;
}

/** Prints all that differs: the exit code. */
export async function runRanges(context: RangesContext, { a, b, left, right }: Operands): Promise<number> {
  const { output, messages, progress, signals, options, json, quiet } = context;
  const listing = context["verbose-bytes"];
  const width = listing ? numberWidth([a, b], options) : 0;
  let result: PairResult | undefined;
  let error: SuiteError | undefined;
  try {
    const job = compareRanges(left, right, { ...options, bytes: listing, collect: 0 });
    using _ = progress.start(() => stepOf(job.progress));
    for await (const record of job) {
      if (quiet) continue;
      if (json) output.write(JSON.stringify(record.toJSON()), "\n");
      else if (record instanceof RangeRecord) {
        output.write(listing ? byteLines(record, width, context["print-bytes"]) : rangeLine(record));
      }
      if (output.full) await output.flush();
      progress.poll();
    }
    result = await job;
  } catch (thrown) {
    if (!(thrown instanceof SuiteError) || thrown.code === "E_WRITE" || thrown.code === "E_USAGE") throw thrown;
    error = thrown;
    result = thrown.partial as typeof result;
  }
  const exit = signals.exit ?? exitCode(result, error, quiet);
  if (json && !quiet) output.write(JSON.stringify(summaryJson(result, exit, error)), "\n");
  else if (!quiet && !listing && result?.verdict === "different") output.write(rangesLine(result));
  if (result?.reasons.includes("size_mismatch") && !quiet && !json) tellEnd(messages, result, a, b);
  if (error && error.code !== "E_CANCELLED") messages.write(`suite compare: ${error.message} (${error.code})`);
  return exit;
}

/** Which side ended first, in the words of cmp. */
function tellEnd(messages: Messages, { size }: PairResult, a: Bytes, b: Bytes): void {
  const [left, right] = [size[0] ?? Number.POSITIVE_INFINITY, size[1] ?? Number.POSITIVE_INFINITY];
  const shorter = left < right ? a : b;
  const length = Math.min(left, right);
  const where = length === 0 ? "which is empty" : `after byte ${length}`;
  messages.write(`suite compare: EOF on ${operandName(shorter)} ${where}`);
}

/**
 * Refuses sides that {@link bytesAt} cannot look at: a tree has no one place, as for cmp, which takes no directories.
 *
 * @throws SuiteError E_USAGE
 */
export function refuseBytesAt(a: Bytes, b: Bytes): void {
  if (a === "-" || b === "-") {
    throw suiteError("E_USAGE", "-b looks at both sides again, which standard input cannot be", { op: "compare" });
  }
  // What is not there, or may not be looked at, the comparison itself tells of.
  const isTree = (side: Bytes) =>
    statSync(typeof side === "string" ? side : Buffer.from(side), { throwIfNoEntry: false })?.isDirectory() ?? false;
  let trees: boolean;
  try {
    trees = isTree(a) && isTree(b);
  } catch {
    return;
  }
  if (trees) throw suiteError("E_USAGE", `${operandName(a)} and ${operandName(b)}: -b is for two files, not for trees`, { op: "compare" });
}

/** Both bytes at the place where two files differ, as `cmp -b` tells of them; nothing where one has ended. */
export async function bytesAt(result: PairResult, sides: Operands, skip: CompareOptions["skip"] = 0): Promise<string> {
  if (result.offset === undefined || !result.reasons.includes("content_mismatch")) return "";
  const [left, right] = typeof skip === "number" ? [skip, skip] : skip;
  const at: [number, number] = [left + result.offset, right + result.offset];
  for await (const record of compareRanges(sides.left, sides.right, { skip: at, limitBytes: 1, bytes: true })) {
    if (!(record instanceof RangeRecord)) continue;
    const [x, y] = [record.leftBytes?.[0], record.rightBytes?.[0]];
    if (x !== undefined && y !== undefined) return placeSuffix(x, y);
  }
  return "";
}
