// Which files there are to build. The lists are sorted, so that the link order does not depend on the disk.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Half } from "./third-party/recipe.ts";

/** Paths relative to the root, with `/`, in bytewise order. */
export interface Sources {
  /** C files of the library. */
  readonly library: readonly string[];
  /** C unit tests: one program each. */
  readonly tests: readonly string[];
  /** Programs that other tests start, with arguments. */
  readonly testTools: readonly string[];
  /** Other C files beside the tests, linked into every test program. */
  readonly testSupport: readonly string[];
  /** Fuzz targets: one program each. */
  readonly fuzzTargets: readonly string[];
  /** What stands in for libFuzzer in programs that are not built with it. */
  readonly fuzzSupport: readonly string[];
  /** Preloaded libraries of the fault tests: one shared object each. */
  readonly faultShims: readonly string[];
  /** Every header of ours. Their state is noted before the first compile, so that an edit during it is not lost. */
  readonly headers: readonly string[];
}

/** Folders that only the net half has. Below them, and nowhere else, code may use TLS, HTTP and QUIC. */
const netFolders = ["libcore/src/http/", "libcore/src/quic/", "tests/native/net/"];

/** Looks for the sources of the library below `root`, and for those of its tests and fuzz targets when asked. */
export function findSources(
  root: string,
  { half, tests, fuzz = false }: { half: Half; tests: boolean | RegExp; fuzz?: boolean },
): Sources {
  const wanted = (path: string) => half === "net" || !netFolders.some((folder) => path.startsWith(folder));
  const own = [...list(root, "libcore/include"), ...list(root, "libcore/src")].filter(wanted);
  const native = tests !== false ? list(root, "tests/native").filter(wanted) : [];
  const fault = tests !== false ? list(root, "tests/fault") : [];
  const fuzzing = fuzz ? list(root, "tests/fuzz").filter((path) => path.endsWith(".c")) : [];
  const isTarget = (path: string) => path.endsWith("_fuzz.c");
  const isTest = (path: string) => path.endsWith("_test.c");
  const isTool = (path: string) => path.endsWith("_tool.c");
  return {
    library: own.filter((path) => path.endsWith(".c")),
    tests: native.filter((path) => isTest(path) && (!(tests instanceof RegExp) || tests.test(basename(path, ".c")))),
    testTools: native.filter(isTool),
    testSupport: native.filter((path) => path.endsWith(".c") && !isTest(path) && !isTool(path)),
    fuzzTargets: fuzzing.filter(isTarget),
    fuzzSupport: fuzzing.filter((path) => !isTarget(path)),
    faultShims: fault.filter((path) => path.endsWith(".c")),
    headers: [...own, ...native, ...fault].filter((path) => path.endsWith(".h")),
  };
}

function list(root: string, folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names.map((name) => `${folder}/${name}`).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
