// One build at a time per cache folder. The lock is SQLite's lock on an empty database: the kernel drops it when its
// process dies, however it dies, so no lock is ever left behind, and it works on every system that Bun runs on.
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { storageError } from "./errors.ts";

const pollMs = 50;

/** Runs `work` while holding the lock file; `onWait` is called once when another build holds it. */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const database = open(path);
  try {
    let told = false;
    while (!tryLock(database, path)) {
      if (!told) onWait();
      told = true;
      await Bun.sleep(pollMs);
    }
    return await work();
  } finally {
    database.close();
  }
}

function open(path: string): Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new Database(path);
  } catch (error) {
    throw asStorageError(error, path);
  }
}

function tryLock(database: Database, path: string): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_BUSY") return false;
    throw asStorageError(error, path);
  }
}

function asStorageError(error: unknown, path: string): unknown {
  const code = (error as { code?: string }).code ?? "";
  const posix: Record<string, string> = { SQLITE_READONLY: "EROFS", SQLITE_CANTOPEN: "EACCES", SQLITE_FULL: "ENOSPC" };
  const same = Object.entries(posix).find(([prefix]) => code.startsWith(prefix))?.[1];
  if (same === undefined) return storageError(error, "write to the build cache", path);
  return storageError(Object.assign(new Error(String(error)), { code: same }), "write to the build cache", path);
}
