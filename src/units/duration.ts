/**
 * Lengths of time as people write them: the one parser of all tools.
 * @module
 */

/** Milliseconds in each unit, largest first. A month or a year is none: they differ in length. */
const UNITS = [
  { ms: 604_800_000, names: ["w", "week", "weeks"] },
  { ms: 86_400_000, names: ["d", "day", "days"] },
  { ms: 3_600_000, names: ["h", "hour", "hours"] },
  { ms: 60_000, names: ["m", "min", "minute", "minutes"] },
  { ms: 1000, names: ["s", "sec", "second", "seconds"] },
  { ms: 1, names: ["ms", "millisecond", "milliseconds"] },
] as const;

const FACTORS: ReadonlyMap<string, number> = new Map(
  UNITS.flatMap(({ ms, names }) => names.map((name) => [name, ms] as [string, number])),
);

/**
 * The milliseconds that a text such as `90s`, `1h30m`, `1.5 days` or `250ms`
 * means. A number alone is seconds. Units come largest first, each once.
 *
 * @returns undefined for anything else, and for more than 2^53 - 1
 */
export function parseDuration(text: string): number | undefined {
  const plain = /^\d{1,13}(?:\.\d{1,9})?$/.exec(text);
  if (plain) return total([[text, 1000]]);
  if (!/^(?:\d{1,16}(?:\.\d{1,9})? ?[a-z]+ ?)+$/i.test(text) || text.endsWith(" ")) return undefined;
  const parts: [string, number][] = [];
  let last = Infinity;
  for (const [, number = "", name = ""] of text.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/gi)) {
    const factor = FACTORS.get(name.toLowerCase());
    if (factor === undefined || factor >= last) return undefined;
    last = factor;
    parts.push([number, factor]);
  }
  return total(parts);
}

function total(parts: readonly [number: string, factor: number][]): number | undefined {
  const sum = parts.reduce((ms, [number, factor]) => ms + Number(number) * factor, 0);
  // What a fraction leaves below a millisecond is rounded.
  const whole = Math.round(sum);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** The shortest text that {@link parseDuration} reads as exactly these milliseconds: 5400000 is `1h30m`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const { ms: unit, names } of UNITS) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) text += `${count}${names[0]}`;
  }
  return text === "" ? "0s" : text;
}
