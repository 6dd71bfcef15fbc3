// Memory that runs out, and how much of it is used.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../cli/kit/json.ts";
import { compare as cli, LIMIT_MS, start } from "../cli/kit/suite.ts";
import { core } from "../../src/ffi/load.ts";
import {
  compare,
  compareDirSync,
  compareRenamesSync,
  compareSync,
  manifest,
  source,
  SuiteError,
  writeManifest,
  writeManifestSync,
  type CompareOptions,
  type EntryRecord,
  type PairResult,
  type TreeSummary,
} from "../../src/index.ts";
import { tar, zip } from "../support/archives.ts";
import { runScript } from "../support/child.ts";
import { counters, leavesNothing, settle } from "../support/counters.ts";
import { HttpServer, serveFile } from "../support/http-server.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const MiB = 2 ** 20;
const GiB = 2 ** 30;

const failAt = (nth: number) => core().core_test_fail_alloc(nth);
afterAll(() => void failAt(0));

/** Bytes in use when all is over: what the last thread gives back may come a moment after the end of its run. */
async function quiet(expected = 0): Promise<number> {
  await settle();
  for (let i = 0; i < 200 && counters().bytes > expected; i++) await Bun.sleep(expected > 0 ? 10 : 1);
  return counters().bytes;
}

describe("an allocation that fails", () => {
  makeTree(dir, { small: "1", other: "2", copy: "1" });
  const bytes = noise(3 * MiB, 2);
  const changed = bytes.slice();
  changed[2_900_000] = changed[2_900_000]! ^ 1;
  makeTree(dir, { big: bytes, bigger: changed, "big-copy": bytes });
  const both = { a: "1", "d/e/f": "x", "d/g": "y", big: bytes, link: { link: "a" }, "z/z": "z" };
  makeTree(join(dir, "L"), { ...both, k: "one", "gone/x/y": "1" });
  makeTree(join(dir, "R"), { ...both, k: "two", new: "1" });
  makeTree(join(dir, "same"), { ...both, k: "one", "gone/x/y": "1" });
  makeTree(join(dir, "old"), { a: "1", "d/big": bytes, k: "one" });
  makeTree(join(dir, "moved"), { b: "1", big: bytes, k: "two" });
  makeTree(dir, { "moved.tar": tar([{ name: "big", data: bytes }, { name: "b", data: "1" }, { name: "k", data: "two" }]) });
  const core = [{ name: "x", data: "1" }, { name: "d/y", data: bytes.subarray(0, 300_000) }];
  const inner = (backwards: boolean) => tar([{ name: "core", data: backwards ? zip(core) : tar(core) }, { name: "n", data: "n" }]);
  makeTree(dir, { "outer.tar": tar([{ name: "in", data: inner(false) }]), "outer.zip": zip([{ name: "in", data: inner(true) }]) });
  makeTree(join(dir, "packed"), { in: inner(false), also: tar(core) });
  makeTree(join(dir, "packed too"), { in: inner(true), also: tar(core.slice(1)) });
  beforeAll(async () => {
    // Each thread of the pool makes its buffers when it first needs them, and keeps them.
    for (let i = 0; i < 20; i++) await compare(path("L"), path("R"));
    await compare(path("big"), path("big-copy"));
    await writeManifest(path("L"), path("L.list"));
  });
  const path = (name: string) => join(dir, name);

  type Answer = PairResult | TreeSummary;

  /** The answer, or the error when it says what else it knows. */
  const iterated = async (a: string, b: string, options: CompareOptions = {}): Promise<[Answer, EntryRecord[]]> => {
    const run = compare(path(a), path(b), options);
    const entries: EntryRecord[] = [];
    for await (const entry of run) entries.push(entry);
    return [await run, entries];
  };

  const scenarios: [name: string, verdict: string, ask: () => Promise<[Answer, EntryRecord[]]> | Answer][] = [
    ["small files that are the same", "equal", () => compareSync(path("small"), path("copy"))],
    ["small files that differ", "different", () => compareSync(path("small"), path("other"), { locate: true })],
    ["large files that are the same", "equal", () => compareSync(path("big"), path("big-copy"))],
    ["large files that differ", "different", () => compareSync(path("big"), path("bigger"), { locate: true })],
    ["bytes", "different", () => compareSync(bytes, changed, { locate: true })],
    ["made-up files", "different", () => compareSync("/proc/version", "/proc/uptime")],
    ["trees that are the same", "equal", () => compareSync(path("L"), path("same"))],
    ["trees that differ", "different", () => iterated("L", "R")],
    ["trees that differ, all entries", "different", () => iterated("L", "R", { allEntries: true, jobs: 1 })],
    ["trees that differ, collapsed", "different", () => iterated("R", "L", { collapse: true })],
    ["a tree against its manifest", "equal", () => compareSync(path("L"), manifest(path("L.list")))],
    ["a tree against another's manifest", "different", () => compareSync(path("R"), manifest(path("L.list")))],
    ["manifests that are the same", "equal", () => compareSync(manifest(path("L.list")), manifest(path("L.list")))],
    ["files that were moved", "different", () => compareRenamesSync(path("old"), path("moved"))],
    ["files that were moved in an archive", "different", () => compareRenamesSync(path("old"), path("moved.tar"))],
    ["archives in an archive", "equal", () => compareSync(path("outer.tar"), path("outer.zip"), { nested: 2 })],
    ["archives in trees", "different", () => compareSync(path("packed"), path("packed too"), { nested: 2 })],
    ["a file iterated", "different", () => iterated("small", "other", { locate: true })],
  ];

  test.each(scenarios)(
    "%s: E_MEMORY or the right answer, and nothing is lost",
    async (_, verdict, ask) => {
      const check = (answer: Answer | [Answer, EntryRecord[]]) => {
        const [result, entries] = Array.isArray(answer) ? answer : [answer, []];
        expect([verdict, "unknown"]).toContain(result.verdict);
        for (const { path: name, status } of entries) {
          if (status === "equal") expect(["a", "d", "d/e", "d/e/f", "d/g", "big", "link", "z", "z/z"]).toContain(name);
          if (status === "unknown") expect(result.counts.unknown).toBeGreaterThan(0);
        }
        return result.verdict;
      };
      const round = async () => {
        let met = 0;
        let untroubled = 0;
        // An allocation that was not needed after all may fail unnoticed, so several good answers end it.
        for (let nth = 1; untroubled < 12 && nth < 2000; nth++) {
          failAt(nth);
          try {
            untroubled = check(await ask()) === verdict ? untroubled + 1 : 0;
          } catch (error) {
            failAt(0);
            if (!(error instanceof SuiteError)) throw error;
            expect(error.code).toBe("E_MEMORY");
            expect(error.exitCode).toBe(4);
            const known = error.partial as Answer | undefined;
            if (verdict === "different") expect(known?.verdict).not.toBe("equal");
            else expect(known?.verdict ?? "unknown").toBe("unknown");
            met++;
            untroubled = 0;
          }
          failAt(0);
        }
        expect(untroubled).toBe(12);
        expect(met).toBeGreaterThan(0);
        expect<string>(check(await ask())).toBe(verdict);
      };
      // The first round also makes what stays on purpose: threads, their buffers, lists that have grown.
      await round();
      const before = await quiet();
      for (let i = 0; i < 3; i++) await round();
      // An object or two are given back by whatever run comes next; one lost at each failure would be many times more.
      expect(await quiet(before)).toBeLessThan(before + 2048);
    },
    LIMIT_MS,
  );

  test("a manifest is written whole, or not at all", async () => {
    const list = path("written.list");
    const text = (at: string) => readFileSync(at, "utf8").split("\n").slice(1).join("\n");
    const round = async () => {
      let met = 0;
      let untroubled = 0;
      for (let nth = 1; untroubled < 12 && nth < 2000; nth++) {
        failAt(nth);
        let code: string | undefined;
        try {
          expect(writeManifestSync(path("L"), list, { jobs: 2 })).toMatchObject({ entries: 13, unknown: 0 });
        } catch (error) {
          failAt(0);
          if (!(error instanceof SuiteError)) throw error;
          ({ code } = error);
        }
        failAt(0);
        expect([undefined, "E_MEMORY"]).toContain(code);
        expect(existsSync(list)).toBe(code === undefined);
        if (code === undefined) expect(text(list)).toBe(text(path("L.list")));
        untroubled = code === undefined ? untroubled + 1 : 0;
        met += code === undefined ? 0 : 1;
        for (const end of ["", ".partial", ".partial.old", ".new"]) rmSync(list + end, { force: true });
      }
      expect([untroubled, met > 10]).toEqual([12, true]);
    };
    await round();
    const before = await quiet();
    for (let i = 0; i < 3; i++) await round();
    expect(await quiet(before)).toBeLessThan(before + 2048);
  });

  test.each([true, false])(
    "a URL against a file, its place looked for %p",
    async (locate) => {
      await using server = await HttpServer.start((request, reply) => {
        if (request.path !== "/moved") return serveFile(request, reply, { bytes });
        return reply.head(302, { Location: "/big", "Content-Length": "0" });
      });
      const how = { url: server.url("moved").replace("//", "//me:word@"), headers: { "X-Key": "k" }, trustDigest: true };
      const ask = async (name: string) => (await compare(path(name), source(how), { locate })).verdict;
      for (const [name, verdict] of [["big", "equal"], ["bigger", "different"]] as const) {
        expect<string>(await ask(name)).toBe(verdict);
        const before = await quiet();
        let met = 0;
        for (let nth = 1; nth < 60; nth++) {
          failAt(nth);
          const said = await ask(name).catch((error: SuiteError) => error.code);
          failAt(0);
          expect([verdict, "E_MEMORY"]).toContain(said);
          met += said === "E_MEMORY" ? 1 : 0;
        }
        expect(met).toBeGreaterThan(10);
        expect(await quiet(before)).toBeLessThanOrEqual(before);
      }
    },
    LIMIT_MS,
  );

  test(
    "a stream against a file",
    async () => {
      const ask = async () => (await compare(new Blob([bytes]), path("bigger"), { locate: true })).verdict;
      expect(await ask()).toBe("different");
      const before = await quiet();
      let met = 0;
      for (let nth = 1; nth < 40; nth++) {
        failAt(nth);
        const said = await ask().catch((error: SuiteError) => error.code);
        failAt(0);
        expect(["different", "E_MEMORY"]).toContain(said);
        met += said === "E_MEMORY" ? 1 : 0;
      }
      expect(met).toBeGreaterThan(2);
      expect(await quiet(before)).toBeLessThanOrEqual(before);
    },
    LIMIT_MS,
  );

  test("lists of a directory", () => {
    for (let nth = 1; nth < 60; nth++) {
      failAt(nth);
      try {
        const { verdict, onlyLeft, diff, errors } = compareDirSync(path("L"), path("R"));
        if (verdict === "different" && Object.keys(errors).length === 0) {
          expect({ onlyLeft, diff }).toEqual({
            onlyLeft: ["gone", "gone/x", "gone/x/y"],
            diff: { k: "content_mismatch" },
          });
        }
      } catch (error) {
        expect((error as SuiteError).code).toBe("E_MEMORY");
      } finally {
        failAt(0);
      }
    }
  });

  test(
    "the first one of a process: the next attempt works",
    async () => {
      // The pump, the pool and its threads are made by the first run.
      const script = (nth: number) => `
      import { compareSync } from "suite";
      const { core } = await import(${JSON.stringify(new URL("../../src/ffi/load.ts", import.meta.url).pathname)});
      for (let nth = ${nth}; nth < ${nth} + 1; nth++) {
        core().core_test_fail_alloc(nth);
        try { compareSync(${JSON.stringify(path("big"))}, ${JSON.stringify(path("big-copy"))}); }
        catch (error) { if (error.code !== "E_MEMORY") throw error; console.log("met"); }
        core().core_test_fail_alloc(0);
      }
      console.log(compareSync(${JSON.stringify(path("big"))}, ${JSON.stringify(path("big-copy"))}).verdict);`;
      const said = [];
      for (let nth = 1; nth <= 12; nth++) said.push(await runScript(script(nth)));
      for (const { code, stdout, stderr } of said) {
        expect({ code, stderr, verdict: stdout.trimEnd().split("\n").at(-1) }).toEqual({
          code: 0,
          stderr: "",
          verdict: "equal",
        });
      }
      expect(said.filter(({ stdout }) => stdout.startsWith("met")).length).toBeGreaterThan(3);
    },
    LIMIT_MS,
  );
});

describe("how much memory is used", () => {
  let base = 0;
  // A generous bound: the collector of JavaScript decides when it works.
  const ROOM = 64 * MiB;

  beforeAll(async () => {
    base = (await cli(["--json", "small", "copy"], { cwd: dir })).maxRss;
    expect(base).toBeGreaterThan(MiB);
  });

  test(
    "1 GiB takes no more than a few bytes do",
    async () => {
      // One side without holes, so that all of it is read.
      const make = `truncate -s ${GiB} left && fallocate -l ${GiB} right`;
      expect(Bun.spawnSync(["sh", "-c", make], { cwd: dir }).success).toBe(true);
      const end = await cli(["--json", "left", "right"], { cwd: dir });
      expect(readJson(end).summary).toMatchObject({ verdict: "equal", bytes_read: 2 * GiB });
      expect(end.maxRss).toBeLessThan(base + ROOM);
      const stream = await cli(["--json", "left", "-"], { cwd: dir, shell: '"$@" < right' });
      expect(readJson(stream).summary).toMatchObject({ verdict: "equal", bytes_read: 2 * GiB });
      Bun.spawnSync(["rm", "left", "right"], { cwd: dir });
    },
    LIMIT_MS,
  );

  test(
    "60,000 entries take no more than a few do",
    async () => {
      const tree = join(dir, "many");
      const DIRS = 120;
      const NAMES = 500;
      mkdirSync(join(tree, "0"), { recursive: true });
      writeFileSync(join(tree, "0/file"), "");
      mkdirSync(join(dir, "none"));
      // Most of the time of making a file goes into its inode: names are many, files few.
      for (let d = 0; d < DIRS; d++) {
        if (d > 0) mkdirSync(join(tree, String(d)));
        if (d > 0) writeFileSync(join(tree, String(d), "file"), "");
        for (let i = 1; i < NAMES; i++) linkSync(join(tree, String(d), "file"), join(tree, String(d), `name-${i}`));
      }
      const same = await cli(["--json", "--all-entries", "many", "many"], { cwd: dir, shell: '"$@" | tail -1' });
      expect(JSON.parse(same.text)).toMatchObject({ verdict: "equal", equal: DIRS * NAMES + DIRS });
      for (const [a, b, flags] of [
        ["many", "many", []],
        ["many", "none", []],
        ["many", "none", ["--all-entries"]],
      ] as const) {
        const child = start(["compare", "--json", ...flags, a, b], { cwd: dir });
        let lines = 0;
        for await (const chunk of child.stdout) for (const byte of chunk) if (byte === 10) lines++;
        await child.exited;
        expect(child.exitCode).toBe(a === b ? 0 : 1);
        expect(lines).toBe(a === b ? 1 : DIRS * NAMES + DIRS + 1);
        expect(child.resourceUsage()?.maxRSS ?? Infinity).toBeLessThan(base + ROOM);
      }
      Bun.spawnSync(["rm", "-rf", "many"], { cwd: dir });
    },
    LIMIT_MS,
  );
});
