/**
 * The outcome of a comparison as lines for people.
 * @module
 */
import type { PairResult } from "../compare/result.ts";
import type { Reason, Status } from "../ffi/layout.gen.ts";
import type { EntryRecord } from "../records.gen.ts";

/** Text or, for names that are none, bytes. */
export type Rendered = string | Uint8Array;

const SIGILS = { equal: "=", different: "*", only_left: "<", only_right: ">", unknown: "!" } as const;

const METADATA: ReadonlySet<Reason> = new Set<Reason>(["mode", "owner", "mtime", "xattr", "acl"]);

/** How a path is to look. */
export type PathRenderer = (path: string, bytes: () => Uint8Array) => Rendered;

/** How the parts of a line are to look besides its path. */
export interface EntryLooks {
  /** The sign in front. */
  sign(status: Status, sigil: string): string;
  /** What stands behind the path, with what sets it apart. */
  note(text: string): string;
}

const PLAIN: EntryLooks = { sign: (_, sigil) => sigil, note: (text) => `\t${text}` };

/**
 * `SIGIL SP PATH [TAB REASON[,REASON]]`. A one-sided directory that stands
 * for what is below it ends in a slash and says how many names that are; an
 * undecided entry gives its error code for a reason.
 *
 * @param brief without the reasons
 * @param looks for a terminal: colour, and no tab, which would set the reasons at odds with each other
 */
export function entryLine(
  entry: EntryRecord,
  render: PathRenderer,
  brief: boolean,
  { sign, note }: EntryLooks = PLAIN,
): Rendered[] {
  const path = render(entry.path, () => entry.pathBytes);
  const line: Rendered[] = [`${sign(entry.status, SIGILS[entry.status])} `, path];
  if (entry.below !== undefined) {
    line.push("/");
    if (!brief) line.push(note(`${entry.below} ${entry.below === 1 ? "entry" : "entries"}`));
  } else if (!brief && entry.status === "unknown") {
    line.push(note(entry.error?.code ?? "E_READ"));
  } else if (!brief && entry.status === "different") {
    line.push(note(entry.reasons.join(",")));
  }
  line.push("\n");
  return line;
}

/**
 * What GNU cmp says of two files that differ: the first byte and its line
 * from 1, or which of them ends first. What cmp does not look at has a line
 * of its own, with its names.
 *
 * @param brief only that they differ
 */
export function pairLine(a: Rendered, b: Rendered, pair: PairResult, brief: boolean): Rendered[] {
  const metadata = pair.reasons.filter((reason) => METADATA.has(reason));
  if (brief || metadata.length === 0) return contentLine(a, b, pair, brief);
  const content = metadata.length < pair.reasons.length ? contentLine(a, b, pair, brief) : [];
  return [a, " ", b, ` differ: ${metadata.join(",")}\n`, ...content];
}

function contentLine(a: Rendered, b: Rendered, pair: PairResult, brief: boolean): Rendered[] {
  const { offset, line, size } = pair;
  if (brief || offset === undefined) return [a, " ", b, " differ\n"];
  if (pair.reasons.includes("content_mismatch")) {
    return [a, " ", b, ` differ: byte ${offset + 1}${line === undefined ? "" : `, line ${line}`}\n`];
  }
  const shorter = (size[0] ?? Infinity) <= offset ? a : b;
  if (offset === 0) return ["EOF on ", shorter, " which is empty\n"];
  // The line is counted last, and may be what could not be read.
  if (line === undefined) return ["EOF on ", shorter, ` after byte ${offset}\n`];
  const place = pair.lineStart ? `line ${line - 1}` : `in line ${line}`;
  return ["EOF on ", shorter, ` after byte ${offset}, ${place}\n`];
}
