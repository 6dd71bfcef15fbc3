// Trees from a seed, the same each time; their sides differ in every way there is.
import { mkdirSync } from "node:fs";
import { Random } from "../../support/random.ts";
import { putDir, putFile, putLink } from "./bytes.ts";

export { Random } from "../../support/random.ts";

/** What a generated tree is like. */
export interface TreeShape {
  /** Names in all, about. */
  names: number;
  /** In percent: how many names differ between the sides. */
  changed: number;
  /** Characters of names, each one byte. */
  alphabet: string;
  depth: number;
}

/** Letters, and bytes that sort, print and split oddly; without those a peer cannot print as they are. */
export const ODD = "abcXYZ019-_. ~+#\xe9\xff";

type Made = "file" | "dir" | "link";

/** Makes `L` and `R` below a folder. */
export function makeTrees(root: string, seed: number, shape: TreeShape): void {
  const random = new Random(seed);
  const sides = [`${root}/L`, `${root}/R`];
  for (const side of sides) mkdirSync(side, { recursive: true });
  let left = shape.names;

  /** Makes something under this name; directories on all these sides are filled. */
  const make = (on: readonly string[], path: string, kind: Made, content: Uint8Array, depth: number) => {
    left--;
    const target = random.pick(["a", "../b", "/nowhere", "."]);
    for (const side of on) {
      if (kind === "file") putFile(side, path, content);
      else if (kind === "link") putLink(side, path, target);
      else putDir(side, path);
    }
    if (kind === "dir") fill(on, `${path}/`, depth + 1);
  };

  const fill = (on: readonly string[], prefix: string, depth: number) => {
    const used = new Set([".", ".."]);
    const names = depth === 0 ? shape.names : random.int(14);
    for (let i = 0; i < names && left > 0; i++) {
      const name = Array.from({ length: 1 + random.int(6) }, () => random.pick([...shape.alphabet])).join("");
      if (used.has(name)) continue;
      used.add(name);
      const kind = random.pick<Made>(depth < shape.depth ? ["file", "file", "dir", "link"] : ["file", "file", "link"]);
      const content = random.bytes(random.chance(2) ? 300_000 : random.int(200));
      const path = prefix + name;
      if (on.length === 1 || !random.chance(shape.changed)) {
        make(on, path, kind, content, depth);
        continue;
      }
      const [one, other] = random.chance(50) ? [on[0]!, on[1]!] : [on[1]!, on[0]!];
      make([one], path, kind, content, depth);
      const how = random.int(4);
      if (how === 0) continue;
      const same = kind === "dir" ? "file" : kind;
      // The same size and other bytes, another size, or another type.
      if (how === 1 && same === "file")
        make(
          [other],
          path,
          "file",
          content.map((byte) => byte ^ 1),
          depth,
        );
      else if (how === 2) make([other], path, same, random.bytes(content.length + 1), depth);
      else make([other], path, random.pick<Made>(["file", "dir", "link"]), content, depth);
    }
  };
  fill(sides, "", 0);
}
