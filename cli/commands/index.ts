/**
 * The tools there are. A new one is a file beside this one, called as the tool, and a line in here.
 * @module
 */
import type { Commands } from "../kit/suite.ts";

/** What people come for. Each is an executable of its own too: `suite-compare`. */
export const TOOLS: Commands = {
  compare: { summary: "tell whether files, directories, archives or URLs are the same", load: () => import("./compare.ts") },
  find: { summary: "find files and directories by name, kind, size and time", load: () => import("./find.ts") },
};

/** In the order of `suite --help`. */
export const COMMANDS: Commands = {
  ...TOOLS,
  config: { summary: "show the settings, and where they come from", load: () => import("./config.ts") },
  help: { summary: "explain a command, or the exit codes", load: () => import("./help.ts") },
  man: { summary: "print the manual page of a command", load: () => import("./man.ts") },
  completions: { summary: "print completions for bash, zsh or fish", load: () => import("./completions.ts") },
};

/** Loads one tool by its name, which is in the list. */
export async function loadTool(name: string) {
  const command = COMMANDS[name];
  if (!command) throw new Error(`no command ${name}`);
  return (await command.load()).tool;
}

/** Loads every tool. */
export function loadTools() {
  return Promise.all(Object.keys(COMMANDS).map(loadTool));
}
