// Files and trees below the system's temporary folder, removed after the tests of the file that made them.
import { afterAll, setDefaultTimeout } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export { noise } from "./random.ts";

/** How long one test may take, on a machine that does something else as well: for what hangs. */
const LIMIT_MS = 60_000;

/** A folder of its own for one test file, whose tests are given a common time limit with it. */
export function temporaryFolder(prefix = "suite-test-"): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  // Not at the top of this module: that runs once for all files of a process.
  setDefaultTimeout(LIMIT_MS);
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What stands at a path: text or bytes of a file, `{ link }`, or nothing for an empty directory. */
export type Node = string | Uint8Array | { link: string } | null;

/** Makes a tree: paths below `root` and what stands there. Returns `root`. */
export function makeTree(root: string, nodes: Record<string, Node>): string {
  mkdirSync(root, { recursive: true });
  for (const [path, node] of Object.entries(nodes)) {
    const at = join(root, path);
    mkdirSync(node === null ? at : dirname(at), { recursive: true });
    if (node === null) continue;
    if (typeof node === "string" || node instanceof Uint8Array) writeFileSync(at, node);
    else symlinkSync(node.link, at);
  }
  return root;
}

/** Makes a directory of `count` empty files whose names are long, so that few records of them fill a ring. */
export function makeCrowd(root: string, count: number): string {
  mkdirSync(root, { recursive: true });
  for (let i = 0; i < count; i++) writeFileSync(join(root, `${String(i).padStart(6, "0")}-${"n".repeat(90)}`), "");
  return root;
}
