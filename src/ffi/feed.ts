/**
 * Hands a stream of this thread to libcore, no faster than it is read.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { check, Handle, make } from "./handle.ts";
import { ERRORS_BY_NAME } from "../errors.gen.ts";
import { core } from "./load.ts";
import { threadPump, type Listener } from "./pump.ts";

/** Bytes that wait in libcore at most. */
const CAPACITY = 1024 * 1024;

/** A `core_feed` filled from a stream. */
export class Feed extends Handle implements Listener {
  readonly #token: number;
  #wake: (() => void) | undefined;
  /** Why the stream broke, for the error of the run that read it. */
  failure: unknown;

  private constructor(pointer: Pointer, token: number) {
    super(pointer, "feed");
    this.#token = token;
  }

  /** Makes the feed and begins to fill it. */
  static of(stream: ReadableStream<Uint8Array>): Feed {
    const pump = threadPump();
    let feed: Feed | undefined;
    const token = pump.add({ onReady: () => feed?.onReady() });
    const pointer = make("feed", (out) => core().core_feed_new(out, pump.pointer, token, CAPACITY));
    feed = new Feed(pointer, token);
    void feed.#fill(stream);
    return feed;
  }

  /** For core_compare_new(). */
  get pointer(): Pointer {
    return this.guard();
  }

  onReady(): void {
    this.#wake?.();
  }

  async #fill(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (!(await this.#write(value))) {
          await reader.cancel();
          return;
        }
      }
      if (!this.closed) core().core_feed_end(this.guard());
    } catch (error) {
      this.failure = error;
      if (!this.closed) core().core_feed_abort(this.guard());
    }
  }

  /** Writes all of a chunk: false when nobody reads any more. */
  async #write(chunk: Uint8Array): Promise<boolean> {
    const taken = new BigUint64Array(1);
    let rest = chunk;
    while (rest.length > 0) {
      if (this.closed) return false;
      const result = core().core_feed_write(this.guard(), rest, rest.length, taken);
      if (result === ERRORS_BY_NAME.E_CLOSED.code) return false;
      check("feed", result);
      rest = rest.subarray(Number(taken[0]));
      if (rest.length > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return true;
  }

  protected override free(pointer: Pointer): void {
    threadPump().remove(this.#token);
    core().core_feed_del(pointer);
    this.#wake?.();
  }
}
