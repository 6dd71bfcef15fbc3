/**
 * What `suite compare` prints.
 * @module
 */
import type { EntryRecord, PairResult, RenameRecord, Status, SuiteError, TreeSummary } from "../../src/index.ts";
import { summaryJson } from "../../src/report/compare-json.ts";
import { entryLine, pairLine, type EntryLooks, type PathRenderer, type Rendered } from "../../src/report/compare-text.ts";
import type { Bytes } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import type { Output } from "../kit/output.ts";
import type { Look, Painter } from "../kit/style.ts";
import { renderPath } from "../kit/text.ts";
import { operandName } from "./compare-urls.ts";

/** How the sign of each status looks. What matters most is not left to colours: every terminal has some that nobody can read. */
export const LOOKS: Record<Status, Look> = { equal: "dim", different: "bold", only_left: "red", only_right: "green", unknown: "inverse" };

/** How it is to look. */
export interface PrinterOptions {
  readonly output: Output;
  readonly messages: Messages;
  readonly paint: Painter;
  readonly terminal: boolean;
  readonly json: boolean;
  readonly brief: boolean;
  readonly null: boolean;
}

const bytesOf = (operand: Bytes) => (typeof operand === "string" ? new TextEncoder().encode(operand) : operand);

/** A path as it is. */
const asItIs: PathRenderer = (path, bytes) => (path.includes("\ufffd") ? bytes() : path);

/** Writes the entries of a comparison as lines or JSON, a pair in the words of cmp. */
export class ComparePrinter {
  readonly #o: PrinterOptions;
  readonly #brief: boolean;
  readonly #render: PathRenderer;
  readonly #looks: EntryLooks;
  /** Not yet printed: the only entry of a pair is told in another way. */
  #held: EntryRecord | undefined;
  #bytes = "";

  constructor(options: PrinterOptions) {
    this.#o = options;
    // Between NULs there are names alone: a reason behind one could not be told from it.
    this.#brief = options.brief || options.null;
    this.#render = options.null ? asItIs : (path, bytes) => renderPath(path, bytes, options.terminal);
    const { paint, terminal } = options;
    this.#looks = {
      sign: (status, sigil) => paint(LOOKS[status], sigil),
      note: (text) => `${terminal ? "  " : "\t"}${paint("dim", text)}`,
    };
  }

  async entry(entry: EntryRecord): Promise<void> {
    const { output, json } = this.#o;
    if (json) {
      output.write(JSON.stringify(entry.toJSON()), "\n");
    } else {
      if (this.#held) this.#treeEntry(this.#held);
      this.#held = entry;
    }
    if (output.full) await output.flush();
  }

  /** A file under two names, behind all entries. */
  async rename(rename: RenameRecord): Promise<void> {
    const { output, json, paint, terminal } = this.#o;
    if (json) {
      output.write(JSON.stringify(rename.toJSON()), "\n");
    } else {
      if (this.#held) this.#treeEntry(this.#held);
      this.#held = undefined;
      const from = this.#render(rename.from, () => rename.fromBytes);
      const to = this.#render(rename.to, () => rename.toBytes);
      const sign = `${paint(LOOKS.different, "~")} `;
      if (this.#o.null) output.write(sign, from, "\0", sign, to, "\0");
      else output.write(sign, from, terminal ? ` ${paint("dim", "->")} ` : "\t", to, "\n");
    }
    if (output.full) await output.flush();
  }

  /** What is to stand behind the place where two files differ. */
  tellBytes(text: string): void {
    this.#bytes = text;
  }

  end(result: PairResult | TreeSummary | undefined, exit: number, error: SuiteError | undefined, a: Bytes, b: Bytes): void {
    const held = this.#held;
    if (this.#o.json) {
      this.#o.output.write(JSON.stringify(summaryJson(result, exit, error)), "\n");
    } else if (held && result?.kind === "pair") {
      this.#pairEntry(held, result, a, b);
    } else if (held) {
      this.#treeEntry(held);
    }
  }

  #entryLine(entry: EntryRecord): Rendered[] {
    return entryLine(entry, this.#render, this.#brief, this.#looks);
  }

  #treeEntry(entry: EntryRecord): void {
    this.#line(this.#entryLine(entry));
    if (entry.error) {
      const { message, code } = entry.error;
      this.#o.messages.write(`suite compare: ${entry.path}: ${message} (${code})`);
    }
  }

  #pairEntry(entry: EntryRecord, result: PairResult, a: Bytes, b: Bytes): void {
    const differs = entry.status === "different" && !result.reasons.includes("type_mismatch");
    const name = (operand: Bytes) => this.#render(operandName(operand), () => bytesOf(operand));
    this.#line(differs ? this.#withBytes(pairLine(name(a), name(b), result, this.#brief)) : this.#entryLine(entry));
  }

  #withBytes(line: Rendered[]): Rendered[] {
    const last = line.pop();
    return [...line, typeof last === "string" ? last.replace(/\n$/, `${this.#bytes}\n`) : (last ?? "")];
  }

  #line(parts: Rendered[]): void {
    // Only the last part is ours for sure to end in a newline.
    const last = parts.pop();
    const end = this.#o.null && typeof last === "string" ? last.replace(/\n$/, "\0") : last;
    this.#o.output.write(...parts, end ?? "");
  }
}
