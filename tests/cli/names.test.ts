// Names of any bytes: as operands, in trees, on pipes, on terminals and in JSON.
import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/temp.ts";
import { below, latin1, putDir, putFile } from "./kit/bytes.ts";
import { pathOf, readJson } from "./kit/json.ts";
import { compare, onTerminal } from "./kit/suite.ts";

const dir = temporaryFolder();

/** Names as strings in which each character is one byte, and how they look on a terminal. */
const NAMES: readonly [name: string, pipe: string, terminal: string][] = [
  ["line\nend", "line\\nend", "line\\nend"],
  ["a\ttab", "a\\ttab", "a\\ttab"],
  ["back\\slash", "back\\\\slash", "back\\\\slash"],
  ["\\n is no line end", "\\\\n is no line end", "\\\\n is no line end"],
  ["carriage\rreturn", "carriage\rreturn", "carriage\\x0dreturn"],
  ["\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"],
  ["\x1b]0;title\x07", "\x1b]0;title\x07", "\\x1b]0;title\\x07"],
  ["bell\x07 delete\x7f", "bell\x07 delete\x7f", "bell\\x07 delete\\x7f"],
  ["bad \xff byte", "bad \xff byte", "bad \\xff byte"],
  ["cut \xe2\x82", "cut \xe2\x82", "cut \\xe2\\x82"],
  ["overlong \xc0\xaf", "overlong \xc0\xaf", "overlong \\xc0\\xaf"],
  ["surrogate \xed\xa0\x80", "surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"],
  ["C1 \xc2\x9b", "C1 \xc2\x9b", "C1 \\u{9b}"],
  ["bidi \xe2\x80\xaegnp.exe", "bidi \xe2\x80\xaegnp.exe", "bidi \\u{202e}gnp.exe"],
  ["isolate \xe2\x81\xa6", "isolate \xe2\x81\xa6", "isolate \\u{2066}"],
  ["mark \xd8\x9c", "mark \xd8\x9c", "mark \\u{61c}"],
  ["separator \xe2\x80\xa8", "separator \xe2\x80\xa8", "separator \\u{2028}"],
  ["real \xef\xbf\xbd", "real \xef\xbf\xbd", "real \\xef\\xbf\\xbd"],
  ["\xef\xbb\xbfmark first", "\xef\xbb\xbfmark first", "\\u{feff}mark first"],
  [" spaces ", " spaces ", " spaces "],
  [
    "\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
    "\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
    "\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80",
  ],
  ["*", "*", "*"],
  ["-q", "-q", "-q"],
];
const sorted = NAMES.toSorted(([x], [y]) => (x < y ? -1 : 1));

function treeOfNames(): string {
  const cwd = join(dir, "names");
  mkdirSync(join(cwd, "R"), { recursive: true });
  mkdirSync(join(cwd, "L"));
  for (const [name] of NAMES) putFile(join(cwd, "L"), name, "x");
  return cwd;
}
const cwd = treeOfNames();

describe("in a tree", () => {
  test("on a pipe: one line a name, every byte as it is but for newline, tab and backslash", async () => {
    const { stdout, code, stderr } = await compare(["L", "R"], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout.toString("latin1").split("\n")).toEqual([...sorted.map(([, pipe]) => `< ${pipe}`), ""]);
  });

  test("on a terminal: nothing that it would act on", async () => {
    const { bytes, code } = await onTerminal(["compare", "L", "R"], { cwd });
    expect(code).toBe(1);
    expect(bytes.toString("latin1").split("\n")).toEqual([...sorted.map(([, , terminal]) => `< ${terminal}`), ""]);
  });

  test("in JSON: text where it is UTF-8, base64 where it is not, never both", async () => {
    const { entries, summary } = readJson(await compare(["--json", "L", "R"], { cwd }));
    expect(entries.map(pathOf)).toEqual(sorted.map(([name]) => name));
    expect(summary.only_left).toBe(NAMES.length);
    for (const entry of entries) {
      const isText = Buffer.compare(Buffer.from(latin1(pathOf(entry)).toString()), latin1(pathOf(entry))) === 0;
      expect([entry.path !== undefined, entry.path_b64 !== undefined]).toEqual([isText, !isText]);
    }
    expect(entries.filter(({ path_b64 }) => path_b64 !== undefined)).toHaveLength(4);
  });

  test("a name of bad bytes does not meet another one that only looks the same", async () => {
    const other = join(dir, "look");
    mkdirSync(join(other, "L"), { recursive: true });
    mkdirSync(join(other, "R"));
    putFile(join(other, "L"), "\xff", "x");
    putFile(join(other, "R"), "\xfe", "x");
    putFile(join(other, "R"), "\xef\xbf\xbd", "x");
    // One name composed, one decomposed: different bytes are different names.
    putFile(join(other, "L"), "\xc3\xa9", "x");
    putFile(join(other, "R"), "e\xcc\x81", "x");
    const { entries } = readJson(await compare(["--json", "L", "R"], { cwd: other }));
    expect(entries.map((entry) => [entry.status, pathOf(entry)])).toEqual([
      ["only_right", "e\xcc\x81"],
      ["only_left", "\xc3\xa9"],
      ["only_right", "\xef\xbf\xbd"],
      ["only_right", "\xfe"],
      ["only_left", "\xff"],
    ]);
  });

  test("names of 255 bytes", async () => {
    const other = join(dir, "long");
    mkdirSync(join(other, "L"), { recursive: true });
    mkdirSync(join(other, "R"));
    for (const side of ["L", "R"]) putFile(join(other, side), `${"\xfe".repeat(254)}${side}`, "x");
    const { entries } = readJson(await compare(["--json", "L", "R"], { cwd: other }));
    expect(entries.map(pathOf)).toEqual([`${"\xfe".repeat(254)}L`, `${"\xfe".repeat(254)}R`]);
  });
});

describe("as operands", () => {
  const odd = join(dir, "operands");
  mkdirSync(odd);
  for (const name of ["bad \xff\xfe", "new\nline", "\x1b[31m", "\xef\xbf\xbd", "http:", "s3:x"])
    putFile(odd, name, "1\n2\n");
  putFile(odd, "other \xff", "1\n3\n");
  putDir(odd, "dir \xff");
  putFile(odd, "dir \xff/f", "1");
  putDir(odd, "dir \xfe");
  putFile(odd, "dir \xfe/f", "2");

  test("bad bytes reach the system as they were typed, and the right file is read", async () => {
    const differ = await compare([latin1("bad \xff\xfe"), latin1("other \xff")], { cwd: odd });
    expect(differ.stdout.toString("latin1")).toBe("bad \xff\xfe other \xff differ: byte 3, line 2\n");
    expect(differ).toMatchObject({ code: 1, stderr: "" });
    expect((await compare([latin1("bad \xff\xfe"), "new\nline"], { cwd: odd })).code).toBe(0);
    expect((await compare(["-q", latin1("bad \xff\xfe"), "--", latin1("other \xff")], { cwd: odd })).code).toBe(1);
    expect((await compare([latin1("other \xff"), latin1("bad \xff\xfe"), "-j", "1"], { cwd: odd })).code).toBe(1);
    expect((await compare([latin1("\xef\xbf\xbd"), latin1("bad \xff\xfe")], { cwd: odd })).code).toBe(0);
    expect((await compare([latin1("dir \xff"), latin1("dir \xfe")], { cwd: odd })).text).toBe(
      "* f\tcontent_mismatch\n",
    );
  });

  test("a missing one is named without harm to the terminal", async () => {
    const { code, stderr } = await compare([latin1("none \xff"), "new\nline"], { cwd: odd });
    expect(code).toBe(4);
    expect(stderr).toContain("E_NOT_FOUND");
    expect(stderr).toContain("none ");
    const escape = await compare(["\x1b[31mnone\nnext", "new\nline"], { cwd: odd });
    expect(escape.code).toBe(4);
    expect(escape.stderr.split("\n")).toHaveLength(2);
    expect(escape.stderr).not.toContain("\x1b");
  });

  test("a usage error does not pass a control character on either", async () => {
    const { code, stderr } = await compare(["--\x1b[31m", "a", "b"], { cwd: odd });
    expect(code).toBe(2);
    expect(stderr).not.toContain("\x1b");
    const value = await compare(["-j", "\x1b[31m", "a", "b"], { cwd: odd });
    expect(value.code).toBe(2);
    expect(value.stderr).not.toContain("\x1b");
  });

  test("on a terminal the names in the line of a pair are escaped, on a pipe only what breaks the line", async () => {
    const args = ["compare", "new\nline", "\x1b[31m"];
    putFile(odd, "\x1b[31m", "1\n4\n");
    expect((await onTerminal(args, { cwd: odd })).text).toBe("new\\nline \\x1b[31m differ: byte 3, line 2\n");
    expect((await compare(args.slice(1), { cwd: odd })).text).toBe("new\\nline \x1b[31m differ: byte 3, line 2\n");
  });

  test("what looks like a scheme is a path where it is none of ours, and with ./", async () => {
    putFile(odd, "c:x", "1\n2\n");
    expect((await compare(["c:x", "new\nline"], { cwd: odd })).code).toBe(0);
    expect((await compare(["./s3:x", "new\nline"], { cwd: odd })).code).toBe(0);
    expect((await compare(["s3:x", "new\nline"], { cwd: odd })).stderr).toContain("./s3:x");
  });

  test("JSON of a pair gives the operand's bytes", async () => {
    const { entries } = readJson(await compare(["--json", latin1("bad \xff\xfe"), latin1("other \xff")], { cwd: odd }));
    expect(entries.map(pathOf)).toEqual(["bad \xff\xfe"]);
    expect(entries[0]?.path).toBeUndefined();
  });
});

test("an unreadable name in a tree does no harm to the terminal in the message about it", async () => {
  const other = join(dir, "message");
  mkdirSync(join(other, "L"), { recursive: true });
  mkdirSync(join(other, "R"));
  // A path longer than 16 KiB cannot be told in a record, so nothing of it is claimed.
  expect(below(other, "x").length).toBeGreaterThan(2);
  putFile(join(other, "L"), "\x1b[2Jname\nline", "1");
  putFile(join(other, "R"), "\x1b[2Jname\nline", "2");
  const { text } = await onTerminal(["compare", "L", "R"], { cwd: other });
  expect(text).toBe("* \\x1b[2Jname\\nline  content_mismatch\n");
});
