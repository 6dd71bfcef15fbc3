// The answer about two trees by a plain reading of both: what suite is held against.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { below } from "./bytes.ts";

/** What stands at a name. */
export type Thing =
  | { kind: "file"; bytes: Buffer }
  | { kind: "symlink"; target: Buffer }
  | { kind: "dir" | "fifo" | "socket" | "block" | "char" };

/** Every name below a folder, each character one byte, and what stands there. */
export function readTree(root: string): Map<string, Thing> {
  const things = new Map<string, Thing>();
  const read = (prefix: string) => {
    const names = readdirSync(below(root, prefix) as never, { encoding: "buffer" }) as unknown as Buffer[];
    for (const name of names) {
      const path = prefix + name.toString("latin1");
      const at = below(root, path);
      const stat = lstatSync(at);
      if (stat.isDirectory()) {
        things.set(path, { kind: "dir" });
        read(`${path}/`);
      } else if (stat.isSymbolicLink()) {
        things.set(path, { kind: "symlink", target: readlinkSync(at, { encoding: "buffer" }) as unknown as Buffer });
      } else if (stat.isFile()) things.set(path, { kind: "file", bytes: readFileSync(at) });
      else
        things.set(path, {
          kind: stat.isFIFO() ? "fifo" : stat.isSocket() ? "socket" : stat.isBlockDevice() ? "block" : "char",
        });
    }
  };
  read("");
  return things;
}

const isBelow = (path: string, tops: ReadonlySet<string>) => {
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
    if (tops.has(path.slice(0, at))) return true;
  return false;
};

/** The entries of two trees in the order of whole paths, as `status path reason` (brief() in json.ts). */
export function answer(left: ReadonlyMap<string, Thing>, right: ReadonlyMap<string, Thing>): string[] {
  const clashes = new Set<string>();
  for (const [path, { kind }] of left) {
    const other = right.get(path)?.kind;
    if (other && kind !== other) clashes.add(path);
  }
  const paths = [...new Set([...left.keys(), ...right.keys()])].filter((path) => !isBelow(path, clashes)).toSorted();
  return paths.map((path) => {
    const [a, b] = [left.get(path), right.get(path)];
    if (!a || !b) return `${a ? "only_left" : "only_right"} ${path}`;
    if (a.kind !== b.kind) return `different ${path} type_mismatch`;
    if (a.kind === "file" && b.kind === "file") {
      if (a.bytes.length !== b.bytes.length) return `different ${path} size_mismatch`;
      return a.bytes.equals(b.bytes) ? `equal ${path}` : `different ${path} content_mismatch`;
    }
    if (a.kind === "symlink" && b.kind === "symlink" && !a.target.equals(b.target))
      return `different ${path} link_target`;
    return `equal ${path}`;
  });
}
