// What lies in a cache under a name that nothing asks for any more: other versions, flags and compilers. The time of a
// folder tells when a build last used it, so that what other branches and compilers use stays for a while.
import { readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** How long a folder stays that no build used, in milliseconds. */
export const keptUnused: number = 7 * 24 * 3600 * 1000;

const day = 24 * 3600 * 1000;

/** Notes that a build uses these folders now. Those that do not exist are left out. */
export function markUsed(folders: readonly string[], now: number = Date.now()): void {
  for (const folder of folders) {
    try {
      // Once a day is enough, and keeps a build with nothing to do from writing.
      if (now - statSync(folder).mtimeMs > day) utimesSync(folder, now / 1000, now / 1000);
    } catch {
      // Not there yet; or not ours to change, and then a later build makes it again.
    }
  }
}

/**
 * Removes the folders in `parent` whose names are not among `keep` and that no build used for {@link keptUnused}. Gives
 * their names. Whoever else may mark a folder as used holds the same lock meanwhile.
 */
export function removeUnused(parent: string, keep: ReadonlySet<string>, now: number = Date.now()): string[] {
  const removed: string[] = [];
  for (const entry of list(parent)) {
    if (keep.has(entry)) continue;
    const folder = join(parent, entry);
    try {
      if (now - statSync(folder).mtimeMs <= keptUnused) continue;
      // Renamed first: a folder that is there is whole, also when this is interrupted.
      const gone = `${folder}.removed`;
      renameSync(folder, gone);
      rmSync(gone, { recursive: true, force: true });
      removed.push(entry);
    } catch {
      // Space that cannot be won back is no reason to fail a build.
    }
  }
  return removed;
}

function list(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
