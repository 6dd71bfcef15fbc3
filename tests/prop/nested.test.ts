// Generated trees with archives in archives: the entries are those of a plain reading, whatever the formats, orders and levels.
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compare, compareSync, EntryRecord } from "../../src/index.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { tar, zip, type Member } from "../support/archives.ts";
import { gzipSync, zstdCompressSync } from "../support/compressors.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

type Format = "tar" | "tgz" | "zst" | "zip" | "stored";

/** What stands at a path: a file, or an archive of more. */
type Node = string | { format: Format; backwards: boolean; files: Tree };
type Tree = { [path: string]: Node };

const packed = new WeakMap<object, Buffer>();

function bytesOf(node: Node): Buffer {
  if (typeof node === "string") return Buffer.from(node);
  let bytes = packed.get(node);
  if (bytes) return bytes;
  const members: Member[] = Object.entries(node.files).map(([name, inner]) => ({ name, data: bytesOf(inner), stored: node.format === "stored" }));
  if (node.backwards) members.reverse();
  const whole = node.format === "zip" || node.format === "stored" ? zip(members) : tar(members);
  bytes = Buffer.from(node.format === "tgz" ? gzipSync(whole) : node.format === "zst" ? zstdCompressSync(whole) : whole);
  packed.set(node, bytes);
  return bytes;
}

const parents = (path: string) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));

/** A tar without entries is nothing but zeros, which may be anything. */
const isArchive = (node: Node): node is Exclude<Node, string> =>
  typeof node !== "string" && (node.format === "zip" || node.format === "stored" || Object.keys(node.files).length > 0);

/** The entries by a plain reading: `status path`. */
function answer(left: Tree, right: Tree, levels: number, prefix = ""): string[] {
  const dirs = (tree: Tree) => Object.keys(tree).flatMap(parents);
  const all = (tree: Tree) => new Set([...Object.keys(tree), ...dirs(tree)]);
  const [a, b] = [all(left), all(right)];
  return [...new Set([...a, ...b])].flatMap((path) => {
    const [l, r] = [left[path], right[path]];
    const name = prefix + path;
    if (!b.has(path)) return [`only_left ${name}`];
    if (!a.has(path)) return [`only_right ${name}`];
    if (l === undefined || r === undefined) return [`equal ${name}`];
    if (bytesOf(l).equals(bytesOf(r))) return [`equal ${name}`];
    if (!isArchive(l) || !isArchive(r) || levels === 0) return [`different ${name}`];
    return [`equal ${name}`, ...answer(l.files, r.files, levels - 1, `${name}!/`)];
  });
}

const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a.slice(a.indexOf(" ") + 1)), Buffer.from(b.slice(b.indexOf(" ") + 1)));

// A file is never a directory of another path.
const names = ["a", "b", "d/c", "d/e", "e!", "f.tar", "g-"];
const text = fc.constantFrom("", "one", "two", "three", "x".repeat(5000));
const format = fc.constantFrom<Format>("tar", "tgz", "zst", "zip", "stored");
const { tree } = fc.letrec<{ tree: Tree; node: Node; pack: Node }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 5 }) as fc.Arbitrary<Tree>,
  pack: fc.record({ format, backwards: fc.boolean(), files: tie("tree") }),
  node: fc.oneof({ maxDepth: 4 }, { arbitrary: text, weight: 2 }, { arbitrary: tie("pack"), weight: 3 }) as fc.Arbitrary<Node>,
}));

/** A tree like another one: packed otherwise, now and then with other files. */
const like = (of: Tree): fc.Arbitrary<Tree> =>
  fc.tuple(...Object.entries(of).map(([path, node]) =>
    fc.oneof(
      { arbitrary: fc.constant([[path, node]] as [string, Node][]), weight: 2 },
      { arbitrary: typeof node === "string" ? text.map((other) => [[path, other]] as [string, Node][]) : fc.record({ format, backwards: fc.boolean(), files: like(node.files) }).map((other) => [[path, other]] as [string, Node][]), weight: 5 },
      { arbitrary: fc.constant([] as [string, Node][]), weight: 1 },
    ),
  )).map((parts) => Object.fromEntries(parts.flat()));

test(
  "entries of archives in archives",
  async () => {
    const outer = fc.constantFrom<Format | "dir">("dir", "tar", "tgz", "zip", "stored");
    const both = tree.chain((left) => fc.tuple(fc.constant(left), like(left)));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(both, outer, outer, fc.boolean(), fc.integer({ min: 0, max: 4 }), fc.constantFrom(1, 16), fc.boolean(), async ([L, R], a, b, backwards, nested, jobs, hashCompare) => {
        const at = join(dir, String(count++));
        mkdirSync(at);
        try {
          const put = (name: string, files: Tree, as: Format | "dir", back: boolean) => {
            const path = join(at, name);
            if (as === "dir") return makeTree(path, Object.fromEntries(Object.entries(files).map(([key, node]) => [key, bytesOf(node)])));
            writeFileSync(path, bytesOf({ format: as, backwards: back, files }));
            return path;
          };
          const [left, right] = [put("L", L, a, false), put("R", R, b, backwards)];
          const expected = answer(L, R, nested).toSorted(bytewise);
          const run = compare(left, right, { archive: true, nested, jobs, hashCompare, allEntries: true });
          const found: string[] = [];
          for await (const entry of run) if (entry instanceof EntryRecord) found.push(`${entry.status} ${entry.path}`);
          expect(found).toEqual(expected);
          const verdict = expected.every((line) => line.startsWith("equal ")) ? "equal" : "different";
          expect((await run).verdict).toBe(verdict);
          expect(compareSync(left, right, { archive: true, nested, stopAtFirst: true }).verdict).toBe(verdict);
        } finally {
          rmSync(at, { recursive: true });
        }
      }),
      { seed, numRuns: 250 },
    );
  },
  LIMIT_MS,
);
