// C-71: suite compare DIR --write-manifest FILE.
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { putFifo } from "./kit/bytes.ts";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { compare, suite } from "./kit/suite.ts";

const dir = temporaryFolder();
let count = 0;
const folder = () => {
  const cwd = makeTree(join(dir, String(count++)), { "d/a": "one\n", "d/l": { link: "a" }, "d/sub/b": "" });
  utimesSync(join(cwd, "d/a"), 1000.5, 1000.5);
  return cwd;
};

test("as records, and a summary of its own", async () => {
  const cwd = folder();
  const end = await compare(["--json", "d", "--write-manifest", "m"], { cwd });
  expect(end).toMatchObject({ code: 0, stderr: "" });
  const lines = end.text.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ type, path, kind }) => [type, path, kind].filter(Boolean).join(" "))).toEqual([
    "digest a file",
    "digest l symlink",
    "digest sub dir",
    "digest sub/b file",
    "summary",
  ]);
  expect(lines[0]).toMatchObject({ size: 4, mtime: "1970-01-01T00:16:40.500000000Z", digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(lines[1]).toMatchObject({ target: "a" });
  expect(lines.at(-1)).toMatchObject({ exit: 0, entries: 4, files: 2, unknown: 0, reused: 0, bytes_read: 4, bytes_avoided: 0 });
  const manifest = readFileSync(join(cwd, "m"), "utf8").split("\n");
  expect(manifest[1]).toContain('"path":"a","kind":"file","size":4,"mtime":"1970-01-01T00:16:40.500000000Z","digest":"');
  expect(manifest.at(-2)).toBe('{"v":1,"type":"end","entries":4}');
});

test("into the tree itself it is no part of it, and replaces what was there", async () => {
  const cwd = folder();
  for (let i = 0; i < 2; i++) {
    expect(await compare(["d", "--write-manifest", "d/m"], { cwd })).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(readFileSync(join(cwd, "d/m"), "utf8")).not.toContain('"m"');
    expect(await compare(["d", "--manifest", "d/m"], { cwd })).toMatchObject({ code: 0, text: "" });
  }
  expect(readdirSync(join(cwd, "d")).sort()).toEqual(["a", "l", "m", "sub"]);
});

test("what cannot be read: 3, and the manifest says so", async () => {
  const cwd = folder();
  chmodSync(join(cwd, "d/a"), 0);
  chmodSync(cwd, 0o777);
  const before = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const end = await compare(["d", "--write-manifest", "m"], { cwd, before });
  expect(end).toMatchObject({ code: 3, text: "", stderr: expect.stringContaining("suite compare: a: open: Permission denied (E_PERMISSION)") });
  expect(readFileSync(join(cwd, "m"), "utf8")).toContain('{"path":"a","kind":"file","error":"E_PERMISSION"}');
  expect(await compare(["d", "--manifest", "m"], { cwd })).toMatchObject({ code: 3, text: "! a\tE_PERMISSION\n" });
});

test("a FIFO is listed and never opened, names of any bytes are kept", async () => {
  const cwd = folder();
  putFifo(cwd, "d/pipe");
  const name = Buffer.concat([Buffer.from(`${cwd}/d/`), Uint8Array.of(0xff, 0x0a)]);
  mkdirSync(name);
  await compare(["d", "--write-manifest", "m"], { cwd });
  expect(readFileSync(join(cwd, "m"), "utf8")).toContain('{"path_b64":"/wo=","kind":"dir",');
  expect(await compare(["d", "--manifest", "m"], { cwd })).toMatchObject({ code: 0, text: "" });
});

describe("refused", () => {
  const cwd = folder();
  test.each<[string[], number, string]>([
    [["d"], 2, "takes two operands"],
    [["d", "d", "--write-manifest", "m"], 2, "takes one operand, not 2"],
    [["d", "--write-manifest", "m", "--manifest", "m"], 2, "--write-manifest compares nothing, so --manifest does not go with it"],
    [["d", "--write-manifest", "m", "--html", "x"], 2, "so --html does not go with it"],
    [["d", "--write-manifest", "m", "--limit", "1"], 2, "so --limit does not go with it"],
    [["d", "--write-manifest", "d"], 4, "a manifest is written to a file, and this is none (E_UNSUPPORTED)"],
    [["d", "--write-manifest", "-"], 4, "a manifest is written to a file (E_UNSUPPORTED)"],
    [["d/a", "--write-manifest", "m"], 4, "it is no directory, and a manifest is made of one (E_UNSUPPORTED)"],
    [["none", "--write-manifest", "m"], 4, "none: open: No such file or directory (E_NOT_FOUND)"],
    [["d", "--write-manifest", "none/m"], 4, "none/m: write: No such file or directory (E_WRITE)"],
    [["d", "--write-manifest", "m", "--manifest-format", "md5sum"], 2, "--manifest-format"],
  ])("%j: %d", async (args, code, message) => {
    const end = await compare(args, { cwd });
    expect(end.stderr).toContain(message);
    expect(end.code).toBe(code);
    expect(readdirSync(cwd)).toEqual(["d"]);
  });

  test("a name that the format cannot hold", async () => {
    const odd = makeTree(join(dir, String(count++)), { "d/line\nend": "" });
    const end = await compare(["d", "--write-manifest", "m", "--manifest-format", "hashdeep"], { cwd: odd });
    expect(end).toMatchObject({ code: 4, stderr: expect.stringContaining("this format cannot hold a name with a line end, and the tree has one (E_UNSUPPORTED)") });
    expect(readdirSync(odd).includes("m")).toBe(false);
  });
});

test("help says what there is", async () => {
  const { text } = await suite(["compare", "--help"]);
  for (const word of ["--manifest", "--write-manifest", "--manifest-format", "manifest:"]) expect(text).toContain(word);
});
