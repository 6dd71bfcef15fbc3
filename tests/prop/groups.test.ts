// Many sources of few contents: the groups are those that a plain reading in JavaScript finds.
import { afterAll, expect, test } from "bun:test";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compareAll, compareMany, compareManySync, type Source, type SyncSource } from "../../src/index.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();

/** Another seed each time; a failure prints it, and SUITE_SEED repeats it. */
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
afterAll(() => console.log(`seed ${seed}`));

/** Contents of a few lengths around those where the reading changes, which agree far in. */
const content = fc
  .record({
    length: fc.constantFrom(0, 1, 4095, 4096, 4097, 16_384, 16_385, 65_536, 65_537, 262_144, 262_145, 1_100_000),
    marks: fc.array(fc.nat(), { maxLength: 2 }),
  })
  .map(({ length, marks }) => {
    const bytes = Buffer.alloc(length, "a line\n");
    for (const mark of marks) if (length > 0) bytes[mark % length]! ^= 1;
    return bytes;
  });

type Kind = "file" | "link" | "bytes" | "blob";
const kinds = fc.constantFrom<Kind>("file", "link", "bytes", "blob");
const worlds = fc
  .tuple(
    fc.array(content, { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(), kinds), { minLength: 1, maxLength: 14 }),
  )
  .map(([contents, picks]) => picks.map(([n, kind]) => ({ bytes: contents[n % contents.length] as Buffer, kind })));

const options = fc.record({
  chunkSize: fc.constantFrom(4096, 65_536, 262_144),
  jobs: fc.constantFrom(0, 1, 3),
  prove: fc.constantFrom("any" as const, "bytes" as const),
  sizePrecheck: fc.boolean(),
  quickCheck: fc.boolean(),
});

/** The groups as they must be. */
function oracle(contents: readonly Buffer[]): number[][] {
  const groups: number[][] = [];
  for (const [i, bytes] of contents.entries()) {
    const group = groups.find(([first = 0]) => contents[first]?.equals(bytes));
    if (group) group.push(i);
    else groups.push([i]);
  }
  return groups;
}

test(
  "C-29 random partitions",
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, options, async (world, given) => {
        const files = join(dir, "w");
        const sources = world.map(({ bytes, kind }, i): Source => {
          if (kind === "bytes") return bytes;
          if (kind === "blob") return new Blob([bytes]);
          const path = `${files}-${i}`;
          rmSync(path, { force: true });
          const twin = world.findIndex(
            (other, k) => k < i && other.bytes === bytes && (other.kind === "file" || other.kind === "link"),
          );
          if (kind === "link" && twin >= 0) linkSync(`${files}-${twin}`, path);
          else writeFileSync(path, bytes);
          return path;
        });
        const groups = oracle(world.map(({ bytes }) => bytes));
        const result = await compareMany(sources, given);
        expect(result.groups).toEqual(groups);
        expect(result.errors).toEqual([]);
        expect(result.allEqual).toBe(groups.length === 1);
        const size = world.reduce((sum, { bytes }) => sum + bytes.length, 0);
        expect(result.bytesRead).toBeLessThanOrEqual(size + world.length * (8 * 16_384 + 1));
        if (world.some(({ kind }) => kind === "blob")) return;
        expect(compareManySync(sources as SyncSource[], given).groups).toEqual(groups);
        const all = await compareAll(sources, given);
        expect(all.allEqual).toBe(groups.length === 1);
        if (all.difference) expect(result.diff(all.difference.left, all.difference.right)).toBe("different");
        else expect(groups).toHaveLength(1);
      }),
      { seed, numRuns: 120 },
    );
  },
  2 * LIMIT_MS,
);
