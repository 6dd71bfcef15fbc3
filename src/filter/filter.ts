/**
 * Which names of a tree count, for all tools.
 * @module
 */
import { suiteError } from "../errors.ts";
import { ERRORS_BY_NAME } from "../errors.gen.ts";
import { CoreFilterFlag } from "../ffi/layout.gen.ts";
import { NativeFilter } from "../ffi/native-filter.ts";

/** Rules about the names of trees. docs/filters.md describes the globs. */
export interface FilterOptions {
  /**
   * Globs of names that do not exist for the operation, nor does what is below them.
   * @default []
   */
  exclude?: string | readonly string[] | undefined;
  /**
   * Globs one of which everything but a directory must match.
   * @default []
   */
  include?: string | readonly string[] | undefined;
}

const list = (globs: string | readonly string[] | undefined) =>
  typeof globs === "string" ? [globs] : (globs ?? []);

/**
 * Compiles the rules; nothing when there are none. The caller closes the filter.
 *
 * @throws SuiteError E_USAGE naming the glob that does not compile
 */
export function compileFilter(options: FilterOptions): NativeFilter | undefined {
  return compileRules([
    ...list(options.exclude).map((glob) => ({ glob, flags: 0 })),
    ...list(options.include).map((glob) => ({ glob, flags: CoreFilterFlag.INCLUDE })),
  ]);
}

/** A glob, and CoreFilterFlag bits. */
export interface Rule {
  readonly glob: string | Uint8Array;
  readonly flags: number;
}

/** Compiles rules as {@link compileFilter}. */
export function compileRules(rules: readonly Rule[]): NativeFilter | undefined {
  if (rules.length === 0) return undefined;
  const filter = new NativeFilter();
  try {
    for (const { glob, flags } of rules) {
      const result = filter.add(flags, typeof glob === "string" ? new TextEncoder().encode(glob) : glob);
      if (result === 0) continue;
      const why = result === ERRORS_BY_NAME.E_USAGE.code ? "is no glob: a set needs its ], a backslash its character" : "could not be added";
      throw suiteError(result === ERRORS_BY_NAME.E_MEMORY.code ? "E_MEMORY" : "E_USAGE", `${JSON.stringify(typeof glob === "string" ? glob : new TextDecoder().decode(glob))} ${why}`, {
        op: "filter",
      });
    }
    return filter;
  } catch (error) {
    filter.close();
    throw error;
  }
}
