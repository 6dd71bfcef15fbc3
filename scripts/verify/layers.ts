// The test layers, in the order they run: what the later ones stand on comes first.
import { compiledLayer, slowTiersLayer } from "./again.ts";
import { bunLayer, runTestFile } from "./bun-tests.ts";
import { cLayer } from "./c-units.ts";
import { arm64Layer, muslLayer } from "./cross-units.ts";
import { commandLayer, nativeLayer, setupLayer } from "./checks.ts";
import { fuzzLayer } from "./fuzz.ts";
import type { Layer } from "./layer.ts";

const bun = process.execPath;

const layeringTest = "tests/unit/layering.test.ts";

const layeringLayer: Layer = {
  name: "layering",
  about: "which part includes or imports which",
  run: (context) => runTestFile(layeringTest, context),
};

const docsTest = "tests/e2e/docs.test.ts";

const docsLayer: Layer = {
  name: "docs",
  about: "the documents, run",
  run: (context) => runTestFile(docsTest, context),
};

/** All layers, also those that run only when they are named. A failure of one does not stop the others, except that without setup and library there is no point. */
export const layers: readonly Layer[] = [
  setupLayer,
  nativeLayer,
  commandLayer("bindings", "generated files match core.h", [bun, "scripts/gen-bindings.ts", "--check"]),
  commandLayer("types", "bun check", [bun, "check", "--no-script"]),
  commandLayer("lint", "oxlint", [bun, "run", "lint"]),
  layeringLayer,
  cLayer("c", "release", "C units as shipped"),
  cLayer("c-asan", "asan", "C units under AddressSanitizer and UndefinedBehaviorSanitizer"),
  // The net half's libraries synchronise in ways that ThreadSanitizer cannot see in code it has not instrumented.
  cLayer("c-tsan", "tsan", "C units of the file half under ThreadSanitizer", "file"),
  arm64Layer,
  muslLayer,
  bunLayer("unit", "units of the library and the scripts", [layeringTest]),
  bunLayer("prop", "properties over generated inputs"),
  slowTiersLayer,
  bunLayer("diff", "answers compared with other programs"),
  fuzzLayer,
  bunLayer("fault", "failing system calls and memory"),
  bunLayer("cli", "the command line"),
  compiledLayer,
  docsLayer,
  bunLayer("e2e", "whole workflows", [docsTest]),
];

/** The layers the others cannot do without. */
export const vital: ReadonlySet<string> = new Set([setupLayer.name, nativeLayer.name]);
