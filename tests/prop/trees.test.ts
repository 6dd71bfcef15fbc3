// Generated trees: the entries are those of a plain reading of both, and edits give exactly the entries they should.
import { expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  compare,
  compareDirSync,
  compareSync,
  type CompareOptions,
  type EntryRecord,
  type TreeSummary,
} from "../../src/index.ts";
import { below, putDir, putFile, putLink } from "../cli/kit/bytes.ts";
import { brief, type Entry } from "../cli/kit/json.ts";
import { answer, readTree } from "../cli/kit/model.ts";
import { makeTrees, ODD } from "../cli/kit/seeded.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

let count = 0;
/** A folder of its own, removed when the property has been looked at. */
function folder() {
  const path = join(dir, String(count++));
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** The entries of a run in few words. */
async function entriesOf(
  left: string,
  right: string,
  options: CompareOptions = {},
): Promise<{ lines: string[]; summary: TreeSummary }> {
  const run = compare(left, right, options);
  const lines: string[] = [];
  for await (const entry of run) lines.push(brief((entry as EntryRecord).toJSON() as unknown as Entry));
  return { lines, summary: (await run) as TreeSummary };
}

const swapped = (line: string) =>
  line.replace(/^only_(left|right)/, (_, side) => `only_${side === "left" ? "right" : "left"}`);

test(
  "entries, counts and verdict are those of a plain reading; symmetric; threads do not matter",
  async () => {
    const shape = fc.record({
      names: fc.integer({ min: 0, max: 120 }),
      changed: fc.constantFrom(0, 5, 30, 100),
      alphabet: fc.constantFrom("ab", "ab-.", `${ODD}\n\t\\`),
      depth: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(), shape, fc.constantFrom(0, 1, 2, 16), async (treeSeed, how, jobs) => {
        using at = folder();
        makeTrees(at.path, treeSeed, how);
        const [left, right] = [`${at.path}/L`, `${at.path}/R`];
        const all = answer(readTree(left), readTree(right));
        const notEqual = all.filter((line) => !line.startsWith("equal "));
        const { lines, summary } = await entriesOf(left, right, { allEntries: true, jobs });
        expect(lines).toEqual(all);
        const of = (status: string) => all.filter((line) => line.startsWith(`${status} `)).length;
        expect(summary.counts).toEqual({
          equal: of("equal"),
          different: of("different"),
          onlyLeft: of("only_left"),
          onlyRight: of("only_right"),
          unknown: 0,
        });
        expect<string>(summary.verdict).toBe(notEqual.length === 0 ? "equal" : "different");
        expect((await entriesOf(left, right, { jobs })).lines).toEqual(notEqual);
        expect((await entriesOf(right, left, { jobs })).lines).toEqual(notEqual.map(swapped));
        expect(compareSync(left, right, { stopAtFirst: true }).verdict).toBe(summary.verdict);
        expect(compareSync(left, left).verdict).toBe("equal");
      }),
      { seed, numRuns: 60 },
    );
  },
  LIMIT_MS,
);

type Edit = "content" | "size" | "remove" | "retype" | "relink" | "add";

test(
  "a copy is equal; each edit of it gives exactly its entries",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom<Edit>("content", "size", "remove", "retype", "relink", "add")), {
          maxLength: 8,
        }),
        async (treeSeed, edits) => {
          using at = folder();
          makeTrees(at.path, treeSeed, { names: 60, changed: 0, alphabet: "abc-.", depth: 4 });
          const [left, right] = [`${at.path}/L`, `${at.path}/R`];
          expect(compareDirSync(left, right)).toMatchObject({
            equal: true,
            diff: {},
            onlyLeft: [],
            onlyRight: [],
            errors: {},
          });
          const before = readTree(left);
          const paths = [...before.keys()];
          const expected = new Map<string, string>();
          const touched = new Set<string>();
          // Edits stay apart from each other: none in, above or at a name that another one has changed.
          const free = (path: string) =>
            ![...touched].some(
              (other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
            );
          for (const [pick, edit] of edits) {
            const path = edit === "add" ? `added ${pick}` : paths[pick % paths.length];
            if (path === undefined || !free(path)) continue;
            const thing = before.get(path);
            const gone = [...before.keys()].filter((other) => other === path || other.startsWith(`${path}/`));
            if (edit === "add") {
              putDir(right, path);
              putFile(right, `${path}/f`, "");
              for (const name of [path, `${path}/f`]) expected.set(name, `only_right ${name}`);
            } else if (edit === "remove") {
              rmSync(below(right, path), { recursive: true });
              for (const name of gone) expected.set(name, `only_left ${name}`);
            } else if (edit === "retype") {
              rmSync(below(right, path), { recursive: true });
              if (thing?.kind === "file") putDir(right, path);
              else putFile(right, path, "now a file");
              expected.set(path, `different ${path} type_mismatch`);
            } else if (edit === "relink") {
              if (thing?.kind !== "symlink") continue;
              rmSync(below(right, path));
              putLink(right, path, `${thing.target.toString("latin1")}!`);
              expected.set(path, `different ${path} link_target`);
            } else {
              if (thing?.kind !== "file" || (edit === "content" && thing.bytes.length === 0)) continue;
              const other = edit === "size" ? Buffer.concat([thing.bytes, Buffer.from("+")]) : Buffer.from(thing.bytes);
              if (edit === "content") other[pick % other.length]! ^= 1;
              putFile(right, path, other);
              expected.set(path, `different ${path} ${edit}_mismatch`);
            }
            touched.add(path);
          }
          const { lines } = await entriesOf(left, right);
          expect(lines).toEqual([...expected.keys()].toSorted().map((path) => expected.get(path) as string));
        },
      ),
      { seed, numRuns: 60 },
    );
  },
  LIMIT_MS,
);

test(
  "a tree moved elsewhere, and given by a link, is the same tree",
  () => {
    fc.assert(
      fc.property(fc.nat(), (treeSeed) => {
        using at = folder();
        makeTrees(at.path, treeSeed, { names: 50, changed: 0, alphabet: "abc", depth: 3 });
        mkdirSync(`${at.path}/deep/er`, { recursive: true });
        cpSync(`${at.path}/L`, `${at.path}/deep/er/copy`, { recursive: true, verbatimSymlinks: true });
        putLink(at.path, "link", "deep/er/copy");
        expect(compareSync(`${at.path}/link`, `${at.path}/R`).verdict).toBe("equal");
      }),
      { seed, numRuns: 15 },
    );
  },
  LIMIT_MS,
);
