// Generated trees: renames are those of a plain search, whatever holds the trees and however many threads look.
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { compareRenames, compareRenamesSync, RenameRecord } from "../../src/index.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { tar, zip, type Member } from "../support/archives.ts";
import { gzipSync } from "../support/compressors.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

// Of one size and apart at their ends; of one size and apart at once; and nothing at all.
const long = noise(70_000, 9);
const later = long.slice();
later[69_999]! ^= 1;
const CONTENTS: readonly Uint8Array[] = [long, later, noise(70_000, 10), Buffer.from("a"), Buffer.from("b"), Buffer.from("ab"), Buffer.alloc(0)];

type Files = Record<string, Uint8Array>;

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The answer by a plain search: `from to`, in the order of the left paths. */
function search(left: Files, right: Files): string[] {
  const pairs: [string, string][] = [];
  for (const content of CONTENTS.filter(({ length }) => length > 0)) {
    const only = (own: Files, other: Files) =>
      Object.keys(own).filter((path) => own[path] === content && !(path in other)).toSorted(bytewise);
    const [lefts, rights] = [only(left, right), only(right, left)];
    const take = (from: string, to: string) => {
      pairs.push([from, to]);
      lefts.splice(lefts.indexOf(from), 1);
      rights.splice(rights.indexOf(to), 1);
    };
    for (const from of lefts.slice()) {
      const to = rights.find((path) => basename(path) === basename(from));
      if (to !== undefined) take(from, to);
    }
    while (lefts[0] !== undefined && rights[0] !== undefined) take(lefts[0], rights[0]);
  }
  return pairs.toSorted(([a], [b]) => bytewise(a, b)).map((pair) => pair.join(" "));
}

function put(at: string, name: string, files: Files, format: string, backwards: boolean): string {
  const path = join(at, `${name}.${format}`);
  if (format === "dir") return makeTree(path, files);
  const members: Member[] = Object.entries(files).map(([path, data]) => ({ name: path, data }));
  if (backwards) members.reverse();
  writeFileSync(path, format === "zip" ? zip(members) : format === "tgz" ? gzipSync(tar(members)) : tar(members));
  return path;
}

test(
  "renames are those of a plain search",
  async () => {
    const path = fc.tuple(fc.constantFrom("", "p/", "q/", "p/r/"), fc.constantFrom("a", "b", "c", "d", "e", "f!", "g-")).map((parts) => parts.join(""));
    const files = fc.array(fc.tuple(path, fc.nat({ max: CONTENTS.length - 1 })), { maxLength: 24 }).map(
      (list): Files => Object.fromEntries(list.map(([name, content]) => [name, CONTENTS[content] as Uint8Array])),
    );
    const format = fc.constantFrom("dir", "dir", "tar", "tgz", "zip");
    let count = 0;
    await fc.assert(
      fc.asyncProperty(files, files, format, format, fc.boolean(), fc.constantFrom(1, 16), async (L, R, a, b, backwards, jobs) => {
        const at = join(dir, String(count++));
        mkdirSync(at);
        try {
          const [left, right] = [put(at, "L", L, a, backwards), put(at, "R", R, b, false)];
          const options = { archive: true, jobs };
          const run = compareRenames(left, right, options);
          const found: string[] = [];
          for await (const record of run) if (record instanceof RenameRecord) found.push(`${record.from} ${record.to}`);
          expect(found).toEqual(search(L, R));
          const result = await run;
          if (result.kind !== "tree") throw new Error("no trees");
          expect([result.renamed, result.renamesSkipped]).toEqual([found.length, 0]);
          const twin = compareRenamesSync(left, right, options);
          expect(twin.kind === "tree" && twin.renames.map(({ from, to }) => `${from} ${to}`)).toEqual(found);
        } finally {
          rmSync(at, { recursive: true });
        }
      }),
      { seed, numRuns: 120 },
    );
  },
  LIMIT_MS,
);
