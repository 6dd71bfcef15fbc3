/**
 * Whether there is colour, and what it looks like.
 * @module
 */

/** What `--color` can say. */
export type ColorWhen = "auto" | "always" | "never";

/**
 * Whether a stream gets colour. `NO_COLOR` and `FORCE_COLOR` count when they
 * are set and not empty; the flag is stronger than both.
 */
export function wantsColor(
  when: ColorWhen,
  terminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (when !== "auto") return when === "always";
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return terminal && env["TERM"] !== "dumb";
}

// The 16 colours of the terminal's own theme: readable on light and dark ones.
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** The looks there are. */
export type Look = keyof typeof CODES;

/** Gives text a look, or leaves it alone. */
export type Painter = (look: Look, text: string) => string;

/** Leaves text alone. */
export const unpainted: Painter = (_, text) => text;

/** Gives text a look. */
export const painted: Painter = (look, text) => `\x1b[${CODES[look][0]}m${text}\x1b[${CODES[look][1]}m`;
