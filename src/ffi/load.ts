/**
 * Opens the native library once per process thread and checks that it is the
 * one this code was written for.
 * @module
 */
import { dlopen, type Library } from "bun:ffi";
import { existsSync, readFileSync } from "node:fs";
import { suiteError, type SuiteError } from "../errors.ts";
import { ABI_VERSION, STRUCT_NAMES, STRUCT_SIZES } from "./layout.gen.ts";
import { elfFault } from "./elf.ts";
import { candidates, platformName, platformPackage, type Candidate } from "./locate.ts";
import { inMemory } from "./memory-file.ts";
import { symbols, type Symbols } from "./symbols.gen.ts";

/** What a library of any version is asked before anything else. */
const checks = {
  core_abi_version: symbols.core_abi_version,
  core_struct_sizes: symbols.core_struct_sizes,
} as const;

let loaded: { symbols: Symbols; path: string } | undefined;

function refuse(message: string, path: string | undefined, cause?: unknown): SuiteError {
  return suiteError("E_NATIVE", message, { op: "load", ...(path !== undefined && { path }), cause });
}

function open<T extends Record<string, { args: readonly never[] | readonly string[]; returns: string }>>(
  path: string,
  wanted: T,
): Library<never>["symbols"] {
  return dlopen(path, wanted as never).symbols as never;
}

/** Compares version and layouts; throws E_NATIVE naming both sides. */
function checkLibrary(lib: Pick<Symbols, keyof typeof checks>, path: string): void {
  const version = lib.core_abi_version();
  if (version !== ABI_VERSION) {
    throw refuse(
      `${path} has ABI version ${version}, but this suite needs version ${ABI_VERSION}: install both from the same release, or rebuild with \`bun run build:native\``,
      path,
    );
  }
  const sizes = new Uint32Array(STRUCT_SIZES.length);
  const count = lib.core_struct_sizes(sizes, sizes.length);
  const wrong = STRUCT_SIZES.findIndex((size, i) => sizes[i] !== size);
  if (count !== STRUCT_SIZES.length || wrong >= 0) {
    const what =
      wrong < 0
        ? `${count} structs instead of ${STRUCT_SIZES.length}`
        : `${STRUCT_NAMES[wrong]} of ${sizes[wrong]} bytes instead of ${STRUCT_SIZES[wrong]}`;
    throw refuse(
      `${path} says ABI version ${version} but has ${what}: it was built from another core.h; rebuild with \`bun run build:native\``,
      path,
    );
  }
}

/** All functions of the library at a path, of the right version; once open, as to open it again costs a millisecond. */
function openWhole(path: string): Symbols {
  let lib: Symbols;
  try {
    lib = open(path, symbols) as unknown as Symbols;
  } catch (error) {
    // A library of another version lacks functions: its version says more than the first name that is missing.
    checkLibrary(open(path, checks) as unknown as Symbols, path);
    throw error;
  }
  checkLibrary(lib, path);
  return lib;
}

/** Whether a library was opened but cannot be called: bun:ffi has the JIT write its calls. It gives this no code. */
function lacksJit(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("requires the JIT");
}

/** An embedded file that cannot be unpacked to be opened is opened from memory. */
function openChecked(path: string, origin: Candidate["origin"]): Symbols {
  try {
    return openWhole(path);
  } catch (error) {
    if (origin !== "embedded" || process.platform !== "linux" || lacksJit(error)) throw error;
    if (error instanceof Error && "code" in error && error.code === "E_NATIVE") throw error;
    return openWhole(inMemory(readFileSync(path)));
  }
}

function tryOpen(candidate: Candidate): Symbols {
  const { path, origin } = candidate;
  const real = !path.startsWith("/$bunfs/");
  if (real && !existsSync(path)) throw refuse(`${path} (${origin}) does not exist`, path);
  try {
    const fault = real && process.platform === "linux" && elfFault(path);
    if (fault) throw new Error(fault);
    return openChecked(path, origin);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "E_NATIVE") throw error;
    if (lacksJit(error)) {
      throw refuse(
        `${path} (${origin}) cannot be called: bun:ffi needs the JIT, which is switched off; unset BUN_JSC_useJIT (single tiers, as BUN_JSC_useDFGJIT, may stay off)`,
        path,
        error,
      );
    }
    // What dlopen says names the symbol, or the reason of the system.
    const why = error instanceof Error ? error.message : String(error);
    throw refuse(`${path} (${origin}) cannot be loaded as libcore: ${why}`, path, error);
  }
}

/**
 * The functions of libcore. The library is opened at the first call and
 * never closed.
 *
 * @throws SuiteError E_NATIVE naming each place that was tried and why it failed
 */
export function core(): Symbols {
  if (loaded) return loaded.symbols;
  const tried: SuiteError[] = [];
  for (const candidate of candidates()) {
    try {
      loaded = { symbols: tryOpen(candidate), path: candidate.path };
      return loaded.symbols;
    } catch (error) {
      // No other library could be called either.
      if (lacksJit((error as SuiteError).cause)) throw error;
      tried.push(error as SuiteError);
    }
  }
  const platform = platformName();
  const [only] = tried;
  if (tried.length === 1 && only) throw only;
  const where = tried.map((e) => `\n  ${e.message}`).join("");
  throw refuse(
    `no native library for ${platform}: install ${platformPackage(platform)}, or build it with \`bun run build:native\`${where}`,
    undefined,
  );
}

/** The file the library was loaded from. */
export function libraryPath(): string {
  core();
  return loaded?.path ?? "";
}
