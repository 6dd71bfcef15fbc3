// docs/architecture.md: which part may know which. cli -> src -> src/ffi -> libcore, and the layers inside libcore.
import { describe, expect, test } from "bun:test";
import { filesBelow, importsOf, includesOf, textOf, withoutComments } from "../support/imports.ts";

const ts = filesBelow(["src", "cli"], /\.ts$/);
const library = ts.filter((file) => file.startsWith("src/"));
const native = filesBelow(["libcore"], /\.[ch]$/).filter((file) => !file.startsWith("libcore/third_party/"));

/** The places where a pattern stands in the code of a file, comments left out. */
function places(file: string, pattern: RegExp): string[] {
  return withoutComments(textOf(file))
    .split("\n")
    .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
}

describe("what is read", () => {
  test("the tree is there, and its imports are seen", () => {
    expect(ts).toContain("cli/main.ts");
    expect(library.length).toBeGreaterThan(15);
    expect(native.length).toBeGreaterThan(20);
    const load = importsOf("src/ffi/load.ts").map(({ to }) => to);
    expect(load).toEqual(expect.arrayContaining(["bun:ffi", "node:fs", "src/errors.ts", "src/ffi/symbols.gen.ts"]));
    expect(importsOf("src/index.ts").map(({ to }) => to)).toContain("src/tree/source.ts");
    expect(importsOf("cli/commands/index.ts").map(({ to }) => to)).toContain("cli/commands/compare.ts");
    expect(includesOf("libcore/src/pool/pool.c")).toEqual(expect.arrayContaining(["pool/pool.h", "<pthread.h>"]));
    expect(withoutComments('a /* "b */ + "/* c */" // d\ne')).toBe('a          + "/* c */"     \ne');
  });
});

describe("cli -> src -> src/ffi", () => {
  test("the library imports nothing of the command line, of scripts or of tests", () => {
    const wrong = library.flatMap(importsOf).filter(({ to }) => /^(?:cli|scripts|tests|bench)\//.test(to));
    expect(wrong).toEqual([]);
  });

  test("only src/ffi imports bun:ffi; elsewhere its types at most", () => {
    const wrong = ts
      .filter((file) => !file.startsWith("src/ffi/"))
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => to === "bun:ffi" && !typeOnly);
    expect(wrong).toEqual([]);
  });

  test("the command line does not reach below the library: nothing of src/ffi", () => {
    const wrong = ts
      .filter((file) => file.startsWith("cli/"))
      .flatMap(importsOf)
      // The entry of an executable says where the library is embedded.
      .filter(({ to }) => to.startsWith("src/ffi/") && to !== "src/ffi/locate.ts");
    expect(wrong).toEqual([]);
  });

  test("src/ffi knows no tool: it imports itself, and the errors", () => {
    const wrong = library
      .filter((file) => file.startsWith("src/ffi/"))
      .flatMap(importsOf)
      .filter(({ to }) => to.startsWith("src/") && !/^src\/(?:ffi\/|errors(?:\.gen)?\.ts$)/.test(to));
    expect(wrong).toEqual([]);
  });

  test("the folder of a tool imports tree, filter, report, run, errors, records and ffi, and no other tool", () => {
    const shared = /^src\/(?:tree\/|filter\/|report\/|units\/|ffi\/|run\.ts$|errors(?:\.gen)?\.ts$|records\.gen\.ts$)/;
    const tools = library.filter((file) => /^src\/(?!ffi\/|tree\/|filter\/|report\/|units\/)[^/]+\//.test(file));
    expect(tools.length).toBeGreaterThan(2);
    const allowed: Record<string, string[]> = { sync: ["compare"], transfer: ["compare", "sync"] };
    const wrong = tools.flatMap(importsOf).filter(({ from, to }) => {
      if (!to.startsWith("src/") || shared.test(to)) return false;
      const [, own = ""] = from.split("/");
      const [, other = ""] = to.split("/");
      return other !== own && !allowed[own]?.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  test("what tools share imports no tool, but for its types", () => {
    const wrong = library
      .filter((file) => /^src\/(?:tree|filter|report|units)\/|^src\/(?:run|errors)\.ts$/.test(file))
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => !typeOnly && /^src\/(?!tree\/|filter\/|report\/|units\/|ffi\/)[^/]+\//.test(to));
    expect(wrong).toEqual([]);
  });

  test("src/index.ts only re-exports", () => {
    const rest = withoutComments(textOf("src/index.ts")).replace(/export (?:type )?\{[^}]*\} from "[^"]+";/g, "");
    expect(rest.trim()).toBe("");
  });

  test("imports name the file, with its ending", () => {
    const wrong = ts.flatMap(importsOf).filter(({ to }) => /^(?:src|cli)\//.test(to) && !to.endsWith(".ts"));
    expect(wrong).toEqual([]);
  });
});

describe("below cli/", () => {
  test("nothing ends the process, prints, or reads the environment but the loader's SUITE_LIBCORE", () => {
    const forbidden =
      /\bprocess\.(?:exit|exitCode|abort|stdout|stderr|stdin|env|argv|on)\b|\bBun\.(?:env|argv)\b|\bimport\.meta\.env\b|\bconsole\./;
    const found = library.flatMap((file) => places(file, forbidden));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^src\/ffi\/locate\.ts:\d+: .*process\.env\.SUITE_LIBCORE/);
  });

  test("nothing is exported by default", () => {
    expect(ts.flatMap((file) => places(file, /\bexport default\b/))).toEqual([]);
  });
});

describe("libcore", () => {
  /** Who may include whom: a layer includes itself and those in the lines before it. */
  const ORDER = [
    ["base"],
    ["plat"],
    ["pool"],
    ["io"],
    ["pack", "wire"],
    ["manifest"],
    ["match"],
    ["walk"],
    // Engines and net never include each other.
    ["compare", "search", "delta", "seal", "http", "quic"],
    ["api"],
  ].flatMap((names, rank) => names.map((name) => ({ name, rank })));
  const layerOf = (path: string) => ORDER.find(({ name }) => path.startsWith(`${name}/`));

  const sources = native.filter((file) => file.startsWith("libcore/src/"));
  const inclusions = sources.flatMap((file) =>
    includesOf(file).map((to) => ({ from: file.slice("libcore/src/".length), to })),
  );

  test("each source lies in a layer", () => {
    expect(sources.filter((file) => !layerOf(file.slice("libcore/src/".length)))).toEqual([]);
  });

  test("base < plat < pool < io < pack, wire < manifest < match < walk < engines, net < api, by what they include", () => {
    const own = inclusions.filter(({ to }) => !to.startsWith("<"));
    expect(own.length).toBeGreaterThan(40);
    const wrong = own.filter(({ from, to }) => {
      // The public header holds the words and structs that all layers speak of.
      if (to === "core.h") return false;
      const [upper, lower] = [layerOf(from), layerOf(to)];
      if (!upper || !lower) return true;
      return upper.name !== lower.name && upper.rank <= lower.rank;
    });
    expect(wrong).toEqual([]);
  });

  test("the public header includes nothing but fixed-width integers", () => {
    expect(includesOf("libcore/include/core.h")).toEqual(["<stdint.h>"]);
  });

  /**
   * C-07. Headers of C17 are the same everywhere. Of POSIX, threads with their signal masks are what the pool is made
   * of, on every system we build for. Any other header says which system this is.
   */
  const PORTABLE = new Set(
    ["assert", "ctype", "errno", "inttypes", "limits", "stdalign", "stdarg", "stdatomic", "stdbool", "stddef", "stdint"]
      .concat(["stdio", "stdlib", "string", "time", "pthread", "signal"])
      // Of the compiler, about the processor.
      .concat(["cpuid"])
      .map((name) => `<${name}.h>`),
  );

  /** The libraries inside libcore; that they are the same everywhere is why they are there. */
  const THIRD_PARTY =
    /^<(?:archive(?:_entry)?|blake3|bzlib|lz4\w*|lzma|msquic\w*|pcre2|sodium|utf8proc|xxhash|zlib|zstd\w*|(?:curl|nghttp2|nghttp3|openssl)\/\w+)\.h>$/;

  test("C-07 only plat includes headers of an operating system", () => {
    const wrong = inclusions.filter(
      ({ from, to }) => to.startsWith("<") && !PORTABLE.has(to) && !THIRD_PARTY.test(to) && !from.startsWith("plat/"),
    );
    expect(wrong).toEqual([]);
    expect(inclusions.some(({ from, to }) => from.startsWith("plat/") && !PORTABLE.has(to))).toBe(true);
  });

  test("C-07 no #if asks for an operating system outside plat", () => {
    const system =
      /^\s*#\s*(?:el)?if.*\b(?:_WIN32|_WIN64|WIN32|__linux(?:__)?|__gnu_linux__|__APPLE__|__MACH__|__FreeBSD__|__unix(?:__)?|__ANDROID__|__CYGWIN__|_MSC_VER|__GLIBC__)\b/;
    const outside = native.filter((file) => !file.startsWith("libcore/src/plat/"));
    expect(outside.flatMap((file) => places(file, system))).toEqual([]);
    expect("#if defined(__linux__)").toMatch(system);
    expect("# ifdef _WIN32").toMatch(system);
  });

  test("C-07 no system call is made outside plat", () => {
    const calls =
      /(?<![\w.>])(?:open|openat|close|read|pread|lseek|fstat|fstatat|stat|lstat|readlink|readlinkat|opendir|fdopendir|readdir|pipe2?|ioctl|sched_getaffinity|sysconf|mmap|statx|getdents64|syscall)\s*\(/;
    const outside = sources.filter((file) => !file.startsWith("libcore/src/plat/") && file.endsWith(".c"));
    expect(outside.flatMap((file) => places(file, calls))).toEqual([]);
    expect("\tint fd = open(path, 0);").toMatch(calls);
    expect(sources.flatMap((file) => places(file, calls))).not.toEqual([]);
  });

  test("each file begins with its licence", () => {
    const without = native.filter((file) => !textOf(file).startsWith("/* SPDX-License-Identifier: MIT */"));
    expect(without.filter((file) => !file.endsWith(".gen.h"))).toEqual([]);
  });
});

describe("size", () => {
  const lines = (file: string) => textOf(file).split("\n").length - 1;

  test("TypeScript files have at most 400 lines, generated ones left out", () => {
    const all = filesBelow(["src", "cli", "scripts", "tests"], /\.ts$/).filter((file) => !file.endsWith(".gen.ts"));
    expect(all.filter((file) => lines(file) > 400).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
  });

  test("C files have at most 800 lines, but for the one public header", () => {
    const all = [...native, ...filesBelow(["tests"], /\.[ch]$/)].filter((file) => file !== "libcore/include/core.h");
    expect(all.length).toBeGreaterThan(native.length + 20);
    // One header is what all callers see; it is words more than code.
    const own = all.filter((file) => file !== "libcore/include/core.h");
    expect(own.filter((file) => lines(file) > 800).map((file) => `${file}: ${lines(file)}`)).toEqual([]);
  });
});
