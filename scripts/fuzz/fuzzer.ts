// Builds the fuzz targets and runs them: C under libFuzzer, TypeScript under tests/fuzz/kit/main.ts.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { buildNative } from "../build/native.ts";
import type { VariantName } from "../build/variants.ts";
import type { Context } from "../verify/layer.ts";
import { run, type Ended } from "../verify/process.ts";
import { findSanitizer, type SanitizerSetup } from "../verify/sanitizer.ts";
import { findingIn, findingOf, findingsFolder, type Finding } from "./finding.ts";
import type { FuzzTarget } from "./targets.ts";

/** Nothing is timed; an input that takes as long as this hangs. */
const SECONDS_PER_INPUT = 60;
/** For the start, and for the last input. */
const SPARE_SECONDS = 120;
/** Room for the last input of a target in TypeScript, as tests/fuzz/kit/main.ts lays it out. */
const LAST_BYTES = 8 + 4096;

/** How long to fuzz, and from where. */
export interface FuzzLimits {
  readonly runs: number;
  /** At most so long; 0 for no limit. The number of runs then depends on the machine, the inputs do not. */
  readonly seconds: number;
  readonly seed: number;
  /** A folder that keeps the inputs libFuzzer found worth keeping, for the next time. By default they are dropped. */
  readonly keep?: string;
  /** Receives what the target prints, as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** How fuzzing ended. */
export type Fuzzed = { readonly finding: Finding } | { readonly finding: undefined; readonly runs: number };

/** Programs of the C targets, and how to start them. */
interface Programs {
  readonly folder: string;
  readonly setup: SanitizerSetup;
}

/** Fuzz targets that are ready to run. */
export class Fuzzer {
  readonly #context: Context;
  readonly #programs: Programs | undefined;
  /** Why the C targets can only be replayed: no compiler here has libFuzzer. */
  readonly withoutLibFuzzer: string | undefined;

  private constructor(context: Context, programs: Programs | undefined, withoutLibFuzzer: string | undefined) {
    this.#context = context;
    this.#programs = programs;
    this.withoutLibFuzzer = withoutLibFuzzer;
  }

  /**
   * Builds the C targets: with libFuzzer, or where no compiler has it with another one's sanitizers, for replays.
   * Gives the reason in words when there are no sanitizers either; throws a BuildError.
   */
  static async build(context: Context): Promise<Fuzzer | string> {
    const build = async (variant: VariantName, setup: SanitizerSetup): Promise<Programs> => {
      const { fuzzTargets } = await buildNative({
        root: context.root,
        variant,
        half: "file",
        fuzz: true,
        cc: setup.cc,
      });
      return { folder: join(fuzzTargets[0] ?? "", ".."), setup };
    };
    const fuzzing = await findSanitizer("fuzz", context);
    if (typeof fuzzing !== "string") return new Fuzzer(context, await build("fuzz", fuzzing), undefined);
    const replaying = await findSanitizer("asan", context);
    if (typeof replaying === "string") return `${fuzzing}\n${replaying}`;
    return new Fuzzer(context, await build("asan", replaying), fuzzing);
  }

  /** For targets in TypeScript alone: nothing is built. */
  static ofScripts(context: Context): Fuzzer {
    return new Fuzzer(context, undefined, "nothing was built");
  }

  /** Whether new inputs can be tried, or only old ones. */
  canFuzz(target: FuzzTarget): boolean {
    return target.language === "typescript" || this.withoutLibFuzzer === undefined;
  }

  /** Runs a target once with each file. */
  async replay(target: FuzzTarget, files: readonly string[]): Promise<Finding | undefined> {
    const { argv, env } = this.#command(target);
    const seconds = SPARE_SECONDS + Math.min(files.length, 10) * SECONDS_PER_INPUT;
    const ended = await run({ argv: [...argv, ...files], env, seconds }, this.#context);
    if (ended.ok) return undefined;
    // Each is named before it is run.
    const last = [...ended.output.matchAll(/^Running: (.+)$/gm)].at(-1)?.[1];
    const path = last === undefined ? undefined : resolve(this.#context.root, last);
    if (path === undefined || !existsSync(path)) return nameless(ended);
    return findingIn(this.#context.root, path, ended.how, ended.output);
  }

  /** Tries new inputs, made from those of the corpus. */
  async fuzz(target: FuzzTarget, limits: FuzzLimits): Promise<Fuzzed> {
    const { root, temporary } = this.#context;
    const findings = join(root, findingsFolder(target));
    mkdirSync(findings, { recursive: true });
    const ended = await (target.language === "c" ? this.#fuzzC(target, limits) : this.#fuzzTypeScript(target, limits));
    if (ended.ok) return { finding: undefined, runs: Number(/^Done (\d+) runs/m.exec(ended.output)?.[1] ?? 0) };
    const written = /^.*Test unit written to (.+)$/m.exec(ended.output)?.[1];
    if (written !== undefined && existsSync(written))
      return { finding: findingIn(root, written, ended.how, ended.output) };
    const last = this.#last(join(temporary, `last-${target.name}`));
    return { finding: last ? findingOf(root, target, last, ended.how, ended.output) : nameless(ended) };
  }

  async #fuzzC(target: FuzzTarget, { runs, seconds, seed, keep, onOutput }: FuzzLimits): Promise<Ended> {
    const { root, temporary } = this.#context;
    const { argv, env } = this.#command(target);
    // libFuzzer writes to the first folder; the committed corpus must not be it.
    const found = keep ?? mkdtempSync(join(temporary, `found-${target.name}-`));
    mkdirSync(found, { recursive: true });
    const options = {
      runs,
      seed,
      max_total_time: seconds,
      timeout: SECONDS_PER_INPUT,
      artifact_prefix: `${join(root, findingsFolder(target))}/`,
      print_final_stats: 1,
    };
    const flags = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
    const limit = seconds === 0 ? undefined : seconds + SECONDS_PER_INPUT + SPARE_SECONDS;
    return run(
      {
        argv: [...argv, ...flags, found, target.corpus],
        env,
        ...(limit && { seconds: limit }),
        ...(onOutput && { onOutput }),
      },
      this.#context,
    );
  }

  async #fuzzTypeScript(target: FuzzTarget, { runs, seconds, seed, onOutput }: FuzzLimits): Promise<Ended> {
    const { root, temporary } = this.#context;
    const { argv, env } = this.#command(target);
    const last = join(temporary, `last-${target.name}`);
    writeFileSync(last, new Uint8Array(LAST_BYTES));
    const options = { runs, seconds, seed, last, findings: join(root, findingsFolder(target)) };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    // One that hangs cannot tell of it: the inputs it begins are counted in a file.
    const hanging = new AbortController();
    let before = 0;
    const timer = setInterval(() => {
      const count = readFileSync(last).readUInt32LE(0);
      if (count === before && count > 0) hanging.abort(`no end of an input after ${SECONDS_PER_INPUT} s`);
      before = count;
    }, SECONDS_PER_INPUT * 1000);
    try {
      const command = { argv: [...argv, ...flags, target.corpus], env, signal: hanging.signal };
      return await run({ ...command, ...(onOutput && { onOutput }) }, this.#context);
    } finally {
      clearInterval(timer);
    }
  }

  /** The last input that a target in TypeScript began with. */
  #last(path: string): Uint8Array | undefined {
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    return bytes.readUInt32LE(0) === 0 ? undefined : new Uint8Array(bytes.subarray(8, 8 + bytes.readUInt32LE(4)));
  }

  #command(target: FuzzTarget): { argv: string[]; env: Record<string, string> } {
    if (target.language === "typescript")
      return { argv: [process.execPath, "tests/fuzz/kit/main.ts", target.source], env: {} };
    if (!this.#programs) throw new Error(`${target.source} was not built`);
    const { folder, setup } = this.#programs;
    return { argv: [...setup.launcher, join(folder, basename(target.source, ".c"))], env: { ...setup.env } };
  }
}

function nameless({ how, output }: Ended): Finding {
  return { how, file: undefined, bytes: undefined, output };
}
