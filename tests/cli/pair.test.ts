// Two files on the command line: what is said of them, in the words of cmp, and what is read to know it.
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  ftruncateSync,
  linkSync,
  openSync,
  readdirSync,
  statSync,
  closeSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare, LIMIT_MS } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;

/** A folder with the files `a` and `b`. */
function pair(a: string | Uint8Array, b: string | Uint8Array): string {
  return makeTree(join(dir, String(count++)), { a, b });
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const TiB = 2 ** 40;

/** A file of this size that holds these bytes at these offsets, and holes elsewhere. */
function sparse(path: string, size: number, at: Record<number, Uint8Array> = {}): string {
  const fd = openSync(path, "w");
  for (const [offset, bytes] of Object.entries(at)) writeSync(fd, bytes, 0, bytes.length, Number(offset));
  ftruncateSync(fd, size);
  closeSync(fd);
  return path;
}

const said = async (cwd: string, ...flags: string[]) => {
  const { code, text, stderr } = await compare([...flags, "a", "b"], { cwd });
  return { code, text, stderr };
};

describe("C-01 wording", () => {
  test.each([
    ["the first byte", "abc", "xbc", "a b differ: byte 1, line 1"],
    ["the last byte of the last line", "1\n2\n3", "1\n2\n4", "a b differ: byte 5, line 3"],
    ["a line end against a character", "1\n2\n", "1 2\n", "a b differ: byte 2, line 1"],
    ["behind a line end", "\n\n\nx", "\n\n\ny", "a b differ: byte 4, line 4"],
    ["a prefix that ends within a line", "1\n2", "1\n2 and more", "EOF on a after byte 3, in line 2"],
    ["a prefix on the right", "1\n2 and more", "1\n2", "EOF on b after byte 3, in line 2"],
    ["a prefix that ends with its line", "1\n2\n", "1\n2\n3\n", "EOF on a after byte 4, line 2"],
    ["a prefix of one line end", "\n", "\nx", "EOF on a after byte 1, line 1"],
    ["an empty left", "", "x", "EOF on a which is empty"],
    ["an empty right", "x", "", "EOF on b which is empty"],
    ["a longer side that differs before", "1x3456", "1y3", "a b differ: byte 2, line 1"],
  ])("%s", async (_, a, b, line) => {
    expect(await said(pair(a, b))).toEqual({ code: 1, text: `${line}\n`, stderr: "" });
  });

  test("places far inside a file are counted from its start", async () => {
    const left = noise(3 * MiB, 7);
    const right = left.slice();
    right[2_500_000] = left[2_500_000]! ^ 1;
    const lines = left.subarray(0, 2_500_000).filter((byte) => byte === 10).length;
    const at = { code: 1, text: `a b differ: byte 2500001, line ${lines + 1}\n`, stderr: "" };
    expect(await said(pair(left, right))).toEqual(at);
    expect(await said(pair(left, right), "-j", "1", "--chunk-size", "4k")).toEqual(at);
    const cut = left.subarray(0, 2_500_000);
    const place = cut.at(-1) === 10 ? `line ${lines}` : `in line ${lines + 1}`;
    expect((await said(pair(left, cut))).text).toBe(`EOF on b after byte 2500000, ${place}\n`);
  });

  test("equal files leave standard output empty", async () => {
    expect(await said(pair("same", "same"))).toEqual({ code: 0, text: "", stderr: "" });
    expect(await said(pair("", ""))).toEqual({ code: 0, text: "", stderr: "" });
  });

  test("--brief says that they differ, -q, -s and --silent nothing", async () => {
    const cwd = pair("one", "two");
    expect(await said(cwd, "--brief")).toEqual({ code: 1, text: "a b differ\n", stderr: "" });
    expect((await said(pair("1", "12"), "--brief")).text).toBe("a b differ\n");
    for (const flag of ["-q", "--quiet", "-s", "--silent"]) {
      expect(await said(cwd, flag)).toEqual({ code: 1, text: "", stderr: "" });
      expect(await said(pair("same", "same"), flag)).toEqual({ code: 0, text: "", stderr: "" });
    }
  });

  test("offset and line are told only where they are the first difference", async () => {
    // Sizes alone prove the second pair different: where, nobody looked.
    const { entries, summary } = readJson(await compare(["--json", "a", "b"], { cwd: pair("1\n2", "1\n3") }));
    expect(entries).toMatchObject([{ path: "a", status: "different", offset: 2, line: 2, size: [3, 3] }]);
    expect(summary).toMatchObject({ verdict: "different", exit: 1, different: 1 });
    const other = readJson(await compare(["--json", "--brief", "a", "b"], { cwd: pair("1\n2", "9\n34") }));
    expect(other.entries).toMatchObject([{ status: "different", reasons: ["size_mismatch"], size: [3, 4] }]);
    expect(other.entries[0]).not.toHaveProperty("offset");
    expect(other.summary.bytes_read).toBe(0);
    const read = await compare(["--json", "--brief", "--no-size-precheck", "a", "b"], { cwd: pair("1\n2", "9\n34") });
    expect(readJson(read).entries[0]?.reasons).toEqual(["content_mismatch"]);
  });
});

describe("operands", () => {
  test("a file against itself and against its hard link is equal by its inode, unread", async () => {
    const cwd = pair("x".repeat(100_000), "");
    linkSync(join(cwd, "a"), join(cwd, "hard"));
    for (const other of ["a", "hard"]) {
      const { summary } = readJson(await compare(["--json", "a", other], { cwd }));
      expect(summary).toMatchObject({ verdict: "equal", bytes_read: 0, proofs: { same_inode: 1 } });
      expect(summary.bytes_avoided).toBe(200_000);
    }
  });

  test("links given as operands are followed", async () => {
    const cwd = pair("same", "same");
    symlinkSync("a", join(cwd, "link"));
    symlinkSync("link", join(cwd, "chain"));
    expect(await compare(["link", "b"], { cwd })).toMatchObject({ code: 0, text: "" });
    writeFileSync(join(cwd, "b"), "sane");
    expect(await compare(["chain", "b"], { cwd })).toMatchObject({ code: 1, text: "chain b differ: byte 3, line 1\n" });
  });

  test("- is standard input, on either side", async () => {
    const cwd = pair("from a pipe\n", "");
    const stdin = Buffer.from("from a pipe\n");
    expect(await compare(["-", "a"], { cwd, stdin })).toMatchObject({ code: 0, text: "" });
    expect(await compare(["a", "-"], { cwd, stdin: Buffer.from("from a pope\n") })).toMatchObject({
      code: 1,
      text: "a - differ: byte 9, line 1\n",
    });
    expect(await compare(["-", "a"], { cwd, stdin: Buffer.from("from a") })).toMatchObject({
      code: 1,
      text: "EOF on - after byte 6, in line 1\n",
    });
    expect(await compare(["-", "b"], { cwd, stdin })).toMatchObject({ code: 1, text: "EOF on b which is empty\n" });
  });

  test("standard input that is a file", async () => {
    const cwd = pair("redirected", "redirected");
    expect(await compare(["-", "b"], { cwd, shell: '"$@" < a' })).toMatchObject({ code: 0, text: "" });
  });

  test("large standard input, whatever the pieces it comes in", async () => {
    const bytes = noise(5 * MiB, 3);
    const cwd = pair(bytes, "");
    expect(await compare(["a", "-"], { cwd, shell: 'dd if=a bs=777 2>/dev/null | "$@"' })).toMatchObject({ code: 0 });
    const cut = await compare(["-", "a"], { cwd, shell: 'head -c 4000000 a | "$@"' });
    expect(cut.text).toMatch(/^EOF on - after byte 4000000, (in )?line \d+\n$/);
    expect(cut.code).toBe(1);
  });

  test("<(command) of a shell, on both sides", async () => {
    const cwd = pair("b\na\n", "");
    const bash = (shell: string) => compare([], { cwd, shellProgram: "bash", shell });
    expect(await bash(`"$@" <(sort a) <(printf 'a\\nb\\n')`)).toMatchObject({ code: 0, text: "", stderr: "" });
    const other = await bash(`"$@" <(sort a) <(printf 'a\\nc\\n')`);
    expect(other.text).toMatch(/^\/dev\/fd\/\d+ \/dev\/fd\/\d+ differ: byte 3, line 2\n$/);
    expect(other.code).toBe(1);
  });
});

describe("same", () => {
  test.each([0, 1, 4095, 4096, 4097, 262_144, 262_145, 3 * MiB + 1])("%d bytes", async (size) => {
    const { summary, entries } = readJson(
      await compare(["--json", "--all-entries", "a", "b"], { cwd: pair(noise(size, 5), noise(size, 5)) }),
    );
    expect(entries).toMatchObject([{ status: "equal", proof: "bytes", size: [size, size] }]);
    expect(summary).toMatchObject({ verdict: "equal", exit: 0, equal: 1, bytes_read: 2 * size, bytes_avoided: 0 });
  });
});

describe("different", () => {
  test("one bit, anywhere", async () => {
    const size = 1_500_000;
    for (const at of [0, 1, 4095, 4096, 262_143, 262_144, 1_048_576, size - 1]) {
      const right = noise(size, 9);
      right[at] = right[at]! ^ 0x80;
      const { entries } = readJson(await compare(["--json", "a", "b"], { cwd: pair(noise(size, 9), right) }));
      expect(entries).toMatchObject([{ status: "different", reasons: ["content_mismatch"], offset: at }]);
    }
  });
});

describe("empty", () => {
  test("an empty file equals an empty file and nothing else", async () => {
    expect((await said(pair("", ""), "-q")).code).toBe(0);
    expect((await said(pair("", "\0"), "-q")).code).toBe(1);
    expect((await said(pair("\0", ""), "-q")).code).toBe(1);
  });
});

describe("large", () => {
  test(
    "C-09 a sparse pair over 4 GiB that differs past 2^32 only tells that place",
    async () => {
      const cwd = pair("", "");
      const at = 2 ** 32 + 12_345;
      const size = at + 10_000;
      const lines = new TextEncoder().encode("\n\n\n");
      sparse(join(cwd, "a"), size, { 0: lines, [at]: new Uint8Array([1, 2]) });
      sparse(join(cwd, "b"), size, { 0: lines, [at]: new Uint8Array([1, 3]) });
      const { entries, summary } = readJson(await compare(["--json", "a", "b"], { cwd }));
      expect(entries).toMatchObject([{ status: "different", offset: at + 1, line: 4, size: [size, size] }]);
      // Neither the comparison nor the count of lines reads what is a hole.
      expect(summary.bytes_read).toBeLessThan(4 * MiB);
      expect((await said(cwd)).text).toBe(`a b differ: byte ${at + 2}, line 4\n`);
    },
    LIMIT_MS,
  );

  test(
    "C-04 1 GiB that differs in its first byte is hardly read",
    async () => {
      const cwd = pair("", "");
      for (const [name, first] of [
        ["a", 1],
        ["b", 2],
      ] as const) {
        const bytes = noise(MiB, 4);
        bytes[0] = first;
        sparse(join(cwd, name), GiB, { 0: bytes });
      }
      for (const flags of [[], ["--brief"], ["-j", "1"], ["--no-quick-check"], ["--chunk-size", "4M"]]) {
        const { summary, entries } = readJson(await compare(["--json", ...flags, "a", "b"], { cwd }));
        expect(summary).toMatchObject({ verdict: "different", exit: 1 });
        expect(entries[0]?.offset).toBe(0);
        const limit = flags.includes("4M") ? 16 * MiB : 4 * MiB;
        expect(summary.bytes_read).toBeLessThanOrEqual(limit);
      }
    },
    LIMIT_MS,
  );

  test(
    "C-73 two files of 1 TiB that are holes are equal, unread",
    async () => {
      const cwd = pair("", "");
      sparse(join(cwd, "a"), TiB);
      sparse(join(cwd, "b"), TiB);
      const { summary } = readJson(await compare(["--json", "a", "b"], { cwd }));
      expect(summary).toMatchObject({ verdict: "equal", proofs: { holes: 1 } });
      expect(summary.bytes_read).toBeLessThanOrEqual(4 * MiB);
      expect(summary.bytes_read + summary.bytes_avoided).toBe(2 * TiB);
    },
    LIMIT_MS,
  );

  test("a hole equals written zeros, and differs from anything else", async () => {
    const cwd = pair("", "");
    sparse(join(cwd, "a"), 8 * MiB);
    writeFileSync(join(cwd, "b"), new Uint8Array(8 * MiB));
    expect(readJson(await compare(["--json", "a", "b"], { cwd })).summary).toMatchObject({ verdict: "equal" });
    // Data in one side's hole, away from every page that the other side has.
    sparse(join(cwd, "a"), 64 * MiB, { 1_048_576: new Uint8Array([1]), 40_000_000: new Uint8Array([1]) });
    sparse(join(cwd, "b"), 64 * MiB, { 1_048_576: new Uint8Array([1]), 50_000_000: new Uint8Array([1]) });
    expect((await said(cwd)).text).toBe("a b differ: byte 40000001, line 1\n");
    sparse(join(cwd, "b"), 64 * MiB, { 1_048_576: new Uint8Array([1]), 40_000_000: new Uint8Array([1]) });
    expect((await said(cwd)).code).toBe(0);
    sparse(join(cwd, "b"), 65 * MiB, { 1_048_576: new Uint8Array([1]), 40_000_000: new Uint8Array([1]) });
    expect((await said(cwd)).text).toBe(`EOF on a after byte ${64 * MiB}, in line 1\n`);
  });

  test("CX-16 what a sample does not see is found by reading", async () => {
    // Looking at a few places is likely to miss one byte in 8 MiB; each of many places would have to be looked at.
    const size = 8 * MiB;
    const left = noise(size, 11);
    for (const at of [3_333_333, 5_000_001, 7_654_321]) {
      const right = left.slice();
      right[at] = right[at]! ^ 1;
      const cwd = pair(left, right);
      expect(await said(cwd, "-q")).toEqual({ code: 1, text: "", stderr: "" });
      expect((await said(cwd, "--brief")).text).toBe("a b differ\n");
    }
    const { summary } = readJson(await compare(["--json", "--brief", "a", "b"], { cwd: pair(left, left) }));
    expect(summary).toMatchObject({ verdict: "equal", proofs: { bytes: 1 } });
    expect(summary.bytes_read).toBeGreaterThanOrEqual(2 * size);
  });

  test("a sample proves a difference at the end, and then the place is not told", async () => {
    const size = 64 * MiB;
    const cwd = pair("", "");
    for (const [name, last] of [
      ["a", 1],
      ["b", 2],
    ] as const) {
      sparse(join(cwd, name), size, { 0: noise(4096, 2), [size - 1]: new Uint8Array([last]) });
    }
    const { summary, entries } = readJson(await compare(["--json", "--brief", "a", "b"], { cwd }));
    expect(entries).toMatchObject([{ status: "different", reasons: ["content_mismatch"] }]);
    expect(entries[0]).not.toHaveProperty("offset");
    expect(summary.bytes_read).toBeLessThan(MiB);
    expect((await said(cwd)).text).toBe(`a b differ: byte ${size}, line ${linesIn(noise(4096, 2)) + 1}\n`);
  });
});

const linesIn = (bytes: Uint8Array) => bytes.filter((byte) => byte === 10).length;

describe("files that the system makes up", () => {
  test("a size of 0 below /proc is not taken for an empty file", async () => {
    // Another tool calls these two equal, as both have the size 0.
    const { code, text } = await compare(["/proc/version", "/proc/uptime"]);
    expect(code).toBe(1);
    expect(text).toMatch(/^\/proc\/version \/proc\/uptime differ: byte 1, line 1\n$/);
    expect((await compare(["-q", "/proc/version", "/proc/uptime"])).code).toBe(1);
    expect((await compare(["/proc/version", "/proc/self/../version"])).code).toBe(0);
  });

  test("they equal a copy of their bytes, and not an empty file", async () => {
    const version = new Uint8Array(await Bun.file("/proc/version").bytes());
    const cwd = pair(version, "");
    expect((await compare(["/proc/version", "a"], { cwd })).code).toBe(0);
    expect((await compare(["-q", "a", "/proc/version"], { cwd })).code).toBe(0);
    expect(await compare(["/proc/version", "b"], { cwd })).toMatchObject({
      code: 1,
      text: "EOF on b which is empty\n",
    });
  });

  test("below /sys the size is that of a page, whatever the file holds", async () => {
    const page = "/sys/kernel/mm/transparent_hugepage/enabled";
    const file = (await Bun.file(page).exists()) ? page : "/sys/kernel/fscaps";
    const bytes = new Uint8Array(await new Response(Bun.spawn(["cat", file]).stdout).bytes());
    expect(bytes.length).toBeGreaterThan(0);
    const cwd = pair(bytes, `${new TextDecoder().decode(bytes)}x`);
    expect((await compare([file, "a"], { cwd })).code).toBe(0);
    expect((await compare([file, "b"], { cwd })).text).toMatch(/^EOF on \/sys\S+ after byte \d+, line 1\n$/);
  });

  test("two of them with the same made-up size are compared by what they hold", async () => {
    const folder = "/sys/kernel";
    const files = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "uevent_seqnum")
      .map((entry) => join(folder, entry.name))
      .filter((path) => statSync(path).size === 4096)
      .map((path) => ({ path, cat: Bun.spawnSync(["cat", path], { stdout: "pipe", stderr: "ignore" }) }))
      .filter(({ cat }) => cat.success)
      .slice(0, 4);
    expect(files.length).toBeGreaterThan(1);
    for (const a of files) {
      for (const b of files) {
        if (a === b) continue;
        const { code, stderr } = await compare([a.path, b.path]);
        expect({ code, stderr }).toEqual({ code: a.cat.stdout.equals(b.cat.stdout) ? 0 : 1, stderr: "" });
      }
    }
  });
});

describe("C-65 what else differs is named, on a line of its own", () => {
  test.each([
    [["--metadata", "mode"], "a b differ: mode\n"],
    [["--metadata", "mode,mtime"], "a b differ: mode,mtime\n"],
    [["--brief", "--metadata", "mode"], "a b differ\n"],
    [["-0", "--metadata", "mode"], "a b differ\0"],
  ])("%j", async (flags, text) => {
    const cwd = pair("same", "same");
    chmodSync(join(cwd, "a"), 0o600);
    chmodSync(join(cwd, "b"), 0o644);
    utimesSync(join(cwd, "a"), 1000, 1000);
    expect(await compare([...flags, "a", "b"], { cwd })).toMatchObject({ code: 1, text, stderr: "" });
  });

  test("before what cmp says of the content", async () => {
    const cwd = pair("some", "same");
    chmodSync(join(cwd, "a"), 0o600);
    const told = "a b differ: mode\na b differ: byte 2, line 1";
    expect((await compare(["--metadata", "mode", "a", "b"], { cwd })).text).toBe(`${told}\n`);
    expect((await compare(["-b", "--metadata", "mode", "a", "b"], { cwd })).text).toBe(`${told} is 157 o 141 a\n`);
  });
});
