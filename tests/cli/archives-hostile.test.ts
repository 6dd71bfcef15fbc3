// Archives that lie, and those that are larger or odder than any ordinary one: never equal without proof, never in the way.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { tar, zip, type Member } from "../support/archives.ts";
import { gzipSync } from "../support/compressors.ts";
import { ENTRIES } from "../support/many-entries.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;
const folder = (files: Record<string, Uint8Array | string>) => makeTree(join(dir, String(count++)), files);
const json = async (cwd: string, a: string, b: string, ...flags: string[]) =>
  readJson(await compare(["--json", "--archive", ...flags, a, b], { cwd }));

describe("names", () => {
  const odd: Record<string, Uint8Array> = {
    newline: Buffer.from("a\nb"),
    escape: Buffer.from("\u001b[31mred\u001b[0m\u0007"),
    bidi: Buffer.from("abc\u202etxt.exe"),
    "invalid UTF-8": Buffer.from([0x61, 0xff, 0xfe, 0x2f, 0xc3, 0x28]),
    "an overlong slash": Buffer.from([0x61, 0xc0, 0xaf, 0x62]),
    tab: Buffer.from("a\tb\\c"),
    quotes: Buffer.from(`<img src=x onerror="alert(1)">&'`),
  };

  test.each(Object.keys(odd))("%s: told byte for byte, whatever the format", async (kind) => {
    const name = odd[kind] as Uint8Array;
    const cwd = folder({
      "l.tar": tar([{ name, data: "1" }]),
      "r.tgz": gzipSync(tar([{ name, data: "2" }])),
      "r.zip": zip([{ name, data: "2", claims: { flags: 0 } }]),
      "empty.tar": tar([{ name: "z", data: "" }]),
    });
    for (const other of ["r.tgz", "r.zip", "empty.tar"]) {
      const { entries, summary } = await json(cwd, "l.tar", other);
      expect(summary.exit).toBe(1);
      const found = entries.findLast(({ kind }) => kind[0] === "file");
      const bytes = found?.path_b64 === undefined ? Buffer.from(found?.path ?? "") : Buffer.from(found.path_b64, "base64");
      expect(bytes).toEqual(Buffer.from(name));
      expect(found?.status).toBe(other === "empty.tar" ? "only_left" : "different");
    }
    const { stdout } = await compare(["--archive", "-0", "l.tar", "r.tgz"], { cwd });
    expect(stdout.includes(Buffer.concat([Buffer.from("* "), name, Buffer.from([0])]))).toBe(true);
    // As a line it is one line.
    expect((await compare(["--archive", "l.tar", "r.tgz", "--brief"], { cwd })).text.split("\n")).toHaveLength(2);
  });

  test("a NUL ends no name: what is behind it is told", async () => {
    // In a pax header; the plain one cannot hold it.
    const record = (text: string) => {
      for (let n = text.length; ; n++) if (`${n}${text}`.length === n) return `${n}${text}`;
    };
    const pax = (name: string) => {
      const body = record(` path=${name}\n`);
      const head = tar([{ name: "x", data: body }]).subarray(0, -1024);
      head.write("x", 156);
      head.fill(0x20, 148, 156);
      head.write(`${head.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
      return head;
    };
    const cwd = folder({
      "a.tar": Buffer.concat([pax("safe\0evil"), tar([{ name: "f", data: "1" }])]),
      "b.tar": tar([{ name: "safe", data: "1" }]),
    });
    const { entries, summary } = await json(cwd, "a.tar", "b.tar");
    expect(summary.verdict).not.toBe("equal");
    expect(entries.map(({ status, path }) => [status, path])).toEqual([["only_right", "safe"], ["only_left", "safe\0evil"]]);
    // Both sides alike: the entry is there, and nothing takes it for another.
    expect((await json(cwd, "a.tar", "a.tar", "--all-entries")).entries.map(({ path }) => path)).toEqual(["safe\0evil"]);
  });
});

describe("ZIP", () => {
  test("members over each other", async () => {
    const good = zip([{ name: "a", data: "one".repeat(100), stored: true }, { name: "b", data: "one".repeat(100), stored: true }]);
    const over = Buffer.from(good);
    // The second of the directory is at the first one's place.
    const second = over.indexOf("PK\x01\x02", over.indexOf("PK\x01\x02", 0, "latin1") + 1, "latin1");
    over.writeUInt32LE(0, second + 42);
    const cwd = folder({ "good.zip": good, "over.zip": over });
    for (const [a, b] of [["good.zip", "over.zip"], ["over.zip", "good.zip"], ["over.zip", "over.zip"]] as const) {
      const { summary, entries } = await json(cwd, a, b, "--all-entries");
      expect(summary.verdict).not.toBe("equal");
      expect(summary.exit).toBe(3);
      expect(entries.at(-1)?.error).toMatchObject({ code: "E_ARCHIVE_BOMB", message: expect.stringContaining("lie over each other") });
    }
  });

  test("checksums that do not match, also where both lie alike", async () => {
    const lie: Member = { name: "a", data: "one", claims: { crc: 0x12345678 } };
    const cwd = folder({ "a.zip": zip([lie]), "b.zip": zip([{ ...lie, stored: true }]), "c.tar": tar([{ name: "a", data: "one" }]) });
    for (const [a, b] of [["a.zip", "b.zip"], ["a.zip", "c.tar"], ["c.tar", "b.zip"]] as const) {
      expect((await json(cwd, a, b)).summary).toMatchObject({ exit: 3, verdict: "unknown" });
    }
  });
});

test("10^6 entries: all are compared, in memory that is a number of bytes for each", async () => {
  const cwd = folder({});
  for (const [name, last] of [["l.tzst", "f"], ["r.tzst", "g"]] as const) {
    // What a child uses at most is no less than what its parent did: the bytes are made elsewhere.
    const made = Bun.spawnSync([process.execPath, join(import.meta.dir, "../support/many-entries.ts"), join(cwd, name), last]);
    expect(made.exitCode).toBe(0);
  }
  const { code, text, maxRss, stderr } = await compare(["--archive", "l.tzst", "r.tzst"], { cwd });
  expect({ code, text, stderr }).toEqual({ code: 1, text: "< f0999999\n> g0999999\n", stderr: "" });
  // 64 MiB, 200 bytes and the name for each entry of each side, and what the runtime itself takes.
  expect(maxRss).toBeLessThan(64 * 2 ** 20 + 2 * ENTRIES * 220 + 200 * 2 ** 20);
  const few = await compare(["--archive", "--max-entries=100000", "l.tzst", "r.tzst"], { cwd });
  expect(few.code).toBe(3);
  expect(few.text).toContain("E_ARCHIVE_BOMB");
});

describe("what archives are not compared by", () => {
  const cwd = folder({ "a.tar": tar([{ name: "A", data: "1" }]), "b.tar": tar([{ name: "a", data: "1" }]), list: "a\n" });
  makeTree(join(cwd, "tree"), { a: "1" });

  test.each([
    ["--ignore-case-names", "names in archives are compared as they are spelled"],
    ["--normalize=nfc", "names in archives are compared as they are spelled"],
    ["--files-from=list", "a list of paths is for directories, not for archives"],
    ["--metadata=xattr", "extended attributes and access control lists of archives are not compared"],
    ["--metadata=mode,acl", "extended attributes and access control lists of archives are not compared"],
  ])("%s", async (flag, why) => {
    for (const operands of [["a.tar", "b.tar"], ["tree", "b.tar"], ["a.tar", "tree"]]) {
      const { code, text, stderr } = await compare(["--archive", flag, ...operands], { cwd });
      expect({ code, text }).toEqual({ code: 2, text: "" });
      expect(stderr).toContain(why);
    }
  });
});
