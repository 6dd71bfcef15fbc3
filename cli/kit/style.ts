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

// Of the colours of the terminal's own theme those that are read everywhere: yellow and cyan are not on a light ground,
// blue and magenta are not on a dark one.
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  inverse: [7, 27],
  underline: [4, 24],
} as const;

/** The looks there are. */
export type Look = keyof typeof CODES;

/** Gives text a look, or leaves it alone. */
export type Painter = (look: Look, text: string) => string;

/** Leaves text alone. */
export const unpainted: Painter = (_, text) => text;

/** Gives text a look. */
export const painted: Painter = (look, text) => `\x1b[${CODES[look][0]}m${text}\x1b[${CODES[look][1]}m`;
