/**
 * How far a command is, as text: for a terminal, and as a record.
 * @module
 */
import { roundSize } from "../../src/units/size.ts";

/** How far it is. */
export interface Step {
  /** Bytes that need no more work: read, or proven without reading. */
  bytes: number;
  /** All bytes there are; 0 while there may be more than is known of. */
  total: number;
  /** Names whose outcome is known. */
  entries: number;
  /** All names there are; 0 while there may be more. */
  entriesTotal: number;
}

/** How far and how fast. */
export interface Pace extends Step {
  /** Bytes a second, lately. */
  rate: number;
  /** Seconds to go, where that can be told. */
  eta?: number | undefined;
}

/** `m:ss`, or `h:mm:ss`. */
export function clock(seconds: number): string {
  const whole = Math.min(Math.ceil(seconds), 359_999);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const count = (n: number) => n.toLocaleString("en-US");

/** How many names are done; nothing where there is but one. */
function names({ entries, entriesTotal }: Step): string {
  if (entriesTotal === 1) return "";
  const of = entriesTotal > 0 ? ` of ${count(entriesTotal)}` : "";
  return `${count(entries)}${of} ${(entriesTotal || entries) === 1 ? "entry" : "entries"}`;
}

/** One line no wider than `columns`: what matters least goes first. */
export function progressLine(pace: Pace, columns: number): string {
  const { bytes, total, rate, eta } = pace;
  const known = total > 0;
  const parts = [
    known ? `${String(Math.floor(Math.min(bytes / total, 1) * 100)).padStart(3)}%` : "",
    known ? `${roundSize(Math.min(bytes, total))} of ${roundSize(total)}` : roundSize(bytes),
    rate > 0 ? `${roundSize(rate)}/s` : "",
    eta === undefined ? "" : `ETA ${clock(eta)}`,
    names(pace),
  ].filter((part) => part !== "");
  while (parts.length > 1 && parts.join("  ").length > columns) parts.pop();
  return parts.join("  ").slice(0, Math.max(columns, 0));
}

/** `{"v":1,"type":"progress",…}`, a line of `--progress=json`. */
export function progressRecord({ bytes, total, rate, eta, entries, entriesTotal }: Pace): string {
  const record = {
    v: 1,
    type: "progress",
    bytes,
    ...(total > 0 && { total }),
    rate: Math.round(rate),
    ...(eta !== undefined && { eta: Math.round(eta * 10) / 10 }),
    entries,
    ...(entriesTotal > 0 && { entries_total: entriesTotal }),
  };
  return JSON.stringify(record);
}
