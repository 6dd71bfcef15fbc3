// What can be chosen about a comparison of local files and trees, each choice with and without.
import { describe, expect, test } from "bun:test";
import { chmodSync, lutimesSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, compareDirSync, compareSync, configure, type CompareOptions } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
leavesNothing();

let made = 0;

/** Two new trees. */
function trees(left: Parameters<typeof makeTree>[1], right: Parameters<typeof makeTree>[1]): [string, string] {
  const root = join(dir, String(made++));
  return [makeTree(join(root, "l"), left), makeTree(join(root, "r"), right)];
}

/** What differs, as lines: status, path, reasons. */
async function lines([l, r]: [string, string], options: CompareOptions): Promise<string[]> {
  const found: string[] = [];
  for await (const e of compare(l, r, options)) {
    const below = e.below === undefined ? "" : ` +${e.below}`;
    found.push(`${e.status} ${e.path}${below} ${e.status === "different" ? e.reasons.join(",") : ""}`.trim());
  }
  return found;
}

describe("C-64 filters", () => {
  const sides = trees(
    { "a.c": "1", "a.o": "1", "lib/b.c": "1", "lib/b.o": "1", "build/x": "1", "only/deep/c.c": "1", "only/n": "1" },
    { "a.c": "2", "a.o": "2", "lib/b.c": "2", "lib/b.o": "2", "build/x": "2" },
  );
  const cases: [CompareOptions, string[]][] = [
    [{ exclude: "*.o" }, ["a.c", "build/x", "lib/b.c", "only", "only/deep", "only/deep/c.c", "only/n"]],
    [{ exclude: ["*.o", "build", "only/"] }, ["a.c", "lib/b.c"]],
    [{ exclude: "lib/*.c" }, ["a.c", "a.o", "build/x", "lib/b.o", "only", "only/deep", "only/deep/c.c", "only/n"]],
    [{ exclude: "/*.c" }, ["a.o", "build/x", "lib/b.c", "lib/b.o", "only", "only/deep", "only/deep/c.c", "only/n"]],
    [{ exclude: "**/deep" }, ["a.c", "a.o", "build/x", "lib/b.c", "lib/b.o", "only", "only/n"]],
    [{ include: "*.c" }, ["a.c", "lib/b.c", "only/deep/c.c"]],
    [{ include: ["*.c", "*.o"], exclude: "lib/" }, ["a.c", "a.o", "only/deep/c.c"]],
    [{ include: "nothing" }, []],
  ];
  test.each(cases)("%j", async (options, expected) => {
    const found = await lines(sides, options);
    expect(found.map((line) => line.split(" ")[1])).toEqual(expected);
  });

  test("what is excluded is not opened: an unreadable directory is no error", () => {
    const [l, r] = trees({ "secret/a": "1", b: "1" }, { "secret/a": "1", b: "1" });
    // A link that leads to itself cannot be opened by anybody, root included.
    makeTree(l, { loop: { link: "loop" } });
    expect(compareDirSync(l, r, { followSymlinks: true, exclude: ["secret", "loop"] }).stats.counts).toMatchObject({
      equal: 1,
      unknown: 0,
    });
  });

  test("paths that are given are filtered as those that are found", async () => {
    const paths = ["a.c", "a.o", "build/x", "lib/b.c", "lib/b.o", "only/deep/c.c"];
    const kept = async (options: CompareOptions) =>
      (await lines(sides, { paths, ...options })).map((line) => line.split(" ")[1]);
    expect(await kept({})).toEqual(paths);
    expect(await kept({ exclude: "*.o" })).toEqual(["a.c", "build/x", "lib/b.c", "only/deep/c.c"]);
    expect(await kept({ exclude: ["build", "deep/"] })).toEqual(["a.c", "a.o", "lib/b.c", "lib/b.o"]);
    expect(await kept({ exclude: ["/only/deep", "lib/*.c"] })).toEqual(["a.c", "a.o", "build/x", "lib/b.o"]);
    expect(await kept({ include: "*.c" })).toEqual(["a.c", "lib/b.c", "only/deep/c.c"]);
    expect(await kept({ include: "*.c", exclude: "lib" })).toEqual(["a.c", "only/deep/c.c"]);
  });

  test("a collapsed directory counts what is left of it", async () => {
    expect(await lines(sides, { include: "*.c", collapse: true })).toContain("only_left only +1");
  });

  test("a directory that may hold what is included is not passed over where the other side has a file", () => {
    const [l, r] = trees({ "x/a.c": "1" }, { x: "1" });
    expect(compareDirSync(l, r, { include: "*.c" }).diff).toEqual({ x: "type_mismatch" });
    expect(compareDirSync(r, l, { include: "*.c" }).diff).toEqual({ x: "type_mismatch" });
  });

  test("a glob that is none names itself", () => {
    expect(() => compareSync(sides[0], sides[1], { exclude: "[a" })).toThrow(/"\[a"/);
  });
});

test("C-64 a list of paths is all that is compared", () => {
  const [l, r] = trees({ a: "1", "d/b": "1", "d/c": "1", e: "1" }, { a: "2", "d/b": "1", "d/c": "2" });
  const result = compareDirSync(l, r, { paths: ["d/b", "./d/c", "e", "gone", "d/c", "d"] });
  expect(result).toMatchObject({ diff: { "d/c": "content_mismatch" }, onlyLeft: ["e"], verdict: "different" });
  expect(result.errors.gone?.code).toBe("E_NOT_FOUND");
  expect(result.stats.counts).toEqual({ equal: 2, different: 1, onlyLeft: 1, onlyRight: 0, unknown: 1 });
  expect(compareDirSync(l, r, { paths: [] }).equal).toBe(true);
  for (const path of ["../x", "/x", "", "a/../../x"]) {
    expect(() => compareDirSync(l, r, { paths: [path] })).toThrow(/^a path in the list (?:is absolute|is empty|leads up)/);
  }
  // The root, as tools that list files write it.
  expect(compareDirSync(l, r, { paths: [".", "./", ".//"] }).stats.counts.equal).toBe(1);
});

describe("C-63 followed links", () => {
  test("are what they lead to", async () => {
    const sides = trees({ real: "1", link: { link: "real" } }, { real: "1", link: "1" });
    expect(await lines(sides, {})).toEqual(["different link type_mismatch"]);
    expect(await lines(sides, { followSymlinks: true })).toEqual([]);
  });

  test("are compared as links where they lead back or nowhere", async () => {
    const sides = trees(
      { "d/up": { link: ".." }, dead: { link: "x" }, self: { link: "self" } },
      { "d/up": { link: "../" }, dead: { link: "y" }, self: { link: "self" } },
    );
    const found = ["different d/up link_target", "different dead link_target"];
    expect(await lines(sides, { followSymlinks: true })).toEqual(["different d/up link_target", "different dead link_target"]);
    expect(await lines(sides, {})).toEqual(found);
  });

  test("to directories are gone into, each time they are met (CX-04)", async () => {
    const sides = trees({ "d/f": "1", l1: { link: "d" }, l2: { link: "d" } }, { "d/f": "2", l1: { link: "d" }, l2: { link: "d" } });
    expect(await lines(sides, { followSymlinks: true })).toEqual([
      "different d/f content_mismatch",
      "different l1/f content_mismatch",
      "different l2/f content_mismatch",
    ]);
  });
});

test("C-62 directories that hold nothing can be passed over", async () => {
  const sides = trees({ "empty/also/empty": null, "d/f": "1" }, { "other/f": "1" });
  expect(await lines(sides, { collapse: true })).toEqual(["only_left d +1", "only_left empty +2", "only_right other +1"]);
  expect(await lines(sides, { collapse: true, skipEmptyDirs: true })).toEqual(["only_left d +1", "only_right other +1"]);
  expect(await lines(sides, { skipEmptyDirs: true })).toEqual(["only_left d/f", "only_right other/f"]);
});

test("C-76 one way, what is only on the right is no difference", () => {
  const [l, r] = trees({ a: "1" }, { a: "1", b: "1", "d/e": "1" });
  expect(compareDirSync(l, r).verdict).toBe("different");
  expect(compareDirSync(l, r, { oneWay: true }).verdict).toBe("equal");
  expect(compareDirSync(r, l, { oneWay: true }).onlyLeft).toEqual(["b", "d", "d/e"]);
});

describe("C-65 metadata", () => {
  const same = { f: "1", d: null, l: { link: "f" } };
  const [l, r] = trees(same, same);
  chmodSync(join(l, "f"), 0o4755);
  chmodSync(join(r, "f"), 0o644);
  for (const [side, time] of [
    [l, 1000],
    [r, 1001.25],
  ] as const) {
    utimesSync(join(side, "f"), time, time);
    utimesSync(join(side, "d"), time, time);
    lutimesSync(join(side, "l"), time, time);
  }
  const cases: [CompareOptions, string[]][] = [
    [{}, []],
    [{ metadata: ["mode"] }, ["different f mode"]],
    [{ metadata: ["owner"] }, []],
    [{ metadata: ["mtime"] }, ["different d mtime", "different f mtime", "different l mtime"]],
    [{ metadata: ["mtime"], modifyWindowMs: 1250 }, []],
    [{ metadata: ["mtime"], modifyWindowMs: 1249 }, ["different d mtime", "different f mtime", "different l mtime"]],
    [{ metadata: ["mode", "mtime"] }, ["different d mtime", "different f mode,mtime", "different l mtime"]],
  ];
  test.each(cases)("%j", async (options, expected) => {
    expect(await lines([l, r], options)).toEqual(expected);
  });

  test("CX-15 the summary says what was compared", async () => {
    expect((await compare(l, r, { metadata: ["mode", "mtime"] })).compared).toEqual(["content", "mode", "mtime"]);
    expect((await compare(l, r)).compared).toEqual(["content"]);
  });

  test("is added to a difference of content, also of a large file", async () => {
    const sides = trees({ big: noise(3_000_000) }, { big: noise(3_000_000, 2) });
    chmodSync(join(sides[0], "big"), 0o600);
    expect(await lines(sides, { metadata: ["mode"] })).toEqual(["different big content_mismatch,mode"]);
    const equal = trees({ big: noise(3_000_000) }, { big: noise(3_000_000) });
    chmodSync(join(equal[0], "big"), 0o600);
    expect(await lines(equal, { metadata: ["mode"] })).toEqual(["different big mode"]);
  });

  test("of two files", () => {
    const pair = compareSync(join(l, "f"), join(r, "f"), { metadata: ["mode"] });
    expect(pair).toMatchObject({ verdict: "different", reasons: ["mode"], compared: ["content", "mode"] });
  });

  test("is refused where there is none, or of an unknown word", () => {
    expect(() => compareSync(new Uint8Array(1), new Uint8Array(1), { metadata: ["mode"] })).toThrow(/metadata/);
    expect(() => compareSync(l, r, { metadata: ["color" as never] })).toThrow(/color/);
  });

  const canSet = Bun.spawnSync(["setfattr", "-n", "user.suite", "-v", "1", join(l, "f")]).success;
  test.skipIf(!canSet)("extended attributes: names and values", async () => {
    const set = (side: string, value: string) =>
      Bun.spawnSync(["setfattr", "-n", "user.suite", "-v", value, join(side, "f")]);
    set(l, "1");
    expect(await lines([l, r], { metadata: ["xattr"] })).toEqual(["different f xattr"]);
    expect(await lines([r, l], { metadata: ["xattr"] })).toEqual(["different f xattr"]);
    set(r, "2");
    expect(await lines([l, r], { metadata: ["xattr"] })).toEqual(["different f xattr"]);
    set(r, "1");
    expect(await lines([l, r], { metadata: ["xattr", "acl"] })).toEqual([]);
  });
});

describe("C-67 parts of files", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  mkdirSync(join(dir, "parts"));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, "parts", name), text);
    return join(dir, "parts", name);
  };
  const [a, b] = [file("a", "xxabcdef"), file("b", "yabXdef")];
  const cases: [CompareOptions, number | undefined][] = [
    [{ skip: [2, 1] }, 2],
    [{ skip: [5, 4] }, undefined],
    [{ skip: [2, 1], limitBytes: 2 }, undefined],
    [{ skip: [2, 1], limitBytes: 3 }, 2],
    [{ skip: 100 }, undefined],
    [{ skip: [8, 0] }, 0],
  ];
  test.each(cases)("%j: files, memory and streams agree", async (options, offset) => {
    const wanted = { ...options, locate: true };
    const sources = [
      [a, b],
      [bytes("xxabcdef"), bytes("yabXdef")],
      [new Blob(["xxabcdef"]), new Blob(["yabXdef"])],
    ] as const;
    for (const [left, right] of sources) {
      const result = await compare(left, right, wanted);
      expect({ verdict: result.verdict, offset: result.kind === "pair" ? result.offset : -1 }).toEqual({
        verdict: offset === undefined ? "equal" : "different",
        offset,
      } as never);
    }
  });

  test("are refused for trees", () => {
    const sides = trees({}, {});
    expect(() => compareSync(...sides, { skip: 1 })).toThrow(/files, not for trees/);
    expect(() => compareSync(...sides, { limitBytes: 1 })).toThrow(/files, not for trees/);
    expect(() => compareSync(a, b, { paths: ["x"] })).toThrow(/trees, not for files/);
  });
});

describe("C-68 proofs", () => {
  test("only bytes, when only they are accepted", () => {
    const [l] = trees({ f: "1" }, {});
    const f = join(l, "f");
    expect(compareSync(f, f)).toMatchObject({ proof: "same_inode", bytesRead: 0 });
    expect(compareSync(f, f, { prove: "bytes" })).toMatchObject({ proof: "bytes", bytesRead: 2 });
  });
});

test("a limit of records leaves the counts exact", async () => {
  const sides = trees({ a: "1", b: "1", c: "1" }, { a: "2", b: "2", c: "2" });
  const run = compare(...sides, { limit: 2 });
  const seen: string[] = [];
  for await (const entry of run) seen.push(entry.path);
  expect(seen).toEqual(["a", "b"]);
  expect((await run).counts.different).toBe(3);
});

describe("configure", () => {
  test("sets defaults that a call can override, and takes them back", async () => {
    const sides = trees({ a: "1", "b.o": "1" }, { a: "1", "b.o": "2" });
    configure({ exclude: "*.o", metadata: ["mode"] });
    expect(await lines(sides, {})).toEqual([]);
    expect((await compare(...sides)).compared).toEqual(["content", "mode"]);
    expect(await lines(sides, { exclude: [] })).toEqual(["different b.o content_mismatch"]);
    expect(await lines(sides, { exclude: undefined })).toEqual([]);
    configure({ exclude: undefined, metadata: undefined });
    expect(await lines(sides, {})).toEqual(["different b.o content_mismatch"]);
  });

  test.each([
    [{ jobs: -1 }, "jobs"],
    [{ chunkSize: 1 }, "chunkSize"],
    [{ exclude: "[a" }, "exclude"],
    [{ jbos: 1 }, "jbos"],
    [{ metadata: ["x"] }, "metadata"],
  ])("%j is refused by its key", (options, key) => {
    expect(() => configure(options as CompareOptions)).toThrow(
      expect.objectContaining({ code: "E_CONFIG", exitCode: 2, message: expect.stringContaining(key) }),
    );
  });
});
