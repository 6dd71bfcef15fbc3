// Empties the page cache before a measurement.
import { dlopen } from "bun:ffi";
import { accessSync, closeSync, constants, openSync, writeFileSync } from "node:fs";
import type { BenchOptions } from "./args.ts";

/** How files leave the page cache here. */
export interface Cold {
  /** For the report. */
  readonly how: string;
  readonly drop: (files: readonly string[]) => void;
}

const DROP_CACHES = "/proc/sys/vm/drop_caches";
const POSIX_FADV_DONTNEED = 4;

function dropAll(): Cold | undefined {
  try {
    accessSync(DROP_CACHES, constants.W_OK);
    if (process.getuid?.() !== 0) return undefined;
  } catch {
    return undefined;
  }
  const drop = () => {
    Bun.spawnSync(["sync"]);
    writeFileSync(DROP_CACHES, "3");
  };
  return { how: "all caches dropped (drop_caches 3): bytes, names and inodes are read from the disk", drop };
}

function openLibc() {
  for (const name of ["libc.so.6", "libc.so"]) {
    try {
      return dlopen(name, { posix_fadvise: { args: ["i32", "i64", "i64", "i32"], returns: "i32" } }).symbols;
    } catch {
      // The next name.
    }
  }
  return undefined;
}

function adviseFiles(): Cold | undefined {
  const libc = process.platform === "linux" ? openLibc() : undefined;
  if (!libc) return undefined;
  let synced = false;
  const drop = (files: readonly string[]) => {
    // What is not yet written cannot be dropped.
    if (!synced) Bun.spawnSync(["sync"]);
    synced = true;
    for (const path of files) {
      const file = openSync(path, "r");
      libc.posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
      closeSync(file);
    }
  };
  return { how: "the bytes of these files dropped (posix_fadvise): names and inodes stay cached", drop };
}

/** The way that works here, or nothing. */
export function findCold(wanted: BenchOptions["cold"]): Cold | undefined {
  if (wanted === "off") return undefined;
  return (wanted === "advise" ? undefined : dropAll()) ?? (wanted === "drop" ? undefined : adviseFiles());
}
