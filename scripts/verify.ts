// `bun run verify`: sets this checkout up, then runs the test layers. `--list` names them, `--only A,B` chooses some.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./build/layout.ts";
import { oneFailed, type Layer, type Outcome } from "./verify/layer.ts";
import { layers, vital } from "./verify/layers.ts";
import { removeTree } from "./verify/remove-tree.ts";
import { killAll } from "./verify/process.ts";
import { Report } from "./verify/report.ts";

const usage = `Runs the test layers and ends with the count: N passed, N failed.

  bun scripts/verify.ts [--only LAYER[,LAYER]] [--list]

Exit codes: 0 all passed, 1 something failed or was skipped without leave, 2 wrong command line, 4 not set up.
`;

function chosenLayers(argv: readonly string[]): readonly Layer[] | number {
  let values: { only?: string; list?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: { only: { type: "string" }, list: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }));
  } catch (error) {
    process.stderr.write(`verify: ${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  if (values.help === true || values.list === true) {
    process.stdout.write(values.help === true ? usage : layers.map(listed).join(""));
    return 0;
  }
  if (values.only === undefined) return layers.filter(({ named }) => named !== true);
  const names = values.only.split(",");
  const unknown = names.filter((name) => !layers.some((layer) => layer.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `verify: no layer ${unknown.join(", ")}; there are ${layers.map(({ name }) => name).join(", ")}\n`,
    );
    return 2;
  }
  return layers.filter(({ name }) => names.includes(name));
}

function listed({ name, about, named }: Layer): string {
  return `${name.padEnd(10)} ${about}${named === true ? " (only when named)" : ""}\n`;
}

async function runLayers(chosen: readonly Layer[], temporary: string): Promise<number> {
  const report = new Report((text) => process.stdout.write(text));
  for (const layer of chosen) {
    const start = performance.now();
    report.begin(layer);
    const outcome = await safely(layer, temporary);
    report.end(layer, outcome, performance.now() - start);
    if (outcome.failures.length > 0 && vital.has(layer.name)) {
      report.finish();
      return 4;
    }
  }
  return report.finish();
}

async function safely(layer: Layer, temporary: string): Promise<Outcome> {
  try {
    return await layer.run({ root: repositoryRoot, temporary });
  } catch (error) {
    // A bug of the scripts themselves; the other layers can still tell something.
    return oneFailed(
      `${layer.name}: the layer itself`,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
}

async function main(): Promise<number> {
  const chosen = chosenLayers(process.argv.slice(2));
  if (typeof chosen === "number") return chosen;
  const temporary = mkdtempSync(join(tmpdir(), "suite-verify-"));
  const cleanUp = () => {
    killAll();
    removeTree(temporary);
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(code);
    });
  }
  try {
    return await runLayers(chosen, temporary);
  } finally {
    cleanUp();
  }
}

process.exit(await main());
