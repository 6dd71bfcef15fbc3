/**
 * Strict command lines: what is not known is an error with a suggestion.
 * @module
 */
import { readFileSync } from "node:fs";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { closest } from "fastest-levenshtein";
import { suiteError } from "../../src/errors.ts";

function suggest(flag: string, known: readonly string[]): string {
  const near = closest(flag, known);
  return near ? `; did you mean ${near}?` : "";
}

/** A command line taken apart. */
export interface ParsedArgs {
  flags: Record<string, string | boolean | undefined>;
  /** As text, or as bytes where they are not UTF-8. */
  operands: (string | Uint8Array)[];
}

/**
 * Takes the arguments of a command apart.
 *
 * @throws SuiteError E_USAGE for an unknown flag, a missing or surplus value
 */
export function parseFlags(args: readonly string[], options: ParseArgsOptionsConfig): ParsedArgs {
  const long = Object.keys(options).map((name) => `--${name}`);
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const known = options[token.name];
    if (!known) {
      const hint = token.rawName.startsWith("--") ? suggest(token.rawName, long) : "";
      throw usage(`unknown option ${token.rawName}${hint}`);
    }
    if (known.type === "boolean" && token.value !== undefined) throw usage(`${token.rawName} takes no value`);
    if (known.type === "string" && (token.value === undefined || (!token.inlineValue && /^-./.test(token.value)))) {
      throw usage(`${token.rawName} needs a value`);
    }
  }
  const operands = tokens.flatMap((t) =>
    t.kind === "positional" ? [operandBytes(t.value, args.length - 1 - t.index)] : [],
  );
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    return { flags: values as ParsedArgs["flags"], operands };
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

/** An error of the command line. */
export function usage(message: string): Error {
  return suiteError("E_USAGE", message, { op: "parse" });
}

/** A whole number of a flag. */
export function wholeNumber(flag: string, text: string | boolean | undefined, min: number, max: number): number | undefined {
  if (typeof text !== "string") return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw usage(`${flag} is a whole number from ${min} to ${max}, not ${text}`);
  return value;
}

const UNITS: Record<string, number> = { "": 1, b: 1 };
for (const [i, letter] of [..."kmgt"].entries()) {
  UNITS[letter] = UNITS[`${letter}ib`] = 1024 ** (i + 1);
  UNITS[`${letter}b`] = 1000 ** (i + 1);
}

/** A size of a flag: `64k` and `64KiB` are 65536, `64kB` is 64000. */
export function size(flag: string, text: string | boolean | undefined, min: number, max: number): number | undefined {
  if (typeof text !== "string") return undefined;
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  const value = Number(digits) * (UNITS[unit?.toLowerCase() ?? ""] ?? Number.NaN);
  if (!(value >= min && value <= max)) {
    throw usage(`${flag} is a size from ${min} to ${max} bytes, such as 64k or 1MiB, not ${text}`);
  }
  return value;
}

/**
 * The bytes of an operand. Bun decodes arguments, and loses what is not
 * UTF-8; the system still has it.
 *
 * @param fromEnd how many arguments follow it
 */
function operandBytes(operand: string, fromEnd: number): string | Uint8Array {
  if (!operand.includes("\ufffd")) return operand;
  try {
    const raw = readFileSync("/proc/self/cmdline");
    let end = raw.length - 1;
    for (let i = 0; i < fromEnd; i++) end = raw.lastIndexOf(0, end - 1);
    const start = raw.lastIndexOf(0, end - 1) + 1;
    return new Uint8Array(raw.subarray(start, end));
  } catch {
    return operand;
  }
}
