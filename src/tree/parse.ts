/**
 * How a source is named: on every command line and in every API call.
 * @module
 */
import { suiteError } from "../errors.ts";

/** Schemes of the operand grammar. What begins with any other word and a colon is a path. */
const SCHEMES = ["http", "https", "s3", "gs", "az", "manifest", "archive"] as const;

/** A named source, taken apart. */
export type Location =
  | { kind: "path"; path: Uint8Array }
  | { kind: "stdin" }
  /** A descriptor that the process was started with, such as a shell's `<(command)`; `/dev/stdin` is 0. */
  | { kind: "descriptor"; fd: number };

const ENCODER = new TextEncoder();

function bytesOf(operand: string | Uint8Array): Uint8Array {
  return typeof operand === "string" ? ENCODER.encode(operand) : operand;
}

/**
 * Takes an operand apart. What begins with `/`, `./` or `../` is a path;
 * otherwise the listed schemes are schemes and everything else is a path.
 *
 * @throws SuiteError E_USAGE for an empty operand or one with a NUL, E_UNSUPPORTED for a scheme this version cannot read
 */
export function parseOperand(operand: string | Uint8Array): Location {
  const path = bytesOf(operand);
  const text = typeof operand === "string" ? operand : new TextDecoder().decode(operand);
  if (path.length === 0) throw suiteError("E_USAGE", "an operand is empty", { op: "parse" });
  if (path.includes(0)) {
    throw suiteError("E_USAGE", `the operand ${JSON.stringify(text)} holds a NUL byte`, { op: "parse", path: text });
  }
  if (text === "-") return { kind: "stdin" };
  if (text === "/dev/stdin") return { kind: "descriptor", fd: 0 };
  const descriptor = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(text);
  if (descriptor) return { kind: "descriptor", fd: Number(descriptor[1]) };
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme && (SCHEMES as readonly string[]).includes(scheme)) {
    throw suiteError(
      "E_UNSUPPORTED",
      `${text}: this version reads files and directories, not ${scheme}: sources; a file of that name is ./${text}`,
      { op: "parse", path: text },
    );
  }
  return { kind: "path", path };
}
