// How many processes a build runs at a time.
import { availableParallelism } from "node:os";

/** One more than there are CPUs: while one is started or its result put into place, the others keep all CPUs busy. */
export function defaultJobs(): number {
  return availableParallelism() + 1;
}
