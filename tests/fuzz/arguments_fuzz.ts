// Any words as a command line, each ended by a NUL: values of their flags' types, operands, or one error of usage.
import assert from "node:assert/strict";
import { tool as compare } from "../../cli/commands/compare.ts";
import { parseFlags } from "../../cli/kit/args.ts";
import { SuiteError } from "../../src/errors.ts";
import { toy } from "../support/toy-tool.ts";
import { textOf, type FuzzTarget } from "./kit/target.ts";

/** Spellings of every flag there is. */
const words = [toy, compare].flatMap(({ flags }) =>
  Object.entries(flags).flatMap(([name, { short }]) => [`--${name}`, `--no-${name}`, ...(short ? [`-${short}`] : [])]),
);

export const target: FuzzTarget = {
  words: [
    ...new Set(words),
    "\0",
    "=",
    "--",
    "-",
    "1",
    "64k",
    "90s",
    "2 days ago",
    "always",
    "mode,owner",
    "1:2",
    "__proto__",
    "constructor",
  ],
  run(input) {
    // Where a byte was no UTF-8 the parser would look at the arguments of this very process.
    const args = textOf(input).replaceAll("\ufffd", "?").split("\0");
    for (const tool of [toy, compare]) {
      const { given, operands, error } = parseFlags(tool.name, args, tool.flags);
      if (error !== undefined) assert(error instanceof SuiteError && error.code === "E_USAGE", error);
      for (const [name, value] of given) {
        const flag = Object.hasOwn(tool.flags, name) ? tool.flags[name] : undefined;
        assert(flag, `${name} is no flag`);
        assert(value !== undefined && !Number.isNaN(value), name);
        if (flag.type === "boolean") assert.equal(typeof value, "boolean");
        if ("repeat" in flag && flag.repeat) assert(Array.isArray(value));
      }
      // Operands are arguments, as they were and in their order.
      let at = 0;
      for (const operand of operands) {
        at = args.indexOf(String(operand), at) + 1;
        assert(at > 0, String(operand));
      }
    }
  },
};
