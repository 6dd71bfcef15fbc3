// `suite compare --all` and `--groups`: lines, records, exit codes, what does not go together.
import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, linkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { putFifo } from "./kit/bytes.ts";
import { readGroups } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";
import { withoutPrivileges } from "./kit/rights.ts";

const cwd = temporaryFolder();
const run = (...args: (string | Uint8Array)[]) => compare(args, { cwd });

beforeAll(() => {
  makeTree(cwd, {
    a: "same",
    b: "same",
    c: "other",
    d: "same!",
    folder: null,
    "with space": "other",
    "tab\there": "other",
  });
  linkSync(join(cwd, "a"), join(cwd, "a2"));
});

describe("C-29 --groups", () => {
  test("a line for each group, in the order of their first members", async () => {
    const { code, text, stderr } = await run("--groups", "c", "a", "d", "b", "with space");
    expect({ code, text, stderr }).toEqual({ code: 1, text: "= c\twith space\n= a\tb\n* d\n", stderr: "" });
  });

  test("all equal: one line, 0", async () => {
    expect(await run("--groups", "a", "b", "a2")).toMatchObject({ code: 0, text: "= a\tb\ta2\n", stderr: "" });
    expect(await run("--groups", "a")).toMatchObject({ code: 0, text: "* a\n", stderr: "" });
  });

  test("-q: nothing but the exit code, at the first difference", async () => {
    expect(await run("-q", "--groups", "a", "b")).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await run("-q", "--groups", "a", "c", "b")).toMatchObject({ code: 1, text: "", stderr: "" });
    // A difference that is proven is enough, R-6.
    expect(await run("-q", "--groups", "a", "none", "c")).toMatchObject({ code: 1, text: "" });
    expect(await run("-q", "--groups", "a", "none", "b")).toMatchObject({ code: 4, text: "" });
  });

  test("--json: group records, then the summary", async () => {
    const end = await run("--groups", "--json", "a", "c", "a2", "b", "d");
    const { groups, summary } = readGroups(end);
    expect(groups).toEqual([
      { v: 1, type: "group", id: 0, members: ["a", "a2", "b"], sources: [0, 2, 3], proof: "bytes" },
      { v: 1, type: "group", id: 1, members: ["c"], sources: [1] },
      { v: 1, type: "group", id: 2, members: ["d"], sources: [4] },
    ] as never);
    expect(summary).toMatchObject({ verdict: "different", exit: 1, equal: 3, different: 2, unknown: 0, groups: 3 });
    expect(summary.proofs).toEqual({ bytes: 2, same_inode: 1 });
    expect(end.code).toBe(1);
  });

  test("C-69 --json counts what was read", async () => {
    const data = noise(11 << 20, 5);
    const names = Array.from({ length: 8 }, (_, i) => `copy${i}`);
    for (const name of names) writeFileSync(join(cwd, name), data);
    const { groups, summary } = readGroups(await run("--groups", "--json", ...names));
    expect(groups).toMatchObject([{ members: names, proof: "bytes" }]);
    expect(summary.bytes_read).toBeLessThanOrEqual(8.1 * data.length);
  });

  test("names that are no text", async () => {
    const odd = Buffer.from([0x6f, 0xff]);
    writeFileSync(Buffer.concat([Buffer.from(`${cwd}/`), odd]), "same");
    const { groups } = readGroups(await run("--groups", "--json", "a", odd, "c"));
    expect(groups[0]).toMatchObject({ members_b64: [Buffer.from("a"), odd].map((name) => name.toString("base64")) });
    expect(groups[0]).not.toHaveProperty("members");
    expect(groups[1]).toMatchObject({ members: ["c"] });
    const plain = await run("--groups", "a", odd);
    expect(plain.stdout).toEqual(Buffer.concat([Buffer.from("= a\t"), odd, Buffer.from("\n")]));
  });

  test("a tab within a name is escaped, and -0 gives names as they are", async () => {
    expect((await run("--groups", "tab\there", "c", "a")).text).toBe("= tab\\there\tc\n* a\n");
    expect((await run("--groups", "-0", "tab\there", "c", "a")).text).toBe("= tab\there\0= c\0\0* a\0\0");
  });

  test("C-30 the same output whatever the number of threads", async () => {
    const names = Array.from({ length: 300 }, (_, i) => `many/${i}`);
    makeTree(cwd, Object.fromEntries(names.map((name, i) => [name, String(i % 41).repeat(3000)])));
    const one = await run("--groups", "-j1", ...names);
    expect(one.text.split("\n")).toHaveLength(42);
    for (const jobs of ["2", "16", "0"]) expect((await run("--groups", `-j${jobs}`, ...names)).text).toBe(one.text);
    const few = await compare(["--groups", ...names], { cwd, shell: 'ulimit -n 64; exec "$@"' });
    expect({ text: few.text, code: few.code }).toEqual({ text: one.text, code: 1 });
  });

  test("--limit prints so many groups and counts all", async () => {
    const { groups, summary } = readGroups(await run("--groups", "--json", "--limit", "1", "a", "c", "d"));
    expect(groups).toHaveLength(1);
    expect(summary).toMatchObject({ groups: 3, different: 3 });
  });
});

describe("C-28 --all", () => {
  test("0 when all are equal, 1 with the first two that differ", async () => {
    expect(await run("--all", "a", "b", "a2")).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await run("--all", "a", "b", "c", "d")).toMatchObject({ code: 1, text: "a c differ\n", stderr: "" });
    expect(await run("--all", "-0", "a", "b", "tab\there")).toMatchObject({ code: 1, text: "* a\0* tab\there\0" });
    expect(await run("--all", "-q", "a", "c")).toMatchObject({ code: 1, text: "" });
  });

  test("--json: the summary has the two", async () => {
    const { groups, summary } = readGroups(await run("--all", "--json", "a", "b", "c", "d"));
    expect(groups).toEqual([]);
    expect(summary).toMatchObject({
      verdict: "different",
      exit: 1,
      difference: { left: "a", right: "c", reasons: ["size_mismatch"] },
    });
    const equal = readGroups(await run("--all", "--json", "a", "b"));
    expect(equal.summary).toMatchObject({ verdict: "equal", exit: 0, equal: 2 });
    expect(equal.summary).not.toHaveProperty("difference");
  });
});

describe("what cannot be read", () => {
  test("is unknown, never equal: 4, and the others are told", async () => {
    putFifo(cwd, "fifo");
    const end = await run("--groups", "a", "none", "folder", "fifo", "b");
    expect(end.code).toBe(4);
    expect(end.text).toBe("= a\tb\n! none\tE_NOT_FOUND\n! folder\tE_UNSUPPORTED\n! fifo\tE_UNSUPPORTED\n");
    expect(end.stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^suite compare: none: open: .*\(E_NOT_FOUND\)$/),
      expect.stringMatching(/^suite compare: folder: open: it is a directory.*\(E_UNSUPPORTED\)$/),
      expect.stringMatching(/^suite compare: fifo: open: it is a FIFO \(E_UNSUPPORTED\)$/),
    ]);
    expect((await run("--groups", "--brief", "none", "a")).text).toBe("! none\n* a\n");
    const all = await run("--all", "a", "b", "none");
    expect(all).toMatchObject({ code: 4, text: "" });
    expect(all.stderr).toContain("E_NOT_FOUND");
    // Two sources are proven different, and another cannot be read: 4 before 1, R-6.
    expect(await run("--all", "a", "c", "none")).toMatchObject({ code: 4, text: "a c differ\n" });
    const { groups, summary } = readGroups(await run("--all", "--json", "a", "none", "b"));
    expect(groups).toMatchObject([{ members: ["none"], sources: [1], error: { code: "E_NOT_FOUND" } }]);
    expect(summary).toMatchObject({ verdict: "unknown", exit: 4, unknown: 1 });
  });

  test("E_PERMISSION", async () => {
    chmodSync(cwd, 0o755);
    writeFileSync(join(cwd, "shut"), "same", { mode: 0 });
    const end = await compare(["--groups", "a", "shut", "b"], { cwd, before: withoutPrivileges() });
    expect(end).toMatchObject({ code: 4, text: "= a\tb\n! shut\tE_PERMISSION\n" });
  });
});

describe("sources", () => {
  test("standard input, once", async () => {
    const stdin = new TextEncoder().encode("other");
    const end = await compare(["--groups", "a", "-", "c", "b"], { cwd, stdin });
    expect(end).toMatchObject({ code: 1, text: "= a\tb\n= -\tc\n" });
    const twice = await compare(["--groups", "-", "a", "-"], { cwd, stdin });
    expect(twice).toMatchObject({ code: 2, text: "" });
    expect(twice.stderr).toContain("- and -");
    expect((await compare(["--all", "-", "a"], { cwd, shell: '"$@" <&-' })).code).toBe(4);
  });

  test("from a list, by lines or NULs, behind the operands", async () => {
    const list = (text: string) => new TextEncoder().encode(text);
    const lines = await compare(["--groups", "--files-from", "-", "c"], { cwd, stdin: list("a\nb\n") });
    expect(lines).toMatchObject({ code: 1, text: "* c\n= a\tb\n" });
    const nul = await compare(["--groups", "-0", "--files-from", "-"], { cwd, stdin: list("a\0tab\there\0b\0") });
    expect(nul.text).toBe("= a\0= b\0\0* tab\there\0\0");
    expect((await compare(["--all", "--files-from", "-"], { cwd, stdin: list("") })).code).toBe(2);
    expect((await compare(["--all", "--files-from", "-", "-"], { cwd, stdin: list("a\n") })).code).toBe(2);
    // In a list, a dash is a name like any other.
    writeFileSync(join(cwd, "-"), "same");
    expect((await compare(["--groups", "--files-from", "-", "a"], { cwd, stdin: list("-\n") })).text).toBe("= a\t-\n");
  });

  test("C-32 more of them than a command line holds", async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `crowd/${String(i).padStart(5, "0")}`);
    makeTree(cwd, Object.fromEntries(names.map((name, i) => [name, `content ${i % 10}`])));
    writeFileSync(join(cwd, "list"), names.join("\n"));
    const { groups, summary } = readGroups(
      await compare(["--groups", "--json", "--files-from", "list"], { cwd, shell: 'ulimit -n 64; exec "$@"' }),
    );
    expect(groups.map(({ members }) => members?.length)).toEqual(Array(10).fill(200));
    expect(summary).toMatchObject({ equal: 2000, unknown: 0, bytes_read: 2000 * 9 });
  });
});

describe("the command line", () => {
  const wrong: [string[], string][] = [
    [["--all"], "--all takes at least one source"],
    [["--groups"], "--groups takes at least one source"],
    [["--all", "--groups", "a", "b"], "--all and --groups"],
    [["--groups", "--ranges", "a", "b"], "--ranges is about two sides"],
    [["--all", "-l", "a", "b"], "--verbose-bytes is about two sides"],
    [["--all", "-b", "a", "b"], "--print-bytes is about two sides"],
    [["--groups", "-i", "1", "a", "b"], "--ignore-initial is about two sides"],
    [["--groups", "-n", "1", "a", "b"], "--bytes is about two sides"],
    [["--groups", "--all-entries", "a", "b"], "--all-entries is about two sides"],
    [["a", "b", "c"], "two operands"],
  ];
  for (const [args, words] of wrong) {
    test(`${args.join(" ")}: 2`, async () => {
      const end = await run(...args);
      expect(end).toMatchObject({ code: 2, text: "" });
      expect(end.stderr).toContain(words);
    });
  }

  test("the help has both forms", async () => {
    const { text } = await run("--help");
    expect(text).toContain(
      "Usage: suite compare [OPTIONS] A B\n       suite compare [OPTIONS] --all|--groups [SRC...]\n",
    );
  });

  test("progress goes to stderr", async () => {
    const end = await run("--groups", "--progress=json", "a", "b");
    const last = end.stderr.trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ type: "progress", entries: 2, bytes: 8 });
  });
});
