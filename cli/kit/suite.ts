/**
 * `suite` itself: finds the tool, runs it, and says what went wrong.
 * @module
 */
import { SuiteError } from "../../src/errors.ts";
import { Exit } from "./exit.ts";
import { ClosedPipe } from "./output.ts";
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

/** The command and its arguments: from the name the program was called by, or the first word. */
function dispatch(commands: Commands, program: string, argv: readonly string[]): [name: string | undefined, args: readonly string[]] {
  const called = /^suite-([a-z]+)$/.exec(program)?.[1];
  if (called !== undefined && Object.hasOwn(commands, called)) return [called, argv];
  return [argv[0], argv.slice(1)];
}

async function run(commands: Commands, program: string, argv: readonly string[]): Promise<number> {
  const [name, args] = dispatch(commands, program, argv);
  if (name === undefined || name.startsWith("-")) {
    const { runRoot } = await import("./root.ts");
    return runRoot(commands, argv);
  }
  const names = Object.keys(commands);
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
function speaker(commands: Commands, program: string, argv: readonly string[]): string {
  const [name] = dispatch(commands, program, argv);
  return name !== undefined && Object.hasOwn(commands, name) ? `suite ${name}` : "suite";
}

/**
 * Runs a command line to its end: the exit code. Nothing is thrown.
 *
 * @param program the name the program was called by
 */
export async function runSuite(commands: Commands, program: string, argv: readonly string[]): Promise<number> {
  try {
    return await run(commands, program, argv);
  } catch (error) {
    if (error instanceof ClosedPipe) return error.exitCode;
    const { Messages } = await import("./messages.ts");
    const messages = new Messages();
    if (error instanceof SuiteError) {
      const line = `${speaker(commands, program, argv)}: ${error.message} (${error.code})`;
      // What is wrong with the library takes several lines.
      if (error.code === "E_NATIVE") messages.writeLines(line);
      else messages.write(line);
      return error.exitCode;
    }
    // Ours to mend. Never 1: that would mean "different".
    messages.writeLines(`suite: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return Exit.FATAL;
  }
}
