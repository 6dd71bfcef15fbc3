// C-77 on the command line: --ignore-case-names and --normalize.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, suite } from "./kit/suite.ts";
import { treeKit } from "./kit/trees.ts";

const { trees, told, json } = treeKit();

describe("names spelled differently", () => {
  const cwd = trees(
    { "Docs/Read.me": "1", "Docs/old": "1", "caf\u00e9.txt": "same", LICENSE: "2" },
    { "docs/READ.ME": "1", "docs/new": "1", "cafe\u0301.txt": "same", license: "3" },
  );

  test("are other names without the flags", async () => {
    expect((await told(cwd)).lines).toHaveLength(6);
  });

  test("are one name with them, told under the left spelling", async () => {
    expect(await told(cwd, "--ignore-case-names", "--normalize=nfc", "--all-entries")).toEqual({
      code: 1,
      lines: [
        "= Docs",
        "= Docs/Read.me",
        "> Docs/new",
        "< Docs/old",
        "* LICENSE\tcontent_mismatch",
        "= caf\u00e9.txt",
      ],
    });
    expect((await told(cwd, "--normalize", "nfc")).lines).toHaveLength(4);
    expect((await told(cwd, "--ignore-case-names", "--normalize", "none")).lines).toHaveLength(5);
  });

  test("--json has both spellings where they differ", async () => {
    const { entries, summary } = await json(cwd, "--ignore-case-names", "--normalize=nfc");
    expect(entries.map(({ status, path, path_right }) => [status, path, path_right])).toEqual([
      ["only_right", "Docs/new", "docs/new"],
      ["only_left", "Docs/old", undefined],
      ["different", "LICENSE", "license"],
    ]);
    expect(summary).toMatchObject({ equal: 3, different: 1, only_left: 1, only_right: 1, exit: 1 });
  });

  test("equal trees: 0, also with -q, few threads and proven bytes", async () => {
    const same = trees({ "A/B/c": "1", "A/d": { link: "x" } }, { "a/b/C": "1", "a/D": { link: "x" } });
    for (const more of [[], ["-q"], ["-j1"], ["--prove=bytes"], ["--metadata=mode"]]) {
      expect(await told(same, "--ignore-case-names", ...more)).toEqual({ code: 0, lines: [] });
    }
  });

  test("--files-from finds them under any spelling", async () => {
    writeFileSync(join(cwd, "list"), "DOCS/read.ME\nlicense\n");
    const flags = ["--ignore-case-names", "--files-from", "list", "--all-entries"];
    expect(await told(cwd, ...flags)).toEqual({
      code: 1,
      lines: ["= Docs/Read.me", "* LICENSE\tcontent_mismatch"],
    });
  });
});

describe("name collisions", () => {
  const cwd = trees({ a: "1", A: "1", k: "1" }, { a: "1", K: "1" });

  test("are undecided: a line, a reason, 3", async () => {
    const end = await compare(["--ignore-case-names", "L", "R"], { cwd });
    expect(end).toMatchObject({ code: 3, text: "! A\tE_NAME_COLLISION\n" });
    expect(end.stderr).toContain("A: compare left side: several spellings of one name");
    expect(end.stderr).toContain("(E_NAME_COLLISION)");
  });

  test("in JSON, whose schema knows them", async () => {
    const { entries, summary } = await json(cwd, "--ignore-case-names");
    expect(entries).toMatchObject([
      {
        path: "A",
        status: "unknown",
        kind: ["file", null],
        reasons: ["name_collision"],
        error: { code: "E_NAME_COLLISION" },
      },
    ]);
    expect(summary).toMatchObject({ verdict: "unknown", unknown: 1, equal: 2, exit: 3 });
  });

  test("are none where one spelling is excluded", async () => {
    expect(await told(cwd, "--ignore-case-names", "-x", "A")).toEqual({ code: 0, lines: [] });
  });

  test("on one side only they are missing on the other, and known to be", async () => {
    const { entries, summary } = await json(trees({ b: "", B: "" }, {}), "--ignore-case-names");
    expect(entries.map(({ status, reasons }) => [status, reasons])).toEqual([
      ["only_left", ["missing", "name_collision"]],
      ["only_left", ["missing", "name_collision"]],
    ]);
    expect(summary).toMatchObject({ verdict: "different", exit: 1 });
  });
});

describe("the flags", () => {
  test("a wrong form is refused", async () => {
    const end = await compare(["--normalize=nfd", "a", "b"]);
    expect(end).toMatchObject({ code: 2, text: "" });
    expect(end.stderr).toContain("nfc");
    expect((await compare(["--ignore-case-name", "a", "b"])).stderr).toContain("--ignore-case-names");
  });

  test("are in the help and in the configuration", async () => {
    const { text } = await suite(["compare", "--help"]);
    expect(text).toContain("--ignore-case-names");
    expect(text).toMatch(/--normalize\b.*none\|nfc/);
    const cwd = trees({ a: "1" }, { A: "1" });
    const env = { SUITE_COMPARE_IGNORE_CASE_NAMES: "1" };
    expect((await compare(["L", "R"], { cwd, env })).code).toBe(0);
    writeFileSync(join(cwd, "suite.toml"), '[compare]\nnormalize = "nfc"\nignore-case-names = true\n');
    expect((await compare(["--config", "suite.toml", "L", "R"], { cwd })).code).toBe(0);
  });
});
