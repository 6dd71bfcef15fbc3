// `suite find`: what is found, in which order, what is told, exit codes.
import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { putFifo } from "./kit/bytes.ts";
import { withoutPrivileges } from "./kit/rights.ts";
import { suite } from "./kit/suite.ts";

const cwd = temporaryFolder();
// The configuration of whoever runs the tests is not to matter.
const env = { HOME: cwd, XDG_CONFIG_HOME: join(cwd, ".none"), GIT_CONFIG_NOSYSTEM: "1" };
const run = (args: (string | Uint8Array)[], around = {}) => suite(["find", ...args], { cwd, env, ...around });
const lines = async (...args: (string | Uint8Array)[]) => {
  const { code, text, stderr } = await run(args);
  expect({ code, stderr }).toEqual({ code: text === "" ? 1 : 0, stderr: "" });
  return text.split("\n").slice(0, -1);
};

beforeAll(() => {
  // Somebody without privileges walks it too.
  chmodSync(cwd, 0o755);
  makeTree(cwd, {
    "t/a/one.ts": "1",
    "t/a/two.js": "22",
    "t/a.txt": "333",
    "t/a-b/Three.TS": "4444",
    "t/b/deep/er/four.ts": "",
    "t/.hidden/five.ts": "5",
    "t/.dot": "",
    "t/empty": null,
    "t/link": { link: "a" },
    "t/dangling": { link: "nowhere" },
    "repo/.git/info/exclude": "excluded\n",
    "repo/.gitignore": "*.log\n/build/\n!keep.log\n",
    "repo/src/.gitignore": "!back.log\n",
    "repo/src/back.log": "",
    "repo/src/x.log": "",
    "repo/keep.log": "",
    "repo/build/out": "",
    "repo/excluded": "",
    "repo/.ignore": "own\n",
    "repo/own": "",
    "repo/main.c": "",
    "plain/.gitignore": "*.log\n",
    "plain/x.log": "",
    "plain/.ignore": "y\n",
    "plain/y": "",
    "extra-rules": "main.*\n",
    "odd/\u001b[31mred": "",
    "odd/new\nline": "",
  });
  putFifo(cwd, "t/fifo");
  chmodSync(join(cwd, "t/a/two.js"), 0o755);
});

describe("F-09 globs", () => {
  test("without a slash they are about names at any depth, in the order of whole paths", async () => {
    expect(await lines("*.ts", "t")).toEqual(["t/a-b/Three.TS", "t/a/one.ts", "t/b/deep/er/four.ts"]);
    expect(await lines("*", "t")).toEqual(
      ["a", "a-b", "a-b/Three.TS", "a.txt", "a/one.ts", "a/two.js", "b", "b/deep", "b/deep/er", "b/deep/er/four.ts", "dangling", "empty", "fifo", "link"].map(
        (path) => `t/${path}`,
      ),
    );
  });

  test("with one they are about the path below PATH", async () => {
    expect(await lines("a/*.ts", "t")).toEqual(["t/a/one.ts"]);
    expect(await lines("b/**/*.ts", "t")).toEqual(["t/b/deep/er/four.ts"]);
    expect(await lines("t/a/*", "t")).toEqual([]);
  });

  test("smart case; -s, -i", async () => {
    expect(await lines("three.ts", "t")).toEqual(["t/a-b/Three.TS"]);
    expect(await lines("THREE.ts", "t")).toEqual([]);
    expect(await lines("-s", "three.ts", "t")).toEqual([]);
    expect(await lines("-i", "THREE.ts", "t")).toEqual(["t/a-b/Three.TS"]);
    expect(await run(["-s", "-i", "x"])).toMatchObject({ code: 2 });
  });

  test("a glob that is none", async () => {
    const { code, stderr } = await run(["[a", "t"]);
    expect(code).toBe(2);
    expect(stderr).toContain('"[a" is no glob');
  });
});

describe("where", () => {
  test("F-06 hidden names with -H, everything with -u", async () => {
    expect(await lines("five.ts", "t")).toEqual([]);
    expect(await lines("-H", "five.ts", "t")).toEqual(["t/.hidden/five.ts"]);
    expect(await lines("-u", ".*", "t")).toEqual(["t/.dot", "t/.hidden"]);
  });

  test("F-06 ignore files: the deeper one, what is kept, info/exclude, .ignore", async () => {
    const all = async (...args: string[]) => (await lines(...args, "-H", "-E", ".git", "-t", "f", "*", "repo")).map((path) => path.slice(5));
    expect(await all()).toEqual([".gitignore", ".ignore", "keep.log", "main.c", "src/.gitignore", "src/back.log"]);
    expect(await all("--no-ignore-vcs")).toEqual(
      [".gitignore", ".ignore", "build/out", "excluded", "keep.log", "main.c", "src/.gitignore", "src/back.log", "src/x.log"],
    );
    expect(await all("-I")).toContain("own");
    expect(await all("--ignore-file", "extra-rules")).not.toContain("main.c");
    expect(await run(["--ignore-file", "none", "*", "repo"])).toMatchObject({ code: 3 });
  });

  test("rules of directories above PATH count, and paths are as PATH was named", async () => {
    expect(await lines("*", "repo/src")).toEqual(["repo/src/back.log"]);
    expect((await run(["*"], { cwd: join(cwd, "repo/src") })).text).toBe("back.log\n");
    expect((await run(["*", "."], { cwd: join(cwd, "repo/src") })).text).toBe("./back.log\n");
    expect((await run(["*", "../src/"], { cwd: join(cwd, "repo/src") })).text).toBe("../src/back.log\n");
    expect(await lines("--relative", "*", "repo/src")).toEqual(["back.log"]);
  });

  test(".gitignore counts in repositories alone, .ignore everywhere", async () => {
    expect(await lines("*", "plain")).toEqual(["plain/x.log"]);
  });

  test("core.excludesFile and core.ignoreCase of git's configuration", async () => {
    makeTree(join(cwd, "home"), { ".gitconfig": '[core]\n  excludesFile = "~/rules" # here\n', rules: "main.c\n" });
    const home = { ...env, HOME: join(cwd, "home") };
    expect((await run(["*.c", "repo"], { env: home })).code).toBe(1);
    writeFileSync(join(cwd, "repo/.git/config"), "[core]\n\tignorecase = true\n");
    writeFileSync(join(cwd, "home/rules"), "MAIN.C\n");
    expect((await run(["*.c", "repo"], { env: home })).code).toBe(1);
    writeFileSync(join(cwd, "repo/.git/config"), "");
    expect((await run(["*.c", "repo"], { env: home })).code).toBe(0);
  });

  test("a core.excludesFile in a home that is closed is none", async () => {
    makeTree(cwd, { "shut/.gitconfig": "", "shut/.config/git/ignore": "main.c\n" });
    chmodSync(join(cwd, "shut"), 0);
    const { HOME: _, XDG_CONFIG_HOME: __, ...rest } = env;
    const closed = { ...rest, HOME: join(cwd, "shut"), XDG_CONFIG_HOME: "" };
    const ended = await run(["main.c", "repo"], { env: closed, before: withoutPrivileges() });
    chmodSync(join(cwd, "shut"), 0o755);
    expect(ended).toMatchObject({ code: 0, text: "repo/main.c\n", stderr: "" });
  });

  test("--max-depth, --min-depth, --exact-depth, -E", async () => {
    expect(await lines("-d1", "-t", "d", "*", "t")).toEqual(["t/a", "t/a-b", "t/b", "t/empty"]);
    expect(await lines("--min-depth", "3", "*", "t")).toEqual(["t/b/deep/er", "t/b/deep/er/four.ts"]);
    expect(await lines("--exact-depth", "3", "*", "t")).toEqual(["t/b/deep/er"]);
    expect(await lines("-E", "deep", "*.ts", "t")).toEqual(["t/a-b/Three.TS", "t/a/one.ts"]);
  });

  test("F-64 -L follows links; a loop ends (FX-11)", async () => {
    expect(await lines("one.ts", "t")).toEqual(["t/a/one.ts"]);
    expect(await lines("-L", "one.ts", "t")).toEqual(["t/a/one.ts", "t/link/one.ts"]);
    makeTree(cwd, { "loop/sub/file": "", "loop/sub/up": { link: ".." } });
    expect(await lines("-L", "file", "loop")).toEqual(["loop/sub/file"]);
  });
});

describe("what", () => {
  test("-t, also several; x and e narrow", async () => {
    expect(await lines("-t", "l", "*", "t")).toEqual(["t/dangling", "t/link"]);
    expect(await lines("-tp", "-t", "symlink", "*", "t")).toEqual(["t/dangling", "t/fifo", "t/link"]);
    expect(await lines("-tx", "*", "t")).toEqual(["t/a/two.js"]);
    expect(await lines("-te", "*", "t")).toEqual(["t/b/deep/er/four.ts", "t/empty"]);
    expect(await lines("-te", "-tf", "*", "t")).toEqual(["t/b/deep/er/four.ts"]);
    const { code, stderr } = await run(["-t", "q", "*"]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("executable (x)") });
  });

  test("-e, with and without the dot, also several", async () => {
    expect(await lines("-e", "ts", "-e", ".js", "*", "t")).toEqual(["t/a-b/Three.TS", "t/a/one.ts", "t/a/two.js", "t/b/deep/er/four.ts"]);
  });

  test("FX-14 -S: bounds are inclusive", async () => {
    mkdirSync(join(cwd, "sizes"));
    for (const size of [0, 1023, 1024, 1025]) {
      writeFileSync(join(cwd, `sizes/${size}`), "");
      truncateSync(join(cwd, `sizes/${size}`), size);
    }
    const sizes = async (...args: string[]) => (await lines(...args, "*", "sizes")).map((path) => Number(path.slice(6)));
    expect(await sizes("-S+1k")).toEqual([1024, 1025]);
    expect(await sizes("--size=-1k")).toEqual([0, 1023, 1024]);
    expect(await sizes("-S1KiB")).toEqual([1024]);
    expect(await sizes("-S", "+1023", "--size=-1024")).toEqual([1023, 1024]);
    expect(await run(["-S", "+1x", "*"])).toMatchObject({ code: 2 });
  });

  test("F-14 --changed-within and --changed-before", async () => {
    makeTree(cwd, { "times/old": "", "times/new": "", "times/dated": "" });
    utimesSync(join(cwd, "times/old"), 1e9, 1e9);
    utimesSync(join(cwd, "times/dated"), new Date("2026-01-31T12:00:00Z"), new Date("2026-01-31T12:00:00Z"));
    const times = async (...args: string[]) => (await lines(...args, "*", "times")).map((path) => path.slice(6));
    expect(await times("--changed-within", "2h")).toEqual(["new"]);
    expect(await times("--changed-before", "2w")).toEqual(expect.arrayContaining(["old"]));
    expect(await times("--changed-within", "2026-01-31", "--changed-before", "2026-02-01")).toEqual(["dated"]);
    expect(await times("--changed-within", "epoch", "--changed-before", "2002-01-01")).toEqual(["old"]);
    expect(await run(["--changed-within", "2 moons", "*"])).toMatchObject({ code: 2 });
  });
});

describe("output", () => {
  test("-0: names as they are; to a pipe they are too", async () => {
    expect((await run(["-0", "*", "odd"])).text).toBe("odd/\u001b[31mred\0odd/new\nline\0");
  });

  test("--plain escapes what would be another line", async () => {
    expect((await run(["--plain", "new*", "odd"])).text).toBe("odd/new\\nline\n");
  });

  test("--json: an object each, then the summary", async () => {
    const { code, text } = await run(["--json", "*.ts", "t"]);
    const records = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    expect(records.slice(0, -1)).toEqual([
      { v: 1, type: "entry", path: "t/a-b/Three.TS", kind: "file", depth: 2 },
      { v: 1, type: "entry", path: "t/a/one.ts", kind: "file", depth: 2 },
      { v: 1, type: "entry", path: "t/b/deep/er/four.ts", kind: "file", depth: 4 },
    ]);
    expect(records.at(-1)).toMatchObject({ type: "summary", exit: 0, matches: 3, errors: 0, truncated: false, skipped: { hidden: 2, ignored: 0 } });
    expect(code).toBe(0);
  });

  test("--max-results and -1 are the first in order; -q says nothing", async () => {
    expect(await lines("--max-results", "2", "*.ts", "t")).toEqual(["t/a-b/Three.TS", "t/a/one.ts"]);
    expect(await lines("-1", "*.ts", "t")).toEqual(["t/a-b/Three.TS"]);
    expect(await run(["-q", "*.ts", "t"])).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await run(["-q", "none", "t"])).toMatchObject({ code: 1, text: "", stderr: "" });
    const { text } = await run(["--json", "--max-results=1", "*.ts", "t"]);
    expect(JSON.parse(text.split("\n").at(-2) ?? "")).toMatchObject({ matches: 1, truncated: true });
  });

  test("the same bytes with any number of threads, and the same names without an order", async () => {
    for (let i = 0; i < 300; i++) makeTree(cwd, { [`many/${i % 17}/${i % 5}-${i}/x`]: "", [`many/${i % 17}.d/${i}`]: "" });
    const want = (await run(["-j1", "*", "many"])).text;
    expect(want.split("\n").length).toBeGreaterThan(900);
    for (const jobs of ["2", "8"]) expect((await run(["-j", jobs, "*", "many"])).text).toBe(want);
    const any = (await run(["--sort=none", "*", "many"])).text;
    expect(any.split("\n").toSorted()).toEqual(want.split("\n").toSorted());
  });

  test("F-02 a reader that goes away ends it quietly", async () => {
    const { code, stderr, text } = await run(["-u", "*", "/usr"], { shell: '"$@" | head -1; exit "${PIPESTATUS[0]}"', shellProgram: "bash" });
    expect({ code, stderr, lines: text.split("\n").length }).toEqual({ code: 141, stderr: "", lines: 2 });
  });
});

describe("what goes wrong", () => {
  test("E_NOT_FOUND: a PATH that is not there, or no directory", async () => {
    expect(await run(["*", "none"])).toMatchObject({ code: 4, text: "", stderr: expect.stringMatching(/^suite find: none: .*\(E_NOT_FOUND\)\n$/) });
    expect(await run(["*", "extra-rules"])).toMatchObject({ code: 4, stderr: expect.stringContaining("E_NOT_FOUND") });
    const { code, text } = await run(["one.ts", "none", "t"]);
    expect({ code, text }).toEqual({ code: 3, text: "t/a/one.ts\n" });
  });

  test("R-1 a directory that may not be read: the rest, and 3", async () => {
    makeTree(cwd, { "closed/in/file": "", "closed/open/file": "" });
    chmodSync(join(cwd, "closed/in"), 0);
    const { code, text, stderr } = await run(["file", "closed"], { before: withoutPrivileges() });
    chmodSync(join(cwd, "closed/in"), 0o755);
    expect({ code, text }).toEqual({ code: 3, text: "closed/open/file\n" });
    expect(stderr).toBe("suite find: closed/in: open directory: Permission denied (E_SEARCH)\n");
  });

  test("E_IGNORE an ignore file that may not be read: the walk goes on without it", async () => {
    makeTree(cwd, { "broken/.ignore": "file\n", "broken/file": "" });
    chmodSync(join(cwd, "broken/.ignore"), 0);
    const { code, text, stderr } = await run(["file", "broken"], { before: withoutPrivileges() });
    expect({ code, text }).toEqual({ code: 3, text: "broken/file\n" });
    expect(stderr).toContain("broken/.ignore: read ignore file: Permission denied (E_IGNORE)");
  });

  test("F-32 few descriptors, a deep tree", async () => {
    let path = join(cwd, "deep");
    for (let i = 0; i < 300; i++) path += `/d${i}`;
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "bottom"), "");
    const { code, text } = await run(["bottom", "deep"], { shell: 'ulimit -n 48; exec "$@"' });
    expect({ code, text: text.slice(-7) }).toEqual({ code: 0, text: "bottom\n" });
  });

  test("R-2 names of any bytes come as they are", async () => {
    const name = Buffer.from("odd/\xff\xfe", "latin1");
    writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), name]), "");
    linkSync(join(cwd, "t/a.txt"), join(cwd, "odd/plain"));
    const { stdout } = await run(["*", "odd"]);
    expect(stdout.includes(name)).toBe(true);
    const { text } = await run(["--json", "*", "odd"]);
    expect(text).toContain(`"path_b64":"${name.toString("base64")}"`);
    symlinkSync("odd", join(cwd, "to-odd"));
    expect((await run(["plain", "to-odd"])).text).toBe("to-odd/plain\n");
  });
});
