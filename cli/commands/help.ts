/**
 * `suite help [TOPIC]`
 * @module
 */
import { twoColumns } from "../kit/columns.ts";
import { Exit, EXIT_CODES } from "../kit/exit.ts";
import { rootHelp } from "../kit/root-help.ts";
import { helpText } from "../kit/run-tool.ts";
import type { Painter } from "../kit/style.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { COMMANDS, loadTool } from "./index.ts";

/** The table of exit codes, for people. */
function exitCodes(paint: Painter): string {
  const rows = EXIT_CODES.map(({ code, name, when }) => [`${String(code).padStart(3)}  ${name}`, when.replaceAll("`", "")] as const);
  return `Every command ends with one of these:\n\n${twoColumns(rows, { width: 80, widest: 40, paint: (term) => paint("bold", term) })}`;
}

/** The definition. */
export const tool: Tool = defineTool({
  name: "help",
  summary: "explain a command, or the exit codes",
  examples: [
    ["suite help compare", "the same as suite compare --help"],
    ["suite help exit-codes", "what the exit codes mean"],
  ],
  operands: [{ name: "TOPIC", values: [...Object.keys(COMMANDS), "exit-codes"], optional: true }],
  description: [],
  flags: {},
  without: ["null", "quiet"],
  async run({ operands, output, paint }) {
    const [topic] = operands;
    if (topic === undefined) output.write(rootHelp(COMMANDS, paint));
    else if (topic === "exit-codes") output.write(exitCodes(paint));
    else output.write(await helpText(await loadTool(String(topic)), paint));
    return Exit.OK;
  },
});
