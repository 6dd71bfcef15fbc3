// The bench's side of a warm process: a program that loads a library once and then does what it is told.
import { BenchError } from "./args.ts";

/** What a warm process is asked for. */
export interface Job {
  readonly task: string;
  readonly left: string;
  readonly right: string;
  /** How often, one after the other. */
  readonly times: number;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What it answers. */
export interface Answer {
  /** Of one repetition, on average. */
  readonly wallNs: number;
  /** Of one repetition, on average, over all threads of the process. */
  readonly cpuNs: number;
  readonly equal: boolean;
  /** Largest resident size so far. */
  readonly residentBytes: number;
  /** Size of the JavaScript heap after a full collection, where asked for. */
  readonly heapBytes?: number;
  /** The longest time for which the thread heard no timer, where asked for. */
  readonly longestGapNs?: number;
}

/** What comes back for a job, or for one that threw. */
export type Reply = Answer | { readonly error: string };

/** One warm process. */
export class Host implements AsyncDisposable {
  readonly #child: Bun.Subprocess;
  #waiting: ((reply: Reply) => void) | undefined;

  constructor(program: string) {
    this.#child = Bun.spawn(["bun", program], {
      stdio: ["ignore", "ignore", "inherit"],
      ipc: (reply: Reply) => this.#settle(reply),
      onExit: (_, code) => this.#settle({ error: `${program} ended with exit code ${code}` }),
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(reply);
  }

  /** Does one job. One at a time. */
  async run(job: Job): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting = resolve;
    this.#child.send(job);
    const reply = await promise;
    if ("error" in reply) throw new BenchError(`${job.task}: ${reply.error}`, 4);
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = undefined;
    this.#child.disconnect();
    this.#child.kill();
    await this.#child.exited;
  }
}
