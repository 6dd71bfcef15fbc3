/**
 * Defaults of all comparisons of this thread.
 * @module
 */
import { suiteError, SuiteError } from "../errors.ts";
import { compileFilter } from "../filter/filter.ts";
import { checkUrlOptions, URL_OPTION_NAMES, withoutUndefined } from "../tree/url.ts";
import { encodeOptions, joinPaths, type CompareOptions } from "./options.ts";

/** The names that may be set, so that a mistyped one is refused. */
const NAMES = {
  locate: true,
  stopAtFirst: true,
  allEntries: true,
  collapse: true,
  sizePrecheck: true,
  quickCheck: true,
  followSymlinks: true,
  prove: true,
  oneWay: true,
  skipEmptyDirs: true,
  oneFileSystem: true,
  ignoreCaseNames: true,
  normalize: true,
  metadata: true,
  modifyWindowMs: true,
  skip: true,
  limitBytes: true,
  limit: true,
  paths: true,
  archive: true,
  hashCompare: true,
  stripComponents: true,
  nested: true,
  limits: true,
  chunkSize: true,
  jobs: true,
  signal: true,
  log: true,
  exclude: true,
  include: true,
  ...URL_OPTION_NAMES,
} as const satisfies Record<keyof CompareOptions, true>;

let defaults: CompareOptions = {};

/**
 * Sets defaults for the comparisons that this thread starts from now on;
 * what a call says itself is stronger. `undefined` takes a default back.
 *
 * @throws SuiteError E_CONFIG naming the key that is unknown or whose value is out of range; nothing is set then
 * @example
 * ```ts
 * import { compareSync, configure } from "suite";
 *
 * configure({ jobs: 1, exclude: [".git/"] });
 * console.log(compareSync("src", "src").verdict); // equal
 * configure({ jobs: undefined, exclude: undefined });
 * ```
 */
export function configure(options: Partial<CompareOptions>): void {
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(NAMES, key)) throw suiteError("E_CONFIG", `${key} is no option of compare`, { op: "configure" });
    checkValue({ [key]: value }, key);
  }
  defaults = withoutUndefined({ ...defaults, ...options });
}

/** Options with the defaults where they say nothing. */
export function withDefaults<T extends CompareOptions>(options: T): T {
  return { ...defaults, ...withoutUndefined(options) };
}

function checkValue(option: CompareOptions, key: string): void {
  try {
    encodeOptions(option, undefined, undefined);
    joinPaths(option.paths);
    checkUrlOptions(option);
    compileFilter(option)?.close();
  } catch (error) {
    if (!(error instanceof SuiteError) || error.code !== "E_USAGE") throw error;
    throw suiteError("E_CONFIG", `${key}: ${error.message}`, { op: "configure", cause: error });
  }
}
