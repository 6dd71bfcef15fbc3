/**
 * Standard output: batched, whole, and no faster than it is read.
 * @module
 */
import { readFileSync, writeSync } from "node:fs";
import { suiteError } from "../../src/errors.ts";
import { ClosedPipe } from "./closed-pipe.ts";
import { isMemoryDevice, isTerminal, withoutBlocking } from "./terminal.ts";

const BATCH_BYTES = 64 * 1024;
/** Between two tries to write to a full pipe: short enough for whoever reads on, long enough to cost nothing. */
const LONGEST_PAUSE_MS = 50;
/** How long a line waits for others at most, on a terminal. */
const LINGER_MS = 50;
const CLOSE_ON_EXEC = 0o2000000;

/** Whether the process was started without this descriptor: 0 for standard input, 1 for standard output. */
export function startedClosed(fd: number): boolean {
  // Bun puts /dev/null in the place of a missing descriptor. What was inherited never has close-on-exec set.
  if (!isMemoryDevice(fd)) return false;
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    return false;
  }
}

/** Collects text and bytes, and writes them to a descriptor in large pieces, on a terminal after a moment. */
export class Output {
  #fd: number;
  readonly #terminal: boolean;
  #parts: (string | Uint8Array)[] = [];
  #pending = 0;
  #checked = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The write that is under way; the next one waits for it. Carries the failure of one that nobody awaited. */
  #writing: Promise<void> | undefined;
  #failed = false;
  #before: (() => void) | undefined;
  #after: (() => void) | undefined;

  constructor(fd = 1) {
    this.#fd = fd;
    this.#terminal = isTerminal(fd);
  }

  /** Called around every write: what is in its place on the terminal has to go, and may come back. */
  around(before: () => void, after: () => void): void {
    this.#before = before;
    this.#after = after;
  }

  /** Adds to the batch. Await {@link flush} when {@link full}. */
  write(...parts: (string | Uint8Array)[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#pending += part.length;
    }
    // A person waits for the line; a program is better served with large pieces.
    if (this.#terminal) this.#timer ??= setTimeout(this.now, LINGER_MS);
  }

  /** Writes what is there without waiting for it; a failure is met by the next {@link flush}. */
  readonly now = (): void => void this.flush().catch(() => (this.#failed = true));

  /** Enough is waiting to be worth a system call, or a write that nobody awaited has failed. */
  get full(): boolean {
    return this.#pending >= BATCH_BYTES || this.#failed;
  }

  /**
   * Writes all that was added.
   *
   * @throws ClosedPipe when the reader went away
   * @throws SuiteError E_WRITE for any other failure
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing) return (this.#writing = this.#writing.then(() => this.#writeAll()));
    if (this.#pending === 0) return Promise.resolve();
    const writing = this.#writeAll().then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    return (this.#writing = writing);
  }

  async #writeAll(): Promise<void> {
    if (this.#pending === 0) return;
    const bytes = Buffer.concat(this.#parts.map((p) => (typeof p === "string" ? Buffer.from(p) : p)));
    this.#parts = [];
    this.#pending = 0;
    if (!this.#checked && this.#fd === 1 && startedClosed(1)) {
      throw suiteError("E_WRITE", "standard output is closed", { op: "write" });
    }
    if (!this.#checked) this.#fd = withoutBlocking(this.#fd);
    this.#checked = true;
    let pause = 1;
    this.#before?.();
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
        pause = 1;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === "EPIPE") throw new ClosedPipe();
        if (code !== "EAGAIN" && code !== "EINTR") {
          const why = error instanceof Error ? error.message : String(error);
          throw suiteError("E_WRITE", `standard output: ${why}`, { op: "write", cause: error });
        }
        // A full pipe: let signals in, and wait for its reader, ever longer while it does nothing.
        await Bun.sleep(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    this.#after?.();
  }
}
