// find() and findSync(): the same entries, options that are checked, failures that are told, nothing left behind.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { find, findSync, gitIgnoreSettings, SearchError, SuiteError, UsageError, type FindOptions } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
makeTree(dir, { "t/a/x.c": "1", "t/b.c": "22", "t/.h": "", "t/link": { link: "a" }, "t/.gitignore": "b.c\n" });
const root = join(dir, "t");

async function listed(...args: Parameters<typeof find>) {
  const run = find(...args);
  const entries = [];
  for await (const entry of run) entries.push(entry.toJSON());
  return { entries, result: await run };
}

describe("find and findSync", () => {
  const CASES: [pattern: string | string[], options: FindOptions][] = [
    ["*", {}],
    ["*.c", {}],
    [["*.c", "a"], {}],
    ["*", { hidden: true, ignore: false }],
    ["*", { follow: true }],
    ["*", { type: ["file", "symlink"] }],
    ["*", { ext: "c" }],
    ["*", { maxDepth: 1, minDepth: 1 }],
    ["*", { minSize: 2 }],
    ["*", { maxResults: 1 }],
    ["*", { exclude: "a" }],
    ["none", {}],
  ];
  for (const [pattern, options] of CASES) {
    test(`say the same: ${JSON.stringify([pattern, options])}`, async () => {
      const { entries, result } = await listed(pattern, root, options);
      const sync = findSync(pattern, root, options);
      expect(sync.map((entry) => entry.toJSON())).toEqual(entries);
      const { elapsedMs: _, ...counts } = result;
      expect(sync.result).toMatchObject(counts);
      expect(result.results).toBe(entries.length);
    });
  }

  test("flipping each option changes the result", () => {
    const all = (options: FindOptions, pattern = "*") => findSync(pattern, root, options).map(({ relative }) => relative);
    expect(all({})).toEqual(["a", "a/x.c", "b.c", "link"]);
    expect(all({ hidden: true })).toEqual([".gitignore", ".h", "a", "a/x.c", "b.c", "link"]);
    expect(all({ follow: true })).toEqual(["a", "a/x.c", "b.c", "link", "link/x.c"]);
    expect(all({ type: "file" })).toEqual(["a/x.c", "b.c"]);
    expect(all({ ext: ["c"] })).toEqual(["a/x.c", "b.c"]);
    expect(all({ exclude: ["a"] })).toEqual(["b.c", "link"]);
    expect(all({ maxDepth: 1 })).toEqual(["a", "b.c", "link"]);
    expect(all({ minDepth: 2 })).toEqual(["a/x.c"]);
    expect(all({ minSize: 2, type: "file" })).toEqual(["b.c"]);
    expect(all({ maxSize: 1, type: "file" })).toEqual(["a/x.c"]);
    expect(all({ mtimeAfter: new Date(Date.now() + 1e6) })).toEqual([]);
    expect(all({ mtimeBefore: 0n })).toEqual([]);
    expect(all({ maxResults: 2 })).toEqual(["a", "a/x.c"]);
    expect(all({}, "B.c")).toEqual([]);
    expect(all({ caseSensitive: false }, "B.c")).toEqual(["b.c"]);
    writeFileSync(join(dir, "rules"), "link\n");
    expect(all({ ignore: { files: [join(dir, "rules")] } })).not.toContain("link");
    mkdirSync(join(root, ".git"));
    expect(all({})).toEqual(["a", "a/x.c", "link"]);
    expect(all({ ignore: { git: false } })).toContain("b.c");
    expect(all({ ignore: { global: join(dir, "rules") } })).toEqual(["a", "a/x.c"]);
  });

  test("entries know where they are", () => {
    const [entry] = findSync("x.c", root);
    expect(entry).toMatchObject({ path: join(root, "a/x.c"), relative: "a/x.c", kind: "file", link: false, depth: 2 });
    expect(Buffer.from(entry?.pathBytes ?? []).toString()).toBe(join(root, "a/x.c"));
  });

  test("options that do not fit are refused at once", () => {
    const wrong: [unknown, string][] = [
      [{ maxDepth: 0 }, "maxDepth"],
      [{ jobs: -1 }, "jobs"],
      [{ type: "thing" }, "type"],
      [{ sort: "size" }, "sort"],
      [{ maxResults: 1.5 }, "maxResults"],
      [{ ext: "c" }, "ending"],
    ];
    for (const [options, word] of wrong) {
      expect(() => find("*.c", root, options as FindOptions)).toThrow(word);
      expect(() => findSync("*.c", root, options as FindOptions)).toThrow(UsageError);
    }
    expect(() => find("*", [])).toThrow("root");
    expect(() => find("*", "a\0b")).toThrow("NUL");
    expect(() => find("[", root)).toThrow('"["');
    expect(() => find("*", root, { ignore: { files: [join(dir, "none")] } })).toThrow(SearchError);
  });

  test("R-1 what cannot be listed is told, and the rest is there", async () => {
    const result = await find("*", [join(dir, "none"), root]);
    expect(result).toMatchObject({ rootsFailed: 1, errorCount: 1 });
    expect(result.errors[0]).toMatchObject({ path: join(dir, "none"), error: { code: "E_NOT_FOUND", op: "find" } });
    expect(result.results).toBeGreaterThan(0);
  });

  test("FX-01 200,000 entries come to their end, also when nobody reads on at first", async () => {
    const crowd = makeCrowd(join(dir, "crowd"), 4000);
    const roots = Array.from({ length: 50 }, () => crowd);
    expect(findSync("*", roots).length).toBe(200_000);
    const run = find("*", roots);
    await Bun.sleep(50);
    let n = 0;
    for await (const _ of run) n++;
    expect(n).toBe(200_000);
    expect((await run).results).toBe(200_000);
  });

  test("leaving the iteration ends the walk; a signal does too", async () => {
    for await (const { path } of find("*", root)) {
      expect(path).toBe(join(root, "a"));
      break;
    }
    const failure = await failureOf(async () => {
      await find("*", "/", { signal: AbortSignal.abort(new Error("enough")) });
    });
    expect(failure).toBeInstanceOf(SuiteError);
    expect(failure).toMatchObject({ code: "E_CANCELLED" });
  });
});

describe("gitIgnoreSettings", () => {
  test("the user's file, includes, the repository's, and none", () => {
    makeTree(dir, {
      "home/.gitconfig": '; a comment\n[include]\n\tpath = more\n[core "x"]\nexcludesFile = wrong\n',
      "home/more": "[Core]\n excludesfile = \"~/my \\\"rules\\\"\" ; here\n\tignorecase\n",
      "repository/.git/config": "[core]\n\tignorecase = false\n",
      "repository/sub/file": "",
    });
    const home = join(dir, "home");
    const env = { HOME: home, GIT_CONFIG_NOSYSTEM: "1" };
    expect(gitIgnoreSettings(dir, env)).toEqual({ excludesFile: join(home, 'my "rules"'), ignoreCase: true });
    expect(gitIgnoreSettings(join(dir, "repository/sub"), env)).toEqual({ excludesFile: join(home, 'my "rules"'), ignoreCase: false });
    expect(gitIgnoreSettings(dir, { GIT_CONFIG_NOSYSTEM: "1" })).toEqual({ excludesFile: undefined, ignoreCase: false });
    chmodSync(home, 0o755);
  });
});
