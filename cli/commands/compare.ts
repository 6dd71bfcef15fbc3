/**
 * `suite compare A B`
 * @module
 */
import { compare } from "../../src/compare/compare.ts";
import { suiteError, SuiteError } from "../../src/errors.ts";
import type { CompareOptions, PairResult, TreeSummary } from "../../src/index.ts";
import type { Bytes, Values } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import { startedClosed } from "../kit/output.ts";
import { asCalled } from "../kit/program.ts";
import { SHARED } from "../kit/shared.ts";
import { defineTool, type Tool } from "../kit/tool.ts";
import { archiveFlags, archiveOptions, bothNamedArchives } from "./compare-archives.ts";
import { checkStdin, isStdin, readGlobs, readPaths } from "./compare-lists.ts";
import { exitCode, stepOf } from "./compare-outcome.ts";
import { manifestFlags, manifestOf, manifestOperand } from "./compare-manifests.ts";
import { ComparePrinter } from "./compare-printer.ts";
import type { Operands } from "./compare-ranges.ts";
import { mapOf, readHeaders, sourceOf, urlFlags } from "./compare-urls.ts";
import { parseSize } from "../../src/units/size.ts";

/** Reads `SIZE` or `SIZE:SIZE`. */
function parseSkip(text: string): [left: number, right: number] | undefined {
  const sizes = text.split(":").map((part) => {
    const size = parseSize(part);
    return typeof size === "number" && Number.isSafeInteger(size) ? size : undefined;
  });
  const [left, right = left] = sizes;
  return sizes.length > 2 || left === undefined || right === undefined ? undefined : [left, right];
}

const FILES = "Options for two files";
const TREES = "Options for two trees";

const flags = {
  quiet: {
    type: "boolean",
    short: "q",
    aliases: ["s", "silent"],
    config: false,
    description: "print nothing, stop at the first difference",
  },
  brief: { type: "boolean", config: false, description: "do not look for the place or print the reason" },
  "all-entries": {
    type: "boolean",
    config: false,
    description: "print equal entries, and all below one-sided directories",
  },
  all: { type: "boolean", config: false, description: "are all sources the same? stops at the first difference" },
  groups: { type: "boolean", config: false, description: "which sources are the same: a line for each group" },
  json: { type: "boolean", config: false, description: "JSON Lines (docs/records.md)" },
  jobs: {
    type: "integer",
    short: "j",
    min: 0,
    max: 1_000_000,
    default: "0",
    description: "threads at most; 0 is as many as processors, up to 8",
  },
  "chunk-size": {
    type: "size",
    min: 4096,
    max: 4 * 1024 * 1024,
    default: "256k",
    description: "bytes read at a time, 4k to 4M",
  },
  "size-precheck": { type: "boolean", default: true, description: "read files even if their sizes differ" },
  "quick-check": { type: "boolean", default: true, description: "do not look at a few places of a large file first" },
  exclude: {
    group: TREES,
    type: "string",
    short: "x",
    value: "GLOB",
    repeat: true,
    description: "names that do not count, nor what is below them (docs/filters.md)",
  },
  include: { group: TREES, type: "string", value: "GLOB", repeat: true, description: "only names that match one of these, and directories" },
  "exclude-from": { group: TREES, type: "path", short: "X", repeat: true, description: "exclude the globs of a file, one a line" },
  "files-from": {
    group: TREES,
    type: "path",
    config: false,
    description:
      "compare only the paths of a file (`-`: standard input), one a line; with `-0` each ended by a NUL. With `--all` and " +
      "`--groups` they are more sources",
  },
  follow: { group: TREES, type: "boolean", description: "follow symbolic links in trees" },
  "one-file-system": { group: TREES, type: "boolean", description: "do not go into other file systems than the roots'" },
  "skip-empty-dirs": { group: TREES, type: "boolean", description: "directories are no entries, only what is in them" },
  "one-way": { group: TREES, type: "boolean", description: "names only in B are no difference" },
  "ignore-case-names": { group: TREES, type: "boolean", description: "names that differ in letter case alone are one name" },
  normalize: {
    group: TREES,
    type: "enum",
    values: ["none", "nfc"],
    default: "none",
    description: "`nfc`: names that are the same once normalised are one name",
  },
  metadata: {
    group: TREES,
    type: "set",
    values: ["mode", "owner", "mtime", "xattr", "acl"],
    value: "LIST",
    description: "compare these too, with commas between them",
  },
  renames: {
    group: TREES,
    type: "boolean",
    description: "behind all entries, files on one side only that are on the other under another name",
  },
  "rename-limit": {
    group: TREES,
    type: "integer",
    min: 1,
    max: 0xffff_ffff,
    default: "400000",
    description: "files on one side only that are looked at for `--renames`",
  },
  "modify-window": { group: TREES, type: "duration", default: "0s", description: "times no further apart than this are the same" },
  prove: { type: "enum", values: ["any", "bytes"], default: "any", description: "`bytes`: accept no proof but the bytes" },
  limit: { type: "integer", min: 1, config: false, description: "print at most so many; the counts stay exact" },
  "ignore-initial": {
    group: FILES,
    type: "parsed",
    short: "i",
    value: "SIZE[:SIZE]",
    config: false,
    expects: "a size, or one for each side with a colon between them",
    parse: parseSkip,
    write: (sizes: readonly number[]) => sizes.join(":"),
    description: "pass over the first bytes of both files, or of each",
  },
  bytes: { group: FILES, type: "size", short: "n", min: 1, config: false, description: "compare at most so many bytes" },
  ranges: { group: FILES, type: "boolean", config: false, description: "print all ranges of bytes that differ" },
  "verbose-bytes": { group: FILES, type: "boolean", short: "l", config: false, description: "print all bytes that differ, as `cmp -l`" },
  "print-bytes": { group: FILES, type: "boolean", short: "b", config: false, description: "print the bytes at the place, as `cmp -b`" },
  ...archiveFlags,
  ...manifestFlags,
  html: { type: "path", config: false, value: "FILE", description: "write a page for browsers as well, complete in one file" },
  ...urlFlags,
  // No -v: that is the version for users of cmp.
  verbose: { type: "count", description: SHARED.verbose.description },
} as const;

type CompareFlags = Values<typeof flags> & { null: boolean };

/** What to do about an error that ends the command. */
const NEXT: Partial<Record<string, string>> = {
  E_NOT_FOUND: "check the spelling",
  E_PERMISSION: "run it as a user who may read the path",
  E_CHANGED: "compare again when nothing writes to it",
  E_ARCHIVE: "check where the archive comes from; as plain files: suite compare A B",
  E_TIMEOUT: "allow it more time (--timeout)",
};

function nextStep({ code, message, errno }: SuiteError): string | undefined {
  if (code === "E_UNSUPPORTED" && /: it is a (?:FIFO|character device)$/.test(message)) return "pipe its bytes: suite compare - OTHER < PATH";
  if (code === "E_LIMIT" && errno !== undefined) return "raise the limit (ulimit -n) or use fewer threads (-j 1)";
  return NEXT[code];
}

/** Tells of an error on stderr: the path, the cause, what to do. */
function complain(messages: Messages, error: SuiteError): void {
  const next = nextStep(error);
  messages.write(`suite compare: ${error.message} (${error.code})${next ? `; ${asCalled(next)}` : ""}`);
}

/** The definition. */
export const tool: Tool = defineTool({
  name: "compare",
  summary: "tell whether files, directories, archives or URLs are the same",
  examples: [
    ["suite compare release.iso mirror.iso", "two files, byte for byte"],
    ["suite compare /data /backup/data", "two trees: what differs, and why"],
    ["suite compare --json a b | jq .", "one JSON object a line, a summary last"],
    ["suite compare -q a b && echo same", "nothing but the exit code"],
    ["suite compare --archive v1.tar.gz v1.zip", "what is in two archives"],
    ["suite compare backup.tar.zst /data", "an archive against a directory"],
    ["suite compare a.iso https://example.org/a.iso", "a file and what a server has"],
    ["suite compare public --url-map site.json", "a directory and the URLs its files are at"],
    ["suite compare /data --write-manifest data.manifest", "what is in a tree, with digests"],
    ["suite compare /backup --manifest data.manifest", "is all of it there, as it was?"],
    ["suite compare --one-way manifest:SHA256SUMS .", "as sha256sum -c: other files do not count"],
    ["suite compare --groups *.iso", "which of many files are the same"],
  ],
  operands: [{ name: "A" }, { name: "B" }],
  forms: [
    { flags: ["all", "groups"], operands: [{ name: "SRC", optional: true, repeat: true }] },
    { flags: ["url-map"], operands: [{ name: "A" }] },
    { flags: ["manifest"], operands: [{ name: "A" }] },
    { flags: ["write-manifest"], operands: [{ name: "A" }] },
  ],
  description: [
    "A and B are two files, two directories, or an archive and a directory. `-` is standard input, `http://` and `https://` begin a URL, `manifest:` a list of what a tree should hold.",
    "Every option about URLs is for both sides; with `-a` or `-b` behind its name (`--timeout-b`, `--no-location-a`) it is for one.",
    "Any number of files are compared with `--all` and `--groups`, each read once at most.",
  ],
  sections: [
    {
      title: "Lines",
      rows: [
        ["< PATH", "only in A"],
        ["> PATH", "only in B"],
        ["* PATH", "differs; the reason follows"],
        ["! PATH", "undecided; the error code follows"],
        ["= PATH", "equal, with `--all-entries`"],
        ["~ A-PATH B-PATH", "one file under two names, with `--renames`"],
      ],
    },
    {
      title: "Lines of --groups",
      rows: [
        ["= SRC SRC...", "the same, with tabs between them"],
        ["* SRC", "the same as no other"],
        ["! SRC", "undecided; the error code follows"],
      ],
    },
    {
      title: "Exit codes",
      rows: [
        ["0", "the same"],
        ["1", "different"],
        ["2", "usage or configuration"],
        ["3", "some entries undecided"],
        ["4", "an operand cannot be read"],
        ["5", "not as a manifest promises"],
      ],
    },
  ],
  flags,
  async run({ flags: given, operands, output, messages, progress, signals, paint, terminal }) {
    const { quiet } = given;
    checkStreams(given, operands);
    const flags = await readHeaders(given, given.manifest === undefined ? operands : [...operands, given.manifest], signals.signal);
    if (flags.all || flags.groups) {
      const list = flags["files-from"];
      const listed = list === undefined ? [] : await readPaths(list, flags.null, signals.signal);
      const sources = [...operands, ...listed];
      const { checkManyFlags, runMany } = await import("./compare-many.ts");
      checkManyFlags(flags, sources.length);
      const options = await compareOptions({ ...flags, "files-from": undefined }, messages, signals.signal);
      const read = (name: Bytes) => sourceOf(name, flags, undefined);
      return runMany({ ...flags, output, messages, progress, signals, paint, terminal, options, read }, sources);
    }
    const list = flags["write-manifest"];
    if (list !== undefined) {
      const { checkWriteFlags, runWrite } = await import("./compare-write.ts");
      checkWriteFlags(given);
      const options = await compareOptions(flags, messages, signals.signal);
      return runWrite({ ...flags, output, messages, progress, signals, options }, operands[0] as Bytes, list);
    }
    if (flags["url-map"] !== undefined && flags.manifest !== undefined) {
      throw suiteError("E_USAGE", "--url-map and --manifest are both B", { op: "compare" });
    }
    // A map of URLs and a manifest have the name of their file.
    const [a, b = (flags["url-map"] ?? flags.manifest) as Bytes] = operands as [Bytes, Bytes?];
    const listing = flags.ranges || flags["verbose-bytes"];
    // What few ask for is loaded when it is asked for: the others do not wait for it.
    const bytes = listing || flags["print-bytes"] ? await import("./compare-ranges.ts") : undefined;
    if (flags["print-bytes"] && !listing) bytes?.refuseBytesAt(a, b);
    if (listing && flags.html !== undefined) throw suiteError("E_USAGE", "--html shows entries, not ranges of bytes", { op: "compare" });
    const map = flags["url-map"] === undefined ? undefined : await mapOf(flags["url-map"], flags, signals.signal);
    const listed = flags.manifest === undefined ? undefined : manifestOf(flags.manifest, flags);
    const sides: Operands = {
      a,
      b,
      left: manifestOperand(a, flags, "a") ?? sourceOf(a, flags, "a"),
      right: map ?? listed ?? manifestOperand(b, flags, "b") ?? sourceOf(b, flags, "b"),
    };
    const printer = quiet ? undefined : new ComparePrinter({ ...flags, output, messages, paint, terminal });
    const html = flags.html === undefined ? undefined : await import("./compare-html.ts");
    const page = html?.htmlReport(a, b);
    let result: PairResult | TreeSummary | undefined;
    let error: SuiteError | undefined;
    try {
      const options = await compareOptions(flags, messages, signals.signal);
      if (listing && bytes) return await bytes.runRanges({ ...flags, output, messages, progress, signals, options }, sides);
      const renames = flags.renames ? await import("../../src/compare/renames.ts") : undefined;
      const job = renames
        ? renames.compareRenames(sides.left, sides.right, { ...options, renameLimit: flags["rename-limit"], collect: 0 })
        : compare(sides.left, sides.right, options);
      using _ = progress.start(() => stepOf(job.progress));
      if (printer || page) {
        for await (const record of job) {
          if (record.type === "entry") {
            page?.add(record);
            await printer?.entry(record);
          } else await printer?.rename(record);
          progress.poll();
        }
      }
      result = await job;
    } catch (thrown) {
      if (!(thrown instanceof SuiteError) || thrown.code === "E_WRITE" || thrown.code === "E_USAGE") throw thrown;
      error = thrown;
      result = thrown.partial as typeof result;
    }
    const exit = signals.exit ?? exitCode(result, error, quiet);
    if (result?.kind === "pair" && bytes && !flags.json) printer?.tellBytes(await bytes.bytesAt(result, sides, flags["ignore-initial"]));
    printer?.end(result, exit, error, a, b);
    if (terminal && progress.live && !flags.json && !flags.null) {
      const { countsLine } = await import("../../src/report/compare-counts.ts");
      const counts = countsLine(result, signals.exit !== undefined || error !== undefined, flags.limit);
      if (counts !== undefined) messages.write(counts);
    }
    if (error && error.code !== "E_CANCELLED") complain(messages, error);
    if (result?.kind === "tree" && result.renamesSkipped) {
      const files = result.renamesSkipped === 1 ? "1 file" : `${result.renamesSkipped} files`;
      messages.write(`suite compare: ${files} on one side only not looked at for renames: unreadable, or beyond --rename-limit`);
    }
    if (result?.kind === "pair" && result.verdict === "different" && !quiet && !flags.json && bothNamedArchives(a, b)) {
      messages.write("suite compare: these are archives: --archive compares what is in them");
    }
    if (page && flags.html !== undefined) html?.writeWhole(flags.html, page.page(result, error));
    return exit;
  },
});

/** What can be seen of streams before anything is read. */
function checkStreams(flags: CompareFlags, operands: readonly Bytes[]): void {
  // Both sides at once are refused by the library.
  checkStdin([
    [flags.all || flags.groups ? "a source" : "one side", operands.find(isStdin)],
    ...flags["exclude-from"].map((file) => ["the list of --exclude-from", file] as const),
    ["the list of --files-from", flags["files-from"]],
    ["the map of --url-map", flags["url-map"]],
    ["the list of --manifest", flags.manifest],
  ]);
  const isStream = (side: Bytes) => side === "-" || side === "/dev/stdin" || /^\/(?:dev|proc\/self)\/fd\/\d+$/.test(String(side));
  if (flags["print-bytes"] && !flags["verbose-bytes"] && operands.some(isStream)) {
    throw suiteError("E_USAGE", "-b looks at both sides again, which a stream cannot be; use -l -b", { op: "compare" });
  }
  if (operands.includes("-") && startedClosed(0)) {
    throw suiteError("E_NOT_FOUND", "-: standard input is closed", { op: "open", path: "-" });
  }
}

async function compareOptions(flags: CompareFlags, messages: Messages, signal: AbortSignal): Promise<CompareOptions> {
  const list = flags["files-from"];
  return {
    locate: !flags.quiet && !flags.brief,
    stopAtFirst: flags.quiet,
    allEntries: flags["all-entries"],
    collapse: !flags.json && !flags["all-entries"] && !flags.renames,
    sizePrecheck: flags["size-precheck"],
    quickCheck: flags["quick-check"],
    chunkSize: flags["chunk-size"],
    jobs: flags.jobs,
    exclude: [...flags.exclude, ...(await readGlobs(flags["exclude-from"], signal))],
    include: flags.include,
    paths: list === undefined ? undefined : await readPaths(list, flags.null, signal),
    followSymlinks: flags.follow,
    oneFileSystem: flags["one-file-system"],
    skipEmptyDirs: flags["skip-empty-dirs"],
    oneWay: flags["one-way"],
    ignoreCaseNames: flags["ignore-case-names"],
    normalize: flags.normalize,
    metadata: flags.metadata,
    modifyWindowMs: flags["modify-window"],
    prove: flags.prove,
    limit: flags.limit,
    skip: flags["ignore-initial"],
    limitBytes: flags.bytes,
    ...archiveOptions(flags),
    signal,
    ...(flags.verbose > 0 && { log: (record) => messages.write(`suite compare: ${record.message}`) }),
  };
}
