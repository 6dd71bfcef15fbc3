// Medians and how numbers are written.

/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const high = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[half - 1] ?? Number.NaN)) / 2;
}

/** Median, smallest and largest. Throws for no values: there is nothing to say then. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no measurements");
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), n: values.length };
}

/** Three digits that mean something: `0.0123`, `1.23`, `123`, `1234`. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return Number(value.toPrecision(2)).toString();
}

/** Nanoseconds with the unit that fits. */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return "–";
  if (ns < 1e6) return `${digits(ns / 1e3)} µs`;
  return ns < 1e10 ? `${digits(ns / 1e6)} ms` : `${digits(ns / 1e9)} s`;
}

/** Bytes in MiB. */
export function mebibytes(bytes: number): string {
  return `${digits(bytes / 1024 ** 2)} MiB`;
}

/** The order of round `round`: the same as before, begun one place later. */
export function rotate<T>(items: readonly T[], round: number): T[] {
  if (items.length === 0) return [];
  const from = ((round % items.length) + items.length) % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}
