/**
 * Two archives, or an archive and a directory, as trees.
 * @module
 */
import { Run, runSync } from "../run.ts";
import type { EntryRecord } from "../records.gen.ts";
import type { Source } from "../tree/source.ts";
import { refuseStreams, type SyncSource } from "./compare.ts";
import { dirPlan, type CompareDirOptions, type DirResult } from "./dir.ts";

const WHAT = "compareArchive compares archives and directories";

/**
 * Compares what is in two archives, whatever their formats, or in an archive
 * and a directory, and lists what differs. Nothing is unpacked to disk.
 *
 * An archive that is damaged, encrypted or beyond a limit makes entries of
 * code E_ARCHIVE, E_ARCHIVE_ENCRYPTED or E_ARCHIVE_BOMB and the verdict
 * `unknown`; what was read before it counts.
 *
 * @throws SuiteError as {@link compare}
 * @example
 * ```ts
 * import { compareArchive } from "suite";
 *
 * const tar = await new Bun.Archive({ "a.txt": "same", "b.txt": "left" }).bytes();
 * const tgz = await new Bun.Archive({ "b.txt": "right", "a.txt": "same" }, { compress: "gzip" }).bytes();
 * const result = await compareArchive(tar, tgz);
 * console.log(result.verdict, result.diff["b.txt"]); // different size_mismatch
 * ```
 */
export function compareArchive(a: Source, b: Source, options: CompareDirOptions = {}): Run<EntryRecord, DirResult> {
  return new Run(dirPlan(a, b, { ...options, archive: true }, WHAT));
}

/**
 * As {@link compareArchive}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareArchiveSync } from "suite";
 *
 * const tar = await new Bun.Archive({ "a.txt": "same" }).bytes();
 * console.log(compareArchiveSync(tar, tar).equal); // true
 * ```
 */
export function compareArchiveSync(a: SyncSource, b: SyncSource, options: CompareDirOptions = {}): DirResult {
  refuseStreams(a, b);
  return runSync(dirPlan(a, b, { ...options, archive: true }, WHAT));
}
