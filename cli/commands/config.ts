/**
 * `suite config show [TOOL]`
 * @module
 */
import { userConfigPath } from "../kit/config-path.ts";
import { settingRecords } from "../kit/config-json.ts";
import { showSettings, strayVariables } from "../kit/config-show.ts";
import { Exit } from "../kit/exit.ts";
import { layersAround } from "../kit/run-tool.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { COMMANDS, loadTool, loadTools } from "./index.ts";

/** The definition. */
export const tool: Tool = defineTool({
  name: "config",
  summary: "show the settings, and where they come from",
  examples: [
    ["suite config show", "every setting of every command"],
    ["suite config show compare", "those of one command"],
    ["suite config show --json", "a record for each of them"],
    ["suite config show --config ./suite.toml", "check a file before it is used"],
  ],
  operands: [
    { name: "ACTION", values: ["show"] },
    { name: "COMMAND", values: Object.keys(COMMANDS), optional: true },
  ],
  description: [
    "Flags are stronger than variables (`SUITE_COMPARE_JOBS`), these than the file of `--config` or `SUITE_CONFIG`, then comes " +
      "the file of the user, `$XDG_CONFIG_HOME/suite/config.toml`. Nothing in the working directory is read unasked.",
    "What is printed is TOML, and can be saved as a configuration; with `--json` it is a record for each setting.",
  ],
  flags: {
    json: { type: "boolean", config: false, description: "JSON Lines (docs/records.md)" },
  },
  without: ["null", "quiet"],
  async run({ flags, operands, output, messages }) {
    const layers = await layersAround(flags.config, Object.keys(COMMANDS));
    const tools = operands[1] === undefined ? await loadTools() : [await loadTool(String(operands[1]))];
    const { text, variables } = await showSettings(tools, { ...layers, given: new Map() });
    const own = userConfigPath(process.env);
    for (const line of strayVariables(process.env, variables)) messages.write(`suite config: ${line}`);
    if (flags.json) {
      const records = [...settingRecords(tools, layers)];
      for (const record of records) output.write(JSON.stringify(record), "\n");
      const summary = { v: 1, type: "summary", exit: Exit.OK, settings: records.length, ...(own !== undefined && { user_config: own }) };
      output.write(JSON.stringify(summary), "\n");
      return Exit.OK;
    }
    output.write(`# ${own === undefined ? "No user configuration: neither XDG_CONFIG_HOME nor HOME is a path" : `User configuration: ${own}`}\n`);
    output.write(text);
    return Exit.OK;
  },
});
