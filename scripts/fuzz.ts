// Fuzzes one parser for as long as it is let, or runs it with given inputs. `bun run verify` does a short run of all.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BuildError } from "./build/errors.ts";
import { repositoryRoot } from "./build/layout.ts";
import { describeFinding, shortPath } from "./fuzz/finding.ts";
import { Fuzzer } from "./fuzz/fuzzer.ts";
import { corpusOf, fuzzTargets, type FuzzTarget } from "./fuzz/targets.ts";
import { killAll } from "./verify/process.ts";
import { removeTree } from "./verify/remove-tree.ts";

const targets = fuzzTargets(repositoryRoot);

const usage = `Gives a parser hostile bytes.

  bun scripts/fuzz.ts TARGET [--runs N] [--seconds N] [--seed N]   new inputs, made from those in tests/fuzz/corpus/
  bun scripts/fuzz.ts TARGET FILE...                               these inputs, once each

Targets: ${targets.map(({ name }) => name).join(", ")}.

Without --runs and --seconds it goes on until it is interrupted. Inputs that lead a C target somewhere new are kept in
.cache/fuzz/corpus/, and are begun with the next time; with a --seed they are not, so that it repeats itself. An input
that breaks something is kept in .cache/fuzz/findings/.

Exit codes: 0 nothing found, 1 a finding, 2 wrong command line, 4 could not build.
`;

interface Job {
  readonly target: FuzzTarget;
  readonly files: readonly string[];
  readonly runs: number | undefined;
  readonly seconds: number | undefined;
  readonly seed: number | undefined;
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${name} takes a number from 1, not "${text}"`);
  return Number(text);
}

/** Reads the command line; `undefined` for help, throws an Error about anything it does not know. */
function readArgs(argv: readonly string[]): Job | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runs: { type: "string" },
      seconds: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return undefined;
  const [name, ...files] = positionals;
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(name === undefined ? "which target?" : `no target ${name}`);
  const numbers = {
    runs: count("runs", values.runs),
    seconds: count("seconds", values.seconds),
    seed: count("seed", values.seed),
  };
  // Targets run in the root of the checkout.
  return { target, files: files.map((file) => shortPath(repositoryRoot, resolve(file))), ...numbers };
}

const say = (text: string) => process.stderr.write(text);

async function runJob({ target, files, runs, seconds, seed }: Job, temporary: string): Promise<number> {
  const context = { root: repositoryRoot, temporary };
  const fuzzer = target.language === "c" ? await Fuzzer.build(context) : Fuzzer.ofScripts(context);
  if (typeof fuzzer === "string") {
    say(`fuzz: no working sanitizer\n${fuzzer}\n`);
    return 4;
  }
  const tell = (finding: Parameters<typeof describeFinding>[1]) => {
    process.stdout.write(`\n${describeFinding(target, finding)}\n`);
    return 1;
  };
  const given = files.length > 0 ? files : corpusOf(repositoryRoot, target);
  const old = await fuzzer.replay(target, given);
  if (old !== undefined) return tell(old);
  process.stdout.write(`${target.name}: ${given.length} inputs, nothing found\n`);
  if (files.length > 0) return 0;
  if (!fuzzer.canFuzz(target)) {
    say(`fuzz: no compiler here has libFuzzer, so there are no new inputs\n${fuzzer.withoutLibFuzzer}\n`);
    return 4;
  }
  const chosen = seed ?? 1 + Math.floor(Math.random() * 2 ** 31);
  process.stdout.write(`${target.name}: seed ${chosen}\n`);
  const keep = seed === undefined ? { keep: join(repositoryRoot, ".cache/fuzz/corpus", target.name) } : {};
  const endless = runs ?? Number.MAX_SAFE_INTEGER;
  const limits = { runs: target.language === "c" ? (runs ?? -1) : endless, seconds: seconds ?? 0, seed: chosen };
  const fuzzed = await fuzzer.fuzz(target, { ...limits, ...keep, onOutput: say });
  if (fuzzed.finding !== undefined) return tell(fuzzed.finding);
  process.stdout.write(`${target.name}: ${fuzzed.runs} new inputs, nothing found\n`);
  return 0;
}

async function main(): Promise<number> {
  let job: Job | undefined;
  try {
    job = readArgs(process.argv.slice(2));
  } catch (error) {
    say(`fuzz: ${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  if (job === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const temporary = mkdtempSync(join(tmpdir(), "suite-fuzz-"));
  const cleanUp = () => {
    killAll();
    removeTree(temporary);
  };
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(code);
    });
  }
  try {
    return await runJob(job, temporary);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    say(`fuzz: ${error.message}\n${error.hint ?? ""}\n`);
    return 4;
  } finally {
    cleanUp();
  }
}

process.exit(await main());
