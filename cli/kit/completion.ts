/**
 * What the completions of all shells need to know of a command.
 * @module
 */
import { negation, placeholder, spellings, takesValue } from "./flag.ts";
import type { Tool } from "./tool.ts";

/** One flag, as a shell sees it. */
export interface CompletedFlag {
  /** `-j`, `--jobs` */
  words: string[];
  description: string;
  /** Whether a value follows: never, always, or only behind an equals sign. */
  value: "none" | "needed" | "optional";
  placeholder: string;
  /** What the value can be: a name of a file, one of these words, or anything. */
  completes: "files" | "nothing" | readonly string[];
  repeat: boolean;
}

/** One operand, as a shell sees it. */
export interface CompletedOperand {
  name: string;
  completes: "files" | readonly string[];
  repeat: boolean;
}

/** One command, as a shell sees it. */
export interface CompletedTool {
  name: string;
  summary: string;
  flags: CompletedFlag[];
  operands: CompletedOperand[];
}

const plain = (text: string) => text.replaceAll("`", "");

function flagsOf(tool: Tool): CompletedFlag[] {
  return Object.entries(tool.flags).flatMap(([name, flag]): CompletedFlag[] => {
    if (flag.hidden) return [];
    const valued = takesValue(flag);
    const words = flag.type === "boolean" && flag.default ? [] : spellings(name, flag);
    const optional = valued && "bare" in flag && flag.bare !== undefined;
    const shown: CompletedFlag = {
      words,
      description: plain(flag.description),
      value: valued ? (optional ? "optional" : "needed") : "none",
      placeholder: valued ? placeholder(flag) : "",
      completes: "values" in flag ? flag.values : flag.type === "path" ? "files" : "nothing",
      repeat: flag.type === "count" || ("repeat" in flag && flag.repeat === true),
    };
    const no = negation(flag);
    const negated: CompletedFlag = { ...shown, words: [`--no-${name}`], value: "none", completes: "nothing", repeat: false };
    return [...(words.length > 0 ? [shown] : []), ...(no === undefined ? [] : [negated])];
  });
}

/** What the shells need to know. */
export function completed(tool: Tool): CompletedTool {
  return {
    name: tool.name,
    summary: plain(tool.summary),
    flags: flagsOf(tool),
    operands: tool.operands.map(({ name, values, repeat = false }, i) => ({
      name,
      completes: values ?? "files",
      // The shells do not ask which flags there are: where some allow more operands, more are offered.
      repeat: repeat || (i === tool.operands.length - 1 && (tool.forms ?? []).some((form) => form.operands.some((o) => o.repeat))),
    })),
  };
}
