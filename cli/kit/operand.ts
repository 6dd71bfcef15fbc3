/**
 * The arguments of a command that are no flags.
 * @module
 */
import type { Bytes } from "./flag.ts";
import { calledAs } from "./program.ts";
import { counted, oneOf, suggestion, usage } from "./usage.ts";

/** One operand of a tool. */
export interface Operand {
  /** In capitals, for the help. */
  readonly name: string;
  /** What it is; shown where a tool's description does not say it. */
  readonly description?: string;
  /** The only words it may be. Otherwise it is the name of a file. */
  readonly values?: readonly string[];
  readonly optional?: boolean;
  /** Any number of them. The last one only. */
  readonly repeat?: boolean;
}

/** Operands in place of a tool's own, when one of these flags is given. */
export interface OperandForm {
  /** Long names. */
  readonly flags: readonly string[];
  readonly operands: readonly Operand[];
}

/** The operands that the flags of a command line ask for. */
export function operandsFor(
  tool: { operands: readonly Operand[]; forms?: readonly OperandForm[] | undefined },
  given: ReadonlyMap<string, unknown>,
): readonly Operand[] {
  const form = tool.forms?.find(({ flags }) => flags.some((name) => given.get(name)));
  return form?.operands ?? tool.operands;
}

const least = (operands: readonly Operand[]) => operands.filter(({ optional }) => !optional).length;
const most = (operands: readonly Operand[]) => (operands.at(-1)?.repeat ? Infinity : operands.length);

/** `A B`, `[TOPIC]`, `FILE...` */
export function operandSynopsis(operands: readonly Operand[]): string {
  return operands
    .map(({ name, optional, repeat }) => {
      const word = repeat ? `${name}...` : name;
      return optional ? `[${word}]` : word;
    })
    .join(" ");
}

/**
 * Checks the number and the words of the operands.
 *
 * @param hint what may have made one of the words an operand
 * @throws SuiteError E_USAGE
 */
export function checkOperands(tool: { name: string; operands: readonly Operand[] }, given: readonly Bytes[], hint?: string): void {
  const [min, max] = [least(tool.operands), most(tool.operands)];
  const help = `see ${calledAs(tool.name)} --help`;
  if (given.length < min || given.length > max) {
    const bound = min === max ? "" : given.length < min ? "at least " : "up to ";
    const wanted = `${bound}${counted(given.length < min ? min : max, "operand")}`;
    throw usage(`takes ${wanted}, not ${given.length}; ${given.length > max && hint !== undefined ? hint : help}`);
  }
  for (const [i, { name, values }] of tool.operands.entries()) {
    const word = given[i];
    if (!values || word === undefined) continue;
    const text = typeof word === "string" ? word : new TextDecoder().decode(word);
    if (!values.includes(text)) {
      throw usage(`${name} is ${oneOf(values)}, not ${text}${suggestion(text, values, `; ${help}`)}`);
    }
  }
}
