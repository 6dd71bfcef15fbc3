// C-71 on the command line: trees checked against manifests, and manifests against each other.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmodSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tar, zip } from "../support/archives.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { readJson, type Entry } from "./kit/json.ts";
import { compare } from "./kit/suite.ts";

const dir = temporaryFolder();
const BIG = noise(700_000, 5);
let count = 0;

const said = ({ status, path }: Entry) => `${status} ${path}`;
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const sums = (files: Record<string, string | Uint8Array>) =>
  Object.entries(files).map(([path, data]) => `${sha256(data)}  ${path}\n`).join("");

/** A folder with a tree `d` and whatever else is given. */
function folder(more: Record<string, string | Uint8Array> = {}): string {
  const tree = { "d/a": "one\n", "d/big": BIG, "d/sub/b": "two\n", "d/sub/l": { link: "b" }, "d/empty": null };
  return makeTree(join(dir, String(count++)), { ...tree, ...more });
}

/** Changes that each break a promise, but for the last. */
function change(cwd: string): void {
  writeFileSync(join(cwd, "d/a"), "0ne\n");
  writeFileSync(join(cwd, "d/big"), BIG.subarray(1));
  rmSync(join(cwd, "d/sub/l"));
  symlinkSync("a", join(cwd, "d/sub/l"));
  rmSync(join(cwd, "d/sub/b"));
  rmSync(join(cwd, "d/empty"), { recursive: true });
  writeFileSync(join(cwd, "d/empty"), "");
  writeFileSync(join(cwd, "d/new"), "");
}

describe("a tree against its manifest", () => {
  test("is what it was: 0, every entry with its proof", async () => {
    const cwd = folder();
    expect(await compare(["d", "--write-manifest", "m"], { cwd })).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(await compare(["d", "--manifest", "m"], { cwd })).toMatchObject({ code: 0, text: "", stderr: "" });
    const { entries, summary } = readJson(await compare(["--json", "--all-entries", "d", "--manifest", "m"], { cwd }));
    expect(entries.map(said)).toEqual(["equal a", "equal big", "equal empty", "equal sub", "equal sub/b", "equal sub/l"]);
    expect(summary).toMatchObject({ verdict: "equal", exit: 0, proofs: { "hash:blake3": 3, kind: 2, target: 1 } });
    expect(summary).not.toHaveProperty("broken");
    expect(summary.bytes_read).toBe(8 + BIG.length);
  });

  test.each([[["d", "--manifest", "m"]], [["d", "manifest:m"]]])("is not: 5, with what was expected and what is there: %j", async (operands) => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "m"], { cwd });
    change(cwd);
    const end = await compare(operands, { cwd });
    expect(end).toMatchObject({
      code: 5,
      text: "* a\tcontent_mismatch\n* big\tsize_mismatch\n* empty\ttype_mismatch\n< new\n> sub/b\n* sub/l\tlink_target\n",
    });
    const blake3 = /a: verify: expected ([0-9a-f]{64}), found blake3 ([0-9a-f]{64}) \(E_VERIFY\)/.exec(end.stderr);
    expect(blake3?.[1]).not.toBe(blake3?.[2]);
    expect(end.stderr).toContain(`big: verify: expected ${BIG.length} bytes, found ${BIG.length - 1} (E_VERIFY)`);
    expect(end.stderr).toContain("empty: verify: it is not of the kind that the manifest promises (E_VERIFY)");
    expect(end.stderr).toContain("sub/b: verify: the manifest lists it, and it is not there (E_VERIFY)");
    expect(end.stderr).toContain("sub/l: verify: the link does not lead where the manifest promises (E_VERIFY)");
    const { entries, summary } = readJson(await compare(["--json", ...operands], { cwd }));
    expect(entries.map(({ path, error }) => [path, error?.code])).toEqual(
      ["a", "big", "empty", "new", "sub/b", "sub/l"].map((path) => [path, path === "new" ? undefined : "E_VERIFY"]),
    );
    expect(summary).toMatchObject({ verdict: "different", exit: 5, broken: 5, different: 4, only_left: 1, only_right: 1, unknown: 0 });
  });

  test("with -q ends with 5 at the first broken promise, with 1 at a name that is not listed", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "m"], { cwd });
    writeFileSync(join(cwd, "d/new"), "");
    expect(await compare(["-q", "d", "--manifest", "m"], { cwd })).toMatchObject({ code: 1, text: "", stderr: "" });
    writeFileSync(join(cwd, "d/a"), "");
    expect(await compare(["-q", "d", "--manifest", "m", "-x", "new"], { cwd })).toMatchObject({ code: 5, text: "", stderr: "" });
  });

  test("a directory that is gone breaks the promise of all below it, though one line stands for it", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "m"], { cwd });
    rmSync(join(cwd, "d/sub"), { recursive: true });
    expect(await compare(["d", "--manifest", "m"], { cwd })).toMatchObject({ code: 5, text: "> sub/\t2 entries\n" });
    expect(await compare(["d", "--manifest", "m", "--skip-empty-dirs"], { cwd })).toMatchObject({ code: 5, text: "> sub/\t2 entries\n" });
    expect(await compare(["-q", "d", "--manifest", "m", "--skip-empty-dirs"], { cwd })).toMatchObject({ code: 5 });
  });

  test("one way round, other files are no difference, but what is listed is looked for", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "m"], { cwd });
    writeFileSync(join(cwd, "d/new"), "");
    expect(await compare(["--one-way", "manifest:m", "d"], { cwd })).toMatchObject({ code: 0, text: "" });
    rmSync(join(cwd, "d/a"));
    expect(await compare(["--one-way", "manifest:m", "d"], { cwd })).toMatchObject({ code: 5, text: "< a\n" });
  });

  test("filters leave out the same names on both sides, and mtime is compared where it is asked for", async () => {
    const cwd = folder();
    utimesSync(join(cwd, "d/a"), 1000, 1000);
    await compare(["d", "--write-manifest", "m"], { cwd });
    utimesSync(join(cwd, "d/a"), 1002, 1002);
    writeFileSync(join(cwd, "d/sub/b"), "");
    expect(await compare(["d", "--manifest", "m", "-x", "sub/"], { cwd })).toMatchObject({ code: 0 });
    const when = ["d", "--manifest", "m", "--include", "a", "--metadata", "mtime"];
    expect(await compare(when, { cwd })).toMatchObject({ code: 5, text: expect.stringContaining("* a\tmtime\n") });
    expect((await compare([...when, "--modify-window", "3s"], { cwd })).text).not.toContain("* a");
  });

  test("what cannot be read is undecided: 3, and 5 beside a broken promise", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "m"], { cwd });
    chmodSync(cwd, 0o755);
    chmodSync(join(cwd, "d/big"), 0);
    const before = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    expect((await compare(["d", "--manifest", "m"], { cwd, before })).text).toBe("! big\tE_PERMISSION\n");
    expect((await compare(["d", "--manifest", "m"], { cwd, before })).code).toBe(3);
    writeFileSync(join(cwd, "d/a"), "");
    expect((await compare(["d", "--manifest", "m"], { cwd, before })).code).toBe(5);
  });
});

describe("lists of sums", () => {
  const files = { a: "one\n", big: BIG, "sub/b": "two\n" };
  const lines = sums(files);
  const forms: [name: string, text: string][] = [
    ["sha256sum", lines],
    ["sha256sum, binary", lines.replaceAll("  ", " *")],
    ["sha256sum --tag", lines.replace(/^(\w+) {2}(.+)$/gm, "SHA256 ($2) = $1")],
    ["lines with comments, and the names that find gives", `# by hand\r\n\n${lines.replaceAll("  ", "  ./").replaceAll("\n", "\r\n")}`],
    ["without the last line end", lines.trimEnd()],
    ["capitals", lines.replace(/^\w+/gm, (hex) => hex.toUpperCase())],
    ["hashdeep", `%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep -rl .\n${Object.entries(files).map(([path, data]) => `${data.length},0123,${sha256(data)},./${path}\n`).join("")}`],
  ];
  test.each(forms)("%s", async (_, text) => {
    const cwd = folder({ list: text });
    const { entries, summary } = readJson(await compare(["--json", "--all-entries", "--one-way", "manifest:list", "d"], { cwd }));
    expect(entries.map(said)).toEqual(["equal a", "equal big", "equal sub", "equal sub/b"]);
    expect(summary).toMatchObject({ exit: 0, proofs: { "hash:sha256": 3, kind: 1 } });
    writeFileSync(join(cwd, "d/a"), "0ne\n");
    const end = await compare(["--one-way", "manifest:list", "d"], { cwd });
    expect(end).toMatchObject({ code: 5, text: "* a\tcontent_mismatch\n" });
    expect(end.stderr).toContain(`a: verify: expected ${sha256("one\n")}, found sha256 ${sha256("0ne\n")}`);
  });

  test("of BLAKE3, with and without saying so", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "B3SUMS", "--manifest-format", "b3sum"], { cwd });
    for (const flags of [[], ["--manifest-format", "b3sum"]]) {
      const { summary } = readJson(await compare(["--json", "--one-way", "manifest:B3SUMS", "d", ...flags], { cwd }));
      expect(summary).toMatchObject({ exit: 0, proofs: { "hash:blake3": 3 } });
    }
    // Taken for something else it is not what it says.
    expect(await compare(["--one-way", "manifest:B3SUMS", "d", "--manifest-format", "sha256sum"], { cwd })).toMatchObject({ code: 5 });
    writeFileSync(join(cwd, "d/a"), "0ne\n");
    expect((await compare(["--one-way", "manifest:B3SUMS", "d"], { cwd })).stderr).toMatch(
      new RegExp(`expected [0-9a-f]{64}, found sha256 ${sha256("0ne\n")} or blake3 [0-9a-f]{64} `),
    );
  });

  test("name files alone: what else is in the tree is only there, and the list itself is not asked for", async () => {
    const cwd = folder({ "d/SHA256SUMS": lines });
    expect(await compare(["d", "--manifest", "d/SHA256SUMS"], { cwd })).toMatchObject({ code: 1, text: "< empty/\t0 entries\n< sub/l\n" });
  });

  test("from standard input, and names with line ends", async () => {
    const name = "line\nend\\";
    const cwd = makeTree(join(dir, String(count++)), { [`d/${name}`]: "x" });
    const stdin = Buffer.from(`\\${sha256("x")}  line\\nend\\\\\n`);
    expect(await compare(["d", "--manifest", "-"], { cwd, stdin })).toMatchObject({ code: 0, text: "" });
    expect(await compare(["manifest:-", "d"], { cwd, stdin })).toMatchObject({ code: 0, text: "" });
  });
});

describe("archives", () => {
  const members = [{ name: "sub/b", data: "two\n" }, { name: "a", data: "one\n" }, { name: "big", data: Buffer.from(BIG) }];
  test.each([
    ["x.tar", tar(members)],
    ["x.tar.gz", Bun.gzipSync(Uint8Array.from(tar(members)))],
    ["x.zip", zip(members)],
  ])("%s", async (name, bytes) => {
    const good = sums({ a: "one\n", big: BIG, "sub/b": "two\n" });
    const cwd = folder({ [name]: bytes, good, bad: good.replace(sha256("one\n"), sha256("0ne\n")) });
    await compare(["d", "--write-manifest", "m"], { cwd });
    for (const list of ["good", "m"]) {
      const { entries, summary } = readJson(await compare(["--json", name, "--manifest", list, "-x", "empty/", "-x", "l"], { cwd }));
      expect({ list, entries, exit: summary.exit }).toEqual({ list, entries: [], exit: 0 });
    }
    const end = await compare([name, "--manifest", "bad", "--manifest-format", "sha256sum"], { cwd });
    expect(end).toMatchObject({ code: 5, text: "* a\tcontent_mismatch\n" });
    expect(await compare(["-q", `archive:${name}`, "manifest:bad"], { cwd })).toMatchObject({ code: name.endsWith("zip") ? 5 : 3 });
  });
});

describe("manifest against manifest", () => {
  test("differences are no broken promises: 1", async () => {
    const cwd = folder();
    await compare(["d", "--write-manifest", "before"], { cwd });
    expect(await compare(["manifest:before", "manifest:before"], { cwd })).toMatchObject({ code: 0, text: "" });
    change(cwd);
    await compare(["d", "--write-manifest", "after"], { cwd });
    const { entries, summary } = readJson(await compare(["--json", "manifest:before", "--manifest", "after"], { cwd }));
    expect(entries.map(said)).toEqual(["different a", "different big", "different empty", "only_right new", "only_left sub/b", "different sub/l"]);
    expect(entries.every(({ error }) => error === undefined)).toBe(true);
    expect(summary).toMatchObject({ exit: 1, bytes_read: 0 });
  });

  test("digests of kinds that are not the same, or not known, prove nothing", async () => {
    const cwd = folder();
    for (const format of ["suite", "sha256sum", "b3sum", "hashdeep"]) {
      await compare(["d", "--write-manifest", format, "--manifest-format", format, "--skip-empty-dirs", "-x", "l"], { cwd });
    }
    const verdict = async (...args: string[]) => {
      const { summary } = readJson(await compare(["--json", "--skip-empty-dirs", ...args], { cwd }));
      return [summary.exit, summary.equal, summary.unknown, summary.proofs];
    };
    expect(await verdict("manifest:sha256sum", "manifest:hashdeep")).toEqual([0, 3, 0, { "hash:sha256": 3 }]);
    expect(await verdict("manifest:b3sum", "manifest:suite")).toEqual([0, 3, 0, { "hash:blake3": 3 }]);
    // Whichever kind it is, the same list says the same.
    expect(await verdict("manifest:b3sum", "manifest:b3sum")).toEqual([0, 3, 0, { digest: 3 }]);
    expect(await verdict("manifest:suite", "manifest:hashdeep")).toEqual([3, 0, 3, {}]);
    expect(await verdict("manifest:sha256sum", "manifest:b3sum")).toEqual([3, 0, 3, {}]);
    expect(await verdict("manifest:sha256sum", "manifest:suite")).toEqual([3, 0, 3, {}]);
    writeFileSync(join(cwd, "other"), sums({ a: "0ne\n" }));
    const both = ["manifest:other", "manifest:sha256sum", "-x", "big", "-x", "b"];
    expect(await verdict(...both)).toEqual([3, 0, 1, {}]);
    expect(await verdict(...both, "--manifest-format", "sha256sum")).toEqual([1, 0, 0, {}]);
  });
});
