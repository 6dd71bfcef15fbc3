// Every parser against hostile bytes: the committed inputs first, then new ones, as many as a short time allows.
import { BuildError } from "../build/errors.ts";
import { describeFinding, type Finding } from "../fuzz/finding.ts";
import { Fuzzer } from "../fuzz/fuzzer.ts";
import { corpusOf, fuzzTargets, type FuzzTarget } from "../fuzz/targets.ts";
import { oneFailed, onePassed, sum, type Context, type Layer, type Outcome } from "./layer.ts";

/** The same inputs each time; a slow machine tries the first of them. `scripts/fuzz.ts` goes on for as long as it is let. */
const limits = { runs: 20_000, seconds: 5, seed: 1 };

/** The layer that runs every fuzz target. */
export const fuzzLayer: Layer = {
  name: "fuzz",
  about: "parsers against hostile bytes",
  async run(context) {
    let fuzzer: Fuzzer | string;
    try {
      fuzzer = await Fuzzer.build(context);
    } catch (error) {
      if (error instanceof BuildError) return oneFailed("fuzz: build", `${error.message}\n${error.hint ?? ""}`);
      throw error;
    }
    if (typeof fuzzer === "string") return oneFailed("fuzz: no working sanitizer", fuzzer);
    const outcomes: Outcome[] = [];
    for (const target of fuzzTargets(context.root)) outcomes.push(await runTarget(target, fuzzer, context));
    return sum(outcomes);
  },
};

async function runTarget(target: FuzzTarget, fuzzer: Fuzzer, { root }: Context): Promise<Outcome> {
  const replay = `fuzz: inputs of ${target.name}`;
  const files = corpusOf(root, target);
  if (files.length === 0) return oneFailed(replay, `${target.source} has no inputs in ${target.corpus}`);
  const outcomeOf = (name: string, finding: Finding | undefined) =>
    finding === undefined ? onePassed : oneFailed(name, describeFinding(target, finding));
  const replayed = outcomeOf(replay, await fuzzer.replay(target, files));
  const name = `fuzz: new inputs for ${target.name}`;
  if (!fuzzer.canFuzz(target))
    return sum([replayed, { passed: 0, failures: [], skips: [{ name, reason: fuzzer.withoutLibFuzzer ?? "" }] }]);
  // What an old input breaks, new ones break again.
  if (replayed.failures.length > 0) return replayed;
  return sum([replayed, outcomeOf(name, (await fuzzer.fuzz(target, limits)).finding)]);
}
