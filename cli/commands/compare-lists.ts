/**
 * Files that hold one rule or one path a line.
 * @module
 */
import { readFileSync } from "node:fs";
import { suiteError } from "../../src/errors.ts";
import type { Bytes } from "../kit/flag.ts";

const NUL = 0;
const NEWLINE = 0x0a;

function read(file: Bytes): Uint8Array {
  const name = typeof file === "string" ? file : new TextDecoder().decode(file);
  try {
    return readFileSync(file === "-" ? 0 : typeof file === "string" ? file : Buffer.from(file));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const kind = code === "ENOENT" ? "E_NOT_FOUND" : code === "EACCES" ? "E_PERMISSION" : "E_READ";
    throw suiteError(kind, `${name}: ${message}`, { op: "open", path: name, cause });
  }
}

function split(bytes: Uint8Array, end: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(end, at);
    const stop = next < 0 ? bytes.length : next;
    if (stop > at) parts.push(bytes.subarray(at, stop));
    at = stop + 1;
  }
  return parts;
}

/** The globs of files: one a line; empty lines and those that begin with `#` are none. */
export function readGlobs(files: readonly Bytes[]): string[] {
  const lines = files.flatMap((file) => new TextDecoder().decode(read(file)).split("\n"));
  return lines.map((line) => line.replace(/\r$/, "")).filter((line) => line !== "" && !line.startsWith("#"));
}

/** The paths of a file (`-` for standard input): one a line, or each ended by a NUL. */
export function readPaths(file: Bytes, nul: boolean): Uint8Array[] {
  return split(read(file), nul ? NUL : NEWLINE);
}
