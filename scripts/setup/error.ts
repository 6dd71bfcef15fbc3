// The error of a machine that is not ready, with a message that is complete as it stands.
import { exitCodes } from "../build/errors.ts";

/** Something this machine lacks; the message says what, why, and what to type. */
export class SetupError extends Error {
  readonly exitCode: number = exitCodes.failed;

  constructor(message: string) {
    super(message);
    this.name = "SetupError";
  }
}
