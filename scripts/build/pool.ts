// Runs stale steps, several at a time.
import { statSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./errors.ts";
import { defaultJobs } from "./jobs.ts";
import type { BuildEvent } from "./options.ts";
import { isFresh, runStep, type FileStates, type Step } from "./step.ts";

/** What the steps of one build share. */
export interface PoolContext {
  readonly root: string;
  readonly jobs: number | undefined;
  readonly states: FileStates;
  readonly onEvent: (event: BuildEvent) => void;
}

/**
 * Brings every step up to date and returns those that had to run. After a failure nothing new is started, what runs is
 * finished, and one {@link BuildError} tells all failures: the objects that were made stay, so the next build goes on.
 */
export async function runSteps(steps: readonly Step[], context: PoolContext): Promise<Step[]> {
  const { root, states, onEvent } = context;
  const stale = steps.filter((step) => !isFresh(root, step, states));
  // The biggest file first: a long compile that starts last would run alone at the end.
  const queue = stale
    .map((step) => ({ step, size: sizeOf(join(root, step.inputs[0] ?? "")) }))
    .sort((a, b) => b.size - a.size)
    .map(({ step }) => step);
  const failures: unknown[] = [];
  let done = 0;
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined && failures.length === 0; step = queue.shift()) {
      onEvent({ type: "step", kind: step.kind, output: step.output, command: step.command });
      try {
        await runStep(root, step, states);
        onEvent({ type: "done", done: ++done, total: stale.length, name: step.name });
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: context.jobs ?? defaultJobs() }, worker));
  if (failures.length > 0) throw together(failures);
  return stale;
}

function together(failures: readonly unknown[]): unknown {
  const bug = failures.find((failure) => !(failure instanceof BuildError));
  if (bug !== undefined) return bug;
  const known = failures as BuildError[];
  const hint = known[0]?.hint;
  const message = known.map((failure) => failure.message).join("\n\n");
  return new BuildError(message, { cause: known[0], ...(hint === undefined ? {} : { hint }) });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
