// Against diff -rq and rsync -nrc on generated trees: the same names differ, the same stand on one side only.
//
// Each peer is asked in its own way, and what it is known to see otherwise is a rule here with its reason.
import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { putDir, putFifo, putFile } from "../cli/kit/bytes.ts";
import { pathOf, readJson } from "../cli/kit/json.ts";
import { answer, readTree } from "../cli/kit/model.ts";
import { makeTrees, ODD, type TreeShape } from "../cli/kit/seeded.ts";
import { compare, LIMIT_MS } from "../cli/kit/suite.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const seed = Number(process.env.SUITE_SEED ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);
const TREES = 12;

/** `* path`, `< path`, `> path`, each character of the path one byte. */
type Found = string;
const SIGILS = { different: "*", only_left: "<", only_right: ">" } as const;

async function ours(cwd: string): Promise<Found[]> {
  const { entries, summary } = readJson(await compare(["--json", "L", "R"], { cwd }));
  expect(summary.unknown).toBe(0);
  return entries.map((entry) => `${SIGILS[entry.status as keyof typeof SIGILS]} ${pathOf(entry)}`);
}

/** Names without those below a one-sided directory, of which diff prints the top one alone. */
function topOnly(found: readonly Found[]): Found[] {
  const tops = new Set(found.filter((line) => !line.startsWith("*")).map((line) => line.slice(2)));
  return found.filter((line) => {
    const path = line.slice(2);
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
      if (tops.has(path.slice(0, at))) return false;
    return true;
  });
}

function run(cwd: string, argv: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(argv, {
    cwd,
    env: { PATH: process.env.PATH ?? "", LC_ALL: "C" },
    stdout: "pipe",
    stderr: "pipe",
  });
  expect([0, 1], stderr.toString()).toContain(exitCode);
  return stdout.toString("latin1");
}

function diff(cwd: string): Found[] {
  const lines = run(cwd, ["diff", "-rq", "--no-dereference", "L", "R"]).split("\n").slice(0, -1);
  return lines.map((line) => {
    const only = /^Only in ([LR])(?:\/(.*))?: (.*)$/.exec(line);
    if (only) return `${only[1] === "L" ? "<" : ">"} ${only[2] ? `${only[2]}/` : ""}${only[3]}`;
    const both =
      /^(?:Files|Symbolic links) L\/(.*) and R\/\1 differ$/.exec(line) ??
      /^File L\/(.*) is an? .* while file R\/\1 is an? .*$/.exec(line);
    if (!both) throw new Error(`diff said what is not understood: ${line}`);
    return `* ${both[1]}`;
  });
}

function rsync(cwd: string): Found[] {
  // What differs or is missing on the right, then (with --delete) what is on the right alone.
  const text = run(cwd, [
    "rsync",
    "-nrlDc",
    "-i",
    "--delete",
    "--force",
    "--8-bit-output",
    "--out-format=%i %n%L",
    "L/",
    "R/",
  ]);
  const found = new Map<string, string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const [, what = "", name = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    const path = name.replace(/ -> .*$/, "").replace(/\/$/, "");
    if (path === "." || path === "") continue;
    if (what === "*deleting") found.set(path, found.has(path) ? "*" : ">");
    else if (what.slice(2).startsWith("+++")) found.set(path, found.has(path) ? "*" : "<");
    // Attributes alone, of which only times would be left, are no difference here.
    else if (what[2] === "c" || what[3] === "s" || what[0] === "c") found.set(path, "*");
  }
  return [...found].map(([path, sigil]) => `${sigil} ${path}`);
}

/**
 * What rsync sees otherwise. A name of two types it deletes and makes anew, with all that is below it, where we tell of
 * the name alone; it does not say "delete" of what it would replace in passing.
 */
function asRsync(found: readonly Found[], cwd: string): Found[] {
  const [left, right] = [readTree(`${cwd}/L`), readTree(`${cwd}/R`)];
  const retyped = [...left]
    .filter(([path, { kind }]) => right.has(path) && right.get(path)?.kind !== kind)
    .map(([path]) => path);
  const isUnder = (path: string) => retyped.some((top) => path.startsWith(`${top}/`));
  return found.filter((line) => !retyped.includes(line.slice(2)) && !isUnder(line.slice(2)));
}

const byPath = (x: string, y: string) => (x.slice(2) < y.slice(2) ? -1 : x.slice(2) > y.slice(2) ? 1 : 0);
const sorted = (found: readonly Found[]) => found.toSorted(byPath);

/** Generated trees, with what a generator rarely makes. */
async function eachTree(alphabet: string, check: (cwd: string) => Promise<void>) {
  for (let i = 0; i < TREES; i++) {
    const cwd = join(dir, `${alphabet.length}-${seed + i}`);
    const shape: TreeShape = { names: 20 + 25 * i, changed: [3, 15, 50][i % 3] as number, alphabet, depth: i % 7 };
    makeTrees(cwd, seed + i, shape);
    putDir(`${cwd}/L`, "an empty one");
    putDir(`${cwd}/R`, "another/".slice(0, -1));
    putFile(`${cwd}/R`, "empty file", "");
    putFifo(`${cwd}/L`, "fifo");
    await check(cwd);
    rmSync(cwd, { recursive: true });
  }
}

describe.skipIf(!Bun.which("diff"))("diff -rq --no-dereference", () => {
  test(
    "finds the same names",
    async () => {
      // diff's lines cannot be taken apart where names hold ": " or a line end.
      await eachTree(ODD, async (cwd) => {
        const found = await ours(cwd);
        expect(sorted(diff(cwd))).toEqual(sorted(topOnly(found)));
        expect(found.length).toBeGreaterThan(3);
      });
    },
    LIMIT_MS,
  );
});

describe.skipIf(!Bun.which("rsync"))("rsync -nrc -i", () => {
  test(
    "finds the same names",
    async () => {
      await eachTree(ODD.replace(" ", ""), async (cwd) => {
        expect(sorted(asRsync(rsync(cwd), cwd))).toEqual(sorted(asRsync(await ours(cwd), cwd)));
      });
    },
    LIMIT_MS,
  );
});

test(
  "a plain reading finds the same, line ends and all",
  async () => {
    await eachTree(`${ODD}\n\t\\`, async (cwd) => {
      const expected = answer(readTree(`${cwd}/L`), readTree(`${cwd}/R`)).filter((line) => !line.startsWith("equal "));
      const lines = expected.map((line) =>
        line.replace(/^(\w+) /, (_, status: keyof typeof SIGILS) => `${SIGILS[status]} `),
      );
      const reasons = / (?:content_mismatch|size_mismatch|type_mismatch|link_target)$/;
      expect(await ours(cwd)).toEqual(lines.map((line) => (line.startsWith("*") ? line.replace(reasons, "") : line)));
    });
  },
  LIMIT_MS,
);
