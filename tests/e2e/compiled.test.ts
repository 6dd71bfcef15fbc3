// The compiled executable on machines that are not like the one it was built on.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCli } from "../../scripts/build-cli.ts";

let dir = "";
let suite = "";

interface Ran {
  stdout: string;
  stderr: string;
  exit: number | null;
}

async function run(command: string[], cwd: string, env: Record<string, string>): Promise<Ran> {
  const child = Bun.spawn(command, { cwd, env, stdout: "pipe", stderr: "pipe", stdin: "ignore", timeout: 60_000 });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { stdout, stderr, exit: await child.exited };
}

const canMount = Bun.spawnSync(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]).success;

const EXPECTED = { stdout: "* file\tcontent_mismatch\n", stderr: "", exit: 1 };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "suite-compiled-"));
  for (const side of ["a", "b"]) {
    mkdirSync(join(dir, side));
    writeFileSync(join(dir, side, "file"), side);
  }
  suite = await buildCli(join(dir, "suite"));
}, 120_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("compiled executable", () => {
  test("compares with nothing in its environment", async () => {
    expect(await run([suite, "compare", "a", "b"], dir, {})).toEqual(EXPECTED);
  });

  test("needs no temporary folder", async () => {
    const missing = join(dir, "no-such-folder");
    const env = { TMPDIR: missing, BUN_TMPDIR: missing };
    expect(await run([suite, "compare", "a", "b"], dir, env)).toEqual(EXPECTED);
  });

  test.skipIf(!canMount)("works with a temporary folder mounted noexec", async () => {
    // A mount namespace of its own: the mount ends with the process.
    const script = 'mount -t tmpfs -o noexec none "$1" && export TMPDIR="$1" BUN_TMPDIR="$1" && exec "$2" compare a b';
    const noexec = join(dir, "noexec");
    mkdirSync(noexec);
    const env = { PATH: process.env.PATH ?? "" };
    expect(await run(["unshare", "-m", "sh", "-c", script, "sh", noexec, suite], dir, env)).toEqual(EXPECTED);
  });

  test("reads no configuration of the folder it runs in", async () => {
    const hostile = join(dir, "hostile");
    mkdirSync(hostile);
    writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./run.ts"]\n');
    writeFileSync(join(hostile, "run.ts"), 'console.log("ran");\n');
    writeFileSync(join(hostile, ".env"), "SUITE_LIBCORE=/nowhere\n");
    const env = { BUN_OPTIONS: "--preload ./run.ts", SUITE_LIBCORE: "/nowhere" };
    expect(await run([suite, "compare", "../a", "../b"], hostile, env)).toEqual(EXPECTED);
  });

  test("is a command by the name it is called by", async () => {
    symlinkSync(suite, join(dir, "suite-compare"));
    expect(await run([join(dir, "suite-compare"), "a", "b"], dir, {})).toEqual(EXPECTED);
  });

  test("says what it is", async () => {
    expect(await run([suite, "--version"], dir, {})).toEqual({ stdout: "suite 0.0.0\n", stderr: "", exit: 0 });
  });
});
