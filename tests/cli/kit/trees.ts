// Two trees in a folder of their own, compared on the command line.
import { expect } from "bun:test";
import { join } from "node:path";
import { makeTree, temporaryFolder, type Node } from "../../support/temp.ts";
import { brief, readJson } from "./json.ts";
import { compare } from "./suite.ts";

/** What the tests of one file share. */
export function treeKit() {
  const dir = temporaryFolder();
  let count = 0;

  /** Two trees `L` and `R` in a folder of their own. */
  function trees(left: Record<string, Node>, right: Record<string, Node>): string {
    const cwd = join(dir, String(count++));
    makeTree(join(cwd, "L"), left);
    makeTree(join(cwd, "R"), right);
    return cwd;
  }

  const told = async (cwd: string, ...flags: string[]) => {
    const { code, text, stderr } = await compare([...flags, "L", "R"], { cwd });
    expect(stderr).toBe("");
    return { code, lines: text.split("\n").slice(0, -1) };
  };

  const json = async (cwd: string, ...flags: string[]) => {
    const end = await compare(["--json", ...flags, "L", "R"], { cwd });
    const { entries, summary } = readJson(end);
    expect(summary.exit).toBe(end.code as number);
    return { entries, summary, briefs: entries.map(brief) };
  };
  return { trees, told, json };
}
