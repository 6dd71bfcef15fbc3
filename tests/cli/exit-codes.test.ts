// What a command ends with, and what it says then: section E of the specification, R-6.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { brief, readJson } from "./kit/json.ts";
import { withoutPrivileges } from "./kit/rights.ts";
import { compare, suite, type Surroundings } from "./kit/suite.ts";

const shut: string[] = [];
// Before the folder's own removal, which they would stop.
afterAll(() => shut.forEach((path) => chmodSync(path, 0o700)));

const cwd = temporaryFolder();
let before: readonly string[] = [];

/** Closes a path to everybody; it is opened again at the end, so that it can be removed. */
function close(path: string): void {
  chmodSync(join(cwd, path), 0);
  shut.push(join(cwd, path));
}

beforeAll(() => {
  before = withoutPrivileges();
  makeTree(cwd, { file: "text\n", other: "next\n", "dir/x": "1", "same/x": "1", "more/x": "2", secret: "secret" });
  makeTree(join(cwd, "left"), { "a.txt": "a", "hidden/below": "h", "k.txt": "one", "z.txt": "z", "only-left": "o" });
  makeTree(join(cwd, "right"), { "a.txt": "a", "hidden/below": "h", "k.txt": "two", "z.txt": "z", locked: "l" });
  writeFileSync(join(cwd, "left/locked"), "l");
  symlinkSync("loop-b", join(cwd, "loop-a"));
  symlinkSync("loop-a", join(cwd, "loop-b"));
  symlinkSync("nowhere", join(cwd, "dangling"));
  Bun.spawnSync(["mkfifo", join(cwd, "fifo")]);
  chmodSync(cwd, 0o755);
  for (const path of ["secret", "left/locked", "left/hidden", "left/only-left"]) close(path);
});

/** Runs as somebody to whom the closed paths are closed. */
const refused = (args: string[], around: Surroundings = {}) => compare(args, { cwd, before, ...around });
const end = async (...args: string[]) => compare(args, { cwd });

test("the refused paths are refused, and others are not", () => {
  const tries = (...command: string[]) => Bun.spawnSync([...before, ...command], { cwd, stderr: "pipe" });
  for (const command of ["cat secret", "cat left/locked", "cat left/only-left", "ls left/hidden"]) {
    expect(tries(...command.split(" ")).stderr.toString()).toContain("Permission denied");
  }
  expect(tries("cat", "file").success).toBe(true);
});

describe("0 and 1", () => {
  test("same is 0, different is 1, for files and for trees", async () => {
    expect(await end("file", "file")).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await end("file", "other")).toMatchObject({ code: 1, stderr: "" });
    expect(await end("dir", "same")).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await end("dir", "more")).toMatchObject({ code: 1, text: "* x\tcontent_mismatch\n", stderr: "" });
  });

  test("a directory against a file is 1, either way round", async () => {
    expect(await end("dir", "file")).toMatchObject({ code: 1, text: "* dir\ttype_mismatch\n", stderr: "" });
    expect(await end("file", "dir")).toMatchObject({ code: 1, text: "* file\ttype_mismatch\n", stderr: "" });
    expect(await end("-q", "file", "dir")).toMatchObject({ code: 1, text: "", stderr: "" });
    const { entries, summary } = readJson(await end("--json", "dir", "file"));
    expect(entries).toMatchObject([{ path: "dir", kind: ["dir", "file"], reasons: ["type_mismatch"] }]);
    expect(summary).toMatchObject({ verdict: "different", exit: 1, different: 1 });
  });
});

describe("2: the command line is wrong", () => {
  test.each([
    [["--qiet", "dir", "same"], "--qiet; did you mean --quiet?"],
    [["--brif", "dir", "same"], "--brif; did you mean --brief?"],
    [["--all-entires", "dir", "same"], "--all-entires; did you mean --all-entries?"],
    [["dir", "same", "--jsn"], "--jsn; did you mean --json?"],
    [["-Z", "dir", "same"], "-Z"],
    [["-qZ", "dir", "same"], "-Z"],
    [["-j", "x", "dir", "same"], "--jobs is a whole number from 0 to 1000000, not x"],
    [["-jx", "dir", "same"], "not x"],
    [["-j", "-1", "dir", "same"], "-j"],
    [["--jobs=-1", "dir", "same"], "--jobs is a whole number from 0 to 1000000, not -1"],
    [["--jobs", "1.5", "dir", "same"], "not 1.5"],
    [["--jobs=", "dir", "same"], "--jobs"],
    [["--jobs", "1e9", "dir", "same"], "not 1e9"],
    [["dir", "same", "-j"], "-j needs a value"],
    [
      ["--chunk-size", "1k", "dir", "same"],
      "--chunk-size is a size from 4096 to 4194304 bytes, such as 64k or 1MiB, not 1k",
    ],
    [["--chunk-size", "5X", "dir", "same"], "not 5X"],
    [["--chunk-size", "64kk", "dir", "same"], "not 64kk"],
    [["--chunk-size", "0", "dir", "same"], "not 0"],
    [["--chunk-size", "5M", "dir", "same"], "not 5M"],
    [["--chunk-size", "99999999999999999999", "dir", "same"], "not 99999999999999999999"],
    [["--brief=yes", "dir", "same"], "--brief takes no value"],
    [["dir", "same", "more"], "takes two operands, not 3"],
    [["dir"], "takes two operands, not 1"],
    [[], "takes two operands, not 0"],
    [["", "dir"], "an operand is empty"],
    [["-", "-"], "- and -"],
    [["dir", "-"], "dir and -"],
    [["-", "dir"], "- and dir"],
  ])("%j", async (args, message) => {
    const { code, text, stderr } = await end(...args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^suite compare: .*\(E_USAGE\)\n$/);
    expect({ code, text }).toEqual({ code: 2, text: "" });
  });

  test("sizes as they are written everywhere", async () => {
    for (const size of ["4096", "64k", "64K", "64KiB", "64kB", "1M", "1mib", "4M", "200000b"]) {
      expect((await end("--chunk-size", size, "file", "other")).code, size).toBe(1);
    }
  });

  test("what follows -- is an operand", async () => {
    makeTree(cwd, { "-q": "text\n", "--json": "next\n" });
    expect(await end("--", "-q", "--json")).toMatchObject({ code: 1, text: "-q --json differ: byte 1, line 1\n" });
    expect((await end("-q", "--", "-q", "file")).code).toBe(0);
  });

  test("no command, an unknown one", async () => {
    expect(await suite([])).toMatchObject({ code: 2, text: "" });
    const { code, stderr } = await suite(["comprae", "a", "b"]);
    expect(code).toBe(2);
    expect(stderr).toContain("comprae");
    expect(stderr).toContain("compare");
  });

  test("help and version are no errors, and go to standard output", async () => {
    const help = await compare(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.text).toContain("Usage: suite compare");
    expect(await compare(["-h", "--json"])).toMatchObject({ code: 0, text: help.text });
    expect((await suite(["--version"])).text).toMatch(/^suite \d+\.\d+\.\d+\n$/);
  });
});

describe("4: an operand cannot be read", () => {
  test.each([
    ["missing", ["nowhere", "file"], "E_NOT_FOUND", "nowhere: open left side: No such file or directory"],
    ["missing on the right", ["file", "nowhere"], "E_NOT_FOUND", "nowhere: open right side: No such file or directory"],
    ["missing beside a directory", ["dir", "nowhere"], "E_NOT_FOUND", "nowhere"],
    ["below a file", ["file/x", "file"], "E_NOT_FOUND", "file/x: open left side: Not a directory"],
    ["a link to nothing", ["dangling", "file"], "E_NOT_FOUND", "dangling"],
    ["a loop of links", ["loop-a", "file"], "E_LOOP", "loop-a"],
    ["a loop of links on the right", ["dir", "loop-b"], "E_LOOP", "loop-b"],
    ["a FIFO", ["fifo", "file"], "E_UNSUPPORTED", "fifo: open left side: it is a FIFO"],
    ["a FIFO on the right of a directory", ["dir", "fifo"], "E_UNSUPPORTED", "fifo"],
    ["a character device", ["/dev/null", "file"], "E_UNSUPPORTED", "/dev/null"],
    ["an endless device", ["file", "/dev/zero"], "E_UNSUPPORTED", "/dev/zero"],
    ["a scheme of later versions", ["s3://bucket/x", "file"], "E_UNSUPPORTED", "s3://bucket/x"],
    ["a name that is too long", ["n".repeat(300), "file"], "E_LIMIT", "nnnnnnnn"],
  ])("%s", async (_, args, errorCode, message) => {
    const { code, text, stderr } = await end(...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`(${errorCode})`);
    expect(stderr.split("\n")).toHaveLength(2);
    expect({ code, text }).toEqual({ code: 4, text: "" });
    const { entries, summary } = readJson(await end("--json", ...args));
    expect(entries).toEqual([]);
    expect(summary).toMatchObject({ verdict: "unknown", exit: 4, equal: 0, error: { code: errorCode } });
    expect(summary.error?.message).toContain(args.find((arg) => summary.error?.message.startsWith(arg)) ?? "\0");
    expect((await end("-q", ...args)).code).toBe(4);
  });

  test("a socket", async () => {
    const path = join(cwd, "socket");
    using _server = Bun.listen({ unix: path, socket: { data() {} } });
    const { code, stderr } = await end("socket", "file");
    expect(stderr).toContain("socket: open left side: it is a socket (E_UNSUPPORTED)");
    expect(code).toBe(4);
  });

  test("unreadable", async () => {
    for (const [args, side] of [
      [["secret", "file"], "left"],
      [["file", "secret"], "right"],
    ] as const) {
      const { code, text, stderr } = await refused([...args]);
      expect(stderr).toContain(`secret: open ${side} side: Permission denied (E_PERMISSION)`);
      expect({ code, text }).toEqual({ code: 4, text: "" });
      const { summary } = readJson(await refused(["--json", ...args]));
      expect(summary).toMatchObject({ verdict: "unknown", exit: 4, error: { code: "E_PERMISSION" } });
    }
  });

  test("a directory that cannot be listed is an operand that cannot be read", async () => {
    const { code, stderr } = await refused(["left/hidden", "dir"]);
    expect(stderr).toContain("left/hidden");
    expect(stderr).toContain("(E_PERMISSION)");
    expect(code).toBe(4);
  });

  test("standard input that is closed or a directory is not taken for an empty one", async () => {
    writeFileSync(join(cwd, "empty"), "");
    const closed = await compare(["-", "empty"], { cwd, shell: 'exec "$@" <&-' });
    expect(closed).toMatchObject({ code: 4, text: "", stderr: "suite compare: -: standard input is closed (E_NOT_FOUND)\n" });
    const directory = await compare(["empty", "-"], { cwd, shell: 'exec "$@" < dir' });
    expect(directory).toMatchObject({ code: 4, text: "" });
    expect(directory.stderr).toContain("-: it is a directory");
    expect((await compare(["empty", "/dev/fd/77"], { cwd })).stderr).toContain("E_NOT_FOUND");
  });
});

describe("3: something in a tree could not be decided", () => {
  test("an unreadable file and an unreadable directory cost no other result", async () => {
    const { code, text, stderr } = await refused(["left", "right"]);
    expect(text).toBe(
      ["! hidden\tE_PERMISSION", "* k.txt\tcontent_mismatch", "! locked\tE_PERMISSION", "< only-left", ""].join("\n"),
    );
    expect(stderr).toBe(
      "suite compare: hidden: open directory left side: Permission denied (E_PERMISSION)\n" +
        "suite compare: locked: open left side: Permission denied (E_PERMISSION)\n",
    );
    // Undecided is more than different.
    expect(code).toBe(3);
    const { entries, summary } = readJson(await refused(["--json", "left", "right"]));
    expect(entries.map(brief)).toEqual([
      "unknown hidden E_PERMISSION",
      "different k.txt content_mismatch",
      "unknown locked E_PERMISSION",
      "only_left only-left",
    ]);
    expect(entries[2]).toMatchObject({ error: { code: "E_PERMISSION", errno: 13 }, reasons: ["read_error"] });
    expect(summary).toMatchObject({ verdict: "different", exit: 3, equal: 2, different: 1, only_left: 1, unknown: 2 });
  });

  test("it is the same with the sides swapped", async () => {
    const { entries } = readJson(await refused(["--json", "right", "left"]));
    expect(entries.map(brief)).toEqual([
      "unknown hidden E_PERMISSION",
      "different k.txt content_mismatch",
      "unknown locked E_PERMISSION",
      "only_right only-left",
    ]);
  });

  test("C-66 a file on one side only is never read, so nobody minds that it cannot be", async () => {
    makeTree(join(cwd, "one/side"), { secret: "s" });
    makeTree(join(cwd, "none"), { side: null });
    close("one/side/secret");
    for (const flags of [[], ["--all-entries"], ["--no-size-precheck"]]) {
      const { code, text, stderr } = await refused([...flags, "one", "none"]);
      expect(text).toEndWith("< side/secret\n");
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    }
    const { entries, summary } = readJson(await refused(["--json", "one", "none"]));
    expect(entries).toMatchObject([{ status: "only_left", size: [1, null], kind: ["file", null] }]);
    expect(summary).toMatchObject({ exit: 1, unknown: 0, bytes_read: 0 });
  });

  test("a verdict is unknown, never equal, when all else is equal", async () => {
    makeTree(join(cwd, "p"), { a: "1", b: "2" });
    makeTree(join(cwd, "q"), { a: "1", b: "2" });
    close("q/b");
    const { code, text } = await refused(["p", "q"]);
    expect({ code, text }).toEqual({ code: 3, text: "! b\tE_PERMISSION\n" });
    expect(readJson(await refused(["--json", "p", "q"])).summary).toMatchObject({ verdict: "unknown", exit: 3 });
    expect((await refused(["-q", "p", "q"])).code).toBe(3);
  });

  test("with -q the first proven difference is 1, whatever else cannot be read", async () => {
    expect(await refused(["-q", "left", "right"])).toMatchObject({ code: 1, text: "" });
    expect(await refused(["-q", "-j", "1", "right", "left"])).toMatchObject({ code: 1, text: "" });
  });

  test("a one-sided directory that cannot be listed is not taken for an empty one", async () => {
    makeTree(join(cwd, "u"), { "shut/x": "1" });
    makeTree(join(cwd, "v"), { a: "1" });
    close("u/shut");
    const { code, text } = await refused(["u", "v"]);
    expect(text).toBe("> a\n! shut\tE_PERMISSION\n");
    expect(code).toBe(3);
  });
});
