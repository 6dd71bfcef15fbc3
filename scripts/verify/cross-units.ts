// C unit tests built for other targets with the cross compiler, the file half of the library: for arm64 in an emulator, and
// for musl as static programs, which any Linux runs.
import { BuildError } from "../build/errors.ts";
import { buildNative } from "../build/native.ts";
import type { Target } from "../build/target.ts";
import { ZigMissing } from "../build/zig.ts";
import { runProgram } from "./c-units.ts";
import { findArm64 } from "./emulator.ts";
import { nothing, oneFailed, sum, type Context, type Layer, type Outcome } from "./layer.ts";

/**
 * Tests of what differs between processors: bytes, words and system calls. An emulator is ten times as slow, so those that
 * turn loops of plain C many times are left to this machine.
 */
const processorTests =
  /^(base|catalogue|dir|fault|glob|names|opener|pack_reader|pair|pair_fault|pair_sparse|reader|third_party_\w+|wire|zip)_test$/;

/** For an emulator: a fifth of the rounds of tests that go on in rounds. */
const fewRounds = { SUITE_TEST_ROUNDS: "20" };

/** The layer that builds the file half for arm64, and runs C test programs in an emulator. */
export const arm64Layer: Layer = {
  name: "c-arm64",
  about: "C units of the file half, cross compiled, on an emulated arm64",
  named: true,
  async run(context) {
    const name = "c-arm64";
    if (process.platform !== "linux" || process.arch !== "x64") return skipped(name, "only done on Linux on x86_64");
    // Also where there is no emulator: tests/e2e/cross.test.ts looks at what was built.
    const programs = await build(name, "linux-arm64-gnu", processorTests, context);
    if (!Array.isArray(programs)) return programs;
    const emulator = findArm64();
    if (typeof emulator === "string") return skipped(name, emulator);
    return runAll(name, programs, emulator.launcher, context, fewRounds);
  },
};

/** The layer that builds the file half for musl, and runs all of its C test programs. */
export const muslLayer: Layer = {
  name: "c-musl",
  about: "C units of the file half, cross compiled, with musl",
  named: true,
  async run(context) {
    const name = "c-musl";
    if (process.platform !== "linux" || process.arch !== "x64") return skipped(name, "only done on Linux on x86_64");
    const programs = await build(name, "linux-x64-musl", true, context);
    return Array.isArray(programs) ? runAll(name, programs, [], context) : programs;
  },
};

function skipped(layer: string, reason: string): Outcome {
  return { ...nothing, skips: [{ name: `${layer}: C units for another target`, reason }] };
}

/** The test programs, or why there are none. */
async function build(
  layer: string,
  target: Target,
  tests: true | RegExp,
  { root }: Context,
): Promise<string[] | Outcome> {
  try {
    const { tests: programs } = await buildNative({ root, target, half: "file", tests });
    return programs.length > 0 ? [...programs] : oneFailed(`${layer}: no test programs`, `none is ${tests}`);
  } catch (error) {
    if (error instanceof ZigMissing) return skipped(layer, error.message);
    if (error instanceof BuildError) return oneFailed(`${layer}: build`, `${error.message}\n${error.hint ?? ""}`);
    throw error;
  }
}

async function runAll(
  layer: string,
  programs: readonly string[],
  launcher: readonly string[],
  context: Context,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcomes = [];
  for (const program of programs) outcomes.push(await runProgram(layer, program, { launcher, env }, context));
  return sum(outcomes);
}
