// What two trees are where spelling does not count, by a plain reading of both: what suite is held against.
import type { Thing } from "./model.ts";

/** What does not count. */
export interface Spelling {
  ignoreCaseNames: boolean;
  normalize: "none" | "nfc";
}

/**
 * Folds the case of one character, by what JavaScript has: that of a capital's small letter, over both mappings, since
 * some letters have only one of them. The Turkish dotless i, whose capital is that of i, is a letter of its own.
 */
function foldPoint(point: string): string {
  if (point === "\u0131") return point;
  const lower = (text: string) => Array.from(text, (one) => one.toLowerCase()).join("");
  return lower(lower(point).toUpperCase());
}

/** The key of a name, which is text. */
export function keyOf(name: string, { ignoreCaseNames, normalize }: Spelling): string {
  const form = (text: string) => (normalize === "nfc" ? text.normalize("NFD") : text);
  const folded = ignoreCaseNames ? Array.from(form(name), foldPoint).join("") : name;
  return form(folded);
}

/** One entry: what stands there on each side, under which names. */
export interface Told {
  path: string;
  pathRight?: string;
  status: "both" | "only_left" | "only_right" | "collision";
  /** Another spelling of a name that is on one side only is beside it. */
  spelled: boolean;
  things: [Thing | undefined, Thing | undefined];
}

type Side = ReadonlyMap<string, Thing>;

const text = (latin1: string) => Buffer.from(latin1, "latin1").toString();
const latin1 = (name: string) => Buffer.from(name).toString("latin1");

/** Names directly below a path of a tree; text, while the tree has a character for each byte. */
function namesIn(side: Side, dir: string | undefined): string[] {
  if (dir === undefined) return [];
  const prefix = latin1(dir);
  const paths = [...side.keys()].filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"));
  return paths.map((path) => text(path.slice(prefix.length)));
}

/** The names of two trees that go together, in the order in which they are told. */
export function match(left: Side, right: Side, spelling: Spelling): Told[] {
  const told: Told[] = [];
  const visit = (dirs: [string | undefined, string | undefined], shown: string) => {
    const names: [string[], string[]] = [namesIn(left, dirs[0]), namesIn(right, dirs[1])];
    const keys = new Set(names.flat().map((name) => keyOf(name, spelling)));
    for (const key of keys) {
      const of = names.map((all) => all.filter((name) => keyOf(name, spelling) === key)) as [string[], string[]];
      const pairs: [string | undefined, string | undefined][] = of[0]
        .filter((name) => of[1].includes(name))
        .map((name) => [name, name]);
      const rest = [0, 1].map((side) => of[side]!.filter((name) => !of[1 - side]!.includes(name))) as [string[], string[]];
      const alone = of[0].length <= 1 && of[1].length <= 1;
      if (alone && rest[0].length === 1 && rest[1].length === 1) pairs.push([rest[0][0], rest[1][0]]);
      else {
        pairs.push(...rest[0].map((name): [string, undefined] => [name, undefined]));
        pairs.push(...rest[1].map((name): [undefined, string] => [undefined, name]));
      }
      for (const [l, r] of pairs) {
        const both = l !== undefined && r !== undefined;
        const several = !both && !alone;
        const other = l === undefined ? of[0] : of[1];
        const path = shown + (l ?? r);
        const paths = [l === undefined ? undefined : dirs[0]! + l, r === undefined ? undefined : dirs[1]! + r] as const;
        const things: Told["things"] = [
          paths[0] === undefined ? undefined : left.get(latin1(paths[0])),
          paths[1] === undefined ? undefined : right.get(latin1(paths[1])),
        ];
        const collision = several && other.length > 0;
        const status = both ? "both" : collision ? "collision" : l === undefined ? "only_right" : "only_left";
        told.push({
          path,
          ...(paths[1] !== undefined && paths[1] !== path && { pathRight: paths[1] }),
          status,
          spelled: several && !collision,
          things,
        });
        const kinds = new Set(things.filter((thing) => thing !== undefined).map(({ kind }) => kind));
        if (collision || kinds.size !== 1 || !kinds.has("dir")) continue;
        const below = paths.map((one) => (one === undefined ? undefined : `${one}/`)) as typeof dirs;
        visit(below, `${path}/`);
      }
    }
  };
  visit(["", ""], "");
  return told.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** An entry in few words, as brief() in json.ts with the path on the right behind it. */
export function words({ path, pathRight, status, spelled, things: [a, b] }: Told): string {
  const what = () => {
    if (status === "collision") return ["unknown", "E_NAME_COLLISION"];
    if (status !== "both") return [status, spelled ? "name_collision" : ""];
    if (a?.kind !== b?.kind) return ["different", "type_mismatch"];
    if (a?.kind === "file" && b?.kind === "file" && !a.bytes.equals(b.bytes)) {
      return ["different", a.bytes.length === b.bytes.length ? "content_mismatch" : "size_mismatch"];
    }
    if (a?.kind === "symlink" && b?.kind === "symlink" && !a.target.equals(b.target)) return ["different", "link_target"];
    return ["equal", ""];
  };
  const [word, why] = what();
  return [`${word} ${path}`, why, pathRight === undefined ? "" : `(${pathRight})`].filter(Boolean).join(" ");
}
