// C-77 through the API: names that are one though they are spelled differently, with each other choice there is.
import { describe, expect, test } from "bun:test";
import { chmodSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  compare,
  compareDirSync,
  compareSync,
  configure,
  NameCollisionError,
  SuiteError,
  type CompareOptions,
  type EntryRecord,
} from "../../src/index.ts";
import { suiteError } from "../../src/errors.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, temporaryFolder, type Node } from "../support/temp.ts";

const dir = temporaryFolder();
leavesNothing();
let made = 0;

function trees(left: Record<string, Node>, right: Record<string, Node>): [string, string] {
  const root = join(dir, String(made++));
  return [makeTree(join(root, "l"), left), makeTree(join(root, "r"), right)];
}

async function entries([l, r]: [string, string], options: CompareOptions): Promise<EntryRecord[]> {
  return Array.fromAsync(compare(l, r, { ignoreCaseNames: true, ...options })) as Promise<EntryRecord[]>;
}

/** What is not equal: status, path, what is known. */
async function lines(sides: [string, string], options: CompareOptions = {}): Promise<string[]> {
  return (await entries(sides, options)).map(({ status, path, pathRight, below, reasons, error }) =>
    [
      status,
      path,
      pathRight && `(${pathRight})`,
      below !== undefined && `+${below}`,
      error?.code ?? reasons.filter((reason) => reason !== "missing").join(),
    ]
      .filter(Boolean)
      .join(" "),
  );
}

describe("filters look at each name as it is written on its side", () => {
  const sides = trees({ "Build/x": "1", "a.O": "1", "b.o": "1" }, { "build/x": "2", "a.o": "1", "B.o": "2" });
  const cases: [CompareOptions, string[]][] = [
    [{}, ["different Build/x (build/x) content_mismatch", "different b.o (B.o) content_mismatch"]],
    [{ exclude: "build" }, ["only_left Build", "only_left Build/x", "different b.o (B.o) content_mismatch"]],
    [{ exclude: "[Bb]uild/" }, ["different b.o (B.o) content_mismatch"]],
    [{ exclude: ["Build/x", "*.o"] }, ["only_right Build/x (build/x)", "only_left a.O"]],
    [{ exclude: ["/Build/x", "/build/x", "?.o", "?.O"] }, []],
    [{ include: "*.o" }, ["only_right a.o", "different b.o (B.o) content_mismatch"]],
    [{ include: "x" }, ["different Build/x (build/x) content_mismatch"]],
  ];
  test.each(cases)("%j", async (options, expected) => {
    expect(await lines(sides, options)).toEqual(expected);
  });

  test("what is excluded collides with nothing", async () => {
    const both = trees({ a: "1", A: "1" }, { a: "1", "d/f": "1", "D/f": "1" });
    expect(await lines(both)).toEqual([
      "unknown A E_NAME_COLLISION",
      "only_right D name_collision",
      "only_right D/f",
      "only_right d name_collision",
      "only_right d/f",
    ]);
    expect(await lines(both, { exclude: ["A", "D"] })).toEqual(["only_right d", "only_right d/f"]);
    const other = trees({ Foo: "1" }, { foo: "1", FOO: "2" });
    expect(await lines(other, { exclude: "FOO", allEntries: true })).toEqual(["equal Foo (foo)"]);
    expect(await lines(other, { exclude: "foo" })).toEqual(["different Foo (FOO) content_mismatch"]);
  });

  test("a directory against a file is what it is without folding", async () => {
    const kinds = trees({ "x/y.c": "1" }, { x: "1" });
    for (const ignoreCaseNames of [false, true]) {
      expect(await lines(kinds, { ignoreCaseNames, include: "*.c" })).toEqual(["different x type_mismatch"]);
    }
  });
});

describe("with other options", () => {
  test("collapse counts, of one spelling or several", async () => {
    const sides = trees({ "Foo/Gone/a": "", "Foo/Gone/A": "", "Foo/Gone/b/c": "" }, { "foo/New/x": "" });
    expect(await lines(sides, { collapse: true })).toEqual(["only_left Foo/Gone +4", "only_right Foo/New (foo/New) +1"]);
    const run = compare(...sides, { ignoreCaseNames: true, collapse: true });
    expect((await run).counts).toEqual({ equal: 1, different: 0, onlyLeft: 5, onlyRight: 2, unknown: 0 });
  });

  test("one way", async () => {
    const sides = trees({ "Foo/x": "1", Q: "1" }, { "foo/X": "1", "foo/new": "1", q: "1", NEW: "1", new: "1" });
    expect(await lines(sides, { oneWay: true })).toEqual([]);
    expect(compareSync(...sides, { ignoreCaseNames: true, oneWay: true }).verdict).toBe("equal");
  });

  test("metadata is that of both spellings", async () => {
    const sides = trees({ "Foo/x": "1" }, { "foo/X": "1" });
    for (const path of ["Foo/x", "Foo"]) utimesSync(join(sides[0], path), 1000, 1000);
    for (const path of ["foo/X", "foo"]) utimesSync(join(sides[1], path), 1000, 1000);
    chmodSync(join(sides[0], "Foo/x"), 0o600);
    chmodSync(join(sides[1], "foo/X"), 0o640);
    const metadata = ["mode", "mtime", "owner", "xattr", "acl"] as const;
    expect(await lines(sides, { metadata })).toEqual(["different Foo/x (foo/X) mode"]);
  });

  test("links: by their target, which is content; followed where that is asked for", async () => {
    const sides = trees(
      { "Real/f": "1", link: { link: "Real" }, Same: { link: "x" } },
      { "real/F": "1", LINK: { link: "real" }, same: { link: "x" } },
    );
    expect(await lines(sides)).toEqual(["different link (LINK) link_target"]);
    const all = await lines(sides, { followSymlinks: true, allEntries: true });
    expect(all).toEqual([
      "equal Real (real)",
      "equal Real/f (real/F)",
      "equal Same (same)",
      "equal link (LINK)",
      "equal link/f (LINK/F)",
    ]);
    // A link that leads back to a directory above it is compared as a link.
    symlinkSync(".", join(sides[0], "Loop"));
    symlinkSync(".", join(sides[1], "loop"));
    expect(await lines(sides, { followSymlinks: true })).toEqual([]);
  });

  test("the first difference ends it; a collision is none", () => {
    const sides = trees({ a: "1", A: "1", z: "1" }, { a: "1", Z: "2" });
    const result = compareSync(...sides, { ignoreCaseNames: true, stopAtFirst: true });
    expect(result).toMatchObject({ verdict: "different", counts: { different: 1 } });
  });

  test("records are limited, counts are not", async () => {
    const sides = trees({ a: "1", b: "1", C: "1" }, { A: "2", B: "2", c: "2" });
    const run = compare(...sides, { ignoreCaseNames: true, limit: 2 });
    expect((await Array.fromAsync(run)).map((entry) => (entry as EntryRecord).path)).toEqual(["C", "a"]);
    expect((await run).counts.different).toBe(3);
  });

  test("names that are not UTF-8: the other spelling is there in bytes", async () => {
    const sides = trees({}, {});
    writeFileSync(Buffer.concat([Buffer.from(`${sides[0]}/a`), Buffer.of(0xff)]), "1");
    writeFileSync(Buffer.concat([Buffer.from(`${sides[1]}/A`), Buffer.of(0xff)]), "2");
    const [entry] = await entries(sides, {});
    expect(entry?.pathBytes).toEqual(new Uint8Array([0x61, 0xff]));
    expect(entry?.pathRightBytes).toEqual(new Uint8Array([0x41, 0xff]));
    expect(entry?.toJSON()).toMatchObject({ path_b64: "Yf8=", path_right_b64: "Qf8=" });
    expect(entry?.toJSON()).not.toHaveProperty("path_right");
  });

  test("what has one spelling has no other", async () => {
    const [entry] = await entries(trees({ a: "1" }, { a: "2" }), {});
    expect(entry?.pathRight).toBeUndefined();
    expect(entry?.pathRightBytes).toBeUndefined();
    expect(entry?.toJSON()).not.toHaveProperty("path_right");
  });

  test("lists and their keys are in the spelling of the left", () => {
    const sides = trees({ "Foo/a": "1", "Foo/b": "1", x: "", X: "" }, { "foo/A": "2", "foo/c": "1", x: "" });
    const result = compareDirSync(...sides, { ignoreCaseNames: true });
    expect(result).toMatchObject({ diff: { "Foo/a": "content_mismatch" }, onlyLeft: ["Foo/b"], onlyRight: ["Foo/c"] });
    expect(result.errors["X"]?.code).toBe("E_NAME_COLLISION");
    expect(result.verdict).toBe("different");
  });

  test("two files are two files, whatever they are called", () => {
    const [l] = trees({ a: "1", B: "1" }, {});
    expect(compareSync(join(l, "a"), join(l, "B"), { ignoreCaseNames: true, normalize: "nfc" }).verdict).toBe("equal");
  });
});

describe("paths that are given", () => {
  const sides = trees(
    { "Foo/Sub/x": "1", "Foo/gone": "1", "d/a": "1", "d/A": "1", file: "1", "é/x": "1" },
    { "foo/SUB/X": "2", "foo/new": "1", "D/a": "1", "file/x": "1", "e\u0301/x": "2", to: { link: "foo" } },
  );
  const of = (paths: string[], options: CompareOptions = {}) => lines(sides, { paths, allEntries: true, ...options });

  test("are found under any spelling, each once", async () => {
    const different = "different Foo/Sub/x (foo/SUB/X) content_mismatch";
    for (const path of ["Foo/Sub/x", "foo/SUB/X", "FOO/sub/X", "./FOO//./sub/x"]) expect(await of([path])).toEqual([different]);
    expect(await of(["foo/sub/x", "FOO/SUB/X", "foo", "Foo/sub"])).toEqual([
      "equal Foo (foo)",
      "equal Foo/Sub (foo/SUB)",
      different,
    ]);
  });

  test("on one side, or neither", async () => {
    expect(await of(["foo/GONE", "foo/NEW"])).toEqual(["only_left Foo/gone", "only_right Foo/new (foo/new)"]);
    expect(await of(["foo/NEW"], { oneWay: true })).toEqual([]);
    expect(await of(["FOO/none", "none/at/all"])).toEqual(["unknown Foo/none E_NOT_FOUND", "unknown none/at/all E_NOT_FOUND"]);
    // A file is in the way on one side.
    expect(await of(["FILE/x"])).toEqual(["only_right file/x"]);
    expect(await of(["FILE"])).toEqual(["different file type_mismatch"]);
  });

  test("that collide, or may be several", async () => {
    expect(await of(["D/A", "d/a"])).toEqual(["unknown d/A E_NAME_COLLISION", "equal d/a (D/a)"]);
    const several = trees({ a: "1", A: "1", "b/x": "1", "B/x": "1" }, { a: "1", A: "1" });
    expect(await lines(several, { paths: ["a", "A"], allEntries: true })).toEqual(["equal A", "equal a"]);
    const e = trees({ "ab/x": "1", "AB/x": "1" }, { "ab/x": "1", "AB/x": "1" });
    expect(await lines(e, { paths: ["Ab/x"] })).toEqual(["unknown Ab/x E_NAME_COLLISION"]);
  });

  test("by normal form", async () => {
    expect(await of(["É/x"], { normalize: "nfc" })).toEqual(["different é/x (e\u0301/x) content_mismatch"]);
    expect(await of(["é/x"], { ignoreCaseNames: false, normalize: "nfc" })).toEqual([
      "different é/x (e\u0301/x) content_mismatch",
    ]);
  });

  test("through links, as the system goes", async () => {
    expect(await of(["TO/sub/x"])).toEqual(["only_right to/SUB/X"]);
  });

  test("with a filter", async () => {
    expect(await of(["FOO/sub/x"], { exclude: "*/*/x" })).toEqual([
      "only_right Foo/Sub/X (foo/SUB/X)",
    ]);
  });
});

describe("the options themselves", () => {
  test("are off, and can be made the default", () => {
    const sides = trees({ a: "1" }, { A: "1" });
    expect(compareSync(...sides).verdict).toBe("different");
    configure({ ignoreCaseNames: true });
    expect(compareSync(...sides).verdict).toBe("equal");
    expect(compareSync(...sides, { ignoreCaseNames: false }).verdict).toBe("different");
    configure({ ignoreCaseNames: undefined });
    expect(compareSync(...sides).verdict).toBe("different");
  });

  test("normalize is none or nfc", () => {
    const wrong = { normalize: "nfd" } as unknown as CompareOptions;
    expect(() => compareSync("a", "b", wrong)).toThrow("normalize is none or nfc, not nfd");
    expect(() => configure(wrong)).toThrow("normalize");
  });

  test("the error has its class and exit code", () => {
    const error = suiteError("E_NAME_COLLISION", "x", { op: "compare" });
    expect(error).toBeInstanceOf(NameCollisionError);
    expect(error).toBeInstanceOf(SuiteError);
    expect(error.exitCode).toBe(3);
  });
});
