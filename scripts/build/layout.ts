// Where a build keeps its files. Everything is under the checkout's .cache, which may be deleted at any time.
import { join, resolve } from "node:path";
import type { Half } from "./third-party/recipe.ts";

/** The root of this checkout. */
export const repositoryRoot: string = resolve(import.meta.dir, "../..");

/** Paths of one build, relative to the root: compilers run there, so no machine's path enters an object. */
export interface Layout {
  /** `.cache/native/<target>/<variant>`, with `-file` after it for that half alone */
  readonly base: string;
  readonly objects: string;
  readonly library: string;
  /** C unit test programs. */
  readonly tests: string;
  /** Fuzz targets. */
  readonly fuzz: string;
  /** Shared objects that the fault tests preload. */
  readonly fault: string;
  /** The licences of what is inside the library. */
  readonly licences: string;
  readonly lock: string;
}

/** The paths of one target, variant and half. */
export function layoutOf(target: string, variant: string, half: Half = "net"): Layout {
  const base = `.cache/native/${target}/${variant}${half === "file" ? "-file" : ""}`;
  return {
    base,
    objects: join(base, "obj"),
    library: join(base, "libcore.so"),
    tests: join(base, "tests"),
    fuzz: join(base, "fuzz"),
    fault: join(base, "fault"),
    licences: join(base, "THIRD-PARTY-LICENCES.txt"),
    lock: join(base, "lock.db"),
  };
}
