/**
 * What the byte-reading functions take as one side, and how it reaches libcore.
 * @module
 */
import { fstatSync } from "node:fs";
import { suiteError } from "../errors.ts";
import { addressOf } from "../ffi/address.ts";
import { Feed } from "../ffi/feed.ts";
import { CoreSourceKind, encodeSource } from "../ffi/layout.gen.ts";
import type { NativeRemote } from "../ffi/native-remote.ts";
import { operandText, parseOperand, type Location } from "./parse.ts";
import type { NativeMap } from "../ffi/native-map.ts";
import { makeMap, UrlMap } from "./map.ts";
import { makeRemote, shownUrl, UrlSource, withoutUndefined, type UrlOptions } from "./url.ts";

/**
 * One side of an operation: a path (text or bytes; `-` is standard input,
 * `archive:PATH` a file to look into, `PATH!/INSIDE` what is inside it), a
 * `file:`, `http:` or `https:` URL, bytes, a Blob, or a stream of bytes.
 *
 * A `Uint8Array` is read where it lies: it must not change until the run has
 * ended. To name a path by bytes, use {@link pathSource}.
 */
export type Source = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | PathSource | UrlSource;

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
  /** How its URL is asked for, or the tree that it is. */
  remote?: NativeRemote | NativeMap;
  /** The name for messages, where there is one. */
  name?: string;
  /** The name as bytes, where it is not valid UTF-8. */
  nameBytes?: Uint8Array;
  /** The descriptor it is read from, where it is that of a stream. */
  fd?: number;
}

function named(operand: string | Uint8Array, name: string, defaults: UrlOptions): PreparedSource {
  const location = parseOperand(operand);
  if (location.kind === "url") return remote(location.url, defaults);
  if (location.kind === "path") {
    return { ...placedPath(location), name };
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

function placedPath({ path, archive, inner }: Location & { kind: "path" }): PreparedSource {
  const kept = inner ? Buffer.concat([path, inner]) : path;
  const encoded = encodeSource({
    kind: CoreSourceKind.PATH,
    data: addressOf(kept),
    len: path.length,
    archive: archive ? 1 : 0,
    ...(inner && { inner: addressOf(kept) + path.length, innerLen: inner.length }),
  });
  return { encoded, kept };
}

function streamed(stream: ReadableStream<Uint8Array>): PreparedSource {
  const feed = Feed.of(stream);
  return { encoded: encodeSource({ kind: CoreSourceKind.FEED, feed: feed.pointer }), kept: feed };
}

function placed(kind: number, bytes: Uint8Array): PreparedSource {
  return { encoded: encodeSource({ kind, data: addressOf(bytes), len: bytes.length }), kept: bytes };
}

function remote(url: URL, options: UrlOptions): PreparedSource {
  const how = makeRemote(options);
  const bytes = new TextEncoder().encode(url.href);
  const encoded = encodeSource({ kind: CoreSourceKind.URL, data: addressOf(bytes), len: bytes.length, remote: how.pointer });
  return { encoded, kept: bytes, remote: how, name: shownUrl(url) };
}

/**
 * Prepares one side.
 *
 * @param defaults how a URL is asked for where it does not say so itself
 * @throws SuiteError E_USAGE, E_UNSUPPORTED, E_NOT_FOUND (a descriptor that is not open)
 */
export function prepareSource(source: Source | UrlMap, defaults: UrlOptions = {}): PreparedSource {
  if (source instanceof UrlMap) {
    const map = makeMap(source, defaults);
    const encoded = encodeSource({ kind: CoreSourceKind.MAP, map: map.pointer });
    return { encoded, kept: encoded, remote: map, name: "a map of URLs" };
  }
  if (source instanceof UrlSource) return remote(source.url, { ...defaults, ...withoutUndefined(source.options) });
  const operand = operandOf(source);
  if (typeof operand === "string") return named(operand, operand, defaults);
  if (operand) return { ...named(operand, operandText(operand), defaults), nameBytes: operand };
  if (source instanceof Uint8Array) return placed(CoreSourceKind.MEMORY, source);
  if (source instanceof Blob) return streamed(source.stream());
  if (source instanceof ReadableStream) return streamed(source);
  throw suiteError("E_USAGE", "a source is a path, a URL, bytes, a Blob or a stream", { op: "parse" });
}

/** The operand that a source names, if it names one. */
function operandOf(source: Source | UrlMap): string | Uint8Array | undefined {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "file:" ? Bun.fileURLToPath(source) : source.href;
  const byBytes = typeof source === "object" && source !== null && "pathBytes" in source;
  return byBytes && source.pathBytes instanceof Uint8Array ? source.pathBytes : undefined;
}

/** Whether a source can only be read while this thread's event loop runs. */
export function isStream(source: Source | UrlMap): boolean {
  if (source instanceof Blob || source instanceof ReadableStream) return true;
  const operand = operandOf(source);
  if (operand === undefined) return false;
  const { kind } = parseOperand(operand);
  return kind === "stdin" || kind === "descriptor";
}

/** What the stream of one of the sides failed with, if one did. */
export function streamFailure(sources: readonly PreparedSource[]): { readonly cause: unknown } | undefined {
  for (const { kept } of sources) if (kept instanceof Feed && kept.failure) return kept.failure;
  return undefined;
}

/** Lets go of a prepared side. */
export function releaseSource(source: PreparedSource): void {
  if (source.kept instanceof Feed) source.kept.close();
  source.remote?.close();
}
