#!/usr/bin/env bun
/**
 * `suite`: finds the command, runs it, and ends with its exit code.
 * @module
 */
import { basename } from "node:path";
import { SuiteError } from "../src/errors.ts";
import { version } from "../package.json" with { type: "json" };
import { Exit } from "./kit/exit.ts";
import { ClosedPipe, Output } from "./kit/output.ts";
import { safeText } from "./kit/text.ts";

/** A command as this file sees it. */
interface Command {
  run(args: readonly string[]): Promise<number>;
}

/** Loaded when asked for, so that no command pays for another. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  compare: () => import("./commands/compare.ts"),
};

const help = `Examples:
  suite compare A B        are two files or directories the same?
  suite compare --help     all about comparing

Usage: suite COMMAND [OPTIONS] ...

Commands: ${Object.keys(COMMANDS).join(", ")}
Exit codes: docs/exit-codes.md
`;

async function print(text: string): Promise<number> {
  const output = new Output();
  output.write(text);
  await output.flush();
  return Exit.OK;
}

/** The command and its arguments: from the name the program was called by, or the first word. */
function dispatch(argv: readonly string[]): [name: string | undefined, args: readonly string[]] {
  const called = /^suite-([a-z]+)$/.exec(basename(process.argv0))?.[1];
  if (called && called in COMMANDS) return [called, argv];
  return [argv[0], argv.slice(1)];
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, args] = dispatch(argv);
  if (name === "--version" || name === "-V") return print(`suite ${version}\n`);
  if (name === "--help" || name === "-h" || name === "help") return print(help);
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) {
    const what = name === undefined ? "no command given" : `unknown command ${safeText(name)}`;
    process.stderr.write(`suite: ${what}; commands are ${Object.keys(COMMANDS).join(", ")}; see suite --help\n`);
    return Exit.USAGE;
  }
  return (await load()).run(args);
}

try {
  // Not process.exit(): what is still on its way to a pipe would be lost.
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ClosedPipe) {
    process.exitCode = error.exitCode;
  } else if (error instanceof SuiteError) {
    // What is wrong with the library takes several lines.
    const text = error.code === "E_NATIVE" ? error.message : safeText(error.message);
    process.stderr.write(`suite: ${text} (${error.code})\n`);
    process.exitCode = error.exitCode;
  } else {
    // A mistake of ours. Left to Bun it would end with 1, which says that two things differ.
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`suite: internal error: ${what}\n`);
    process.exitCode = Exit.FATAL;
  }
}
