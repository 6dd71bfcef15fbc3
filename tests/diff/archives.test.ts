// Against those who write and unpack archives: GNU tar, Info-ZIP, GNU ar, and Python's tarfile and zipfile.
// What is in an archive has to be what they put into it, name by name, and byte by byte.
import { describe, expect, test } from "bun:test";
import { linkSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, EntryRecord, type CompareOptions } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const has = (name: string) => Bun.which(name) !== null;

const long = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(120)}`;
makeTree(join(dir, "tree"), {
  "a.txt": "one\n",
  empty: "",
  "name with space": "s",
  "über/ñandú.txt": "not ASCII",
  "new\nline": "n",
  [long]: "a name that no old header holds",
  [`${"g".repeat(99)}`]: "99 bytes",
  [`${"h".repeat(100)}`]: "100 bytes",
  "big.bin": noise(700_000, 1),
  zeros: new Uint8Array(300_000),
  "text.txt": "the same line again\n".repeat(20_000),
  "d/e/empty dir": null,
  "d/e/x": "x",
  link: { link: "a.txt" },
  "long link": { link: "t".repeat(150) },
  dangling: { link: "nowhere" },
});
linkSync(join(dir, "tree/big.bin"), join(dir, "tree/hard"));
for (const [i, name] of ["a.txt", "empty", "d/e/x"].entries()) utimesSync(join(dir, "tree", name), 1, 1_500_000_000 + i);

function run(command: string[], cwd = join(dir, "tree")): Uint8Array {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe", env: { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8", HOME: dir } });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}

/** What differs between an archive and a tree, and how many entries are the same. */
async function differences(archive: string, tree: string, options: CompareOptions = {}) {
  const found: string[] = [];
  const job = compare(join(dir, archive), join(dir, tree), options);
  for await (const entry of job) {
    if (entry instanceof EntryRecord) found.push(`${entry.status} ${entry.path} ${entry.reasons.join()} ${entry.error?.message ?? ""}`);
  }
  return { found, equal: (await job).counts.equal };
}

describe.skipIf(!has("tar"))("GNU tar", () => {
  const formats = ["gnu", "oldgnu", "pax", "posix", "ustar", "v7"];
  // What ustar and v7 cannot hold is left out by name.
  const short = (format: string) => (format === "ustar" ? ["--exclude=long link", `--exclude=${"d".repeat(90)}`] : format === "v7" ? ["--exclude=long link", "--exclude=h*", "--exclude=g*", `--exclude=${"d".repeat(90)}`] : []);

  test.each(formats)("format %s", async (format) => {
    run(["tar", `--format=${format}`, ...short(format), "-cf", join(dir, `${format}.tar`), "."]);
    const exclude = short(format).map((flag) => flag.slice("--exclude=".length));
    const { found, equal } = await differences(`${format}.tar`, "tree", { exclude, metadata: ["mode", "owner"] });
    expect(found).toEqual([]);
    expect(equal).toBeGreaterThan(12);
    // Times are whole seconds but for pax.
    const times = await differences(`${format}.tar`, "tree", { exclude, metadata: ["mtime"], modifyWindowMs: format === "pax" || format === "posix" ? 0 : 1000 });
    expect(times.found).toEqual([]);
  });

  test.each(["gzip", "bzip2", "xz", "zstd"].filter(has))("through %s", async (filter) => {
    run(["tar", `--${filter}`, "-cf", join(dir, `by-${filter}`), "."]);
    expect((await differences(`by-${filter}`, "tree")).found).toEqual([]);
  });

  test.each<string[]>([["gnu"], ["posix", "--sparse-version=0.0"], ["posix", "--sparse-version=0.1"], ["posix", "--sparse-version=1.0"]])("holes, %s %s", async (format, ...more) => {
    const holes = join(dir, "holes");
    mkdirSync(holes, { recursive: true });
    writeFileSync(join(holes, "begin"), "x");
    truncateSync(join(holes, "begin"), 5_000_000);
    writeFileSync(join(holes, "all"), "");
    truncateSync(join(holes, "all"), 3_000_000);
    writeFileSync(join(holes, "none"), "no hole");
    const many = Buffer.alloc(4_000_000);
    writeFileSync(join(holes, "many"), "");
    truncateSync(join(holes, "many"), many.length);
    run(["python3", "-c", "f=open('many','r+b')\nfor i in range(60):\n f.seek(i*65536); f.write(b'data %d' % i)"], holes);
    run(["tar", "-S", `--format=${format ?? ""}`, ...more, "-cf", join(dir, "holes.tar"), "."], holes);
    expect((await differences("holes.tar", "holes")).found).toEqual([]);
  });

  test("one after the other, and incremental", async () => {
    run(["tar", "-cf", join(dir, "more.tar"), "a.txt", "d"]);
    run(["tar", "-rf", join(dir, "more.tar"), "empty", "zeros"]);
    makeTree(join(dir, "some"), { "a.txt": "one\n", empty: "", zeros: new Uint8Array(300_000), "d/e/empty dir": null, "d/e/x": "x" });
    expect((await differences("more.tar", "some")).found).toEqual([]);
    run(["tar", `--listed-incremental=${join(dir, "snapshot")}`, "-cf", join(dir, "inc.tar"), "."]);
    expect((await differences("inc.tar", "tree")).found).toEqual([]);
  });
});

describe.skipIf(!has("zip") || !has("unzip"))("Info-ZIP", () => {
  test.each([
    ["deflated", ["-9"]],
    ["stored", ["-0"]],
    ["bzip2", ["-Z", "bzip2"]],
    ["with sizes of 64 bits", ["-fz"]],
  ])("%s", async (name, flags) => {
    run(["zip", "-q", "-r", "-y", ...flags, join(dir, `${name}.zip`), "."]);
    expect((await differences(`${name}.zip`, "tree")).found).toEqual([]);
    expect((await differences(`${name}.zip`, "tree", { metadata: ["mode"] })).found).toEqual([]);
    const out = join(dir, `out ${name}`);
    mkdirSync(out);
    run(["unzip", "-q", join(dir, `${name}.zip`)], out);
    const { found, equal } = await differences(`${name}.zip`, `out ${name}`, { metadata: ["mtime"], modifyWindowMs: 2000 });
    // unzip leaves the times of links as they come, and line ends out of names.
    expect(found.filter((line) => !/^\w+ (?:.*link|dangling|new\s*line) /.test(line))).toEqual([]);
    expect(equal).toBeGreaterThan(12);
  });

  test("written to a pipe, so that sizes stand behind the bytes", async () => {
    // What it would store, such as links and empty files, it does not write there.
    run(["sh", "-c", 'zip -q - a.txt zeros text.txt | cat > "$0"', join(dir, "pipe.zip")]);
    makeTree(join(dir, "piped"), { "a.txt": "one\n", zeros: new Uint8Array(300_000), "text.txt": "the same line again\n".repeat(20_000) });
    expect((await differences("pipe.zip", "piped")).found).toEqual([]);
  });
});

describe.skipIf(!has("ar"))("GNU ar", () => {
  test.each([["rc"], ["rcD"], ["rcU"], ["qcS"]])("%s", async (how) => {
    makeTree(join(dir, "flat"), { short: "1", odd: "123", "a name that is longer than the sixteen bytes of a header": noise(70_001, 4), "with space": "s" });
    run(["ar", how, join(dir, `${how}.a`), "short", "odd", "a name that is longer than the sixteen bytes of a header", "with space"], join(dir, "flat"));
    expect((await differences(`${how}.a`, "flat")).found).toEqual([]);
  });
});

const PYTHON = join(import.meta.dir, "archives.py");

describe.skipIf(!has("python3"))("Python", () => {
  const tars = ["ustar", "gnu", "pax"].flatMap((format) => ["", ":gz", ":bz2", ":xz"].map((packer) => ["tar", format + packer] as const));
  const zips = ["stored", "deflated", "bzip2", "stored:pipe", "deflated:pipe"].map((how) => ["zip", how] as const);

  test.each([...tars, ...zips])("%s %s", async (what, how) => {
    for (let seed = 0; seed < 3; seed++) {
      const name = `py-${what}-${how.replaceAll(":", "-")}-${seed}`;
      const listing = run(["python3", PYTHON, what, how, String(seed + how.length * 100), join(dir, name)]);
      const seen = JSON.parse(Buffer.from(listing).toString()) as Record<string, ["file" | "symlink", string]>;
      // Every entry is only in the archive, beside an empty tree: what it is called, and what it is.
      makeTree(join(dir, "nothing"), {});
      const job = compare(join(dir, name), join(dir, "nothing"), {});
      const found: Record<string, string> = {};
      for await (const entry of job) if (entry instanceof EntryRecord && entry.kind[0] !== "dir") found[entry.path] = entry.kind[0] ?? "none";
      expect(found).toEqual(Object.fromEntries(Object.entries(seen).map(([path, [kind]]) => [path, kind])));
      // And the bytes: unpacked by Python, the two are the same.
      const out = join(dir, `${name}.out`);
      mkdirSync(out);
      run(["python3", "-c", what === "tar" ? "import sys,tarfile\nwith tarfile.open(sys.argv[1]) as t: t.extractall('.', filter='fully_trusted')" : "import os,sys,zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n for m in z.infolist():\n  os.makedirs(os.path.dirname('./'+m.filename), exist_ok=True)\n  open('./'+m.filename,'wb').write(z.read(m))", join(dir, name)], out);
      const { found: differing, equal } = await differences(name, `${name}.out`, what === "tar" ? { metadata: ["mode"], skipEmptyDirs: true } : {});
      expect(differing).toEqual([]);
      expect(equal).toBeGreaterThanOrEqual(Object.keys(seen).length);
    }
  });
});
