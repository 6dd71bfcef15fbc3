// New inputs from old ones, the same each time for a seed.
import type { Random } from "../../support/random.ts";

/** No input is longer than this. */
export const LONGEST = 4096;

/** Bytes at which parsers turn: ends of ranges, separators, signs. */
const BYTES = [0, 1, 9, 10, 13, 32, 34, 35, 39, 45, 46, 47, 48, 57, 58, 61, 91, 92, 93, 127, 128, 191, 192, 255];
/** Numbers at the limits of their types, to be put over one, two, four or eight bytes. */
const NUMBERS = [
  0n,
  1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Mutation = (random: Random, input: Uint8Array, context: Context) => Uint8Array;

/** What mutations take from. */
export interface Context {
  readonly corpus: readonly Uint8Array[];
  readonly words: readonly Uint8Array[];
}

/** `input` with the bytes from `from` to `to` replaced. */
function replaced(input: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const out = new Uint8Array(input.length - (to - from) + by.length);
  out.set(input.subarray(0, from));
  out.set(by, from);
  out.set(input.subarray(to), from + by.length);
  return out;
}

function range(random: Random, length: number): [from: number, to: number] {
  const from = random.int(length + 1);
  return [from, Math.min(length, from + random.int(random.chance(80) ? 8 : length + 1))];
}

function number(random: Random): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, random.pick(NUMBERS), true);
  return bytes.subarray(0, random.pick([1, 2, 4, 8]));
}

const MUTATIONS: readonly Mutation[] = [
  // One bit.
  (random, input) => {
    const out = input.slice();
    const at = random.int(out.length || 1);
    if (out.length > 0) out[at] = (out[at] ?? 0) ^ (1 << random.int(8));
    return out;
  },
  // One byte.
  (random, input) => {
    const at = random.int(input.length + 1);
    const byte = random.chance(50) ? random.pick(BYTES) : random.int(256);
    return replaced(input, at, Math.min(input.length, at + random.int(2)), Uint8Array.of(byte));
  },
  // A number, over what is there.
  (random, input) => {
    const bytes = number(random);
    const at = random.int(input.length + 1);
    return replaced(input, at, Math.min(input.length, at + bytes.length), bytes);
  },
  // A word, inserted or over what is there.
  (random, input, { words }) => {
    if (words.length === 0) return input;
    const [from, to] = range(random, input.length);
    return replaced(input, from, random.chance(50) ? from : to, random.pick(words));
  },
  // Something left out.
  (random, input) => replaced(input, ...range(random, input.length), new Uint8Array(0)),
  // Something twice, or many times.
  (random, input) => {
    const [from, to] = range(random, input.length);
    const part = input.subarray(from, to);
    const times = random.chance(80) ? 1 : random.int(64);
    return replaced(input, from, from, new Uint8Array(Buffer.concat(Array.from({ length: times }, () => part))));
  },
  // A part of another input.
  (random, input, { corpus }) => {
    const other = random.pick(corpus);
    return replaced(input, ...range(random, input.length), other.subarray(...range(random, other.length)));
  },
  // The beginning of one input and the end of another.
  (random, input, { corpus }) => {
    const other = random.pick(corpus);
    return replaced(input, random.int(input.length + 1), input.length, other.subarray(random.int(other.length + 1)));
  },
];

/** An input that is near one of the corpus. */
export function mutated(random: Random, context: Context): Uint8Array {
  let input = random.pick(context.corpus);
  const count = 1 + random.int(random.chance(80) ? 4 : 16);
  for (let i = 0; i < count; i++) input = random.pick(MUTATIONS)(random, input, context).subarray(0, LONGEST);
  return input;
}
