// What the system says about the threads and descriptors of this process.
import { readdirSync, readFileSync } from "node:fs";

/** How many descriptors are open, without the one that looks. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length - 1;
}

/** The pool's threads: their names, and the processor time each has used, in the kernel's ticks. */
export function poolThreads(): Map<string, number> {
  const found = new Map<string, number>();
  for (const id of readdirSync("/proc/self/task")) {
    try {
      const name = readFileSync(`/proc/self/task/${id}/comm`, "utf8").trim();
      // Past the name in brackets the fields are numbers: the 12th and 13th are user and system time.
      const fields = readFileSync(`/proc/self/task/${id}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      if (name.startsWith("core-")) found.set(name, Number(fields[11]) + Number(fields[12]));
    } catch {
      // It ended between the listing and the look.
    }
  }
  return found;
}

/** Whether any pool thread works while nothing is asked of it. */
export async function isPoolBusy(): Promise<boolean> {
  const before = poolThreads();
  await Bun.sleep(150);
  // One tick may come from the end of the work before.
  return [...poolThreads()].some(([name, ticks]) => ticks - (before.get(name) ?? 0) > 1);
}
