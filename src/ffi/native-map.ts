/**
 * A tree of URLs as a handle of libcore.
 * @module
 */
import type { Pointer } from "bun:ffi";
import { Handle, make } from "./handle.ts";
import { core } from "./load.ts";
import type { NativeRemote } from "./native-remote.ts";

/** A `core_map`. */
export class NativeMap extends Handle {
  constructor() {
    super(
      make("map", (out) => core().core_map_new(out)),
      "map",
    );
  }

  /** For a `core_source`. */
  get pointer(): Pointer {
    return this.guard();
  }

  /** Adds a file: the result of core_map_add(). */
  add(path: Uint8Array, url: Uint8Array, remote: NativeRemote): number {
    return core().core_map_add(this.guard(), path, path.length, url, url.length, remote.pointer);
  }

  protected override free(pointer: Pointer): void {
    core().core_map_del(pointer);
  }
}
