/**
 * A run of libcore as a handle: the calls, and nothing of their use.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { coreError, type SuiteError } from "../errors.ts";
import { check, Handle } from "./handle.ts";
import { CoreRunState, decodeProgress, PROGRESS_SIZE, type Progress } from "./layout.gen.ts";
import { core } from "./load.ts";

/** Room for whatever one drain returns. */
const DRAIN_BYTES = 64 * 1024;

// Shared by all runs of the thread: a drain copies out of it before anything else runs.
let scratch: Uint8Array | undefined;

/** What core_run_drain() says. */
export interface Drained {
  /** Whole records, a copy of their own; empty when there were none. */
  batch: Uint8Array;
  ended: boolean;
}

/** A `core_run`. */
export class NativeRun extends Handle {
  readonly #used = new BigUint64Array(1);
  readonly #state = new Uint32Array(1);

  constructor(pointer: Pointer) {
    super(pointer, "run");
  }

  /** For the calls of one tool, such as its result. */
  get pointer(): Pointer {
    return this.guard();
  }

  drain(): Drained {
    scratch ??= new Uint8Array(DRAIN_BYTES);
    check("drain", core().core_run_drain(this.guard(), scratch, DRAIN_BYTES, this.#used, this.#state));
    return {
      batch: scratch.slice(0, Number(this.#used[0])),
      ended: ((this.#state[0] ?? 0) & CoreRunState.ENDED) !== 0,
    };
  }

  discard(): void {
    check("discard", core().core_run_discard(this.guard()));
  }

  cancel(): void {
    check("cancel", core().core_run_cancel(this.guard()));
  }

  progress(): Progress {
    const bytes = new Uint8Array(PROGRESS_SIZE);
    check("progress", core().core_run_progress(this.guard(), bytes));
    return decodeProgress(new DataView(bytes.buffer));
  }

  /** Why the run failed, or nothing. Only after its end. */
  failure(op: string): SuiteError | undefined {
    const text = new Uint8Array(1024);
    const path = new Uint8Array(4096);
    const needed = new BigUint64Array(2);
    const errno = new Int32Array(1);
    const code = core().core_run_error(
      this.guard(),
      text,
      text.length,
      needed.subarray(0, 1),
      path,
      path.length,
      needed.subarray(1),
      errno,
    );
    if (code === 0) return undefined;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const about = decoder.decode(path.subarray(0, Number(needed[1])));
    const message = decoder.decode(text.subarray(0, Number(needed[0])));
    return coreError(code, about === "" ? message : `${about}: ${message}`, {
      op,
      ...(about !== "" && { path: about }),
      ...(errno[0] && { errno: errno[0] }),
    });
  }

  protected override free(pointer: Pointer): void {
    core().core_run_del(pointer);
  }
}
