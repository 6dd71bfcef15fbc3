/**
 * SIGINT, SIGTERM and SIGHUP: the first cancels, the second ends at once.
 * @module
 */
import { Exit } from "./exit.ts";

const CODES = { SIGINT: Exit.INTERRUPTED, SIGTERM: Exit.TERMINATED, SIGHUP: Exit.HANGUP } as const;

/** Watches for signals while a command works. */
export class Signals implements Disposable {
  readonly #controller = new AbortController();
  readonly #handlers = new Map<keyof typeof CODES, () => void>();
  /** The exit code of the signal that came, if one did. */
  exit: number | undefined;

  constructor() {
    for (const name of Object.keys(CODES) as (keyof typeof CODES)[]) {
      const handler = () => {
        if (this.exit !== undefined) process.exit(CODES[name]);
        this.exit = CODES[name];
        this.#controller.abort(new Error(name));
      };
      this.#handlers.set(name, handler);
      process.on(name, handler);
    }
  }

  /** For the operations of the command. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
  }
}
