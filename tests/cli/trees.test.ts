// Two trees on the command line: every name is found, in order, and told in the lines of C-20.
import { describe, expect, test } from "bun:test";
import { linkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree } from "../support/temp.ts";
import { compare } from "./kit/suite.ts";
import { treeKit } from "./kit/trees.ts";

const { trees, told, json } = treeKit();

describe("C-20 lines", () => {
  const cwd = trees(
    {
      "same.txt": "same",
      "content.txt": "one",
      "size.txt": "short",
      "gone/deep/er/file": "1",
      "gone/file": "2",
      "gone/empty": null,
      kind: "a file",
      link: { link: "here" },
      "left.txt": "l",
      empty: null,
      "both/inner": "x",
    },
    {
      "same.txt": "same",
      "content.txt": "two",
      "size.txt": "longer by far",
      kind: null,
      link: { link: "there" },
      "new/one": "1",
      "right.txt": "r",
      "both/inner": "y",
    },
  );

  test("sigils, reasons, and one line with a count for a one-sided directory", async () => {
    expect(await told(cwd)).toEqual({
      code: 1,
      lines: [
        "* both/inner\tcontent_mismatch",
        "* content.txt\tcontent_mismatch",
        "< empty/\t0 entries",
        "< gone/\t5 entries",
        "* kind\ttype_mismatch",
        "< left.txt",
        "* link\tlink_target",
        "> new/\t1 entry",
        "> right.txt",
        "* size.txt\tsize_mismatch",
      ],
    });
  });

  test("--all-entries tells of every name, equal ones too", async () => {
    expect(await told(cwd, "--all-entries")).toEqual({
      code: 1,
      lines: [
        "= both",
        "* both/inner\tcontent_mismatch",
        "* content.txt\tcontent_mismatch",
        "< empty",
        "< gone",
        "< gone/deep",
        "< gone/deep/er",
        "< gone/deep/er/file",
        "< gone/empty",
        "< gone/file",
        "* kind\ttype_mismatch",
        "< left.txt",
        "* link\tlink_target",
        "> new",
        "> new/one",
        "> right.txt",
        "= same.txt",
        "* size.txt\tsize_mismatch",
      ],
    });
  });

  test("--brief leaves the reasons out, -q everything", async () => {
    const { lines } = await told(cwd, "--brief");
    expect(lines).toEqual((await told(cwd)).lines.map((line) => line.replace(/\t.*/, "")));
    expect(await told(cwd, "-q")).toEqual({ code: 1, lines: [] });
    expect(await told(cwd, "-s", "--all-entries")).toEqual({ code: 1, lines: [] });
  });

  test("--json counts every name once", async () => {
    const { briefs, summary, entries } = await json(cwd);
    expect(briefs).toEqual([
      "different both/inner content_mismatch",
      "different content.txt content_mismatch",
      "only_left empty",
      "only_left gone",
      "only_left gone/deep",
      "only_left gone/deep/er",
      "only_left gone/deep/er/file",
      "only_left gone/empty",
      "only_left gone/file",
      "different kind type_mismatch",
      "only_left left.txt",
      "different link link_target",
      "only_right new",
      "only_right new/one",
      "only_right right.txt",
      "different size.txt size_mismatch",
    ]);
    expect(summary).toMatchObject({
      verdict: "different",
      equal: 2,
      different: 5,
      only_left: 8,
      only_right: 3,
      unknown: 0,
      compared: ["content"],
      proofs: { bytes: 1, kind: 1 },
    });
    expect(entries.find(({ path }) => path === "kind")).toMatchObject({ kind: ["file", "dir"], size: [6, null] });
    expect(entries.find(({ path }) => path === "gone")).toMatchObject({ kind: ["dir", null], reasons: ["missing"] });
    expect(entries.filter(({ below }) => below !== undefined)).toEqual([]);
  });

  test("the counts agree in every form of output", async () => {
    const all = await json(cwd, "--all-entries");
    const { elapsed_ms: _, ...counts } = all.summary;
    expect((await json(cwd)).summary).toMatchObject(counts);
    const { equal, different, only_left, only_right, unknown } = all.summary;
    expect(all.entries).toHaveLength(equal + different + only_left + only_right + unknown);
  });

  test("equal trees are told of by nothing", async () => {
    const same = { "a/b/c": "1", "a/d": "2", e: null, l: { link: "x" } };
    const equal = trees(same, same);
    expect(await told(equal)).toEqual({ code: 0, lines: [] });
    expect((await told(equal, "--all-entries")).lines).toEqual(["= a", "= a/b", "= a/b/c", "= a/d", "= e", "= l"]);
    const { summary } = await json(equal);
    expect(summary).toMatchObject({ verdict: "equal", equal: 6, proofs: { kind: 3, bytes: 2, target: 1 } });
  });
});

describe("C-25 reasons", () => {
  test("content, size, missing, type; read_error is in exit-codes", async () => {
    const cwd = trees({ a: "1", b: "12", c: "x", d: "x" }, { a: "2", b: "123", d: { link: "x" } });
    expect((await json(cwd)).entries.map(({ reasons }) => reasons)).toEqual([
      ["content_mismatch"],
      ["size_mismatch"],
      ["missing"],
      ["type_mismatch"],
    ]);
  });
});

describe("C-26 nested, symlink, empty", () => {
  test("nested: 200 levels", async () => {
    const deep = `${"d/".repeat(200)}file`;
    const cwd = trees({ [deep]: "1" }, { [deep]: "2" });
    expect(await told(cwd)).toEqual({ code: 1, lines: [`* ${deep}\tcontent_mismatch`] });
    writeFileSync(join(cwd, "R", deep), "1");
    expect(await told(cwd)).toEqual({ code: 0, lines: [] });
    rmSync(join(cwd, "R/d"), { recursive: true });
    expect(await told(cwd)).toEqual({ code: 1, lines: ["< d/\t200 entries"] });
    expect((await json(cwd)).entries).toHaveLength(201);
  });

  test("nested: paths longer than the system takes at once", async () => {
    const cwd = trees({}, {});
    const name = "n".repeat(200);
    const half = `${name}/`.repeat(15);
    for (const [side, text] of [
      ["L", "one"],
      ["R", "two"],
    ] as const) {
      // In two halves, one of them put below the other.
      makeTree(join(cwd, side), { [half]: null });
      makeTree(join(cwd, "half"), { [`${half}f`]: text });
      renameSync(join(cwd, "half", name), join(cwd, side, half, name));
    }
    expect(await told(cwd)).toEqual({ code: 1, lines: [`* ${`${name}/`.repeat(30)}f\tcontent_mismatch`] });
    // Few descriptors, so that directories are given back and opened again from the root.
    const few = await compare(["L", "R"], { cwd, shell: 'ulimit -n 64; exec "$@"' });
    expect(few).toMatchObject({ code: 1, stderr: "" });
    expect(few.text.length).toBeGreaterThan(6000);
    Bun.spawnSync(["rm", "-rf", "L", "R"], { cwd });
  });

  test("symlink: compared by its target, never followed", async () => {
    const cwd = trees(
      {
        same: { link: "x" },
        other: { link: "x" },
        dangling: { link: "nowhere" },
        up: { link: ".." },
        self: { link: "." },
      },
      {
        same: { link: "x" },
        other: { link: "./x" },
        dangling: { link: "nowhere" },
        up: { link: ".." },
        self: { link: "." },
      },
    );
    expect(await told(cwd, "--all-entries")).toEqual({
      code: 1,
      lines: ["= dangling", "* other\tlink_target", "= same", "= self", "= up"],
    });
  });

  test("symlink: what a link leads to is not looked at, even where it is a directory on one side", async () => {
    const cwd = trees({ "real/f": "1", l: { link: "real" } }, { "real/f": "1", "l/f": "1" });
    expect(await told(cwd)).toEqual({ code: 1, lines: ["* l\ttype_mismatch"] });
    const root = trees({ x: "1" }, { x: "1" });
    symlinkSync("L", join(root, "to-left"));
    expect((await compare(["to-left", "R"], { cwd: root })).code).toBe(0);
    expect((await compare(["to-left/", "R/"], { cwd: root })).code).toBe(0);
  });

  test("symlink: loops of links inside a tree are data", async () => {
    const loop = { a: { link: "b" }, b: { link: "a" }, "d/up": { link: "../d" } };
    expect(await told(trees(loop, loop))).toEqual({ code: 0, lines: [] });
    expect((await told(trees(loop, { ...loop, b: { link: "b" } }))).lines).toEqual(["* b\tlink_target"]);
  });

  test("symlink: targets of 4095 bytes", async () => {
    const long = "t".repeat(4095);
    expect((await told(trees({ l: { link: long } }, { l: { link: long } }))).code).toBe(0);
    expect((await told(trees({ l: { link: long } }, { l: { link: `${long.slice(1)}u` } }))).code).toBe(1);
  });

  test("empty: directories and trees", async () => {
    expect(await told(trees({}, {}))).toEqual({ code: 0, lines: [] });
    expect(await told(trees({ e: null }, {}))).toEqual({ code: 1, lines: ["< e/\t0 entries"] });
    expect(await told(trees({}, { "e/e": null }))).toEqual({ code: 1, lines: ["> e/\t1 entry"] });
    expect(await told(trees({ e: null }, { "e/f": "" }))).toEqual({ code: 1, lines: ["> e/f"] });
  });

  test("hard links count as the files they are", async () => {
    const cwd = trees({ a: "1", b: "1" }, { a: "1" });
    linkSync(join(cwd, "R/a"), join(cwd, "R/b"));
    expect(await told(cwd)).toEqual({ code: 0, lines: [] });
    writeFileSync(join(cwd, "L/b"), "2");
    expect((await told(cwd)).lines).toEqual(["* b\tcontent_mismatch"]);
  });
});

describe("C-19 order", () => {
  test("is that of LC_ALL=C sort on whole paths", async () => {
    const names = [
      "a",
      "a-b",
      "a.txt",
      "a/x",
      "a/x-y",
      "a/x/z",
      "a0",
      "aB",
      "ab",
      "A",
      "Z",
      "_",
      "~",
      "é",
      "中",
      "a b",
      "a!b",
    ];
    const files = (sides: string[]) =>
      Object.fromEntries(
        sides.filter((name) => !sides.some((other) => other.startsWith(`${name}/`))).map((name) => [name, "1"]),
      );
    const cwd = trees(files(names), {});
    const { lines } = await told(cwd, "--all-entries");
    const sorted = Bun.spawnSync(["sh", "-c", "cd L && find . -mindepth 1 | cut -c3- | LC_ALL=C sort"], { cwd });
    expect(lines.map((line) => line.slice(2))).toEqual(sorted.stdout.toString().trimEnd().split("\n"));
    expect(lines.map((line) => line.slice(2))).toEqual(expect.arrayContaining(names));
    const at = (name: string) => lines.indexOf(`< ${name}`);
    expect([at("a"), at("a-b"), at("a.txt"), at("a/x"), at("a0")].toSorted((x, y) => x - y)).toEqual([
      at("a"),
      at("a-b"),
      at("a.txt"),
      at("a/x"),
      at("a0"),
    ]);
  });

  test("a one-sided directory stands where the paths below it would", async () => {
    const cwd = trees({ "a/x": "1", "a-b": "1", "a.txt": "1", a0: "1" }, {});
    expect((await told(cwd)).lines).toEqual(["< a-b", "< a.txt", "< a/\t1 entry", "< a0"]);
  });

  test("paths are relative to the roots, however these are written", async () => {
    const cwd = trees({ "d/f": "1" }, { "d/f": "2" });
    for (const [left, right] of [
      ["L", "R"],
      ["./L/", "R//"],
      [join(cwd, "L"), "L/../R/."],
    ]) {
      expect((await compare([left!, right!], { cwd })).text).toBe("* d/f\tcontent_mismatch\n");
    }
  });
});

describe("what is for files alone", () => {
  const uses = ["-b", "-l", "-lb", "--ranges", "-i1", "-n1", "-b -q", "-b --json", "-b --brief"];
  test.each(uses)("%s is refused for two trees, and nothing is compared", async (use) => {
    const flags = use.split(" ");
    const cwd = trees({ a: "1" }, { a: "2" });
    const end = await compare([...flags, "L", "R"], { cwd });
    expect({ code: end.code, text: end.text }).toEqual({ code: 2, text: "" });
    expect(end.stderr).toMatch(/^suite compare: L and R: .*for (two )?files, not for trees/);
    // Two files of them are fine, and a directory against a file is what it always is.
    expect((await compare([...flags, "L/a", "R/a"], { cwd })).code).toBe(use === "-i1" ? 0 : 1);
    expect((await compare(["-b", "L", "R/a"], { cwd })).text).toBe("* L\ttype_mismatch\n");
  });

  test("what is missing is told of first", async () => {
    const end = await compare(["-b", "nowhere", "R"], { cwd: trees({}, {}) });
    expect(end.code).toBe(4);
    expect(end.stderr).toContain("nowhere");
  });
});
