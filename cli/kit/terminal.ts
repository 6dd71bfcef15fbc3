/**
 * Whether a person is at the other end, and how not to wait for a full pipe.
 * @module
 */
import { constants, fstatSync, openSync, type Stats } from "node:fs";

/** Major number of /dev/null and its like: character devices, but no terminals. */
const MEMORY_DEVICES = 1;
/** Major numbers of Linux: virtual consoles and serial lines, /dev/tty and /dev/console; pseudo terminals have 136 to 143. */
const CONSOLES = [4, 5];

const major = ({ rdev }: Stats): number => (rdev >> 8) & 0xfff;

/** The character device that a descriptor is, if it is one. */
function device(fd: number): Stats | undefined {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() ? stat : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a descriptor is /dev/null or its like. */
export function isMemoryDevice(fd: number): boolean {
  const stat = device(fd);
  return stat !== undefined && major(stat) === MEMORY_DEVICES;
}

/**
 * Whether a descriptor is a terminal. Bun is asked only where the number of
 * the device does not say it: `node:tty`, and `process.stdout`, which loads
 * it, cost twenty milliseconds.
 */
export function isTerminal(fd: number): boolean {
  const stat = device(fd);
  if (stat === undefined || major(stat) === MEMORY_DEVICES) return false;
  if (process.platform === "linux" && (CONSOLES.includes(major(stat)) || major(stat) >> 3 === 136 >> 3)) return true;
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
    if (stat.isFile() || (stat.isCharacterDevice() && major(stat) === MEMORY_DEVICES)) return fd;
    if (stat.isFIFO() || stat.isCharacterDevice()) {
      return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    }
  } catch {
    // A pipe whose reader has gone cannot be opened: writing to it says so. Nor can somebody else's terminal.
    if (!isTerminal(fd)) return fd;
  }
  // Sockets cannot be opened anew; Bun makes this one non-blocking when it is looked at.
  if (fd === 1) void process.stdout.writable;
  return fd;
}
