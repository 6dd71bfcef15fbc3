/**
 * A filter of libcore as a handle.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { Handle, make } from "./handle.ts";
import { core } from "./load.ts";

/** A `core_filter`. */
export class NativeFilter extends Handle {
  constructor() {
    super(
      make("filter", (out) => core().core_filter_new(out)),
      "filter",
    );
  }

  /** For core_compare_new(). */
  get pointer(): Pointer {
    return this.guard();
  }

  /** Adds a rule: the result of core_filter_add(). @param flags CoreFilterFlag bits */
  add(flags: number, glob: Uint8Array): number {
    return core().core_filter_add(this.guard(), flags, glob, glob.length);
  }

  protected override free(pointer: Pointer): void {
    core().core_filter_del(pointer);
  }
}
