// Archives on the command line: looked into as trees, never taken for equal without proof.
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "../support/compressors.ts";
import { tar, zip, type Member } from "../support/archives.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;

/** A folder of its own with files in it. */
function folder(files: Record<string, Uint8Array>): string {
  const cwd = join(dir, String(count++));
  makeTree(cwd, files);
  return cwd;
}

/** What the command prints and ends with, of `flags` and the two operands A and B. */
async function told(cwd: string, a: string, b: string, ...flags: string[]) {
  const { code, text, stderr } = await compare([...flags, a, b], { cwd });
  return { code, lines: text.split("\n").slice(0, -1), stderr };
}

async function json(cwd: string, a: string, b: string, ...flags: string[]) {
  const { entries, summary } = readJson(await compare(["--json", ...flags, a, b], { cwd }));
  return { entries, summary };
}

const members: Member[] = [
  { name: "a.txt", data: "one" },
  { name: "d/", type: "5" },
  { name: "d/b.txt", data: "two" },
  { name: "d/empty/", type: "5" },
  { name: "link", type: "2", link: "a.txt" },
];
const reversed = members.toReversed();
const tree = { "a.txt": "one", "d/b.txt": "two", "d/empty": null, link: { link: "a.txt" } } as const;

describe("C-22 equal content in two formats", () => {
  const cwd = folder({
    "x.tar": tar(members),
    "y.tar": tar(reversed),
    "x.tar.gz": gzipSync(tar(members)),
    "x.tar.zst": zstdCompressSync(tar(members)),
    "x.zip": zip(members),
    "y.zip": zip(reversed.map((member) => ({ ...member, stored: true }))),
  });
  makeTree(join(cwd, "tree"), tree);
  const names = ["x.tar", "y.tar", "x.tar.gz", "x.tar.zst", "x.zip", "y.zip", "tree"];

  test.each(names.flatMap((a) => names.map((b) => [a, b] as const)))("%s and %s", async (a, b) => {
    expect(await told(cwd, a, b, "--archive")).toEqual({ code: 0, lines: [], stderr: "" });
  });

  test("every entry is there, with its proof", async () => {
    const { entries, summary } = await json(cwd, "x.tar", "y.tar", "--archive", "--all-entries");
    expect(entries.map(({ path, status, proof }) => [path, status, proof])).toEqual([
      ["a.txt", "equal", "hash:blake3"],
      ["d", "equal", "kind"],
      ["d/b.txt", "equal", "bytes"],
      ["d/empty", "equal", "kind"],
      ["link", "equal", "target"],
    ].map((row) => (row[0] === "d/b.txt" ? [row[0], row[1], expect.stringMatching(/^(bytes|hash:blake3)$/)] : row)));
    expect(summary.verdict).toBe("equal");
  });

  test("the same order is proven by the bytes", async () => {
    const { summary } = await json(cwd, "x.tar", "x.tar.gz", "--archive", "--all-entries");
    expect(summary.proofs).toEqual({ bytes: 2, kind: 2, target: 1 });
  });

  test("--prove=bytes accepts no digest", async () => {
    const { entries, summary } = await json(cwd, "x.tar", "y.tar", "--archive", "--prove=bytes");
    expect(summary).toMatchObject({ verdict: "unknown", exit: 3 });
    expect(entries.every(({ status }) => status === "unknown")).toBe(true);
  });

  test("two archives are files unless asked to look inside", async () => {
    const { code, lines, stderr } = await told(cwd, "x.tar", "y.tar");
    expect(code).toBe(1);
    expect(stderr).toBe("suite compare: these are archives: --archive compares what is in them\n");
    expect((await told(cwd, "x.tar", "y.tar", "-q")).stderr).toBe("");
    expect((await told(cwd, "x.tar", "y.tar", "--json")).stderr).toBe("");
    expect(lines[0]).toMatch(/^x\.tar y\.tar differ: byte \d+, line \d+$/);
  });

  test("CP-06 the same bytes are not decoded", async () => {
    writeFileSync(join(cwd, "copy.tar.gz"), gzipSync(tar(members)));
    const { summary } = await json(cwd, "x.tar.gz", "copy.tar.gz", "--archive");
    expect(summary).toMatchObject({ verdict: "equal", equal: 1, proofs: { bytes: 1 } });
  });
});

describe("what differs", () => {
  const changed: Member[] = [
    { name: "a.txt", data: "ONE" },
    { name: "d/", type: "5" },
    { name: "d/b.txt", data: "two and more" },
    { name: "link", type: "2", link: "elsewhere" },
    { name: "new", data: "n" },
  ];
  const cwd = folder({
    "a.tar": tar(members),
    "b.tar": tar(changed),
    "b.tgz": gzipSync(tar(changed.toReversed())),
    "a.zip": zip(members),
    "b.zip": zip(changed),
  });
  makeTree(join(cwd, "tree"), tree);
  const lines = [
    "* a.txt\tcontent_mismatch",
    "* d/b.txt\tsize_mismatch",
    "< d/empty/\t0 entries",
    "* link\tlink_target",
    "> new",
  ];

  test.each([
    ["a.tar", "b.tar"],
    ["a.tar", "b.tgz"],
    ["a.tar", "b.zip"],
    ["a.zip", "b.zip"],
    ["a.zip", "b.tgz"],
    ["tree", "b.tar"],
    ["tree", "b.zip"],
  ])("%s and %s", async (a, b) => {
    expect(await told(cwd, a, b, "--archive")).toEqual({ code: 1, lines, stderr: "" });
  });

  test("-q", async () => {
    expect(await told(cwd, "a.tar", "b.tar", "--archive", "-q")).toEqual({ code: 1, lines: [], stderr: "" });
  });

  test("filters, --one-way and --skip-empty-dirs", async () => {
    expect((await told(cwd, "a.tar", "b.tar", "--archive", "-x", "d/", "-x", "*.txt")).lines).toEqual(["* link\tlink_target", "> new"]);
    expect((await told(cwd, "a.tar", "b.tar", "--archive", "--one-way")).lines).toEqual(lines.slice(0, 4));
    expect((await told(cwd, "a.tar", "b.tar", "--archive", "--skip-empty-dirs")).lines).toEqual(lines.filter((line) => !line.includes("empty")));
    expect((await told(cwd, "a.tar", "b.tar", "--archive", "--include", "new")).lines.filter((line) => !line.includes("/"))).toEqual(["> new"]);
  });
});

describe("a directory against an archive", () => {
  const cwd = folder({ "x.tar": tar([{ name: "top/a.txt", data: "one" }, { name: "top/d/b.txt", data: "two" }]) });
  makeTree(join(cwd, "tree"), { "a.txt": "one", "d/b.txt": "two" });
  writeFileSync(join(cwd, "plain.txt"), "no archive");

  test("C-72 without being asked, with --strip-components", async () => {
    expect(await told(cwd, "tree", "x.tar", "--strip-components=1")).toEqual({ code: 0, lines: [], stderr: "" });
    expect((await told(cwd, "x.tar", "tree")).code).toBe(1);
  });

  test("--skip-empty-dirs leaves out directories, not what is in them", async () => {
    makeTree(join(cwd, "less"), { "a.txt": "one" });
    for (const [a, b, sign] of [["x.tar!/top", "less", "<"], ["less", "x.tar!/top", ">"]] as const) {
      expect(await told(cwd, a, b, "--skip-empty-dirs")).toEqual({ code: 1, lines: [`${sign} d/\t1 entry`], stderr: "" });
    }
  });

  test("plain text is not taken for one", async () => {
    expect((await told(cwd, "tree", "plain.txt")).lines.join()).toContain("type_mismatch");
  });

  test("a path inside an archive", async () => {
    expect(await told(cwd, "x.tar!/top", "tree")).toEqual({ code: 0, lines: [], stderr: "" });
    expect(await told(cwd, "x.tar!/top/d", "tree/d")).toEqual({ code: 0, lines: [], stderr: "" });
    expect(await told(cwd, "x.tar!/top/a.txt", "tree/a.txt")).toEqual({ code: 0, lines: [], stderr: "" });
    expect((await told(cwd, "x.tar!/top/a.txt", "tree/d/b.txt")).lines).toEqual([
      "x.tar!/top/a.txt tree/d/b.txt differ: byte 1, line 1",
    ]);
    expect((await told(cwd, "x.tar!/top/a.txt", "x.tar!/top/d/b.txt")).code).toBe(1);
    expect((await told(cwd, "x.tar!/top", "tree/a.txt")).lines.join()).toContain("type_mismatch");
  });

  test("a path that is not inside is not found", async () => {
    const { code, stderr } = await told(cwd, "x.tar!/nothing", "tree");
    expect(code).toBe(4);
    expect(stderr).toContain("E_NOT_FOUND");
  });

  test("archive: of what is none is undecided", async () => {
    const { code, lines } = await told(cwd, "archive:plain.txt", "tree");
    expect(code).toBe(3);
    expect(lines.join()).toContain("E_ARCHIVE");
  });
});

describe("R-1 never equal", () => {
  const good = tar([{ name: "a", data: "aaaa" }, { name: "b", data: "bbbb" }]);
  const alone = tar([{ name: "a", data: "aaaa" }]);
  const corrupt = Buffer.from(good);
  corrupt.fill(0xff, 1024, 1200);
  const twice = tar([{ name: "a", data: "1" }, { name: "a", data: "2" }]);
  const cwd = folder({
    "good.tar": good,
    "alone.tar": alone,
    "corrupt.tar": corrupt,
    "cut.tar": good.subarray(0, 1500),
    "cut.tgz": gzipSync(good).subarray(0, -12),
    "twice.tar": twice,
    "twice-more.tar": tar([{ name: "a", data: "1" }, { name: "a", data: "2" }, { name: "c", data: "" }]),
    "evil.tar": tar([{ name: "../evil", data: "x" }, { name: "a", data: "aaaa" }]),
    "abs.tar": tar([{ name: "/a", data: "aaaa" }]),
    "good.zip": zip([{ name: "good.txt", data: "x" }]),
    "lies.zip": zip([{ name: "good.txt", localName: "evil.txt", data: "x" }]),
    "locked.zip": zip([{ name: "good.txt", data: "x", claims: { flags: 0x801 } }]),
    "bad-crc.zip": zip([{ name: "good.txt", data: "x", claims: { crc: 1 } }]),
    "soft.tar": tar([{ name: "l", type: "2", link: "a" }]),
    "soft2.tar": tar([{ name: "l", type: "2", link: "b" }]),
    "hard.tar": tar([{ name: "a", data: "1" }, { name: "b", data: "2" }, { name: "h", type: "1", link: "a" }]),
    "hard2.tar": tar([{ name: "a", data: "1" }, { name: "b", data: "2" }, { name: "h", type: "1", link: "b" }]),
    "copied.tar": tar([{ name: "a", data: "1" }, { name: "b", data: "2" }, { name: "h", data: "1" }]),
    "dangling.tar": tar([{ name: "h", type: "1", link: "gone" }]),
    "fifo.tar": tar([{ name: "p", type: "6" }]),
    "node.tar": tar([{ name: "p", data: "" }]),
  });

  test.each([
    ["CX-02", "corrupt.tar", "alone.tar"],
    ["cut short", "cut.tar", "good.tar"],
    ["cut short", "cut.tgz", "good.tar"],
  ])("%s: %s and %s", async (_, a, b) => {
    const { entries, summary } = await json(cwd, a, b, "--archive");
    expect(summary).toMatchObject({ verdict: "unknown", exit: 3 });
    expect(entries.at(-1)).toMatchObject({ path: a, status: "unknown", error: { code: "E_ARCHIVE" } });
  });

  test("what was read of it counts", async () => {
    const { entries, summary } = await json(cwd, "cut.tgz", "alone.tar", "--archive");
    expect(summary).toMatchObject({ verdict: "different", exit: 3 });
    expect(entries.map(({ path, status }) => [path, status])).toEqual([["b", "only_left"], ["cut.tgz", "unknown"]]);
  });

  test("entries before the damage are told, one-sided ones behind it are undecided", async () => {
    const { entries } = await json(cwd, "corrupt.tar", "good.tar", "--archive", "--all-entries");
    expect(entries.map(({ path, status }) => [path, status])).toEqual([
      ["a", "equal"],
      ["b", "unknown"],
      ["corrupt.tar", "unknown"],
    ]);
  });

  test("CX-05 duplicates", async () => {
    const { entries, summary } = await json(cwd, "twice.tar", "twice-more.tar", "--archive");
    expect(entries[0]).toMatchObject({ path: "a", status: "unknown", reasons: ["duplicate"] });
    expect(summary.verdict).toBe("different");
  });

  test("names that lead out are listed", async () => {
    const evil = await json(cwd, "evil.tar", "alone.tar", "--archive");
    expect(evil.entries).toMatchObject([{ path: "../evil", status: "only_left" }]);
    const absolute = await json(cwd, "abs.tar", "alone.tar", "--archive");
    expect(absolute.entries).toMatchObject([{ path: "a", status: "different", reasons: ["unsafe_name"] }]);
  });

  test("CX-06 a ZIP file that contradicts itself", async () => {
    for (const other of ["good.zip", "lies.zip"]) {
      const { entries, summary } = await json(cwd, "lies.zip", other, "--archive", "--all-entries");
      expect(summary.verdict).toBe("unknown");
      expect(entries[0]).toMatchObject({ status: "unknown", reasons: ["parser_differential"] });
    }
  });

  test("encrypted, and with a wrong checksum", async () => {
    const locked = await json(cwd, "locked.zip", "good.zip", "--archive");
    expect(locked.summary.exit).toBe(3);
    expect(locked.entries).toMatchObject([{ status: "unknown", error: { code: "E_ARCHIVE_ENCRYPTED" } }]);
    const wrong = await json(cwd, "bad-crc.zip", "good.zip", "--archive", "--no-quick-check");
    expect(wrong.summary.verdict).not.toBe("equal");
  });

  test("CX-01 links", async () => {
    expect((await told(cwd, "soft.tar", "soft2.tar", "--archive")).lines).toEqual(["* l\tlink_target"]);
    expect((await told(cwd, "hard.tar", "hard2.tar", "--archive")).lines).toEqual(["* h\tcontent_mismatch"]);
    expect(await told(cwd, "hard.tar", "copied.tar", "--archive")).toEqual({ code: 0, lines: [], stderr: "" });
    expect((await told(cwd, "hard2.tar", "copied.tar", "--archive")).lines).toEqual(["* h\tcontent_mismatch"]);
    expect((await json(cwd, "dangling.tar", "dangling.tar", "--archive", "--all-entries")).summary.verdict).toBe("unknown");
  });

  test("hard links against a directory", async () => {
    makeTree(join(cwd, "copies"), { a: "1", b: "2", h: "1" });
    expect(await told(cwd, "hard.tar", "copies")).toEqual({ code: 0, lines: [], stderr: "" });
    expect((await told(cwd, "copies", "hard2.tar")).lines).toEqual(["* h\tcontent_mismatch"]);
  });

  test("kinds", async () => {
    expect((await told(cwd, "fifo.tar", "node.tar", "--archive")).lines).toEqual(["* p\ttype_mismatch"]);
  });
});

describe("limits", () => {
  const cwd = folder({ "zeros.tgz": gzipSync(tar([{ name: "zeros", data: Buffer.alloc(1 << 20) }])), "two.tar": tar(members) });
  makeTree(join(cwd, "tree"), { zeros: Buffer.alloc(1 << 20) });

  test("what is ordinary passes", async () => {
    expect((await told(cwd, "zeros.tgz", "tree")).code).toBe(0);
  });

  test.each([
    ["--max-bytes", "1k", "its content is more than 1024 bytes"],
    ["--max-entries", "1", "its entries are more than 1"],
    ["--max-name", "3", "longer than 3 bytes"],
  ])("%s: the message names the limit, its value and what raises it", async (flag, value, words) => {
    const { entries, summary } = await json(cwd, flag.includes("bytes") ? "zeros.tgz" : "two.tar", "tree", `${flag}=${value}`);
    expect(summary.exit).toBe(3);
    const { error } = entries.find((entry) => entry.error?.code === "E_ARCHIVE_BOMB") ?? {};
    expect(error?.message).toContain(`${words}`);
    expect(error?.message).toContain(`the limit; ${flag} raises it`);
  });
});

describe("metadata", () => {
  const cwd = folder({
    "a.tar": tar([{ name: "f", data: "x", mode: 0o644, mtime: 1000 }]),
    "b.tar": tar([{ name: "f", data: "x", mode: 0o4755, mtime: 1005, uid: 7 }]),
  });

  test("is compared when asked for", async () => {
    expect((await told(cwd, "a.tar", "b.tar", "--archive")).code).toBe(0);
    expect((await json(cwd, "a.tar", "b.tar", "--archive", "--metadata=mode,owner,mtime")).entries).toMatchObject([
      { reasons: ["mode", "owner", "mtime"] },
    ]);
    expect((await told(cwd, "a.tar", "b.tar", "--archive", "--metadata=mtime", "--modify-window=5s")).code).toBe(0);
  });
});

test("an archive on standard input", async () => {
  const cwd = folder({ "x.tar": tar(members) });
  const same = await compare(["--archive", "-", "x.tar"], { cwd, stdin: gzipSync(tar(reversed)) });
  expect({ code: same.code, text: same.text, stderr: same.stderr }).toEqual({ code: 0, text: "", stderr: "" });
  const other = await compare(["--archive", "x.tar", "-"], { cwd, stdin: gzipSync(tar(members.slice(1))) });
  expect(other.text).toBe("< a.txt\n");
});
