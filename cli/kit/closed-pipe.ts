/**
 * The reader of standard output went away. A file of its own, since every
 * start needs it, also where nothing is written by way of output.ts.
 * @module
 */
import { Exit } from "./exit.ts";

/** The reader of standard output went away: the command ends quietly. */
export class ClosedPipe extends Error {
  readonly exitCode = Exit.CLOSED_PIPE;
}
