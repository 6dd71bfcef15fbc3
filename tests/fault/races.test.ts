// Other processes that write while files are compared. Nothing is timed: whatever happens when, no answer may be wrong.
import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../cli/kit/json.ts";
import { compare, LIMIT_MS } from "../cli/kit/suite.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const SIZE = 24 * 2 ** 20;
const ROUNDS = 8;

/** Runs a script beside what is done; it works from its first line of output until it is killed. */
async function beside(cwd: string, script: string, work: () => Promise<void>): Promise<void> {
  const child = Bun.spawn([process.execPath, "-e", `const fs = require("node:fs");${script}`], {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  try {
    await child.stdout.getReader().read();
    await work();
    expect(child.exitCode, "the other process works to the end").toBeNull();
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}

/** Two equal files, `left` and `right`. */
function pair(name: string): string {
  const bytes = noise(SIZE, 8);
  return makeTree(join(dir, name), { left: bytes, right: bytes });
}

const FLAGS = [[], ["-j1"], ["--brief"], ["-q"], ["--no-quick-check", "--brief"]];

/** Compares again and again; a pair that is different at every moment is never equal. */
async function neverEqual(cwd: string, slowly: readonly string[] = []): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const { code, stderr } = await compare([...FLAGS[round % FLAGS.length]!, ...slowly, "left", "right"], { cwd });
    expect([1, 4]).toContain(code as number);
    if (code === 4) expect(stderr).toContain("E_CHANGED");
  }
}

describe("a pair that differs at every moment", () => {
  test(
    "in one byte that moves about",
    async () => {
      const cwd = pair("moving");
      // The next place differs before the last one is put right.
      const script = `
      const fd = fs.openSync("right", "r+"), size = ${SIZE};
      const read = (at) => { const b = Buffer.alloc(1); fs.readSync(fd, b, 0, 1, at); return b; };
      const flip = (at) => { const b = read(at); b[0] ^= 255; fs.writeSync(fd, b, 0, 1, at); };
      let at = size - 1;
      flip(at);
      console.log("works");
      for (let i = 1; ; i++) { const next = (at + 7919 * i + 1) % size; if (next === at) continue; flip(next); flip(at); at = next; }`;
      // Many small reads: the system's clock for file times must have moved on before the last of them.
      await beside(cwd, script, () => neverEqual(cwd, ["-j1", "--chunk-size", "4k"]));
    },
    LIMIT_MS,
  );

  test(
    "in its size, which is too great or too small",
    async () => {
      const cwd = pair("size");
      const script = `
      const fd = fs.openSync("right", "r+"), size = ${SIZE};
      fs.ftruncateSync(fd, size + 1);
      console.log("works");
      for (;;) { fs.ftruncateSync(fd, size - 1); fs.ftruncateSync(fd, size + 1); }`;
      await beside(cwd, script, () => neverEqual(cwd));
    },
    LIMIT_MS,
  );

  test(
    "in the file that has its name",
    async () => {
      const cwd = pair("rename");
      const script = `
      const bytes = fs.readFileSync("left");
      for (const name of ["one", "two"]) { bytes[name === "one" ? 0 : bytes.length - 1] ^= 1; fs.writeFileSync(name, bytes); }
      fs.linkSync("one", "next"); fs.renameSync("next", "right");
      console.log("works");
      for (let i = 0; ; i++) { fs.linkSync(i % 2 ? "one" : "two", "next"); fs.renameSync("next", "right"); }`;
      await beside(cwd, script, () => neverEqual(cwd));
    },
    LIMIT_MS,
  );
});

test(
  "a file that grows while it is read is equal only to what it was",
  async () => {
    const cwd = pair("growing");
    const script = `
    const fd = fs.openSync("right", "a"), bytes = Buffer.alloc(4096, 1);
    fs.writeSync(fd, bytes);
    console.log("works");
    for (let i = 0; i < 100000; i++) fs.writeSync(fd, bytes.subarray(0, 1 + i % 4096)); for (;;) Bun.sleepSync(10);`;
    await beside(cwd, script, () => neverEqual(cwd));
  },
  LIMIT_MS,
);

test(
  "files that are equal at times are equal, different or changed, and nothing else",
  async () => {
    const cwd = pair("sometimes");
    const script = `
    const fd = fs.openSync("right", "r+"), size = ${SIZE};
    const old = Buffer.alloc(1); fs.readSync(fd, old, 0, 1, size >> 1); const other = Buffer.from([old[0] ^ 1]);
    console.log("works");
    for (;;) { fs.writeSync(fd, other, 0, 1, size >> 1); Bun.sleepSync(3); fs.writeSync(fd, old, 0, 1, size >> 1); Bun.sleepSync(40); }`;
    await beside(cwd, script, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { code, text, stderr } = await compare(["left", "right"], { cwd });
        expect([0, 1, 4]).toContain(code as number);
        if (code === 1) expect(text).toContain(`differ: byte ${(SIZE >> 1) + 1}, line `);
        if (code === 4) expect(stderr).toContain("E_CHANGED");
      }
    });
  },
  LIMIT_MS,
);

test(
  "a tree in which names come and go: what stays is told of rightly, the rest never as equal content",
  async () => {
    const cwd = join(dir, "tree");
    for (const side of ["L", "R"]) {
      for (let i = 0; i < 300; i++) {
        mkdirSync(join(cwd, side, `d${i % 10}`), { recursive: true });
        writeFileSync(join(cwd, side, `d${i % 10}`, `stays${i}`), String(i));
      }
    }
    writeFileSync(join(cwd, "R/d5/stays5"), "!");
    const script = `
    console.log("works");
    for (let i = 0; ; i++) {
      const d = "R/d" + i % 10, n = d + "/comes" + i % 50;
      fs.writeFileSync(n, "1"); fs.mkdirSync(n + "d", { recursive: true }); fs.writeFileSync(n + "d/f", "1");
      fs.rmSync(n); fs.rmSync(n + "d", { recursive: true });
      fs.renameSync("L/d" + i % 10, "L/moved"); fs.renameSync("L/moved", "L/d" + i % 10);
    }`;
    await beside(cwd, script, async () => {
      for (let round = 0; round < 2 * ROUNDS; round++) {
        const flags = round % 2 ? ["-j1"] : ["--all-entries"];
        const end = await compare(["--json", ...flags, "L", "R"], { cwd });
        const { entries, summary } = readJson(end);
        expect([1, 3]).toContain(end.code as number);
        expect(summary.verdict).not.toBe("equal");
        for (const { path = "", status, error } of entries) {
          if (/stays/.test(path) && status === "different") expect(path).toBe("d5/stays5");
          if (/comes/.test(path)) expect(status).not.toBe("equal");
          if (status === "unknown") expect(["E_CHANGED", "E_NOT_FOUND"]).toContain(error?.code ?? "");
        }
      }
    });
  },
  LIMIT_MS,
);
