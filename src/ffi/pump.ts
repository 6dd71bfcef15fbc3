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

/** What the pump needs of a Bun socket. */
interface Socket {
  ref(): void;
  unref(): void;
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
  /** Watches the descriptor; keeps the event loop alive while it is ref'd. */
  #socket: Socket | undefined;
  #connecting = false;

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
    if (this.#holds++ > 0) return;
    if (this.#socket) this.#socket.ref();
    else if (!this.#connecting) void this.#connect();
  }

  release(): void {
    if (--this.#holds === 0) this.#socket?.unref();
  }

  /** Blocks this thread until something is ready, and tells the listeners. */
  wait(timeoutMs: number): void {
    if (core().core_pump_wait(this.pointer, timeoutMs) > 0) this.#dispatch();
  }

  /**
   * A socket, and not the stream of a file: it keeps the event loop alive or
   * not, as is needed, without being opened anew each time.
   */
  async #connect(): Promise<void> {
    this.#connecting = true;
    const fd = check("pump", core().core_pump_fd(this.pointer));
    // Bun owns the descriptor from here on, and closes it when the thread ends.
    this.#socket = await Bun.connect({ fd, socket: { data: () => this.#dispatch() } } as never);
    this.#connecting = false;
    // What came before it was watched.
    this.#dispatch();
    if (this.#holds === 0) this.#socket.unref();
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
