// Any bytes as a configuration file: settings that `suite config show` writes and that are read back the same, or one
// error that names the file.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { readConfigs } from "../../cli/kit/config-file.ts";
import { showSettings } from "../../cli/kit/config-show.ts";
import { settings } from "../../cli/kit/settings.ts";
import { toy } from "../support/toy-tool.ts";
import { laterUnlessRefused, textOf, unlessRefused, type FuzzTarget } from "./kit/target.ts";

const path = join(mkdtempSync(join(tmpdir(), "suite-fuzz-")), "config.toml");

function read(text: string | Uint8Array) {
  writeFileSync(path, text);
  return { given: new Map<string, unknown>(), env: {}, files: readConfigs([path]), tools: ["toy", "other"] };
}

type Layers = ReturnType<typeof read>;
const valuesOf = (layers: Layers) => [...settings(toy, layers)].map(([name, { value }]) => [name, value]);

/** The line on which a setting begins, found out the slow way: of all beginnings that are TOML, the first that holds it. */
function slowLineOf(text: string, keys: readonly string[]): number {
  const lines = text.split("\n");
  let before = 0;
  for (let end = 1; end <= lines.length; end++) {
    let at: unknown;
    try {
      // A line end of Windows would be cut in two.
      at = parse(lines.slice(0, end).join("\n").replace(/\r$/, ""));
    } catch {
      continue;
    }
    if (
      keys.every(
        (key) => typeof at === "object" && at !== null && Object.hasOwn(at, key) && ((at = at[key as never]), true),
      )
    )
      return before + 1;
    before = end;
  }
  return 1;
}

export const target: FuzzTarget = {
  words: [
    "[toy]\n",
    "[other]\n",
    "[[toy]]\n",
    "toy.",
    " = ",
    '"',
    '"""',
    "'",
    "\\u007f",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "\n",
    "true",
    "false",
    "inf",
    "nan",
    "0x7f",
    "1e400",
    "-1",
    "1_000",
    "64k",
    "2026-11-21T02:03:04Z",
    "1979-05-27",
    "07:32:00",
    ...Object.keys(toy.flags),
    "no-cache",
    "__proto__",
    "constructor",
    "toString",
  ],
  async run(input) {
    const layers = unlessRefused(["E_CONFIG"], () => read(input));
    for (const [key, value] of Object.entries(layers?.files[0]?.table ?? {})) {
      const inner = typeof value === "object" ? Object.keys(value) : [];
      for (const keys of [[key], ...inner.map((name) => [key, name])])
        assert.equal(layers?.files[0]?.lineOf(keys), slowLineOf(textOf(input), keys), keys.join("."));
    }
    const values = layers && unlessRefused(["E_CONFIG"], () => valuesOf(layers));
    if (layers === undefined || values === undefined) return;
    // A setting for all tools may be wrong that one for the tool itself is stronger than.
    const shown = await laterUnlessRefused(["E_CONFIG"], showSettings([toy], layers));
    if (shown) assert.deepEqual(valuesOf(read(shown.text)), values);
  },
};
