// C-71: manifests whose writing fails, is killed or is resumed, and files that change while their digest is made. What has
// the manifest's name is whole, or what was there before.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../cli/kit/suite.ts";
import { readJson } from "../cli/kit/json.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { ERRNO, faulty, struck } from "./kit.ts";

const dir = temporaryFolder();
const SIZE = 300_000;
const FILES = 12;
let count = 0;

/** A folder with a tree of files that are read in two pieces each. */
function folder(): string {
  const files = Object.fromEntries(Array.from({ length: FILES }, (_, i) => [`d/f${String(i).padStart(2, "0")}`, noise(SIZE, i)]));
  return makeTree(join(dir, String(count++)), files);
}

const WRITE = ["-j", "1", "d", "--write-manifest", "list"];
const others = (cwd: string) => readdirSync(cwd).filter((name) => name !== "d" && name !== "met.log").sort();
const summaryOf = (text: string) => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Record<string, number>;

/** Files are known again once they are older than the finest clock of files may be wrong. */
const settle = () => Bun.sleep(2300);

describe("the manifest cannot be written", () => {
  test.each<[string, string, RegExp]>([
    ["no space", `write,list,1+,errno,${ERRNO.ENOSPC}`, /No space left on device/],
    ["no space at the end", `fsync,list,1+,errno,${ERRNO.ENOSPC}`, /No space left on device/],
    ["a broken disk", `write,list.new,1,errno,${ERRNO.EIO}`, /Input\/output error|I\/O error/],
    ["a folder that is read only", `openat,list,1+,errno,${ERRNO.EROFS}`, /Read-only file system/],
    ["a name that cannot be given", `renameat,list,1+,errno,${ERRNO.EACCES}`, /Permission denied/],
  ])("%s: 4, and what was there stays", async (_, rule, message) => {
    const cwd = folder();
    writeFileSync(join(cwd, "list"), "before");
    const end = await struck(cwd, rule, WRITE);
    expect(end.stderr).toMatch(message);
    expect(end.stderr).toContain("list: write: ");
    expect(end.stderr).toContain("(E_WRITE)");
    expect(end.code).toBe(4);
    expect(readFileSync(join(cwd, "list"), "utf8")).toBe("before");
    // Afterwards it works, and nothing is left of it.
    expect(await compare(WRITE, { cwd })).toMatchObject({ code: 0, stderr: "" });
    expect(others(cwd)).toEqual(["list"]);
    expect(await compare(["d", "--manifest", "list"], { cwd })).toMatchObject({ code: 0 });
  });

  test("written in pieces it is the same", async () => {
    const cwd = folder();
    await struck(cwd, "write,list,1+,short,7", WRITE);
    expect(await compare(["d", "--manifest", "list"], { cwd })).toMatchObject({ code: 0, text: "" });
  });

  test("into a folder that may not be written to", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "locked"));
    chmodSync(join(cwd, "locked"), 0o555);
    const before = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    const touch = Bun.spawnSync([...before, "touch", "locked/x"], { cwd });
    expect(touch.exitCode).not.toBe(0);
    const end = await compare(["d", "--write-manifest", "locked/list"], { cwd, before });
    expect(end).toMatchObject({ code: 4, stderr: expect.stringContaining("locked/list: write: Permission denied (E_WRITE)") });
    expect(readdirSync(join(cwd, "locked"))).toEqual([]);
  });
});

describe("killed and gone on with", () => {
  test("what was found out is not found out again", async () => {
    // What was found out is written after 64 MiB at the latest. Holes take no room.
    const cwd = folder();
    const large = 20 << 20;
    for (let i = 0; i < FILES; i++) truncateSync(join(cwd, `d/f${String(i).padStart(2, "0")}`), large);
    await settle();
    const killed = await faulty(cwd, "pread,d/f10,1,kill", WRITE);
    expect(killed.code).not.toBe(0);
    expect(others(cwd)).toEqual(["list.partial"]);
    const end = await compare(["--json", ...WRITE], { cwd });
    const { reused = 0 } = summaryOf(end.text);
    expect(reused).toBeGreaterThanOrEqual(4);
    expect(reused).toBeLessThanOrEqual(10);
    expect(summaryOf(end.text)).toMatchObject({ exit: 0, files: FILES, bytes_read: (FILES - reused) * large });
    expect(others(cwd)).toEqual(["list"]);
    expect(await compare(["d", "--manifest", "list"], { cwd })).toMatchObject({ code: 0 });
  });

  test("interrupted by a failure, it goes on; what changed meanwhile is read again", async () => {
    const cwd = folder();
    await settle();
    await struck(cwd, `write,list.new,1+,errno,${ERRNO.ENOSPC}`, WRITE);
    expect(others(cwd)).toEqual(["list.partial"]);
    // The same size, and the same time as before: it is another content all the same.
    const old = Bun.file(join(cwd, "d/f03")).lastModified / 1000;
    writeFileSync(join(cwd, "d/f03"), noise(SIZE, 99));
    utimesSync(join(cwd, "d/f03"), old, old);
    const end = await compare(["--json", ...WRITE], { cwd });
    expect(summaryOf(end.text)).toMatchObject({ exit: 0, reused: FILES - 1, bytes_read: SIZE, bytes_avoided: (FILES - 1) * SIZE });
    expect(others(cwd)).toEqual(["list"]);
    expect(await compare(["d", "--manifest", "list", "--metadata", "mtime"], { cwd })).toMatchObject({ code: 0 });
  });

  test.each([
    ["at its very end", "renameat,list,1,kill"],
    ["while the manifest is made of what was found out", "write,list.new,1,kill"],
    ["when it is to lie on the disk", "fsync,list.new,1,kill"],
  ])("%s", async (_, rule) => {
    const cwd = folder();
    const inside = ["-j", "1", "d", "--write-manifest", "d/list"];
    await settle();
    expect((await faulty(cwd, rule, inside)).code).not.toBe(0);
    expect(existsSync(join(cwd, "d/list"))).toBe(false);
    const end = await compare(["--json", ...inside], { cwd });
    expect(summaryOf(end.text)).toMatchObject({ exit: 0, files: FILES, reused: FILES, bytes_read: 0 });
    expect(readdirSync(join(cwd, "d")).filter((name) => name.startsWith("list"))).toEqual(["list"]);
    expect(await compare(["d", "--manifest", "d/list"], { cwd })).toMatchObject({ code: 0 });
  });

  test("with other digests is refused, until what is left is gone; a file of somebody else is never touched", async () => {
    const cwd = folder();
    await struck(cwd, `write,list.new,1+,errno,${ERRNO.ENOSPC}`, WRITE);
    const other = await compare([...WRITE, "--manifest-format", "sha256sum"], { cwd });
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("digests of another kind") });
    rmSync(join(cwd, "list.partial"), { force: true });
    rmSync(join(cwd, "list.partial.old"), { force: true });
    writeFileSync(join(cwd, "list.partial"), "mine");
    const refused = await compare(WRITE, { cwd });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("has a file that is not suite's (E_WRITE)") });
    expect(readFileSync(join(cwd, "list.partial"), "utf8")).toBe("mine");
    expect(others(cwd)).toEqual(["list.partial"]);
  });

  test("what is left is damaged: it is read anew", async () => {
    const cwd = folder();
    await settle();
    await struck(cwd, `write,list.new,1+,errno,${ERRNO.ENOSPC}`, WRITE);
    const left = readFileSync(join(cwd, "list.partial"), "utf8").split("\n");
    left[5] = "damaged";
    writeFileSync(join(cwd, "list.partial"), left.join("\n"));
    const end = await compare(["--json", ...WRITE], { cwd });
    expect(summaryOf(end.text)).toMatchObject({ exit: 0, files: FILES, reused: 4 });
    expect(await compare(["d", "--manifest", "list"], { cwd })).toMatchObject({ code: 0 });
  });
});

describe("a file changes while its digest is made", () => {
  const changes: [string, string][] = [
    ["longer", "pread,d/f05,2,append,1"],
    ["shorter", "pread,d/f05,2,truncate,262145"],
    ["another content", "pread,d/f05,2,write,10"],
    ["another file of its name is read on", `pread,d/f05,2,errno,${ERRNO.EIO}`],
  ];
  test.each(changes)("written: %s is unknown, and the manifest does not vouch for it", async (_, rule) => {
    const cwd = folder();
    const end = await struck(cwd, rule, WRITE);
    expect(end.code).toBe(3);
    expect(end.stderr).toMatch(/f05: .*\((?:E_CHANGED|E_READ)\)/);
    const { entries, summary } = readJson(await compare(["--json", "d", "--manifest", "list"], { cwd }));
    expect(entries).toMatchObject([{ path: "f05", status: "unknown" }]);
    expect(summary).toMatchObject({ exit: 3, equal: FILES - 1 });
  });

  test.each(changes)("checked: %s is unknown, not verified", async (_, rule) => {
    const cwd = folder();
    await compare(WRITE, { cwd });
    const { entries, summary } = readJson(await struck(cwd, rule, ["--json", "-j", "1", "d", "--manifest", "list"]));
    expect(entries).toMatchObject([{ path: "f05", status: "unknown" }]);
    expect(summary).toMatchObject({ verdict: "unknown", exit: 3, equal: FILES - 1 });
  });

  test("the manifest itself changes while it is read", async () => {
    const cwd = folder();
    await compare(WRITE, { cwd });
    const end = await struck(cwd, "pread,list,1,append,1", ["--json", "d", "--manifest", "list"]);
    expect(readJson(end).summary).toMatchObject({ exit: 3 });
    expect(readJson(end).summary.verdict).not.toBe("equal");
  });
});
