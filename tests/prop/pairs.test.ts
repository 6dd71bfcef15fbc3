// Two sequences of bytes, as files, memory and streams: the answer is that of a plain reading in JavaScript.
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compare, compareSync, type PairResult } from "../../src/index.ts";
import { pairLine } from "../../src/report/compare-text.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const A = join(dir, "a");
const B = join(dir, "b");

/** Another seed each time; a failure prints it, and SUITE_SEED repeats it. */
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const runs = (numRuns: number) => ({ seed, numRuns });

/** Pieces of few kinds make sequences that agree far in, and have lines. */
const piece = fc.oneof(
  fc.constantFrom("", "\n", "a", "line\n", "\0\0\0\0", "x".repeat(4095), "y\n".repeat(2048), "z".repeat(100_000)),
  fc.string({ maxLength: 20 }),
);
const bytes = fc.array(piece, { maxLength: 9 }).map((pieces) => Buffer.from(pieces.join("")));

/** Two of them that mostly begin alike. */
const two = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(bytes, bytes) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(bytes, bytes, bytes)
      .map(([a, b, c]) => [Buffer.concat([a, b]), Buffer.concat([a, c])] as const),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(bytes, fc.nat()).map(([a, at]) => {
      const b = Buffer.from(a);
      if (b.length > 0) b[at % b.length]! ^= 1;
      return [a, b] as const;
    }),
  },
);

const options = fc.record({
  chunkSize: fc.constantFrom(4096, 5000, 65_536, 4 << 20),
  jobs: fc.constantFrom(0, 1, 2, 8),
});

function firstDifference(a: Buffer, b: Buffer): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}

const linesIn = (part: Buffer) => part.filter((byte) => byte === 10).length;

/** What is expected of a comparison that tells the place. */
function expected(a: Buffer, b: Buffer) {
  if (a.equals(b)) return { verdict: "equal", reasons: [] };
  const offset = firstDifference(a, b);
  const prefix = offset === Math.min(a.length, b.length);
  return {
    verdict: "different",
    reasons: [prefix ? "size_mismatch" : "content_mismatch"],
    offset,
    line: linesIn(a.subarray(0, offset)) + 1,
  };
}

function told({ verdict, reasons, offset, line }: PairResult) {
  return {
    verdict: verdict as string,
    reasons: reasons as string[],
    ...(offset !== undefined && { offset }),
    ...(line !== undefined && { line }),
  };
}

const asPair = (result: unknown) => result as PairResult;

test(
  "files: place, line and reason; symmetric, reflexive, whatever the chunks and threads",
  () => {
    fc.assert(
      fc.property(two, options, ([a, b], how) => {
        writeFileSync(A, a);
        writeFileSync(B, b);
        const found = asPair(compareSync(A, B, { ...how, locate: true }));
        expect(told(found)).toEqual(expected(a, b));
        expect(found.size).toEqual([a.length, b.length]);
        // The lines counted are those of the left side, which agrees with the right one so far.
        expect(told(asPair(compareSync(B, A, { ...how, locate: true })))).toEqual(expected(b, a));
        expect(compareSync(A, A, how).verdict).toBe("equal");
        const verdict = a.equals(b) ? "equal" : "different";
        for (const more of [{}, { sizePrecheck: false }, { quickCheck: false }, { stopAtFirst: true }]) {
          expect(compareSync(A, B, { ...how, ...more }).verdict).toBe(verdict);
        }
      }),
      runs(300),
    );
  },
  LIMIT_MS,
);

test(
  "memory, streams and files in any pairing come to the same",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        two,
        options,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 9000 }),
        async ([a, b], how, i, k, step) => {
          writeFileSync(A, a);
          writeFileSync(B, b);
          const source = (bytesOf: Buffer, path: string, kind: number) => {
            if (kind % 4 === 0) return path;
            if (kind % 4 === 1) return new Uint8Array(bytesOf);
            if (kind % 4 === 2) return new Blob([new Uint8Array(bytesOf)]);
            return new ReadableStream<Uint8Array>({
              start(controller) {
                for (let at = 0; at < bytesOf.length; at += step)
                  controller.enqueue(new Uint8Array(bytesOf.subarray(at, at + step)));
                controller.close();
              },
            });
          };
          const found = asPair(await compare(source(a, A, i), source(b, B, k), { ...how, locate: true }));
          expect(told(found)).toEqual(expected(a, b));
        },
      ),
      runs(200),
    );
  },
  LIMIT_MS,
);

test(
  "large files: one bit anywhere, with samples, several segments and threads",
  () => {
    const size = 5_000_000;
    const base = Buffer.alloc(size, "sixteen bytes..\n");
    writeFileSync(A, base);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 3 }),
        options,
        fc.boolean(),
        (places, how, locate) => {
          const other = Buffer.from(base);
          for (const at of places) other[at] = base[at]! ^ 0x40;
          writeFileSync(B, other);
          const found = asPair(compareSync(A, B, { ...how, locate }));
          expect(found.verdict).toBe(places.length === 0 ? "equal" : "different");
          // Where a place is told it is the first.
          if (locate) expect(told(found)).toEqual(expected(base, other));
          else if (found.offset !== undefined) expect(found.offset).toBe(Math.min(...places));
        },
      ),
      runs(40),
    );
  },
  LIMIT_MS,
);

test(
  "the line of a pair is that of cmp, computed here",
  () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        fc.pre(!a.equals(b));
        const found = asPair(compareSync(new Uint8Array(a), new Uint8Array(b), { locate: true }));
        const line = pairLine("a", "b", found, false).join("");
        const at = firstDifference(a, b);
        const lines = linesIn(a.subarray(0, at));
        if (at < Math.min(a.length, b.length)) expect(line).toBe(`a b differ: byte ${at + 1}, line ${lines + 1}\n`);
        else {
          const shorter = a.length < b.length ? "a" : "b";
          const place = a[at - 1] === 10 ? `line ${lines}` : `in line ${lines + 1}`;
          expect(line).toBe(`EOF on ${shorter} ${at === 0 ? "which is empty" : `after byte ${at}, ${place}`}\n`);
        }
      }),
      runs(300),
    );
  },
  LIMIT_MS,
);
