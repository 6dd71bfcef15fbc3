/**
 * Bytes that differ, as lines for people.
 * @module
 */
import type { PairResult } from "../compare/result.ts";
import type { RangeRecord } from "../records.gen.ts";

/** A byte as GNU cmp prints it: `^A`, `M-a`. */
export function visible(byte: number): string {
  if (byte >= 128) return `M-${visible(byte - 128)}`;
  if (byte === 127) return "^?";
  return byte < 32 ? `^${String.fromCharCode(byte + 64)}` : String.fromCharCode(byte);
}

const NONE = new Uint8Array();
const octal = (byte: number) => byte.toString(8).padStart(3);

/**
 * A line for each byte of a range, as `cmp -l` prints it: its number from 1,
 * and both values in octal; with `characters` also as text (`cmp -lb`).
 *
 * @param width columns of the number
 */
export function byteLines(range: RangeRecord, width: number, characters: boolean): string {
  const { leftBytes: left = NONE, rightBytes: right = NONE, offset } = range;
  let text = "";
  for (let i = 0; i < left.length; i++) {
    const [a, b] = [left[i] as number, right[i] as number];
    const number = String(offset + i + 1).padStart(width);
    text += characters
      ? `${number} ${octal(a)} ${visible(a).padEnd(4)} ${octal(b)} ${visible(b)}\n`
      : `${number} ${octal(a)} ${octal(b)}\n`;
  }
  return text;
}

/** A range on one line: its first and last byte, numbered from 1, and its length. */
export function rangeLine({ offset, length }: RangeRecord): string {
  return `${offset + 1}-${offset + length}\t${length}\n`;
}

/** What all ranges come to: how many bytes of those that both sides have. */
export function rangesLine({ differing, size }: PairResult): string {
  const shared = Math.min(size[0] ?? Number.POSITIVE_INFINITY, size[1] ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(shared)) return `${differing} bytes differ\n`;
  const percent = shared === 0 ? 0 : (100 * differing) / shared;
  return `${differing} of ${shared} bytes differ (${percent.toFixed(percent < 1 ? 4 : 1)} %)\n`;
}

/** What `cmp -b` puts behind a place: both bytes there. */
export function placeSuffix(left: number, right: number): string {
  return ` is ${octal(left)} ${visible(left)} ${octal(right)} ${visible(right)}`;
}
