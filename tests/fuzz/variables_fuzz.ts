// Any lines NAME=VALUE as the environment: settings that `suite config show` writes and that are read back the same, or
// one error.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfigs } from "../../cli/kit/config-file.ts";
import { showSettings, strayVariables } from "../../cli/kit/config-show.ts";
import { settings, type Layers } from "../../cli/kit/settings.ts";
import { toy } from "../support/toy-tool.ts";
import { laterUnlessRefused, textOf, unlessRefused, type FuzzTarget } from "./kit/target.ts";

const path = join(mkdtempSync(join(tmpdir(), "suite-fuzz-")), "config.toml");
const valuesOf = (layers: Layers) => [...settings(toy, layers)].map(([name, { value }]) => [name, value]);

export const target: FuzzTarget = {
  words: [
    ...Object.keys(toy.flags).map((name) => `\nSUITE_TOY_${name.toUpperCase()}=`),
    "\nSUITE_COLOR=",
    "\nSUITE_TOY_COLOR=",
    "always",
    "1",
    "0",
    "on",
    "off",
    "64k",
    "90s",
    "now",
    "2 days ago",
    "@1",
    "a,b",
    "mode,owner",
    "1:2",
    "1e999",
    "constructor",
    "__proto__",
  ],
  async run(input) {
    // The system has no NUL in a variable.
    const lines = textOf(input).replaceAll("\0", "").split("\n");
    const env: Record<string, string> = {};
    for (const line of lines) {
      const equals = line.indexOf("=");
      if (equals > 0) env[line.slice(0, equals)] = line.slice(equals + 1);
    }
    const layers = { given: new Map<string, unknown>(), env, files: [], tools: ["toy"] };
    const values = unlessRefused(["E_CONFIG"], () => valuesOf(layers));
    if (values === undefined) return;
    // Words such as "now" do not mean the same twice.
    if (/now|today|yesterday|ago/i.test(env["SUITE_TOY_SINCE"] ?? "")) return;
    // A variable for all tools may be wrong that one for the tool itself is stronger than.
    const shown = await laterUnlessRefused(["E_CONFIG"], showSettings([toy], layers));
    if (shown === undefined) return;
    const { text, variables } = shown;
    strayVariables(env, variables);
    writeFileSync(path, text);
    assert.deepEqual(valuesOf({ ...layers, env: {}, files: readConfigs([path]) }), values);
  },
};
