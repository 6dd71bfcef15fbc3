// Many sources under system calls that fail, or find the file changed: no fault makes anything equal.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readGroups } from "../cli/kit/json.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { ERRNO, struck } from "./kit.ts";

const dir = temporaryFolder();
let count = 0;
const SIZE = 2_000_000;

/** Four equal files, one that differs at its end, and one of another size. */
function world(): string {
  const bytes = noise(SIZE, 6);
  const late = bytes.slice();
  late[SIZE - 5]! ^= 1;
  return makeTree(join(dir, String(count++)), { w1: bytes, w2: bytes, w3: bytes, w4: bytes, late, small: "small" });
}

const ALL = ["w1", "w2", "late", "w3", "small", "w4"];

/** Runs --groups under a rule about `w3`: what became of it, with the others as they must be. */
async function outcome(rule: string | string[], ...flags: string[]) {
  const { groups, summary } = readGroups(await struck(world(), rule, ["--groups", "--json", ...flags, ...ALL]));
  const others = groups.filter(({ members }) => !members?.includes("w3"));
  expect(others.map(({ members }) => members)).toEqual([["w1", "w2", "w4"], ["late"], ["small"]]);
  const own = groups.find(({ members }) => members?.includes("w3"));
  expect(own?.members).toEqual(["w3"]);
  expect(summary).toMatchObject({ verdict: "different", unknown: 1 });
  return { code: own?.error?.code, message: own?.error?.message, exit: summary.exit };
}

describe("a read that fails", () => {
  test("at once: it cannot be read at all, 4", async () => {
    const found = await outcome(`pread,/w3,1+,errno,${ERRNO.EIO}`);
    expect(found).toMatchObject({ code: "E_READ", exit: 4 });
    expect(found.message).toContain("at byte 0");
  });

  test("further in: unknown, 3, with the offset", async () => {
    for (const flags of [[], ["-j1"], ["--no-quick-check", "--chunk-size", "64k"]]) {
      const found = await outcome(`pread,/w3,4+,errno,${ERRNO.EIO}`, ...flags);
      expect(found).toMatchObject({ code: "E_READ", exit: 3 });
      expect(found.message).toMatch(/at byte [1-9]/);
    }
  });

  test("one that comes short is read on", async () => {
    const end = await struck(world(), "pread,/w3,2+,short,1000", ["--groups", "--json", ...ALL]);
    const { groups } = readGroups(end);
    expect(groups.map(({ members }) => members)).toEqual([["w1", "w2", "w3", "w4"], ["late"], ["small"]]);
  });
});

describe("a file that changes", () => {
  for (const [how, action] of [
    ["grows", "append,100"],
    ["is cut", "truncate,1000"],
    ["is written", "write,10"],
    ["is touched", "touch"],
    ["loses its name", "unlink"],
    ["is replaced", "replace"],
  ] as const) {
    test(`and ${how} while it is read: E_CHANGED, 3`, async () => {
      for (const when of [2, 5]) {
        for (const flags of [[], ["-j1", "--no-quick-check"]]) {
          const found = await outcome(`pread,/w3,${when},${action}`, ...flags);
          expect(found).toMatchObject({ code: "E_CHANGED", exit: 3 });
        }
      }
    });
  }

  test("after its last read is seen by the last look", async () => {
    // With the looks, 2 MB in pieces of 256 KiB are read by sixteen calls.
    const found = await outcome("pread,/w3,16,write,10", "-j1");
    expect(found).toMatchObject({ code: "E_CHANGED", exit: 3 });
  });
});

describe("a file that cannot be opened", () => {
  for (const [name, code] of [
    ["EACCES", "E_PERMISSION"],
    ["ENOENT", "E_NOT_FOUND"],
    ["ELOOP", "E_LOOP"],
    ["EIO", "E_READ"],
  ] as const) {
    test(`${name}: ${code}, 4`, async () => {
      expect(await outcome(`openat,/w3,1+,errno,${ERRNO[name]}`)).toMatchObject({ code, exit: 4 });
      expect(await outcome(`fstatat,/w3,1,errno,${ERRNO[name]}`)).toMatchObject({ code, exit: 4 });
    });
  }

  test("for want of descriptors: tried again, or E_LIMIT", async () => {
    for (const error of [ERRNO.EMFILE, ERRNO.ENFILE]) {
      const end = await struck(world(), `openat,/w,2-9,errno,${error}`, ["--groups", "--json", ...ALL]);
      const { groups } = readGroups(end);
      const own = groups.filter(({ members }) => members?.some((name) => name.startsWith("w")));
      // With nobody else at work it gives up, and says so; what is known is right.
      for (const { error: why } of own.filter((group) => group.error)) expect(why?.code).toBe("E_LIMIT");
      expect(own.filter((group) => !group.error)).toHaveLength(1);
      expect(own.flatMap(({ members }) => members).toSorted()).toEqual(["w1", "w2", "w3", "w4"]);
    }
  });
});

test("a proven difference is enough for -q, whatever else cannot be read", async () => {
  const rule = `pread,/w2,1+,errno,${ERRNO.EIO}`;
  expect((await struck(world(), rule, ["--all", "-q", "w2", "w1", "late"])).code).toBe(1);
  expect(await struck(world(), rule, ["--all", "w2", "w1", "late"])).toMatchObject({
    code: 4,
    text: "w1 late differ\n",
  });
  expect(await struck(world(), rule, ["--all", "w2", "w1", "w3"])).toMatchObject({ code: 4, text: "" });
});
