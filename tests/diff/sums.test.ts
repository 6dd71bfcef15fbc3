// C-71 against sha256sum itself, and b3sum and hashdeep where they are here: each reads what the other writes, and both say
// the same of trees that changed.
import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../cli/kit/json.ts";
import { Random } from "../cli/kit/seeded.ts";
import { compare } from "../cli/kit/suite.ts";
import { compareSync, manifest, writeManifestSync, type ManifestFormat, type TreeSummary } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

function ask(cwd: string, ...command: string[]): { code: number; text: string } {
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C" };
  const { exitCode, stdout } = Bun.spawnSync(command, { cwd, env, stdout: "pipe", stderr: "pipe" });
  return { code: exitCode, text: stdout.toString("latin1") };
}

/** Names that lists have to escape, or might take for something else. */
const NAMES = ["a", "b c", "sub/d", "sub/ e", "\\f", "g\nh", "i\rj", "*k", "#l", "SHA256 (m) = n", "ö", "sub/deep/o", "-p", "q)", "'r'"];

/** A tree of some of them, with contents of few bytes to several chunks. */
function tree(random: Random, name: string, all = NAMES): { cwd: string; names: string[] } {
  const names = all.filter(() => random.int(3) > 0);
  const contents = names.map((path) => [`d/${path}`, "x".repeat(random.pick([0, 1, 63, 64, 65, 1024, 300_000])) + path] as const);
  return { cwd: makeTree(join(dir, name), { "d/always": "there", ...Object.fromEntries(contents) }), names: ["always", ...names] };
}

/** What `PROGRAM -c` says of each name, in order. */
const verdicts = (text: string) => text.split("\n").filter((line) => /: (?:OK|FAILED)/.test(line)).map((line) => line.endsWith(": OK"));

/** Versions of b3sum differ in what they make of a carriage return, and whether they can write tags. */
const withoutReturns = NAMES.filter((name) => !name.includes("\r"));
const canTag = (program: string) => Bun.spawnSync([program, "--tag", "/dev/null"], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;

const PROGRAMS: readonly (readonly [format: ManifestFormat, program: string, list: readonly string[], check: readonly string[]])[] = [
  ["sha256sum", "sha256sum", ["sha256sum"], ["sha256sum", "-c"]],
  ["sha256sum", "sha256sum", ["sha256sum", "--tag"], ["sha256sum", "-c"]],
  ["b3sum", "b3sum", ["b3sum"], ["b3sum", "--check"]],
  ["b3sum", "b3sum", ["b3sum", "--tag"], ["b3sum", "--check"]],
];

for (const [format, program, list, check] of PROGRAMS) {
  const all = program === "b3sum" ? withoutReturns : NAMES;
  describe.skipIf(!Bun.which(program) || (list.length > 1 && !canTag(program)))(list.join(" "), () => {
    test("each reads what the other wrote", () => {
      const random = new Random(seed);
      for (let round = 0; round < 40; round++) {
        const { cwd, names } = tree(random, `${program}-${list.length}-${round}`, all);
        const root = join(cwd, "d");
        const theirs = ask(root, ...list, "--", ...names);
        expect(theirs.code).toBe(0);
        writeFileSync(join(cwd, "theirs"), theirs.text, "latin1");
        expect({ round, verdict: compareSync(root, manifest(join(cwd, "theirs"))).verdict }).toEqual({ round, verdict: "equal" });
        writeManifestSync(root, join(cwd, "ours"), { format });
        expect(ask(root, ...check, "../ours").code).toBe(0);
        if (list.length === 1) {
          const sorted = (text: string) => text.split("\n").sort();
          expect(sorted(ask(cwd, "cat", "ours").text)).toEqual(sorted(theirs.text));
        }
        expect(compareSync(manifest(join(cwd, "ours"), { format }), manifest(join(cwd, "theirs"), { format })).verdict).toBe("equal");
        rmSync(cwd, { recursive: true });
      }
    });

    test("both say the same of each name of a tree that changed", () => {
      const random = new Random(seed + 1);
      for (let round = 0; round < 40; round++) {
        const { cwd, names } = tree(random, `${program}-${list.length}-changed-${round}`, all);
        const root = join(cwd, "d");
        writeFileSync(join(cwd, "list"), ask(root, ...list, "--", ...names).text, "latin1");
        for (const name of names) {
          const how = random.int(4);
          if (how === 0) writeFileSync(join(root, name), "changed");
          if (how === 1 && name !== "always") rmSync(join(root, name));
        }
        writeFileSync(join(root, "new"), "");
        const result = compareSync(manifest(join(cwd, "list"), { format }), root, { oneWay: true, skipEmptyDirs: true }) as TreeSummary;
        const theirs = ask(root, ...check, "../list");
        expect(verdicts(theirs.text)).toHaveLength(names.length);
        expect({ round, ok: result.counts.equal, broken: result.broken, fails: result.broken > 0 }).toEqual({
          round,
          ok: verdicts(theirs.text).filter((ok) => ok).length,
          broken: verdicts(theirs.text).filter((ok) => !ok).length,
          fails: theirs.code !== 0,
        });
        rmSync(cwd, { recursive: true });
      }
    });
  });
}

describe.skipIf(!Bun.which("hashdeep"))("hashdeep", () => {
  const cwd = makeTree(join(dir, "hashdeep"), { "d/a": "one", "d/b, c": "two", "d/sub/d": "x".repeat(300_000) });

  test("each reads what the other wrote", async () => {
    const theirs = ask(join(cwd, "d"), "hashdeep", "-c", "md5,sha256", "-rl", ".");
    writeFileSync(join(cwd, "theirs"), theirs.text, "latin1");
    expect(await compare(["d", "--manifest", "theirs"], { cwd })).toMatchObject({ code: 0, text: "" });
    await compare(["d", "--write-manifest", "ours", "--manifest-format", "hashdeep"], { cwd });
    // It knows names as they are spelled: a star gives them without a dot.
    const audit = () => ask(join(cwd, "d"), "sh", "-c", "hashdeep -c sha256 -arl -k ../ours *");
    expect(audit()).toMatchObject({ code: 0, text: expect.stringContaining("Audit passed") });
    writeFileSync(join(cwd, "d/a"), "0ne");
    expect(audit().code).not.toBe(0);
    const { entries, summary } = readJson(await compare(["--json", "d", "--manifest", "theirs"], { cwd }));
    expect(entries).toMatchObject([{ path: "a", error: { code: "E_VERIFY" } }]);
    expect(summary.exit).toBe(5);
  });
});

test("BLAKE3 of bytes whose digests its authors give", () => {
  // The bytes 0 to 250 again and again, of such lengths: test_vectors.json of the BLAKE3 repository.
  const vectors: Readonly<Record<number, string>> = {
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    1023: "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
    1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    1025: "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    102400: "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
  };
  const lengths = Object.keys(vectors).map(Number);
  const cwd = makeTree(join(dir, "vectors"), Object.fromEntries(lengths.map((n) => [`d/${n}`, Uint8Array.from({ length: n }, (_, i) => i % 251)])));
  const lines = lengths.map((n) => `${vectors[n]}  ${n}\n`).join("");
  expect(compareSync(join(cwd, "d"), manifest(Buffer.from(lines))).proofs).toEqual({ "hash:blake3": lengths.length });
});
