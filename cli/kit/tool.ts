/**
 * `defineTool()`: the one definition of a command. The parser, the help, the
 * manual page, the completions and the configuration follow from it.
 * @module
 */
import { defineCommand, runCommand, type ArgsDef, type CommandDef } from "citty";
import { placeholder, takesValue, type Bytes, type Flags, type Values } from "./flag.ts";
import type { Messages } from "./messages.ts";
import type { Operand, OperandForm } from "./operand.ts";
import type { Output } from "./output.ts";
import type { Progress } from "./progress.ts";
import { SHARED, type SharedFlags } from "./shared.ts";
import type { Signals } from "./signals.ts";
import type { Painter } from "./style.ts";

/** A command line worth copying, and what it does. */
export type Example = readonly [command: string, does: string];

/** What a tool gets to work with. */
export interface Invocation<F extends Flags = Flags> {
  readonly flags: Values<F>;
  readonly operands: readonly Bytes[];
  /** Standard output. Flushed when the tool has returned. */
  readonly output: Output;
  /** Standard error, for people. */
  readonly messages: Messages;
  readonly progress: Progress;
  readonly signals: Signals;
  /** Colours of standard output, where it has them. */
  readonly paint: Painter;
  /** Standard output is a terminal, and `--plain` was not given. */
  readonly terminal: boolean;
}

/** A command as its file writes it. */
export interface ToolDefinition<F extends Flags> {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, in a few words: no capital, no full stop. */
  readonly summary: string;
  readonly examples: readonly Example[];
  readonly operands: readonly Operand[];
  /** Other operands, with some flags: the first form of which a flag is given counts. */
  readonly forms?: readonly OperandForm[];
  /** Paragraphs for below the usage line. */
  readonly description: readonly string[];
  /** Lists for below the description: terms and what they mean. */
  readonly sections?: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  readonly flags: F;
  /** Shared flags that mean nothing here. */
  readonly without?: readonly Exclude<keyof SharedFlags, "help" | "version" | "color" | "progress" | "config">[];
  /** Does it: the exit code. Throws SuiteError. */
  run(invocation: Invocation<Omit<SharedFlags, keyof F> & F>): Promise<number>;
}

/** A command as the rest of the kit sees it. */
export interface Tool extends Omit<ToolDefinition<Flags>, "run" | "without"> {
  /** Its own flags first, then the shared ones. */
  readonly flags: Flags;
  /** The command for citty, which knows its life cycle. */
  readonly command: CommandDef;
}

/**
 * Defines a command.
 *
 * @example
 * ```ts
 * import { defineTool } from "./cli/kit/tool.ts";
 *
 * export const tool = defineTool({
 *   name: "count",
 *   summary: "count to a number",
 *   examples: [["suite count --to 3", "1 2 3"]],
 *   operands: [],
 *   description: [],
 *   flags: { to: { type: "integer", min: 1, default: "10", description: "where to stop" } },
 *   async run({ flags, output }) {
 *     for (let i = 1; i <= flags.to; i++) output.write(`${i}\n`);
 *     return 0;
 *   },
 * });
 * console.log(tool.name); // count
 * ```
 */
export function defineTool<const F extends Flags>(definition: ToolDefinition<F>): Tool {
  const { run, without = [], ...rest } = definition;
  const shared = Object.entries(SHARED).filter(([name]) => !without.includes(name as never));
  const flags: Flags = { ...definition.flags, ...Object.fromEntries(shared.filter(([name]) => !(name in definition.flags))) };
  const command = defineCommand({
    meta: { name: definition.name, description: definition.summary },
    args: cittyArgs(flags, definition.operands),
    run: ({ data }) => run(data as Parameters<typeof run>[0]),
  });
  return { ...rest, flags, command: command as CommandDef };
}

/** Runs a tool with what the strict parser made of its command line: its exit code. */
export async function runTool(tool: Tool, invocation: Invocation): Promise<number> {
  // citty's own parser would lose repeats, numbers and errors, so it gets nothing to parse. Nor are there definitions
  // for it: it would spell each in three ways, which takes longer than all else before the first byte.
  const { result } = await runCommand({ ...tool.command, args: {} }, { rawArgs: [], data: invocation });
  return result as number;
}

/** The definition in citty's words, for its plug-ins. It checks nothing here: the strict parser has. */
function cittyArgs(flags: Flags, operands: readonly Operand[]): ArgsDef {
  const args: ArgsDef = {};
  for (const { name, description } of operands) {
    args[name.toLowerCase()] = { type: "positional", required: false, ...(description !== undefined && { description }) };
  }
  for (const [name, flag] of Object.entries(flags)) {
    const alias = [...(flag.short === undefined ? [] : [flag.short]), ...(flag.aliases ?? [])];
    const common = { description: flag.description, alias };
    args[name] = takesValue(flag)
      ? { type: "string", valueHint: placeholder(flag), ...common }
      : { type: "boolean", ...common };
  }
  return args;
}
