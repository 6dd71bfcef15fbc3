// Any bytes as a file of globs, or of paths: none is empty or holds a separator, and none is lost.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGlobs, readPaths } from "../../cli/commands/compare-lists.ts";
import { textOf, type FuzzTarget } from "./kit/target.ts";

const file = join(mkdtempSync(join(tmpdir(), "suite-fuzz-")), "list");

export const target: FuzzTarget = {
  words: ["\n", "\r\n", "\0", "#", "a/b", "../", "*.o"],
  async run(input) {
    const { signal } = new AbortController();
    writeFileSync(file, input);
    for (const [nul, end] of [
      [true, 0],
      [false, 10],
    ] as const) {
      const paths = await readPaths(file, nul, signal);
      assert(paths.every((path) => path.length > 0 && !path.includes(end)));
      const kept = paths.reduce((sum, path) => sum + path.length, 0);
      assert.equal(kept, input.filter((byte) => byte !== end).length);
    }
    const globs = await readGlobs([file], signal);
    assert(globs.every((glob) => glob !== "" && !glob.includes("\n") && !glob.startsWith("#")));
    const lines = textOf(input)
      .replace(/^\ufeff/, "")
      .split("\n");
    assert(globs.every((glob) => lines.includes(glob) || lines.includes(`${glob}\r`)));
  },
};
