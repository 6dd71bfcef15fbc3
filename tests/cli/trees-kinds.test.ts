// Two trees on the command line: what has no content, links, kinds that clash, sizes and large folders.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noise, type Node } from "../support/temp.ts";
import { putFifo } from "./kit/bytes.ts";
import { pathOf, readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";
import { treeKit } from "./kit/trees.ts";

const { trees, told, json } = treeKit();

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
