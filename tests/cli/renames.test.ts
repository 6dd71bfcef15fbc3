// C-74: files that have one path on the left and another on the right.
import { describe, expect, test } from "bun:test";
import { chmodSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { tar, zip } from "../support/archives.ts";
import { gzipSync } from "../support/compressors.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { withoutPrivileges } from "./kit/rights.ts";
import { isRecord } from "./kit/schema.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
const big = noise(200_000, 1);
const twin = big.slice();
twin[150_000]! ^= 1;
makeTree(dir, {
  "L/same": "1",
  "L/old.txt": "moved",
  "L/sub/deep/name": big,
  "L/other": twin,
  "L/empty": "",
  "L/gone": "nowhere else",
  "R/same": "1",
  "R/new.txt": "moved",
  "R/up/name": big,
  "R/vacant": "",
  "R/added": "Nowhere else",
});

/** The rename lines of plain output. */
async function renames(a: string, b: string, ...flags: string[]): Promise<string[]> {
  const { text } = await compare(["--renames", ...flags, a, b], { cwd: dir });
  return text.split("\n").filter((line) => line.startsWith("~ "));
}

interface Line {
  type: string;
  from?: string;
  from_b64?: string;
  to?: string;
  candidates?: [number, number];
  renamed?: number;
  renames_skipped?: number;
}

async function json(a: string, b: string, ...flags: string[]): Promise<{ code: number | null; lines: Line[] }> {
  const { text, code } = await compare(["--json", "--renames", ...flags, a, b], { cwd: dir });
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line) as Line);
  for (const line of lines) expect(isRecord(line), JSON.stringify(isRecord.errors)).toBe(true);
  return { code, lines };
}

describe("two directories", () => {
  test("what was moved stands behind all entries, which stay what they are", async () => {
    const without = await compare(["--all-entries", "L", "R"], { cwd: dir });
    const told = await compare(["--all-entries", "--renames", "L", "R"], { cwd: dir });
    expect(told.code).toBe(1);
    expect(told.text).toBe(`${without.text}~ old.txt\tnew.txt\n~ sub/deep/name\tup/name\n`);
    expect(told.stderr).toBe("");
  });

  test("what is below a one-sided directory is listed, so that it can be looked at", async () => {
    const { text } = await compare(["--renames", "L", "R"], { cwd: dir });
    expect(text).toContain("< sub\n< sub/deep\n< sub/deep/name\n");
  });

  test("records, counts and exit code", async () => {
    const { code, lines } = await json("L", "R");
    expect(code).toBe(1);
    expect(lines.filter(({ type }) => type === "rename")).toEqual([
      { v: 1, type: "rename", from: "old.txt", to: "new.txt", size: 5, proof: "hash:blake3", candidates: [1, 1] },
      { v: 1, type: "rename", from: "sub/deep/name", to: "up/name", size: 200_000, proof: "hash:blake3", candidates: [1, 1] },
    ] as never);
    expect(lines.at(-1)).toMatchObject({ type: "summary", verdict: "different", only_left: 7, only_right: 5, equal: 1, renamed: 2, renames_skipped: 0 });
  });

  test("between NULs, each name with a sign of its own", async () => {
    const { text } = await compare(["--renames", "-0", "L", "R"], { cwd: dir });
    expect(text.endsWith("~ old.txt\0~ new.txt\0~ sub/deep/name\0~ up/name\0")).toBe(true);
  });

  test("nothing of it without the flag", async () => {
    const { text } = await compare(["--json", "L", "R"], { cwd: dir });
    expect(text).not.toContain("renam");
  });

  test("trees that are the same have none", async () => {
    const { code, lines } = await json("L", "L");
    expect([code, lines.length, lines[0]?.renamed]).toEqual([0, 1, 0]);
  });

  test("--limit counts them among the records", async () => {
    const { lines } = await json("L", "R", "--limit=13");
    expect(lines.map(({ type }) => type)).toEqual([...Array<string>(12).fill("entry"), "rename", "summary"]);
    expect(lines.at(-1)).toMatchObject({ renamed: 2 });
  });
});

test("only what may be one is read, and of that the beginning first", async () => {
  makeTree(dir, { "P/a": noise(3_000_000, 2), "Q/b": noise(3_000_000, 3), "P/lone": noise(2_000_000, 4) });
  const { lines } = await json("P", "Q");
  expect((lines.at(-1) as { bytes_read?: number }).bytes_read).toBeLessThanOrEqual(2 * 64 * 1024);
});

test("files that begin alike are told apart", async () => {
  makeTree(dir, { "B/a": big, "B/b": twin, "C/c": twin, "C/d": big });
  expect(await renames("B", "C")).toEqual(["~ a\td", "~ b\tc"]);
});

describe("several of one content", () => {
  makeTree(dir, {
    "M/1/readme": "text", "M/2/licence": "text", "M/3/notes": "text", "M/4/more": "text",
    "N/x/licence": "text", "N/y/readme": "text", "N/z/other": "text",
  });

  test("those of the same last part go together, then the rest by their paths; nothing is in two pairs", async () => {
    const expected = ["~ 1/readme\ty/readme", "~ 2/licence\tx/licence", "~ 3/notes\tz/other"];
    for (const jobs of ["1", "8"]) expect(await renames("M", "N", "-j", jobs)).toEqual(expected);
    expect(await renames("N", "M")).toEqual(["~ x/licence\t2/licence", "~ y/readme\t1/readme", "~ z/other\t3/notes"]);
  });

  test("how many there are is told", async () => {
    const { lines } = await json("M", "N");
    expect(lines.filter(({ type }) => type === "rename").map(({ candidates }) => candidates)).toEqual([[4, 3], [4, 3], [4, 3]]);
  });
});

describe("what is not looked at is told of", () => {
  makeTree(dir, { "T/1": "one", "T/2": "two", "T/3": "six", "U/4": "six", "U/5": "two" });

  test("beyond --rename-limit, in the order of paths", async () => {
    const { text, stderr } = await compare(["--renames", "--rename-limit=4", "T", "U"], { cwd: dir });
    expect(text).toContain("~ 3\t4\n");
    expect(text).not.toContain("~ 2\t5");
    expect(stderr).toBe("suite compare: 1 file on one side only not looked at for renames: unreadable, or beyond --rename-limit\n");
    expect((await json("T", "U", "--rename-limit=1")).lines.at(-1)).toMatchObject({ renamed: 0, renames_skipped: 4 });
  });

  test("C-66 an unreadable file on one side is no error, and no rename", async () => {
    makeTree(dir, { "V/secret": "words", "W/known": "words" });
    chmodSync(dir, 0o755);
    chmodSync(join(dir, "V/secret"), 0);
    const { code, text, stderr } = await compare(["--renames", "V", "W"], { cwd: dir, before: withoutPrivileges() });
    expect({ code, text }).toEqual({ code: 1, text: "> known\n< secret\n" });
    expect(stderr).toContain("1 file on one side only not looked at");
  });
});

describe("archives", () => {
  const left = [{ name: "a", data: "first" }, { name: "dir/b", data: big }, { name: "same", data: "s" }, { name: "hard", type: "1", link: "dir/b" } as const];
  const right = [{ name: "same", data: "s" }, { name: "c", data: big }, { name: "d", data: "first" }];
  makeTree(dir, {
    "l.tar": tar(left),
    "r.tgz": gzipSync(tar(right)),
    "l.zip": zip(left.slice(0, 3)),
    "r.zip": zip(right),
    ...Object.fromEntries(right.map(({ name, data }) => [`tree/${name}`, data])),
  });

  const files = { "l.tar": ["r.tgz", "r.zip", "tree"], "l.zip": ["r.tgz", "r.zip", "tree"] };
  test.each(Object.entries(files).flatMap(([a, all]) => all.map((b) => [a, b] as const)))("%s and %s", async (a, b) => {
    expect(await renames(a, b, "--archive")).toEqual(["~ a\td", "~ dir/b\tc"]);
  });
});

test("names that are not UTF-8, or would act on a terminal", async () => {
  makeTree(dir, { "E/new\nline": "odd", "F/\u001b[31mred": "odd" });
  expect(await renames("E", "F")).toEqual(["~ new\\nline\t\u001b[31mred"]);
  const bytes = tar([{ name: Buffer.from([0xff, 0x61]), data: "odd" }]);
  makeTree(dir, { "bytes.tar": bytes });
  const { lines } = await json("bytes.tar", "F");
  expect(lines.find(({ type }) => type === "rename")).toMatchObject({ from_b64: "/2E=", to: "\u001b[31mred" });
});

test("spelling that does not count", async () => {
  makeTree(dir, { "G/Dir/old": "content", "G/Dir/kept": "k", "H/dir/new": "content", "H/dir/KEPT": "k" });
  expect(await renames("G", "H", "--ignore-case-names")).toEqual(["~ Dir/old\tdir/new"]);
});

test("a file with holes, of any size", async () => {
  makeTree(dir, { "I/hole": "", "J/moved": "" });
  for (const name of ["I/hole", "J/moved"]) truncateSync(join(dir, name), 40_000_000);
  expect(await renames("I", "J")).toEqual(["~ hole\tmoved"]);
});

test.each([["--one-way"], ["--prove=bytes"]])("%s does not go with it", async (flag) => {
  const { code, stderr } = await compare(["--renames", flag, "L", "R"], { cwd: dir });
  expect(code).toBe(2);
  expect(stderr).toContain("renames cannot be found with");
});

test("of two files it says nothing, as other options for trees", async () => {
  expect(await compare(["--renames", "L/same", "R/same"], { cwd: dir })).toMatchObject({ code: 0, text: "", stderr: "" });
});
