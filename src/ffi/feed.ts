/**
 * Hands a stream of this thread to libcore, no faster than it is read.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { ERRORS_BY_NAME } from "../errors.gen.ts";
import { suiteError } from "../errors.ts";
import { check, Handle, make } from "./handle.ts";
import { core } from "./load.ts";
import { threadPump, type Listener } from "./pump.ts";

/** Bytes that wait in libcore at most. */
const CAPACITY = 1024 * 1024;

/** A `core_feed` filled from a stream. */
export class Feed extends Handle implements Listener {
  readonly #token: number;
  readonly #reader: { read(): Promise<{ done: boolean; value?: unknown }>; cancel(): Promise<void> };
  #wake: (() => void) | undefined;
  /** Why the stream broke, if it did, for the error of the run that read it. */
  failure: { readonly cause: unknown } | undefined;

  private constructor(pointer: Pointer, token: number, stream: ReadableStream<Uint8Array>) {
    super(pointer, "feed");
    this.#token = token;
    this.#reader = stream.getReader();
  }

  /**
   * Makes the feed and begins to fill it.
   *
   * @throws SuiteError E_USAGE when somebody else reads the stream
   */
  static of(stream: ReadableStream<Uint8Array>): Feed {
    if (stream.locked) throw suiteError("E_USAGE", "the stream is being read already", { op: "open" });
    const pump = threadPump();
    let feed: Feed | undefined;
    const token = pump.add({ onReady: () => feed?.onReady() });
    const pointer = make("feed", (out) => core().core_feed_new(out, pump.pointer, token, CAPACITY));
    feed = new Feed(pointer, token, stream);
    void feed.#fill();
    return feed;
  }

  /** For core_compare_new(). */
  get pointer(): Pointer {
    return this.guard();
  }

  onReady(): void {
    this.#wake?.();
  }

  async #fill(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        if (!(value instanceof Uint8Array)) {
          throw suiteError("E_USAGE", `a stream gives Uint8Arrays, not ${typeof value}s`, { op: "read" });
        }
        // Nobody reads any more: close() tells the stream.
        if (!(await this.#write(value))) return;
      }
      if (!this.closed) core().core_feed_end(this.guard());
    } catch (cause) {
      this.failure = { cause };
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
    // A stream that is not at its end may have something to stop. It can fail at that, and nobody is left to tell.
    this.#reader.cancel().catch(() => {});
  }
}
