/**
 * `suite` itself: finds the tool, runs it, and says what went wrong.
 * @module
 */
import { SuiteError } from "../../src/errors.ts";
import { ClosedPipe } from "./closed-pipe.ts";
import { Exit } from "./exit.ts";
import { onlyTool, program, startAs } from "./program.ts";
import type { Tool } from "./tool.ts";

/** A tool before it is loaded. */
export interface Command {
  /** For the list of commands; the same as in its definition. */
  readonly summary: string;
  /** Loaded when asked for, so that no command pays for another. */
  load(): Promise<{ readonly tool: Tool }>;
}

/** Tools by name. */
export type Commands = Readonly<Record<string, Command>>;

/** A program: what it is called, and what it can do. */
export interface Program {
  readonly commands: Commands;
  /** The name it was called by, or the path: `suite-compare` is the command alone. */
  readonly called: string;
  /** Names of all tools, also of those it does not carry: their settings are no mistakes. */
  readonly names?: readonly string[];
}

/** The command that a program called `suite-NAME` is. */
function commandCalled(commands: Commands, called: string): string | undefined {
  const name = /(?:^|\/)suite-([a-z]+)$/.exec(called)?.[1];
  return name !== undefined && Object.hasOwn(commands, name) ? name : undefined;
}

async function run({ commands, called, names = Object.keys(commands) }: Program, argv: readonly string[]): Promise<number> {
  const only = commandCalled(commands, called);
  startAs(only);
  if (argv.length === 1 && (argv[0] === "--version" || (argv[0] === "-V" && only === undefined))) {
    // Before anything is loaded that only work needs.
    const { printVersion } = await import("./print-version.ts");
    return printVersion();
  }
  const [name, args] = only === undefined ? [argv[0], argv.slice(1)] : [only, argv];
  if (name === undefined || name.startsWith("-")) {
    const { runRoot } = await import("./root.ts");
    return runRoot(commands, argv);
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const { suggestion, usage } = await import("./usage.ts");
    const hint = suggestion(name, names, ";");
    throw usage(`unknown command ${name}${hint} commands are ${names.join(", ")}; see suite --help`);
  }
  const [{ runCommandLine }, { tool }] = await Promise.all([import("./run-tool.ts"), command.load()]);
  return runCommandLine(tool, args, names);
}

/** Who says what is wrong: the command, where there is one. */
function speaker(commands: Commands, argv: readonly string[]): string {
  const name = argv[0];
  return onlyTool() === undefined && name !== undefined && Object.hasOwn(commands, name) ? `suite ${name}` : program();
}

/** Runs a command line to its end: the exit code. Nothing is thrown. */
export async function runSuite(suite: Program, argv: readonly string[]): Promise<number> {
  try {
    return await run(suite, argv);
  } catch (error) {
    if (error instanceof ClosedPipe) return error.exitCode;
    const { Messages } = await import("./messages.ts");
    const messages = new Messages();
    if (error instanceof SuiteError) {
      const line = `${speaker(suite.commands, argv)}: ${error.message} (${error.code})`;
      // What is wrong with the library takes several lines.
      if (error.code === "E_NATIVE") messages.writeLines(line);
      else messages.write(line);
      return error.exitCode;
    }
    // Ours to mend. Never 1: that would mean "different".
    messages.writeLines(`${program()}: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return Exit.FATAL;
  }
}
