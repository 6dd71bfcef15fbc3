// The C unit tests: programs that print `ok NAME`, `not ok NAME: why` or `skip NAME: why`, one line per test.
import { basename } from "node:path";
import { BuildError } from "../build/errors.ts";
import { buildNative } from "../build/native.ts";
import type { Half } from "../build/third-party/recipe.ts";
import type { VariantName } from "../build/variants.ts";
import { oneFailed, sum, type Context, type Failure, type Layer, type Outcome } from "./layer.ts";
import { run, type Ended } from "./process.ts";
import { findSanitizer, type SanitizerSetup } from "./sanitizer.ts";

/** How long one test program may take; sanitizers slow a program down many times over. */
const secondsPerProgram = 300;

/** The layer that runs every C test program of one variant and half. */
export function cLayer(name: string, variant: VariantName, about: string, half: Half = "net"): Layer {
  return { name, about, run: (context) => runPrograms(name, variant, half, context) };
}

async function runPrograms(layer: string, variant: VariantName, half: Half, context: Context): Promise<Outcome> {
  const setup = variant === "release" ? undefined : await findSanitizer(variant, context);
  if (typeof setup === "string") return oneFailed(`${layer}: no working sanitizer`, setup);
  let programs: readonly string[];
  try {
    const cc = setup === undefined ? {} : { cc: setup.cc };
    programs = (await buildNative({ root: context.root, variant, half, tests: true, ...cc })).tests;
  } catch (error) {
    if (error instanceof BuildError) return oneFailed(`${layer}: build`, `${error.message}\n${error.hint ?? ""}`);
    throw error;
  }
  if (programs.length === 0) return oneFailed(`${layer}: no test programs`, "tests/native holds no *_test.c");
  const outcomes = [];
  for (const program of programs) outcomes.push(await runProgram(layer, program, setup, context));
  return sum(outcomes);
}

/** Runs one test program, with words before it and variables that it needs. */
export async function runProgram(
  layer: string,
  program: string,
  setup: Pick<SanitizerSetup, "launcher" | "env"> | undefined,
  context: Context,
): Promise<Outcome> {
  const argv = [...(setup?.launcher ?? []), program];
  const ended = await run({ argv, seconds: secondsPerProgram, env: setup?.env ?? {} }, context);
  return readProgram(`${layer}/${basename(program)}`, ended);
}

/** Reads what a test program printed. A program that ends badly after only good tests is one failure more. */
export function readProgram(name: string, ended: Ended): Outcome {
  let passed = 0;
  const failures: Failure[] = [];
  const skips = [];
  for (const line of ended.stdout.split("\n")) {
    const [, verdict, test = "", why = ""] = /^(ok|not ok|skip) ([^:]+)(?:: (.*))?$/.exec(line) ?? [];
    if (verdict === "ok") passed++;
    if (verdict === "skip") skips.push({ name: `${name}: ${test}`, reason: why || "skipped by the test" });
    if (verdict === "not ok") failures.push({ name: `${name}: ${test}`, detail: why });
  }
  // The output may say more than the verdict, and is shown once, with the first failure.
  if (failures[0] !== undefined) failures[0] = { name: failures[0].name, detail: ended.output };
  else if (!ended.ok) failures.push({ name: `${name}: ${ended.how}`, detail: ended.output });
  else if (passed + skips.length === 0) failures.push({ name: `${name}: no test ran`, detail: ended.output });
  return { passed, failures, skips };
}
