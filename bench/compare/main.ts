// `bun run bench compare`: suite compare against its peers.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";
import { BenchError, type BenchOptions } from "../lib/args.ts";
import { measureCeiling } from "../lib/ceiling.ts";
import { chart } from "../lib/chart.ts";
import { findCold, type Cold } from "../lib/cold.ts";
import { makePair } from "../lib/corpus.ts";
import { machine } from "../lib/machine.ts";
import { shellWords, timed } from "../lib/process.ts";
import { race, type Contender, type Row } from "../lib/runner.ts";
import { bars } from "./bars.ts";
import { compareCases, type Case } from "./cases.ts";
import { compileSuite } from "./compiled.ts";
import { callContender, commandContender, Hosts, shownCommand } from "./contenders.ts";
import { measureMemory } from "./memory.ts";
import { compiledProgram, find, installPeers, PROGRAMS, suiteProgram, type FoundProgram } from "./peers.ts";
import { chartGroups, markdown, type CaseResult, type CompareReport } from "./report.ts";

const root = resolve(import.meta.dir, "../..");
const cache = join(root, ".cache", "bench");

function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Whether `--only` asks for this. */
function wanted(id: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((prefix) => id.startsWith(prefix));
}

async function measureCase(
  one: Case,
  runs: number,
  cold: Cold | undefined,
  programs: Map<string, FoundProgram>,
): Promise<CaseResult> {
  tell(`${one.title}: making the files`);
  const corpus = one.corpus();
  await using hosts = new Hosts();
  const found = (id: string, make: () => FoundProgram) => programs.get(id) ?? make();
  const contenders: Contender[] = [
    ...one.programs.flatMap(
      (program) =>
        commandContender({ ...program, found: found(program.id, () => find(program)).found }, corpus, one.expected) ??
        [],
    ),
    ...one.calls.map((call) => callContender(call, corpus, one.expected, one.times, hosts)),
  ];
  const how = one.cold ? cold : undefined;
  const { id, title, expected, times } = one;
  if (one.cold && !how) {
    return { id, title, expected, times, cold: "absent: the page cache cannot be emptied here", rows: [] };
  }
  const rows = await race(contenders, {
    runs,
    progress: (text) => tell(`${title}: ${text}`),
    ...(how && { before: () => how.drop(corpus.files) }),
  });
  return { id, title, expected, times, rows, ...(how && { cold: how.how }) };
}

/** The start of each process, apart from what it does. */
async function measureStart(programs: Iterable<FoundProgram>, runs: number): Promise<Row[]> {
  const contenders = [...programs].map(({ id, label, version, found }): Contender => ({
    id,
    label: id === "suite" ? "suite" : id === "suite-compiled" ? "suite, compiled" : label,
    kind: "cli",
    version: found ?? "",
    command: shownCommand(version),
    ...(found === undefined && { absent: "not installed" }),
    check: async () => {},
    measure: () => timed(version),
  }));
  return race(contenders, { runs, progress: (text) => tell(`start: ${text}`) });
}

async function report(options: BenchOptions, compiled: string | undefined): Promise<CompareReport> {
  const { runs, only, quick, entries } = options;
  const suite = suiteProgram("suite");
  const programs = new Map(
    [suite, compiledProgram(compiled), ...PROGRAMS].map((program) => [program.id, find(program)]),
  );
  const cases = compareCases(cache, quick, compiled).filter(({ id }) => wanted(id, only));
  const extras = { start: wanted("start", only), memory: wanted("memory", only) };
  if (cases.length === 0 && !extras.start && !extras.memory) {
    const ids = compareCases(cache, quick, compiled).map(({ id }) => id);
    throw new BenchError(
      `no case begins with ${only.join(" or ")}; there are ${[...ids, "start", "memory"].join(", ")}`,
    );
  }
  const where = machine(cache);
  tell("memory bandwidth");
  const ceiling = await measureCeiling(
    makePair(cache, quick ? "quick-pair-1g" : "pair-1g", quick ? 16 << 20 : 1 << 30),
  );
  const cold = findCold(options.cold);
  const results: CaseResult[] = [];
  for (const one of cases) results.push(await measureCase(one, runs, cold, programs));
  const oncePerProgram = [...programs.values()].filter(({ id }) => id !== "rclone-download");
  const start = extras.start ? await measureStart(oncePerProgram, Math.max(runs, 11)) : [];
  return {
    v: 1,
    tool: "compare",
    date: new Date().toISOString().slice(0, 10),
    command: shellWords(["bun", "run", "bench", ...process.argv.slice(2)]),
    quick,
    runs,
    machine: where,
    ceiling,
    cases: results,
    start,
    memory: extras.memory ? await measureMemory(cache, entries, quick) : [],
    bars: bars([...results, { id: "start", rows: start }], where.cores),
  };
}

function write(folder: string, result: CompareReport): void {
  mkdirSync(folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(result, undefined, 2)}\n`,
    md: markdown(result),
    svg: chart(
      `suite compare and its peers (${result.machine.cpu}, ${result.machine.cores} cores)`,
      chartGroups(result),
    ),
  };
  for (const [ending, content] of Object.entries(files)) writeFileSync(join(folder, `compare.${ending}`), content);
}

/** Measures and writes the report: 1 when a contender gave a wrong answer. */
export async function benchCompare(options: BenchOptions): Promise<number> {
  if (options.publish && (options.quick || options.runs < 5 || options.only.length > 0)) {
    throw new BenchError("what is published is whole: no --quick, no --only, 5 runs or more");
  }
  process.chdir(root);
  if (options.installPeers) installPeers();
  mkdirSync(cache, { recursive: true });
  await buildNative({ root });
  const result = await report(options, await compileSuite(root, cache));
  tell("");
  process.stdout.write(markdown(result));
  write(options.out, result);
  if (options.publish) write(join(root, "docs", "benchmarks"), result);
  return result.cases.some(({ rows }) => rows.some(({ status }) => status === "wrong")) ? 1 : 0;
}
