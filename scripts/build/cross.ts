// The tools for a target that is not the machine that builds: zig, or a compiler that was named. The machine's own cc
// and ar, and what CC and AR name, are for the machine, and not asked.
import { BuildError, exitCodes } from "./errors.ts";
import type { BuildEvent } from "./options.ts";
import { hostTarget } from "./target.ts";
import { findArchiver, findCompiler, findProgram, type Compiler, type Toolchain } from "./toolchain.ts";
import { ensureZig } from "./zig.ts";

/**
 * What zig calls the targets. 2.17 is the oldest glibc the library runs on, of 2012: zig links against its symbols, so
 * the result needs nothing newer.
 */
const zigTargets: Readonly<Record<string, string>> = {
  "linux-x64-gnu": "x86_64-linux-gnu.2.17",
  "linux-arm64-gnu": "aarch64-linux-gnu.2.17",
  "linux-x64-musl": "x86_64-linux-musl",
  "linux-arm64-musl": "aarch64-linux-musl",
};

/** What {@link crossToolchain} needs to know. */
export interface CrossContext {
  readonly root: string;
  /** A compiler instead of zig. */
  readonly cc?: string;
  readonly ar?: string;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** Finds or fetches the tools for a Linux target. Throws a {@link BuildError}. */
export async function crossToolchain(target: string, context: CrossContext): Promise<Toolchain> {
  const compiler = context.cc === undefined ? await zigFor(target, context) : findCompiler(context.cc);
  checkTarget(compiler, target);
  return { compiler, ar: context.ar === undefined ? archiverOf(compiler, target) : findArchiver(context.ar) };
}

async function zigFor(target: string, { root, onEvent = () => {} }: CrossContext): Promise<Compiler> {
  const zig = await ensureZig(root, onEvent);
  const words = ["-target", zigTargets[target] ?? target];
  return {
    name: "zig cc",
    // Without optimisation zig lets undefined behaviour trap, which would need a runtime library.
    command: [...zig.command, "cc", ...words, "-fno-sanitize=undefined"],
    family: "clang",
    version: [0, 0, 0],
    fingerprint: `${zig.fingerprint} ${words.join(" ")}`,
  };
}

/** What tells targets apart, as a preprocessor sees it; what is not defined stays a word. */
const targetProbe = "#include <features.h>\n__linux__ __x86_64__ __aarch64__ __GLIBC__\n";

/** A compiler for another target would make a library that no process there can open. */
function checkTarget({ name, command }: Compiler, target: string): void {
  const run = Bun.spawnSync([...command, "-E", "-P", "-x", "c", "-"], { stdin: Buffer.from(targetProbe) });
  if (!run.success) {
    throw new BuildError(`${name} cannot compile for ${target}\n${run.stderr.toString().trim()}`);
  }
  const found = parseTarget(run.stdout.toString());
  if (found === target) return;
  throw new BuildError(`${name} compiles for ${found}, and not for ${target}`, {
    exitCode: exitCodes.usage,
    hint: `Name a compiler for ${target} with --cc, or leave --cc out.`,
  });
}

/** The target that the preprocessed {@link targetProbe} tells of. */
export function parseTarget(text: string): string {
  const [linux = "", x64 = "", arm64 = "", glibc = ""] = text.trim().split(/\s+/).slice(-4);
  if (linux !== "1") return "another system than Linux";
  const arch = x64 === "1" ? "x64" : arm64 === "1" ? "arm64" : "another processor";
  return `linux-${arch}-${/^\d+$/.test(glibc) ? "gnu" : "musl"}`;
}

/** The archiver that belongs to a compiler. One of another target writes archives whose index linkers cannot read. */
function archiverOf({ name, command, family }: Compiler, target: string): readonly string[] {
  // zig and its like: `zig cc ...` and `zig ar`.
  const cc = command.lastIndexOf("cc");
  if (family === "clang" && cc > 0) return [...command.slice(0, cc), "ar"];
  if (family === "clang") return findArchiver("llvm-ar");
  const run = Bun.spawnSync([...command, "-print-prog-name=ar"], { stdin: "ignore" });
  const found = run.stdout.toString().trim();
  const sameArch = target.split("-")[1] === hostTarget().split("-")[1];
  // A bare name is what gcc says when it has none of its own.
  const program = found.includes("/") || sameArch ? findProgram(found || "ar") : undefined;
  if (program !== undefined) return program;
  throw new BuildError(`${name} has no ar of its own for ${target}`, {
    hint: "Name the program that makes archives for that target with --ar.",
  });
}
