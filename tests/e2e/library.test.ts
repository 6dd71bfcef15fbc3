// The library that ships, from outside: what it needs, what it exports, what is inside and what must not be.
import { beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { libraryLinkFlags, systemLibraries } from "../../scripts/build/flags.ts";
import { repositoryRoot } from "../../scripts/build/layout.ts";
import { buildNative, type BuildResult } from "../../scripts/build/native.ts";
import { cargoHome } from "../../scripts/build/third-party/cargo.ts";
import { readPins } from "../../scripts/build/third-party/pins.ts";
import { findCompiler } from "../../scripts/build/toolchain.ts";

let built: BuildResult;

beforeAll(async () => {
  built = await buildNative({ tests: true });
}, 300_000);

function output(...command: string[]): string {
  const run = Bun.spawnSync(command, { stdin: "ignore", env: { ...process.env, LC_ALL: "C" } });
  expect(`${run.stderr}`).toBe("");
  return run.stdout.toString();
}

/** The names in the `needs` list of a shared object. */
function needs(library: string): string[] {
  return [...output("readelf", "-d", library).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = ""]) => name);
}

const exported = (library: string) =>
  output("nm", "-D", "--defined-only", library)
    .trim()
    .split("\n")
    .map((line) => line.split(" ").at(-1) ?? "");

/** Parts of libc, under the names glibc and musl give them. */
const libc = /^(libc|libm|libpthread|libdl|librt|ld-linux-x86-64|ld-linux-aarch64|libc\.musl-\w+)\.so(\.\d+)?$/;

/**
 * Everything of every archive in one library, also what nothing uses yet. A symbol that two archives define, and one
 * that none does, is an error of the linker here.
 */
function linkEverything(folder: string): { library: string; code: number; text: string } {
  const library = join(folder, "everything.so");
  const flags = libraryLinkFlags.filter((flag) => flag !== "-Wl,--gc-sections");
  const own = output("sh", "-c", `find ${JSON.stringify(join(built.library, "../obj/libcore"))} -name '*.o'`);
  const archives = ["-Wl,--whole-archive", ...built.archives, "-Wl,--no-whole-archive"];
  const command = [...findCompiler().command, ...flags, "-Wl,--no-undefined", "-Wl,-s", "-o", library];
  const run = Bun.spawnSync([...command, ...own.trim().split("\n"), ...archives, ...systemLibraries], {
    cwd: repositoryRoot,
    stdin: "ignore",
  });
  return { library, code: run.exitCode, text: run.stderr.toString() };
}

test("it needs nothing but the C library", () => {
  expect(needs(built.library).filter((name) => !libc.test(name))).toEqual([]);
});

test("it exports core_ functions and nothing else", () => {
  expect(exported(built.library).filter((name) => !name.startsWith("core_"))).toEqual([]);
});

test("it is small", () => {
  expect(statSync(built.library).size).toBeLessThan(9_000_000);
});

test("all libraries together: no name twice, nothing missing, nothing exported", () => {
  const folder = mkdtempSync(join(tmpdir(), "suite-library-"));
  try {
    const { library, code, text } = linkEverything(folder);
    expect(text).toBe("");
    expect(code).toBe(0);
    expect(needs(library).filter((name) => !libc.test(name))).toEqual([]);
    expect(exported(library).filter((name) => !name.startsWith("core_"))).toEqual([]);
    // With what nothing uses; the linker leaves that out of the library itself.
    expect(statSync(library).size).toBeLessThan(10_500_000);
    expect(machinePaths(readFileSync(library))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Folders of this machine that the bytes name. */
function machinePaths(bytes: Buffer): string[] {
  const folders = [repositoryRoot, cargoHome() ?? "", homedir(), tmpdir()].filter((folder) => folder.length > 4);
  return folders.filter((folder) => bytes.includes(`${folder}/`));
}

test("no path of this machine is inside", () => {
  expect(machinePaths(readFileSync(built.library))).toEqual([]);
});

/** The level of SIMD by what the kernel says of the CPU. */
function simdHere(): string {
  if (process.arch !== "x64") return "neon";
  const flags = new Set(/^flags\s*: (.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" "));
  if (["avx512f", "avx512dq", "avx512bw", "avx512vl"].every((flag) => flags.has(flag))) return "avx512";
  return flags.has("avx2") ? "avx2" : "sse2";
}

test("the linked libraries report the versions in deps.toml, and the level of SIMD in use", () => {
  // A process of its own: the library is never unloaded.
  const script = `
    import { dlopen } from "bun:ffi";
    const { symbols } = dlopen(${JSON.stringify(built.library)}, { core_build_info: { args: ["ptr", "u64", "ptr"], returns: "i32" } });
    const text = new Uint8Array(4096), needed = new BigUint64Array(1);
    symbols.core_build_info(text, text.length, needed);
    process.stdout.write(text.subarray(0, Number(needed[0])));`;
  const lines = output(process.execPath, "-e", script).trim().split("\n");
  const info = Object.fromEntries(lines.map((line) => line.split("=", 2)));
  for (const { name, version } of readPins(repositoryRoot)) expect(`${name} ${info[name]}`).toBe(`${name} ${version}`);
  expect(info["half"]).toBe("net");
  expect(info["simd"]).toBe(simdHere());
});

test("the licences of all that is inside are beside it", () => {
  const text = readFileSync(built.licences ?? "", "utf8");
  for (const { name, version, licence } of readPins(repositoryRoot)) {
    const [, section = ""] = text.split(`\n${name} ${version} (${licence})\n`);
    expect(section.split("=".repeat(78))[1]?.length ?? 0).toBeGreaterThan(200);
  }
});

const emulator = Bun.which("qemu-x86_64") ?? Bun.which("qemu-x86_64-static");

test.skipIf(emulator === null || process.arch !== "x64")(
  "the same answers on a CPU without any extension (needs qemu-x86_64)",
  () => {
    const programs = built.tests.filter((path) => /\/third_party_\w+_test$/.test(path));
    expect(programs.length).toBeGreaterThan(3);
    for (const program of programs) {
      const run = Bun.spawnSync([emulator ?? "", "-cpu", "qemu64", program], { stdin: "ignore" });
      expect({ program, code: run.exitCode, text: run.stdout.toString() }).toMatchObject({ program, code: 0 });
    }
  },
  240_000,
);
