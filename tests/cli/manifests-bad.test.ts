// C-71: manifests that are damaged, that contradict themselves, or that ask for what no tree can hold. Each is said, with its
// line or name, and nothing of it is called equal.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTree, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const cwd = makeTree(temporaryFolder(), { "d/a": "a", "d/b": "b", "d/s/c": "c", up: "a" });
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const A = `${hash("a")}  a\n`;
const B = `${hash("b")}  b\n`;
const C = `${hash("c")}  s/c\n`;

/** What comes of checking `d` against a manifest, in both directions and on the terminal. */
async function check(manifest: string | Uint8Array, ...flags: string[]) {
  writeFileSync(join(cwd, "list"), manifest);
  const { entries, summary } = readJson(await compare(["--json", "d", "--manifest", "list", ...flags], { cwd }));
  const turned = readJson(await compare(["--json", "manifest:list", "d", ...flags], { cwd })).summary;
  expect([turned.exit, turned.unknown, turned.different]).toEqual([summary.exit, summary.unknown, summary.different]);
  const quiet = await compare(["-q", "--one-way", "manifest:list", "d", ...flags], { cwd });
  expect(quiet.code).toBeGreaterThan(0);
  return { entries, summary };
}

const SUITE = '{"v":1,"type":"suite-manifest","algorithm":"sha256"}\n';
const END = (entries: number) => `{"v":1,"type":"end","entries":${entries}}\n`;
const entry = (path: string, text: string, more = "") => `{"path":"${path}","kind":"file","size":1,"digest":"${hash(text)}"${more}}\n`;

describe("damaged: what comes before counts, the rest is undecided", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["a line that is none", `${A}no list\n${B}${C}`, "line 2 is no 'DIGEST  NAME' with a digest of 64 digits"],
    ["a digest that is none", `${A}${B.replace(/^./, "g")}${C}`, "line 2 has a digest that is none"],
    ["a line that is cut off", `${A}${B.slice(0, 40)}`, "line 2 is no 'DIGEST  NAME'"],
    ["another digest", `${A}d41d8cd98f00b204e9800998ecf8427e  b\n`, "line 2 has a digest of 32 digits; those of SHA-256 and BLAKE3, which are read, have 64"],
    ["SHA-512", `${A}${"0".repeat(128)}  b\n`, "line 2 has a digest of 128 digits"],
    ["an algorithm that is not read", `${A}MD5 (b) = d41d8cd98f00b204e9800998ecf8427e\n`, "line 2 has a digest of an algorithm that is not read: SHA256 and BLAKE3 are"],
    ["a backslash that means nothing", `${A}\\${B.replace("  b", "  \\x")}`, "line 2 has a name with a backslash that means nothing"],
    ["a name that is none", `${A}${hash("b")}  ./\n`, "line 2 has a name that is none"],
    ["a line longer than any", `${A}${hash("b")}  ${"x".repeat(1 << 20)}\n`, "line 2 is longer than 1 MiB"],
    ["nothing but one long line", Buffer.alloc(3 << 20, "x"), "line 1 is longer than 1 MiB"],
    ["zeros", Buffer.alloc(5000), "line 1 is no 'DIGEST  NAME'"],
    ["nothing", "", "it is empty"],
    ["some other text", "<html>\n", "line 1 is no 'DIGEST  NAME'"],
    ["JSON of something else", '{"name":"x"}\n', "it is no manifest: its first line does not say so"],
    ["another version", SUITE.replace('"v":1', '"v":2'), "a manifest of a version that is not known"],
    ["another algorithm", SUITE.replace("sha256", "md5"), "digests of a kind that is not known: blake3 or sha256"],
    ["its end is missing", `${SUITE}${entry("a", "a")}`, "it is cut off: its end is missing behind line 2"],
    ["entries are missing", `${SUITE}${entry("a", "a")}${END(2)}`, "line 3: entries are missing before it"],
    ["something behind the end", `${SUITE}${entry("a", "a")}${END(1)}${entry("b", "b")}`, "line 4 stands behind the end"],
    ["no JSON", `${SUITE}${entry("a", "a")}{"path":\n${END(1)}`, "line 3 is no entry"],
    ["bytes that are no text in JSON", Buffer.from(`${SUITE}${entry("\xff", "a")}${END(1)}`, "latin1"), "line 2 is no entry"],
    ["a digest twice", `${SUITE}${entry("a", "a", `,"digest":"${hash("b")}"`)}${END(1)}`, "line 2 is no entry"],
    ["a path twice", `${SUITE}${entry("a", "a", ',"path":"b"')}${END(1)}`, "line 2 is no entry"],
    ["no kind", `${SUITE}{"path":"a"}\n${END(1)}`, "line 2 has no path or no kind"],
    ["hashdeep without SHA-256", "%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n1,00,a\n", "a list of hashdeep without SHA-256: hashdeep -c sha256 makes one"],
    ["hashdeep with too few columns", `%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n1,${hash("a")}\n`, "line 3 has too few columns"],
    ["hashdeep with a size that is none", `%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n-1,${hash("a")},a\n`, "line 3 has a size that is none"],
  ])("%s", async (_, manifest, message) => {
    const { entries, summary } = await check(manifest);
    expect(summary).toMatchObject({ exit: 3, different: 0, only_left: 0, only_right: 0 });
    expect(summary.verdict).toBe("unknown");
    expect(new Set(entries.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    const list = entries.find(({ path }) => path === "list");
    expect(list?.error?.code).toBe("E_MANIFEST");
    expect(list?.error?.message).toContain(message);
  });

  test("a broken promise before the damage is told all the same: 5", async () => {
    const { summary } = await check(`${hash("x")}  a\nno list\n`);
    expect(summary).toMatchObject({ verdict: "different", exit: 5, broken: 1, different: 1, unknown: 4 });
  });

  test("more entries than are allowed", async () => {
    const { entries, summary } = await check(`${A}${B}${C}`, "--max-entries", "2");
    expect(summary).toMatchObject({ exit: 3, equal: 2 });
    expect(entries.at(-1)?.error).toMatchObject({ code: "E_LIMIT", message: expect.stringContaining("more than 2 entries, which --max-entries may raise") });
  });
});

describe("one name is undecided, the others are not", () => {
  test.each<[string, string | Uint8Array, string, string, string[]]>([
    ["a name twice", `${A}${A}${B}${C}`, "a", "the name is there more than once", ["duplicate"]],
    ["a name twice, spelled otherwise", `${A}${A.replace("  a", "  .//a")}${B}${C}`, "a", "the name is there more than once", ["duplicate"]],
    ["a name with two digests", `${A}${hash("b")}  a\n${B}${C}`, "a", "the name is there more than once", ["duplicate"]],
    ["a name that leads up", `${A}${B}${C}${hash("a")}  ../up\n`, "../up", "leads out of the tree", ["unsafe_name"]],
    ["a name that leads up and down", `${A}${B}${C}${hash("a")}  s/../a\n`, "s/../a", "leads out of the tree", ["unsafe_name"]],
    ["an absolute name", `${B}${C}${hash("a")}  /a\n`, "a", "the name is an absolute path, not one below a root", ["unsafe_name"]],
    ["a name with a NUL byte", `${A}${B}${C}${hash("a")}  a\0b\n`, "a\0b", "the name holds a NUL byte, so no file can have it", ["unsafe_name"]],
    ["a name that is too long", `${A}${B}${C}${hash("a")}  ${"n".repeat(17_000)}\n`, "n".repeat(17_000), "longer than 16 KiB", ["read_error"]],
    ["a file without a digest", `${SUITE}{"path":"a","kind":"file"}\n${entry("b", "b")}${entry("s/c", "c")}${END(3)}`, "a", "the manifest has no digest of it", ["read_error"]],
    ["a file that could not be read then", `${SUITE}{"path":"a","kind":"file","error":"E_READ"}\n${entry("b", "b")}${entry("s/c", "c")}${END(3)}`, "a", "it could not be read when the manifest was made", ["read_error"]],
    ["a link to nowhere said", `${SUITE}{"path":"l","kind":"symlink"}\n${entry("a", "a")}${entry("b", "b")}${entry("s/c", "c")}${END(4)}`, "l", "does not say where the link leads", ["read_error"]],
  ])("%s", async (_, manifest, path, message, reasons) => {
    const { entries, summary } = await check(manifest);
    const bad = entries.find((line) => line.path === path);
    expect(bad).toMatchObject({ status: "unknown", reasons });
    expect(bad?.error?.message).toContain(message);
    expect(summary).toMatchObject({ exit: 3, unknown: 1, different: 0 });
    // The same list says no more about itself.
    const twice = await compare(["--json", "manifest:list", "manifest:list"], { cwd });
    expect(readJson(twice).summary).toMatchObject({ verdict: "unknown", exit: 3, unknown: 1 });
  });

  test("a name that is no text is a name", async () => {
    makeTree(join(cwd, "bytes"), {});
    const name = Buffer.from([0xff]);
    writeFileSync(Buffer.concat([Buffer.from(`${cwd}/bytes/`), name]), "x");
    writeFileSync(join(cwd, "list"), Buffer.concat([Buffer.from(`${hash("x")}  `), name, Buffer.from("\n")]));
    expect(await compare(["bytes", "--manifest", "list"], { cwd })).toMatchObject({ code: 0 });
    writeFileSync(join(cwd, "list"), Buffer.concat([Buffer.from(`${hash("y")}  `), name, Buffer.from("\n")]));
    const { entries } = readJson(await compare(["--json", "bytes", "--manifest", "list"], { cwd }));
    expect(entries).toMatchObject([{ path_b64: "/w==", status: "different", error: { code: "E_VERIFY" } }]);
  });

  test("a file that has entries below it stands against itself", async () => {
    const { entries, summary } = await check(`${A}${hash("a")}  a/b\n${B}${C}`);
    expect(entries).toMatchObject([{ path: "a/b", status: "only_right", error: { code: "E_VERIFY" } }]);
    expect(summary.exit).toBe(5);
  });
});

describe("refused", () => {
  writeFileSync(join(cwd, "good"), `${A}${B}${C}`);
  test.each<[string[], number, string]>([
    [["d", "--manifest", "gone"], 4, "E_NOT_FOUND"],
    [["d", "--manifest", "d"], 4, "it is a directory, not a manifest (E_UNSUPPORTED)"],
    [["up", "--manifest", "good"], 2, "a manifest is compared with a tree: a directory, an archive, a map of URLs or another manifest"],
    [["d", "d", "--manifest", "good"], 2, "takes one operand, not 2"],
    [["d", "--manifest", "good", "--url-map", "good"], 2, "--url-map and --manifest are both B"],
    [["d", "--manifest", "good", "--prove", "bytes"], 2, "a manifest has digests, and no bytes to be compared"],
    [["d", "--manifest", "good", "--metadata", "mode"], 2, "of the metadata, manifests say no more than mtime"],
    [["d", "--manifest", "good", "--ignore-case-names"], 2, "names in manifests are compared as they are spelled"],
    [["d", "--manifest", "good", "--files-from", "good"], 2, "a list of paths is for directories, not for manifests"],
    [["d", "--manifest", "good", "--manifest-format", "md5"], 2, "--manifest-format"],
    [["d", "manifest:"], 2, "no path follows"],
    [["d", "manifest:manifest:good"], 2, "a manifest is named once"],
    [["d", "manifest:archive:good"], 2, "a manifest is read from a file, not from an archive"],
    [["--groups", "d/a", "manifest:good"], 4, "what a manifest lists cannot be compared with many others"],
    [["-l", "d/a", "manifest:good"], 2, "ranges and limits of bytes are for files, not for trees"],
  ])("%j: %d", async (args, code, message) => {
    const end = await compare(args, { cwd });
    expect(end.stderr).toContain(message);
    expect(end.code).toBe(code);
  });

  test("metadata that a list of sums does not say", async () => {
    const { entries } = readJson(await compare(["--json", "d", "--manifest", "good", "--metadata", "mtime"], { cwd }));
    expect(entries.map(({ status }) => status)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
  });
});
