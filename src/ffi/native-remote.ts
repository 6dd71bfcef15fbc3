/**
 * How URLs are asked for, as a handle of libcore.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { Handle, make } from "./handle.ts";
import { core } from "./load.ts";

/** A `core_remote`. */
export class NativeRemote extends Handle {
  /** @param opts a `core_remote_opts`; what it points to is held by the caller until this returns */
  constructor(opts: Uint8Array) {
    super(
      make("remote", (out) => core().core_remote_new(out, opts)),
      "remote",
    );
  }

  /** For a `core_source`. */
  get pointer(): Pointer {
    return this.guard();
  }

  protected override free(pointer: Pointer): void {
    core().core_remote_del(pointer);
  }
}
