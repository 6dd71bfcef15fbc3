// Against the real cmp: the same verdict, the same words, for generated pairs.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareSync, type PairResult } from "../../src/index.ts";
import { pairLine } from "../../src/report/compare-text.ts";
import { Random } from "../cli/kit/seeded.ts";
import { compare, LIMIT_MS } from "../cli/kit/suite.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const cwd = temporaryFolder();
const cmp = Bun.which("cmp");
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

function ask(...args: string[]): { code: number; text: string } {
  // In its own language, and with the word "byte" that it uses everywhere but in the POSIX locale.
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8" };
  const { exitCode, stdout, stderr } = Bun.spawnSync(["cmp", ...args], { cwd, env, stdout: "pipe", stderr: "pipe" });
  // Known difference: cmp says on standard error, with its name before, which file ends first.
  const text = stdout.toString() + stderr.toString().replace(/^cmp: EOF/, "EOF");
  return { code: exitCode, text };
}

/** Sequences made of few pieces, so that they agree far in, and have lines. */
function bytes(random: Random): Buffer {
  const pieces = ["", "\n", "a", "b\n", "\0", "line of text\n", "x".repeat(5000), "y\n".repeat(3000)];
  return Buffer.from(Array.from({ length: random.int(8) }, () => random.pick(pieces)).join(""));
}

function pair(random: Random): [Buffer, Buffer] {
  const a = bytes(random);
  const how = random.int(4);
  if (how === 0) return [a, bytes(random)];
  if (how === 1) return [Buffer.concat([a, bytes(random)]), Buffer.concat([a, bytes(random)])];
  const b = Buffer.from(a);
  if (b.length > 0 && how === 2) b[random.int(b.length)]! ^= 1 + random.int(255);
  return [a, b];
}

describe.skipIf(!cmp)("cmp", () => {
  test(
    "says the same of 300 generated pairs",
    () => {
      const random = new Random(seed);
      for (let i = 0; i < 300; i++) {
        const [a, b] = pair(random);
        writeFileSync(join(cwd, "a"), a);
        writeFileSync(join(cwd, "b"), b);
        const found = compareSync(join(cwd, "a"), join(cwd, "b"), { locate: true }) as PairResult;
        const text = found.verdict === "equal" ? "" : pairLine("a", "b", found, false).join("");
        expect({ code: found.verdict === "equal" ? 0 : 1, text }, `pair ${i}`).toEqual(ask("a", "b"));
      }
    },
    LIMIT_MS,
  );

  test(
    "says the same on the command line",
    async () => {
      const random = new Random(seed + 1);
      for (let i = 0; i < 40; i++) {
        const [a, b] = pair(random);
        writeFileSync(join(cwd, "a"), a);
        writeFileSync(join(cwd, "b"), b);
        const { code, text, stderr } = await compare(["a", "b"], { cwd });
        expect({ code, text, stderr }, `pair ${i}`).toEqual({ ...ask("a", "b"), stderr: "" });
      }
    },
    LIMIT_MS,
  );

  test(
    "says the same of standard input, of files that the system makes up, and of large files",
    async () => {
      writeFileSync(join(cwd, "a"), "one\ntwo\n");
      for (const other of ["one\ntwo\n", "one\n", "one\ntwo\nthree", "", "onf"]) {
        writeFileSync(join(cwd, "b"), other);
        const stdin = Bun.spawnSync(["sh", "-c", "cmp a - < b"], {
          cwd,
          env: { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8" },
        });
        const ours = await compare(["a", "-"], { cwd, stdin: Buffer.from(other) });
        expect({ code: ours.code, text: ours.text }).toEqual({
          code: stdin.exitCode,
          text: stdin.stdout.toString() + stdin.stderr.toString().replace(/^cmp: EOF/, "EOF"),
        });
      }
      for (const args of [
        ["/proc/version", "/proc/uptime"],
        ["/proc/version", "/proc/version"],
        ["a", "/proc/version"],
      ]) {
        const { code, text } = await compare(args, { cwd });
        expect({ code, text }).toEqual(ask(...args));
      }
      const big = Buffer.alloc(3_000_000, "some line\n");
      writeFileSync(join(cwd, "a"), big);
      for (const at of [0, 262_144, 2_999_999]) {
        const other = Buffer.from(big);
        other[at]! ^= 1;
        writeFileSync(join(cwd, "b"), other);
        const { code, text } = await compare(["a", "b"], { cwd });
        expect({ code, text }).toEqual(ask("a", "b"));
      }
      writeFileSync(join(cwd, "b"), big.subarray(0, 2_000_000));
      expect((await compare(["a", "b"], { cwd })).text).toBe(ask("a", "b").text);
    },
    LIMIT_MS,
  );
});
