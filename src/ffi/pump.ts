/**
 * One pump per JavaScript thread: learns from libcore which runs want
 * attention, and keeps the thread's event loop alive while any is open.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { check, Handle, make } from "./handle.ts";
import { core } from "./load.ts";

/** What is told that its run or feed is ready. */
export interface Listener {
  onReady(): void;
}

/** Tokens taken from libcore in one call. */
const BATCH = 1024;

class Pump extends Handle {
  readonly #listeners = new Map<number, Listener>();
  readonly #tokens = new BigUint64Array(BATCH);
  readonly #count = new Uint32Array(1);
  #nextToken = 1;
  /** How many hold the event loop. */
  #holds = 0;
  #reader: { read(): Promise<{ done: boolean }>; cancel(): Promise<void> } | undefined;

  constructor() {
    super(
      make("pump", (out) => core().core_pump_new(out)),
      "pump",
    );
  }

  get pointer(): Pointer {
    return this.guard();
  }

  /** Registers a listener before its run or feed exists. */
  add(listener: Listener): number {
    const token = this.#nextToken++;
    this.#listeners.set(token, listener);
    return token;
  }

  remove(token: number): void {
    this.#listeners.delete(token);
  }

  /** Keeps the event loop alive, and listeners told, until as many release() calls. */
  hold(): void {
    if (this.#holds++ === 0 && !this.#reader) void this.#watch();
  }

  release(): void {
    if (--this.#holds === 0) void this.#reader?.cancel();
  }

  /** Blocks this thread until something is ready, and tells the listeners. */
  wait(timeoutMs: number): void {
    if (core().core_pump_wait(this.pointer, timeoutMs) > 0) this.#dispatch();
  }

  /** Reads the wake pipe. Bun neither closes nor owns the descriptor of such a stream. */
  async #watch(): Promise<void> {
    while (this.#holds > 0) {
      const reader = Bun.file(core().core_pump_fd(this.pointer)).stream().getReader();
      this.#reader = reader;
      // Between the last look and this reader something may have become ready without a new byte.
      this.#dispatch();
      while (this.#holds > 0) {
        const { done } = await reader.read();
        this.#dispatch();
        if (done) break;
      }
      await reader.cancel();
      this.#reader = undefined;
    }
  }

  #dispatch(): void {
    let n: number;
    do {
      check("pump", core().core_pump_ready(this.pointer, this.#tokens, BATCH, this.#count));
      n = this.#count[0] ?? 0;
      // A copy, since a listener may wait in turn and take more.
      for (const token of this.#tokens.slice(0, n)) this.#listeners.get(Number(token))?.onReady();
    } while (n === BATCH);
  }

  protected override free(pointer: Pointer): void {
    core().core_pump_del(pointer);
  }
}

let pump: Pump | undefined;

/** This thread's pump, made on first use; the end of the thread closes it. */
export function threadPump(): Pump {
  pump ??= new Pump();
  return pump;
}
