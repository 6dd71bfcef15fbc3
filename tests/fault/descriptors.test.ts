// Descriptors that run out: for a moment, which is not noticed, or for good, which is said.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brief, readJson } from "../cli/kit/json.ts";
import { makeTree, temporaryFolder, type Node } from "../support/temp.ts";
import { ERRNO, struck } from "./kit.ts";

const dir = temporaryFolder();
let count = 0;

const LEFT = new TextEncoder().encode("0123456789abcde\n".repeat(1000));
const RIGHT = LEFT.with(1000, 0);

/** A folder with two files that differ at byte 1000. */
const pair = () => makeTree(join(dir, String(count++)), { left: LEFT, right: RIGHT });

/** A folder with two trees that are equal but for `k.txt`, with `more` in both. */
function trees(more: Record<string, Node> = {}): string {
  const cwd = join(dir, String(count++));
  const both = { "a.txt": "a", "big.bin": LEFT, "sub/one": "1", "sub/two": "2", ...more };
  makeTree(join(cwd, "L"), { ...both, "k.txt": "one" });
  makeTree(join(cwd, "R"), { ...both, "k.txt": "two" });
  return cwd;
}

describe("for a moment", () => {
  test.each([
    ["files", "openat,/L/f,3-9", ERRNO.EMFILE],
    ["files of the whole system", "openat,/R/f,3-9", ERRNO.ENFILE],
    ["a directory", "openat,/L/sub,1", ERRNO.EMFILE],
    ["directories", "openat,/R/d,2-3", ERRNO.EMFILE],
  ])("%s", async (_, call, errno) => {
    const more: Record<string, Node> = {};
    for (let i = 0; i < 40; i++) more[`f${i}`] = more[`d${i}/x`] = String(i);
    const end = await struck(trees(more), `${call},errno,${errno}`, ["-j4", "L", "R"]);
    expect(end).toMatchObject({ code: 1, text: "* k.txt\tcontent_mismatch\n", stderr: "" });
  });

  test.each([
    ["the left operand", "left", "1", ERRNO.EMFILE],
    ["the right operand, while the left is open", "right", "1-3", ERRNO.EMFILE],
    ["an operand, in the whole system", "left", "1-5", ERRNO.ENFILE],
  ])("%s, with nothing else at work", async (_, side, when, errno) => {
    const rule = `openat,/${side},${when},errno,${errno}`;
    const end = await struck(pair(), rule, ["-j1", "left", "right"]);
    expect(end).toMatchObject({ code: 1, text: "left right differ: byte 1001, line 63\n", stderr: "" });
    // Standard input is still all there when the other side is open at last.
    for (const operands of [[side, "-"], ["-", side]]) {
      const same = await struck(pair(), rule, ["-j1", ...operands], side === "left" ? LEFT : RIGHT);
      expect(same).toMatchObject({ code: 0, text: "", stderr: "" });
    }
  });

  test.each([
    ["a tree", "openat,/R,1", []],
    ["a file of a tree", "openat,/L/a.txt,1-3", []],
    ["a directory that given paths lead through", "openat,/R/sub,1-3", ["--ignore-case-names", "--files-from", "list"]],
  ])("%s, with nothing else at work", async (_, call, flags) => {
    const cwd = trees();
    writeFileSync(join(cwd, "list"), "SUB/one\nk.txt\na.txt\n");
    const end = await struck(cwd, `${call},errno,${ERRNO.EMFILE}`, ["-j1", ...flags, "L", "R"]);
    expect(end).toMatchObject({ code: 1, text: "* k.txt\tcontent_mismatch\n", stderr: "" });
  });
});

describe("for good", () => {
  test("a file of a tree: it is unknown, and the rest is told", async () => {
    const end = await struck(trees(), `openat,/L/big.bin,1+,errno,${ERRNO.EMFILE}`, ["--json", "-j4", "L", "R"]);
    const { entries } = readJson(end);
    expect(end.code).toBe(3);
    expect(entries.map(brief)).toEqual(["unknown big.bin E_LIMIT", "different k.txt content_mismatch"]);
  });

  test.each([
    ["left", [], pair],
    ["right", [], pair],
    ["L", [], trees],
    ["R/sub", ["--ignore-case-names", "--files-from", "list"], trees],
  ] as const)("%s, without which nothing can be said: 4, what is wrong and what to do", async (name, flags, make) => {
    const cwd = make();
    writeFileSync(join(cwd, "list"), "SUB/one\n");
    const operands = make === pair ? ["left", "right"] : ["L", "R"];
    const end = await struck(cwd, `openat,/${name},1+,errno,${ERRNO.EMFILE}`, [...flags, ...operands]);
    expect(end).toMatchObject({ code: 4, text: "" });
    expect(end.stderr).toContain("Too many open files (E_LIMIT); raise the limit (ulimit -n)");
  });
});
