/**
 * Files that hold one rule or one path a line.
 * @module
 */
import { closeSync, fstatSync, openSync, readFileSync, statSync, type Stats } from "node:fs";
import { suiteError, type ErrorCode } from "../../src/errors.ts";
import { parseOperand } from "../../src/tree/parse.ts";
import { causeOf } from "../kit/cause.ts";
import type { Bytes } from "../kit/flag.ts";
import { startedClosed } from "../kit/output.ts";

const NUL = 0;
const NEWLINE = 0x0a;
/** No list is as long as this; something else was named by mistake, such as /dev/zero. */
const MAX_BYTES = 2 ** 30;

const CODES: Readonly<Record<string, ErrorCode>> = { ENOENT: "E_NOT_FOUND", ENOTDIR: "E_NOT_FOUND", EBADF: "E_NOT_FOUND", EACCES: "E_PERMISSION", EPERM: "E_PERMISSION" };

/** What is wrong with a list, and where. */
function refuse(code: ErrorCode, name: string, why: string, cause?: unknown): Error {
  return suiteError(code, `${name}: ${why}`, { op: "open", path: name, cause });
}

/** What a descriptor gives, to its end; a signal ends the wait for a writer that takes its time. */
async function readStream(fd: number, name: string, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = Bun.file(fd).stream().getReader();
  const cancel = () => void reader.cancel();
  signal.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw suiteError("E_CANCELLED", "cancelled", { op: "read", path: name });
      if (done) return Buffer.concat(parts);
      parts.push(value);
      length += value.length;
      if (length > MAX_BYTES) throw refuse("E_LIMIT", name, "the list is larger than 1 GiB");
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    await reader.cancel();
  }
}

/** A list by its path: a regular file at once, anything else as it comes. */
async function readPath(path: Uint8Array, name: string, signal: AbortSignal): Promise<Uint8Array> {
  const at = Buffer.from(path);
  checkKind(statSync(at), name);
  const fd = openSync(at, "r");
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd) : await readStream(fd, name, signal);
  } finally {
    closeSync(fd);
  }
}

function checkKind(stat: Stats, name: string): void {
  if (stat.isDirectory()) throw refuse("E_UNSUPPORTED", name, "it is a directory, not a list");
  // Opening it waits for a writer, and no signal is heard meanwhile.
  if (stat.isFIFO()) throw refuse("E_UNSUPPORTED", name, "it is a FIFO; give its lines as standard input");
  if (stat.isFile() && stat.size > MAX_BYTES) throw refuse("E_LIMIT", name, "the list is larger than 1 GiB");
}

async function read(file: Bytes, signal: AbortSignal): Promise<Uint8Array> {
  const name = typeof file === "string" ? file : new TextDecoder().decode(file);
  const location = parseOperand(file);
  try {
    if (location.kind === "path") return await readPath(location.path, name, signal);
    if (location.kind === "url") throw refuse("E_UNSUPPORTED", name, "a list is a file, not a URL");
    if (location.kind === "manifest") throw refuse("E_UNSUPPORTED", name, "a list is a file, not a manifest");
    const fd = location.kind === "stdin" ? 0 : location.fd;
    if (fd === 0 && startedClosed(0)) throw refuse("E_NOT_FOUND", name, "standard input is closed");
    if (fstatSync(fd).isDirectory()) throw refuse("E_UNSUPPORTED", name, "it is a directory, not a list");
    return await readStream(fd, name, signal);
  } catch (cause) {
    const { code, errno } = cause as NodeJS.ErrnoException;
    if (errno === undefined || code === undefined || code.startsWith("E_")) throw cause;
    throw refuse(CODES[code] ?? "E_READ", name, causeOf(cause), cause);
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

/** The text of a file (`-` for standard input). */
export async function readText(file: Bytes, signal: AbortSignal): Promise<string> {
  return new TextDecoder().decode(await read(file, signal));
}

/** The lines of a file; empty ones and those that begin with `#` are none. */
export async function readLines(file: Bytes, signal: AbortSignal): Promise<string[]> {
  const lines = (await readText(file, signal)).split("\n").map((line) => line.replace(/\r$/, ""));
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** The globs of files, one a line. */
export async function readGlobs(files: readonly Bytes[], signal: AbortSignal): Promise<string[]> {
  const globs: string[] = [];
  for (const file of files) globs.push(...(await readLines(file, signal)));
  return globs;
}

/** The paths of a file (`-` for standard input): one a line, or each ended by a NUL. */
export async function readPaths(file: Bytes, nul: boolean, signal: AbortSignal): Promise<Uint8Array[]> {
  return split(await read(file, signal), nul ? NUL : NEWLINE);
}

/** Whether this names standard input. */
export const isStdin = (named: Bytes | undefined) => named === "-" || named === "/dev/stdin" || named === "/dev/fd/0";

/**
 * Standard input is read once: it cannot be two things.
 *
 * @throws SuiteError E_USAGE
 */
export function checkStdin(uses: readonly (readonly [what: string, named: Bytes | undefined])[]): void {
  const [first, second] = uses.filter(([, named]) => isStdin(named));
  if (first && second) {
    throw suiteError("E_USAGE", `standard input cannot be both ${first[0]} and ${second[0]}`, { op: "compare" });
  }
}
