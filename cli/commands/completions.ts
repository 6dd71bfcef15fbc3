/**
 * `suite completions SHELL`
 * @module
 */
import { completed } from "../kit/completion.ts";
import { bashCompletion } from "../kit/completion-bash.ts";
import { fishCompletion } from "../kit/completion-fish.ts";
import { zshCompletion } from "../kit/completion-zsh.ts";
import { Exit } from "../kit/exit.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { loadTools } from "./index.ts";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The definition. */
export const tool: Tool = defineTool({
  name: "completions",
  summary: "print completions for bash, zsh or fish",
  examples: [
    ['eval "$(suite completions bash)"', "in ~/.bashrc"],
    ["suite completions zsh > ~/.zfunc/_suite", "a folder of $fpath"],
    ["suite completions fish | source", "in config.fish"],
  ],
  operands: [{ name: "SHELL", values: Object.keys(SHELLS) }],
  description: ["Prints a script that completes commands, options and their values. It calls nothing when a key is pressed."],
  flags: {},
  without: ["null", "quiet", "plain"],
  async run({ operands, output }) {
    const script = SHELLS[operands[0] as keyof typeof SHELLS];
    output.write(script((await loadTools()).map(completed)));
    return Exit.OK;
  },
});
