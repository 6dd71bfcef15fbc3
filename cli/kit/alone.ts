/**
 * What a command has when it is a program of its own, `suite-compare`: flags
 * for what the commands beside it do in `suite`.
 * @module
 */
import type { Flags } from "./flag.ts";
import type { Tool } from "./tool.ts";
import { version } from "./version.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

const FLAGS = {
  man: { type: "boolean", config: false, description: "print the manual page" },
  completions: { type: "enum", values: SHELLS, value: "SHELL", config: false, description: "print completions for bash, zsh or fish" },
} as const satisfies Flags;

/** The tool with those flags. */
export function standalone(tool: Tool): Tool {
  return { ...tool, flags: { ...tool.flags, ...FLAGS } };
}

/** The text that one of those flags asks for, if one was given. */
export async function standaloneText(tool: Tool, given: ReadonlyMap<string, unknown>): Promise<string | undefined> {
  if (given.get("man")) return (await import("./man.ts")).renderMan(tool, version);
  const shell = given.get("completions") as (typeof SHELLS)[number] | undefined;
  if (shell === undefined) return undefined;
  const { completionScript } = await import("./completion-script.ts");
  return completionScript(shell, [tool]);
}
