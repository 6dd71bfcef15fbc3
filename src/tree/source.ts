/**
 * What the byte-reading functions take as one side, and how it reaches libcore.
 * @module
 */
import { fstatSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suiteError } from "../errors.ts";
import { addressOf } from "../ffi/address.ts";
import { Feed } from "../ffi/feed.ts";
import { CoreSourceKind, encodeSource } from "../ffi/layout.gen.ts";
import { parseOperand } from "./parse.ts";

/**
 * One side of an operation: a path (text or bytes; `-` is standard input), a
 * `file:` URL, bytes, a Blob, or a stream of bytes.
 *
 * A `Uint8Array` is read where it lies: it must not change until the run has
 * ended. To name a path by bytes, use {@link pathSource}.
 */
export type Source = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | PathSource;

/** A path given by its bytes. */
export interface PathSource {
  readonly pathBytes: Uint8Array;
}

/**
 * Names a file by the bytes of its path, for names that are not valid UTF-8.
 *
 * @example
 * ```ts
 * import { compareSync, pathSource } from "suite";
 *
 * const same = pathSource(new TextEncoder().encode("/bin/sh"));
 * console.log(compareSync(same, same).proof); // same_inode
 * ```
 */
export function pathSource(pathBytes: Uint8Array): PathSource {
  return { pathBytes };
}

/** A side ready for libcore. */
export interface PreparedSource {
  /** A `core_source`. Valid while this object is held. */
  encoded: Uint8Array;
  /** What `encoded` points to. */
  kept: Uint8Array | Feed;
  /** The name for messages, where there is one. */
  name?: string;
  /** The descriptor it is read from, where it is that of a stream. */
  fd?: number;
}

function pathOrStream(operand: string | Uint8Array, name: string): PreparedSource {
  const location = parseOperand(operand);
  if (location.kind === "path") {
    return { ...placed(CoreSourceKind.PATH, location.path), name };
  }
  const fd = location.kind === "stdin" ? 0 : location.fd;
  let directory: boolean;
  try {
    directory = fstatSync(fd).isDirectory();
  } catch (cause) {
    throw suiteError("E_NOT_FOUND", `${name}: this process has no descriptor ${fd}`, { op: "open", path: name, cause });
  }
  if (directory)
    throw suiteError("E_UNSUPPORTED", `${name}: it is a directory, not a stream`, { op: "open", path: name });
  return { ...streamed(Bun.file(fd).stream()), name, fd };
}

function streamed(stream: ReadableStream<Uint8Array>): PreparedSource {
  const feed = Feed.of(stream);
  return { encoded: encodeSource({ kind: CoreSourceKind.FEED, feed: feed.pointer }), kept: feed };
}

function placed(kind: number, bytes: Uint8Array): PreparedSource {
  return { encoded: encodeSource({ kind, data: addressOf(bytes), len: bytes.length }), kept: bytes };
}

/**
 * Prepares one side.
 *
 * @throws SuiteError E_USAGE, E_UNSUPPORTED, E_NOT_FOUND (a descriptor that is not open)
 */
export function prepareSource(source: Source): PreparedSource {
  const operand = operandOf(source);
  if (operand !== undefined) {
    return pathOrStream(operand, typeof operand === "string" ? operand : new TextDecoder().decode(operand));
  }
  if (source instanceof Uint8Array) return placed(CoreSourceKind.MEMORY, source);
  if (source instanceof Blob) return streamed(source.stream());
  if (source instanceof ReadableStream) return streamed(source);
  throw suiteError("E_USAGE", "a source is a path, a URL, bytes, a Blob or a stream", { op: "parse" });
}

/** The operand that a source names, if it names one. */
function operandOf(source: Source): string | Uint8Array | undefined {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "file:" ? fileURLToPath(source) : source.href;
  const named = typeof source === "object" && source !== null && "pathBytes" in source;
  return named && source.pathBytes instanceof Uint8Array ? source.pathBytes : undefined;
}

/** Whether a source can only be read while this thread's event loop runs. */
export function isStream(source: Source): boolean {
  if (source instanceof Blob || source instanceof ReadableStream) return true;
  const operand = operandOf(source);
  return operand !== undefined && parseOperand(operand).kind !== "path";
}

/** What the stream of one of the sides failed with, if one did. */
export function streamFailure(sources: readonly PreparedSource[]): { readonly cause: unknown } | undefined {
  for (const { kept } of sources) if (kept instanceof Feed && kept.failure) return kept.failure;
  return undefined;
}

/** Lets go of a prepared side. */
export function releaseSource(source: PreparedSource): void {
  if (source.kept instanceof Feed) source.kept.close();
}
