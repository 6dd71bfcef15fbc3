// Threads and limits: the answer does not depend on them.
import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { makeTrees, ODD } from "./kit/seeded.ts";
import { compare, LIMIT_MS } from "./kit/suite.ts";

const dir = temporaryFolder();
const seeded = join(dir, "seeded");
makeTrees(seeded, 20_260, { names: 4000, changed: 12, alphabet: `${ODD}\n\t\\`, depth: 6 });

describe("C-30 one output for every number of threads", () => {
  for (const flags of [[], ["--all-entries"], ["--brief"], ["--chunk-size", "4k", "--no-quick-check"]]) {
    test(`lines, ${flags.join(" ") || "no flags"}`, async () => {
      const one = await compare([...flags, "-j", "1", "L", "R"], { cwd: seeded });
      expect(one).toMatchObject({ code: 1, stderr: "" });
      // Fewer would not keep 16 threads, or the window of entries in flight, busy.
      expect(one.text.split("\n").length).toBeGreaterThan(200);
      for (const jobs of ["16", "3", "0"]) {
        const many = await compare([...flags, "-j", jobs, "L", "R"], { cwd: seeded });
        expect(many.code).toBe(1);
        expect(Buffer.compare(one.stdout, many.stdout)).toBe(0);
      }
    });
  }

  test("JSON, but for how long it took and what was read", async () => {
    const lines = async (jobs: string) => {
      const end = await compare(["--json", "--all-entries", "-j", jobs, "L", "R"], { cwd: seeded });
      const { elapsed_ms: _, bytes_read: __, bytes_avoided: ___, ...summary } = readJson(end).summary;
      return { entries: end.text.split("\n").slice(0, -2), summary };
    };
    const one = await lines("1");
    expect(one.entries.length).toBeGreaterThan(2000);
    expect(await lines("16")).toEqual(one);
  });

  test("a pair of several segments", async () => {
    const left = noise(20_000_000, 6);
    const right = left.slice();
    for (const at of [19_999_999, 12_345_678, 7_000_000]) right[at] = right[at]! ^ 1;
    makeTree(join(dir, "pair"), { L: left, R: right });
    const answers = new Set<string>();
    for (const jobs of ["1", "2", "16", "2", "16"]) {
      answers.add((await compare(["-j", jobs, "L", "R"], { cwd: join(dir, "pair") })).text);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^L R differ: byte 7000001, line \d+\n$/)]);
  });
});

describe("C-32 few descriptors", () => {
  const few = (args: string[], cwd: string, limit = 64) =>
    compare(args, { cwd, shell: `ulimit -n ${limit}; exec "$@"` });

  test(
    "10,000 files under ulimit -n 64",
    async () => {
      const cwd = join(dir, "many");
      for (const side of ["L", "R"]) {
        for (let d = 0; d < 40; d++) {
          mkdirSync(join(cwd, side, `d${d}`), { recursive: true });
          for (let i = 0; i < 250; i++) writeFileSync(join(cwd, side, `d${d}/f${i}`), String(i % 7));
        }
      }
      writeFileSync(join(cwd, "R/d13/f200"), "!");
      for (const jobs of ["16", "1"]) {
        const { code, text, stderr } = await few(["-j", jobs, "L", "R"], cwd);
        expect({ code, text, stderr }).toEqual({ code: 1, text: "* d13/f200\tcontent_mismatch\n", stderr: "" });
      }
      writeFileSync(join(cwd, "R/d13/f200"), String(200 % 7));
      const { summary } = readJson(await few(["--json", "L", "R"], cwd));
      expect(summary).toMatchObject({ verdict: "equal", equal: 10_040, unknown: 0 });
    },
    LIMIT_MS,
  );

  test(
    "many directories beside each other, 30 deep",
    async () => {
      const cwd = join(dir, "deep");
      for (const side of ["L", "R"]) {
        for (let i = 0; i < 120; i++) mkdirSync(join(cwd, side, `${i}/a/b`), { recursive: true });
        for (let i = 0; i < 8; i++) {
          const path = join(cwd, side, `deep${i}`, "d/".repeat(30));
          mkdirSync(path, { recursive: true });
          writeFileSync(join(path, "f"), "x");
          for (let up = path; up !== join(cwd, side, `deep${i}`); up = join(up, "..")) {
            for (const name of ["a", "b", "z"]) mkdirSync(join(up, name), { recursive: true });
          }
        }
      }
      writeFileSync(join(cwd, "R/deep5", "d/".repeat(30), "f"), "y");
      mkdirSync(join(cwd, "L/deep3", "d/".repeat(29), "z/only"));
      const expected = `< deep3/${"d/".repeat(29)}z/only/\t0 entries\n* deep5/${"d/".repeat(30)}f\tcontent_mismatch\n`;
      for (const args of [["-j16"], ["-j1"]]) {
        const { code, text, stderr } = await few([...args, "L", "R"], cwd);
        expect({ code, text, stderr }).toEqual({ code: 1, text: expected, stderr: "" });
      }
    },
    LIMIT_MS,
  );

  test("the seeded trees give the same output", async () => {
    const all = await compare(["--all-entries", "L", "R"], { cwd: seeded });
    const tight = await few(["--all-entries", "L", "R"], seeded);
    expect(tight).toMatchObject({ code: 1, stderr: "" });
    expect(Buffer.compare(all.stdout, tight.stdout)).toBe(0);
  });
});
