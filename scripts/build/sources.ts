// Which files there are to build. The lists are sorted, so that the link order does not depend on the disk.
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths relative to the root, with `/`, in bytewise order. */
export interface Sources {
  /** C files of the library. */
  readonly library: readonly string[];
  /** C unit tests: one program each. */
  readonly tests: readonly string[];
  /** Other C files beside the tests, linked into every test program. */
  readonly testSupport: readonly string[];
  /** Preloaded libraries of the fault tests: one shared object each. */
  readonly faultShims: readonly string[];
  /** Every header of ours. Their state is noted before the first compile, so that an edit during it is not lost. */
  readonly headers: readonly string[];
}

/** Looks for the sources of the library below `root`, and for those of its tests when asked. */
export function findSources(root: string, withTests: boolean): Sources {
  const own = [...list(root, "libcore/include"), ...list(root, "libcore/src")];
  const native = withTests ? list(root, "tests/native") : [];
  const fault = withTests ? list(root, "tests/fault") : [];
  const isTest = (path: string) => path.endsWith("_test.c");
  return {
    library: own.filter((path) => path.endsWith(".c")),
    tests: native.filter(isTest),
    testSupport: native.filter((path) => path.endsWith(".c") && !isTest(path)),
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
