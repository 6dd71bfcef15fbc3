/**
 * Sizes as people write them: the one parser of all tools.
 * @module
 */

const FACTORS = new Map<string, number>([
  ["", 1],
  ["b", 1],
]);
for (const [i, letter] of [..."kmgtp"].entries()) {
  FACTORS.set(letter, 1024 ** (i + 1));
  FACTORS.set(`${letter}ib`, 1024 ** (i + 1));
  FACTORS.set(`${letter}b`, 1000 ** (i + 1));
}

/**
 * The bytes that a text such as `64k`, `1.5MiB` or `2GB` means: `k M G T P`
 * alone or with `iB` are powers of 1024, with `B` powers of 1000, in any case.
 *
 * @returns undefined for anything else, for a part of a byte, and for more than 2^53 - 1
 */
export function parseSize(text: string): number | undefined {
  const [, whole, part = "", unit = ""] = /^(\d{1,16})(?:\.(\d{1,15}))?([a-z]{0,3})$/i.exec(text) ?? [];
  const factor = FACTORS.get(unit.toLowerCase());
  if (whole === undefined || factor === undefined) return undefined;
  // In whole numbers: 0.1k must not become 102.4, nor 1.1MB a byte less.
  const scale = 10n ** BigInt(part.length);
  const scaled = BigInt(whole + part) * BigInt(factor);
  if (scaled % scale !== 0n || scaled / scale > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return Number(scaled / scale);
}

/** The shortest text that {@link parseSize} reads as exactly these bytes: 262144 is `256k`. */
export function formatSize(bytes: number): string {
  let text = String(bytes);
  for (const [i, letter] of [..."kMGTP"].entries()) {
    const unit = 1024 ** (i + 1);
    if (bytes > 0 && bytes % unit === 0) text = `${bytes / unit}${letter}`;
  }
  return text;
}

/** About how many bytes, for people: `1.4 GiB`. Never wider than 8 characters up to 1000 TiB. */
export function roundSize(bytes: number): string {
  let value = bytes;
  let unit = "B";
  for (const next of ["KiB", "MiB", "GiB", "TiB", "PiB"]) {
    if (value < 999.5) break;
    value /= 1024;
    unit = next;
  }
  return `${unit === "B" || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}
