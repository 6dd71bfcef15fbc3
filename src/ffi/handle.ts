/**
 * Owns what C returned through an out-parameter.
 * @module
 */
import { coreError, suiteError } from "../errors.ts";
import type { Pointer } from "bun:ffi";

/** One object of libcore, closed once, never used after. */
export abstract class Handle implements Disposable {
  #pointer: Pointer | null;
  readonly #what: string;

  protected constructor(pointer: Pointer, what: string) {
    this.#pointer = pointer;
    this.#what = what;
  }

  /** The pointer, for one call. Throws E_CLOSED after close(). */
  protected guard(): Pointer {
    if (this.#pointer === null) throw suiteError("E_CLOSED", `the ${this.#what} is closed`, { op: "use" });
    return this.#pointer;
  }

  /** Whether close() was called. */
  get closed(): boolean {
    return this.#pointer === null;
  }

  /** Gives the object back. A second call does nothing. */
  close(): void {
    const pointer = this.#pointer;
    this.#pointer = null;
    if (pointer !== null) this.free(pointer);
  }

  /** Calls the `core_x_del` of the object. */
  protected abstract free(pointer: Pointer): void;

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Calls a `core_x_new` and returns what it put into its out-parameter. */
export function make(op: string, call: (out: BigUint64Array) => number): Pointer {
  const out = new BigUint64Array(1);
  check(op, call(out));
  return Number(out[0]) as Pointer;
}

/** Throws the error that a negative result stands for. */
export function check(op: string, result: number): number {
  if (result < 0) throw coreError(result, "", { op });
  return result;
}
