/**
 * Names of files as text that is safe where it goes.
 * @module
 */

// Controls, the backslash that escapes them, marks that turn the direction of text, and what stood for bad bytes.
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[\u0000-\u001f\u007f-\u009f\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]/;

const SHORT = new Map([
  [0x0a, "\\n"],
  [0x09, "\\t"],
  [0x5c, "\\\\"],
]);

const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, "0")}`;

/** A character that is not to reach a terminal. */
const shown = (code: number) => SHORT.get(code) ?? (code < 0x80 ? hex(code) : `\\u{${code.toString(16)}}`);

/**
 * A path for one line of output. Newline, tab and backslash are escaped
 * always, so that a line is one record; for a terminal also whatever could
 * move its cursor, turn its text or is no text at all.
 *
 * @param path the path as text, with U+FFFD for bytes that are none
 * @param bytes gives the path's bytes
 */
export function renderPath(path: string, bytes: () => Uint8Array, terminal: boolean): string | Uint8Array {
  if (!SPECIAL.test(path)) return path;
  return terminal ? forTerminal(bytes()) : forPipe(bytes());
}

/** Text for standard error, names of files within it: nothing that a terminal would act on. */
export function safeText(text: string): string {
  return Array.from(text, (c) => (c === "\ufffd" || !SPECIAL.test(c) ? c : shown(c.codePointAt(0) as number))).join("");
}

/** The bytes as they are, but for what would break the line. */
function forPipe(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    const short = SHORT.get(byte);
    if (short) for (const c of Buffer.from(short)) out.push(c);
    else out.push(byte);
  }
  return Uint8Array.from(out);
}

/** Text, with every byte or character shown that a terminal would act on. */
function forTerminal(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const length = byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(at, at + length));
    if ([...text].length !== 1 || text === "\ufffd") {
      // Not the start of a character, or a real U+FFFD: shown by its bytes either way.
      out += hex(byte);
      at += 1;
      continue;
    }
    if (!SPECIAL.test(text)) out += text;
    else out += shown(text.codePointAt(0) as number);
    at += length;
  }
  return out;
}
