// System calls that fail, come short, or find the file changed: what is said then, and that nothing unread is called equal.
import { describe, expect, test } from "bun:test";
import { rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brief, readJson } from "../cli/kit/json.ts";
import { putFifo } from "../cli/kit/bytes.ts";
import { makeTree, temporaryFolder, type Node } from "../support/temp.ts";
import { ERRNO, faulty, struck } from "./kit.ts";

const dir = temporaryFolder();
let count = 0;
const CHUNK = 262_144;

const LINES = new TextEncoder().encode("0123456789abcde\n".repeat(200_000));

/** A folder with two files of 3.2 MB that are equal, or differ at `at`. */
function pair(at?: number): string {
  const right = LINES.slice();
  if (at !== undefined) right[at] = right[at]! ^ 1;
  return makeTree(join(dir, String(count++)), { left: LINES, right });
}

/** A folder with two trees that are equal but for `k.txt`, with `more` in both. */
function trees(more: Record<string, Node> = {}): string {
  const cwd = join(dir, String(count++));
  const both = {
    "a.txt": "a",
    "big.bin": LINES,
    "sub/one": "1",
    "sub/two": "2",
    "z.txt": "z",
    link: { link: "a.txt" },
    ...more,
  };
  makeTree(join(cwd, "L"), { ...both, "k.txt": "one" });
  makeTree(join(cwd, "R"), { ...both, "k.txt": "two" });
  return cwd;
}

const pairArgs = ["left", "right"];
const treeArgs = ["L", "R"];

/** Runs a pair; the two forms of output agree about the error, which is returned. */
async function pairError(cwd: string, rule: string, args = pairArgs, again = () => {}) {
  const plain = await struck(cwd, rule, args);
  again();
  const { summary, entries } = readJson(await struck(cwd, rule, ["--json", ...args]));
  expect(plain.code).toBe(4);
  expect(summary).toMatchObject({ verdict: "unknown", exit: 4, equal: 0 });
  expect(plain.text).not.toContain("differ");
  expect(plain.stderr).toContain(`(${summary.error?.code})`);
  for (const entry of entries) expect(entry).toMatchObject({ status: "unknown", error: { code: summary.error?.code } });
  return summary.error;
}

/** Runs two trees: what became of `k.txt` and the others, and of those the fault met. */
async function treeOutcome(cwd: string, rules: string | string[], ...flags: string[]) {
  const end = await struck(cwd, rules, ["--json", ...flags, ...treeArgs]);
  const { entries, summary } = readJson(end);
  expect(end.code).toBe(summary.exit);
  // What is known of other names is told all the same.
  expect(entries.map(brief)).toContain("different k.txt content_mismatch");
  const other = entries.filter((entry) => !brief(entry).startsWith("different k.txt"));
  return { code: end.code, summary, briefs: other.map(brief), entries: other };
}

describe("a read that fails", () => {
  test("in a pair: 4, E_READ, with path and offset", async () => {
    const cwd = pair();
    for (const [side, name] of [
      ["left", "left"],
      ["right", "right"],
    ] as const) {
      const error = await pairError(cwd, `pread,/${name},4,errno,${ERRNO.EIO}`, ["-j1", ...pairArgs]);
      expect(error).toEqual({
        code: "E_READ",
        message: `${name}: read ${side} side at byte ${3 * CHUNK}: Input/output error`,
      });
    }
    const first = await pairError(cwd, `pread,/right,1,errno,${ERRNO.EIO}`, ["-j1", "--chunk-size", "4k", ...pairArgs]);
    expect(first?.message).toContain("at byte 0:");
  });

  test("in a small pair, which is read at once", async () => {
    const cwd = makeTree(join(dir, String(count++)), { left: "small", right: "small" });
    expect((await pairError(cwd, `pread,/left,1,errno,${ERRNO.EIO}`))?.message).toBe(
      "left: read left side at byte 0: Input/output error",
    );
  });

  test("at every place of a file: never equal", async () => {
    const cwd = pair();
    for (const flags of [[], ["-j1"], ["--brief"], ["-q"], ["--brief", "--no-quick-check", "-j3"]]) {
      for (const from of [1, 2, 9, 13]) {
        const end = await struck(cwd, `pread,/right,${from}+,errno,${ERRNO.EIO}`, [...flags, ...pairArgs]);
        expect({ code: end.code, text: end.text.replace(/^! left(\tE_READ)?\n/, "") }).toEqual({ code: 4, text: "" });
        expect(end.stderr).toContain("E_READ");
      }
    }
  });

  test("after a difference is proven: 1, and no line is made up", async () => {
    const cwd = pair(3_000_000);
    // Twelve reads of the left side find the difference; those that follow count lines.
    const end = await struck(cwd, `pread,/left,13+,errno,${ERRNO.EIO}`, ["-j1", ...pairArgs]);
    expect(end).toMatchObject({ code: 1, text: "left right differ: byte 3000001\n", stderr: "" });
    const { entries } = readJson(
      await struck(cwd, `pread,/left,13+,errno,${ERRNO.EIO}`, ["--json", "-j1", ...pairArgs]),
    );
    expect(entries).toMatchObject([{ status: "different", offset: 3_000_000 }]);
    expect(entries[0]).not.toHaveProperty("line");
    truncateSync(join(cwd, "right"), 3_000_000);
    const prefix = await struck(cwd, `pread,/left,13+,errno,${ERRNO.EIO}`, ["-j1", ...pairArgs]);
    expect(prefix).toMatchObject({ code: 1, text: "EOF on right after byte 3000000\n" });
  });

  // In a tree a large file is sampled first, in eight reads; what these meet, the scan meets again or it was nothing.
  test("in a tree: 3, the entry is unknown, the others are told", async () => {
    const { code, briefs, entries, summary } = await treeOutcome(
      trees(),
      `pread,/R/big.bin,11,errno,${ERRNO.EIO}`,
      "-j1",
    );
    expect({ code, briefs }).toEqual({ code: 3, briefs: ["unknown big.bin E_READ"] });
    expect(entries[0]?.error).toEqual({
      code: "E_READ",
      errno: 5,
      message: `read right side at byte ${2 * CHUNK}: Input/output error`,
    });
    expect(summary).toMatchObject({ verdict: "different", unknown: 1 });
  });

  test("the same on standard error, naming the path", async () => {
    const end = await struck(trees(), `pread,/R/big.bin,11,errno,${ERRNO.EIO}`, ["-j1", ...treeArgs]);
    expect(end.text).toBe("! big.bin\tE_READ\n* k.txt\tcontent_mismatch\n");
    expect(end.stderr).toBe(
      `suite compare: big.bin: read right side at byte ${2 * CHUNK}: Input/output error (E_READ)\n`,
    );
    expect(end.code).toBe(3);
  });
});

describe("C-03 a file that changes while it is read", () => {
  test.each([
    ["cut off before a read", "pread,/right,3,truncate,1000", "size"],
    ["cut off to nothing", "pread,/right,2,truncate,0", "size"],
    ["cut off by one byte", "pread,/right,2,truncate,3199999", "size"],
    ["grown", "pread,/right,3,append,5", "size"],
    ["touched", "pread,/right,3,touch", "mtime"],
    ["changed in place, behind what was read", "pread,/right,9,write,10", "mtime"],
    ["replaced by another file", "pread,/right,3,replace", "ctime"],
    ["removed", "pread,/right,3,unlink", "ctime"],
    ["grown after the last read", "fstat,/right,2,append,1", "size"],
  ])("a pair, %s: 4, E_CHANGED", async (_, rule, attribute) => {
    const cwd = pair();
    const again = () => {
      rmSync(join(cwd, "right"), { force: true });
      writeFileSync(join(cwd, "right"), LINES);
    };
    expect(await pairError(cwd, rule, ["-j1", ...pairArgs], again)).toEqual({
      code: "E_CHANGED",
      message: `right: compare right side: ${attribute} changed while it was read`,
    });
  });

  test.each([
    ["cut off", "pread,/L/big.bin,3,truncate,1000", "size"],
    ["grown", "pread,/L/big.bin,3,append,5", "size"],
    ["touched", "pread,/L/big.bin,3,touch", "mtime"],
    ["a small one, cut off", "pread,/L/a.txt,1,truncate,0", "size"],
    ["a small one, grown", "fstat,/L/a.txt,2,append,9", "size"],
    ["a small one, touched", "fstat,/L/a.txt,2,touch", "mtime"],
  ])("in a tree, %s: 3, E_CHANGED", async (_, rule, attribute) => {
    const { code, briefs, entries } = await treeOutcome(trees(), rule);
    const name = /big.bin|a.txt/.exec(rule)?.[0];
    expect({ code, briefs }).toEqual({ code: 3, briefs: [`unknown ${name} E_CHANGED`] });
    expect(entries[0]?.error?.message).toBe(`compare left side: ${attribute} changed while it was read`);
  });

  test("several threads come to the same", async () => {
    for (const rule of ["pread,/right,7,truncate,1000", "pread,/right,7,append,5", "pread,/right,7,touch"]) {
      for (const flags of [["-j4"], ["-j4", "--brief"], ["-q"]]) {
        const end = await struck(pair(), rule, [...flags, ...pairArgs]);
        expect(end.code).toBe(4);
        expect(end.stderr).toContain("E_CHANGED");
      }
    }
  });

  test("a proven difference beats a change that comes later", async () => {
    for (const action of ["truncate,1000", "append,5", "touch"]) {
      const end = await struck(pair(3_000_000), `pread,/left,13,${action}`, ["-j1", ...pairArgs]);
      expect({ code: end.code, stderr: end.stderr }).toEqual({ code: 1, stderr: "" });
      expect(end.text).toStartWith("left right differ: byte 3000001");
      const quiet = await faulty(pair(10), `pread,/left,2,${action}`, ["-q", ...pairArgs]);
      expect({ code: quiet.code, text: quiet.text }).toEqual({ code: 1, text: "" });
    }
    const { code, briefs } = await treeOutcome(trees(), "pread,/L/k.txt,1,touch");
    expect({ code, briefs }).toEqual({ code: 1, briefs: [] });
  });

  test("a change before the file is opened is none", async () => {
    const end = await struck(pair(), "openat,/right,1,touch", pairArgs);
    expect(end).toMatchObject({ code: 0, text: "", stderr: "" });
  });
});

describe("a name that vanishes or turns into something else between listing and opening", () => {
  test.each([
    ["a file", "openat,/L/a.txt,1,unlink", "unknown a.txt E_CHANGED"],
    ["a file on the right", "openat,/R/z.txt,1,unlink", "unknown z.txt E_CHANGED"],
    ["a link", "readlinkat,/R/link,1,unlink", "unknown link E_CHANGED"],
    ["a directory", `openat,/L/sub,1,errno,${ERRNO.ENOENT}`, "unknown sub E_CHANGED"],
    ["a file in a subdirectory", "openat,/L/sub/one,1,unlink", "unknown sub/one E_CHANGED"],
    ["a file that became a link", "openat,/L/a.txt,1,linked", "unknown a.txt E_CHANGED"],
    ["a directory that became something else", `openat,/R/sub,1,errno,${ERRNO.ENOTDIR}`, "unknown sub E_CHANGED"],
    ["a link that became a file", `readlinkat,/L/link,1,errno,${ERRNO.EINVAL}`, "unknown link E_CHANGED"],
  ])("%s: unknown, 3", async (_, rule, line) => {
    const { code, briefs, summary } = await treeOutcome(trees(), rule);
    expect({ code, briefs }).toEqual({ code: 3, briefs: [line] });
    expect(summary.verdict).toBe("different");
  });

  test("a one-sided file", async () => {
    const cwd = trees();
    writeFileSync(join(cwd, "R/only"), "1");
    const { code, briefs } = await treeOutcome(cwd, "fstatat,/R/only,1,unlink");
    expect({ code, briefs }).toEqual({ code: 3, briefs: ["unknown only E_CHANGED"] });
  });

  test("all else being equal the verdict is unknown", async () => {
    const cwd = trees();
    writeFileSync(join(cwd, "R/k.txt"), "one");
    const { summary } = readJson(await struck(cwd, "openat,/L/a.txt,1,unlink", ["--json", ...treeArgs]));
    expect(summary).toMatchObject({ verdict: "unknown", exit: 3, unknown: 1, different: 0 });
  });
});

describe("listings, links and attributes that cannot be read", () => {
  test.each([
    ["a listing", `getdents64,/L/sub,1,errno,${ERRNO.EIO}`, "unknown sub E_READ"],
    ["the rest of a listing", `getdents64,/R/sub,2,errno,${ERRNO.EIO}`, "unknown sub E_READ"],
    ["a directory", `openat,/R/sub,1,errno,${ERRNO.EIO}`, "unknown sub E_READ"],
    ["a directory that is refused", `openat,/R/sub,1,errno,${ERRNO.EACCES}`, "unknown sub E_PERMISSION"],
    ["a file", `openat,/L/a.txt,1,errno,${ERRNO.EIO}`, "unknown a.txt E_READ"],
    ["a file that is refused", `openat,/L/a.txt,1,errno,${ERRNO.EACCES}`, "unknown a.txt E_PERMISSION"],
    ["a link", `readlinkat,/L/link,1,errno,${ERRNO.EIO}`, "unknown link E_READ"],
    ["attributes of an open file", `fstat,/L/a.txt,1,errno,${ERRNO.EIO}`, "unknown a.txt E_READ"],
    ["attributes at the end", `fstat,/L/a.txt,2,errno,${ERRNO.EIO}`, "unknown a.txt E_READ"],
  ])("%s: unknown, 3", async (_, rule, line) => {
    const { code, briefs } = await treeOutcome(trees(), rule);
    expect({ code, briefs }).toEqual({ code: 3, briefs: [line] });
  });

  test("the listing of an operand itself: 4", async () => {
    const end = await struck(trees(), `getdents64,/L,1,errno,${ERRNO.EIO}`, treeArgs);
    expect(end).toMatchObject({ code: 4, text: "" });
    expect(end.stderr).toContain("L: list directory left side: Input/output error (E_READ)");
  });

  test("below a one-sided directory that is told as one: behind it, in order", async () => {
    const cwd = trees();
    makeTree(join(cwd, "R/new"), { "a/x": "1", "b/in/x": "1", "b/shut/x": "1", "c-shut/x": "1", d: "1" });
    makeTree(join(cwd, "L/gone"), { "shut/x": "1" });
    const end = await struck(cwd, `openat,shut,1+,errno,${ERRNO.EACCES}`, treeArgs);
    expect({ code: end.code, lines: end.text.trimEnd().split("\n") }).toEqual({
      code: 3,
      lines: [
        "< gone/\t1 entry",
        "! gone/shut\tE_PERMISSION",
        "* k.txt\tcontent_mismatch",
        "> new/\t8 entries",
        "! new/b/shut\tE_PERMISSION",
        "! new/c-shut\tE_PERMISSION",
      ],
    });
    const filtered = await struck(cwd, `openat,shut,1+,errno,${ERRNO.EACCES}`, ["--include", "nothing", ...treeArgs]);
    expect(filtered.text.split("\n").filter((line) => line.startsWith("!"))).toHaveLength(3);
  });

  test("more of them than are kept back: all are told", async () => {
    const cwd = trees();
    const many = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`${i}-shut`, null]));
    makeTree(join(cwd, "L/gone"), many);
    const end = await struck(cwd, `openat,-shut,1+,errno,${ERRNO.EACCES}`, treeArgs);
    const lines = end.text.trimEnd().split("\n");
    expect(new Set(lines.filter((line) => line.startsWith("! gone/"))).size).toBe(1100);
    expect(lines).toContain("< gone/\t1100 entries");
    expect(end.code).toBe(3);
  });

  test("nothing below a directory that cannot be listed is claimed to be missing", async () => {
    const cwd = trees({ "sub/three/four": "4" });
    const { briefs } = await treeOutcome(cwd, `getdents64,/R/sub,1,errno,${ERRNO.EIO}`, "--all-entries");
    expect(briefs.filter((line) => line.includes("sub"))).toEqual(["unknown sub E_READ"]);
  });
});

describe("what is not to be noticed", () => {
  test("reads that come short", async () => {
    for (const [at, code] of [
      [undefined, 0],
      [3_100_000, 1],
    ] as const) {
      for (const flags of [[], ["-j1"], ["--brief"]]) {
        const rules = ["pread,/left,1+,short,7777", "pread,/right,1+,short,99999"];
        const end = await struck(pair(at), rules, [...flags, ...pairArgs]);
        expect({ code: end.code, stderr: end.stderr }).toEqual({ code, stderr: "" });
        if (at !== undefined && !flags.includes("--brief")) {
          expect(end.text).toBe(`left right differ: byte ${at + 1}, line ${Math.floor(at / 16) + 1}\n`);
        }
      }
    }
    const { code, briefs } = await treeOutcome(trees(), "pread,/L/,1+,short,1000");
    expect({ code, briefs }).toEqual({ code: 1, briefs: [] });
  });

  test.each(["pread,/L/big.bin", "openat,/L/", "getdents64,/R", "fstatat,/R/only", "readlinkat,/L/link", "fstat,/R/"])(
    "EINTR of %s",
    async (call) => {
      const cwd = trees();
      writeFileSync(join(cwd, "R/only"), "1");
      const { code, briefs } = await treeOutcome(cwd, `${call},1-5,errno,${ERRNO.EINTR}`);
      expect({ code, briefs }).toEqual({ code: 1, briefs: ["only_right only"] });
    },
  );

  test("a file system that cannot tell where holes are", async () => {
    const cwd = makeTree(join(dir, String(count++)), { left: "x", right: "x" });
    for (const name of pairArgs) truncateSync(join(cwd, name), 5_000_000);
    const rules = [`lseek,/left,1+,errno,${ERRNO.EINVAL}`, `lseek,/right,1+,errno,${ERRNO.EINVAL}`];
    expect(await struck(cwd, rules, pairArgs)).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(join(cwd, "right"), "x");
    truncateSync(join(cwd, "right"), 5_000_001);
    expect(await struck(cwd, rules, pairArgs)).toMatchObject({ code: 1, stderr: "" });
  });
});

describe("what is never opened", () => {
  test("FIFOs, links and what is on one side only", async () => {
    const cwd = trees({ "in/f": "1" });
    for (const side of treeArgs) putFifo(join(cwd, side), "fifo");
    putFifo(join(cwd, "L"), "fifo-only");
    symlinkSync("a.txt", join(cwd, "R/link-only"));
    writeFileSync(join(cwd, "R/file-only"), "1");
    const rules = ["fifo", "link", "only", "in/f"].map((name) => `openat,${cwd}/L/${name},1+,note`);
    rules.push(...["fifo", "link-only", "file-only"].map((name) => `openat,${cwd}/R/${name},1+,note`));
    const end = await faulty(cwd, rules, treeArgs);
    // The one that is a file of both sides shows that openings are seen.
    expect(end.met).toEqual(["openat L/in/f 1"]);
    expect(end.text).toBe("< fifo-only\n> file-only\n* k.txt\tcontent_mismatch\n> link-only\n");
  });

  test("a FIFO as an operand", async () => {
    const cwd = trees();
    putFifo(cwd, "fifo");
    const end = await faulty(cwd, [`openat,${cwd}/fifo,1+,note`, `fstatat,/fifo,1+,note`], ["fifo", "L/a.txt"]);
    expect(end.met).toEqual(["fstatat fifo 1"]);
    expect(end.code).toBe(4);
  });
});

describe("C-70 one large pair", () => {
  const both = (wait: number, calls: string) => `pread,/left,${calls},meet,${wait}`;

  test.skipIf(navigator.hardwareConcurrency < 2)("is read by several threads at once", async () => {
    // The first read waits for another one of the same file: were there none, it would go on alone in the end.
    const { code, met } = await faulty(pair(), both(20_000, "1+"), pairArgs);
    expect({ code, together: met.includes("together") }).toEqual({ code: 0, together: true });
  });

  test("is read by one where one is asked for", async () => {
    const { code, met } = await struck(pair(), both(30, "1-4"), ["-j1", ...pairArgs]);
    expect({ code, together: met.includes("together") }).toEqual({ code: 0, together: false });
  });
});
