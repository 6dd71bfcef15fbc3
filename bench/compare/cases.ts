// What is compared, and by whom.
import { version as dirCompareVersion } from "dir-compare/package.json" with { type: "json" };
import { version as suiteVersion } from "../../package.json" with { type: "json" };
import { makeChanged, makePair, makeTree, type Corpus } from "../lib/corpus.ts";
import type { Call, Expected } from "./contenders.ts";
import type { Plain, PlainName } from "../peers/build.ts";
import { compiledProgram, plainProgram, PROGRAMS, suiteProgram, type Program } from "./peers.ts";

/** One table of the report. */
export interface Case {
  readonly id: string;
  readonly title: string;
  readonly expected: Expected;
  /** Makes the files, or finds those made before. */
  readonly corpus: () => Corpus | Promise<Corpus>;
  readonly programs: readonly Program[];
  readonly calls: readonly Call[];
  /** Comparisons in one measurement of a call: enough that the clock is not what is measured. */
  readonly times: number;
  /** Empty the page cache before each measurement. */
  readonly cold?: boolean;
}

const bunVersion = `Bun ${Bun.version}`;
const suite = (id: string, label: string, options?: Record<string, unknown>, sync = false): Call => ({
  id,
  label,
  task: sync ? "suite compareSync" : "suite compare",
  ...(options && { options }),
  version: `suite ${suiteVersion}`,
});

const api = suite("suite-api", "suite API");
const apiOne = suite("suite-api-j1", "suite API, jobs 1", { jobs: 1 });
const apiFull = suite("suite-api-full", "suite API, no sampling", { quickCheck: false });
const mmap: Call = { id: "bun-mmap", label: "Bun.mmap + Buffer.equals", task: "Bun.mmap", version: bunVersion };
const readSync: Call = { id: "bun-read", label: "readFileSync + equals", task: "readFileSync", version: bunVersion };
const bunFile: Call = { id: "bun-file", label: "Bun.file().bytes() + equals", task: "Bun.file", version: bunVersion };
const readOnly: Call = {
  id: "read-only",
  label: "open, read, close: no comparison",
  task: "read only",
  version: bunVersion,
  blind: true,
};
const dirCompare: Call = {
  id: "dir-compare",
  label: "dir-compare async",
  task: "dir-compare",
  version: `dir-compare ${dirCompareVersion}`,
};

/** Whether a program can be done after the first byte; the others take as long as for any pair. */
const stopsEarly = ({ id }: Program) => !id.startsWith("rclone") && id !== "hashlib";

const cli = suiteProgram("suite");
const cliOne = suiteProgram("suite-j1", "-j1");

/** What the checkout itself brings to the measurement. */
export interface Built {
  /** suite as one executable. */
  readonly compiled: string | undefined;
  readonly plains: Record<PlainName, Plain>;
}

/** All cases of files and trees. Quick ones are a fiftieth of the size. */
export function compareCases(cache: string, quick: boolean, { compiled, plains }: Built): Case[] {
  const programs = [...PROGRAMS, plainProgram("go", plains.go), plainProgram("rust", plains.rust)];
  const released = compiledProgram(compiled);
  const big = quick ? 16 << 20 : 1 << 30;
  const prefix = quick ? "quick-" : "";
  const pair = () => makePair(cache, `${prefix}pair-1g`, big);
  const changed = (place: "first" | "last") => () => makeChanged(cache, `${prefix}pair-1g-${place}`, pair(), place);
  const tree = (name: string, files: number, fileBytes: number, perDirectory: number) => () =>
    makeTree(cache, prefix + name, { files: quick ? Math.ceil(files / 50) : files, fileBytes, perDirectory });
  const size = quick ? "16 MiB" : "1 GiB";
  const count = (n: number) => (quick ? Math.ceil(n / 50) : n).toLocaleString("en");
  const small20k = tree("tree-20k", 20_000, 4096, 150);

  const cases: Case[] = [
    {
      id: "pair-identical",
      title: `${size} pair, identical`,
      expected: "equal",
      corpus: pair,
      programs: [cli, cliOne, released, ...programs],
      calls: [api, apiOne, mmap],
      times: 1,
    },
    {
      id: "pair-last",
      title: `${size} pair, last byte differs`,
      expected: "different",
      corpus: changed("last"),
      programs: [
        cli,
        suiteProgram("suite-q", "-q"),
        suiteProgram("suite-q-full", "-q", "--no-quick-check"),
        ...programs.filter(({ id }) => id !== "hashlib"),
      ],
      calls: [api, apiFull, mmap],
      times: 1,
    },
    {
      id: "pair-first",
      title: `${size} pair, first byte differs`,
      expected: "different",
      corpus: changed("first"),
      programs: [cli, suiteProgram("suite-q", "-q"), ...programs.filter(stopsEarly)],
      calls: [api, apiFull, mmap],
      times: 20,
    },
    ...[4096, 1_000_000].map((bytes): Case => ({
      id: bytes === 4096 ? "pair-4k" : "pair-1m",
      title: `${bytes === 4096 ? "4 KiB" : "1 MB"} pair, identical, one call`,
      expected: "equal",
      corpus: () => makePair(cache, bytes === 4096 ? "pair-4k" : "pair-1m", bytes),
      // What a small comparison costs a person is the start of a process.
      programs: bytes === 4096 ? [cli, released, ...PROGRAMS.filter(({ id }) => id === "cmp" || id === "diff")] : [],
      calls: [api, suite("suite-sync", "suite API, sync", undefined, true), mmap, readSync, bunFile, readOnly],
      times: bytes === 4096 ? 500 : 100,
    })),
    {
      id: "tree-20k",
      title: `${count(20_000)} × 4 KiB tree, identical`,
      expected: "equal",
      corpus: small20k,
      programs: [cli, cliOne, released, ...programs],
      calls: [api, apiOne, dirCompare],
      times: 1,
    },
    {
      id: "tree-1m",
      title: `${count(100)} × 1 MB tree, identical`,
      expected: "equal",
      corpus: tree("tree-100x1m", 100, 1_000_000, 20),
      programs: [cli, cliOne, ...programs],
      calls: [apiOne, suite("suite-api-j4", "suite API, jobs 4", { jobs: 4 }), dirCompare],
      times: 1,
    },
    {
      id: "tree-100k",
      title: `${count(1000)} × 100 KB tree, identical`,
      expected: "equal",
      corpus: tree("tree-1000x100k", 1000, 100_000, 100),
      programs: [cli, cliOne, ...programs],
      calls: [apiOne, suite("suite-api-j4", "suite API, jobs 4", { jobs: 4 }), dirCompare],
      times: 1,
    },
    {
      id: "tree-tiny",
      title: "20 × 100 B tree, identical, one call",
      expected: "equal",
      corpus: () => makeTree(cache, "tree-tiny", { files: 20, fileBytes: 100, perDirectory: 5 }),
      programs: [],
      calls: [apiOne, suite("suite-api-j4", "suite API, jobs 4", { jobs: 4 }), dirCompare],
      times: 100,
    },
  ];
  const again = (id: string): Case[] =>
    cases
      .filter((c) => c.id === id)
      .map((c) => ({ ...c, id: `${id}-cold`, title: `${c.title}, cold cache`, cold: true }));
  return [...cases, ...again("pair-identical"), ...again("tree-20k")];
}
