// Finds a compiler whose sanitizer works on this machine. Many have one compiler that cannot: no runtime library beside
// it, or a runtime older than the kernel's address layout.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeProbe, probeCompiler } from "../build/toolchain.ts";
import { variants, type VariantName } from "../build/variants.ts";
import type { Context } from "./layer.ts";
import { run } from "./process.ts";

/** How to build and start programs with a sanitizer. */
export interface SanitizerSetup {
  readonly cc: string;
  /** Goes before the program: empty, or what makes its address layout one the sanitizer knows. */
  readonly launcher: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const environments: Partial<Record<VariantName, Record<string, string>>> = {
  asan: {
    ASAN_OPTIONS: "halt_on_error=1:exitcode=99:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    UBSAN_OPTIONS: "halt_on_error=1:exitcode=99:print_stacktrace=1",
  },
  fuzz: {
    ASAN_OPTIONS: "halt_on_error=1:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
  },
  tsan: { TSAN_OPTIONS: "halt_on_error=1:exitcode=99:second_deadlock_stack=1" },
};

const program = `#include <pthread.h>
static int count;
static void *work(void *unused) { __atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST); return unused; }
int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, work, 0) != 0) return 1;
  pthread_join(thread, 0);
  return count == 1 ? 0 : 1;
}
`;

/** A target in place of the program, which libFuzzer's main runs once. */
const fuzzProgram = `int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long len);
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long len) { return len > 0 && data[0] == 0 ? 0 : 0; }
`;

/** Tries the compilers in turn with a small threaded program; gives the reasons when none will do. */
export async function findSanitizer(variant: VariantName, context: Context): Promise<SanitizerSetup | string> {
  const { sanitizer } = variants[variant];
  const reasons: string[] = [];
  mkdirSync(context.temporary, { recursive: true });
  const folder = mkdtempSync(join(context.temporary, "sanitizer-"));
  writeFileSync(join(folder, "trial.c"), variant === "fuzz" ? fuzzProgram : program);
  const env = environments[variant] ?? {};
  for (const cc of new Set([process.env["CC"] || "cc", "gcc", "clang"])) {
    const trial = join(folder, `trial-${reasons.length}`);
    const probe = probeCompiler(cc);
    if (probe.state !== "ok") {
      reasons.push(describeProbe(probe));
      continue;
    }
    const argv = [
      ...probe.compiler.command,
      `-fsanitize=${sanitizer}`,
      "-pthread",
      join(folder, "trial.c"),
      "-o",
      trial,
    ];
    const built = await run({ argv, seconds: 60 }, context);
    if (!built.ok) {
      reasons.push(`${cc} cannot build with -fsanitize=${sanitizer}: ${built.how}\n${built.output}`);
      continue;
    }
    // setarch -R turns off address randomisation: older runtimes refuse the 32 random bits of newer kernels.
    for (const launcher of [[], ["setarch", "-R"]]) {
      const ran = await run({ argv: [...launcher, trial, ...(variant === "fuzz" ? ["-runs=1"] : [])], env, seconds: 60 }, context);
      if (ran.ok) return { cc, launcher, env };
      reasons.push(
        `${[...launcher, cc].join(" ")}: a program with -fsanitize=${sanitizer} fails: ${ran.how}\n${ran.output}`,
      );
    }
  }
  return reasons.join("\n");
}
