/**
 * How a source is named: on every command line and in every API call.
 * @module
 */
import { statSync } from "node:fs";
import { suiteError } from "../errors.ts";
import { parseUrl } from "./url.ts";

/** Schemes of the operand grammar besides http and https. What begins with any other word and a colon is a path. */
const SCHEMES = ["s3", "gs", "az"] as const;

/** Says that a path is to be looked into as an archive. */
const ARCHIVE = "archive:";

/** Says that a source is a list of what a tree should hold. */
const MANIFEST = "manifest:";

/** Stands between an archive and a path inside it. */
const INSIDE = Buffer.from("!/");

/** A named source, taken apart. */
export type Location =
  | {
      kind: "path";
      path: Uint8Array;
      /** The file is to be looked into as an archive. */
      archive?: boolean;
      /** The path inside the archive that is meant, without slashes at its ends. */
      inner?: Uint8Array;
    }
  | { kind: "stdin" }
  /** What `operand`, which is none of these, lists. */
  | { kind: "manifest"; operand: Uint8Array }
  /** http or https. */
  | { kind: "url"; url: URL }
  /** A descriptor that the process was started with, such as a shell's `<(command)`; `/dev/stdin` is 0. */
  | { kind: "descriptor"; fd: number };

const ENCODER = new TextEncoder();
const SLASH = 0x2f;
// A byte order mark is part of a name: a file of that and a dash is not standard input.
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** An operand as text, for what is written of it in ASCII. */
export const operandText = (operand: string | Uint8Array): string =>
  typeof operand === "string" ? operand : DECODER.decode(operand);

function bytesOf(operand: string | Uint8Array): Uint8Array {
  return typeof operand === "string" ? ENCODER.encode(operand) : operand;
}

function isFile(path: Uint8Array): boolean {
  try {
    return statSync(Buffer.from(path)).isFile();
  } catch {
    // Too long, below a file, refused: no archive that could be looked into. Whoever opens the operand is told why.
    return false;
  }
}

/** Splits `archive!/inside` at the first `!/` that stands behind the path of a regular file. */
function insideArchive(operand: Uint8Array): Location | undefined {
  const bytes = Buffer.from(operand.buffer, operand.byteOffset, operand.length);
  for (let at = bytes.indexOf(INSIDE); at > 0; at = bytes.indexOf(INSIDE, at + 1)) {
    const path = bytes.subarray(0, at);
    if (!isFile(path)) continue;
    let [from, to] = [at + INSIDE.length, bytes.length];
    while (from < to && bytes[from] === SLASH) from++;
    while (to > from && bytes[to - 1] === SLASH) to--;
    const inner = bytes.subarray(from, to);
    return inner.length > 0 ? { kind: "path", path, archive: true, inner } : { kind: "path", path, archive: true };
  }
  return undefined;
}

/**
 * Takes an operand apart. What begins with `/`, `./` or `../` is a path;
 * otherwise the listed schemes are schemes and everything else is a path.
 * `archive:PATH` is a file that is to be looked into, `PATH!/INSIDE` what is
 * inside it, `manifest:OPERAND` what a file, a URL or standard input lists. A name that holds `!/` itself wins where the archive is no file.
 *
 * @throws SuiteError E_USAGE for an empty operand, one with a NUL or a URL that is none, E_UNSUPPORTED for a scheme this version cannot read
 */
export function parseOperand(operand: string | Uint8Array): Location {
  const path = bytesOf(operand);
  const text = operandText(operand);
  if (path.length === 0) throw suiteError("E_USAGE", "an operand is empty", { op: "parse" });
  if (path.includes(0)) {
    throw suiteError("E_USAGE", `the operand ${JSON.stringify(text)} holds a NUL byte`, { op: "parse", path: text });
  }
  if (text === "-") return { kind: "stdin" };
  if (text === "/dev/stdin") return { kind: "descriptor", fd: 0 };
  const descriptor = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(text);
  if (descriptor) return { kind: "descriptor", fd: Number(descriptor[1]) };
  if (text.startsWith(ARCHIVE)) {
    const rest = path.subarray(ARCHIVE.length);
    if (rest.length === 0) throw suiteError("E_USAGE", `${text}: no path follows`, { op: "parse", path: text });
    return insideArchive(rest) ?? { kind: "path", path: rest, archive: true };
  }
  if (text.startsWith(MANIFEST)) {
    const rest = path.subarray(MANIFEST.length);
    if (rest.length === 0) throw suiteError("E_USAGE", `${text}: no path follows`, { op: "parse", path: text });
    return { kind: "manifest", operand: rest };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === "http" || scheme === "https") return { kind: "url", url: parseUrl(text) };
  if (scheme && (SCHEMES as readonly string[]).includes(scheme)) {
    throw suiteError(
      "E_UNSUPPORTED",
      `${text}: this version reads files, directories and URLs, not ${scheme}: sources; a file of that name is ./${text}`,
      { op: "parse", path: text },
    );
  }
  return insideArchive(path) ?? { kind: "path", path };
}
