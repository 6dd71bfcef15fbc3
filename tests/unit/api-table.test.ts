// C-06, C-38: every asynchronous function has a synchronous twin, and a test that asks both for each of its cases.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import * as suite from "../../src/index.ts";
import { tar, zip } from "../support/archives.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const big = noise(400_000, 8);
const other = big.slice();
other[399_000]! ^= 1;
makeTree(dir, {
  a: "one\ntwo\n",
  b: "one\ntWo\n",
  big,
  other,
  "L/x": "1",
  "L/y": "2",
  "R/x": "1",
  "R/y": "3",
  "R/z": "4",
  "x.tar": tar([{ name: "x", data: "1" }]),
  "xy.zip": zip([{ name: "y", data: "2" }, { name: "x", data: "1" }]),
});
const at = (name: string) => join(dir, name);

for (const name of ["L", "R"]) {
  if (!Bun.spawnSync(["tar", "-cf", at(`${name}.tar`), "-C", at(name), "."]).success) throw new Error("tar failed");
}

const PAIRS = [
  [at("a"), at("a")],
  [at("a"), at("b")],
  [at("big"), at("other")],
  [at("a"), at("none")],
  [new TextEncoder().encode("one\ntwo\n"), at("a")],
];
const TREES = [
  [at("L"), at("L")],
  [at("L"), at("R")],
  [at("L"), at("none")],
];
const MANY = [
  ["a", "a"],
  ["a", "b", "big"],
  ["big", "other"],
  ["a", "none"],
].map((names) => [names.map(at)]);

/** The arguments of each function, case by case. */
const CASES: Record<string, readonly (readonly unknown[])[]> = {
  compare: [
    ...PAIRS,
    ...TREES,
    [at("a"), at("b"), { locate: true }],
    [at("L"), suite.manifest(new TextEncoder().encode(`${"0".repeat(64)}  x\n`))],
    [at("L"), `manifest:${at("a")}`],
  ],
  compareDir: [...TREES, [at("a"), at("b")]],
  compareArchive: [
    ...TREES,
    [at("L.tar"), at("L")],
    [at("L.tar"), at("R.tar")],
    [at("x.tar"), at("x.tar")],
    [at("x.tar"), at("xy.zip")],
    [at("xy.zip"), at("L")],
    [at("x.tar"), at("none")],
  ],
  compareRanges: [...PAIRS, [at("a"), at("b"), { bytes: true }], [at("L"), at("R")]],
  compareRenames: [...TREES, [at("a"), at("b")], [at("L"), at("R.tar")], [at("L"), at("R"), { oneWay: true }]],
  // A server here could not answer while the blocking twin waits for it.
  compareDirUrls: [
    [at("L"), {}],
    [at("L"), { "a/b": "http://127.0.0.1:1/" }],
    [at("none"), {}],
  ],
  writeManifest: [
    [at("L"), at("L.manifest")],
    [at("R"), at("R.sums"), { format: "sha256sum" }],
    [at("none"), at("none.manifest")],
    [at("L"), at("none/L.manifest")],
    [at("L"), at("L.b3"), { format: "b3sum", algorithm: "sha256" }],
  ],
  compareAll: MANY,
  compareMany: MANY,
};

const isFunction = (name: string) => {
  const value = (suite as Record<string, unknown>)[name];
  return typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value));
};
const functions = Object.keys(suite).filter(isFunction);
/** What does not work for a while: it has no twin. */
const AT_ONCE = ["configure", "gitIgnoreSettings", "manifest", "pathSource", "source", "urlMap"];
/** Their twins have the entries at once, where they have a run of them: tests/unit/find.test.ts. */
const LISTING = ["find"];
const asynchronous = functions.filter((name) => !name.endsWith("Sync") && !AT_ONCE.includes(name));

type Call = (...args: readonly unknown[]) => unknown;
const callOf = (name: string) => (suite as unknown as Record<string, Call>)[name]!;

/** What a call came to, without what depends on the time and the threads. */
async function outcome(name: string, args: readonly unknown[]): Promise<unknown> {
  const stable = (value: unknown) =>
    JSON.parse(
      JSON.stringify(value ?? null, (key, v) => (/^(?:elapsedMs|bytesRead|bytesAvoided)$/.test(key) ? undefined : v)),
    ) as unknown;
  try {
    return stable(await callOf(name)(...args));
  } catch (error) {
    const { code, message, path, errno, exitCode, partial } = error as Record<string, unknown>;
    return { code, message, path, errno, exitCode, partial: stable(partial) };
  }
}

describe("C-38 the table of functions", () => {
  test("each asynchronous one has its twin, and there is no twin without one", () => {
    expect(functions.filter((name) => name.endsWith("Sync")).toSorted()).toEqual(
      asynchronous.map((name) => `${name}Sync`).toSorted(),
    );
    expect([...Object.keys(CASES), ...LISTING].toSorted()).toEqual(asynchronous.toSorted());
  });

  const asked = { asynchronous: 0, synchronous: 0 };
  for (const [name, cases] of Object.entries(CASES)) {
    for (const [i, args] of cases.entries()) {
      test(`${name} and ${name}Sync, case ${i + 1}`, async () => {
        const one = await outcome(name, args);
        asked.asynchronous++;
        const twin = await outcome(`${name}Sync`, args);
        asked.synchronous++;
        expect(twin).toEqual(one);
        // A run is a promise and more; a twin returns the value itself.
        if (typeof (one as { code?: string }).code === "undefined")
          expect(callOf(`${name}Sync`)(...args)).not.toHaveProperty("then");
      });
    }
  }

  test("as many calls of one kind as of the other", () => {
    expect(asked.synchronous).toBe(asked.asynchronous);
    expect(asked.synchronous).toBeGreaterThanOrEqual(Object.values(CASES).flat().length);
  });

  test("all at once, each says what it says alone", async () => {
    const calls = Object.entries(CASES).flatMap(([name, cases]) => cases.map((args) => [name, args] as const));
    const alone = [];
    for (const [name, args] of calls) alone.push(await outcome(name, args));
    for (let round = 0; round < 5; round++) {
      expect(await Promise.all(calls.map(([name, args]) => outcome(name, args)))).toEqual(alone);
    }
  });
});
