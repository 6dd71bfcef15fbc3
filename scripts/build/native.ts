// The build as a function: used by the command line, by setup and by verify.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crossToolchain } from "./cross.ts";
import { BuildError, exitCodes, storageError } from "./errors.ts";
import { layoutOf, repositoryRoot } from "./layout.ts";
import { withLock } from "./lock.ts";
import type { BuildOptions } from "./options.ts";
import { planBuild } from "./plan.ts";
import { runSteps } from "./pool.ts";
import { findSources, type Sources } from "./sources.ts";
import { stateOf, type FileStates } from "./step.ts";
import { hostTarget, platformOf, resolveTarget } from "./target.ts";
import { buildThirdParty, type ThirdParty } from "./third-party/build.ts";
import { findArchiver, findCompiler, type Toolchain } from "./toolchain.ts";
import { variants } from "./variants.ts";

/** What a build did. All paths are absolute. */
export interface BuildResult {
  readonly library: string;
  /** The C unit test programs, in the order of their names; empty without `tests`. */
  readonly tests: readonly string[];
  /** Programs that other tests start, with arguments; empty without `tests`. */
  readonly testTools: readonly string[];
  /** The fuzz targets, in the order of their names; empty without `fuzz`. */
  readonly fuzzTargets: readonly string[];
  /** The shared objects that fault tests preload; empty without `tests`. */
  readonly faultShims: readonly string[];
  /** Sources that were compiled; empty when everything was up to date. */
  readonly compiled: readonly string[];
  /** Third-party libraries that were built. */
  readonly thirdParty: readonly string[];
  /** The third-party archives the library is linked from. */
  readonly archives: readonly string[];
  /** The text of all third-party licences; `undefined` when there are no such libraries. */
  readonly licences: string | undefined;
  /** Files that were linked. */
  readonly linked: readonly string[];
  /** Duration in milliseconds, waiting for another build included. */
  readonly ms: number;
}

/**
 * Builds the library, and the C test programs when asked, doing only what changed since the last time.
 * Throws a BuildError; the library of the last good build then stays in place.
 *
 * @example
 * const { library } = await buildNative({ variant: "debug" });
 */
export async function buildNative(options: BuildOptions = {}): Promise<BuildResult> {
  const start = performance.now();
  const { root = repositoryRoot, variant = "release", half = "net", onEvent = () => {} } = options;
  const target = resolveTarget(options.target);
  const { compiler, ar } = await toolchainFor(target, options);
  const layout = layoutOf(target, variant, half);
  const absolute = (path: string) => join(root, path);
  const thirdParty = await buildThirdParty({
    root,
    platform: platformOf(target),
    // A sanitizer may need another compiler than the default one. Archives are not instrumented and fit any of them.
    compiler: variants[variant].sanitizer === undefined ? compiler : findCompiler(),
    ar,
    half,
    jobs: options.jobs,
    onEvent,
  });

  const onWait = () => onEvent({ type: "wait", lock: layout.lock });
  return withLock(join(root, layout.lock), onWait, async () => {
    const sources = findSources(root, { half, tests: options.tests ?? false, fuzz: options.fuzz === true });
    if (sources.library.length === 0) throw new BuildError(`no C files below ${join(root, "libcore/src")}`);
    const plan = planBuild(sources, { root, layout, compiler, variant, half, thirdParty });
    const context = { root, jobs: options.jobs, states: noteStates(root, sources), onEvent };
    const compiled = await runSteps(plan.compiles, context);
    const linked = await runSteps(plan.links, context);
    writeLicences(absolute(layout.licences), thirdParty);
    return {
      library: absolute(layout.library),
      tests: plan.tests.map(absolute),
      testTools: plan.testTools.map(absolute),
      fuzzTargets: plan.fuzzTargets.map(absolute),
      faultShims: plan.faultShims.map(absolute),
      thirdParty: thirdParty.built,
      archives: thirdParty.archives.map(absolute),
      licences: thirdParty.licences === "" ? undefined : absolute(layout.licences),
      compiled: compiled.map((step) => step.name),
      linked: linked.map((step) => step.output),
      ms: performance.now() - start,
    };
  });
}

async function toolchainFor(target: string, options: BuildOptions): Promise<Toolchain> {
  if (target === hostTarget()) return { compiler: findCompiler(options.cc), ar: findArchiver(options.ar) };
  const { root = repositoryRoot, variant = "release" } = options;
  if (variants[variant].sanitizer !== undefined) {
    throw new BuildError(`the variant ${variant} cannot be built for ${target} here`, {
      exitCode: exitCodes.usage,
      hint: "Sanitizers are for tests, which run on the machine that builds: leave out --target.",
    });
  }
  return crossToolchain(target, { ...options, root });
}

function writeLicences(path: string, { licences }: ThirdParty): void {
  if (licences === "" || (existsSync(path) && readFileSync(path, "utf8") === licences)) return;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.partial`, licences);
    renameSync(`${path}.partial`, path);
  } catch (error) {
    throw storageError(error, "write", path);
  }
}

/** Looks at every file of ours before anything is compiled; see step.ts for what an edit in between then does. */
function noteStates(root: string, sources: Sources): FileStates {
  const states: FileStates = new Map();
  for (const path of Object.values(sources).flat()) stateOf(root, path, states);
  return states;
}
