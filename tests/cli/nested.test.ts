// C-72: archives in archives and in directories, looked into.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { tar, zip, type Member } from "../support/archives.ts";
import { gzipSync, zstdCompressSync } from "../support/compressors.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;

function folder(files: Record<string, Uint8Array | string>): string {
  return makeTree(join(dir, String(count++)), files);
}

/** What is printed of A and B, and the exit code. */
async function told(cwd: string, a: string, b: string, ...flags: string[]) {
  const { code, text, stderr } = await compare(["--nested=1", ...flags, a, b], { cwd });
  return { code, lines: text.split("\n").slice(0, -1), stderr };
}

async function json(cwd: string, a: string, b: string, ...flags: string[]) {
  return readJson(await compare(["--json", "--nested=1", ...flags, a, b], { cwd }));
}

const members: Member[] = [
  { name: "x", data: "one" },
  { name: "d/y", data: "two".repeat(1000) },
  { name: "d/empty/", type: "5" },
  { name: "link", type: "2", link: "x" },
];
const reversed = members.toReversed();
const hard: Member[] = [...members, { name: "z", type: "1", link: "x" }];

/** An archive in another one, and something beside it. */
const around = (inner: Uint8Array, name = "in"): Member[] => [
  { name: "before", data: "b" },
  { name: `sub/${name}`, data: inner },
  { name: "z-behind", data: "a" },
];

describe("the same content in two formats", () => {
  const inner = {
    tar: tar(members),
    "tar.gz": gzipSync(tar(reversed)),
    "tar.zst": zstdCompressSync(tar(members)),
    zip: zip(reversed),
  };
  const outer: Record<string, (of: Member[]) => Uint8Array> = { tar, zip, tgz: (of) => gzipSync(tar(of)), back: (of) => tar(of.toReversed()) };
  const cwd = folder({});
  const names: string[] = [];
  for (const [i, bytes] of Object.entries(inner)) {
    for (const [o, pack] of Object.entries(outer)) {
      names.push(`${i}-in.${o}`);
      makeTree(cwd, { [`${i}-in.${o}`]: pack(around(bytes)) });
    }
    makeTree(join(cwd, `${i}-dir`), { before: "b", "sub/in": bytes, "z-behind": "a" });
    names.push(`${i}-dir`);
  }
  const pairs = names.flatMap((a, i) => names.slice(i % 4).filter((_, k) => k % 4 === 0).map((b) => [a, b] as const));
  test.each(pairs)("%s and %s", async (a, b) => {
    expect(await told(cwd, a, b)).toEqual({ code: 0, lines: [], stderr: "" });
    expect(await told(cwd, a, b, "--hash-compare", "-j1")).toEqual({ code: 0, lines: [], stderr: "" });
  });

  test("what is in it are entries, and the archive is one", async () => {
    const { entries, summary } = await json(cwd, "tar-in.tgz", "zip-in.zip", "--all-entries");
    expect(entries.map(({ path, status, proof, kind }) => [path, status, proof, kind[0]])).toEqual([
      ["before", "equal", "bytes", "file"],
      ["sub", "equal", "kind", "dir"],
      ["sub/in", "equal", "kind", "file"],
      ["sub/in!/d", "equal", "kind", "dir"],
      ["sub/in!/d/empty", "equal", "kind", "dir"],
      ["sub/in!/d/y", "equal", "hash:blake3", "file"],
      ["sub/in!/link", "equal", "target", "symlink"],
      ["sub/in!/x", "equal", "hash:blake3", "file"],
      ["z-behind", "equal", "bytes", "file"],
    ]);
    expect(summary).toMatchObject({ verdict: "equal", exit: 0, equal: 9 });
  });

  test("without --nested they are files that differ", async () => {
    expect((await told(cwd, "tar-in.tgz", "zip-in.zip", "--nested=0", "--archive")).lines).toEqual(["* sub/in\tsize_mismatch"]);
  });

  test("-q finds no difference in the bytes of archives", async () => {
    expect(await told(cwd, "tar-in.tgz", "tar.gz-in.back", "-q")).toEqual({ code: 0, lines: [], stderr: "" });
    expect(await told(cwd, "tar-dir", "zip-dir", "-q")).toEqual({ code: 0, lines: [], stderr: "" });
  });
});

describe("what differs in them", () => {
  const changed = members.map((member) => (member.name === "x" ? { ...member, data: "uno" } : member));
  const cwd = folder({
    "a.tar": tar(around(gzipSync(tar(members)))),
    "b.tgz": gzipSync(tar(around(tar([...changed, { name: "new/file", data: "n" }])))),
  });
  makeTree(join(cwd, "L"), { before: "b", "sub/in": tar(members), "z-behind": "a" });
  makeTree(join(cwd, "R"), { before: "b", "sub/in": zip(changed), "z-behind": "a" });

  test("is told under the path in both", async () => {
    expect(await told(cwd, "a.tar", "b.tgz")).toEqual({ code: 1, stderr: "", lines: ["> sub/in!/new/\t1 entry", "* sub/in!/x\tcontent_mismatch"] });
    expect((await told(cwd, "a.tar", "b.tgz", "-q")).code).toBe(1);
    expect((await told(cwd, "L", "b.tgz")).lines).toEqual(["> sub/in!/new/\t1 entry", "* sub/in!/x\tcontent_mismatch"]);
    expect((await told(cwd, "L", "R")).lines).toEqual(["* sub/in!/x\tcontent_mismatch"]);
  });

  test("globs, parts that do not count and a path inside hold for it", async () => {
    expect((await told(cwd, "a.tar", "b.tgz", "-x", "new", "-x", "x")).code).toBe(0);
    expect((await told(cwd, "a.tar", "b.tgz", "--strip-components=1")).lines).toEqual(["> in!/new/\t1 entry", "* in!/x\tcontent_mismatch"]);
    expect((await told(cwd, "a.tar!/sub", "b.tgz!/sub")).lines).toEqual(["> in!/new/\t1 entry", "* in!/x\tcontent_mismatch"]);
    expect((await told(cwd, "a.tar", "b.tgz", "-x", "in")).lines).toEqual([]);
  });

  test("--renames finds what went into one, or out of it", async () => {
    makeTree(cwd, { "c.tar": tar([...around(tar([...members, { name: "p", data: "pearl" }])), { name: "q", data: "gem" }]) });
    makeTree(cwd, { "d.tar": tar([...around(tar([...reversed, { name: "g", data: "gem" }])), { name: "o", data: "pearl" }]) });
    expect((await told(cwd, "c.tar", "d.tar", "--renames")).lines.slice(-2)).toEqual(["~ q\tsub/in!/g", "~ sub/in!/p\to"]);
  });
});

describe("compressed in large blocks, of which the first tells what it is", () => {
  const content = noise(3_000_000, 5);
  const one: Member[] = [{ name: "noise", data: content }, { name: "b", data: "b" }];
  const plain = tar(one);
  const cwd = folder({ "plain.tar": plain, "back.tar": tar([{ name: "in", data: tar(one.toReversed()) }]) });
  makeTree(join(cwd, "back"), { in: tar(one.toReversed()) });
  const packers = { gzip: ["-c"], bzip2: ["-9c"], xz: ["-0c"], zstd: ["-19c"] };

  test.each(Object.keys(packers).filter((name) => Bun.which(name) !== null))("%s", async (name) => {
    const { stdout } = Bun.spawnSync([name, ...packers[name as keyof typeof packers], "plain.tar"], { cwd });
    makeTree(cwd, { [`${name}.tar`]: tar([{ name: "in", data: stdout }]), [`${name}.zip`]: zip([{ name: "in", data: stdout }]) });
    makeTree(join(cwd, name), { in: stdout });
    for (const a of [`${name}.tar`, `${name}.zip`, name]) {
      for (const b of ["back.tar", "back"]) expect(await told(cwd, a, b)).toEqual({ code: 0, lines: [], stderr: "" });
    }
  });
});

test("what is the same bytes is not looked into, whatever it is", async () => {
  const damaged = gzipSync(tar(members)).subarray(0, 90);
  const cwd = folder({
    "a.tar": tar([{ name: "bad.tgz", data: damaged }, { name: "n", data: "1" }]),
    "b.tgz": gzipSync(tar([{ name: "n", data: "2" }, { name: "bad.tgz", data: damaged }])),
  });
  const { entries } = await json(cwd, "a.tar", "b.tgz", "--all-entries");
  expect(entries.map(({ path, status, proof }) => [path, status, proof])).toEqual([
    ["bad.tgz", "equal", "hash:blake3"],
    ["n", "different", undefined],
  ]);
});

describe("so many levels as asked for", () => {
  const deep = (core: Member[]) => tar([{ name: "o.tgz", data: gzipSync(tar([{ name: "m", data: "m" }, { name: "in.zip", data: zip([{ name: "core.tar", data: tar(core) }, { name: "p", data: "p" }]) }])) }]);
  const cwd = folder({ "a.tar": deep(members), "b.tar": deep(reversed), "c.tar": deep(members.slice(1)) });

  test.each([
    [0, 1, ["* o.tgz"]],
    [1, 1, ["* o.tgz!/in.zip"]],
    [2, 1, ["* o.tgz!/in.zip!/core.tar"]],
    [3, 0, []],
    [8, 0, []],
  ])("%d", async (levels, code, lines) => {
    expect(await told(cwd, "a.tar", "b.tar", "--brief", "--archive", `--nested=${levels}`)).toMatchObject({ code, lines });
  });

  test("a name that only one has, three levels down", async () => {
    expect(await told(cwd, "a.tar", "c.tar", "--nested=3")).toMatchObject({ code: 1, lines: ["< o.tgz!/in.zip!/core.tar!/x"] });
  });

  test("more than 8 are refused", async () => {
    expect((await compare(["--nested=9", "a.tar", "b.tar"], { cwd })).code).toBe(2);
  });
});

describe("what is never equal", () => {
  const good = tar(members);
  const packed = gzipSync(Buffer.concat([good.subarray(0, 1024), Buffer.from(good.subarray(1024))]));
  const cut = good.subarray(0, 1024 + 600);
  const corrupt = Buffer.from(good);
  corrupt[1024 + 20]! ^= 1;
  const wrong = Buffer.from(packed);
  wrong[wrong.length - 8]! ^= 1;
  const twice = tar([...members, { name: "x", data: "one" }]);
  const lies = zip([{ name: "x", data: "one", localName: "y" }, ...members.slice(1)]);
  const locked = zip([{ name: "x", data: "one", claims: { flags: 0x801 } }, ...members.slice(1)]);
  const odd: Record<string, Uint8Array> = { cut, corrupt, wrong, twice, lies, locked };
  const cwd = folder({ "good.tar": tar(around(zip(reversed))), "good.zip": zip(around(zip(reversed))) });
  makeTree(join(cwd, "good"), { before: "b", "sub/in": zip(reversed), "z-behind": "a" });
  for (const [name, bytes] of Object.entries(odd)) {
    makeTree(cwd, { [`${name}.tar`]: tar(around(bytes)), [`${name}.tgz`]: gzipSync(tar(around(bytes))), [`${name}.zip`]: zip(around(bytes)) });
    makeTree(join(cwd, name), { before: "b", "sub/in": bytes, "z-behind": "a" });
  }
  const cases = Object.keys(odd).flatMap((name) => ["", ".tar", ".tgz", ".zip"].flatMap((as) => ["good", "good.tar", "good.zip"].map((other) => [name + as, other] as const)));

  test.each(cases)("%s and %s", async (a, b) => {
    for (const [left, right] of [[a, b], [b, a]] as const) {
      const { entries, summary } = await json(cwd, left, right);
      expect(summary).toMatchObject({ exit: 3, unknown: expect.any(Number) });
      expect(summary.verdict).not.toBe("equal");
      const unknown = entries.filter(({ status }) => status === "unknown");
      expect(unknown.length).toBeGreaterThan(0);
      expect(unknown.every(({ path }) => path?.startsWith("sub/in"))).toBe(true);
      // What is beside it is compared all the same.
      expect(entries.every(({ path }) => path?.startsWith("sub/in"))).toBe(true);
    }
  });

  test("what was read before the damage counts, what is only in the other is undecided", async () => {
    const { entries } = await json(cwd, "cut.tgz", "good.tar", "--all-entries");
    expect(entries.filter(({ path }) => path?.includes("in")).map(({ path, status, error }) => [path, status, error?.code])).toEqual([
      ["sub/in", "unknown", "E_ARCHIVE"],
      ["sub/in!/d", "equal", undefined],
      ["sub/in!/d/empty", "unknown", "E_ARCHIVE"],
      ["sub/in!/d/y", "unknown", "E_ARCHIVE"],
      ["sub/in!/link", "unknown", "E_ARCHIVE"],
      ["sub/in!/x", "equal", undefined],
      ["z-behind", "equal", undefined],
    ]);
  });

  test("an outer archive that breaks off before", async () => {
    makeTree(cwd, { "short.tar": tar(around(tar(reversed))).subarray(0, 2500) });
    const { entries, summary } = await json(cwd, "short.tar", "good.tar");
    expect(summary).toMatchObject({ exit: 3, verdict: "unknown" });
    expect(entries.find(({ path }) => path === "sub/in")?.status).toBe("unknown");
  });
});

describe("names", () => {
  test("an entry that looks as if it were in an archive is not taken for it", async () => {
    const cwd = folder({
      "a.tar": tar([{ name: "in!/x", data: "fake" }, { name: "in", data: tar([{ name: "x", data: "real" }]) }]),
      "b.tar": tar([{ name: "in!/x", data: "fake" }, { name: "in", data: gzipSync(tar([{ name: "x", data: "real" }])) }]),
    });
    const { entries, summary } = await json(cwd, "a.tar", "b.tar");
    expect(summary).toMatchObject({ exit: 3, verdict: "unknown" });
    expect(entries).toMatchObject([{ path: "in!/x", status: "unknown", reasons: ["duplicate"] }]);
  });

  test("bytes that are no text, and a line end", async () => {
    const name = Buffer.from([0x69, 0xff, 0x0a]);
    const cwd = folder({
      "a.tar": tar([{ name, data: tar([{ name: "x", data: "1" }]) }]),
      "b.tar": tar([{ name, data: tar([{ name: "x", data: "2" }]) }]),
    });
    const { entries } = await json(cwd, "a.tar", "b.tar");
    expect(entries).toMatchObject([{ path_b64: Buffer.concat([name, Buffer.from("!/x")]).toString("base64"), status: "different" }]);
  });

  test("neighbours of an archive in the order of names", async () => {
    const beside = ["in!", "in!!", "in!/a", "in ", "in-", "in/x", "in.tar"].map((name): Member => ({ name, data: name }));
    const of = (x: string) => tar([...beside.filter(({ name }) => name !== "in!" && name !== "in/x"), { name: "in", data: tar([{ name: "b", data: x }]) }]);
    const cwd = folder({ "a.tar": of("1"), "b.tar": of("2") });
    expect((await told(cwd, "a.tar", "b.tar", "--all-entries")).lines).toEqual(["= in", "= in ", "= in!", "= in!!", "= in!/a", "* in!/b\tcontent_mismatch", "= in-", "= in.tar"]);
  });

  test("what is an archive on one side only is a file that differs", async () => {
    const cwd = folder({ "a.tar": tar([{ name: "in", data: tar(members) }]), "b.tgz": gzipSync(tar([{ name: "in", data: "text" }])) });
    expect((await told(cwd, "a.tar", "b.tgz", "--all-entries")).lines).toEqual(["* in\tsize_mismatch"]);
    expect((await told(cwd, "b.tgz", "a.tar", "--all-entries")).lines).toEqual(["* in\tsize_mismatch"]);
  });

  test("files of nothing but zeros, or of text, are no archives, wherever they lie", async () => {
    const files = (n: number): Member[] => [{ name: "zeros", data: new Uint8Array(1024 * n) }, { name: "text", data: "t".repeat(n) }];
    const cwd = folder({ "a.tar": tar(files(1)), "b.tar": tar(files(10)), "a.zip": zip(files(1)), "b.zip": zip(files(10)), "a.st": zip(files(1).map((m) => ({ ...m, stored: true }))) });
    for (const side of ["a", "b"]) makeTree(join(cwd, side), Object.fromEntries(files(side === "a" ? 1 : 10).map(({ name, data }) => [name, data ?? ""])));
    for (const a of ["a.tar", "a.zip", "a.st", "a"]) {
      for (const b of ["b.tar", "b.zip", "b"]) expect((await told(cwd, a, b)).lines).toEqual(["* text\tsize_mismatch", "* zeros\tsize_mismatch"]);
    }
  });

  test("hard links lead to names of the same archive", async () => {
    const cwd = folder({
      "a.tar": tar([{ name: "x", data: "outer" }, { name: "in", data: tar(hard) }]),
      "b.tar": tar([{ name: "x", data: "outer" }, { name: "in", data: gzipSync(tar([...members, { name: "z", data: "one" }])) }]),
    });
    expect(await told(cwd, "a.tar", "b.tar")).toEqual({ code: 0, lines: [], stderr: "" });
  });
});

describe("limits hold for all levels together", () => {
  const many = (n: number) => tar(Array.from({ length: n }, (_, i) => ({ name: `f${i}`, data: "x".repeat(100) })));
  const cwd = folder({
    "a.tar": tar([{ name: "p", data: many(30) }, { name: "q", data: many(30) }]),
    "b.tgz": gzipSync(tar([{ name: "p", data: gzipSync(many(30)) }, { name: "q", data: gzipSync(many(30)) }])),
  });
  makeTree(join(cwd, "L"), { p: many(30), q: many(30) });
  makeTree(join(cwd, "R"), { p: gzipSync(many(30)), q: gzipSync(many(30)) });

  test.each([["a.tar", "b.tgz"], ["L", "R"], ["L", "b.tgz"], ["a.tar", "R"]])("%s and %s", async (a, b) => {
    expect((await told(cwd, a, b, "--max-entries=70", "--max-bytes=200k")).code).toBe(0);
    for (const flag of ["--max-entries=50", "--max-name=3"]) {
      const { entries, summary } = await json(cwd, a, b, flag);
      expect(summary).toMatchObject({ exit: 3 });
      expect(summary.verdict).not.toBe("equal");
      expect(JSON.stringify(entries)).toContain("E_ARCHIVE_BOMB");
    }
  });

  test("bytes", async () => {
    // The two inner archives are 80 KiB; what is in them 6,000 bytes.
    expect((await json(cwd, "a.tar", "b.tgz", "--max-bytes=84k")).summary.exit).toBe(3);
  });

  test("little by little each level may make much of it; all of them may not", async () => {
    // 64 MiB of zeros in 64 KiB, 24 times the same, so that the second level makes 10 KiB of 1.5 MiB.
    const zeros = gzipSync(Buffer.alloc(64 << 20));
    const head = Buffer.from(tar([{ name: "zeros", data: "" }], 0));
    head.write(`${(24 * (64 << 20)).toString(8).padStart(11, "0")}\0`, 124, "latin1");
    head.fill(0x20, 148, 156);
    head.write(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    const bomb = Buffer.concat([gzipSync(head), ...Array.from({ length: 24 }, () => zeros), gzipSync(Buffer.alloc(1024))]);
    makeTree(cwd, { "bomb.tgz": gzipSync(tar([{ name: "in", data: bomb }])), "tame.tar": tar([{ name: "in", data: gzipSync(tar([{ name: "zeros", data: "" }])) }]) });
    const { entries, summary } = await json(cwd, "bomb.tgz", "tame.tar", "--no-size-precheck");
    expect(summary.exit).toBe(3);
    expect(JSON.stringify(entries)).toContain("E_ARCHIVE_BOMB");
  });
});

describe("what it does not go with", () => {
  const cwd = folder({ "a.tar": tar(around(tar(members))), "b.tar": tar(around(tar(reversed))), list: "before\n" });

  test.each([[["--prove=bytes"]], [["--files-from=list"]]])("%p", async (flags) => {
    const { code, stderr } = await told(cwd, "a.tar", "b.tar", ...flags);
    expect({ code, told: stderr.includes("(E_USAGE)") || stderr.includes("compare:") }).toEqual({ code: 2, told: true });
  });

  test("an archive that can be read only once", async () => {
    const { code, stderr } = await compare(["--nested=1", "a.tar", "-"], { cwd, stdin: tar(around(tar(reversed))) });
    expect(code).toBe(2);
    expect(stderr).toContain("it can be read only once");
  });
});
