/**
 * `--version` and nothing else, as fast as can be: scripts ask for it before
 * they do anything. node:fs alone, which output.ts needs, would double it.
 * @module
 */
import { suiteError } from "../../src/errors.ts";
import { ClosedPipe } from "./closed-pipe.ts";
import { Exit } from "./exit.ts";
import { versionLine } from "./version.ts";

/** Prints the line: the exit code. Throws what {@link Output.flush} throws. */
export async function printVersion(): Promise<number> {
  // A missing descriptor is /dev/null here, which is rarely asked for on purpose. Only then it is worth a closer look.
  if ((await Bun.file(1).stat()).isCharacterDevice()) {
    const { Output } = await import("./output.ts");
    const output = new Output();
    output.write(versionLine());
    await output.flush();
    return Exit.OK;
  }
  try {
    await Bun.write(Bun.stdout, versionLine());
    return Exit.OK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") throw new ClosedPipe();
    const why = error instanceof Error ? error.message : String(error);
    throw suiteError("E_WRITE", `standard output: ${why}`, { op: "write", cause: error });
  }
}
