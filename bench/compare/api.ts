// A warm process of the comparison benchmark: loads what a task needs, and does the task as often as it is told.
import { heapStats } from "bun:jsc";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { Job, Reply } from "../lib/host.ts";

/** One comparison: whether the sides are equal. */
type Task = (job: Job) => boolean | Promise<boolean>;

/** The longest time between two calls of a timer of 1 ms, of the last task that watched for it. */
let longestGapNs: number | undefined;

const TASKS: Record<string, () => Promise<Task>> = {
  "suite compare": async () => {
    const { compare } = await import("../../src/index.ts");
    return async ({ left, right, options }) => (await compare(left, right, options)).equal;
  },
  "suite compare, watched": async () => {
    const { compare } = await import("../../src/index.ts");
    return async ({ left, right }) => {
      let last = Bun.nanoseconds();
      longestGapNs = 0;
      const look = () => {
        const now = Bun.nanoseconds();
        longestGapNs = Math.max(longestGapNs ?? 0, now - last);
        last = now;
      };
      const timer = setInterval(look, 1);
      try {
        return (await compare(left, right, { quickCheck: false })).equal;
      } finally {
        look();
        clearInterval(timer);
      }
    };
  },
  "suite compareArchive": async () => {
    const { compareArchive } = await import("../../src/index.ts");
    return async ({ left, right, options }) => (await compareArchive(left, right, options)).equal;
  },
  "suite compareSync": async () => {
    const { compareSync } = await import("../../src/index.ts");
    return ({ left, right, options }) => compareSync(left, right, options).equal;
  },
  "Bun.mmap": async () => {
    return ({ left, right }) => Buffer.from(Bun.mmap(left).buffer).equals(Bun.mmap(right));
  },
  readFileSync: async () => {
    return ({ left, right }) => readFileSync(left).equals(readFileSync(right));
  },
  "Bun.file": async () => {
    return async ({ left, right }) => {
      const [a, b] = await Promise.all([Bun.file(left).bytes(), Bun.file(right).bytes()]);
      return Buffer.from(a.buffer).equals(b);
    };
  },
  "read only": async () => {
    const buffer = Buffer.alloc(1 << 20);
    // What no comparison can do without: both files opened, read into memory that is there already, closed.
    return ({ left, right }) => {
      for (const path of [left, right]) {
        const file = openSync(path, "r");
        while (readSync(file, buffer, 0, buffer.length, null) === buffer.length);
        closeSync(file);
      }
      return true;
    };
  },
  "dir-compare": async () => {
    const { compare } = await import("dir-compare");
    return async ({ left, right }) => (await compare(left, right, { compareContent: true, noDiffSet: true })).same;
  },
};

const loaded = new Map<string, Task>();

async function taskOf(name: string): Promise<Task> {
  const known = loaded.get(name);
  if (known) return known;
  const load = TASKS[name];
  if (!load) throw new Error(`no such task: ${name}`);
  const task = await load();
  loaded.set(name, task);
  return task;
}

/** The largest size this memory has had: the kernel starts counting with this program, unlike getrusage(). */
function residentBytes(): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

async function perform(job: Job): Promise<Reply> {
  const task = await taskOf(job.task);
  let equal = true;
  const cpu = process.cpuUsage();
  const start = Bun.nanoseconds();
  for (let i = 0; i < job.times; i++) {
    const same = task(job);
    // An await that is not needed costs as much as the smallest comparison.
    equal = typeof same === "boolean" ? same : await same;
  }
  const wallNs = (Bun.nanoseconds() - start) / job.times;
  const { user, system } = process.cpuUsage(cpu);
  // What was mapped or read must not stay: neither in memory nor in the page cache.
  Bun.gc(true);
  return {
    wallNs,
    cpuNs: ((user + system) * 1e3) / job.times,
    equal,
    residentBytes: residentBytes(),
    heapBytes: heapStats().heapSize,
    ...(longestGapNs !== undefined && { longestGapNs }),
  };
}

process.on("message", (job: Job) => {
  const send = (reply: Reply) => process.send?.(reply);
  perform(job).then(send, (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }));
});
process.on("disconnect", () => process.exit(0));
