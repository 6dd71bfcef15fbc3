// A screen as SVG: text stays text, so the picture is small and sharp at any size.
import { escapeXml } from "../../bench/lib/chart.ts";
import type { Palette } from "./palettes.ts";
import type { Piece, Screen } from "./screen.ts";

const CELL = 8;
const LINE = 18;
const EDGE = 12;

/** Half way to the ground: what terminals make of faint text. */
function faint(colour: string, ground: string): string {
  const half = (at: number) =>
    Math.round((Number.parseInt(colour.slice(at, at + 2), 16) + Number.parseInt(ground.slice(at, at + 2), 16)) / 2);
  return `#${[1, 3, 5].map((at) => half(at).toString(16).padStart(2, "0")).join("")}`;
}

/** How large the picture of a screen is. */
export function pictureSize({ columns, lines }: Screen): { width: number; height: number } {
  return { width: columns * CELL + 2 * EDGE, height: lines.length * LINE + 2 * EDGE };
}

function drawPiece(piece: Piece, row: number, palette: Palette): string {
  const [x, y] = [EDGE + piece.column * CELL, EDGE + row * LINE];
  const named = piece.colour === undefined ? palette.text : (palette.colours[piece.colour] ?? palette.text);
  const [text, ground] = piece.inverse ? [palette.ground, named] : [named, palette.ground];
  const width = piece.columns * CELL;
  const back = piece.inverse ? `<rect x="${x}" y="${y}" width="${width}" height="${LINE}" fill="${ground}"/>` : "";
  const looks = `${piece.bold ? ' font-weight="700"' : ""}${piece.underlined ? ' text-decoration="underline"' : ""}`;
  const fill = piece.dim ? faint(text, ground) : text;
  return `${back}<text x="${x}" y="${y + 13}" textLength="${width}" fill="${fill}"${looks}>${escapeXml(piece.text)}</text>`;
}

/** Draws the screen. */
export function drawScreen(screen: Screen, palette: Palette, title: string): string {
  const { width, height } = pictureSize(screen);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    "<style>svg{font:13.3px 'DejaVu Sans Mono',Menlo,Consolas,monospace}text{white-space:pre}</style>",
    `<rect width="${width}" height="${height}" rx="6" fill="${palette.ground}"/>`,
    ...screen.lines.flatMap((pieces, row) => pieces.map((piece) => drawPiece(piece, row, palette))),
    "</svg>\n",
  ].join("\n");
}
