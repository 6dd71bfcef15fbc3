// C-38: comparisons and what is to come of them, each made by the asynchronous function and by its synchronous twin.
// That each function has a twin is for api-table.test.ts.
import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import * as api from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const l = join(dir, "l");
const r = join(dir, "r");
const text = (value: string) => new TextEncoder().encode(value);

beforeAll(() => {
  makeTree(l, { same: "1", differs: "1\n2\n", longer: "12", "only/left": "", link: { link: "a" }, kind: null });
  makeTree(r, { same: "1", differs: "1\n3\n", longer: "1", theirs: "", link: { link: "b" }, kind: "file" });
});

leavesNothing();

/** A comparison, and what comes of it. */
type Row = readonly [name: string, args: () => readonly unknown[], expected: object];

const file = (name: string) => () => [join(l, name), join(r, name)] as const;
const failed = (code: string) => ({ threw: code });

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  compare: [
    ["equal files", file("same"), { kind: "pair", verdict: "equal" }],
    ["different files", file("differs"), { verdict: "different", reasons: ["content_mismatch"] }],
    ["the place", () => [...file("differs")(), { locate: true }], { offset: 2, line: 2 }],
    ["another size", file("longer"), { reasons: ["size_mismatch"], size: [2, 1] }],
    ["another kind", file("kind"), { reasons: ["type_mismatch"] }],
    ["bytes", () => [text("ab"), text("ac")], { verdict: "different" }],
    ["bytes and a file", () => [text("1"), join(r, "same")], { verdict: "equal", proof: "bytes" }],
    ["a path of bytes", () => [api.pathSource(text(join(l, "same"))), join(r, "same")], { verdict: "equal" }],
    ["a URL", () => [new URL(`file://${l}/same`), join(r, "same")], { verdict: "equal" }],
    ["trees", () => [l, r], { kind: "tree", counts: { equal: 1, different: 4, onlyLeft: 2, onlyRight: 1, unknown: 0 } }],
    ["one way", () => [l, r, { oneWay: true }], { counts: { equal: 1, different: 4, onlyLeft: 2, onlyRight: 0, unknown: 0 } }],
    ["some names", () => [l, r, { exclude: ["*e*", "link", "only"], jobs: 1 }], { counts: { equal: 0, different: 1, onlyLeft: 0, onlyRight: 0, unknown: 0 } }],
    ["a list of paths", () => [l, r, { paths: ["same", "gone"] }], { verdict: "unknown" }],
    ["a missing side", () => [join(l, "gone"), r], failed("E_NOT_FOUND")],
    ["a wrong option", () => [l, r, { jobs: -1 }], failed("E_USAGE")],
    ["a signal that came before", () => [l, r, { signal: AbortSignal.abort() }], failed("E_CANCELLED")],
  ],
  compareDir: [
    ["trees", () => [l, r], { diff: { kind: "type_mismatch", link: "link_target" }, onlyRight: ["theirs"], truncated: false }],
    ["equal trees", () => [l, l], { equal: true, onlyLeft: [] }],
    ["few names", () => [l, r, { collect: 1 }], { diff: { differs: "content_mismatch" }, truncated: true }],
    ["files", file("same"), failed("E_USAGE")],
    ["a wrong option", () => [l, r, { collect: -1 }], failed("E_USAGE")],
  ],
  compareRenames: [
    ["trees", () => [l, r], { kind: "tree", renamed: 0, renamesSkipped: 0, renames: [], truncated: false }],
    ["files", file("same"), { kind: "pair", verdict: "equal" }],
    ["a wrong option", () => [l, r, { renameLimit: 0 }], failed("E_USAGE")],
    ["what does not go with it", () => [l, r, { collapse: true }], failed("E_USAGE")],
  ],
  compareRanges: [
    ["ranges", () => [text("one two three"), text("one TWO threE")], { differing: 4, ranges: [{ offset: 4, length: 3 }, { offset: 12, length: 1 }], truncated: false }],
    ["bytes of them", () => [text("ab"), text("aX"), { bytes: true }], { ranges: [{ offset: 1, length: 1, leftBytes: text("b"), rightBytes: text("X") }] }],
    ["few of them", () => [text("abc"), text("XbX"), { collect: 1 }], { ranges: [{ offset: 0, length: 1 }], truncated: true, differing: 2 }],
    ["files", file("differs"), { differing: 1, ranges: [{ offset: 2, length: 1 }] }],
    ["a prefix", () => [text("ab"), text("abc")], { ranges: [], reasons: ["size_mismatch"] }],
    ["trees", () => [l, r], failed("E_USAGE")],
    ["a wrong option", () => [text(""), text(""), { collect: 0.5 }], failed("E_USAGE")],
  ],
};

/** What does not depend on when it was asked. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return { ...((await call()) as object), elapsedMs: 0, stats: undefined };
  } catch (error) {
    const { code, message } = error as api.SuiteError;
    return { threw: code, message };
  }
}

const functions = api as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
const ran: Record<"async" | "sync", Map<string, unknown>> = { async: new Map(), sync: new Map() };

describe.each(Object.entries(TABLE))("%s", (name, rows) => {
  test.each(rows.flatMap((row) => [["async", ...row] as const, ["sync", ...row] as const]))("%s: %s", async (kind, title, args, expected) => {
    const found = await outcome(() => functions[kind === "async" ? name : `${name}Sync`]?.(...args()));
    ran[kind].set(`${name}: ${title}`, found);
    expect(found).toMatchObject(expected);
  });

  test("all of them at once", async () => {
    const together = await Promise.all(rows.map(([, args]) => outcome(() => functions[name]?.(...args()))));
    for (const [i, [title]] of rows.entries()) expect(together[i]).toEqual(ran.async.get(`${name}: ${title}`));
  });
});

test("as many of the one kind ran as of the other, with the same answers", () => {
  const rows = Object.values(TABLE).reduce((sum, { length }) => sum + length, 0);
  expect([ran.async.size, ran.sync.size]).toEqual([rows, rows]);
  for (const [title, found] of ran.async) expect({ title, found }).toEqual({ title, found: ran.sync.get(title) });
});
