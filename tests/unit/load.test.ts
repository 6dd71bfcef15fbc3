// C-41: the library that is loaded is the one these bindings were made for, or the error says which it is.
import { beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ABI_VERSION, STRUCT_NAMES, STRUCT_SIZES } from "../../src/ffi/layout.gen.ts";
import { libraryPath } from "../../src/ffi/load.ts";
import { candidates, platformName, platformPackage } from "../../src/ffi/locate.ts";
import { symbols } from "../../src/ffi/symbols.gen.ts";
import { leavesNothing } from "../support/counters.ts";
import { ROOT, runCli, runCommand, runScript } from "../support/child.ts";
import { temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();

leavesNothing();

/** Compiles C to a shared object. */
async function compiled(name: string, source: string): Promise<string> {
  const path = join(dir, name);
  writeFileSync(`${path}.c`, source);
  const ended = await runCommand(["cc", "-shared", "-fPIC", "-o", path, `${path}.c`]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  return path;
}

/** A library with the two functions that are asked first, and the others unless they are left out. */
function imitation({ abi = ABI_VERSION, sizes = [...STRUCT_SIZES], without = "" }): string {
  const asked = ["core_abi_version", "core_struct_sizes"];
  const others = Object.keys(symbols).filter((name) => name !== without && !asked.includes(name));
  return `
    #include <stdint.h>
    uint32_t core_abi_version(void) { return ${abi}; }
    uint32_t core_struct_sizes(uint32_t *out, uint32_t cap) {
      static const uint32_t all[] = { ${sizes.join(", ")} };
      for (uint32_t i = 0; i < ${sizes.length} && i < cap; i++) out[i] = all[i];
      return ${sizes.length};
    }
    ${others.map((name) => `int ${name}(void) { return 0; }`).join("\n")}
  `;
}

/** What the command line says, and ends with, when it is to use this library. */
async function refusal(path: string): Promise<string> {
  const ended = await runCli(["compare", "package.json", "package.json"], { env: { SUITE_LIBCORE: path } });
  expect(ended).toMatchObject({ code: 4, stdout: "" });
  expect(ended.stderr).toContain("(E_NATIVE)");
  expect(ended.stderr).toContain(path);
  expect(ended.stderr.trimEnd().split("\n")).toHaveLength(1);
  return ended.stderr;
}

describe("SUITE_LIBCORE names", () => {
  test("no file", async () => {
    expect(await refusal(join(dir, "none.so"))).toContain("does not exist");
  });

  test("a directory", async () => {
    expect(await refusal(dir)).toContain("cannot be loaded as libcore");
  });

  test("a text file", async () => {
    writeFileSync(join(dir, "text.so"), "not a library\n");
    expect(await refusal(join(dir, "text.so"))).toContain("cannot be loaded as libcore");
  });

  test("a library that is cut short", async () => {
    const bytes = readFileSync(libraryPath());
    for (const length of [0, 40, 100, 1000, 5000, bytes.length >> 1]) {
      writeFileSync(join(dir, "cut.so"), bytes.subarray(0, length));
      expect(await refusal(join(dir, "cut.so"))).toContain("cannot be loaded as libcore");
    }
  });

  test("a library whose program headers are shorter than any, at the end of what is looked at", async () => {
    const bytes = new Uint8Array(8192);
    bytes.set(readFileSync(libraryPath()).subarray(0, 64));
    const view = new DataView(bytes.buffer);
    const [table, entry] = [4088, 4];
    view.setBigUint64(32, BigInt(table), true);
    view.setUint16(54, entry, true);
    view.setUint16(56, 2, true);
    // Each would be one to map.
    view.setUint32(table, 1, true);
    view.setUint32(table + entry, 1, true);
    writeFileSync(join(dir, "headers.so"), bytes);
    expect(await refusal(join(dir, "headers.so"))).toContain("its program headers are too short");
  });

  test("somebody else's library", async () => {
    const path = await compiled("foreign.so", "int something_else(void) { return 1; }");
    expect(await refusal(path)).toContain("core_abi_version");
  });

  test("one of another ABI number: both numbers are named", async () => {
    const path = await compiled("abi.so", imitation({ abi: ABI_VERSION + 41 }));
    const message = await refusal(path);
    expect(message).toContain(`ABI version ${ABI_VERSION + 41}`);
    expect(message).toContain(`needs version ${ABI_VERSION}`);
  });

  test("one whose struct has another size: the struct and both sizes are named", async () => {
    const at = STRUCT_NAMES.indexOf("core_compare_summary");
    const sizes = STRUCT_SIZES.map((size, i) => (i === at ? size + 8 : size));
    const message = await refusal(await compiled("sizes.so", imitation({ sizes })));
    const right = STRUCT_SIZES[at] ?? 0;
    expect(message).toContain(`core_compare_summary of ${right + 8} bytes instead of ${right}`);
    expect(message).toContain(`ABI version ${ABI_VERSION}`);
  });

  test("one with a struct more or less", async () => {
    const more = await refusal(await compiled("more.so", imitation({ sizes: [...STRUCT_SIZES, 8] })));
    expect(more).toContain(`${STRUCT_SIZES.length + 1} structs instead of ${STRUCT_SIZES.length}`);
    const less = await refusal(await compiled("less.so", imitation({ sizes: STRUCT_SIZES.slice(1) })));
    expect(less).toContain("it was built from another core.h");
  });

  test("one without a function: the function is named", async () => {
    const path = await compiled("short.so", imitation({ without: "core_compare_result" }));
    expect(await refusal(path)).toContain("core_compare_result");
  });

  test("the right one under another name: it is the one that is used", async () => {
    const path = join(dir, "mine.so");
    copyFileSync(libraryPath(), path);
    const script = `
      import { libraryPath } from "${ROOT}/src/ffi/load.ts";
      import { compareSync } from "suite";
      console.log(libraryPath(), compareSync(new Uint8Array(2), new Uint8Array(2)).verdict);
    `;
    const ended = await runScript(script, { env: { SUITE_LIBCORE: path } });
    expect(ended).toMatchObject({ code: 0, stdout: `${path} equal\n`, stderr: "" });
  });
});

describe("through the API", () => {
  test("every function throws the same error, and a later call tries again", async () => {
    const script = `
      import { compare, compareSync, compareDir, compareDirSync, NativeError } from "suite";
      const codes = [];
      for (const call of [compare, compareSync, compareDir, compareDirSync]) {
        try { await call("a", "b"); } catch (error) {
          codes.push(error.code, error.exitCode, error instanceof NativeError, error.path);
        }
      }
      console.log(JSON.stringify(codes));
      process.env.SUITE_LIBCORE = ${JSON.stringify(libraryPath())};
      console.log(compareSync(new Uint8Array(0), new Uint8Array(0)).verdict);
    `;
    const path = join(dir, "none.so");
    const ended = await runScript(script, { env: { SUITE_LIBCORE: path } });
    const once = ["E_NATIVE", 4, true, path];
    expect(ended).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify([...once, ...once, ...once, ...once])}\nequal\n`,
      stderr: "",
    });
  });
});

test.skipIf(process.platform !== "linux")("nothing is opened before a native function is called", async () => {
  const script = `
    import { readFileSync } from "node:fs";
    import * as api from "suite";
    const opened = () => readFileSync("/proc/self/maps", "utf8").includes("libcore.so");
    const before = [opened(), typeof api.compare, opened()];
    api.compareSync(new Uint8Array(1), new Uint8Array(1));
    console.log(JSON.stringify([...before, opened()]));
  `;
  const ended = await runScript(script, { env: { SUITE_LIBCORE: libraryPath() } });
  expect(ended).toMatchObject({ code: 0, stdout: '[false,"function",false,true]\n', stderr: "" });
});

describe("the places that are tried", () => {
  const saved = process.env.SUITE_LIBCORE;
  beforeAll(() => {
    delete process.env.SUITE_LIBCORE;
    return () => void (saved !== undefined && (process.env.SUITE_LIBCORE = saved));
  });

  /** A copy of the library's sources, as a package or as a checkout with nothing built. */
  function installation(name: string, { checkout = false, packaged = false }): string {
    const root = join(dir, name);
    cpSync(join(ROOT, "src"), join(root, "src"), { recursive: true });
    if (checkout) {
      mkdirSync(join(root, "libcore/include"), { recursive: true });
      writeFileSync(join(root, "libcore/include/core.h"), "");
    }
    if (packaged) {
      const folder = join(root, "node_modules", platformPackage(platformName()));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name: platformPackage(platformName()) }));
      symlinkSync(libraryPath(), join(folder, "libcore.so"));
    }
    return root;
  }

  /** The candidates that such a copy sees, and what comes of loading. */
  async function tried(root: string, before = "", env: Record<string, string> = {}) {
    const script = `
      const locate = await import("${root}/src/ffi/locate.ts");
      const { registerEmbeddedLibrary } = await import("${root}/src/ffi/embedded.ts");
      ${before}
      console.log(Array.from(locate.candidates(), (c) => c.origin).join());
      const { core } = await import("${root}/src/ffi/load.ts");
      try { core(); console.log("loaded"); } catch (error) { console.log(error.code, error.message); }
    `;
    const ended = await runCommand([process.execPath, "-e", script], { env: { SUITE_LIBCORE: "", ...env } });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const [origins, ...rest] = ended.stdout.trimEnd().split("\n");
    return { origins, outcome: rest.join("\n") };
  }

  test("a checkout: SUITE_LIBCORE alone, or the repository's build last", async () => {
    expect(Array.from(candidates()).at(-1)?.path).toContain(`/release/libcore.so`);
    const root = installation("checkout", { checkout: true });
    const env = { SUITE_LIBCORE: libraryPath() };
    expect(await tried(root, "", env)).toEqual({ origins: "SUITE_LIBCORE", outcome: "loaded" });
    const without = await tried(root);
    expect(without.origins).toBe("repository build");
    expect(without.outcome).toStartWith("E_NATIVE");
    expect(without.outcome).toContain(`${root}/.cache/native/${platformName()}/release/libcore.so`);
    expect(without.outcome).toContain("does not exist");
  });

  test("an installed package: the platform's package; SUITE_LIBCORE is not heard", async () => {
    const root = installation("installed", { packaged: true });
    const env = { SUITE_LIBCORE: join(dir, "none.so") };
    expect(await tried(root, "", env)).toEqual({ origins: "platform package", outcome: "loaded" });
  });

  test("an executable: the library it carries, and no other, whatever is near", async () => {
    const root = installation("executable", { checkout: true, packaged: true });
    const env = { SUITE_LIBCORE: libraryPath() };
    const own = `registerEmbeddedLibrary("${libraryPath()}");`;
    expect(await tried(root, own, env)).toEqual({ origins: "embedded", outcome: "loaded" });
    const { origins, outcome } = await tried(root, `registerEmbeddedLibrary("${dir}/none.so");`, env);
    expect(origins).toBe("embedded");
    expect(outcome).toBe(`E_NATIVE ${dir}/none.so (embedded) does not exist`);
  });

  test("nothing at all: the package to install is named", async () => {
    const { origins, outcome } = await tried(installation("bare", {}));
    expect(origins).toBe("");
    expect(outcome).toStartWith("E_NATIVE");
    expect(outcome).toContain(platformPackage(platformName()));
  });

  test("several that all fail: each is named with its reason", async () => {
    const root = installation("broken", { checkout: true, packaged: true });
    const installed = join(root, "node_modules", platformPackage(platformName()), "libcore.so");
    rmSync(installed);
    writeFileSync(installed, "bad");
    const { origins, outcome } = await tried(root);
    expect(origins).toBe("platform package,repository build");
    expect(outcome).toContain(`${installed} (platform package) cannot be loaded`);
    expect(outcome).toContain("(repository build) does not exist");
    expect(dirname(libraryPath())).not.toBe(dir);
  });

  test("one that works is used, though a broken one stands before it", async () => {
    const root = installation("second", { checkout: true, packaged: true });
    rmSync(join(root, "node_modules", platformPackage(platformName()), "libcore.so"));
    writeFileSync(join(root, "node_modules", platformPackage(platformName()), "libcore.so"), "bad");
    const built = join(root, ".cache/native", platformName(), "release");
    mkdirSync(built, { recursive: true });
    symlinkSync(libraryPath(), join(built, "libcore.so"));
    expect(await tried(root)).toEqual({ origins: "platform package,repository build", outcome: "loaded" });
  });
});

describe("C-43 the tiers of the JIT", () => {
  const compare = (env: Record<string, string>) => runCli(["compare", "package.json", "LICENSE"], { env });

  test("without the optimizing tiers all works", async () => {
    for (const tier of ["DFG", "FTL", "Baseline"]) {
      const ended = await compare({ [`BUN_JSC_use${tier}JIT`]: "0" });
      expect({ tier, ...ended }).toMatchObject({ tier, code: 1, stderr: "" });
      expect(ended.stdout).toStartWith("package.json LICENSE differ");
    }
  });

  test("without any, the error says what is missing, and the exit code is 4", async () => {
    const { code, stdout, stderr } = await compare({ BUN_JSC_useJIT: "0" });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/^suite compare: \S+libcore\.so \(.+\) cannot be called: bun:ffi needs the JIT/);
    expect(stderr).toContain("unset BUN_JSC_useJIT");
    expect(stderr).toEndWith("(E_NATIVE)\n");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
