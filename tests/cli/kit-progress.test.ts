// Progress while a comparison works: on a terminal, forced, as records.
import { expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../support/temp.ts";
import { isRecord } from "./kit/json.ts";
import { LIMIT_MS, start, SUITE } from "./kit/suite.ts";

const dir = temporaryFolder();
const env = { XDG_CONFIG_HOME: dir, HOME: dir };

/** A comparison that goes on for as long as the test wants: standard input against a file. */
const LINE = `{ head -c 3000000 /dev/zero; sleep 2.3; head -c 1000 /dev/zero; } | "$@"`;
await Bun.write(join(dir, "zeros"), new Uint8Array(3_001_000));

async function forced(flag: string) {
  const child = start(["compare", flag, "-", "zeros"], { cwd: dir, env, shell: LINE });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect({ code: child.exitCode, stdout }).toEqual({ code: 0, stdout: "" });
  return stderr.split("\n").slice(0, -1);
}

test(
  "--progress=json: records while it waits, the last one complete",
  async () => {
    const records = (await forced("--progress=json")).map((line) => JSON.parse(line));
    expect(records.length).toBeGreaterThanOrEqual(3);
    for (const { v, type, bytes, rate } of records)
      expect([v, type, typeof bytes, typeof rate]).toEqual([1, "progress", "number", "number"]);
    expect(records.filter((record) => !isRecord(record))).toEqual([]);
    // While it waits for more, what was read is known.
    expect(records.at(-2).bytes).toBeGreaterThan(5_000_000);
    expect(records.at(-1).bytes).toBe(6_002_000);
  },
  LIMIT_MS,
);

test(
  "--progress: lines where stderr is no terminal",
  async () => {
    const lines = await forced("--progress");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(/ [KMG]?i?B/);
    expect(lines.join("")).not.toContain("\x1b");
  },
  LIMIT_MS,
);

test(
  "C-61 of two large files: bytes, all bytes, rate and time to go, also in the last record after a signal",
  async () => {
    for (const name of ["large-1", "large-2"]) {
      await Bun.write(join(dir, name), "");
      // Holes are read as bytes are where no other proof is accepted.
      truncateSync(join(dir, name), 2 ** 40);
    }
    const child = start(["compare", "--progress=json", "--prove=bytes", "large-1", "large-2"], { cwd: dir, env });
    const records: Record<string, number>[] = [];
    let rest = "";
    let asked = false;
    for await (const chunk of child.stderr) {
      const lines = (rest + Buffer.from(chunk).toString()).split("\n");
      rest = lines.pop() ?? "";
      records.push(...lines.map((line) => JSON.parse(line)));
      // Once: a second signal ends the program at once, without its last record.
      if (asked || records.at(-1)?.eta === undefined) continue;
      asked = true;
      child.kill("SIGINT");
    }
    await child.exited;
    expect({ code: child.exitCode, rest }).toEqual({ code: 130, rest: "" });
    for (const record of records.slice(1)) {
      expect(isRecord(record)).toBeTrue();
      expect(record).toMatchObject({ total: 2 ** 41, entries_total: 1 });
    }
    const { bytes = 0, rate = 0, eta = 0 } = records.at(-1) ?? {};
    expect(bytes).toBeGreaterThan(records[0]?.bytes ?? 0);
    expect(rate).toBeGreaterThan(0);
    expect(eta).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  "on a terminal: again and again, and gone at the end",
  async () => {
    const seen: { text: string }[] = [];
    await using terminal = new Bun.Terminal({
      cols: 80,
      rows: 24,
      data: (_, data) => void seen.push({ text: Buffer.from(data).toString() }),
    });
    const child = Bun.spawn(["sh", "-c", LINE, "sh", ...SUITE, "compare", "-", "zeros"], {
      cwd: dir,
      env: { ...process.env, ...env, TERM: "xterm" },
      terminal,
    });
    await child.exited;
    await Bun.sleep(50);
    expect(child.exitCode).toBe(0);
    const drawn = seen.filter(({ text }) => text.includes("iB"));
    expect(drawn.length).toBeGreaterThanOrEqual(4);
    // Nothing but the one line, which is taken away for that of the end.
    const all = seen.map(({ text }) => text).join("");
    expect(all).toEndWith("\r\x1b[Kthe same: 2.9 MiB\r\n");
    expect(all.match(/\n/g)).toHaveLength(1);
  },
  LIMIT_MS,
);

test.each(["--no-progress", "--quiet"])("%s: nothing on a terminal", async (flag) => {
  let text = "";
  await using terminal = new Bun.Terminal({
    cols: 80,
    rows: 24,
    data: (_, data) => void (text += Buffer.from(data).toString()),
  });
  const line = LINE.replace("2.3", "0.5");
  const child = Bun.spawn(["sh", "-c", line, "sh", ...SUITE, "compare", flag, "-", "zeros"], {
    cwd: dir,
    env: { ...process.env, ...env },
    terminal,
  });
  await child.exited;
  await Bun.sleep(50);
  expect({ text, code: child.exitCode }).toEqual({ text: "", code: 0 });
});
