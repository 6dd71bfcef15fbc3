// The build driver on a tree of three small C files: what it compiles again, what it leaves, and how it fails.
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseDepfile } from "../../scripts/build/depfile.ts";
import { BuildError, storageError } from "../../scripts/build/errors.ts";
import { buildNative } from "../../scripts/build/native.ts";
import { parseBuildArgs, type BuildOptions } from "../../scripts/build/options.ts";
import { hostTarget, resolveTarget } from "../../scripts/build/target.ts";
import { parseVersion } from "../../scripts/build/toolchain.ts";

const sources: Record<string, string> = {
  "libcore/core.map": "{ global: core_*; local: *; };\n",
  "libcore/include/core.h": "#ifndef CORE_H\n#define CORE_H\nint core_answer(void);\n#endif\n",
  "libcore/src/base/half.h": "#ifndef HALF_H\n#define HALF_H\n#define HALF 21\nint half(void);\n#endif\n",
  "libcore/src/base/half.c": '#include "base/half.h"\nint half(void)\n{\n\treturn HALF;\n}\n',
  "libcore/src/base/other.c": "int other(void);\nint other(void)\n{\n\treturn 1;\n}\n",
  "libcore/src/api/core.c":
    '#include "core.h"\n#include "base/half.h"\n__attribute__((visibility("default"))) int core_answer(void)\n{\n\treturn 2 * half();\n}\n',
};

// For what hangs; compilers are slow on a machine that does something else as well.
setDefaultTimeout(60_000);

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "suite-build-"));
  for (const [path, text] of Object.entries(sources)) write(path, text);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function build(options: BuildOptions = {}) {
  return buildNative({ root, ...options });
}

async function failure(options: BuildOptions = {}): Promise<BuildError> {
  try {
    await build(options);
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("the build did not fail");
}

/** A compiler that does what its script says; `"$@"` are the arguments. */
function fakeCompiler(script: string): string {
  const path = join(root, "fake-cc");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("what is built again", () => {
  test("the first build compiles everything, the second nothing", async () => {
    const first = await build();
    expect(first.compiled).toHaveLength(3);
    expect(first.linked).toHaveLength(1);
    expect(existsSync(first.library)).toBe(true);
    const second = await build();
    expect(second.compiled).toEqual([]);
    expect(second.linked).toEqual([]);
    expect(second.library).toBe(first.library);
  });

  test("a touched file is compiled alone and the library linked again", async () => {
    await build();
    utimesSync(join(root, "libcore/src/base/other.c"), 1_000_000_000, 1_000_000_000);
    const again = await build();
    expect(again.compiled).toEqual(["libcore/src/base/other.c"]);
    expect(again.linked).toHaveLength(1);
  });

  test("a changed header recompiles the files that include it, and only those", async () => {
    await build();
    write("libcore/src/base/half.h", (sources["libcore/src/base/half.h"] ?? "").replace("21", "210"));
    const again = await build();
    expect([...again.compiled].sort()).toEqual(["libcore/src/api/core.c", "libcore/src/base/half.c"]);
  });

  test("a new file is added and a removed one left out", async () => {
    await build();
    write("libcore/src/base/more.c", "int more(void);\nint more(void)\n{\n\treturn 3;\n}\n");
    expect((await build()).compiled).toEqual(["libcore/src/base/more.c"]);
    rmSync(join(root, "libcore/src/base/more.c"));
    const without = await build();
    expect(without.compiled).toEqual([]);
    expect(without.linked).toHaveLength(1);
  });

  test("a changed version script links again, a deleted library too", async () => {
    await build();
    write("libcore/core.map", "{ global: core_answer; local: *; };\n");
    expect(await build()).toMatchObject({ compiled: [], linked: [expect.stringContaining("libcore.so")] });
    const { library } = await build();
    rmSync(library);
    expect(await build()).toMatchObject({ compiled: [], linked: [expect.stringContaining("libcore.so")] });
  });

  test("another compiler rebuilds everything", async () => {
    await build();
    expect((await build({ cc: fakeCompiler('exec cc "$@"') })).compiled).toHaveLength(3);
  });

  test("a compiler may be several words", async () => {
    expect((await build({ cc: "env cc -DWORD" })).compiled).toHaveLength(3);
    expect((await build({ cc: "env cc -DWORD" })).compiled).toEqual([]);
    expect((await build({ cc: "env cc -DOTHER" })).compiled).toHaveLength(3);
  });

  test("variants do not share objects", async () => {
    await build();
    expect((await build({ variant: "debug" })).compiled).toHaveLength(3);
    expect((await build()).compiled).toEqual([]);
  });
});

describe("what comes out", () => {
  test("only core_* is exported, and the library is stripped", async () => {
    const { library } = await build();
    const exported = Bun.spawnSync(["nm", "-D", "--defined-only", library]).stdout.toString();
    expect(
      exported
        .trim()
        .split("\n")
        .map((line) => line.split(" ").at(-1)),
    ).toEqual(["core_answer"]);
    expect(Bun.spawnSync(["nm", library]).stdout.toString()).toBe("");
  });

  test("two checkouts give the same bytes, and no path of the machine is inside", async () => {
    const first = readFileSync((await build()).library);
    const firstRoot = root;
    root = mkdtempSync(join(tmpdir(), "suite-build-elsewhere-"));
    try {
      for (const [path, text] of Object.entries(sources)) write(path, text);
      const second = readFileSync((await build()).library);
      expect(second.equals(first)).toBe(true);
      expect(readFileSync((await build({ variant: "debug" })).library).includes(root)).toBe(false);
    } finally {
      rmSync(root, { recursive: true, force: true });
      root = firstRoot;
    }
  });

  test("test programs reach hidden functions, with the support files beside them", async () => {
    write("tests/native/tap.h", "void ok(const char *name);\n");
    write(
      "tests/native/tap.c",
      '#include <stdio.h>\n#include "tap.h"\nvoid ok(const char *name)\n{\n\tprintf("ok %s\\n", name);\n}\n',
    );
    write(
      "tests/native/half_test.c",
      '#include "base/half.h"\n#include "tap.h"\nint main(void)\n{\n\tif (half() != HALF)\n\t\treturn 1;\n\tok("half");\n\treturn 0;\n}\n',
    );
    const { tests } = await build({ tests: true });
    expect(tests.map((path) => path.slice(root.length))).toEqual([expect.stringMatching(/release\/tests\/half_test$/)]);
    const run = Bun.spawnSync([...tests]);
    expect({ code: run.exitCode, text: run.stdout.toString() }).toEqual({ code: 0, text: "ok half\n" });
    expect((await build({ tests: true })).compiled).toEqual([]);
  });

  test("fault shims are shared objects with visible functions", async () => {
    write("tests/fault/no_sync.c", "#include <unistd.h>\nint fsync(int fd)\n{\n\t(void)fd;\n\treturn 0;\n}\n");
    const { faultShims } = await build({ tests: true });
    expect(faultShims).toHaveLength(1);
    expect(Bun.spawnSync(["nm", "-D", "--defined-only", faultShims[0] ?? ""]).stdout.toString()).toContain(" T fsync");
    expect((await build({ tests: true })).compiled).toEqual([]);
  });
});

describe("failure", () => {
  test("a compile error shows the compiler's text and leaves the previous library in place", async () => {
    const { library } = await build();
    const before = readFileSync(library);
    write("libcore/src/base/other.c", "int other(void)\n{\n\treturn\n}\n");
    const error = await failure();
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain("could not compile libcore/src/base/other.c");
    expect(error.message).toMatch(/other\.c:\d+:\d+: error:/);
    expect(readFileSync(library).equals(before)).toBe(true);
  });

  test("what was compiled before a failure is not compiled again", async () => {
    // The smallest file is compiled last.
    write("libcore/src/base/bad.c", "?\n");
    expect((await failure({ jobs: 1 })).message).toContain("bad.c");
    rmSync(join(root, "libcore/src/base/bad.c"));
    expect(await build()).toMatchObject({ compiled: [], linked: [expect.stringContaining("libcore.so")] });
  });

  test("warnings are errors", async () => {
    write("libcore/src/base/other.c", "int other(long n);\nint other(long n)\n{\n\treturn n;\n}\n");
    expect((await failure()).message).toContain("conversion");
  });

  test("a linker that dies half way leaves the previous library in place", async () => {
    const { library } = await build();
    const before = readFileSync(library);
    const cc = fakeCompiler(
      'case " $* " in *" -shared "*) for last; do :; done; echo half >"$last"; kill -9 $$;; esac\nexec cc "$@"',
    );
    const error = await failure({ cc });
    expect(error.message).toContain("could not link libcore.so (killed by SIGKILL)");
    expect(readFileSync(library).equals(before)).toBe(true);
  });

  test("no compiler: says so, with the line to type on each system", async () => {
    const error = await failure({ cc: "no-such-compiler" });
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain("no-such-compiler: not found");
    for (const system of ["Debian", "Fedora", "Alpine", "macOS"]) expect(error.hint).toContain(system);
  });

  test("a compiler that is too old is named with its version", async () => {
    const error = await failure({
      cc: fakeCompiler("echo __clang_major__ __clang_minor__ __clang_patchlevel__ 8 3 0"),
    });
    expect(error.message).toContain("gcc 8.3.0 is too old");
  });

  test("a cache that cannot be written is named, with the next step", async () => {
    write(".cache", "a file, not a folder\n");
    const error = await failure();
    expect(error.exitCode).toBe(4);
    expect(error.message).toContain(join(root, ".cache"));
    expect(error.hint).toContain(".cache");
  });

  test("a full disk and a read-only one are explained", () => {
    for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EACCES"]) {
      const error = storageError(Object.assign(new Error(code), { code }), "write", "/x/libcore.so");
      expect(error).toBeInstanceOf(BuildError);
      expect((error as BuildError).message).toBe(`cannot write /x/libcore.so (${code})`);
      expect((error as BuildError).hint).toBeString();
    }
    const bug = new TypeError("a bug");
    expect(storageError(bug, "write", "/x")).toBe(bug);
  });
});

describe("two builds at once", () => {
  test("in one process: one works, the other finds everything done", async () => {
    const waits: string[] = [];
    const onEvent: BuildOptions["onEvent"] = (event) => {
      if (event.type === "wait") waits.push(event.lock);
    };
    const results = await Promise.all([build({ onEvent }), build({ onEvent })]);
    expect(results.map(({ compiled }) => compiled.length).sort()).toEqual([0, 3]);
    expect(waits).toHaveLength(1);
  });

  test("in two processes: the same", async () => {
    const script = `
      import { buildNative } from ${JSON.stringify(join(import.meta.dir, "../../scripts/build/native.ts"))};
      console.log((await buildNative({ root: ${JSON.stringify(root)} })).compiled.length);`;
    const outputs = await Promise.all(
      [1, 2].map(() =>
        Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" }).stdout.text(),
      ),
    );
    expect(outputs.map(Number).sort()).toEqual([0, 3]);
  });

  test("a lock whose holder was killed is free", async () => {
    const script = `
      import { withLock } from ${JSON.stringify(join(import.meta.dir, "../../scripts/build/lock.ts"))};
      const lock = ${JSON.stringify(join(root, ".cache/native", resolveTarget(undefined), "release/lock.db"))};
      await withLock(lock, () => {}, async () => { console.log("held"); await Bun.sleep(60_000); });`;
    const holder = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
    await holder.stdout.getReader().read();
    let waited = false;
    const building = build({
      onEvent(event) {
        if (event.type !== "wait") return;
        waited = true;
        holder.kill("SIGKILL");
      },
    });
    expect((await building).compiled).toHaveLength(3);
    expect(waited).toBe(true);
    await holder.exited;
  });
});

describe("the command line", () => {
  const entry = join(import.meta.dir, "../../scripts/build-native.ts");
  const run = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync([process.execPath, entry, ...args]);
    return { exitCode, stderr: stderr.toString() };
  };

  test("an unknown target, one that is not possible yet, an unknown flag and variant: exit code 2", () => {
    expect(run("--target", "amiga-68k")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("amiga-68k") });
    for (const other of ["macos-arm64", "macos-x64", "windows-x64"]) {
      const stderr = expect.stringContaining(`building for ${other} is not possible yet`);
      expect(run("--target", other)).toMatchObject({ exitCode: 2, stderr });
    }
    expect(run("--fast")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--fast") });
    expect(run("--variant", "fast")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("release") });
  });

  test("from Linux every Linux is possible, but sanitizers are for the machine itself", () => {
    for (const target of ["linux-x64-gnu", "linux-arm64-gnu", "linux-x64-musl", "linux-arm64-musl"]) {
      expect(resolveTarget(target, "linux-x64-gnu")).toBe(target);
      expect(() => resolveTarget(target, "macos-arm64")).toThrow("not possible yet");
    }
    const other = hostTarget() === "linux-arm64-musl" ? "linux-x64-musl" : "linux-arm64-musl";
    const stderr = expect.stringContaining(`asan cannot be built for ${other}`);
    expect(run("--target", other, "--variant", "asan")).toMatchObject({ exitCode: 2, stderr });
  });

  test("options are read", () => {
    expect(parseBuildArgs(["--variant", "tsan", "--cc", "clang", "--tests", "-j", "3", "-q"])).toMatchObject({
      options: { variant: "tsan", cc: "clang", tests: true, jobs: 3 },
      quiet: true,
    });
    expect(() => parseBuildArgs(["--jobs", "0"])).toThrow("--jobs");
  });
});

describe("parsing", () => {
  test("dependency files with escapes, joined lines and several rules", () => {
    expect(parseDepfile("a.o: src/a.c src/a\\ b.h \\\n  c$$d.h e\\#f.h\n\nc$$d.h:\n")).toEqual([
      "src/a.c",
      "src/a b.h",
      "c$d.h",
      "e#f.h",
    ]);
    expect(parseDepfile("")).toEqual([]);
  });

  test("the version macros of gcc, of clang and of something else", () => {
    const undefinedMacros = "__clang_major__ __clang_minor__ __clang_patchlevel__";
    expect(parseVersion(`${undefinedMacros} 12 2 0\n`)).toEqual({ family: "gcc", version: [12, 2, 0] });
    expect(parseVersion("14 0 6 4 2 1\n")).toEqual({ family: "clang", version: [14, 0, 6] });
    expect(parseVersion(`${undefinedMacros} __GNUC__ __GNUC_MINOR__ __GNUC_PATCHLEVEL__`)).toBeUndefined();
  });
});
