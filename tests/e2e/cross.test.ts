// Libraries for other targets than this machine: what they need and export, that nothing of this machine's own tools
// took part, and that one opens where it belongs.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crossToolchain } from "../../scripts/build/cross.ts";
import { BuildError } from "../../scripts/build/errors.ts";
import { layoutOf, repositoryRoot } from "../../scripts/build/layout.ts";
import { buildNative, type BuildResult } from "../../scripts/build/native.ts";
import { hostTarget } from "../../scripts/build/target.ts";
import { readPins } from "../../scripts/build/third-party/pins.ts";
import { recipesFor } from "../../scripts/build/third-party/recipes.ts";
import { ensureZig, ZigMissing } from "../../scripts/build/zig.ts";
import { findArm64 } from "../../scripts/verify/emulator.ts";

/** Long enough for a slow machine that has nothing of it yet. */
const patience = 280_000;

const missing = await ensureZig(repositoryRoot, () => {}).then(
  () => "",
  (error: unknown) => {
    if (error instanceof ZigMissing) return error.message;
    throw error;
  },
);
const emulator = findArm64();

const folder = mkdtempSync(join(tmpdir(), "suite-cross-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function output(...command: string[]): string {
  const run = Bun.spawnSync(command, { stdin: "ignore", env: { ...process.env, LC_ALL: "C" } });
  expect(`${command.join(" ")}: ${run.stderr}`).toBe(`${command.join(" ")}: `);
  return run.stdout.toString();
}

/** What readelf says of a shared object, whatever machine it is for. */
function elf(library: string) {
  const text = output("readelf", "-W", "-h", "-d", "--dyn-syms", "-V", library);
  const symbols = [...text.matchAll(/^ +\d+: [0-9a-f]+ +\d+ (?:FUNC|OBJECT) +(?:GLOBAL|WEAK) +\w+ +(\w+) (\S+)/gm)];
  return {
    machine: /Machine: +(.*)/.exec(text)?.[1] ?? "",
    needs: [...text.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = ""]) => name).sort(),
    exports: symbols.filter(([, section]) => section !== "UND").map(([, , name = ""]) => name),
    glibc: [...text.matchAll(/GLIBC_([\d.]+)/g)].map(([, version = ""]) => version),
  };
}

const machines: Record<string, string> = { x64: "Advanced Micro Devices X86-64", arm64: "AArch64" };
/** Parts of the C library, under the names that each has. */
const libcs: Record<string, RegExp> = {
  gnu: /^(libc|libm|libpthread|libdl|ld-linux-x86-64|ld-linux-aarch64)\.so\.\d+$/,
  musl: /^libc\.so$/,
};

function expectFor(target: string, library: string): void {
  const [, arch = "", libc = ""] = target.split("-");
  const { machine, needs, exports, glibc } = elf(library);
  expect({ target, machine }).toEqual({ target, machine: machines[arch] ?? "" });
  expect({ target, foreign: needs.filter((name) => !libcs[libc]?.test(name)) }).toEqual({ target, foreign: [] });
  expect(exports.length).toBeGreaterThan(0);
  expect(exports.filter((name) => !name.startsWith("core_"))).toEqual([]);
  const newest = libc === "gnu" ? ["2.17"] : [];
  expect([...new Set(glibc)]).toEqual(newest);
}

describe.skipIf(missing !== "")("a small library for another target", () => {
  const root = join(folder, "small");
  // One of each C library, and no programs: for each target, and for static programs, zig first builds what belongs to it.
  const others = ["linux-x64-musl", "linux-arm64-gnu"].filter((target) => target !== hostTarget());

  beforeAll(() => {
    for (const path of ["libcore/include", "libcore/src", ".cache"]) mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, "libcore/core.map"), "{ global: core_*; local: *; };\n");
    writeFileSync(
      join(root, "libcore/src/core.c"),
      `#include <stdio.h>
int hidden(void);
int hidden(void) { return 42; }
__attribute__((visibility("default"))) int core_answer(void);
int core_answer(void) { return puts("asked") < 0 ? 0 : hidden(); }
`,
    );
    // The compiler that is here already.
    symlinkSync(join(repositoryRoot, ".cache/zig"), join(root, ".cache/zig"));
  });

  test.each(others)(
    "%s: its machine, its C library, only core_, and none of the machine's own tools",
    async (target) => {
      const traps = join(folder, "traps");
      mkdirSync(traps, { recursive: true });
      for (const name of ["cc", "gcc", "clang", "ld", "ld.lld", "as", "ar", "llvm-ar", "ranlib", "strip", "objcopy"]) {
        writeFileSync(join(traps, name), `#!/bin/sh\necho ${name} "$@" >>${join(folder, "trapped")}\nexit 1\n`);
        chmodSync(join(traps, name), 0o755);
      }
      writeFileSync(join(folder, "trapped"), "");
      // A process of its own, since programs are looked for where PATH said when it began.
      const script = `
        import { buildNative } from ${JSON.stringify(join(repositoryRoot, "scripts/build/native.ts"))};
        const { library } = await buildNative(${JSON.stringify({ root, target })});
        process.stdout.write(library);`;
      const child = Bun.spawn([process.execPath, "-e", script], {
        env: {
          ...process.env,
          PATH: `${traps}:${process.env["PATH"]}`,
          CC: join(traps, "cc"),
          AR: join(traps, "ar"),
        },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const [library, text] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      expect(text).toBe("");
      expect(readFileSync(join(folder, "trapped"), "utf8")).toBe("");
      expectFor(target, library);
      expect(readFileSync(library).includes(folder)).toBe(false);
    },
    patience,
  );

  test(
    "archives of its own: what the compiler's archiver writes, its linker reads",
    async () => {
      for (const target of others) {
        const { compiler, ar } = await crossToolchain(target, { root });
        expect(ar.slice(-2)).toEqual([expect.stringMatching(/\/ziglang\/zig$/), "ar"]);
        const at = (name: string) => join(folder, `${target}-${name}`);
        writeFileSync(at("a.c"), "int answer(void) { return 42; }\n");
        writeFileSync(at("b.c"), "int answer(void);\nint core_asked(void) { return answer() != 42; }\n");
        output(...compiler.command, "-O2", "-fPIC", "-c", at("a.c"), "-o", at("a.o"));
        output(...ar, "qcsD", at("lib.a"), at("a.o"));
        // As the library is linked: for other options zig first makes its runtime again.
        const shared = ["-O2", "-fPIC", "-shared", "-Wl,-s", "-Wl,--no-undefined"];
        output(...compiler.command, ...shared, at("b.c"), at("lib.a"), "-o", at("b.so"));
        expect(elf(at("b.so")).exports.sort()).toEqual(["answer", "core_asked"]);
      }
    },
    patience,
  );
});

describe("a compiler of one's own for another target", () => {
  const target = hostTarget() === "linux-arm64-gnu" ? "linux-x64-gnu" : "linux-arm64-gnu";

  async function refusal(options: { cc: string; ar?: string }): Promise<BuildError> {
    try {
      await crossToolchain(target, { root: folder, ...options });
    } catch (error) {
      if (error instanceof BuildError) return error;
      throw error;
    }
    throw new Error("it was taken");
  }

  test("one that compiles for this machine is refused, whatever it is called", async () => {
    const error = await refusal({ cc: "cc" });
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(`cc compiles for ${hostTarget()}, and not for ${target}`);
  });

  test("one that does compile for it is taken, with its own archiver", async () => {
    const cc = join(folder, "other-cc");
    const arch = target.includes("arm64") ? "__x86_64__ 1" : "1 __aarch64__";
    writeFileSync(
      cc,
      `#!/bin/sh\ncase "$*" in
*-print-prog-name=ar*) echo ${join(folder, "other-ar")};;
*) input=$(cat); case "$input" in *__linux__*) echo 1 ${arch} 2;; *) echo a b c 12 2 0;; esac;; esac\n`,
    );
    cpSync(cc, join(folder, "other-ar"));
    for (const name of ["other-cc", "other-ar"]) chmodSync(join(folder, name), 0o755);
    expect(await crossToolchain(target, { root: folder, cc })).toMatchObject({
      compiler: { command: [cc], family: "gcc" },
      ar: [join(folder, "other-ar")],
    });
    rmSync(join(folder, "other-ar"));
    expect((await refusal({ cc })).message).toContain("has no ar of its own");
  });
});

// From nothing it takes minutes: the layer c-arm64 of verify spends them.
const isBuilt = existsSync(join(repositoryRoot, layoutOf("linux-arm64-gnu", "release", "file").library));

describe.skipIf(missing !== "" || process.arch !== "x64" || !isBuilt)("the file half for another target, arm64", () => {
  let built: BuildResult;

  beforeAll(async () => {
    built = await buildNative({ target: "linux-arm64-gnu", half: "file" });
  }, patience);

  test("its machine, its C library, only core_, and no path of this machine", () => {
    expectFor("linux-arm64-gnu", built.library);
    const bytes = readFileSync(built.library);
    expect([repositoryRoot, tmpdir()].filter((path) => bytes.includes(`${path}/`))).toEqual([]);
  });

  test.skipIf(typeof emulator === "string")("it opens on arm64, and reports what is linked", async () => {
    const { launcher } = emulator as Exclude<typeof emulator, string>;
    const { compiler } = await crossToolchain("linux-arm64-gnu", { root: repositoryRoot });
    const source = join(folder, "open.c");
    const program = join(folder, "open");
    writeFileSync(
      source,
      `#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  int32_t (*info)(char *, uint64_t, uint64_t *);
  char text[4096];
  uint64_t length;
  if (!library) return puts(dlerror()), 1;
  *(void **)&info = dlsym(library, "core_build_info");
  if (!info || info(text, sizeof text, &length) != 0) return 2;
  return fwrite(text, 1, length, stdout) != length;
}
`,
    );
    output(...compiler.command, "-O2", source, "-ldl", "-o", program);
    const lines = output(...launcher, program, built.library)
      .trim()
      .split("\n");
    const info = Object.fromEntries(lines.map((line) => line.split("=", 2)));
    expect(info).toMatchObject({ half: "file", simd: "neon" });
    const file = recipesFor({ target: "linux-arm64-gnu", arch: "arm64", libc: "gnu" }, "file").map(({ name }) => name);
    for (const { name, version } of readPins(repositoryRoot)) {
      if (file.includes(name)) expect(`${name} ${info[name]}`).toBe(`${name} ${version}`);
    }
  });
});
