// Bars in a picture that needs nothing else: no script, no font, no other file.

/** One bar, or a label without one. */
export interface ChartBar {
  readonly label: string;
  /** Drawn in the colour of the house. */
  readonly ours: boolean;
  readonly value?: number;
  /** Ends of the line that shows how far the measurements lie apart. */
  readonly low?: number;
  readonly high?: number;
  /** Written behind the bar. */
  readonly note: string;
}

/** Bars with a scale of their own. */
export interface ChartGroup {
  readonly title: string;
  readonly bars: readonly ChartBar[];
}

const WIDTH = 860;
/** Behind the longest bar, for its note. */
const RIGHT = 110;
/** Of a letter of the labels, on average. */
const LETTER = 7;
const ROW = 22;
const HEAD = 40;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that XML takes as text, also inside an attribute. Control characters are not allowed there in any form. */
export function escapeXml(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff&<>"']/gu, (c) => ENTITIES[c] ?? "\ufffd");
}

const number = (value: number) => String(Math.round(value * 10) / 10);

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328}.t{font-weight:600}.h{font-size:16px;font-weight:600}
.p{fill:#b6bec9}.o{fill:#0969da}.w{stroke:#57606a;stroke-width:1.5}.bg{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.p{fill:#484f58}.o{fill:#388bfd}.w{stroke:#9198a1}.bg{fill:#0d1117}}`;

/** Draws the groups below each other. The longest bar of a group takes the whole width. */
export function chart(title: string, groups: readonly ChartGroup[]): string {
  const height = HEAD + 10 + groups.reduce((sum, { bars }) => sum + HEAD + bars.length * ROW, 0);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="bg" width="${WIDTH}" height="${height}"/>`,
    `<text class="h" x="16" y="28">${escapeXml(title)}</text>`,
  ];
  let y = HEAD;
  const letters = Math.max(0, ...groups.flatMap(({ bars }) => bars.map(({ label }) => label.length)));
  const left = Math.min(Math.max(letters * LETTER + 24, 160), WIDTH / 2);
  const room = WIDTH - left - RIGHT;
  for (const group of groups) {
    parts.push(`<text class="t" x="16" y="${y + 24}">${escapeXml(group.title)}: shorter is faster</text>`);
    y += HEAD;
    const scale = room / Math.max(...group.bars.map(({ value = 0 }) => value), 1);
    for (const bar of group.bars) {
      parts.push(...drawBar(bar, y, { left, room, scale }));
      y += ROW;
    }
  }
  return `${[...parts, "</svg>"].join("\n")}\n`;
}

/** Where bars begin, how long they may be, and the length of a unit. */
interface Scale {
  readonly left: number;
  readonly room: number;
  readonly scale: number;
}

function drawBar({ label, ours, value, low, high, note }: ChartBar, y: number, { left, room, scale }: Scale): string[] {
  const length = (value ?? 0) * scale;
  const parts = [`<text x="${left - 8}" y="${y + 13}" text-anchor="end">${escapeXml(label)}</text>`];
  if (value !== undefined) {
    parts.push(
      `<rect class="${ours ? "o" : "p"}" x="${left}" y="${y + 2}" width="${number(Math.max(length, 1))}" height="14"/>`,
    );
  }
  // What lies beyond the scale is cut: one slow run says nothing worth the width.
  const end = Math.min((high ?? 0) * scale, room + 6);
  if (low !== undefined && high !== undefined) {
    parts.push(
      `<line class="w" x1="${number(left + low * scale)}" x2="${number(left + end)}" y1="${y + 9}" y2="${y + 9}"/>`,
    );
  }
  parts.push(`<text x="${number(left + Math.max(length, end) + 8)}" y="${y + 13}">${escapeXml(note)}</text>`);
  return parts;
}
