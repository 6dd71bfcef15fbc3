// Layers that run the tests of another one again, under other circumstances.
import { join } from "node:path";
import { runTestFiles } from "./bun-tests.ts";
import { oneFailed, sum, type Layer } from "./layer.ts";
import { run } from "./process.ts";

/** What cannot be asked of an executable. */
const sourcesAlone = [
  // Adds a command to a copy of the sources, and runs these.
  "tests/cli/kit-contributing.test.ts",
];

/** Builds dist/suite, and runs the files of tests/cli with it (tests/support/child.ts reads the variable). */
export const compiledLayer: Layer = {
  name: "cli-dist",
  about: "the command line, as an executable",
  async run(context) {
    const built = await run({ argv: [process.execPath, "scripts/build-cli.ts", "suite"], seconds: 300 }, context);
    if (!built.ok) return oneFailed(`cli-dist: the build: ${built.how}`, built.output);
    return runTestFiles("cli", sourcesAlone, context, { UNDER_TEST: join(context.root, "dist", "suite") });
  },
};

/** What tests scripts/ and bench/, not the library. */
const ofScripts = ["bench", "build-native", "gen-bindings", "layering", "setup", "third-party", "verify"].map(
  (name) => `tests/unit/${name}.test.ts`,
);

/** Runs the tests of the library without the tiers of the JIT that optimize: row C-43 of the specification. */
export const slowTiersLayer: Layer = {
  name: "no-dfg",
  about: "the library without the optimizing JIT",
  async run(context) {
    const env = { BUN_JSC_useDFGJIT: "0" };
    return sum([await runTestFiles("unit", ofScripts, context, env), await runTestFiles("prop", [], context, env)]);
  },
};
