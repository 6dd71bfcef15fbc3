// The functions of the library and their twins: same answers whatever the way of asking.
import { beforeAll, describe, expect, expectTypeOf, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  compare,
  compareDir,
  compareDirSync,
  compareSync,
  type CompareDirOptions,
  type CompareOptions,
  type Counts,
  type DiffReason,
  type DirResult,
  type EntryRecord,
  type ErrorCode,
  type PairResult,
  type Run,
  type SyncSource,
  type TreeSummary,
} from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { runScript } from "../support/child.ts";
import { makeTree, noise, temporaryFolder, type Node } from "../support/temp.ts";

const dir = temporaryFolder();
const left = join(dir, "left");
const right = join(dir, "right");

beforeAll(async () => {
  const both: Record<string, Node> = { same: "same", "deep/er/same": "x", "empty dir": null, link: { link: "same" } };
  for (let i = 0; i < 300; i++) both[`many/${i}`] = `${i}`;
  const changed = noise(300_000, 7);
  makeTree(left, {
    ...both,
    content: "abc",
    size: "abc",
    type: "file",
    "link target": { link: "a" },
    "only left/a": "1",
    "only left/b": "2",
    big: changed.slice(),
    unread: "1",
  });
  changed[299_999] = (changed[299_999] ?? 0) ^ 1;
  makeTree(right, {
    ...both,
    content: "abd",
    size: "abcd",
    type: null,
    "link target": { link: "b" },
    "only right": "3",
    big: changed,
    unread: "2",
  });
});

leavesNothing();

/** What does not depend on when it was asked. */
function timeless<Result>(result: Result): Result {
  const strip = (value: unknown): unknown =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).flatMap(([k, v]) => (k === "elapsedMs" ? [] : [[k, strip(v)]])))
      : value;
  return strip(result) as Result;
}

describe("C-06 C-38 an asynchronous function and its synchronous twin", () => {
  const file = (side: string, name: string) => join(dir, side, name);
  const pairs: [string, () => [SyncSource, SyncSource]][] = [
    ["equal files", () => [file("left", "same"), file("right", "same")]],
    ["one file", () => [file("left", "same"), file("left", "same")]],
    ["another byte", () => [file("left", "content"), file("right", "content")]],
    ["another size", () => [file("left", "size"), file("right", "size")]],
    ["larger files", () => [file("left", "big"), file("right", "big")]],
    ["a directory against a file", () => [file("left", "type"), file("right", "type")]],
    ["trees", () => [left, right]],
    ["one tree", () => [left, left]],
    ["bytes", () => [new TextEncoder().encode("a\nb"), new TextEncoder().encode("a\nc")]],
    ["bytes against a file", () => [new TextEncoder().encode("same"), file("left", "same")]],
    ["a missing operand", () => [file("left", "none"), right]],
  ];
  const options: [string, CompareOptions][] = [
    ["defaults", {}],
    ["locate", { locate: true }],
    ["allEntries", { allEntries: true, collapse: true }],
    ["no shortcuts", { sizePrecheck: false, quickCheck: false, chunkSize: 4096 }],
    ["one job", { jobs: 1 }],
  ];
  for (const [name, sources] of pairs) {
    for (const [kind, given] of options) {
      test(`${name}, ${kind}`, async () => {
        const settled = async (call: () => unknown) => {
          try {
            return timeless(await call());
          } catch (error) {
            const { code, message, path, errno, exitCode, partial } = error as Record<string, unknown>;
            return { code, message, path, errno, exitCode, partial: timeless(partial) };
          }
        };
        const [a, b] = sources();
        const awaited = await settled(() => compare(a, b, given));
        expect(await settled(() => compareSync(a, b, given))).toEqual(awaited);
        const iterated = await settled(async () => {
          const run = compare(a, b, given);
          for await (const _ of run);
          return run;
        });
        expect(iterated).toEqual(awaited);
        const lists = await settled(() => compareDir(a as string, b as string, given));
        expect(await settled(() => compareDirSync(a as string, b as string, given))).toEqual(lists);
      });
    }
  }
});

describe("C-24 C-25 DirResult", () => {
  test("lists what differs, each with its reason", async () => {
    const result = await compareDir(left, right);
    expect(result).toMatchObject({ equal: false, verdict: "different", truncated: false, errors: {} });
    expect({ ...result.diff }).toEqual({
      big: "content_mismatch",
      content: "content_mismatch",
      "link target": "link_target",
      size: "size_mismatch",
      type: "type_mismatch",
      unread: "content_mismatch",
    });
    expect(result.onlyLeft).toEqual(["only left", "only left/a", "only left/b"]);
    expect(result.onlyRight).toEqual(["only right"]);
    const { counts } = result.stats;
    expect(counts).toMatchObject({ different: 6, onlyLeft: 3, onlyRight: 1, unknown: 0 });
    expect(counts.equal).toBe(307);
    // The same lists come in the bytewise order of their paths.
    expect(Object.keys(result.diff)).toEqual(Object.keys(result.diff).toSorted());
  });

  test("of equal trees is empty", async () => {
    const result = await compareDir(left, left);
    expect(result).toMatchObject({ equal: true, verdict: "equal", onlyLeft: [], onlyRight: [] });
    expect(Object.keys(result.diff)).toEqual([]);
  });

  test("content_mismatch, size_mismatch, missing, type_mismatch and read_error each come up", async () => {
    // Who may read everything sees no read error: then the question is asked as somebody else.
    const script = `
      import { compare, compareSync } from "suite";
      compareSync(new Uint8Array(1), new Uint8Array(1));
      // Not by whole paths: the folders above may be closed to that one.
      process.chdir(${JSON.stringify(dir)});
      if (process.getuid() === 0) process.setuid(65534);
      const reasons = {};
      for await (const e of compare("left", "right")) reasons[e.path] = [e.status, ...e.reasons];
      console.log(JSON.stringify(reasons));
    `;
    chmodSync(dir, 0o755);
    chmodSync(join(left, "unread"), 0);
    const ended = await runScript(script);
    chmodSync(join(left, "unread"), 0o644);
    expect(ended.stderr).toBe("");
    expect(JSON.parse(ended.stdout)).toMatchObject({
      content: ["different", "content_mismatch"],
      size: ["different", "size_mismatch"],
      type: ["different", "type_mismatch"],
      "only left": ["only_left", "missing"],
      "only right": ["only_right", "missing"],
      unread: ["unknown", "read_error"],
    });
  });

  test("`collect` bounds the lists, not the counts", async () => {
    const full = await compareDir(left, right);
    const paths = [...Object.keys(full.diff), ...full.onlyLeft, ...full.onlyRight];
    expect(paths).toHaveLength(10);
    for (const collect of [0, 1, 5, 9, 10, 11]) {
      for (const result of [await compareDir(left, right, { collect }), compareDirSync(left, right, { collect })]) {
        const kept = [...Object.keys(result.diff), ...result.onlyLeft, ...result.onlyRight];
        // What is kept is what comes first.
        expect(kept.toSorted()).toEqual(paths.toSorted().slice(0, collect));
        expect(result.truncated).toBe(collect < 10);
        expect(result.stats.counts).toEqual(full.stats.counts);
        expect(result.verdict).toBe("different");
      }
    }
  });

  test("names that mean something to JavaScript are names", async () => {
    const names = { __proto__x: "1", constructor: "1", toString: "1", hasOwnProperty: "1" };
    const a = makeTree(join(dir, "names-a"), names);
    const b = makeTree(join(dir, "names-b"), Object.fromEntries(Object.keys(names).map((name) => [name, "2"])));
    writeFileSync(join(a, "__proto__"), "1");
    writeFileSync(join(b, "__proto__"), "2");
    const { diff } = await compareDir(a, b);
    expect(Object.keys(diff)).toEqual(["__proto__", "__proto__x", "constructor", "hasOwnProperty", "toString"]);
  });
});

describe("options", () => {
  const both = [compareSync, compareDirSync] as ((a: string, b: string, o: object) => unknown)[];
  const wrong: CompareDirOptions[] = [
    { jobs: -1 },
    { jobs: 1.5 },
    { jobs: Number.NaN },
    { jobs: 1_000_001 },
    { jobs: "2" as unknown as number },
    { chunkSize: 0 },
    { chunkSize: 4095 },
    { chunkSize: 4 * 1024 * 1024 + 1 },
    { chunkSize: Infinity },
  ];
  for (const given of wrong) {
    test(`${Bun.inspect(given).replaceAll(/\s+/g, " ")} is E_USAGE, at once and with its name`, async () => {
      for (const call of [compare, compareDir, ...both]) {
        const error = await failureOf(() => call(left, right, given));
        expect(error).toMatchObject({ code: "E_USAGE", exitCode: 2 });
        expect(error.message).toContain(Object.keys(given)[0] as string);
      }
    });
  }

  test("collect is a whole number", async () => {
    for (const collect of [-1, 0.5, Number.NaN]) {
      expect((await failureOf(() => compareDir(left, right, { collect }))).message).toContain("collect");
    }
  });

  test("undefined is as left out", async () => {
    const nothing = { jobs: undefined, chunkSize: undefined, locate: undefined, signal: undefined, log: undefined };
    expect(timeless(await compare(left, right, nothing))).toEqual(timeless(await compare(left, right)));
  });

  test("C-04 every chunk size gives the same answer", async () => {
    const a = noise(5 << 20, 3);
    const b = a.slice();
    b[(5 << 20) - 7] = (b[(5 << 20) - 7] ?? 0) ^ 1;
    for (const chunkSize of [4096, 5000, 65_536, 262_144, 1 << 20, 4 << 20]) {
      const given = { chunkSize, quickCheck: false };
      expect(compareSync(a, a.slice(), given)).toMatchObject({ verdict: "equal", bytesRead: 10 << 20 });
      expect(compareSync(a, b, { ...given, locate: true })).toMatchObject({ offset: (5 << 20) - 7 });
      expect((await compare(new Blob([a]), b, { ...given, locate: true })).verdict).toBe("different");
    }
  });

  test("C-30 one job and sixteen give the same records in the same order", async () => {
    const recordsOf = async (given: CompareOptions) => {
      const lines: string[] = [];
      for await (const entry of compare(left, right, given)) lines.push(JSON.stringify(entry));
      return lines;
    };
    for (const given of [{}, { allEntries: true }, { collapse: true }]) {
      const one = await recordsOf({ ...given, jobs: 1 });
      expect(one.length).toBeGreaterThan(7);
      for (const jobs of [2, 16, 0]) expect(await recordsOf({ ...given, jobs })).toEqual(one);
    }
  });

  test("stopAtFirst proves a difference and no more", async () => {
    const result = await compare(left, right, { stopAtFirst: true });
    expect(result.verdict).toBe("different");
    const all = await compare(left, right);
    expect(result.counts.equal + result.counts.different).toBeLessThan(all.counts.equal + all.counts.different);
  });
});

describe("C-24 types", () => {
  test("are what the documentation says", () => {
    expectTypeOf(compare).returns.toEqualTypeOf<Run<EntryRecord, PairResult | TreeSummary>>();
    expectTypeOf(compareSync).returns.toEqualTypeOf<PairResult | TreeSummary>();
    expectTypeOf(compareDir).returns.toEqualTypeOf<Run<EntryRecord, DirResult>>();
    expectTypeOf(compareDirSync).returns.toEqualTypeOf<DirResult>();
    expectTypeOf<Awaited<ReturnType<typeof compareDir>>>().toEqualTypeOf<DirResult>();
    expectTypeOf<Pick<DirResult, "equal" | "diff" | "onlyLeft" | "onlyRight" | "truncated">>().toEqualTypeOf<{
      equal: boolean;
      diff: Record<string, DiffReason>;
      onlyLeft: string[];
      onlyRight: string[];
      truncated: boolean;
    }>();
    expectTypeOf<DirResult["errors"]>().toEqualTypeOf<Record<string, { code: ErrorCode; message: string }>>();
    expectTypeOf<DirResult["stats"]["counts"]>().toEqualTypeOf<Counts>();
    const reasons = ["content_mismatch", "size_mismatch", "missing", "type_mismatch", "read_error"] as const;
    reasons satisfies readonly DiffReason[];
    // A run of a narrower result stands for one of a wider, and a stream is no side of a synchronous call.
    expectTypeOf<Run<EntryRecord, DirResult>>().toExtend<Run<EntryRecord, unknown>>();
    expectTypeOf<ReadableStream<Uint8Array>>().not.toExtend<SyncSource>();
    // A kind tells the two results apart.
    const narrowed = (result: PairResult | TreeSummary) => (result.kind === "pair" ? result.offset : result.counts);
    expectTypeOf(narrowed).returns.toEqualTypeOf<number | undefined | Counts>();
  });
});
