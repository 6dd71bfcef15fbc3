/**
 * Whether bytes are text.
 * @module
 */

// The byte order mark is a character like any other.
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whether bytes are UTF-8. As `isUtf8` of node:buffer, a module that takes a millisecond to load. */
export function isUtf8(bytes: Uint8Array): boolean {
  // What is none does not come back from its text.
  return Buffer.from(DECODER.decode(bytes)).equals(bytes);
}
