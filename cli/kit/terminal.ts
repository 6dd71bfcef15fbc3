/**
 * Whether a person is at the other end, and how not to wait for a full pipe.
 * @module
 */
import { constants, fstatSync, openSync } from "node:fs";

/** Major number of /dev/null and its like: character devices, but no terminals. */
const MEMORY_DEVICES = 1;

/**
 * Whether a descriptor is a terminal. Cheap where it is not: `node:tty`, and
 * `process.stdout`, which loads it, cost twenty milliseconds.
 */
export function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || ((stat.rdev >> 8) & 0xfff) === MEMORY_DEVICES) return false;
  } catch {
    return false;
  }
  return Boolean((fd === 2 ? process.stderr : process.stdout).isTTY);
}

/**
 * A descriptor of the same file whose writes do not block, so that signals
 * are heard while a reader takes its time. The flag of the inherited one is
 * left alone where that can be: its other holders would see it change.
 */
export function withoutBlocking(fd: number): number {
  try {
    const stat = fstatSync(fd);
    if (stat.isFIFO()) return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    if (stat.isFile()) return fd;
  } catch {
    // A pipe whose reader has gone cannot be opened: writing to it says so.
    return fd;
  }
  // Sockets and terminals cannot be opened anew; Bun makes this one non-blocking when it is looked at.
  if (fd === 1) void process.stdout.writable;
  return fd;
}
