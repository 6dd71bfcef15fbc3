// C-77. Trees whose names are spelled in other ways: what goes together is what a plain reading of both, with the
// case mappings and normal forms of JavaScript, puts together.
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { compare, compareSync, type CompareOptions, type EntryRecord, type TreeSummary } from "../../src/index.ts";
import { readTree } from "../cli/kit/model.ts";
import { keyOf, match, words, type Spelling } from "../cli/kit/spelling.ts";
import { LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, temporaryFolder, type Node } from "../support/temp.ts";

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

function told(entry: EntryRecord): string {
  const why = entry.error?.code ?? entry.reasons.filter((reason) => reason !== "missing").join();
  return [`${entry.status} ${entry.path}`, why, entry.pathRight === undefined ? "" : `(${entry.pathRight})`]
    .filter(Boolean)
    .join(" ");
}

async function entriesOf(left: string, right: string, options: CompareOptions): Promise<[string[], TreeSummary]> {
  const run = compare(left, right, options);
  const lines: string[] = [];
  for await (const entry of run) lines.push(told(entry));
  return [lines, (await run) as TreeSummary];
}

/** Few names, of which several are one when case or normal form does not count. */
const NAMES = ["a", "A", "a.b", "A.B", "a-", "é", "e\u0301", "É", "E\u0301", "ß", "ss", "ẞ", "ς", "Σ", "ﬁ", "FI", "각", "\u1100\u1161\u11a8"];
const name = fc.constantFrom(...NAMES);
const spelling = fc.constantFrom<Spelling>(
  { ignoreCaseNames: true, normalize: "none" },
  { ignoreCaseNames: false, normalize: "nfc" },
  { ignoreCaseNames: true, normalize: "nfc" },
);
const node = fc.constantFrom<Node>("1", "2", "33", null, { link: "x" });
const tree = fc
  .array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), node), { maxLength: 25 })
  .map((entries) => {
    const nodes: Record<string, Node> = {};
    const free = (path: string) => !Object.keys(nodes).some((other) => path === other || (path.startsWith(`${other}/`) && nodes[other] !== null) || other.startsWith(`${path}/`));
    for (const [parts, what] of entries) if (free(parts.join("/"))) nodes[parts.join("/")] = what;
    return nodes;
  });

test(
  "entries and verdict are those of a plain reading, whatever the number of threads",
  async () => {
    const seen = { collision: 0, spelled: 0, elsewhere: 0 };
    await fc.assert(
      fc.asyncProperty(tree, tree, spelling, fc.constantFrom(0, 1, 3), async (l, r, how, jobs) => {
        using at = folder();
        const [left, right] = [makeTree(`${at.path}/L`, l), makeTree(`${at.path}/R`, r)];
        const expected = match(readTree(left), readTree(right), how);
        const lines = expected.map(words);
        for (const one of expected) {
          seen.collision += Number(one.status === "collision");
          seen.spelled += Number(one.spelled);
          seen.elsewhere += Number(one.pathRight !== undefined && one.status === "both");
        }
        const [all, summary] = await entriesOf(left, right, { ...how, jobs, allEntries: true });
        expect(all).toEqual(lines);
        const some = (word: string) => lines.some((line) => line.startsWith(word));
        const verdict = some("different") || some("only") ? "different" : some("unknown") ? "unknown" : "equal";
        expect<string>(summary.verdict).toBe(verdict);
        // In one direction names that are only on the right do not exist; in any case a tree is equal to itself.
        const [oneWay] = await entriesOf(left, right, { ...how, allEntries: true, oneWay: true });
        expect(oneWay).toEqual(expected.filter(({ things: [thing] }) => thing !== undefined).map(words));
        expect(compareSync(left, left, how).verdict).toBe("equal");
      }),
      { seed, numRuns: 100 },
    );
    // What this is about is not rare.
    expect(Math.min(seen.collision, seen.spelled, seen.elsewhere)).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  "paths that are given say what the whole trees say of them",
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, spelling, async (l, r, how) => {
        using at = folder();
        const [left, right] = [makeTree(`${at.path}/L`, l), makeTree(`${at.path}/R`, r)];
        const expected = match(readTree(left), readTree(right), how);
        // Under the names of either side.
        for (const side of [0, 1] as const) {
          const there = expected.filter(({ things }) => things[side] !== undefined);
          const paths = there.map(({ path, pathRight }) => (side === 0 ? path : (pathRight ?? path)));
          if (paths.length === 0) continue;
          const [lines] = await entriesOf(left, right, { ...how, paths, allEntries: true });
          expect(lines).toEqual(there.map(words));
        }
      }),
      { seed, numRuns: 100 },
    );
  },
  LIMIT_MS,
);

/** A spelling of a name that is the same under these rules. */
function respell(text: string, how: Spelling, choice: number): string {
  const points = Array.from(text, (point, i) => {
    if (!how.ignoreCaseNames || ((choice >> i % 16) & 1) === 0) return point;
    // Only of letters whose other case leads back to them.
    const other = point.toUpperCase() === point ? point.toLowerCase() : point.toUpperCase();
    return keyOf(other, how) === keyOf(point, how) ? other : point;
  });
  const spelled = points.join("");
  return how.normalize === "nfc" ? spelled.normalize(choice % 2 ? "NFD" : "NFC") : spelled;
}

test(
  "a copy under other spellings is equal; edits of it are found",
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, spelling, fc.nat(), async (nodes, how, choice) => {
        using at = folder();
        // Without names that are one already: those would collide.
        const kept: Record<string, Node> = {};
        const spellings = new Map<string, string>();
        for (const [path, what] of Object.entries(nodes)) {
          const parts = path.split("/");
          const own = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
          const clash = own.some((prefix) => (spellings.get(keyOf(prefix, how)) ?? prefix) !== prefix);
          if (clash) continue;
          for (const prefix of own) spellings.set(keyOf(prefix, how), prefix);
          kept[path] = what;
        }
        const again = Object.fromEntries(Object.entries(kept).map(([path, what]) => [respell(path, how, choice), what]));
        const [left, right] = [makeTree(`${at.path}/L`, kept), makeTree(`${at.path}/R`, again)];
        const [lines, summary] = await entriesOf(left, right, how);
        expect(lines).toEqual([]);
        expect(summary.verdict).toBe("equal");
        const file = Object.keys(again).find((path) => typeof again[path] === "string");
        if (file === undefined) return;
        makeTree(right, { [file]: "edited" });
        const [edited] = await entriesOf(left, right, how);
        expect(edited).toHaveLength(1);
        expect(edited[0]).toMatch(/^different .* size_mismatch/);
      }),
      { seed, numRuns: 100 },
    );
  },
  LIMIT_MS,
);

test(
  "every letter of Unicode that this runtime knows folds as its case mappings say",
  async () => {
    using at = folder();
    const points: string[] = [];
    for (let point = 0x21; point < 0x1_0000; point++) {
      const text = String.fromCodePoint(point);
      // CJK, Hangul syllables and what is for private use have no case.
      if ((point >= 0x3000 && point < 0xa000) || (point >= 0xac00 && point < 0xf900)) continue;
      if (/^[\p{L}\p{M}\p{N}\p{S}]$/u.test(text)) points.push(text);
    }
    for (let point = 0x1_0400; point < 0x1_f000; point += point < 0x1_1000 || point >= 0x1_6e00 ? 1 : 7) {
      const text = String.fromCodePoint(point);
      if (/^\p{L}$/u.test(text) && !/^\p{Ideographic}$/u.test(text)) points.push(text);
    }
    expect(points.length).toBeGreaterThan(8000);
    const put = (name: string, names: Iterable<string>) => {
      const root = makeTree(`${at.path}/${name}`, {});
      for (const one of names) writeFileSync(`${root}/${one}`, "");
      return root;
    };
    const all = put("all", points);
    const none = put("none", []);
    for (const how of [
      { ignoreCaseNames: true, normalize: "none" },
      { ignoreCaseNames: false, normalize: "nfc" },
      { ignoreCaseNames: true, normalize: "nfc" },
    ] as const) {
      // Which letters have another spelling at all.
      const groups = [...Map.groupBy(points, (point) => keyOf(point, how))].filter(([, group]) => group.length > 1);
      const found: string[] = [];
      for await (const entry of compare(all, none, how)) {
        if (entry.reasons.includes("name_collision")) found.push(entry.path);
      }
      const spelled = groups.flatMap(([, group]) => group);
      expect(spelled.length).toBeGreaterThan(how.ignoreCaseNames ? 2000 : 20);
      const code = (text: string) => `U+${text.codePointAt(0)?.toString(16)}`;
      expect(found.map(code).toSorted()).toEqual(spelled.map(code).toSorted());
      // And which belong together.
      const kind = `${how.normalize}-${how.ignoreCaseNames}`;
      const last = put(`last-${kind}`, groups.map(([, group]) => group.at(-1) as string));
      const keys = put(`keys-${kind}`, groups.map(([key]) => key));
      const [lines] = await entriesOf(last, keys, how);
      expect(lines).toEqual([]);
    }
  },
  2 * LIMIT_MS,
);
