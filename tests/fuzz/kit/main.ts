// Runs one fuzz target in TypeScript, as libFuzzer does one in C:
//
//   bun tests/fuzz/kit/main.ts NAME_fuzz.ts FILE...                    each file once
//   bun tests/fuzz/kit/main.ts NAME_fuzz.ts --runs N … FOLDER...       mutations of the files in the folders
//
// There is no coverage to be guided by, so seeds and words matter more than for C. `scripts/fuzz.ts` starts it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../../support/random.ts";
import { LONGEST, mutated } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string" },
    seconds: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    /** A mapped file that holds how many inputs were begun, and the last of them: what is left when the process dies. */
    last: { type: "string" },
    /** The folder for inputs that are findings. */
    findings: { type: "string", default: "." },
  },
});
const [source = "", ...paths] = positionals;
const { target } = (await import(resolve(source))) as { target: FuzzTarget };
// Its room is that of an input with two numbers in front.
const last = values.last === undefined ? undefined : Bun.mmap(values.last);
const header = last && new DataView(last.buffer, last.byteOffset);

function remember(count: number, input: Uint8Array): void {
  if (!last || !header) return;
  header.setUint32(4, input.length, true);
  last.set(input.subarray(0, LONGEST), 8);
  header.setUint32(0, count, true);
}

async function runOne(input: Uint8Array): Promise<boolean> {
  try {
    // A copy of its very size: a target that looks past its end, or writes to it, changes no other input.
    await target.run(input.slice());
    return true;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return false;
  }
}

async function replay(): Promise<number> {
  for (const [at, path] of paths.entries()) {
    process.stderr.write(`Running: ${path}\n`);
    const input = new Uint8Array(readFileSync(path));
    remember(at + 1, input);
    if (!(await runOne(input))) return 1;
  }
  return 0;
}

async function fuzz(runs: number): Promise<number> {
  const files = paths.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  );
  const corpus = [new Uint8Array(0), ...files.map((file) => new Uint8Array(readFileSync(file)))];
  const words = target.words.map((word) => new TextEncoder().encode(word));
  const random = new Random(Number(values.seed));
  const end = performance.now() + (Number(values.seconds) || Infinity) * 1000;
  let done = 0;
  while (done < runs && performance.now() < end) {
    const input = mutated(random, { corpus, words });
    remember(++done, input);
    if (await runOne(input)) continue;
    const hash = new Bun.CryptoHasher("sha1").update(input).digest("hex");
    const path = join(values.findings, `crash-${hash}`);
    mkdirSync(values.findings, { recursive: true });
    writeFileSync(path, input);
    process.stderr.write(`Test unit written to ${path}\n`);
    return 1;
  }
  process.stderr.write(`Done ${done} runs\n`);
  return 0;
}

process.exit(await (values.runs === undefined ? replay() : fuzz(Number(values.runs))));
