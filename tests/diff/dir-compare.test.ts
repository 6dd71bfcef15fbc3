// C-78: the adapter against the npm package dir-compare, on generated trees.
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as theirs from "dir-compare";
import { compare, compareSync, type Difference, type Options, type Result } from "../../src/compare/dir-compare.ts";
import { makeTrees } from "../cli/kit/seeded.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();

/** What both say of a name, in one order. */
function sorted(set: readonly (Difference | theirs.Difference)[] = []) {
  const rows = set.map((d) => [d.relativePath, d.name1, d.name2, d.state, d.type1, d.type2, d.size1, d.size2, d.level, d.reason, d.path1, d.path2]);
  return rows.map((row) => JSON.stringify(row)).toSorted();
}

const counts = (result: Result) => Object.fromEntries(Object.entries(result).filter(([key]) => key !== "diffSet"));

/** The fields of ours, of their result. */
function pick(result: theirs.Result, like: Result) {
  return Object.fromEntries(Object.keys(counts(like)).map((key) => [key, result[key] as unknown]));
}

const settings: [string, Options][] = [
  ["contents", { compareContent: true, compareSize: true }],
  ["links as links", { compareContent: true, compareSize: true, compareSymlink: true }],
  ["globs", { compareContent: true, compareSize: true, excludeFilter: "*a*,b", compareSymlink: true }],
];

test.each(settings)("%s", async (_name, options) => {
  for (let seed = 1; seed <= 12; seed++) {
    const at = join(dir, String(seed));
    rmSync(at, { recursive: true, force: true });
    makeTree(at, {});
    // No links: dir-compare and we differ in what a dangling one is.
    makeTrees(at, seed, { names: 60, changed: 30, alphabet: "abc", depth: 3 });
    const [left, right] = [join(at, "L"), join(at, "R")];
    Bun.spawnSync(["find", left, right, "-type", "l", "-delete"]);
    const want = await theirs.compare(left, right, options as theirs.Options);
    const have = await compare(left, right, options);
    expect<object>(counts(have)).toEqual(pick(want, have));
    expect(sorted(have.diffSet)).toEqual(sorted(want.diffSet));
    expect<object>(compareSync(left, right, { ...options, noDiffSet: true })).toEqual(counts(have));
  }
});

test("an option that is not here is refused", async () => {
  const refused = compare(dir, dir, { ignoreCase: true } as Options);
  expect(refused).rejects.toThrow("ignoreCase is no option");
});
