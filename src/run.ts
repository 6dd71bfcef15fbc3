/**
 * The shape of every long operation: records while it works, a result when
 * it is done.
 * @module
 */
import { suiteError, SuiteError } from "./errors.ts";
import { CoreRunState } from "./ffi/layout.gen.ts";
import type { Pointer } from "bun:ffi";
import { NativeRun } from "./ffi/native-run.ts";
import { threadPump, type Listener } from "./ffi/pump.ts";
import { decodeRecords, LogRecord, type AnyRecord } from "./records.gen.ts";

/** How far a run is. */
export interface RunProgress {
  /** Names whose outcome is known. */
  entries: number;
  /** All names there are; 0 while more may be found. */
  entriesTotal: number;
  bytesRead: number;
  /** Bytes that a proof made it needless to read. */
  bytesAvoided: number;
  /** Bytes of all files begun so far, both sides. */
  bytesTotal: number;
  /** Whether there are no other files than those. Never for streams. */
  totalKnown: boolean;
  elapsedMs: number;
}

/** What a tool says about its runs. */
export interface RunPlan<Result, Item extends object = AnyRecord> {
  /** What is being done, for errors: "compare". */
  op: string;
  /** Starts the native run. Must not be called twice. */
  start(pump: Pointer, token: number): Pointer;
  /**
   * Makes the result of a run that has ended.
   * @param failure why it could not finish; to be thrown unless the result says it
   * @param stopped the consumer ended the iteration, so that a cancel is no failure
   */
  finish(run: NativeRun, failure: SuiteError | undefined, stopped: boolean): Result;
  /** Sees every item, also when the run is only awaited. Without it such records never leave C. */
  collect?: (item: Item) => void;
  /** Makes items of records: none of one to which more belong, many of one that holds many. Without it, records are the items. */
  items?: (record: AnyRecord) => Iterable<object>;
  /** Receives log records, which are never iterated. */
  log?: (record: LogRecord) => void;
  /** Cancels the run when it fires. */
  signal?: AbortSignal | undefined;
  /** Releases what was kept for the run. Called once. */
  release?: () => void;
}

/** A promise and its ends. Methods, so that a run of a narrower result can stand for one of a wider. */
interface Deferred<Result> {
  readonly promise: Promise<Result>;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** What is left to do for a run that nobody holds any more. */
interface Remains {
  native: NativeRun;
  token: number;
  release: (() => void) | undefined;
}

/** Runs at work: they are not collected, though nobody may hold them. */
const working = new Set<object>();

// A run that stands still or has ended, and is dropped with records unread.
const forgotten = new FinalizationRegistry<Remains>(({ native, token, release }) => {
  threadPump().remove(token);
  native.close();
  release?.();
});

/**
 * A long operation at work. Iterate it for its records, await it for its
 * result, or both: the operation starts at once either way, stops by itself
 * while nobody takes its records, and is cancelled when the iteration is left.
 *
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { compare } from "suite";
 *
 * const dir = await mkdtemp("/tmp/run-");
 * await writeFile(`${dir}/a`, "one");
 * await writeFile(`${dir}/b`, "two");
 * const run = compare(`${dir}/a`, `${dir}/b`);
 * for await (const entry of run) console.log(entry.status); // different
 * console.log((await run).verdict); // different
 * ```
 */
export class Run<Item extends object, Result> implements AsyncIterable<Item>, PromiseLike<Result>, AsyncDisposable {
  readonly #plan: RunPlan<Result, never>;
  readonly #native: NativeRun;
  readonly #token: number;
  readonly #result: Deferred<Result> = Promise.withResolvers<Result>();
  readonly #listener: Listener;
  /** How records leave: not decided, to an iterator, to `collect` alone, or dropped in C. */
  #mode: "undecided" | "iterated" | "collected" | "discarded" = "undecided";
  #ended = false;
  #holding = false;
  #stopped = false;
  /** Its signal had fired before it began. */
  #unwanted = false;
  /** Wakes the iterator that found nothing. */
  #wake: (() => void) | undefined;
  #onAbort: (() => void) | undefined;

  /** @internal Made by the functions of the tools. */
  constructor(plan: RunPlan<Result, never>) {
    this.#plan = plan;
    // Only what the caller awaits or iterates may throw.
    this.#result.promise.catch(() => {});
    const pump = threadPump();
    // The pump must not keep the run: a run that is dropped unread is to be collected.
    const weak = new WeakRef(this);
    this.#listener = { onReady: () => weak.deref()?.ready() };
    this.#token = pump.add(this.#listener);
    try {
      this.#native = new NativeRun(plan.start(pump.pointer, this.#token));
    } catch (error) {
      pump.remove(this.#token);
      plan.release?.();
      throw error;
    }
    forgotten.register(this, { native: this.#native, token: this.#token, release: plan.release }, this);
    this.#watchSignal();
    // Last: a run that has ended already is told so from within.
    this.#hold();
  }

  /** How far the run is, now. After the end, how far it came. */
  get progress(): RunProgress {
    const p = this.#native.closed ? this.#last : this.#native.progress();
    return {
      entries: p?.entries ?? 0,
      entriesTotal: p?.entriesTotal ?? 0,
      bytesRead: p?.bytesRead ?? 0,
      bytesAvoided: p?.bytesAvoided ?? 0,
      bytesTotal: p?.bytesTotal ?? 0,
      totalKnown: (p?.totalKnown ?? 0) !== 0,
      elapsedMs: (p?.elapsedNs ?? 0) / 1e6,
    };
  }
  #last: ReturnType<NativeRun["progress"]> | undefined;

  /** Asks the run to stop soon. Awaiting it then throws E_CANCELLED. */
  cancel(): void {
    if (this.#ended) return;
    this.#native.cancel();
    // It may have stood still, held by nobody: somebody must hear of its end.
    this.#hold();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is the point
  then<A = Result, B = never>(
    onResult?: ((result: Result) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#mode === "undecided") this.#consumeUnseen();
    this.#hold();
    return this.#result.promise.then(onResult, onError);
  }

  /** As Promise.catch: awaits the run, and handles what it throws. */
  catch<B>(onError: (error: unknown) => B | PromiseLike<B>): Promise<Result | B> {
    return this.then(undefined, onError);
  }

  /** As Promise.finally: awaits the run, and does something whatever it came to. */
  finally(onEnd: () => void): Promise<Result> {
    return this.then().finally(onEnd);
  }

  /**
   * All records, for the first caller.
   * @throws SuiteError E_USAGE when the run is iterated already, or was awaited before
   */
  [Symbol.asyncIterator](): AsyncIterator<Item, void, undefined> {
    if (this.#mode !== "undecided") {
      const why = this.#mode === "iterated" ? "is iterated already" : "was awaited first, which drops its records";
      throw suiteError("E_USAGE", `a run gives its records once, and this one ${why}`, { op: this.#plan.op });
    }
    this.#mode = "iterated";
    this.#hold();
    return this.#iterate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.cancel();
    if (this.#mode === "undecided") this.#consumeUnseen();
    await this.#result.promise.catch(() => {});
    this.#close();
  }

  async *#iterate(): AsyncGenerator<Item, void, undefined> {
    let complete = false;
    try {
      for (;;) {
        const { items, some, ended } = this.#take();
        for (const item of items) yield item as Item;
        if (some) continue;
        if (ended) break;
        // In this order: to hold is to look at once, and what is then seen must find somebody to wake.
        const woken = new Promise<void>((resolve) => (this.#wake = resolve));
        this.#hold();
        await woken;
      }
      complete = true;
      this.#hold();
      await this.#result.promise;
    } finally {
      if (!complete) {
        this.#stopped = true;
        this.cancel();
        // The rest is nobody's: what waits in the ring must not hold the run open.
        if (!this.#native.closed) this.#native.discard();
      }
      if (this.#ended) this.#close();
    }
  }

  /** Takes what waits in C, if there is some. */
  #take(): { items: object[]; some: boolean; ended: boolean } {
    if (this.#native.closed) return { items: [], some: false, ended: true };
    const { batch, ended } = this.#native.drain();
    return { items: itemsOf(this.#plan, batch), some: batch.length > 0, ended: ended && batch.length === 0 };
  }

  /** Nobody iterates: records go to `collect` and `log`, or nowhere. */
  #consumeUnseen(): void {
    this.#hold();
    if (this.#plan.collect || this.#plan.log) {
      this.#mode = "collected";
      this.#drainUnseen();
    } else {
      this.#mode = "discarded";
      if (!this.#native.closed) this.#native.discard();
      if (this.#ended) this.#close();
    }
  }

  #drainUnseen(): void {
    try {
      while (this.#take().some);
    } catch (error) {
      // The caller's own `log` threw: its error is the run's.
      this.#result.reject(error);
      this.cancel();
    }
  }

  /** @internal Called by the pump: records, a full ring, or the end. */
  ready(): void {
    if (this.#ended || this.#native.closed) return;
    if (this.#mode === "collected") this.#drainUnseen();
    const progress = this.#native.progress();
    if (progress.state & CoreRunState.ENDED) this.#finish(progress);
    // It stands still until somebody takes its records, and nobody waits for any: no reason to keep the process alive.
    else if (progress.state & CoreRunState.FULL && this.#isUnread() && !this.#wake) this.#unhold();
    this.#wake?.();
    this.#wake = undefined;
  }

  #finish(progress: ReturnType<NativeRun["progress"]>): void {
    this.#ended = true;
    this.#last = progress;
    if (this.#mode === "collected") this.#drainUnseen();
    try {
      // Small work can be done before a cancel reaches it; a signal that had fired before is obeyed all the same.
      const failure = this.#native.failure(this.#plan.op) ?? (this.#unwanted ? cancelled(this.#plan) : undefined);
      this.#result.resolve(this.#plan.finish(this.#native, failure, this.#stopped));
    } catch (error) {
      this.#result.reject(this.#explain(error));
    }
    if (this.#onAbort) this.#plan.signal?.removeEventListener("abort", this.#onAbort);
    this.#unhold();
    if (!(progress.state & CoreRunState.RECORDS && this.#isUnread())) this.#close();
  }

  /** Records stay where they are until a caller asks for them. */
  #isUnread(): boolean {
    return this.#mode === "undecided" || this.#mode === "iterated";
  }

  /** A cancel by the caller's signal carries the signal's reason. */
  #explain(error: unknown): unknown {
    const signal = this.#plan.signal;
    if (!(error instanceof SuiteError) || error.code !== "E_CANCELLED" || !signal?.aborted) return error;
    const explained = cancelled(this.#plan);
    explained.partial = error.partial;
    return explained;
  }

  #watchSignal(): void {
    const signal = this.#plan.signal;
    if (!signal) return;
    if (signal.aborted) {
      this.#unwanted = true;
      this.cancel();
      return;
    }
    const weak = new WeakRef(this);
    this.#onAbort = () => weak.deref()?.cancel();
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  #hold(): void {
    if (this.#holding || this.#ended) return;
    this.#holding = true;
    working.add(this);
    threadPump().hold();
  }

  #unhold(): void {
    if (!this.#holding) return;
    this.#holding = false;
    working.delete(this);
    threadPump().release();
  }

  #close(): void {
    if (this.#native.closed) return;
    forgotten.unregister(this);
    threadPump().remove(this.#token);
    this.#native.close();
    this.#plan.release?.();
  }
}

/** Gives each record of a batch to whom it is for: what is left to be iterated. */
function itemsOf(plan: RunPlan<unknown, never>, batch: Uint8Array): object[] {
  const items: object[] = [];
  for (const record of decodeRecords(batch)) {
    if (record instanceof LogRecord) {
      plan.log?.(record);
      continue;
    }
    for (const item of plan.items ? plan.items(record) : [record]) {
      plan.collect?.(item as never);
      items.push(item);
    }
  }
  return items;
}

/** The error of a run that its signal cancelled. */
function cancelled({ op, signal }: Pick<RunPlan<unknown>, "op" | "signal">): SuiteError {
  return suiteError("E_CANCELLED", "cancelled by its signal", { op, cause: signal?.reason });
}

/**
 * Runs a plan to its end on the calling thread, which it blocks.
 * Records reach `collect` and `log` only.
 */
export function runSync<Result>(plan: RunPlan<Result, never>): Result {
  const pump = threadPump();
  const state = { ready: false };
  const token = pump.add({ onReady: () => (state.ready = true) });
  try {
    if (plan.signal?.aborted) throw cancelled(plan);
    using native = new NativeRun(plan.start(pump.pointer, token));
    const seen = plan.collect !== undefined || plan.log !== undefined;
    if (!seen) native.discard();
    for (;;) {
      const { batch, ended } = native.drain();
      itemsOf(plan, batch);
      if (ended && batch.length === 0) break;
      if (batch.length > 0) continue;
      state.ready = false;
      while (!state.ready) pump.wait(1000);
    }
    return plan.finish(native, native.failure(plan.op), false);
  } finally {
    pump.remove(token);
    plan.release?.();
  }
}
