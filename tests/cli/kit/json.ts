// The lines of `--json` taken apart. That each fits the schema is checked where the command is run (suite.ts).
import { expect } from "bun:test";
import { isRecord } from "./schema.ts";
import type { Ended } from "./suite.ts";

/** A line about one name. */
export interface Entry {
  type: "entry";
  path?: string;
  path_b64?: string;
  path_right?: string;
  path_right_b64?: string;
  status: "equal" | "different" | "only_left" | "only_right" | "unknown";
  kind: [string | null, string | null];
  size: [number | null, number | null];
  reasons: string[];
  proof?: string;
  offset?: number;
  line?: number;
  below?: number;
  error?: { code: string; errno?: number; message: string };
}

/** The last line. */
export interface Summary {
  type: "summary";
  verdict: string;
  exit: number;
  equal: number;
  different: number;
  only_left: number;
  only_right: number;
  unknown: number;
  bytes_read: number;
  bytes_avoided: number;
  proofs: Record<string, number>;
  compared: string[];
  elapsed_ms: number;
  groups?: number;
  difference?: { left?: string; right?: string; left_b64?: string; right_b64?: string; reasons: string[] };
  error?: { code: string; message: string };
}

export { isRecord } from "./schema.ts";

/** A line about sources that are equal. */
export interface Group {
  type: "group";
  id: number;
  members?: string[];
  members_b64?: string[];
  sources: number[];
  proof?: string;
  error?: { code: string; errno?: number; message?: string };
}

/** Takes `--json` output apart; fails unless each line is whole, valid and in its place. */
export function readJson(end: Ended): { entries: Entry[]; summary: Summary } {
  const { records, summary } = readLines<Entry>(end, "entry");
  return { entries: records, summary };
}

/** As {@link readJson}, of the output about many sources. */
export function readGroups(end: Ended): { groups: Group[]; summary: Summary } {
  const { records, summary } = readLines<Group>(end, "group");
  return { groups: records, summary };
}

function readLines<Line extends { type: string }>(end: Ended, type: string): { records: Line[]; summary: Summary } {
  expect(end.text.endsWith("\n"), `the last line is whole: ${end.text.slice(-200)}${end.stderr}`).toBe(true);
  const records = end.text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Line | Summary);
  const wrong = records.find((record) => !isRecord(record));
  expect(wrong, JSON.stringify(isRecord.errors)).toBeUndefined();
  const summary = records.pop();
  expect(summary?.type).toBe("summary");
  expect(records.map((record) => record.type).filter((other) => other !== type)).toEqual([]);
  return { records: records as Line[], summary: summary as Summary };
}

/** The path of an entry, one character for each byte. */
export function pathOf({ path, path_b64 }: Entry): string {
  return (path_b64 === undefined ? Buffer.from(path ?? "") : Buffer.from(path_b64, "base64")).toString("latin1");
}

/** What an entry says, in few words: `different a/b content_mismatch`. */
export function brief(entry: Entry): string {
  const why = entry.error?.code ?? entry.reasons.filter((reason) => reason !== "missing").join();
  return `${entry.status} ${pathOf(entry)}${why && ` ${why}`}`;
}
