// Which C compiler there is. It is asked what it is, rather than known by its name: `cc` can be either.
import { statSync } from "node:fs";
import { BuildError } from "./errors.ts";

/** A C compiler that runs. */
export interface Compiler {
  /** As it was asked for, for messages. */
  readonly name: string;
  /** How to start it: where it was found, and the words that belong to it, as in `ccache gcc`. */
  readonly command: readonly string[];
  readonly family: "gcc" | "clang";
  readonly version: readonly [major: number, minor: number, patch: number];
  /** Changes when the compiler does, so that objects of another one are not used. */
  readonly fingerprint: string;
}

/** What builds the library for one target. */
export interface Toolchain {
  readonly compiler: Compiler;
  /** The program that makes archives, and the words that belong to it. */
  readonly ar: readonly string[];
}

/** The oldest compilers that know C17 and every warning the build turns on. */
export const oldestMajor = { gcc: 9, clang: 10 } as const;

/** {@link oldestMajor} for messages. */
export const wantedCompiler = `gcc ${oldestMajor.gcc} or clang ${oldestMajor.clang}, or newer`;

/** How to get a C compiler, per system. */
export const compilerInstallHint = `A C compiler is needed (${wantedCompiler}):
  Debian, Ubuntu   apt-get install -y gcc libc6-dev
  Fedora           dnf install -y gcc
  Alpine           apk add gcc musl-dev
  macOS            xcode-select --install`;

/** The names that are tried, in order. `CC` is the conventional way to choose one; an empty one counts as none. */
export function compilerNames(cc?: string): string[] {
  const chosen = cc ?? process.env["CC"];
  return chosen ? [chosen] : ["cc", "gcc", "clang"];
}

/** What became of one name. */
export type CompilerProbe =
  | { readonly state: "ok" | "old"; readonly compiler: Compiler }
  | { readonly state: "missing" | "broken"; readonly name: string; readonly detail: string };

const macros = "__clang_major__ __clang_minor__ __clang_patchlevel__ __GNUC__ __GNUC_MINOR__ __GNUC_PATCHLEVEL__";

/** Finds one compiler and asks it for its version, by way of the macros it predefines. */
export function probeCompiler(name: string): CompilerProbe {
  const command = findProgram(name);
  if (command === undefined) return { state: "missing", name, detail: "not found" };
  const run = Bun.spawnSync([...command, "-E", "-P", "-x", "c", "-"], { stdin: Buffer.from(`${macros}\n`) });
  const output = run.stdout.toString();
  if (!run.success) return { state: "broken", name, detail: firstLine(run.stderr.toString()) };
  const parsed = parseVersion(output);
  if (parsed === undefined) return { state: "broken", name, detail: "neither gcc nor clang" };
  const stat = statSync(command[0]);
  const fingerprint = `${command.join(" ")} ${parsed.family} ${parsed.version.join(".")} ${stat.size} ${stat.mtimeMs}`;
  const compiler = { name, command, ...parsed, fingerprint };
  return { state: parsed.version[0] >= oldestMajor[parsed.family] ? "ok" : "old", compiler };
}

/** Reads what the preprocessor made of the version macros; a macro that is not defined stays a word. */
export function parseVersion(text: string): Pick<Compiler, "family" | "version"> | undefined {
  const words = text.trim().split(/\s+/).slice(-6).map(Number);
  const [clangMajor = NaN, clangMinor = 0, clangPatch = 0, gccMajor = NaN, gccMinor = 0, gccPatch = 0] = words;
  if (!Number.isNaN(clangMajor)) return { family: "clang", version: [clangMajor, clangMinor, clangPatch] };
  if (!Number.isNaN(gccMajor)) return { family: "gcc", version: [gccMajor, gccMinor, gccPatch] };
  return undefined;
}

/** The compiler to build with: the first usable one. Throws a {@link BuildError} that says what was found instead. */
export function findCompiler(cc?: string): Compiler {
  const reasons: string[] = [];
  for (const name of compilerNames(cc)) {
    const probe = probeCompiler(name);
    if (probe.state === "ok") return probe.compiler;
    reasons.push(describeProbe(probe));
  }
  throw new BuildError(`no usable C compiler: ${reasons.join("; ")}`, { hint: compilerInstallHint });
}

/** One probe in words, such as `gcc: 8.3.0 is too old`. */
export function describeProbe(probe: CompilerProbe): string {
  if ("compiler" in probe) {
    const { name, family, version } = probe.compiler;
    return `${name}: ${family} ${version.join(".")}${probe.state === "old" ? " is too old" : ""}`;
  }
  return `${probe.name}: ${probe.detail}`;
}

/** The program that makes archives of objects; it comes with every compiler. */
export function findArchiver(ar?: string): readonly string[] {
  const chosen = ar ?? process.env["AR"];
  for (const name of chosen ? [chosen] : ["ar", "llvm-ar"]) {
    const command = findProgram(name);
    if (command !== undefined) return command;
  }
  throw new BuildError(`${chosen || "ar"} was not found`, {
    hint: `It makes archives of compiled files and comes with the compiler.\n${compilerInstallHint}`,
  });
}

/** A whole name that is a program, else a program and its first arguments. */
export function findProgram(name: string): [program: string, ...words: string[]] | undefined {
  const whole = Bun.which(name);
  if (whole !== null) return [whole];
  const [first = "", ...words] = name.trim().split(/\s+/);
  const program = Bun.which(first);
  return program === null ? undefined : [program, ...words];
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] || "does not run";
}
