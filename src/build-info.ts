/**
 * What this build is made of.
 * @module
 */
import { core, libraryPath } from "./ffi/load.ts";

/** The native library as it says itself. */
export interface BuildInfo {
  /** `version`, `abi`, `compiler` and what later libraries add. */
  readonly library: Readonly<Record<string, string>>;
  /** The file it was loaded from. */
  readonly path: string;
}

/**
 * Asks the native library how it was built.
 *
 * @throws SuiteError E_NATIVE when it cannot be loaded
 */
export function buildInfo(): BuildInfo {
  const text = new Uint8Array(4096);
  const needed = new BigUint64Array(1);
  core().core_build_info(text, text.length, needed);
  const lines = new TextDecoder().decode(text.subarray(0, Number(needed[0]))).split("\n");
  const pairs = lines.filter((line) => line.includes("=")).map((line) => line.split(/=(.*)/s, 2) as [string, string]);
  return { library: Object.fromEntries(pairs), path: libraryPath() };
}
