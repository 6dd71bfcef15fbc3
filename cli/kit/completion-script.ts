/**
 * The completions of any shell, by its name.
 * @module
 */
import { bashCompletion } from "./completion-bash.ts";
import { fishCompletion } from "./completion-fish.ts";
import { zshCompletion } from "./completion-zsh.ts";
import { completed } from "./completion.ts";
import { onlyTool } from "./program.ts";
import type { Tool } from "./tool.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The shells there are completions for. */
export const SHELLS = Object.keys(SCRIPTS) as readonly (keyof typeof SCRIPTS)[];

/** The script for a shell, which completes these tools by the name this program is called by. */
export function completionScript(shell: keyof typeof SCRIPTS, tools: readonly Tool[]): string {
  return SCRIPTS[shell](tools.map(completed), onlyTool());
}
