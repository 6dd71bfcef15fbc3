// The bars of the specification, held against what was measured.
import type { Row } from "../lib/runner.ts";

/** The rows of one case, as far as bars care. */
export interface Measured {
  readonly id: string;
  readonly rows: readonly Row[];
}

/** One bar and what became of it. */
export interface Bar {
  readonly id: string;
  readonly what: string;
  /** The measured ratio, or nothing when one of the two is absent. */
  readonly value?: number;
  /** The same of the fastest runs: what is left when the machine did something else meanwhile. */
  readonly fastest?: number;
  readonly limit: number;
  /** What it is a ratio to, or the unit. */
  readonly to: string;
  readonly met?: boolean;
}

interface Rule {
  readonly id: string;
  readonly what: string;
  readonly in: string;
  readonly ours: string;
  /** The peer, `fastest` for the best of all programs, or nothing where the limit is a time in ms. */
  readonly peer?: string;
  readonly limit: number;
  /** The largest resident size counts, in MiB, and not the time. */
  readonly memory?: boolean;
}

const RULES: readonly Rule[] = [
  { id: "goal", what: "1 GiB identical pair, CLI", in: "pair-identical", ours: "suite", peer: "fastest", limit: 0.8 },
  {
    id: "goal",
    what: "1 GiB identical pair, compiled CLI",
    in: "pair-identical",
    ours: "suite-compiled",
    peer: "fastest",
    limit: 0.8,
  },
  { id: "goal", what: "20,000 × 4 KiB tree, CLI", in: "tree-20k", ours: "suite", peer: "fastest", limit: 0.7 },
  {
    id: "goal",
    what: "20,000 × 4 KiB tree, compiled CLI",
    in: "tree-20k",
    ours: "suite-compiled",
    peer: "fastest",
    limit: 0.7,
  },
  {
    id: "CP-01",
    what: "1 GiB identical pair, 1 worker, CLI",
    in: "pair-identical",
    ours: "suite-j1",
    peer: "cmp",
    limit: 0.75,
  },
  {
    id: "CP-01",
    what: "1 GiB identical pair, 1 worker, API",
    in: "pair-identical",
    ours: "suite-api-j1",
    peer: "cmp",
    limit: 0.75,
  },
  {
    id: "CP-01",
    what: "1 GiB identical pair, 1 worker, API",
    in: "pair-identical",
    ours: "suite-api-j1",
    peer: "bun-mmap",
    limit: 0.95,
  },
  {
    id: "CP-01",
    what: "1 GiB identical pair, all workers, CLI",
    in: "pair-identical",
    ours: "suite",
    peer: "cmp",
    limit: 0.5,
  },
  {
    id: "CP-01",
    what: "1 GiB identical pair, all workers, API",
    in: "pair-identical",
    ours: "suite-api",
    peer: "cmp",
    limit: 0.5,
  },
  // The peer, komparu, is not to be had everywhere: 157 µs is what it says of itself.
  { id: "CP-02", what: "1 MB identical pair, API, sync", in: "pair-1m", ours: "suite-sync", limit: 0.157 },
  { id: "CP-02", what: "1 MB identical pair, API, async: 50 µs more", in: "pair-1m", ours: "suite-api", limit: 0.207 },
  { id: "CP-03", what: "20,000 × 4 KiB tree, API", in: "tree-20k", ours: "suite-api", peer: "diff", limit: 0.85 },
  { id: "CP-03", what: "20,000 × 4 KiB tree, CLI", in: "tree-20k", ours: "suite", peer: "diff", limit: 1 },
  {
    id: "CP-03",
    what: "20,000 × 4 KiB tree, API",
    in: "tree-20k",
    ours: "suite-api",
    peer: "dir-compare",
    limit: 0.45,
  },
  { id: "CP-03", what: "20,000 × 4 KiB tree, API", in: "tree-20k", ours: "suite-api", peer: "komparu", limit: 0.4 },
  {
    id: "CP-04",
    what: "tiny tree, 4 jobs against 1",
    in: "tree-tiny",
    ours: "suite-api-j4",
    peer: "suite-api-j1",
    limit: 1.1,
  },
  { id: "CP-05", what: "1 GiB, last byte differs, API", in: "pair-last", ours: "suite-api", peer: "cmp", limit: 0.01 },
  { id: "CP-05", what: "1 GiB, first byte differs, API", in: "pair-first", ours: "suite-api", limit: 1 },
  ...["suite", "suite-compiled"].flatMap((ours) =>
    ["plain-go", "plain-rust"].map((peer): Rule => {
      const what = `1 GiB identical pair, ${ours === "suite" ? "CLI" : "compiled CLI"}`;
      return { id: "CP-07", what, in: "pair-identical", ours, peer, limit: 0.8 };
    }),
  ),
  ...["tar-diff-disk", "tar-diff", "bsdtar-diff"].map((peer): Rule => ({
    id: "goal",
    what: "two tar.gz of 5,000 files, equal, CLI",
    in: "archive-targz",
    ours: "suite",
    peer,
    limit: 0.25,
  })),
  ...["unzip-diff-disk", "unzip-diff", "bsdtar-diff"].map((peer): Rule => ({
    id: "goal",
    what: "two zip of 5,000 files, equal, CLI",
    in: "archive-zip",
    ours: "suite",
    peer,
    limit: 0.25,
  })),
  ...["suite", "suite-compiled"].map((ours): Rule => {
    const what = `two tar.gz, the same bytes, ${ours === "suite" ? "CLI" : "compiled CLI"}`;
    return { id: "CP-06", what, in: "archive-same", ours, peer: "cmp", limit: 1.1 };
  }),
  {
    id: "CP-06",
    what: "two tar.gz of 512 MiB in another order, CLI",
    in: "archive-large",
    ours: "suite",
    peer: "bsdtar-sink",
    limit: 0.7,
  },
  {
    id: "C-21",
    what: "resident size, two tar.gz of 512 MiB, CLI",
    in: "archive-large",
    ours: "suite",
    limit: 96,
    memory: true,
  },
  { id: "CP-08", what: "--version, compiled CLI", in: "start", ours: "suite-compiled", limit: 15 },
  { id: "goal", what: "4 KiB pair, identical, compiled CLI", in: "pair-4k", ours: "suite-compiled", limit: 25 },
];

/** CP-04's other half asks for four cores. */
const MANY_CORES: readonly Rule[] = [
  {
    id: "CP-04",
    what: "100 × 1 MB tree, 4 jobs against 1",
    in: "tree-1m",
    ours: "suite-api-j4",
    peer: "suite-api-j1",
    limit: 1 / 1.8,
  },
  {
    id: "CP-04",
    what: "1000 × 100 KB tree, 4 jobs against 1",
    in: "tree-100k",
    ours: "suite-api-j4",
    peer: "suite-api-j1",
    limit: 1 / 1.8,
  },
];

/** Programs that people have: those of bench/peers are ours, and have bars of their own. */
const isPeer = (row: Row) => row.kind === "cli" && !/^(?:suite|plain)/.test(row.id) && row.wallNs !== undefined;

/** The fastest program of a case that is not ours. */
export function fastestPeer(rows: readonly Row[]): Row | undefined {
  return rows.filter(isPeer).toSorted((a, b) => (a.wallNs?.median ?? 0) - (b.wallNs?.median ?? 0))[0];
}

/** All bars of the cases that were measured. */
export function bars(cases: readonly Measured[], cores: number): Bar[] {
  const rules = cores >= 4 ? [...RULES, ...MANY_CORES] : RULES;
  return rules.flatMap((rule) => {
    const rows = cases.find(({ id }) => id === rule.in)?.rows;
    return rows && rows.length > 0 ? [toBar(rule, rows)] : [];
  });
}

function toBar({ id, what, ours, peer, limit, memory }: Rule, rows: readonly Row[]): Bar {
  if (memory) {
    const bytes = rows.find((row) => row.id === ours)?.residentBytes;
    const value = bytes === undefined ? undefined : bytes / 1024 ** 2;
    return { id, what, limit, to: "MiB", ...(value !== undefined && { value, met: value <= limit }) };
  }
  const mine = rows.find((row) => row.id === ours)?.wallNs;
  if (peer === undefined) {
    const value = mine && mine.median / 1e6;
    return {
      id,
      what,
      limit,
      to: "ms",
      ...(mine && value !== undefined && { value, fastest: mine.min / 1e6, met: value <= limit }),
    };
  }
  const row = peer === "fastest" ? fastestPeer(rows) : rows.find((candidate) => candidate.id === peer);
  const theirs = row?.wallNs;
  const to = peer === "fastest" ? `fastest peer${row ? ` (${row.label})` : ""}` : (row?.label ?? peer);
  if (!mine || !theirs) return { id, what, limit, to };
  const value = mine.median / theirs.median;
  return { id, what, limit, to, value, fastest: mine.min / theirs.min, met: value <= limit };
}
