/**
 * Arguments as the system has them: bytes.
 * @module
 */
import { readFileSync } from "node:fs";

/**
 * The bytes of an argument. Bun decodes arguments, and loses what is not
 * UTF-8; the system still has it.
 *
 * @param argument the argument as Bun gives it
 * @param fromEnd how many arguments follow it
 */
export function rawArgument(argument: string, fromEnd: number): string | Uint8Array {
  try {
    const raw = readFileSync("/proc/self/cmdline");
    let end = raw.length - 1;
    for (let i = 0; i < fromEnd; i++) end = raw.lastIndexOf(0, end - 1);
    const start = raw.lastIndexOf(0, end - 1) + 1;
    return new Uint8Array(raw.subarray(start, end));
  } catch {
    return argument;
  }
}
