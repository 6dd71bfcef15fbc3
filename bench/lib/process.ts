// One run of a command, measured from outside: its start is part of it.

/** What one run took. */
export interface ProcessSample {
  readonly wallNs: number;
  /** User and system time of the process and its children. */
  readonly cpuNs: number;
  readonly exit: number;
}

/** Runs a command with nothing on its input and its output dropped. */
export async function timed(argv: readonly string[]): Promise<ProcessSample> {
  const start = Bun.nanoseconds();
  const child = Bun.spawn([...argv], { stdio: ["ignore", "ignore", "ignore"] });
  const exit = await child.exited;
  const wallNs = Bun.nanoseconds() - start;
  return { wallNs, cpuNs: Number(child.resourceUsage()?.cpuTime.total ?? 0) * 1e3, exit };
}

/** Runs a command for what it says. */
export async function observed(argv: readonly string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([...argv], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exit: await child.exited, stdout, stderr };
}

let gnuTime: string | undefined | null;

/** GNU time, which is a command of its own and not the shell's word. */
function findTime(): string | undefined {
  if (gnuTime !== undefined) return gnuTime ?? undefined;
  const path = Bun.which("time") ?? Bun.which("gtime");
  const works = path && Bun.spawnSync([path, "-f", "%M", "true"], { stdio: ["ignore", "ignore", "pipe"] }).success;
  gnuTime = works ? path : null;
  return gnuTime ?? undefined;
}

/**
 * The largest resident size of a command in bytes, in a run of its own. A process begins its life as a copy of the one
 * that starts it, and Linux counts that too: so a small program must do it, and not this one.
 */
export async function maxResident(argv: readonly string[]): Promise<number | undefined> {
  const time = findTime();
  if (!time) return undefined;
  const { stderr } = await observed([time, "-f", "%M", ...argv]);
  const kilobytes = Number(stderr.trim().split("\n").at(-1));
  return Number.isInteger(kilobytes) ? kilobytes * 1024 : undefined;
}

/** A command line as a person would type it. */
export function shellWords(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
