/**
 * Text in columns, for help.
 * @module
 */

/** Breaks text into lines of at most `width` columns, between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (line !== "" && Bun.stringWidth(line) + 1 + Bun.stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A term, and what it means. */
export type Row = readonly [term: string, meaning: string];

/** How rows are laid out. */
export interface Layout {
  width: number;
  /** Terms wider than this stand on a line of their own. */
  widest: number;
  /** Terms of this list and of those that are to be in line with it. By default of this one. */
  terms?: readonly string[];
  /** Gives a term its looks. */
  paint(term: string): string;
}

/** Rows in two columns; what does not fit in the second goes on below it. */
export function twoColumns(rows: readonly Row[], layout: Layout): string {
  const { width, widest, paint, terms = rows.map(([term]) => term) } = layout;
  const fitting = terms.map((term) => Bun.stringWidth(term)).filter((columns) => columns <= widest);
  const left = Math.max(...fitting, 0) + 2 + 2;
  let text = "";
  for (const [term, meaning] of rows) {
    const lines = wrap(meaning, Math.max(width - left, 20));
    const gap = left - 2 - Bun.stringWidth(term);
    const first = gap >= 2 ? `${" ".repeat(gap)}${lines.shift() ?? ""}` : "";
    text += `${`  ${paint(term)}${first}`.trimEnd()}\n`;
    for (const line of lines) text += `${" ".repeat(left)}${line}\n`;
  }
  return text;
}
