// What a test layer is, and what it reports.

/** One check that did not hold. */
export interface Failure {
  readonly name: string;
  /** Everything that was captured about it, as it was printed. */
  readonly detail: string;
}

/** One check that did not run. */
export interface Skip {
  readonly name: string;
  /** What the test itself says; the table in skips.ts may know more. */
  readonly reason: string;
}

/** What a layer, or a part of one, gave. */
export interface Outcome {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Skip[];
}

/** What the layers share. */
export interface Context {
  /** Root of the checkout. */
  readonly root: string;
  /** A folder of this run alone, given to all children as TMPDIR. */
  readonly temporary: string;
}

/** One layer of tests. */
export interface Layer {
  /** As `--only` takes it. */
  readonly name: string;
  readonly about: string;
  /** Run only where `--only` names it: it takes minutes the first time, and others look at most of the same. */
  readonly named?: boolean;
  readonly run: (context: Context) => Promise<Outcome>;
}

/** An outcome with nothing in it. */
export const nothing: Outcome = { passed: 0, failures: [], skips: [] };

/** A single check that held. */
export const onePassed: Outcome = { passed: 1, failures: [], skips: [] };

/** A single check that did not hold. */
export function oneFailed(name: string, detail: string): Outcome {
  return { passed: 0, failures: [{ name, detail }], skips: [] };
}

/** The sum of some outcomes, in order. */
export function sum(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((count, { passed }) => count + passed, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    skips: outcomes.flatMap(({ skips }) => skips),
  };
}
