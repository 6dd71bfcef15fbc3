/**
 * `suite completions SHELL`
 * @module
 */
import { completionScript, SHELLS } from "../kit/completion-script.ts";
import { Exit } from "../kit/exit.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { loadTools } from "./index.ts";

/** The definition. */
export const tool: Tool = defineTool({
  name: "completions",
  summary: "print completions for bash, zsh or fish",
  examples: [
    ['eval "$(suite completions bash)"', "in ~/.bashrc"],
    ["suite completions zsh > ~/.zfunc/_suite", "a folder of $fpath"],
    ["suite completions fish | source", "in config.fish"],
  ],
  operands: [{ name: "SHELL", values: SHELLS }],
  description: ["Prints a script that completes commands, options and their values. It calls nothing when a key is pressed."],
  flags: {},
  without: ["null", "quiet", "plain"],
  async run({ operands, output }) {
    output.write(completionScript(operands[0] as (typeof SHELLS)[number], await loadTools()));
    return Exit.OK;
  },
});
