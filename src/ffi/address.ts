/**
 * Where bytes lie in memory.
 * @module
 */
import { ptr } from "bun:ffi";

/**
 * The address of a view's first byte, 0 for an empty one. It is lasting: good
 * for as long as the view itself is held, unless its buffer is detached.
 */
export function addressOf(view: Uint8Array): number {
  if (view.length === 0) return 0;
  // Asking for the buffer moves a small view to memory of its own, once; only then is its address lasting.
  void view.buffer;
  return ptr(view);
}
