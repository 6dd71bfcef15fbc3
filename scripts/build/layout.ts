// Where a build keeps its files. Everything is under the checkout's .cache, which may be deleted at any time.
import { join, resolve } from "node:path";

/** The root of this checkout. */
export const repositoryRoot: string = resolve(import.meta.dir, "../..");

/** Paths of one build, relative to the root: compilers run there, so no machine's path enters an object. */
export interface Layout {
  /** `.cache/native/<target>/<variant>` */
  readonly base: string;
  readonly objects: string;
  readonly library: string;
  /** C unit test programs. */
  readonly tests: string;
  /** Shared objects that the fault tests preload. */
  readonly fault: string;
  readonly lock: string;
}

/** The paths of one target and variant. */
export function layoutOf(target: string, variant: string): Layout {
  const base = `.cache/native/${target}/${variant}`;
  return {
    base,
    objects: join(base, "obj"),
    library: join(base, "libcore.so"),
    tests: join(base, "tests"),
    fault: join(base, "fault"),
    lock: join(base, "lock.db"),
  };
}
