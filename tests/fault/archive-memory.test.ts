// C-21: how much memory two large archives take. Sizes are counted by the kernel in a process that does nothing else.
import { describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createGzip } from "node:zlib";
import { ROOT } from "../support/child.ts";
import { tar } from "../support/archives.ts";
import { noise } from "../support/random.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const MiB = 2 ** 20;
const LIMIT_MS = 300_000;

/** A tar.gz of files of `bytes` each: little of it is other than zeros, so that it is made and read fast. */
async function writeArchive(path: string, names: readonly string[], bytes: number, mtime: number): Promise<void> {
  const gzip = createGzip({ level: 1 });
  const fed = (async () => {
    const write = async (block: Uint8Array) => {
      if (!gzip.write(block)) await new Promise((resolve) => gzip.once("drain", resolve));
    };
    for (const name of names) {
      const header = tar([{ name, mtime }], 0);
      header.write(bytes.toString(8).padStart(11, "0"), 124, "latin1");
      header.write("        ", 148, "latin1");
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, "0")}\u0000`, 148, "latin1");
      await write(header);
      const piece = Buffer.alloc(MiB);
      Buffer.from(noise(name.charCodeAt(0), 4096)).copy(piece);
      for (let at = 0; at < bytes; at += MiB) await write(piece);
    }
    await write(Buffer.alloc(1024));
    gzip.end();
  })();
  const file = openSync(path, "w");
  for await (const block of gzip as AsyncIterable<Uint8Array>) writeSync(file, block);
  await fed;
  closeSync(file);
}

/** Compares two archives in a process of its own: what it found, and the most memory that process held. */
async function compared(
  a: string,
  b: string,
): Promise<{ verdict: string; counts: Record<string, number>; peak: number }> {
  const temporary = join(dir, "temporary");
  mkdirSync(temporary, { recursive: true });
  const script = `import { compareArchive } from ${JSON.stringify(join(ROOT, "src/index.ts"))};
    const { verdict, stats } = await compareArchive(process.argv[1], process.argv[2]);
    const [, peak] = /^VmHWM:\\s*(\\d+) kB/m.exec(await Bun.file("/proc/self/status").text());
    console.log(JSON.stringify({ verdict, counts: stats.counts, peak: peak * 1024 }));`;
  const child = Bun.spawn([process.execPath, "-e", script, a, b], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await child.stdout.text();
  expect(await child.exited).toBe(0);
  // Nothing is unpacked to disk.
  expect(readdirSync(temporary)).toEqual([]);
  return JSON.parse(text);
}

describe.skipIf(process.platform !== "linux")("C-21 two archives of 512 MiB", () => {
  const names = ["a", "b", "c", "d"];
  const large = 128 * MiB;
  const [left, right, turned] = ["left", "right", "turned"].map((name) => join(dir, `${name}.tar.gz`)) as [
    string,
    string,
    string,
  ];
  const made = (async () => {
    await writeArchive(left, names, large, 1);
    await writeArchive(right, names, large, 2);
    await writeArchive(turned, names.toReversed(), large, 1);
  })();

  for (const [how, other] of [
    ["in the same order", right],
    ["in another order", turned],
  ] as const) {
    test(
      `${how} take at most 96 MiB, the runtime included, and nothing on disk`,
      async () => {
        await made;
        const { verdict, counts, peak } = await compared(left, other);
        expect({ verdict, equal: counts["equal"] }).toEqual({ verdict: "equal", equal: names.length });
        expect(peak).toBeLessThan(96 * MiB);
      },
      LIMIT_MS,
    );
  }

  test("are taken away", () => {
    for (const path of [left, right, turned]) rmSync(path, { force: true });
  });
});
