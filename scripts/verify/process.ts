// Runs one child to its end or to its time limit, with everything it prints captured.
import { spawn, type ChildProcess } from "node:child_process";
import type { Context } from "./layer.ts";

/** How a child ended. */
export interface Ended {
  readonly ok: boolean;
  /** In words: `exit code 1`, `killed by SIGSEGV`, `no end after 120 s`. */
  readonly how: string;
  /** Standard output alone. */
  readonly stdout: string;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** What to run. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Killed after so long. Without it the signal, or a person, has to end it. */
  readonly seconds?: number;
  /** Kills it; the reason is told as how it ended. */
  readonly signal?: AbortSignal;
  /** Receives both outputs as they come. */
  readonly onOutput?: (text: string) => void;
}

const running = new Set<ChildProcess>();

/**
 * Runs a command in the root of the checkout. The child leads a process group of its own, and what is left of the group
 * is killed when the child ends, so that a test cannot leave processes behind.
 */
export function run(command: Command, context: Context): Promise<Ended> {
  const [program = "", ...args] = command.argv;
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = spawn(program, args, {
    cwd: context.root,
    env: { ...process.env, TMPDIR: context.temporary, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const stdout: Buffer[] = [];
  const output: Buffer[] = [];
  let killed: string | undefined;
  const kill = (why: string) => {
    killed = why;
    killGroup(child);
  };
  const took = (chunk: Buffer) => {
    output.push(chunk);
    command.onOutput?.(chunk.toString());
  };
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    took(chunk);
  });
  child.stderr.on("data", took);
  const { seconds, signal } = command;
  const timer = seconds === undefined ? undefined : setTimeout(() => kill(`no end after ${seconds} s`), seconds * 1000);
  signal?.addEventListener("abort", () => kill(String(signal.reason)), { once: true });

  const end = (how: string, ok: boolean) => {
    clearTimeout(timer);
    running.delete(child);
    resolve({ ok, how, stdout: Buffer.concat(stdout).toString(), output: Buffer.concat(output).toString() });
  };
  child.on("error", (error) => end(`could not start: ${error.message}`, false));
  // A grandchild may hold the pipes open after the child itself is gone; then "close" would never come.
  child.on("exit", () => killGroup(child));
  child.on("close", (code, signal) => {
    if (killed !== undefined) end(killed, false);
    else if (signal !== null) end(`killed by ${signal}`, false);
    else end(`exit code ${code}`, code === 0);
  });
  return promise;
}

/** Ends every child that still runs; for the way out after a signal. */
export function killAll(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group is gone already.
  }
}
