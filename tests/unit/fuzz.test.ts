// Fuzzing itself: what it finds is told with its bytes, also where the target does not live to tell it.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";
import { describeFinding } from "../../scripts/fuzz/finding.ts";
import { Fuzzer } from "../../scripts/fuzz/fuzzer.ts";
import { corpusOf, fuzzTargets, type FuzzTarget } from "../../scripts/fuzz/targets.ts";
import { LONGEST, mutated } from "../fuzz/kit/mutate.ts";
import { ROOT, runCommand } from "../support/child.ts";
import { Random } from "../support/random.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const targets = fuzzTargets(ROOT);

describe("targets", () => {
  test("every parser has one, and each has inputs whose names say what they are", () => {
    expect(targets.map(({ name }) => name)).toEqual(
      "archives arguments batches config dates durations elf fold glob http_headers ignore lists manifest operands options paths records sizes variables".split(
        " ",
      ),
    );
    expect(readdirSync(join(ROOT, "tests/fuzz/corpus")).sort()).toEqual(targets.map(({ name }) => name));
    for (const target of targets) {
      const files = corpusOf(ROOT, target);
      expect(files.length, target.name).toBeGreaterThan(5);
      for (const file of files) expect(basename(file)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      // A finding is kept under a name of its own, not under its hash.
      for (const file of files) expect(basename(file)).not.toMatch(/[0-9a-f]{16}/);
      expect(files.filter((file) => readFileSync(join(ROOT, file)).length > 20_000)).toEqual([]);
    }
  });

  test("those in C run without libFuzzer too", async () => {
    const { fuzzTargets: programs } = await buildNative({ variant: "debug", half: "file", fuzz: true });
    const inC = targets.filter(({ language }) => language === "c");
    expect(programs.map((path) => basename(path))).toEqual(inC.map(({ name }) => `${name}_fuzz`));
    for (const [at, target] of inC.entries()) {
      const ended = await runCommand([programs[at] ?? "", ...corpusOf(ROOT, target)], { seconds: 60 });
      expect(ended).toMatchObject({ code: 0, stdout: "" });
      expect(ended.stderr.match(/^Running: /gm)?.length).toBe(corpusOf(ROOT, target).length);
    }
    expect(await runCommand([programs[0] ?? "", join(dir, "missing")])).toMatchObject({ code: 4 });
  }, 300_000);
});

describe("mutations", () => {
  const corpus = ["", "one", "two of them"].map((text) => new TextEncoder().encode(text));
  const context = { corpus, words: [new TextEncoder().encode("WORD")] };
  const some = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 3000 }, () => Buffer.from(mutated(random, context)).toString("latin1"));
  };

  test("are the same for a seed, others for another, of every kind, and bounded", () => {
    const found = some(1);
    expect(some(1)).toEqual(found);
    expect(some(2)).not.toEqual(found);
    expect(new Set(found).size).toBeGreaterThan(1500);
    expect(found.some((text) => text.includes("WORD"))).toBe(true);
    expect(found.some((text) => text.includes("one") && text.includes("them"))).toBe(true);
    expect(found.every((text) => text.length <= LONGEST)).toBe(true);
    expect(corpus.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["", "one", "two of them"]);
  });
});

/** A checkout with nothing but one target in TypeScript, and one input for it. */
function checkout(name: string, body: string, input: string): { root: string; target: FuzzTarget } {
  const root = join(dir, name);
  mkdirSync(join(root, `tests/fuzz/corpus/${name}`), { recursive: true });
  mkdirSync(join(root, "tmp"));
  mkdirSync(join(root, "tests/fuzz/kit"));
  writeFileSync(
    join(root, "tests/fuzz/kit/main.ts"),
    `await import(${JSON.stringify(join(ROOT, "tests/fuzz/kit/main.ts"))});`,
  );
  writeFileSync(
    join(root, `tests/fuzz/${name}_fuzz.ts`),
    `export const target = { words: ["boom"], run(input) { const text = new TextDecoder().decode(input); ${body} } };`,
  );
  writeFileSync(join(root, `tests/fuzz/corpus/${name}/first`), input);
  const [target] = fuzzTargets(root);
  if (!target) throw new Error("no target");
  return { root, target };
}

const fuzzerOf = ({ root }: { root: string }) => Fuzzer.ofScripts({ root, temporary: join(root, "tmp") });
const limits = { runs: 20_000, seconds: 0, seed: 1 };

describe("a finding", () => {
  test.each([
    ["throws", `if (text.includes("boom")) throw new Error("it went boom");`, /exit code 1/],
    ["dies", `if (text.includes("boom")) process.kill(process.pid, "SIGKILL");`, /killed by SIGKILL/],
  ])("of a target that %s is told with its bytes, and kept", async (name, body, how) => {
    const { root, target } = checkout(name, body, "input");
    const fuzzer = fuzzerOf({ root });
    expect(await fuzzer.replay(target, corpusOf(root, target))).toBeUndefined();
    const { finding } = await fuzzer.fuzz(target, limits);
    if (!finding?.file || !finding.bytes) throw new Error("nothing was found");
    const input = Buffer.from(finding.bytes);
    expect(input.toString()).toContain("boom");
    expect(readFileSync(join(root, finding.file))).toEqual(input);
    const text = describeFinding(target, finding);
    expect(text).toMatch(how);
    expect(text).toContain(input.toString("base64"));
    expect(text).toContain("62 6f 6f 6d");
    expect(text).toContain(`bun scripts/fuzz.ts ${name} ${finding.file}\n`);
    // What it says to do does it.
    const again = await fuzzer.replay(target, [`tests/fuzz/corpus/${name}/first`, finding.file]);
    expect(again).toMatchObject({ file: finding.file, bytes: finding.bytes });
  });

  test("there is none where all is well; inputs differ, and each is a copy", async () => {
    const at = checkout(
      "well",
      `globalThis.seen ??= new Set(); seen.add(text); input.fill(0); if (seen.size > 4000) console.log("many");`,
      "input",
    );
    let printed = "";
    const fuzzed = await fuzzerOf(at).fuzz(at.target, { ...limits, onOutput: (text) => (printed += text) });
    expect(fuzzed).toEqual({ finding: undefined, runs: 20_000 });
    expect(printed).toContain("many");
    expect(
      existsSync(join(at.root, ".cache/fuzz/findings/well")) && readdirSync(join(at.root, ".cache/fuzz/findings/well")),
    ).toEqual([]);
  });

  test("the command line refuses what it does not know", async () => {
    const fuzz = (...args: string[]) => runCommand([process.execPath, "scripts/fuzz.ts", ...args]);
    expect(await fuzz("nothing")).toMatchObject({ code: 2, stderr: expect.stringContaining("no target nothing") });
    expect(await fuzz("sizes", "--runs", "-1")).toMatchObject({ code: 2 });
    expect(await fuzz()).toMatchObject({ code: 2, stderr: expect.stringContaining("glob") });
    expect(await fuzz("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--runs N") });
  });
});
