// Standard output that is closed, full, slow or gone, and signals.
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCrowd, makeTree, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare, ended, LIMIT_MS, onTerminal, start } from "./kit/suite.ts";

// What a failed test left waiting for a reader.
const waiting: number[] = [];
afterAll(() => {
  for (const pid of waiting) if (existsSync(`/proc/${pid}/fd/1`)) process.kill(pid, "SIGKILL");
});

const cwd = temporaryFolder();
makeTree(cwd, { a: "1", b: "2", same: "1", empty: null });
// More output than a pipe holds.
const CROWD = 6000;
makeCrowd(join(cwd, "crowd"), CROWD);

const run = (args: string[], shell: string) => compare(args, { cwd, shell, shellProgram: "bash" });

describe("standard output", () => {
  test("closed: 4 when there is something to say, and the answer when there is not", async () => {
    for (const args of [["a", "b"], ["--json", "a", "same"], ["crowd", "empty"], ["--help"]]) {
      const { code, stderr } = await run(args, '"$@" >&-');
      expect(stderr).toMatch(/^suite compare: standard output.*\(E_WRITE\)\n$/);
      expect(code, args.join(" ")).toBe(4);
    }
    expect(await run(["a", "same"], '"$@" >&-')).toMatchObject({ code: 0, stderr: "" });
    expect(await run(["-q", "a", "b"], '"$@" >&-')).toMatchObject({ code: 1, stderr: "" });
  });

  test("full: 4, E_WRITE, whatever the comparison came to", async () => {
    for (const args of [["a", "b"], ["--json", "a", "same"], ["crowd", "empty"], ["--help"]]) {
      const { code, stderr } = await run(args, '"$@" > /dev/full');
      expect(stderr).toMatch(/^suite compare: standard output: .*ENOSPC.*\(E_WRITE\)\n$/);
      expect(code, args.join(" ")).toBe(4);
    }
    expect(await run(["-q", "a", "b"], '"$@" > /dev/full')).toMatchObject({ code: 1, stderr: "" });
  });

  test("its reader goes away: 141, and no word about it", async () => {
    for (const flags of [[], ["--json"], ["-j1"]]) {
      const gone = await run([...flags, "--all-entries", "crowd", "empty"], '"$@" | head -1; echo "${PIPESTATUS[0]}"');
      const [first, status] = gone.text.trimEnd().split("\n");
      expect(first).toContain("000000-");
      expect({ status, stderr: gone.stderr }).toEqual({ status: "141", stderr: "" });
    }
  });

  test("its reader was never there", async () => {
    const never = await run(["a", "b"], '{ sleep 0.3; "$@"; echo "$?" >&2; } | true');
    expect(never.stderr).toBe("141\n");
  });

  test("a slow reader gets everything", async () => {
    const slow = 'set -o pipefail; "$@" | { head -c 100000; sleep 0.5; head -c 200000; sleep 0.5; cat; }';
    const { code, text, stderr } = await run(["--all-entries", "crowd", "empty"], slow);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const lines = text.split("\n").slice(0, -1);
    expect(lines).toHaveLength(CROWD);
    expect(new Set(lines).size).toBe(CROWD);
    expect(lines.toSorted()).toEqual(lines);
  });

  test("a file gets all of it, whole", async () => {
    const { code } = await run(["--json", "crowd", "empty"], '"$@" > out.json');
    expect(code).toBe(1);
    expect(readFileSync(join(cwd, "out.json"), "latin1").split("\n")).toHaveLength(CROWD + 2);
  });

  test("a full pipe that does not block is waited for", async () => {
    // The descriptor is shared with a process that has set it so.
    const shell = `"$@" | (sleep 0.3; wc -l)`;
    const { text } = await run(["--all-entries", "crowd", "empty"], shell);
    expect(Number(text)).toBe(CROWD);
  });
});

test("standard error that is closed costs no answer", async () => {
  symlinkSync("nowhere", join(cwd, "dangling"));
  expect((await run(["a", "b"], '"$@" 2>&-')).code).toBe(1);
  expect((await run(["dangling", "b"], '"$@" 2>&-')).code).toBe(4);
});

test("a terminal gets the lines that a pipe gets", async () => {
  const { code, text } = await onTerminal(["compare", "crowd", "empty"], { cwd });
  expect({ code, lines: text.split("\n").length }).toEqual({ code: 1, lines: CROWD + 1 });
});

describe("signals", () => {
  const SIGNALS = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const;

  /** A comparison in the middle of its work: its pipe is full, and read only after open(). */
  async function stuck(args: string[]) {
    const gate = join(cwd, `gate-${gates++}`);
    const shell = `{ echo "$BASHPID" > "$GATE.pid"; exec "$@"; } | { read -r _ < "$GATE"; cat; }; exit "\${PIPESTATUS[0]}"`;
    Bun.spawnSync(["mkfifo", gate]);
    const child = start(["compare", ...args], { cwd, shell, shellProgram: "bash", env: { GATE: gate } });
    const pidFile = `${gate}.pid`;
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "latin1").endsWith("\n"));
    const pid = Number(readFileSync(pidFile, "latin1"));
    waiting.push(pid);
    await caught(pid);
    // A pipe holds 64 KiB: what has been written and what is waited for.
    await until(() => Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1]) >= 65_536);
    return { child, pid, open: () => writeFileSync(gate, "go\n") };
  }
  let gates = 0;

  test.each(SIGNALS)("%s ends with %d after whole lines of JSON, the summary among them", async (signal, code) => {
    const { child, pid, open } = await stuck(["--json", "--all-entries", "crowd", "empty"]);
    process.kill(pid, signal);
    open();
    const end = await ended(child);
    expect(end).toMatchObject({ code, stderr: "" });
    const { entries, summary } = readJson(end);
    // Fewer, unless the pipe was emptied before the signal came through to the program.
    expect(entries.length).toBeLessThanOrEqual(CROWD);
    expect(entries.length).toBeGreaterThan(0);
    expect(summary.exit).toBe(code);
    expect(summary.verdict).toBe("different");
  });

  test.each(SIGNALS)("%s while standard input is waited for", async (signal, code) => {
    const shell = `exec "$@" < <(exec tail -f /dev/null 2> /dev/null)`;
    const child = start(["compare", "--verbose", "-", "a"], { cwd, shell, shellProgram: "bash" });
    await caught(child.pid);
    child.kill(signal);
    const end = await ended(child);
    expect(end).toMatchObject({ code, text: "" });
  });

  test("the second signal ends it at once, though nobody reads", async () => {
    const { child, pid, open } = await stuck(["--all-entries", "crowd", "empty"]);
    process.kill(pid, "SIGTERM");
    // It cannot flush, as the pipe stays full: it waits for its reader.
    await Bun.sleep(200);
    expect(existsSync(`/proc/${pid}/fd/1`)).toBe(true);
    process.kill(pid, "SIGINT");
    await until(() => !existsSync(`/proc/${pid}/fd/1`));
    open();
    expect((await ended(child)).code).toBe(130);
  });

  test(
    "a signal that comes before there is a difference says unknown, never equal",
    async () => {
      const big = 3 * 2 ** 30;
      for (const name of ["big-a", "big-b"]) {
        const file = Bun.file(join(cwd, name)).writer();
        file.write(new Uint8Array([1]));
        await file.end();
      }
      // One side without holes, so that there is much to read.
      Bun.spawnSync(["sh", "-c", `truncate -s ${big} big-a && fallocate -l ${big} big-b`], { cwd });
      const child = start(["compare", "--json", "-j1", "big-a", "big-b"], { cwd });
      await caught(child.pid);
      child.kill("SIGINT");
      const { summary } = readJson(await ended(child));
      expect(summary).toMatchObject({ exit: 130, verdict: "unknown", error: { code: "E_CANCELLED" } });
      Bun.spawnSync(["rm", "-f", "big-a", "big-b"], { cwd });
    },
    LIMIT_MS,
  );
});

/** Waits until a process has a handler of its own for SIGHUP, which Bun does not set up by itself. */
async function caught(pid: number): Promise<void> {
  await until(() => {
    const mask = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "0";
    return (BigInt(`0x${mask}`) & 1n) !== 0n;
  });
}

/** Waits for what another process does. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < LIMIT_MS / 5; i++) {
    if (holds()) return;
    await Bun.sleep(5);
  }
  throw new Error(`never so: ${String(holds)}`);
}
