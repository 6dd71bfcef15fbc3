// Lists of paths and of globs: files, standard input, descriptors, what is none of them, and signals while they come.
import { describe, expect, test } from "bun:test";
import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { commandLine, compare, LIMIT_MS } from "./kit/suite.ts";

const cwd = temporaryFolder();
makeTree(join(cwd, "l"), { a: "1", "d/b": "1", "new\nline": "1", "x.o": "1" });
makeTree(join(cwd, "r"), { a: "2", "d/b": "1", "new\nline": "2", "x.o": "2" });
mkdirSync(join(cwd, "folder"));
makeTree(cwd, { paths: "a\nd/b\n", globs: "# objects\n\n*.o\r\nnew*\n", wrong: "a\n../up\n", absolute: "/a\n" });
Bun.spawnSync(["mkfifo", join(cwd, "fifo")]);

const text = (value: string) => new TextEncoder().encode(value);

describe("where they come from", () => {
  test.each([
    ["a file", ["--files-from", "paths"], {}],
    ["standard input", ["--files-from", "-"], { stdin: text("a\nd/b\n") }],
    ["/dev/stdin", ["--files-from", "/dev/stdin"], { stdin: text("a\nd/b\n") }],
    ["NULs between them", ["-0", "--files-from", "-"], { stdin: text("a\0d/b\0") }],
    ["no line end at the end", ["--files-from", "-"], { stdin: text("a\nd/b") }],
    ["globs of standard input", ["-X", "-"], { stdin: text("*.o\nnew*\n") }],
    ["globs of a file, with notes and line ends of another system", ["-X", "globs"], {}],
    ["nothing", ["--files-from", "paths", "-X", "/dev/null"], {}],
    ["a process", ["-X", "<"], { shell: '"$@" -X <(printf "*.o\\nnew*\\n") l r', shellProgram: "bash" }],
  ])("%s", async (_, args, around) => {
    const [operands, end] = "shell" in around ? [[], "\n"] : [[...args, "l", "r"], args.includes("-0") ? "\0" : "\n"];
    const line = end === "\0" ? "* a" : "* a\tcontent_mismatch";
    expect(await compare(operands, { cwd, ...around })).toMatchObject({ code: 1, text: `${line}${end}`, stderr: "" });
  });

  test("names with line ends need NULs", async () => {
    const ended = await compare(["-0", "--files-from", "-", "l", "r"], { cwd, stdin: text("new\nline\0") });
    expect(ended).toMatchObject({ code: 1, text: "* new\nline\0" });
  });
});

describe("what is refused", () => {
  test.each([
    ["missing", ["--files-from", "nowhere"], 4, "nowhere: no such file or directory (E_NOT_FOUND); check the spelling"],
    ["below a file", ["-X", "paths/x"], 4, "paths/x: not a directory (E_NOT_FOUND); check the spelling"],
    ["a directory", ["--files-from", "folder"], 4, "folder: it is a directory, not a list (E_UNSUPPORTED)"],
    ["a FIFO, which would be waited for", ["-X", "fifo"], 4, "fifo: it is a FIFO; give its lines as standard input (E_UNSUPPORTED)"],
    ["a descriptor that is not there", ["-X", "/dev/fd/99"], 4, "/dev/fd/99: bad file descriptor"],
    ["a path that leads up", ["--files-from", "wrong"], 2, "a path in the list leads up with ..: ../up (E_USAGE)"],
    ["an absolute path", ["--files-from", "absolute"], 2, "a path in the list is absolute: /a (E_USAGE)"],
    ["two lists of standard input", ["-X", "-", "--files-from", "-"], 2, "standard input cannot be both the list of --exclude-from and the list of --files-from (E_USAGE)"],
  ])("%s", async (_, args, code, message) => {
    const { stderr, ...rest } = await compare([...args, "l", "r"], { cwd });
    expect(stderr).toStartWith(`suite compare: ${message}`);
    expect(rest).toMatchObject({ code, text: "" });
  });

  test("standard input that is a side too", async () => {
    const { code, stderr } = await compare(["--files-from", "-", "-", "paths"], { cwd });
    expect({ code, stderr }).toEqual({ code: 2, stderr: "suite compare: standard input cannot be both one side and the list of --files-from (E_USAGE)\n" });
  });

  test("standard input that is closed", async () => {
    const { code, stderr } = await compare(["--files-from", "-", "l", "r"], { cwd, shell: '"$@" <&-' });
    expect({ code, stderr }).toEqual({ code: 4, stderr: "suite compare: -: standard input is closed (E_NOT_FOUND); check the spelling\n" });
  });

  test("a list that can be none", async () => {
    makeTree(cwd, { huge: "" });
    truncateSync(join(cwd, "huge"), 2 ** 31);
    const { code, stderr } = await compare(["-X", "huge", "l", "r"], { cwd });
    expect({ code, stderr }).toEqual({ code: 4, stderr: "suite compare: huge: the list is larger than 1 GiB (E_LIMIT)\n" });
  });
});

describe("a signal is heard while a list is waited for", () => {
  test.each([["--files-from", "SIGINT", 130], ["--exclude-from", "SIGTERM", 143]] as const)("%s, %s", async (flag, signal, code) => {
    const child = Bun.spawn(commandLine(["compare", flag, "-", "l", "r"]), { cwd, stdin: "pipe", stdout: "pipe", stderr: "pipe", timeout: LIMIT_MS, killSignal: "SIGKILL" });
    // More than a pipe holds: when it is gone, the command is reading.
    child.stdin.write("# a note\n".repeat(100_000));
    await child.stdin.flush();
    child.kill(signal);
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    expect({ code: child.exitCode, out, err }).toEqual({ code, out: "", err: "" });
  });
});
