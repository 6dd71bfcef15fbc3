// `bun run bench compare`: suite compare against its peers.
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";
import { BenchError, type BenchOptions } from "../lib/args.ts";
import { measureCeiling } from "../lib/ceiling.ts";
import { findCold, type Cold } from "../lib/cold.ts";
import { FileServer } from "../lib/file-server.ts";
import { makePair } from "../lib/corpus.ts";
import { machine } from "../lib/machine.ts";
import { shellWords, timed } from "../lib/process.ts";
import { race, type Contender, type Row } from "../lib/runner.ts";
import { buildPlains } from "../peers/build.ts";
import { archiveCases, archivePrograms } from "./archives.ts";
import { bars, type Bar } from "./bars.ts";
import { compareCases, type Built, type Case } from "./cases.ts";
import { compileSuite } from "./compiled.ts";
import { callContender, commandContender, Hosts, shownCommand } from "./contenders.ts";
import { measureLoop } from "./loop.ts";
import { measureMemory } from "./memory.ts";
import {
  compiledProgram,
  find,
  installPeers,
  plainProgram,
  PROGRAMS,
  suiteProgram,
  type FoundProgram,
} from "./peers.ts";
import { writeReport } from "./files.ts";
import { markdown, type CaseResult, type CompareReport } from "./report.ts";
import { urlCases, urlPrograms } from "./urls.ts";

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
  const corpus = await one.corpus();
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
  const scratches = one.programs.flatMap(({ scratch }) => scratch ?? []);
  const rows = await race(contenders, {
    runs,
    progress: (text) => tell(`${title}: ${text}`),
    ...(how && { before: () => how.drop(corpus.files) }),
  }).finally(() => scratches.forEach((scratch) => rmSync(scratch, { recursive: true, force: true })));
  return { id, title, expected, times, rows, ...(how && { cold: how.how }) };
}

/** The start of each process, apart from what it does. */
async function measureStart(programs: Iterable<FoundProgram>, runs: number): Promise<Row[]> {
  const contenders = [...programs].map(({ id, label, version, found, absent }): Contender => ({
    id,
    label: id === "suite" ? "suite" : id === "suite-compiled" ? "suite, compiled" : label,
    kind: "cli",
    version: found ?? "",
    command: shownCommand(version),
    ...(found === undefined && { absent: absent ?? "not installed" }),
    check: async () => {},
    measure: () => timed(version),
  }));
  return race(contenders, { runs, progress: (text) => tell(`start: ${text}`) });
}

/** Measures case by case, and gives the report so far after each: a run that is cut short leaves what it had. */
async function* measure(options: BenchOptions, built: Built): AsyncGenerator<CompareReport> {
  const { runs, only, quick, entries } = options;
  const { compiled, plains } = built;
  await using server = new FileServer(cache);
  const all = [
    ...compareCases(cache, quick, built),
    ...archiveCases(cache, quick, compiled),
    ...urlCases(cache, quick, compiled, server),
  ];
  const cases = all.filter(({ id }) => wanted(id, only));
  const [withStart, withMemory, withLoop] = [wanted("start", only), wanted("memory", only), wanted("loop", only)];
  if (cases.length === 0 && !withStart && !withMemory && !withLoop) {
    const ids = [...all.map(({ id }) => id), "start", "loop", "memory"];
    throw new BenchError(`no case begins with ${only.join(" or ")}; there are ${ids.join(", ")}`);
  }
  const ours = [plainProgram("go", plains.go), plainProgram("rust", plains.rust)];
  const found = [suiteProgram("suite"), compiledProgram(compiled), ...PROGRAMS, ...ours].map(find);
  const programs = new Map(found.map((program) => [program.id, program]));
  const where = machine(cache);
  const large = makePair(cache, quick ? "quick-pair-1g" : "pair-1g", quick ? 16 << 20 : 1 << 30);
  tell("memory bandwidth");
  let report: CompareReport = {
    v: 1,
    tool: "compare",
    date: new Date().toISOString().slice(0, 10),
    command: shellWords(["bun", "run", "bench", ...process.argv.slice(2)]),
    quick,
    runs,
    machine: where,
    ceiling: await measureCeiling(large),
    cases: [],
    start: [],
    memory: [],
    bars: [],
  };
  let loop: Bar[] = [];
  const add = (more: Partial<CompareReport>): CompareReport => {
    const next = { ...report, ...more };
    report = { ...next, bars: [...loop, ...bars([...next.cases, { id: "start", rows: next.start }], where.cores)] };
    return report;
  };
  const cold = findCold(options.cold);
  for (const one of cases) {
    yield add({ cases: [...report.cases, await measureCase(one, runs, cold, programs)] });
  }
  // Some of the programs are one with other flags or another script.
  const distinct = found.filter(({ id }) => id !== "rclone-download" && id !== "hashlib");
  if (withStart) yield add({ start: await measureStart(distinct, Math.max(runs, 11)) });
  if (withLoop) {
    tell("loop: comparing");
    loop = [await measureLoop(cache, runs, quick)];
    yield add({});
  }
  if (withMemory) yield add({ memory: await measureMemory(cache, entries, quick) });
}

/** Measures and writes the report: 1 when a contender gave a wrong answer. */
export async function benchCompare(options: BenchOptions): Promise<number> {
  if (options.publish && (options.quick || options.runs < 5 || options.only.length > 0)) {
    throw new BenchError("what is published is whole: no --quick, no --only, 5 runs or more");
  }
  process.chdir(root);
  mkdirSync(cache, { recursive: true });
  const peers = join(cache, "peers");
  if (options.installPeers) installPeers([...PROGRAMS, ...archivePrograms(cache), ...urlPrograms], peers);
  const plains = buildPlains(peers);
  await buildNative({ root });
  const compiled = await compileSuite(root, cache);
  let result: CompareReport | undefined;
  for await (result of measure(options, { compiled, plains })) writeReport(options.out, result);
  if (!result) return 0;
  tell("");
  process.stdout.write(markdown(result));
  if (options.publish) writeReport(join(root, "docs", "benchmarks"), result);
  return result.cases.some(({ rows }) => rows.some(({ status }) => status === "wrong")) ? 1 : 0;
}
