/**
 * `suite compare DIR --write-manifest FILE`, which compares nothing.
 * @module
 */
import { writeManifest } from "../../src/compare/manifest.ts";
import { suiteError, SuiteError } from "../../src/errors.ts";
import type { CompareOptions, ManifestResult } from "../../src/index.ts";
import { manifestSummaryJson } from "../../src/report/manifest-json.ts";
import { pathSource } from "../../src/tree/source.ts";
import { Exit } from "../kit/exit.ts";
import type { Bytes } from "../kit/flag.ts";
import type { Messages } from "../kit/messages.ts";
import type { Output } from "../kit/output.ts";
import type { Progress } from "../kit/progress.ts";
import type { Signals } from "../kit/signals.ts";
import { formatOf, type ManifestFlags } from "./compare-manifests.ts";
import { stepOf } from "./compare-outcome.ts";
import { operandName } from "./compare-urls.ts";

/** What a manifest is written with. */
export interface WriteContext extends ManifestFlags {
  readonly output: Output;
  readonly messages: Messages;
  readonly progress: Progress;
  readonly signals: Signals;
  readonly options: CompareOptions;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What is said of comparisons on the command line alone; what a configuration may say of them is passed over. */
const OF_COMPARISONS = ["manifest", "url-map", "all", "groups", "html", "ranges", "verbose-bytes", "print-bytes", "ignore-initial"]
  .concat(["bytes", "all-entries", "brief", "limit", "archive"]);

/**
 * Refuses flags about a second side, of which there is none.
 *
 * @throws SuiteError E_USAGE
 */
export function checkWriteFlags(flags: Readonly<Record<string, unknown>>): void {
  const given = OF_COMPARISONS.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (given !== undefined) throw suiteError("E_USAGE", `--write-manifest compares nothing, so --${given} does not go with it`, { op: "compare" });
}

/** Writes the manifest: the exit code. */
export async function runWrite(context: WriteContext, dir: Bytes, file: Bytes): Promise<number> {
  const { output, messages, progress, signals, options, json, quiet } = context;
  let result: ManifestResult | undefined;
  let error: SuiteError | undefined;
  const asPath = (operand: Bytes) => (typeof operand === "string" ? operand : pathSource(operand));
  try {
    const { exclude, include, paths, followSymlinks, oneFileSystem, skipEmptyDirs, chunkSize, jobs, signal } = options;
    const how = { exclude, include, paths, followSymlinks, oneFileSystem, skipEmptyDirs, chunkSize, jobs, signal };
    const job = writeManifest(asPath(dir), asPath(file), { ...how, format: formatOf(context) });
    using _ = progress.start(() => stepOf(job.progress));
    for await (const record of job) {
      if (json && !quiet) output.write(JSON.stringify(record.toJSON()), "\n");
      if (record.error && !json) messages.write(`suite compare: ${record.path}: ${record.error.message} (${record.error.code})`);
      if (output.full) await output.flush();
      progress.poll();
    }
    result = await job;
  } catch (thrown) {
    if (!(thrown instanceof SuiteError) || thrown.code === "E_USAGE") throw thrown;
    // That of standard output, which ends every command in the same way, names no path.
    if (thrown.code === "E_WRITE" && thrown.path === undefined) throw thrown;
    error = thrown;
    result = thrown.partial as ManifestResult | undefined;
  }
  const exit = signals.exit ?? error?.exitCode ?? ((result?.unknown ?? 0) > 0 ? Exit.PARTIAL : Exit.OK);
  if (json && !quiet) output.write(JSON.stringify(manifestSummaryJson(result, exit, error)), "\n");
  if (error && error.code !== "E_CANCELLED") messages.write(`suite compare: ${error.message} (${error.code})`);
  if (error && (result?.files ?? 0) > 0) messages.write(`suite compare: what was found out is kept beside ${operandName(file)}; the same command goes on`);
  return exit;
}
