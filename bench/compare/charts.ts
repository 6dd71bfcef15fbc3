// Which charts there are, and what is in them.
import { chart, type ChartBar, type ChartGroup } from "../lib/chart.ts";
import { duration } from "../lib/stats.ts";
import type { CaseResult, CompareReport } from "./report.ts";

/** A chart. */
export interface Chart {
  readonly file: string;
  /** For those who do not see it. */
  readonly title: string;
  readonly svg: string;
}

/** The charts, by the beginning of the names of their cases. */
const CHARTS = [
  { name: "pairs", of: "pair-", what: "pairs of files" },
  { name: "trees", of: "tree-", what: "trees" },
  { name: "archives", of: "archive-", what: "archives" },
  { name: "urls", of: "url-", what: "URLs on loopback" },
] as const;

function group({ title, rows }: CaseResult): ChartGroup {
  return {
    title,
    bars: rows.map(({ label, kind, id, wallNs, status }): ChartBar => {
      const name = kind === "api" && !label.includes("API") ? `${label} (API)` : label;
      const ours = id.startsWith("suite");
      if (!wallNs) return { label: name, ours, note: status };
      const { median, min, max } = wallNs;
      return { label: name, ours, value: median, low: min, high: max, note: duration(median) };
    }),
  };
}

/** The charts of a report; one without measurements is none. */
export function charts({ cases, machine }: CompareReport): Chart[] {
  return CHARTS.flatMap(({ name, of, what }): Chart[] => {
    const measured = cases.filter(({ id, rows }) => id.startsWith(of) && rows.some(({ wallNs }) => wallNs));
    if (measured.length === 0) return [];
    const title = `suite compare and its peers: ${what}`;
    const full = `${title} (${machine.cpu}, ${machine.cores} cores)`;
    return [{ file: `compare-${name}.svg`, title, svg: chart(full, measured.map(group)) }];
  });
}
