/**
 * The outcome of a comparison as one HTML page that needs nothing else.
 * @module
 */
import type { PairResult, TreeSummary } from "../compare/result.ts";
import type { SuiteError } from "../errors.ts";
import type { Status } from "../ffi/layout.gen.ts";
import type { EntryRecord } from "../records.gen.ts";

/** Rows that a browser still shows quickly; the counts are exact beyond. */
export const MAX_ROWS = 20_000;

const WORDS: Record<Status, string> = {
  different: "differs",
  only_left: "only in A",
  only_right: "only in B",
  unknown: "undecided",
  equal: "equal",
};

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --line: #d7dade; --soft: #5c636b; --band: #f4f5f7;
  --different: #7a4d00; --only_left: #b3261e; --only_right: #146c2e; --unknown: #7b2a8c; --equal: #5c636b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #16181b; --line: #383c42; --soft: #a3a9b0;
  --band: #1f2226; --different: #f0b95b; --only_left: #ff8f84; --only_right: #76d58b; --unknown: #dda0ea; --equal: #a3a9b0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
h1 b { text-transform: uppercase; letter-spacing: .04em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .75rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 0 0 1rem; }
li b { font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; }
tbody tr:nth-child(even) { background: var(--band); }
th:nth-child(1) { width: 6.5rem; } th:nth-child(3) { width: 30%; }
td:nth-child(2) { font-family: ui-monospace, monospace; white-space: pre-wrap; }
.different { color: var(--different); } .only_left { color: var(--only_left); } .only_right { color: var(--only_right); }
.unknown { color: var(--unknown); } .equal { color: var(--equal); }
.note { color: var(--soft); }
@media (max-width: 40rem) { thead { display: none; } tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; width: auto; border: 0; padding: 0 .25rem; } }
@media print { body { max-width: none; } }
`;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that stands for itself anywhere in a page. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}

/** What the page says of an entry besides its status. */
function detail(entry: EntryRecord): string {
  if (entry.error) return `${entry.error.code}: ${entry.error.message}`;
  if (entry.below !== undefined) return `directory with ${entry.below} ${entry.below === 1 ? "entry" : "entries"}`;
  if (entry.status === "equal") return entry.proof ? `proof: ${entry.proof}` : "";
  const words = entry.reasons.filter((reason) => reason !== "missing").join(", ");
  const [left, right] = entry.size;
  const sizes = left !== null && right !== null && left !== right ? `${left} and ${right} bytes` : "";
  return [words, sizes].filter(Boolean).join("; ");
}

/** What {@link HtmlReport} is about. */
export interface HtmlReportOptions {
  /** The two sides, safe to be shown. */
  readonly a: string;
  readonly b: string;
  /** Makes a path safe to be shown: no controls, no marks that turn text. */
  readonly render: (path: string, bytes: () => Uint8Array) => string;
}

/** Gathers entries, at most {@link MAX_ROWS}, and makes the page. */
export class HtmlReport {
  readonly #options: HtmlReportOptions;
  readonly #rows: string[] = [];
  #left = 0;

  constructor(options: HtmlReportOptions) {
    this.#options = options;
  }

  /** Adds an entry. */
  add(entry: EntryRecord): void {
    if (this.#rows.length === MAX_ROWS) {
      this.#left++;
      return;
    }
    const { status } = entry;
    const path = escapeHtml(this.#options.render(entry.path, () => entry.pathBytes)) + (entry.below === undefined ? "" : "/");
    this.#rows.push(`<tr><td class="${status}">${WORDS[status]}</td><td>${path}</td><td>${escapeHtml(detail(entry))}</td></tr>\n`);
  }

  #safe(text: string): string {
    return this.#options.render(text, () => Buffer.from(text));
  }

  /** The whole page, of a comparison that came to `result`, or to nothing but `error`. */
  page(result: PairResult | TreeSummary | undefined, error: SuiteError | undefined): string {
    const { a, b } = this.#options;
    const verdict = error || !result ? "unknown" : result.verdict;
    const counts = result?.counts;
    const numbers: [Status, number][] = [
      ["different", counts?.different ?? 0],
      ["only_left", counts?.onlyLeft ?? 0],
      ["only_right", counts?.onlyRight ?? 0],
      ["unknown", counts?.unknown ?? 0],
      ["equal", counts?.equal ?? 0],
    ];
    const list = numbers.map(([status, n]) => `<li class="${status}"><b>${n}</b> ${WORDS[status]}</li>`).join("");
    const proofs = Object.entries(result?.proofs ?? {}).map(([proof, n]) => `${proof} ${n}`);
    const facts: [string, string][] = [
      ["A", a],
      ["B", b],
      ["compared", (result?.compared ?? ["content"]).join(", ")],
      ...(proofs.length > 0 ? ([["proofs", proofs.join(", ")]] as [string, string][]) : []),
      ...(error ? ([["error", `${error.code}: ${this.#safe(error.message)}`]] as [string, string][]) : []),
    ];
    const terms = facts.map(([name, text]) => `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`).join("");
    const more = this.#left > 0 ? `<p class="note">${this.#left} more entries are not shown.</p>\n` : "";
    const table =
      this.#rows.length === 0
        ? `<p class="note">No entries to show.</p>\n`
        : `<table>\n<thead><tr><th>Status</th><th>Path</th><th>Detail</th></tr></thead>\n<tbody>\n${this.#rows.join("")}</tbody>\n</table>\n${more}`;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${verdict}: ${escapeHtml(a)} and ${escapeHtml(b)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Comparison: <b class="${verdict}">${verdict}</b></h1>
<dl>${terms}</dl>
<ul>${list}</ul>
${table}</body>
</html>
`;
  }
}
