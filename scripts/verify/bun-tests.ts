// The layers that `bun test` runs: one per folder below tests/, one process per file.
//
// A process per file: a crash in native code, a test that hangs and a handle that leaks are then the failure of one
// named file, and the others still run.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJunit } from "./junit.ts";
import { sum, type Context, type Layer, type Outcome } from "./layer.ts";
import { run } from "./process.ts";

/** How long a test may take that sets no limit of its own: for what hangs, not for what is slow on a busy machine. */
const secondsPerTest = 60;

/** How long one test file may take. */
const secondsPerFile = 300;

/** The layer of one folder below tests/, without the files that are a layer of their own. */
export function bunLayer(folder: string, about: string, without: readonly string[] = []): Layer {
  return { name: folder, about, run: (context) => runTestFiles(folder, without, context) };
}

/** Runs the test files below a folder of tests/, each in a process of its own. */
export async function runTestFiles(
  folder: string,
  without: readonly string[],
  context: Context,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcomes = [];
  const files = testFiles(context.root, `tests/${folder}`).filter((file) => !without.includes(file));
  for (const file of files) outcomes.push(await runTestFile(file, context, env));
  return sum(outcomes);
}

/** Runs one test file in a process of its own. */
export async function runTestFile(
  file: string,
  context: Context,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const report = join(context.temporary, `${file.replaceAll("/", "-")}.xml`);
  // Another layer may have run the same file, and its report is no answer to this run.
  rmSync(report, { force: true });
  const options = ["--reporter=junit", `--reporter-outfile=${report}`, `--timeout=${secondsPerTest * 1000}`];
  const argv = [process.execPath, "test", ...options, `./${file}`];
  const ended = await run({ argv, env, seconds: secondsPerFile }, context);
  const { passed, failures, skips } = readJunit(existsSync(report) ? readFileSync(report, "utf8") : "");
  const named = (name: string) => `${file}: ${name}`;
  const problems = failures.map(({ name, detail }) => ({ name: named(name), detail }));
  if (problems.length > 0) {
    // The first failure carries the whole output of the file: what was logged before it is often what explains it.
    problems[0] = { name: problems[0]?.name ?? file, detail: ended.output };
  } else if (!ended.ok) {
    problems.push({ name: named(ended.how), detail: ended.output });
  } else if (passed + skips.length === 0) {
    problems.push({ name: named("no test ran"), detail: ended.output });
  }
  return { passed, failures: problems, skips: skips.map(({ name, reason }) => ({ name: named(name), reason })) };
}

function testFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`)
    .sort();
}
