// `bun bench/native/main.ts [--clean]`: what building the native library costs, and opening it. With --clean also the
// build with an empty cache of objects, in a copy of the sources; what cargo has downloaded is used.
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";
import { repositoryRoot } from "../../scripts/build/layout.ts";
import { machine } from "../lib/machine.ts";

/** How often each of the short ones is measured. */
const runs = 15;

interface Measured {
  readonly what: string;
  /** Milliseconds, sorted. */
  readonly times: readonly number[];
  readonly wanted: number;
}

async function measure(what: string, wanted: number, count: number, once: () => Promise<number>): Promise<Measured> {
  const times: number[] = [];
  for (let run = 0; run < count; run++) times.push(await once());
  return { what, wanted, times: times.sort((a, b) => a - b) };
}

async function seconds(command: readonly string[], cwd: string): Promise<number> {
  const start = performance.now();
  const child = Bun.spawn([...command], { cwd, stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
  return performance.now() - start;
}

const build = [process.execPath, "scripts/build-native.ts", "--quiet"];

/** The time inside dlopen() and the first call, in a process of its own: a library is opened once. */
async function openOnce(library: string): Promise<number> {
  const script = `
    import { dlopen } from "bun:ffi";
    const start = performance.now();
    dlopen(${JSON.stringify(library)}, { core_abi_version: { args: [], returns: "u32" } }).symbols.core_abi_version();
    console.log(performance.now() - start);`;
  return Number(await Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" }).stdout.text());
}

async function cleanBuild(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "suite-bench-"));
  try {
    for (const part of ["libcore", "scripts"]) {
      cpSync(join(repositoryRoot, part), join(folder, part), { recursive: true });
    }
    return await seconds(build, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As after an edit: the file is newer, its contents are the same. */
async function touchAndBuild(): Promise<number> {
  const now = new Date();
  utimesSync(join(repositoryRoot, "libcore/src/api/core_abi.c"), now, now);
  return seconds(build, repositoryRoot);
}

const { library } = await buildNative();
const results = [
  await measure("nothing to do", 1000, runs, () => seconds(build, repositoryRoot)),
  await measure("one file of ours changed, with the link", 2000, runs, touchAndBuild),
  await measure("opening the library", 1.5, runs, () => openOnce(library)),
  ...(process.argv.includes("--clean") ? [await measure("everything, from sources", 180_000, 1, cleanBuild)] : []),
];
console.log(JSON.stringify(machine(repositoryRoot)));
console.log(`${library}: ${statSync(library).size} bytes, load ${readFileSync("/proc/loadavg", "utf8").slice(0, 14)}`);
for (const { what, times, wanted } of results) {
  const [least = NaN, middle = NaN] = [times[0], times[Math.floor(times.length / 2)]];
  console.log(`${what}: median ${middle.toFixed(2)} ms, least ${least.toFixed(2)} ms (wanted: under ${wanted})`);
}
