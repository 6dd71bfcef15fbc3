// compareAll and compareMany: what they say, in what shape, and what they leave.
import { describe, expect, expectTypeOf, test } from "bun:test";
import { linkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  compareAll,
  compareAllSync,
  compareMany,
  compareManySync,
  GroupRecord,
  pathSource,
  type AllResult,
  type CompareResult,
  type ManyOptions,
  type Run,
  type Source,
  type SyncSource,
} from "../../src/index.ts";
import { isRecord } from "../cli/kit/json.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const big = noise(3_000_000, 4);
const late = big.slice();
late[2_999_000]! ^= 1;
makeTree(dir, {
  a: "same",
  b: "same",
  c: "other",
  "long c": "other and more",
  empty: "",
  big,
  big2: big,
  late,
  folder: null,
});
linkSync(join(dir, "a"), join(dir, "a2"));
const at = (name: string) => join(dir, name);
const bytes = (text: string) => new TextEncoder().encode(text);

const WORLDS: [string, () => SyncSource[], number[][]][] = [
  ["files", () => ["a", "b", "c", "long c", "a2"].map(at), [[0, 1, 4], [2], [3]]],
  [
    "large files",
    () => ["big", "late", "big2", "late"].map(at),
    [
      [0, 2],
      [1, 3],
    ],
  ],
  ["bytes and files", () => [bytes("same"), at("a"), bytes("other"), at("c"), bytes("")], [[0, 1], [2, 3], [4]]],
  ["empty ones", () => [at("empty"), bytes(""), at("empty")], [[0, 1, 2]]],
  ["one", () => [at("a")], [[0]]],
  ["what cannot be read", () => [at("a"), at("none"), at("folder"), at("b")], [[0, 3], [1], [2]]],
  ["the system's own files", () => ["/proc/self/cmdline", "/proc/self/cmdline", "/proc/version"], [[0, 1], [2]]],
];
const OPTIONS: [string, ManyOptions][] = [
  ["defaults", {}],
  ["one job", { jobs: 1 }],
  ["no shortcuts", { sizePrecheck: false, quickCheck: false, chunkSize: 4096 }],
  ["bytes alone", { prove: "bytes", jobs: 2 }],
];

/** What does not depend on when it was asked. */
const timeless = (result: CompareResult) => JSON.parse(JSON.stringify({ ...result, elapsedMs: 0 })) as unknown;

describe("C-28 C-29 C-06 C-38 an asynchronous function and its synchronous twin", () => {
  for (const [name, sources, groups] of WORLDS) {
    for (const [kind, options] of OPTIONS) {
      test(`${name}, ${kind}`, async () => {
        const many = await compareMany(sources(), options);
        expect(many.groups).toEqual(groups);
        expect(timeless(compareManySync(sources(), options))).toEqual(timeless(many));
        const run = compareMany(sources(), options);
        const records: GroupRecord[] = [];
        for await (const group of run) records.push(group);
        expect(records.map((group) => [...group.sources])).toEqual(groups);
        expect(timeless(await run)).toEqual(timeless(many));
        for (const record of records) expect(isRecord(JSON.parse(JSON.stringify(record)))).toBe(true);
        const known = groups.filter((_, i) => !records[i]?.error);
        const unknown = groups.length - known.length;
        expect(many.verdict).toBe(known.length > 1 ? "different" : unknown > 0 ? "unknown" : "equal");
        expect(many.errors.map(({ source }) => [source])).toEqual(groups.filter((_, i) => records[i]?.error));

        // How much was read until the difference stopped it depends on the threads, which two differ does not.
        const answer = ({ verdict, allEqual, difference, errors }: AllResult) => ({
          verdict,
          allEqual,
          difference,
          errors,
        });
        const all = await compareAll(sources(), options);
        expect(answer(compareAllSync(sources(), options))).toEqual(answer(all));
        expect(all).toMatchObject({ verdict: many.verdict, allEqual: many.allEqual });
        if (known.length > 1) {
          const { left, right } = all.difference!;
          expect(many.diff(left, right)).toBe("different");
        } else {
          expect(all.difference).toBeUndefined();
        }
      });
    }
  }

  test("compareAll gives no records", async () => {
    const run = compareAll([at("a"), at("none")]);
    for await (const record of run) expect(record).toBeUndefined();
    expect((await run).errors).toMatchObject([{ source: 1, code: "E_NOT_FOUND" }]);
  });
});

describe("streams", () => {
  const streamOf = (data: Uint8Array, piece: number) => {
    let sent = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= data.length) return controller.close();
        controller.enqueue(data.slice(sent, (sent += piece)));
      },
    });
  };

  test("of different lengths and speeds, with files and bytes", async () => {
    const sources: Source[] = [
      streamOf(big, 100_000),
      at("late"),
      new Blob([late]),
      streamOf(late, 7_777),
      at("big"),
      new Blob([big.subarray(0, 2_000_000)]),
      bytes("same"),
      Bun.file(at("b")),
    ];
    const result = await compareMany(sources);
    expect(result.groups).toEqual([[0, 4], [1, 2, 3], [5], [6, 7]]);
    expect(result.bytesRead).toBeLessThanOrEqual(2 * big.length + 3 * late.length + 2_000_000 + 8);
  });

  test("one that differs from all others is read no further", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(noise(100_000, 3)),
      cancel: () => void (cancelled = true),
    });
    const result = await compareMany([at("big"), endless, at("big2")]);
    expect(result.groups).toEqual([[0, 2], [1]]);
    expect(cancelled).toBe(true);
  });

  test("one that breaks is unknown, and its cause is told", async () => {
    const cause = new Error("the cable");
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(big.slice(0, 50_000));
        controller.error(cause);
      },
    });
    const result = await compareMany([at("big"), broken, at("big2")]);
    expect(result).toMatchObject({
      verdict: "unknown",
      groups: [[0, 2], [1]],
      errors: [{ source: 1, code: "E_READ" }],
    });
    expect(result.errors[0]?.cause).toBe(cause);
  });

  test("are for the asynchronous functions", async () => {
    for (const call of [compareAllSync, compareManySync]) {
      expect(await failureOf(() => call([new Blob(["x"]) as never]))).toMatchObject({ code: "E_USAGE" });
    }
  });

  test("standard input is one source at most", async () => {
    const error = await failureOf(() => compareMany(["-", at("a"), "-"]));
    expect(error).toMatchObject({ code: "E_USAGE" });
    expect(error.message).toContain("- and -");
  });
});

describe("what is wrong", () => {
  test("nothing to compare, and options out of range, at once", async () => {
    const calls: ((sources: never, options?: object) => unknown)[] = [
      compareAll,
      compareMany,
      compareAllSync,
      compareManySync,
    ];
    for (const call of calls) {
      expect(await failureOf(() => call([] as never))).toMatchObject({ code: "E_USAGE" });
      expect(await failureOf(() => call("ab" as never))).toMatchObject({ code: "E_USAGE" });
      expect(await failureOf(() => call([at("a")] as never, { jobs: -1 }))).toMatchObject({ code: "E_USAGE" });
      expect(await failureOf(() => call([at("a")] as never, { chunkSize: 1 }))).toMatchObject({ code: "E_USAGE" });
      expect(await failureOf(() => call([at("a"), 7] as never))).toMatchObject({ code: "E_USAGE" });
    }
  });

  test("a signal cancels, with what was found so far", async () => {
    const never = new ReadableStream<Uint8Array>({ pull: () => new Promise<void>(() => {}) });
    const controller = new AbortController();
    const run = compareMany([at("big"), never], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 1);
    const error = await failureOf(run);
    expect(error).toMatchObject({ code: "E_CANCELLED", cause: { message: "enough" } });
    expect((error.partial as CompareResult).verdict).toBe("unknown");
  });

  test("leaving the iteration is no failure", async () => {
    const run = compareMany([at("a"), at("c"), at("big")]);
    for await (const _ of run) break;
    expect((await run).verdict).toMatch(/different|unknown/);
  });
});

describe("the result", () => {
  test("diff tells of any two sources", async () => {
    const result = await compareMany(["a", "b", "c", "none"].map(at));
    expect(result.diff(0, 1)).toBe("equal");
    expect(result.diff(1, 2)).toBe("different");
    expect(result.diff(0, 0)).toBe("equal");
    expect(result.diff(3, 3)).toBe("unknown");
    expect(result.diff(0, 3)).toBe("unknown");
    expect(result.diff(0, 9)).toBe("unknown");
  });

  test("names that are no UTF-8 are bytes, and sources without one have none", async () => {
    const odd = pathSource(Buffer.concat([Buffer.from(`${dir}/odd`), Buffer.from([0xff])]));
    writeFileSync(Buffer.from(odd.pathBytes), "same");
    const records: GroupRecord[] = [];
    for await (const group of compareMany([odd, at("a"), bytes("same"), at("c")])) records.push(group);
    expect(records[0]?.members).toEqual([`${dir}/odd\ufffd`, at("a"), null]);
    expect(records[0]?.toJSON()).toEqual({
      v: 1,
      type: "group",
      id: 0,
      members_b64: [Buffer.from(odd.pathBytes).toString("base64"), Buffer.from(at("a")).toString("base64"), null],
      sources: [0, 1, 2],
      proof: "bytes",
    });
    expect(records[1]?.toJSON()).toEqual({ v: 1, type: "group", id: 1, members: [at("c")], sources: [3] });
    expect(Bun.inspect(records[1])).toContain("group");
    expect(records.every((record) => isRecord(JSON.parse(JSON.stringify(record))))).toBe(true);
  });

  test("a group of more sources than a record holds", async () => {
    const sources = Array.from({ length: 20_000 }, (_, i) => bytes(i % 3 ? "x" : "y"));
    const result = await compareMany(sources);
    expect(result.groups.map((group) => group.length)).toEqual([6667, 13_333]);
    expect(result.groups[0]?.slice(0, 3)).toEqual([0, 3, 6]);
    expect(compareManySync(sources).groups).toEqual(result.groups);
  });

  test("progress counts sources and bytes", async () => {
    const run = compareMany([at("big"), at("big2"), at("late")], { quickCheck: false });
    await run;
    expect(run.progress).toMatchObject({ entries: 3, entriesTotal: 3, totalKnown: true, bytesTotal: 3 * big.length, bytesRead: 3 * big.length });
  });
});

test("C-69 CX-12 eight equal files are read once each: 8.1 times their size at most", async () => {
  const data = noise(12 << 20, 9);
  const sources = Array.from({ length: 8 }, (_, i) => join(dir, `copy-${i}`));
  for (const path of sources) writeFileSync(path, data);
  for (const jobs of [1, 4]) {
    const { bytesRead, proofs, groups } = await compareMany(sources, { jobs });
    expect(groups).toEqual([[0, 1, 2, 3, 4, 5, 6, 7]]);
    expect(proofs).toEqual({ bytes: 8 });
    expect(bytesRead).toBeGreaterThanOrEqual(8 * data.length);
    expect(bytesRead).toBeLessThanOrEqual(8.1 * data.length);
  }
});

test("types", () => {
  expectTypeOf(compareAll).returns.toEqualTypeOf<Run<never, AllResult>>();
  expectTypeOf(compareMany).returns.toEqualTypeOf<Run<GroupRecord, CompareResult>>();
  expectTypeOf(compareAllSync).returns.toEqualTypeOf<AllResult>();
  expectTypeOf(compareManySync).returns.toEqualTypeOf<CompareResult>();
  expectTypeOf<Pick<CompareResult, "allEqual" | "groups">>().toEqualTypeOf<{ allEqual: boolean; groups: number[][] }>();
});
