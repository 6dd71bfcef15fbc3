// What turns measurements into words and pictures; nothing is timed here.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bars, fastestPeer } from "../../bench/compare/bars.ts";
import { derivedFiles } from "../../bench/compare/files.ts";
import { parallel } from "../../bench/compare/parallel.ts";
import { markdown, type CompareReport } from "../../bench/compare/report.ts";
import { BenchError, parseBenchArgs } from "../../bench/lib/args.ts";
import { chart, escapeXml } from "../../bench/lib/chart.ts";
import { Bytes } from "../../bench/lib/corpus.ts";
import { fileSystemOf } from "../../bench/lib/machine.ts";
import { table } from "../../bench/lib/markdown.ts";
import { shellWords } from "../../bench/lib/process.ts";
import { race, type Contender, type Row } from "../../bench/lib/runner.ts";
import { digits, duration, median, rotate, spread } from "../../bench/lib/stats.ts";

describe("statistics", () => {
  test("the median is the middle, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 10, 2])).toBe(3);
    expect(median([7])).toBe(7);
    expect(median([])).toBeNaN();
    // By value, not as text.
    expect(median([10, 9, 100])).toBe(10);
  });

  test("a spread needs measurements and leaves them in place", () => {
    const values = [5, 1, 9];
    expect(spread(values)).toEqual({ median: 5, min: 1, max: 9, n: 3 });
    expect(values).toEqual([5, 1, 9]);
    expect(() => spread([])).toThrow(RangeError);
  });

  test("each round begins with another contender and leaves nobody out", () => {
    const order = ["a", "b", "c"];
    expect([0, 1, 2, 3].map((round) => rotate(order, round).join(""))).toEqual(["abc", "bca", "cab", "abc"]);
    expect(rotate([], 3)).toEqual([]);
  });

  test("numbers keep three digits and find their unit", () => {
    expect([0, 0.01234, 1.234, 12.34, 123.4, 1234.5].map(digits)).toEqual([
      "0",
      "0.012",
      "1.23",
      "12.3",
      "123",
      "1235",
    ]);
    expect(digits(Number.NaN)).toBe("–");
    expect([1500, 2.5e6, 2.5e10].map(duration)).toEqual(["1.50 µs", "2.50 ms", "25.0 s"]);
  });
});

describe("races", () => {
  function contender(id: string, log: string[], rest: Partial<Contender> = {}): Contender {
    return {
      id,
      label: id,
      kind: "cli",
      version: "1",
      command: id,
      check: async () => {},
      measure: async () => {
        log.push(id);
        return { wallNs: log.length, cpuNs: 1 };
      },
      ...rest,
    };
  }

  test("contenders take turns, the warm-up is not counted, and all of it is emptied before", async () => {
    const log: string[] = [];
    let before = 0;
    const rows = await race([contender("a", log), contender("b", log)], { runs: 2, before: () => void before++ });
    expect(log.join("")).toBe("abbaab");
    expect(before).toBe(6);
    expect(rows.map(({ samples }) => samples)).toEqual([
      [4, 5],
      [3, 6],
    ]);
  });

  test("one that is absent or wrong stays in the table and is not measured", async () => {
    const log: string[] = [];
    const wrong = () => Promise.reject(new Error("says different"));
    const rows = await race(
      [
        contender("gone", log, { absent: "not installed" }),
        contender("liar", log, { check: wrong }),
        contender("good", log),
      ],
      { runs: 1 },
    );
    expect(rows.map(({ id, status, note }) => [id, status, note])).toEqual([
      ["gone", "absent", "not installed"],
      ["liar", "wrong", "says different"],
      ["good", "ok", undefined],
    ]);
    expect(new Set(log)).toEqual(new Set(["good"]));
  });

  test("one that takes long is measured in one round, and not warmed up", async () => {
    const log: string[] = [];
    const [slow, fast] = await race([contender("slow", log, { once: true }), contender("fast", log)], { runs: 3 });
    expect(log.filter((id) => id === "slow")).toHaveLength(1);
    expect([slow?.samples.length, fast?.samples.length]).toEqual([1, 3]);
  });

  test("one that fails in a later round is wrong, and none of its measurements count", async () => {
    const log: string[] = [];
    let round = 0;
    const measure = async () => {
      if (++round === 3) throw new Error("ended with exit code 4");
      return { wallNs: 1 };
    };
    const [row, other] = await race([contender("flaky", log, { measure }), contender("good", log)], { runs: 4 });
    expect(row).toMatchObject({ status: "wrong", note: "ended with exit code 4", samples: [] });
    expect(row?.wallNs).toBeUndefined();
    expect(other?.samples).toHaveLength(4);
    expect(round).toBe(3);
  });
});

describe("bars", () => {
  const row = (id: string, ms: number, kind: Row["kind"] = "cli"): Row => ({
    id,
    label: id,
    kind,
    version: "",
    command: "",
    status: "ok",
    samples: [],
    wallNs: { median: ms * 1e6, min: ms * 1e6, max: ms * 1e6, n: 5 },
  });

  test("the fastest peer is a program, and never suite", () => {
    const rows = [row("suite", 1), row("suite-j1", 2), row("bun-mmap", 3, "api"), row("cmp", 5), row("git", 4)];
    expect(fastestPeer(rows)?.id).toBe("git");
    expect(fastestPeer([row("suite", 1)])).toBeUndefined();
  });

  test("our own comparers are peers of the bars that name them, and not the fastest that people have", () => {
    const rows = [row("suite", 90), row("plain-rust", 100), row("cmp", 150)];
    expect(fastestPeer(rows)?.id).toBe("cmp");
    const found = bars([{ id: "pair-identical", rows }], 2).filter(({ id }) => id === "CP-07");
    const cli = { id: "CP-07", what: "1 GiB identical pair, CLI", limit: 0.8 };
    expect(found).toContainEqual({ ...cli, to: "plain-rust", value: 0.9, fastest: 0.9, met: false });
    expect(found).toContainEqual({ ...cli, to: "plain-go" });
  });

  test("a bar of memory counts the largest resident size", () => {
    const large = { ...row("suite", 1), residentBytes: 97 << 20 };
    const found = bars([{ id: "archive-large", rows: [large] }], 2).find(({ id }) => id === "C-21");
    expect(found).toMatchObject({ value: 97, limit: 96, to: "MiB", met: false });
    expect(markdown(report({ bars: [found] as CompareReport["bars"] }))).toMatch(/at most 96\.0 MiB +\| 97\.0 /);
  });

  test("a slower result is told, and an absent peer leaves the bar open", () => {
    const found = bars(
      [{ id: "tree-20k", rows: [row("suite", 90), row("diff", 100), row("suite-api", 70, "api")] }],
      2,
    );
    const of = (what: string, to: string) => found.find((bar) => bar.what.includes(what) && bar.to.includes(to));
    expect(of("CLI", "fastest")).toMatchObject({ value: 0.9, limit: 0.7, met: false });
    expect(of("API", "diff")).toMatchObject({ value: 0.7, met: true });
    expect(of("API", "komparu")).toEqual({ id: "CP-03", what: "20,000 × 4 KiB tree, API", limit: 0.4, to: "komparu" });
  });
});

/** A report of nothing, but for what is given. */
function report(given: Partial<CompareReport>): CompareReport {
  const machine = { commit: "c", cores: 1, load: 0, cpu: "", memoryBytes: 1, kernel: "", fileSystem: "", bun: "" };
  const ceiling = { memoryOne: 1, memoryAll: 1, cache: 1, threads: 1 };
  const empty = { v: 1, tool: "compare", date: "", command: "", quick: false, runs: 5 } as const;
  return { ...empty, machine, ceiling, cases: [], start: [], memory: [], bars: [], ...given };
}

test("C-33 the same work with one thread and with several, with the number of cores", () => {
  const row = (id: string, ms: number, kind: Row["kind"]): Row => ({
    id,
    label: id,
    kind,
    version: "",
    command: "",
    status: "ok",
    samples: [],
    wallNs: { median: ms * 1e6, min: ms * 1e6, max: ms * 1e6, n: 5 },
  });
  const absent: Row = { id: "suite", label: "", kind: "cli", version: "", command: "", status: "wrong", samples: [] };
  const measured = [
    {
      id: "a",
      title: "A",
      rows: [
        row("suite", 50, "cli"),
        row("suite-j1", 100, "cli"),
        row("suite-api-j4", 30, "api"),
        row("suite-api-j1", 20, "api"),
      ],
    },
    { id: "b", title: "B", rows: [row("suite-j1", 100, "cli"), absent] },
  ];
  const found = parallel(measured, 16);
  expect(found).toEqual([
    { title: "A", kind: "cli", oneNs: 1e8, manyNs: 5e7, threads: 8, gain: 2 },
    { title: "A", kind: "api", oneNs: 2e7, manyNs: 3e7, threads: 4, gain: 2 / 3 },
  ]);
  const machine = { commit: "c", cores: 16, load: 0, cpu: "", memoryBytes: 1, kernel: "", fileSystem: "", bun: "" };
  const text = markdown(report({ machine, cases: measured.map((one) => ({ ...one, expected: "equal", times: 1 })) }));
  expect(text).toContain("Medians on 16 cores.");
  expect(text).toMatch(/\| A +\| CLI +\| 100 ms +\| 50\.0 ms +\| -j8 +\| 2\.00 × +\|/);
});

describe("output", () => {
  test("nothing in a label can leave its place in the chart", () => {
    const label = `<script>alert("x")</script> & 'y' \u0000\u001b\ud800`;
    const svg = chart(label, [
      { title: label, bars: [{ label, ours: false, value: 1, low: 1, high: 2, note: label }] },
    ]);
    expect(svg).not.toContain("<script");
    expect(escapeXml(label)).toBe(
      "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39; \ufffd\ufffd\ufffd",
    );
    expect(svg).not.toMatch(/(?!\n)\p{Cc}/u);
    // Self-contained.
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|url\(|href|@import/);
  });

  test("a bar without a value is a label, and no number is NaN", () => {
    const svg = chart("t", [{ title: "g", bars: [{ label: "komparu", ours: false, note: "absent" }] }]);
    expect(svg).toContain("absent");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("C-50 there is a chart for each kind of case that was measured, and the report shows it", () => {
    const rows: Row[] = [
      {
        id: "suite",
        label: "suite",
        kind: "cli",
        version: "",
        command: "",
        status: "ok",
        samples: [],
        wallNs: spread([1e6]),
      },
      { id: "komparu", label: "komparu", kind: "cli", version: "", command: "", status: "absent", samples: [] },
    ];
    const one = (id: string) => ({ id, title: id, expected: "equal", times: 1, rows }) as const;
    const cold = { ...one("tree-cold"), rows: [] };
    const files = derivedFiles(report({ cases: [one("pair-a"), one("archive-a"), one("archive-b"), cold] }));
    expect(Object.keys(files)).toEqual(["compare.md", "compare-pairs.svg", "compare-archives.svg"]);
    for (const name of Object.keys(files).slice(1)) expect(files["compare.md"]).toContain(`](${name})`);
    expect(files["compare-archives.svg"]).toMatch(/archive-a[^]*komparu[^]*absent[^]*archive-b/);
    // Read on a light ground and on a dark one.
    expect(files["compare-pairs.svg"]).toContain("prefers-color-scheme:dark");
  });

  test("who was measured once is told so, where others were measured more often", () => {
    const row = (id: string, ...ns: number[]): Row => {
      const rest = { kind: "cli", version: "", command: "", status: "ok", samples: [] } as const;
      return { id, label: id, ...rest, wallNs: spread(ns) };
    };
    const one = (...rows: Row[]) => ({ id: "x", title: "x", expected: "equal", times: 1, rows }) as const;
    const text = (...rows: Row[]) => markdown(report({ cases: [one(...rows)] }));
    expect(text(row("slow", 1e9), row("fast", 1, 2))).toMatch(/\| slow \(measured once\) +\| CLI[^]*\| fast +\| CLI/);
    expect(text(row("slow", 1e9), row("fast", 1))).not.toContain("measured once");
  });

  test("C-50 what is published is made of the published measurements: bun bench/render.ts", () => {
    const folder = join(import.meta.dir, "../../docs/benchmarks");
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    const files = derivedFiles(JSON.parse(read("compare.json")) as CompareReport);
    expect(readdirSync(folder).toSorted()).toEqual(["compare.json", ...Object.keys(files)].toSorted());
    for (const [name, content] of Object.entries(files)) expect(read(name) === content, name).toBe(true);
  });

  test("table cells cannot break the table", () => {
    expect(table(["a", "b"], [["x|y\nz"]]).split("\n")).toEqual([
      "| a      | b   |",
      "| ------ | --- |",
      "| x\\|y z |     |",
    ]);
  });

  test("commands can be typed", () => {
    expect(shellWords(["cmp", "-s", "a b", "it's"])).toBe(`cmp -s 'a b' 'it'\\''s'`);
  });
});

describe("surroundings", () => {
  test("corpora are the same for the same seed only", () => {
    const first = new Bytes("seed").next(64);
    expect(new Bytes("seed").next(64)).toEqual(first);
    expect(new Bytes("other").next(64)).not.toEqual(first);
    // Pinned: a change makes old results incomparable.
    expect(Bun.hash.crc32(first)).toBe(2500411888);
  });

  test("the file system is that of the deepest mount", () => {
    const mounts = "dev / ext4 rw 0 0\ntmp /mnt/a\\040b tmpfs rw 0 0\nx /mnt/a xfs rw 0 0\n";
    expect(fileSystemOf("/mnt/a b/c", mounts)).toBe("tmpfs");
    expect(fileSystemOf("/mnt/ab", mounts)).toBe("ext4");
    expect(fileSystemOf("/mnt/a", mounts)).toBe("xfs");
  });

  test("the command line is strict", () => {
    const options = parseBenchArgs(["compare", "--only", "pair", "--only", "tree", "--runs", "9"], ["compare"]);
    expect(options).toMatchObject({ tool: "compare", only: ["pair", "tree"], runs: 9, quick: false, cold: "auto" });
    for (const bad of [
      [],
      ["sync"],
      ["compare", "x"],
      ["compare", "--runs", "0"],
      ["compare", "--cold", "x"],
      ["compare", "-z"],
    ]) {
      expect(() => parseBenchArgs(bad, ["compare"])).toThrow(BenchError);
    }
  });
});
