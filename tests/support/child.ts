// Scripts in a process of their own, for what only the end of a process shows.
import { join } from "node:path";

/** The root of the checkout. */
export const ROOT = join(import.meta.dir, "../..");

/**
 * The words that run `suite`: from its sources, or the executable that `UNDER_TEST` names, which the layer `cli-dist` of
 * verify does. The one place that decides it.
 */
export const CLI: readonly string[] = process.env["UNDER_TEST"]
  ? [process.env["UNDER_TEST"]]
  : [process.execPath, join(ROOT, "cli/main.ts")];

/** How a child ended. */
export interface Ended {
  /** Its exit code; null when a signal or the time limit ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, or kills it after `seconds`. */
export async function runCommand(
  argv: string[],
  { env = {}, seconds = 30, stdin }: { env?: Record<string, string>; seconds?: number; stdin?: Uint8Array } = {},
): Promise<Ended> {
  const child = Bun.spawn(argv, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdin: stdin ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code: child.exitCode, stdout, stderr };
}

/** Runs TypeScript that imports from "suite". */
export function runScript(source: string, options?: Parameters<typeof runCommand>[1]): Promise<Ended> {
  return runCommand([process.execPath, "-e", withSuite(source)], options);
}

/** Source text with the library's name replaced by the file it is, wherever the text will stand. */
export function withSuite(source: string): string {
  return source
    .replaceAll('"suite"', JSON.stringify(join(ROOT, "src/index.ts")))
    .replaceAll('"suite/compare/dir-compare"', JSON.stringify(join(ROOT, "src/compare/dir-compare.ts")));
}

/** Runs the command line. */
export function runCli(args: string[], options?: Parameters<typeof runCommand>[1]): Promise<Ended> {
  return runCommand([...CLI, ...args], options);
}
