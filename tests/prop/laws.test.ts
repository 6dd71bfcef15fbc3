// What holds of every comparison, whatever is asked for: a side is equal to itself and to its copy, and the sides may
// change places. That the answers are those of a plain reading is in pairs.test.ts and trees.test.ts; of ranges, here.
import { expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  compare,
  compareDirSync,
  compareRanges,
  compareSync,
  RangeRecord,
  type CompareOptions,
  type EntryRecord,
  type PairResult,
  type TreeSummary,
} from "../../src/index.ts";
import { brief, type Entry } from "../cli/kit/json.ts";
import { readTree } from "../cli/kit/model.ts";
import { makeTrees, ODD } from "../cli/kit/seeded.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const A = join(dir, "a");
const B = join(dir, "b");
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

/** Sequences of few pieces, and two of them that mostly agree. */
const piece = fc.oneof(
  fc.constantFrom("", "\n", "a", "line\n", "\0\0\0\0", "x".repeat(4095), "y\n".repeat(2048), "z".repeat(50_000)),
  fc.string({ maxLength: 20 }),
);
const bytes = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.from(pieces.join("")));
const two = fc.tuple(bytes, bytes, fc.array(fc.nat(), { maxLength: 12 })).map(([a, tail, places]) => {
  const b = Buffer.concat([a, places.length % 3 === 0 ? tail : Buffer.alloc(0)]);
  for (const at of places) if (a.length > 0) b[at % a.length]! ^= 0x20;
  return [a, b] as const;
});

const pairOptions: fc.Arbitrary<CompareOptions> = fc.record(
  {
    chunkSize: fc.constantFrom(4096, 5000, 65_536, 4 << 20),
    jobs: fc.constantFrom(1, 2, 8),
    prove: fc.constant("bytes" as const),
    locate: fc.boolean(),
    stopAtFirst: fc.boolean(),
    sizePrecheck: fc.constant(false),
    quickCheck: fc.constant(false),
    limitBytes: fc.constantFrom(1, 100, 100_000),
    skip: fc.constantFrom(1, 50, 100_000),
  },
  { requiredKeys: [] },
);

test(
  "a file is equal to itself, to its copy and to its bytes",
  () => {
    fc.assert(
      fc.property(bytes, pairOptions, (a, how) => {
        writeFileSync(A, a);
        writeFileSync(B, a);
        const same = compareSync(A, A, how) as PairResult;
        expect(same).toMatchObject({ verdict: "equal", reasons: [] });
        expect<string | undefined>(same.proof).toBe(how.prove === "bytes" ? "bytes" : "same_inode");
        for (const [left, right] of [
          [A, B],
          [A, new Uint8Array(a)],
          [new Uint8Array(a), B],
          [new Uint8Array(a), new Uint8Array(a)],
        ] as const)
          expect(compareSync(left, right, how)).toMatchObject({
            verdict: "equal",
            reasons: [],
            proof: expect.any(String),
          });
      }),
      { seed, numRuns: 200 },
    );
  },
  LIMIT_MS,
);

test(
  "two files may change places, and what is skipped of each with them",
  () => {
    fc.assert(
      fc.property(two, pairOptions, fc.tuple(fc.nat(9), fc.nat(9)), ([a, b], how, [left, right]) => {
        writeFileSync(A, a);
        writeFileSync(B, b);
        const there = compareSync(A, B, { ...how, skip: [left, right] }) as PairResult;
        const back = compareSync(B, A, { ...how, skip: [right, left] }) as PairResult;
        expect(back.verdict).toBe(there.verdict);
        expect(back.reasons).toEqual(there.reasons);
        expect(back.size).toEqual([there.size[1], there.size[0]]);
        // Where the place is not asked for, it is told when it was met.
        if (how.locate) expect([back.offset, back.line]).toEqual([there.offset, there.line]);
        const part = (side: Buffer, from: number) => side.subarray(from, how.limitBytes && from + how.limitBytes);
        expect(there.verdict).toBe(part(a, left).equals(part(b, right)) ? "equal" : "different");
      }),
      { seed, numRuns: 300 },
    );
  },
  LIMIT_MS,
);

/** The ranges of a plain reading. */
function rangesOf(a: Buffer, b: Buffer): { offset: number; length: number }[] {
  const found: { offset: number; length: number }[] = [];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const last = found.at(-1);
    if (a[at] === b[at]) continue;
    if (last && last.offset + last.length === at) last.length++;
    else found.push({ offset: at, length: 1 });
  }
  return found;
}

test(
  "ranges are those of a plain reading, and the same when the sides change places",
  async () => {
    await fc.assert(
      fc.asyncProperty(two, fc.constantFrom(4096, 5000, 65_536), async ([a, b], chunkSize) => {
        writeFileSync(A, a);
        writeFileSync(B, b);
        const expected = rangesOf(a, b);
        for (const [left, right] of [
          [A, B],
          [B, A],
        ] as const) {
          const found: { offset: number; length: number }[] = [];
          const run = compareRanges(left, right, { chunkSize });
          for await (const record of run)
            if (record instanceof RangeRecord) found.push({ offset: record.offset, length: record.length });
          expect(found).toEqual(expected);
          const { verdict, differing } = await run;
          expect(verdict).toBe(a.equals(b) ? "equal" : "different");
          expect(differing ?? 0).toBe(expected.reduce((sum, { length }) => sum + length, 0));
        }
        // With their bytes, put over the left side they make the right one.
        const patched = Buffer.from(a);
        for await (const record of compareRanges(A, B, { chunkSize, bytes: true }))
          if (record instanceof RangeRecord) patched.set(record.rightBytes ?? [], record.offset);
        const common = Math.min(a.length, b.length);
        expect(patched.subarray(0, common).equals(b.subarray(0, common))).toBe(true);
      }),
      { seed, numRuns: 150 },
    );
  },
  LIMIT_MS,
);

/** What is written into an empty file of a size: places in blocks of 4 KiB, and how long. Sometimes zeros. */
const patches = fc.array(
  fc.record({ at: fc.nat(64 * 4096), length: fc.constantFrom(1, 10, 4096, 12_288), byte: fc.constantFrom(0, 1, 10) }),
  { maxLength: 5 },
);

function writeSparse(path: string, size: number, what: readonly { at: number; length: number; byte: number }[]): Buffer {
  writeFileSync(path, "");
  truncateSync(path, size);
  const fd = openSync(path, "r+");
  for (const { at, length, byte } of what) {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - at)), byte);
    writeSync(fd, bytes, 0, bytes.length, at);
  }
  closeSync(fd);
  return readFileSync(path);
}

test(
  "ranges of files with holes are those of a plain reading, and holes on both sides are not read",
  async () => {
    const sizes = fc.constantFrom(64 * 4096, 64 * 4096, 60 * 4096 + 17);
    await fc.assert(
      fc.asyncProperty(sizes, sizes, patches, patches, fc.boolean(), async (left, right, common, more, proveBytes) => {
        const a = writeSparse(A, left, common);
        const b = writeSparse(B, right, [...common, ...more]);
        const how = { chunkSize: 4096, ...(proveBytes && { prove: "bytes" as const }) };
        const { ranges, verdict } = await compareRanges(A, B, how);
        expect(ranges.map(({ offset, length }) => ({ offset, length }))).toEqual(rangesOf(a, b));
        const same = (await compare(A, B, { ...how, locate: true, sizePrecheck: false })) as PairResult;
        const listed = (await compareRanges(A, B, how)) as PairResult;
        expect([listed.offset, listed.line, verdict]).toEqual([same.offset, same.line, same.verdict]);
      }),
      { seed, numRuns: 150 },
    );
    const size = 2 ** 40;
    for (const [path, byte] of [
      [A, 1],
      [B, 2],
    ] as const) {
      writeFileSync(path, "");
      truncateSync(path, size);
      const fd = openSync(path, "r+");
      for (const at of [0, 2 ** 35 + 1, size - 1]) writeSync(fd, Buffer.of(byte), 0, 1, at);
      closeSync(fd);
    }
    const { ranges, bytesRead } = await compareRanges(A, B);
    expect(ranges.map(({ offset, length }) => [offset, length])).toEqual([
      [0, 1],
      [2 ** 35 + 1, 1],
      [size - 1, 1],
    ]);
    expect(bytesRead).toBeLessThan(16 * 2 ** 20);
  },
  LIMIT_MS,
);

let count = 0;
/** A folder of its own, removed when the property has been looked at. */
function folder() {
  const path = join(dir, String(count++));
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

async function entriesOf(left: string, right: string, options: CompareOptions) {
  const run = compare(left, right, options);
  const lines: string[] = [];
  for await (const entry of run) lines.push(brief((entry as EntryRecord).toJSON() as unknown as Entry));
  return { lines, summary: (await run) as TreeSummary };
}

const treeOptions: fc.Arbitrary<CompareOptions> = fc.record(
  {
    jobs: fc.constantFrom(1, 2, 8),
    prove: fc.constant("bytes" as const),
    followSymlinks: fc.boolean(),
    skipEmptyDirs: fc.boolean(),
    oneFileSystem: fc.boolean(),
    metadata: fc.subarray(["mode", "owner", "mtime", "xattr", "acl"] as const),
    sizePrecheck: fc.constant(false),
    exclude: fc.subarray(["*a*", "/b", "**/c/**", "x*/"]),
    include: fc.subarray(["*b*", "*.*"]),
  },
  { requiredKeys: [] },
);

const shape = fc.record({
  names: fc.integer({ min: 0, max: 90 }),
  changed: fc.constantFrom(0, 10, 50),
  alphabet: fc.constantFrom("ab", "abc-.", `${ODD}\n\t\\`),
  depth: fc.integer({ min: 0, max: 5 }),
});

test(
  "a tree is equal to itself and to its copy, in every entry",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), shape, treeOptions, async (treeSeed, how, options) => {
        using at = folder();
        makeTrees(at.path, treeSeed, { ...how, changed: 0 });
        const left = `${at.path}/L`;
        const copy = `${at.path}/copy`;
        // Names are any bytes, which cpSync() does not copy; -a keeps the metadata too.
        expect(Bun.spawnSync(["cp", "-a", left, copy]).exitCode).toBe(0);
        for (const right of [left, copy]) {
          const { lines, summary } = await entriesOf(left, right, { ...options, allEntries: true });
          expect(lines.filter((line) => !line.startsWith("equal "))).toEqual([]);
          expect(summary).toMatchObject({
            verdict: "equal",
            counts: { different: 0, onlyLeft: 0, onlyRight: 0, unknown: 0 },
          });
          const whole =
            !options.skipEmptyDirs && !options.followSymlinks && !options.exclude?.length && !options.include?.length;
          if (whole) expect(lines.length).toBe(readTree(left).size);
          expect(compareDirSync(left, right, options)).toMatchObject({
            equal: true,
            diff: {},
            errors: {},
          });
        }
      }),
      { seed, numRuns: 25 },
    );
  },
  LIMIT_MS,
);

const swapped = (line: string) =>
  line.replace(/^only_(left|right)/, (_, side) => `only_${side === "left" ? "right" : "left"}`);

test(
  "two trees may change places, whatever is compared of them",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), shape, treeOptions, async (treeSeed, how, options) => {
        using at = folder();
        makeTrees(at.path, treeSeed, how);
        const [left, right] = [`${at.path}/L`, `${at.path}/R`];
        const there = await entriesOf(left, right, options);
        const back = await entriesOf(right, left, options);
        expect(back.lines).toEqual(there.lines.map(swapped));
        expect(back.summary.verdict).toBe(there.summary.verdict);
        const { onlyLeft, onlyRight, ...counts } = there.summary.counts;
        expect(back.summary.counts).toEqual({ ...counts, onlyLeft: onlyRight, onlyRight: onlyLeft });
        // Lists of the same: as many of each as there are entries.
        const lists = compareDirSync(left, right, options);
        expect([lists.onlyLeft.length, lists.onlyRight.length]).toEqual([onlyLeft, onlyRight]);
        expect(lists.verdict).toBe(there.summary.verdict);
      }),
      { seed, numRuns: 40 },
    );
  },
  LIMIT_MS,
);
