// What more threads than one are worth: the same work with one, and with as many as the machine has.
import type { Row } from "../lib/runner.ts";
import type { Measured } from "./bars.ts";

/** One comparison, with one thread and with several. */
export interface ParallelRow {
  readonly title: string;
  readonly kind: Row["kind"];
  readonly oneNs: number;
  readonly manyNs: number;
  /** Threads asked for: those of the machine, at most 8, unless a call names them. */
  readonly threads: number;
  /** How many times as fast the second is. */
  readonly gain: number;
}

/** Contenders that are the same but for their threads; those of the machine, or a number of their own. */
const TWINS: readonly { readonly one: string; readonly many: string; readonly threads?: number }[] = [
  { one: "suite-j1", many: "suite" },
  { one: "suite-api-j1", many: "suite-api" },
  { one: "suite-api-j1", many: "suite-api-j4", threads: 4 },
];

/** The pool has no more threads than this, however many cores there are. */
const MOST_THREADS = 8;

/** Parallel against sequential, for all cases that were measured both ways. */
export function parallel(cases: readonly (Measured & { readonly title: string })[], cores: number): ParallelRow[] {
  return cases.flatMap(({ title, rows }) =>
    TWINS.flatMap(({ one, many, threads = Math.min(cores, MOST_THREADS) }): ParallelRow[] => {
      const [first, second] = [one, many].map((id) => rows.find((row) => row.id === id));
      if (!first?.wallNs || !second?.wallNs) return [];
      const [oneNs, manyNs] = [first.wallNs.median, second.wallNs.median];
      return [{ title, kind: first.kind, oneNs, manyNs, threads, gain: oneNs / manyNs }];
    }),
  );
}
