// Colours of terminals that people have: the sixteen that a program can name, and what text and ground are without one.

/** The colours of a terminal, as `#rrggbb`. */
export interface Palette {
  readonly text: string;
  readonly ground: string;
  /** 0 to 7 the plain ones, 8 to 15 the bright ones. */
  readonly colours: readonly string[];
}

const of = (text: string, ground: string, colours: string): Palette => ({
  text: `#${text}`,
  ground: `#${ground}`,
  colours: colours.split(" ").map((colour) => `#${colour}`),
});

const XTERM = "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff";
const VTE = "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff";
const CAMPBELL = "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2";

/** By name. The plain xterm on white is the hardest for most programs: its colours are those of a dark ground. */
export const PALETTES = {
  dark: of("d0cfcc", "171421", VTE),
  light: of("171421", "ffffff", VTE),
  "xterm-dark": of("e5e5e5", "000000", XTERM),
  "xterm-light": of("000000", "ffffff", XTERM),
  "windows-dark": of("cccccc", "0c0c0c", CAMPBELL),
} as const satisfies Record<string, Palette>;

/** The names of the palettes. */
export type PaletteName = keyof typeof PALETTES;

function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** How well one colour is read on another, from 1 (not at all) to 21: WCAG 2.2, "contrast ratio". */
export function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
