// Two trees on the command line: every name is found, in order, and told in the lines of C-20.
import { describe, expect, test } from "bun:test";
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { makeTree, noise, temporaryFolder, type Node } from "../support/temp.ts";
import { putFifo } from "./kit/bytes.ts";
import { brief, pathOf, readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;

/** Two trees `L` and `R` in a folder of their own. */
function trees(left: Record<string, Node>, right: Record<string, Node>): string {
  const cwd = join(dir, String(count++));
  makeTree(join(cwd, "L"), left);
  makeTree(join(cwd, "R"), right);
  return cwd;
}

const told = async (cwd: string, ...flags: string[]) => {
  const { code, text, stderr } = await compare([...flags, "L", "R"], { cwd });
  expect(stderr).toBe("");
  return { code, lines: text.split("\n").slice(0, -1) };
};

const json = async (cwd: string, ...flags: string[]) => {
  const end = await compare(["--json", ...flags, "L", "R"], { cwd });
  const { entries, summary } = readJson(end);
  expect(summary.exit).toBe(end.code as number);
  return { entries, summary, briefs: entries.map(brief) };
};

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

describe("CX-03 what has no content", () => {
  test("an extra FIFO, socket, dangling link and empty directory are listed", async () => {
    const cwd = trees({ f: "1" }, { f: "1", dangling: { link: "nowhere" }, empty: null });
    putFifo(join(cwd, "R"), "fifo");
    using _socket = Bun.listen({ unix: join(cwd, "R/socket"), socket: { data() {} } });
    expect(await told(cwd)).toEqual({ code: 1, lines: ["> dangling", "> empty/\t0 entries", "> fifo", "> socket"] });
    const { entries, summary } = await json(cwd);
    expect(entries.map(({ kind }) => kind[1])).toEqual(["symlink", "dir", "fifo", "socket"]);
    expect(summary).toMatchObject({ verdict: "different", equal: 1, only_right: 4 });
  });

  test("FIFOs and sockets of both sides are equal by their kind, and are not opened", async () => {
    const cwd = trees({}, {});
    for (const side of ["L", "R"]) putFifo(join(cwd, side), "fifo");
    using _left = Bun.listen({ unix: join(cwd, "L/socket"), socket: { data() {} } });
    using _right = Bun.listen({ unix: join(cwd, "R/socket"), socket: { data() {} } });
    const { entries, summary } = await json(cwd, "--all-entries");
    expect(entries).toMatchObject([
      { path: "fifo", status: "equal", proof: "kind", kind: ["fifo", "fifo"] },
      { path: "socket", status: "equal", proof: "kind", kind: ["socket", "socket"] },
    ]);
    expect(summary.verdict).toBe("equal");
  });

  test("a FIFO against a file is a type mismatch", async () => {
    const cwd = trees({ x: "1" }, {});
    putFifo(join(cwd, "R"), "x");
    expect(await told(cwd)).toEqual({ code: 1, lines: ["* x\ttype_mismatch"] });
    expect((await json(cwd)).entries).toMatchObject([{ kind: ["file", "fifo"], size: [1, null] }]);
  });
});

test("CX-04 identical trees with a link to a sibling directory are equal, in whatever order they are listed", async () => {
  // Made in opposite orders, so that a listing in the order of creation differs.
  const nodes: [string, Node][] = [];
  for (let i = 0; i < 40; i++) nodes.push([`d${i}/f`, String(i)], [`l${i}`, { link: `d${i}` }]);
  const cwd = trees(Object.fromEntries(nodes), Object.fromEntries(nodes.toReversed()));
  expect(await told(cwd)).toEqual({ code: 0, lines: [] });
});

describe("CX-11 a directory on one side, a file on the other", () => {
  test("is one entry, and nothing below the directory is told of", async () => {
    const cwd = trees({ "x/a": "1", "x/b/c": "1", "x-": "1", y: "1" }, { x: "1", "x-": "1", "y/z": "1" });
    const { briefs, summary } = await json(cwd, "--all-entries");
    expect(briefs).toEqual(["different x type_mismatch", "equal x-", "different y type_mismatch"]);
    expect(summary).toMatchObject({ different: 2, equal: 1, only_left: 0, only_right: 0 });
    expect((await told(cwd)).lines).toEqual(["* x\ttype_mismatch", "* y\ttype_mismatch"]);
  });
});

test("times, modes and owners are not compared, and the summary says what is", async () => {
  const cwd = trees({ f: "1", d: null }, { f: "1", d: null });
  utimesSync(join(cwd, "R/f"), 1, 1);
  chmodSync(join(cwd, "R/f"), 0o4755);
  const { summary } = await json(cwd);
  expect(summary).toMatchObject({ verdict: "equal", compared: ["content"] });
});

test("files of all sizes around the buffers, and empty ones, differ where they differ", async () => {
  const cwd = trees({}, {});
  const expected: string[] = [];
  for (const size of [0, 1, 4096, 262_143, 262_144, 262_145, 1_048_576, 2_500_000]) {
    const name = String(size).padStart(8, "0");
    const bytes = noise(size, 3);
    writeFileSync(join(cwd, "L", `${name}-same`), bytes);
    writeFileSync(join(cwd, "R", `${name}-same`), bytes);
    if (size === 0) continue;
    for (const at of new Set([0, size >> 1, size - 1])) {
      const other = bytes.slice();
      other[at] = other[at]! ^ 1;
      const file = `${name}-${String(at).padStart(8, "0")}`;
      writeFileSync(join(cwd, "L", file), bytes);
      writeFileSync(join(cwd, "R", file), other);
      expected.push(`* ${file}\tcontent_mismatch`);
    }
  }
  expect(await told(cwd)).toEqual({ code: 1, lines: expected.toSorted() });
  expect(await told(cwd, "--no-quick-check", "--no-size-precheck", "-j1")).toEqual({
    code: 1,
    lines: expected.toSorted(),
  });
});

test("a directory of 3,000 names on both sides and others between them", async () => {
  const cwd = trees({}, {});
  const lines: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const name = `prefix-that-is-shared-${String((i * 7919) % 3000).padStart(5, "0")}`;
    if (i % 3 !== 1) writeFileSync(join(cwd, "L", name), "");
    if (i % 3 !== 2) writeFileSync(join(cwd, "R", name), "");
    if (i % 3 > 0) lines.push(`${i % 3 === 1 ? ">" : "<"} ${name}`);
  }
  const byName = (x: string, y: string) => (x.slice(2) < y.slice(2) ? -1 : 1);
  expect(await told(cwd)).toEqual({ code: 1, lines: lines.toSorted(byName) });
});

test("a tree against itself and against a tree inside it", async () => {
  const cwd = trees({ "a/f": "1", "a/a/f": "1" }, {});
  expect(readJson(await compare(["--json", "L", "L"], { cwd })).summary).toMatchObject({
    verdict: "equal",
    bytes_read: 0,
    proofs: { same_inode: 2, kind: 2 },
  });
  const inner = readJson(await compare(["--json", "L/a", "L"], { cwd }));
  expect(inner.entries.map((entry) => `${entry.status} ${pathOf(entry)}`)).toEqual([
    "only_right a/a",
    "only_right a/a/f",
    "only_left f",
  ]);
  mkdirSync(join(cwd, "empty"));
  expect((await compare(["empty", "empty"], { cwd })).code).toBe(0);
});
