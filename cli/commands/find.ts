/**
 * `suite find [GLOB] [PATH...]`
 * @module
 */
import { suiteError } from "../../src/errors.ts";
import { findPlan } from "../../src/find/find.ts";
import { gitIgnoreSettings } from "../../src/find/git-config.ts";
import type { FindOptions, FindType } from "../../src/find/options.ts";
import { Run, SuiteError, type FindResult, type Found } from "../../src/index.ts";
import type { ErrorRecord } from "../../src/records.gen.ts";
import { findSummaryJson } from "../../src/report/find-json.ts";
import { parseDate } from "../../src/units/date.ts";
import { parseSize } from "../../src/units/size.ts";
import { ClosedPipe } from "../kit/closed-pipe.ts";
import { Exit } from "../kit/exit.ts";
import type { Bytes, Flags, Values } from "../kit/flag.ts";
import type { Output } from "../kit/output.ts";
import { renderPath } from "../kit/text.ts";
import { defineTool, type Tool } from "../kit/tool.ts";

const TYPES: Readonly<Record<string, FindType>> = {
  f: "file", d: "dir", l: "symlink", p: "fifo", s: "socket", b: "block", c: "char", x: "executable", e: "empty",
  file: "file", dir: "dir", directory: "dir", symlink: "symlink", pipe: "fifo", fifo: "fifo", socket: "socket",
  block: "block", char: "char", executable: "executable", empty: "empty",
};
const EPIPE = 32;

/** What a size must be: bounds, inclusive. */
interface SizeRange {
  readonly sign: "+" | "-" | "";
  readonly bytes: number;
}

function parseSizeRange(text: string): SizeRange | undefined {
  const sign = text.startsWith("+") || text.startsWith("-") ? (text[0] as "+" | "-") : "";
  const bytes = parseSize(text.slice(sign.length));
  return bytes === undefined ? undefined : { sign, bytes };
}

/** How long ago, or when. */
const parseMoment = (text: string) => parseDate(`${text} ago`) ?? (text === "epoch" ? 0n : parseDate(text));

const WHERE = "Where";
const WHAT = "What";

const flags = {
  type: {
    group: WHAT,
    type: "parsed",
    short: "t",
    value: "TYPE",
    repeat: true,
    expects: "file (f), dir (d), symlink (l), fifo (p), socket (s), block (b), char (c), executable (x) or empty (e)",
    parse: (text: string) => TYPES[text],
    write: (type: FindType) => type,
    description: "only files (`f`), directories (`d`), links (`l`), pipes (`p`), sockets (`s`), devices (`b`, `c`); executable (`x`), empty (`e`)",
  },
  ext: { group: WHAT, type: "string", short: "e", aliases: ["extension"], value: "EXT", repeat: true, description: "only names that end in a dot and this" },
  size: {
    group: WHAT,
    type: "parsed",
    short: "S",
    value: "[+-]SIZE",
    repeat: true,
    expects: "a size, with + for that and more, - for that and less",
    parse: parseSizeRange,
    write: ({ sign, bytes }: SizeRange) => `${sign}${bytes}`,
    description: "only files of this size; `+` that and more, `-` that and less",
  },
  "changed-within": {
    group: WHAT,
    type: "parsed",
    aliases: ["newer"],
    value: "TIME",
    expects: "how long ago (2d, 3h), or a date",
    parse: parseMoment,
    write: String,
    description: "only what changed at or after this: `2d`, `3h`, `yesterday`, `2026-01-31`",
  },
  "changed-before": {
    group: WHAT,
    type: "parsed",
    aliases: ["older"],
    value: "TIME",
    expects: "how long ago (2d, 3h), or a date",
    parse: parseMoment,
    write: String,
    description: "only what changed at or before this",
  },
  "ignore-case": { group: WHAT, type: "boolean", short: "i", description: "letters match in either case" },
  "case-sensitive": { group: WHAT, type: "boolean", short: "s", description: "letters match in their case alone; otherwise only if GLOB holds a capital" },
  hidden: { group: WHERE, type: "boolean", short: "H", description: "names that begin with a dot too" },
  "no-ignore": { group: WHERE, type: "boolean", short: "I", description: "do not ask ignore files" },
  "no-ignore-vcs": { group: WHERE, type: "boolean", description: "do not ask git's ignore files" },
  unrestricted: { group: WHERE, type: "boolean", short: "u", description: "everything: as `--hidden --no-ignore`" },
  "ignore-file": { group: WHERE, type: "path", repeat: true, description: "ask this ignore file too, after the others" },
  exclude: { group: WHERE, type: "string", short: "E", value: "GLOB", repeat: true, description: "names that do not count, nor what is below them (docs/filters.md)" },
  "max-depth": { group: WHERE, type: "integer", short: "d", min: 1, description: "how far down; 1 is the names in PATH" },
  "min-depth": { group: WHERE, type: "integer", min: 0, description: "names further up are not found" },
  "exact-depth": { group: WHERE, type: "integer", min: 1, description: "names of this depth alone" },
  follow: { group: WHERE, type: "boolean", short: "L", description: "symbolic links are what they lead to" },
  "one-file-system": { group: WHERE, type: "boolean", aliases: ["xdev"], description: "do not go into other file systems than PATH's" },
  sort: { type: "enum", values: ["path", "none"], default: "path", description: "`none`: as they are found, which is a little faster" },
  "max-results": { type: "integer", min: 1, config: false, description: "end after so many" },
  first: { type: "boolean", short: "1", config: false, description: "end after one: as `--max-results=1`" },
  relative: { type: "boolean", config: false, description: "print paths below PATH, without it" },
  json: { type: "boolean", config: false, description: "one JSON object for each entry, and a summary" },
  jobs: { type: "integer", short: "j", min: 0, default: "0", description: "threads; 0 for as many as there are processors, up to 8" },
} as const satisfies Flags;

type FindFlags = Values<typeof flags>;

const textOf = (path: Bytes) => (typeof path === "string" ? path : new TextDecoder().decode(path));

/** The bounds that several sizes come to together. */
function bounds(sizes: readonly SizeRange[]): Pick<FindOptions, "minSize" | "maxSize"> {
  let minSize: number | undefined;
  let maxSize: number | undefined;
  for (const { sign, bytes } of sizes) {
    if (sign !== "-") minSize = Math.max(minSize ?? 0, bytes);
    if (sign !== "+") maxSize = Math.min(maxSize ?? Infinity, bytes);
  }
  return { minSize, maxSize };
}

function optionsOf(flags: FindFlags, quiet: boolean, roots: readonly Bytes[], signal: AbortSignal): FindOptions {
  const { "exact-depth": exact, "case-sensitive": sensitive, "ignore-case": insensitive } = flags;
  if (sensitive && insensitive) throw suiteError("E_USAGE", "-s and -i contradict each other", { op: "parse" });
  const none = flags["no-ignore"] || flags.unrestricted;
  const asked = !none && !flags["no-ignore-vcs"];
  const git = asked ? gitIgnoreSettings(textOf(roots[0] ?? "."), process.env) : undefined;
  const max = quiet || flags.first ? 1 : flags["max-results"];
  return {
    type: flags.type,
    ext: flags.ext,
    ...bounds(flags.size),
    mtimeAfter: flags["changed-within"],
    mtimeBefore: flags["changed-before"],
    exclude: flags.exclude,
    maxDepth: exact ?? flags["max-depth"],
    minDepth: exact ?? flags["min-depth"],
    hidden: flags.hidden || flags.unrestricted,
    ignore: {
      git: asked,
      own: !none,
      files: flags["ignore-file"],
      global: git?.excludesFile,
      foldCase: git?.ignoreCase,
    },
    caseSensitive: sensitive ? true : insensitive ? false : undefined,
    follow: flags.follow,
    oneFileSystem: flags["one-file-system"],
    sort: flags.sort,
    maxResults: max,
    jobs: flags.jobs,
    signal,
  };
}

/** The exit code of a walk that came to its end. */
function exitOf(result: FindResult, roots: number, quiet: boolean): number {
  if (quiet && result.results > 0) return Exit.OK;
  if (result.rootsFailed === roots) return Exit.FATAL;
  if (result.errorCount > 0) return Exit.PARTIAL;
  return result.results > 0 ? Exit.OK : Exit.DIFFERENT;
}

/** The definition. */
export const tool: Tool = defineTool({
  name: "find",
  summary: "find files and directories by name, kind, size and time",
  examples: [
    ["suite find '*.ts' src", "names that end so, below src"],
    ["suite find -t d node_modules", "directories of that name, except ignored ones"],
    ["suite find -u -S +100M -t f", "large files, hidden and ignored ones too"],
    ["suite find --changed-within 2h '*' /etc", "what changed in the last two hours"],
    ["suite find -0 -e log | xargs -0 gzip", "names of any bytes for another program"],
  ],
  operands: [
    { name: "GLOB", optional: true },
    { name: "PATH", optional: true, repeat: true },
  ],
  description: [
    "Without a slash in it GLOB is about names, wherever they stand; with one, about paths below PATH (docs/filters.md).",
    "Hidden names and what .gitignore, .ignore and the rest of git's rules name are passed over. PATH is the working directory unless given.",
  ],
  sections: [
    {
      title: "Exit codes",
      rows: [
        ["0", "something was found"],
        ["1", "nothing was found, and everything was looked at"],
        ["2", "usage or configuration"],
        ["3", "something could not be looked at"],
        ["4", "no PATH could be listed"],
      ],
    },
  ],
  flags,
  async run({ flags, operands, output, messages, progress, signals, terminal }) {
    const [glob = "*", ...paths] = operands;
    const roots = paths.length > 0 ? paths : [""];
    const { quiet, json, relative } = flags;
    if (typeof glob !== "string") throw suiteError("E_USAGE", "GLOB is no text: its bytes are not UTF-8", { op: "parse" });
    const options = optionsOf(flags, quiet, roots, signals.signal);
    // What needs no look at each path goes straight from the threads that walk to the descriptor.
    const direct = !quiet && !json && !terminal && !flags.plain;
    const onError = (record: ErrorRecord) => {
      messages.write(`suite find: ${record.path}: ${record.message} (${record.code})`);
      if (json) output.write(JSON.stringify(record.toJSON()), "\n");
    };
    if (direct) await output.flush();
    let result: FindResult | undefined;
    let failure: SuiteError | undefined;
    try {
      const extras = { onError, ...(direct && { output: { fd: 1, nul: flags.null, relative } }) };
      const run: Run<Found, FindResult> = new Run(findPlan(glob, roots, options, extras));
      using _ = progress.start(() => ({ entries: run.progress.entries, entriesTotal: 0, bytes: 0, total: 0 }));
      if (!direct && !quiet) {
        for await (const entry of run) {
          const bytes = () => (relative ? entry.relativeBytes : entry.pathBytes);
          if (json) output.write(JSON.stringify(entry.toJSON()), "\n");
          else if (flags.null) output.write(bytes(), "\0");
          else output.write(renderPath(relative ? entry.relative : entry.path, bytes, terminal), "\n");
          if (output.full) await output.flush();
          progress.poll();
        }
      }
      result = await run;
    } catch (error) {
      if (!(error instanceof SuiteError) || error.code === "E_USAGE") throw error;
      if (error.code === "E_WRITE" && error.errno === EPIPE) throw new ClosedPipe();
      if (error.code !== "E_CANCELLED") throw error;
      failure = error;
      result = error.partial as FindResult | undefined;
    }
    const exit = signals.exit ?? failure?.exitCode ?? (result ? exitOf(result, roots.length, quiet) : Exit.FATAL);
    if (json && !quiet && result) writeJson(output, findSummaryJson(result, exit));
    if (terminal && result && !json && !quiet) tellSkipped(result, (text) => messages.write(text));
    return exit;
  },
});

const writeJson = (output: Output, object: object) => output.write(JSON.stringify(object), "\n");

/** People miss files and do not know why. */
function tellSkipped({ skipped: { hidden, ignored } }: FindResult, write: (text: string) => void): void {
  if (hidden + ignored === 0) return;
  const parts = [hidden > 0 ? `${hidden} hidden (-H shows them)` : "", ignored > 0 ? `${ignored} ignored (-I)` : ""];
  write(`suite find: passed over: ${parts.filter(Boolean).join(", ")}`);
}
