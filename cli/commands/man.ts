/**
 * `suite man TOOL`
 * @module
 */
import { Exit } from "../kit/exit.ts";
import { renderMan } from "../kit/man.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { version } from "../kit/version.ts";
import { COMMANDS, loadTool } from "./index.ts";

/** The definition. */
export const tool: Tool = defineTool({
  name: "man",
  summary: "print the manual page of a command",
  examples: [
    ["suite man compare | man -l -", "read it"],
    ["suite man compare > suite-compare.1", "install it"],
  ],
  operands: [{ name: "COMMAND", values: Object.keys(COMMANDS) }],
  description: ["Prints the page in mdoc, for `man` or `mandoc`."],
  flags: {},
  without: ["null", "quiet", "plain"],
  async run({ operands, output }) {
    output.write(renderMan(await loadTool(String(operands[0])), version));
    return Exit.OK;
  },
});
