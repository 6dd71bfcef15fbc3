// From sources to steps: which commands make the objects, the library, the test programs, the fuzz targets and the
// fault shims.
// The third-party archives are there before; see third-party/build.ts.
import { basename } from "node:path";
import {
  baseFlags,
  libraryLinkFlags,
  ownFlags,
  prefixMap,
  systemLibraries,
  versionScript,
  warningFlags,
} from "./flags.ts";
import type { Layout } from "./layout.ts";
import type { Sources } from "./sources.ts";
import type { Step } from "./step.ts";
import type { ThirdParty } from "./third-party/build.ts";
import type { Half } from "./third-party/recipe.ts";
import type { Compiler } from "./toolchain.ts";
import { variants, type VariantName } from "./variants.ts";

/** What decides the commands besides the sources. */
export interface PlanContext {
  readonly root: string;
  readonly layout: Layout;
  readonly compiler: Compiler;
  readonly variant: VariantName;
  readonly half: Half;
  readonly thirdParty: ThirdParty;
}

/** The compile steps come first, then every link step; the link steps do not depend on each other. */
export interface Plan {
  readonly compiles: readonly Step[];
  readonly links: readonly Step[];
  readonly tests: readonly string[];
  readonly testTools: readonly string[];
  readonly fuzzTargets: readonly string[];
  readonly faultShims: readonly string[];
}

/** Lays out every step of a build. */
export function planBuild(sources: Sources, context: PlanContext): Plan {
  const { layout } = context;
  const core = sources.library.map((source) => compileOwn(source, context));
  const support = sources.testSupport.map((source) => compileTest(source, context));
  const programOf = (source: string) => {
    const object = compileTest(source, context);
    // The objects themselves, not the library: a test reaches the functions the library hides.
    const inputs = [object, ...support, ...core].map((step) => step.output);
    return { object, program: linkProgram(`${layout.tests}/${basename(source, ".c")}`, inputs, context) };
  };
  const tests = sources.tests.map(programOf);
  const testTools = sources.testTools.map(programOf);
  // libFuzzer brings a main of its own; other variants get one that runs the files it is given.
  const withFuzzer = variants[context.variant].sanitizer === "fuzzer,address,undefined";
  const replay = withFuzzer ? [] : sources.fuzzSupport.map((source) => compileOwn(source, context));
  const fuzzTargets = sources.fuzzTargets.map((source) => {
    const object = compileOwn(source, context);
    const inputs = [object, ...replay, ...core].map((step) => step.output);
    const flags = withFuzzer ? ["-fsanitize=fuzzer"] : [];
    return { object, program: linkProgram(`${layout.fuzz}/${basename(source, ".c")}`, inputs, context, flags) };
  });
  const programs = [...tests, ...testTools, ...fuzzTargets];
  const shims = sources.faultShims.map((source) => linkShim(source, context));
  const library = linkLibrary(
    core.map((step) => step.output),
    context,
  );
  return {
    compiles: [...core, ...support, ...replay, ...programs.map(({ object }) => object)],
    links: [library, ...programs.map(({ program }) => program), ...shims],
    tests: tests.map(({ program }) => program.output),
    testTools: testTools.map(({ program }) => program.output),
    fuzzTargets: fuzzTargets.map(({ program }) => program.output),
    faultShims: shims.map((step) => step.output),
  };
}

function compileOwn(source: string, context: PlanContext, more: readonly string[] = []): Step {
  const { root, layout, compiler, variant, half, thirdParty } = context;
  const flags = [
    ...ownFlags,
    `-DCORE_NET=${half === "net" ? 1 : 0}`,
    ...more,
    ...thirdParty.flags,
    ...variants[variant].compile,
    ...baseFlags,
    ...warningFlags,
    prefixMap(root),
  ];
  return {
    kind: "compile",
    name: source,
    output: `${layout.objects}/${source.replace(/\.c$/, ".o")}`,
    command: [...compiler.command, ...flags, "-c", source],
    inputs: [source],
    fingerprint: compiler.fingerprint,
  };
}

function compileTest(source: string, context: PlanContext): Step {
  return compileOwn(source, context, ["-Itests/native"]);
}

function linkLibrary(objects: readonly string[], context: PlanContext): Step {
  const { layout, compiler } = context;
  const { link, sanitizer } = variants[context.variant];
  // clang leaves a sanitizer's runtime to the program that loads the library, so its symbols stay undefined here.
  const complete = sanitizer !== undefined && compiler.family === "clang" ? [] : ["-Wl,--no-undefined"];
  return {
    kind: "link",
    name: "libcore.so",
    output: layout.library,
    command: [
      ...compiler.command,
      ...libraryLinkFlags,
      ...complete,
      ...link,
      ...objects,
      ...group(context),
      ...systemLibraries,
    ],
    inputs: [...objects, versionScript, ...context.thirdParty.archives],
    fingerprint: compiler.fingerprint,
  };
}

function linkProgram(
  output: string,
  objects: readonly string[],
  context: PlanContext,
  flags: readonly string[] = [],
): Step {
  const { compiler } = context;
  const { link } = variants[context.variant];
  return {
    kind: "link",
    name: basename(output),
    output,
    command: [
      ...compiler.command,
      ...link.filter((flag) => flag !== "-Wl,-s"),
      ...flags,
      ...objects,
      // What a test does not reach is left out: most need little of the third-party code.
      "-Wl,--gc-sections",
      ...group(context),
      "-pthread",
      ...systemLibraries,
    ],
    inputs: [...objects, ...context.thirdParty.archives],
    fingerprint: compiler.fingerprint,
  };
}

/** The third-party archives, searched until nothing more is found: some need each other. */
function group({ thirdParty: { archives } }: PlanContext): string[] {
  return archives.length === 0 ? [] : ["-Wl,--start-group", ...archives, "-Wl,--end-group"];
}

/**
 * A shim is preloaded into the unmodified program, so it carries no sanitizer, and it replaces functions of libc, so its
 * own are visible. It is one small file: compiled and linked by one command, which lists what it read as a compile does.
 */
function linkShim(source: string, context: PlanContext): Step {
  const { root, layout, compiler } = context;
  const flags = [
    "-std=c17",
    "-D_GNU_SOURCE",
    "-O2",
    "-g",
    "-pipe",
    "-fPIC",
    "-pthread",
    ...warningFlags,
    prefixMap(root),
  ];
  return {
    kind: "compile",
    name: source,
    output: `${layout.fault}/${basename(source, ".c")}.so`,
    command: [...compiler.command, ...flags, "-shared", source, ...systemLibraries],
    inputs: [source],
    fingerprint: compiler.fingerprint,
  };
}
