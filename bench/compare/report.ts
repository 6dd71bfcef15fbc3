// The measurements as Markdown, and what of them goes into the chart.
import type { Ceiling } from "../lib/ceiling.ts";
import type { Machine } from "../lib/machine.ts";
import { table } from "../lib/markdown.ts";
import type { Row } from "../lib/runner.ts";
import { digits, duration, mebibytes } from "../lib/stats.ts";
import { fastestPeer, type Bar } from "./bars.ts";
import { charts } from "./charts.ts";
import { parallel, type ParallelRow } from "./parallel.ts";
import type { MemoryRow } from "./memory.ts";

/** One case, measured. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly expected: "equal" | "different";
  readonly times: number;
  /** How the page cache was emptied. */
  readonly cold?: string;
  readonly rows: readonly Row[];
}

/** All that was measured: what the JSON file holds. */
export interface CompareReport {
  readonly v: 1;
  readonly tool: "compare";
  readonly date: string;
  readonly command: string;
  readonly quick: boolean;
  readonly runs: number;
  readonly machine: Machine;
  readonly ceiling: Ceiling;
  readonly cases: readonly CaseResult[];
  readonly start: readonly Row[];
  readonly memory: readonly MemoryRow[];
  readonly bars: readonly Bar[];
}

const GIB = 1024 ** 3;
const perGib = (rate: number) => duration((GIB / rate) * 1e9);
const met = (value: boolean | undefined) => (value === undefined ? "–" : value ? "yes" : "**no**");
const ratio = (row: Row, to: Row | undefined) =>
  row.wallNs && to?.wallNs ? digits(row.wallNs.median / to.wallNs.median) : "–";

/** The report for people. */
export function markdown(report: CompareReport): string {
  const { machine: m, quick, runs } = report;
  const dirty = m.commit.endsWith("+") ? " with changes not committed" : "";
  return [
    "# suite compare: benchmarks",
    "",
    ...(quick ? ["**A quick run with small files: it shows that the benchmark works, and nothing else.**", ""] : []),
    ...(m.load > m.cores / 4
      ? ["**The machine was busy with other work: look at the fastest runs, not at the medians.**", ""]
      : []),
    `Made by \`${report.command}\` on ${report.date}, commit ${m.commit.replace(/\+$/, "")}${dirty}.`,
    "",
    `Machine: ${m.cpu}, ${m.cores} cores, ${digits(m.memoryBytes / GIB)} GiB, ${m.kernel}, ${m.fileSystem}, Bun ${m.bun}; ` +
      `load ${m.load.toFixed(2)} at the start.`,
    "",
    `Medians of ${runs} rounds after one to warm up. In each round all contenders run once, one after the other, and each ` +
      "round begins with another of them. Every answer is checked before it is timed. Commands (CLI) include the start of " +
      "their process; calls (API) run inside a warm process. Numbers below 1 in the ratio columns are faster.",
    "",
    ...barSection(report.bars),
    ...chartSection(report),
    ...ceilingSection(report.ceiling),
    ...parallelSection(parallel(report.cases, m.cores), m.cores),
    ...report.cases.flatMap(caseSection),
    ...startSection(report.start),
    ...memorySection(report.memory, m.bun),
  ].join("\n");
}

function barSection(all: readonly Bar[]): string[] {
  if (all.length === 0) return [];
  const rows = all.map((bar) => [
    bar.id,
    bar.what,
    bar.to === "ms" || bar.to === "MiB"
      ? `at most ${digits(bar.limit)} ${bar.to}`
      : `at most ${digits(bar.limit)} × ${bar.to}`,
    bar.value === undefined ? "absent" : digits(bar.value),
    bar.fastest === undefined ? "–" : digits(bar.fastest),
    met(bar.met),
  ]);
  return ["## Bars", "", table(["", "what", "bar", "median", "fastest runs", "met"], rows), ""];
}

function chartSection(report: CompareReport): string[] {
  const pictures = charts(report).flatMap(({ file, title }) => [
    `![${title}; the numbers are in the tables below](${file})`,
    "",
  ]);
  if (pictures.length === 0) return [];
  const words = "Bars are medians, the thin line in each reaches from the fastest run to the slowest. Blue is suite.";
  return ["## Charts", "", words, "", ...pictures];
}

function ceilingSection(c: Ceiling): string[] {
  const row = (what: string, rate: number) => [what, `${digits(rate / 1e9)} GB/s`, perGib(rate)];
  const rows = [
    row("memcmp from memory, 1 thread", c.memoryOne),
    row(`memcmp from memory, ${c.threads} threads`, c.memoryAll),
    row("memcmp within the second-level cache, 1 thread", c.cache),
    ...(c.readOne === undefined
      ? []
      : [row("read(2) of both files from the page cache, 256 KiB at a time, 1 thread, no comparison", c.readOne)]),
  ];
  return [
    "## Ceiling",
    "",
    "What this machine can do at all, per byte of one side. A pair that is read, and not mapped, is copied once and compared in cache.",
    "",
    table(["", "rate", "1 GiB pair"], rows),
    "",
  ];
}

function parallelSection(all: readonly ParallelRow[], cores: number): string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ title, kind, oneNs, manyNs, threads, gain }) => [
    title,
    kind === "cli" ? "CLI" : "API",
    duration(oneNs),
    duration(manyNs),
    `-j${threads}`,
    `${digits(gain)} ×`,
  ]);
  return [
    "## Parallel against sequential",
    "",
    `Medians on ${cores} cores. A gain below 1 is a loss.`,
    "",
    table(["", "kind", "-j1", "several threads", "which are", "gain"], rows),
    "",
  ];
}

function caseSection({ id, title, rows, times, cold }: CaseResult): string[] {
  const head = [
    `## ${title}`,
    "",
    `Case \`${id}\`${times > 1 ? `; calls are timed ${times} at a time` : ""}.${cold ? ` Cold: ${cold}.` : ""}`,
    "",
  ];
  if (rows.length === 0) return head;
  const peer = fastestPeer(rows);
  const ours = rows.find((row) => row.id === "suite") ?? rows.find((row) => row.id === "suite-api");
  const base = rows.find((row) => row.id === "read-only");
  const headings = [
    "",
    "kind",
    "median",
    "min",
    "max",
    "CPU",
    "RSS",
    `× ${ours?.label ?? "suite"}`,
    `× ${peer?.label ?? "–"}`,
    ...(base ? ["over reading"] : []),
  ];
  const rounds = Math.max(...rows.map(({ wallNs }) => wallNs?.n ?? 0));
  const lines = rows.map((row) => {
    if (!row.wallNs)
      return [row.label, row.kind, row.status === "absent" ? `absent: ${row.note}` : `wrong: ${row.note}`];
    const { median, min, max, n } = row.wallNs;
    return [
      n === 1 && rounds > 1 ? `${row.label} (measured once)` : row.label,
      row.kind === "cli" ? "CLI" : "API",
      duration(median),
      duration(min),
      duration(max),
      row.cpuNs === undefined ? "–" : duration(row.cpuNs),
      row.residentBytes === undefined ? "–" : mebibytes(row.residentBytes),
      ratio(row, ours),
      ratio(row, peer),
      ...(base?.wallNs ? [duration(median - base.wallNs.median)] : []),
    ];
  });
  const commands = rows.map((row) => [row.label, row.version || "absent", `\`${row.command}\``]);
  return [
    ...head,
    table(headings, lines),
    "",
    "<details><summary>Commands and versions</summary>",
    "",
    table(["", "version", "command"], commands),
    "",
    "</details>",
    "",
  ];
}

function startSection(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map((row) =>
    row.wallNs
      ? [
          row.label,
          `\`${row.command}\``,
          duration(row.wallNs.median),
          duration(row.wallNs.min),
          duration(row.wallNs.max),
        ]
      : [row.label, `\`${row.command}\``, "absent"],
  );
  return [
    "## Process start",
    "",
    "Part of every CLI number above.",
    "",
    table(["", "command", "median", "min", "max"], lines),
    "",
  ];
}

function memorySection(rows: readonly MemoryRow[], bun: string): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ what, bytes, limit, met: ok }) => [
    what,
    mebibytes(bytes),
    `at most ${mebibytes(limit)}`,
    met(ok),
  ]);
  return ["## Memory", "", `CP-09, suite API, Bun ${bun}.`, "", table(["what", "measured", "bar", "met"], lines), ""];
}
