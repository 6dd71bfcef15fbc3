// The command line of the build, and the same choices as an object for the scripts that call it.
import { parseArgs } from "node:util";
import { BuildError, exitCodes } from "./errors.ts";
import { knownTargets } from "./target.ts";
import type { Half } from "./third-party/recipe.ts";
import { variantNames, variants, type VariantName } from "./variants.ts";

/** What to build and how. Every field has a default. */
export interface BuildOptions {
  /** Root of the source tree. @default this checkout */
  readonly root?: string;
  /** @default "release" */
  readonly variant?: VariantName;
  /** @default the machine that runs the build */
  readonly target?: string;
  /**
   * The C compiler: a name on PATH or a path, and words that belong to it. For another target than the machine that
   * builds, one that compiles for that target.
   * @default $CC, else the first usable of cc, gcc, clang; for another target the one of cross.ts
   */
  readonly cc?: string;
  /**
   * `file` leaves out OpenSSL, curl, nghttp2, nghttp3 and msquic: for development, sanitizers and fuzzing.
   * @default "net", everything
   */
  readonly half?: Half;
  /** The program that makes archives. @default $AR, else the first of ar, llvm-ar; for another target the compiler's */
  readonly ar?: string;
  /**
   * Also build the C unit tests and the fault shims; with a pattern only the tests whose names match, as `base_test`.
   * @default false
   */
  readonly tests?: boolean | RegExp;
  /**
   * Also build the fuzz targets: with libFuzzer in the variant `fuzz`, in others as programs that run the files they are
   * given. @default false
   */
  readonly fuzz?: boolean;
  /** Processes at a time. @default one more than there are CPUs */
  readonly jobs?: number;
  /** Called as the build goes on. */
  readonly onEvent?: (event: BuildEvent) => void;
}

/** What a build reports while it runs. */
export type BuildEvent =
  | { readonly type: "wait"; readonly lock: string }
  /** cargo, for sources, or pip, for the cross compiler, looks for packages that are not here yet. */
  | { readonly type: "fetch"; readonly by: "cargo" | "pip"; readonly packages: readonly string[] }
  | {
      readonly type: "step";
      readonly kind: "compile" | "link";
      readonly output: string;
      readonly command: readonly string[];
    }
  | { readonly type: "done"; readonly done: number; readonly total: number; readonly name: string };

/** A parsed command line. */
export interface BuildCommand {
  readonly options: BuildOptions;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

/** The text of `--help`. */
export const usage = `Builds libcore, the C library under suite.

  bun scripts/build-native.ts [options]

  --variant NAME   ${variantNames.map((name) => `${name}: ${variants[name].about}`).join("\n                   ")}
  --target NAME    ${knownTargets.join(", ")}
                   (default: the machine that builds; macos and windows are not possible yet)
  --cc COMPILER    the C compiler, a name or a path (default: $CC, cc, gcc, clang; for another target: zig, which pip
                   downloads)
  --ar PROGRAM     the program that makes archives (default: $AR, ar, llvm-ar; for another target: the compiler's)
  --half=file      leave out TLS, HTTP and QUIC
  --tests          also build tests/native/*_test.c and tests/fault/*.c
  --fuzz           also build tests/fuzz/*_fuzz.c
  --jobs N         processes at a time (default: one more than there are CPUs)
  --quiet          print nothing but errors
  --verbose        print every command
  --help           print this

The library appears as .cache/native/<target>/<variant>/libcore.so, with --half=file in <variant>-file/.
Exit codes: 0 built or up to date, 2 wrong command line, 4 could not build.
`;

/** Reads the command line; throws a {@link BuildError} with exit code 2 for anything it does not know. */
export function parseBuildArgs(argv: readonly string[]): BuildCommand {
  const { values } = strictArgs(argv);
  const options: { -readonly [K in keyof BuildOptions]: BuildOptions[K] } = {
    tests: values.tests === true,
    fuzz: values.fuzz === true,
  };
  if (values.variant !== undefined) options.variant = variantOf(values.variant);
  if (values.target !== undefined) options.target = values.target;
  if (values.cc !== undefined) options.cc = values.cc;
  if (values.ar !== undefined) options.ar = values.ar;
  if (values.half !== undefined) options.half = halfOf(values.half);
  if (values.jobs !== undefined) options.jobs = jobsOf(values.jobs);
  return {
    options,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
    help: values.help === true,
  };
}

function strictArgs(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        variant: { type: "string" },
        target: { type: "string" },
        cc: { type: "string" },
        ar: { type: "string" },
        half: { type: "string" },
        jobs: { type: "string", short: "j" },
        tests: { type: "boolean" },
        fuzz: { type: "boolean" },
        quiet: { type: "boolean", short: "q" },
        verbose: { type: "boolean", short: "v" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function variantOf(name: string): VariantName {
  const found = variantNames.find((known) => known === name);
  if (found === undefined) throw usageError(`unknown variant "${name}"`, `Variants: ${variantNames.join(", ")}.`);
  return found;
}

function halfOf(name: string): Half {
  if (name !== "file" && name !== "net") throw usageError(`unknown half "${name}"`, "Halves: file, net (everything).");
  return name;
}

function jobsOf(text: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw usageError(`--jobs takes a number from 1, not "${text}"`);
  return Number(text);
}

function usageError(message: string, hint = "See bun scripts/build-native.ts --help."): BuildError {
  return new BuildError(message, { exitCode: exitCodes.usage, hint });
}
