// Generated trees, packed in any order and format: the entries are those of a plain reading of the trees.
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compare, compareArchiveSync, type CompareOptions, type EntryRecord, type TreeSummary } from "../../src/index.ts";
import { latin1 } from "../cli/kit/bytes.ts";
import { brief, type Entry } from "../cli/kit/json.ts";
import { answer, readTree, type Thing } from "../cli/kit/model.ts";
import { makeTrees, ODD, Random } from "../cli/kit/seeded.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { tar, zip, type Member } from "../support/archives.ts";
import { gzipSync, zstdCompressSync } from "../support/compressors.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

let count = 0;
function folder() {
  const path = join(dir, String(count++));
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

function membersOf(things: ReadonlyMap<string, Thing>): Member[] {
  return [...things].map(([path, thing]): Member => {
    if (thing.kind === "file") return { name: latin1(path), data: thing.bytes };
    if (thing.kind === "symlink") return { name: latin1(path), type: "2", link: thing.target };
    return { name: latin1(`${path}/`), type: "5" };
  });
}

/** The members in another order, now and then without directories that others imply, with hard links for copies. */
function shuffled(members: Member[], random: Random, links: boolean): Member[] {
  const out = members.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const other = random.int(i + 1);
    [out[i], out[other]] = [out[other] as Member, out[i] as Member];
  }
  if (!links) return out;
  const seen = new Map<string, Member>();
  return out.map((member) => {
    if (member.data === undefined || (member.data as Uint8Array).length === 0) return member;
    const key = Buffer.from(member.data as Uint8Array).toString("latin1");
    const first = seen.get(key);
    if (first) return { name: member.name, type: "1", link: first.name };
    seen.set(key, member);
    return member;
  });
}

type Format = "tar" | "tgz" | "zst" | "zip" | "stored" | "dir";

function pack(at: string, name: string, things: ReadonlyMap<string, Thing>, format: Format, random: Random): string {
  if (format === "dir") return join(at, name);
  const order = random.chance(50);
  const members = order ? shuffled(membersOf(things), random, !format.startsWith("z") && format !== "stored") : membersOf(things);
  const file = join(at, `${name}.${format}`);
  const zipped = () => zip(members.map((member) => ({ ...member, claims: { flags: 0 }, stored: format === "stored" })));
  const bytes = {
    tar: () => tar(members),
    tgz: () => gzipSync(tar(members)),
    zst: () => zstdCompressSync(tar(members)),
    zip: zipped,
    stored: zipped,
  }[format]();
  writeFileSync(file, bytes);
  return file;
}

async function entriesOf(left: string, right: string, options: CompareOptions) {
  const run = compare(left, right, { archive: true, ...options });
  const lines: string[] = [];
  for await (const entry of run) lines.push(brief((entry as EntryRecord).toJSON() as unknown as Entry));
  return { lines, summary: (await run) as TreeSummary };
}

test(
  "entries, counts and verdict are those of a plain reading, whatever the formats and orders",
  async () => {
    const format = fc.constantFrom<Format>("tar", "tgz", "zst", "zip", "stored", "dir");
    const shape = fc.record({
      names: fc.integer({ min: 0, max: 60 }),
      changed: fc.constantFrom(0, 5, 30, 100),
      alphabet: fc.constantFrom("ab", "ab-.", `${ODD}\n\t\\`),
      depth: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(), shape, format, format, fc.constantFrom(0, 1, 16), async (treeSeed, how, a, b, jobs) => {
        using at = folder();
        makeTrees(at.path, treeSeed, how);
        const random = new Random(treeSeed);
        const [L, R] = [readTree(`${at.path}/L`), readTree(`${at.path}/R`)];
        const [left, right] = [pack(at.path, "L", L, a, random), pack(at.path, "R", R, b, random)];
        const all = answer(L, R);
        const { lines, summary } = await entriesOf(left, right, { allEntries: true, jobs });
        expect(lines).toEqual(all);
        expect<string>(summary.verdict).toBe(all.every((line) => line.startsWith("equal ")) ? "equal" : "different");
        const notEqual = all.filter((line) => !line.startsWith("equal "));
        expect((await entriesOf(left, right, { jobs })).lines).toEqual(notEqual);
        expect((await entriesOf(left, right, { jobs, hashCompare: true })).lines).toEqual(notEqual);
        const quick = await entriesOf(left, right, { stopAtFirst: true, jobs });
        expect(quick.summary.verdict).toBe(summary.verdict);
        if (a !== "dir" && b !== "dir") expect(compareArchiveSync(left, right).verdict).toBe(summary.verdict);
      }),
      { seed, numRuns: 80 },
    );
  },
  LIMIT_MS,
);
