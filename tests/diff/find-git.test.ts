// Which names are ignored, against git itself: seeded rules of every form, at several levels, over one tree of odd names.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findSync } from "../../src/index.ts";
import { Random } from "../cli/kit/seeded.ts";
import { leavesNothing } from "../support/counters.ts";
import { temporaryFolder } from "../support/temp.ts";

leavesNothing();
const git = Bun.which("git");
const seed = Number(process.env["SUITE_SEED"] ?? Date.now() % 2 ** 31);
/** The whole run of 100,000 is for whoever changes the matcher: SUITE_ROUNDS=100000. */
const ROUNDS = Number(process.env["SUITE_ROUNDS"] ?? 1000);
console.log(`seed ${seed}`);

const NAMES = [
  "a", "b", "ab", "abc", "foo", "foo.c", "Foo.C", "x.tmp", "a b", "a ", "[a]", "a*b", "a?b", "\u00e4", "-", "!a", "#b", "a\\b",
  "{a,b}", "a\tb", "a\rb", ".x", "~", "A", "0", "a\nb", "ac", "a.b", "a-",
];
const PIECES = [
  "a", "b", "foo", ".c", "*", "*", "**", "?", "/", "/", "**/", "/**", "/**/", "[a]", "[!a]", "[^b-f]", "[]]", "[a-", "[b-a]",
  "[[:alpha:]]", "[[:upper:]x]", "[[:foo:]]", "[[:alpha]", "\\", "\\*", "\\ ", " ", "\t", "\r", "!", "#", "{a,b}", "\u00e4", "[\\]]",
  "[\\a-c]", "[--0]", "[/]", "***", ".x", "A", "[A-F]", "[", "]", "[[:punct:]]", "x.tmp", "ab", "*.c", "a*",
];

/** A repository with the odd names in three levels. */
function makeRepository(root: string, random: Random): { dirs: string[]; paths: string[] } {
  const dirs = [""];
  const paths: string[] = [];
  const fill = (dir: string, depth: number) => {
    for (const name of NAMES) {
      if (depth > 0 && random.int(3) > 0) continue;
      const path = dir === "" ? name : `${dir}/${name}`;
      paths.push(path);
      if (depth < 3 && random.int(4) === 0) {
        mkdirSync(join(root, path));
        dirs.push(path);
        fill(path, depth + 1);
      } else {
        writeFileSync(join(root, path), "");
      }
    }
  };
  fill("", 0);
  return { dirs, paths };
}

function rule(random: Random, paths: readonly string[]): string {
  let text = "";
  if (random.int(2) === 0 && paths.length > 0) {
    text = random.pick(paths);
    if (random.int(3) === 0) text = text.slice(0, random.int(text.length + 1)) + random.pick(PIECES);
  } else {
    for (let n = 1 + random.int(4); n > 0; n--) text += random.pick(PIECES);
  }
  if (random.int(5) === 0) text = `/${text}`;
  if (random.int(5) === 0) text += "/";
  return random.int(4) === 0 ? `!${text}` : text;
}

describe.skipIf(git === null)("FP-09 names that are ignored", () => {
  const folder = temporaryFolder();

  test("are those that git ignores, in every directory and with every number of threads", () => {
    const random = new Random(seed);
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: join(folder, "none"), GIT_CONFIG_NOSYSTEM: "1" };
    const run = (root: string, ...args: string[]) => {
      const { exitCode, stdout, stderr } = Bun.spawnSync(["git", ...args], { cwd: root, env });
      expect({ exitCode, stderr: stderr.toString() }).toMatchObject({ exitCode: 0 });
      return stdout;
    };
    const split = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1").split("\0").filter(Boolean);
    let root = "";
    let world = { dirs: [""], paths: [""] };
    for (let round = 0; round < ROUNDS; round++) {
      if (round % 100 === 0) {
        if (root !== "") rmSync(root, { recursive: true });
        root = join(folder, `tree-${round}`);
        mkdirSync(root);
        run(root, "init", "-q");
        world = makeRepository(root, random);
      }
      const files: string[] = [];
      const put = (path: string, text: string) => {
        writeFileSync(join(root, path), text);
        files.push(path);
      };
      for (const dir of world.dirs) {
        if (random.int(dir === "" ? 2 : 5) > 0) continue;
        const below = world.paths.filter((path) => dir === "" || path.startsWith(`${dir}/`));
        const inside = below.map((path) => (dir === "" ? path : path.slice(dir.length + 1)));
        const end = random.int(8) === 0 ? "\r\n" : "\n";
        let text = random.int(20) === 0 ? "\ufeff" : "";
        for (let n = 1 + random.int(4); n > 0; n--) text += rule(random, inside) + (n > 1 || random.int(4) > 0 ? end : "");
        put(dir === "" ? ".gitignore" : `${dir}/.gitignore`, text);
      }
      if (random.int(2) === 0) put(".git/info/exclude", `${rule(random, world.paths)}\n${rule(random, world.paths)}\n`);
      const want = split(run(root, "ls-files", "-o", "-z", "--exclude-standard"));
      const sort = random.int(4) === 0 ? "none" : "path";
      const options = { hidden: true, exclude: ".git", jobs: 1 + random.int(8), sort } as const;
      const found = findSync("*", root, options).filter(({ kind }) => kind !== "dir");
      const have = found.map(({ relativeBytes }) => Buffer.from(relativeBytes).toString("latin1"));
      const rules = () => files.map((file) => [file, readFileSync(join(root, file), "latin1")]);
      const all = new Set(have);
      const differing = [...want.filter((path) => !all.has(path)), ...have.filter((path) => !want.includes(path))];
      if (differing.length > 0) throw new Error(`round ${round}: ${JSON.stringify({ differing, rules: rules() })}`);
      // git sorts in the same order.
      if (sort === "path") expect(have).toEqual(want.toSorted((a, b) => (a < b ? -1 : 1)));
      for (const file of files) rmSync(join(root, file));
    }
  }, 600_000);
});
