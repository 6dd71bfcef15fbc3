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
import { formatNumber, Manifest } from "./manifest.ts";
import { makeMap, UrlMap } from "./map.ts";
import { makeRemote, shownUrl, UrlSource, withoutUndefined, type UrlOptions } from "./url.ts";

/**
 * One side of an operation: a path (text or bytes; `-` is standard input,
 * `archive:PATH` a file to look into, `PATH!/INSIDE` what is inside it,
 * `manifest:PATH` what that file lists), a
 * `file:`, `http:` or `https:` URL, bytes, a Blob, or a stream of bytes.
 *
 * A `Uint8Array` is read where it lies: it must not change until the run has
 * ended. To name a path by bytes, use {@link pathSource}.
 */
export type Source = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | PathSource | UrlSource;

/** A side that is a tree and no source of bytes. */
export type TreeSource = UrlMap | Manifest;

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

/** @param manifest the `core_manifest_format` of a manifest, 0 for anything else */
function named(operand: string | Uint8Array, name: string, defaults: UrlOptions, manifest: number): PreparedSource {
  const location = parseOperand(operand);
  if (location.kind === "manifest") {
    if (manifest) throw suiteError("E_USAGE", `${name}: a manifest is named once`, { op: "parse", path: name });
    return named(location.operand, name, defaults, formatNumber(undefined));
  }
  if (location.kind === "url") return remote(location.url, defaults, manifest);
  if (location.kind === "path") {
    if (manifest && location.archive) throw suiteError("E_USAGE", `${name}: a manifest is read from a file, not from an archive`, { op: "parse", path: name });
    return { ...placedPath(location, manifest), name };
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
  return { ...streamed(Bun.file(fd).stream(), manifest), name, fd };
}

function placedPath({ path, archive, inner }: Location & { kind: "path" }, manifest: number): PreparedSource {
  const kept = inner ? Buffer.concat([path, inner]) : path;
  const encoded = encodeSource({
    kind: CoreSourceKind.PATH,
    data: addressOf(kept),
    len: path.length,
    archive: archive ? 1 : 0,
    manifest,
    ...(inner && { inner: addressOf(kept) + path.length, innerLen: inner.length }),
  });
  return { encoded, kept };
}

function streamed(stream: ReadableStream<Uint8Array>, manifest: number): PreparedSource {
  const feed = Feed.of(stream);
  return { encoded: encodeSource({ kind: CoreSourceKind.FEED, feed: feed.pointer, manifest }), kept: feed };
}

function placed(bytes: Uint8Array, manifest: number): PreparedSource {
  const at = { data: addressOf(bytes), len: bytes.length };
  return { encoded: encodeSource({ kind: CoreSourceKind.MEMORY, ...at, manifest }), kept: bytes };
}

function remote(url: URL, options: UrlOptions, manifest: number): PreparedSource {
  const how = makeRemote(options);
  const bytes = new TextEncoder().encode(url.href);
  const encoded = encodeSource({ kind: CoreSourceKind.URL, data: addressOf(bytes), len: bytes.length, remote: how.pointer, manifest });
  return { encoded, kept: bytes, remote: how, name: shownUrl(url) };
}

/**
 * Prepares one side.
 *
 * @param defaults how a URL is asked for where it does not say so itself
 * @throws SuiteError E_USAGE, E_UNSUPPORTED, E_NOT_FOUND (a descriptor that is not open)
 */
export function prepareSource(source: Source | TreeSource, defaults: UrlOptions = {}): PreparedSource {
  if (source instanceof UrlMap) {
    const map = makeMap(source, defaults);
    const encoded = encodeSource({ kind: CoreSourceKind.MAP, map: map.pointer });
    return { encoded, kept: encoded, remote: map, name: "a map of URLs" };
  }
  if (source instanceof Manifest) return prepareBytes(source.source, defaults, formatNumber(source.format));
  return prepareBytes(source, defaults, 0);
}

function prepareBytes(source: Source, defaults: UrlOptions, manifest: number): PreparedSource {
  if (source instanceof UrlSource) return remote(source.url, { ...defaults, ...withoutUndefined(source.options) }, manifest);
  const operand = operandOf(source);
  if (typeof operand === "string") return named(operand, operand, defaults, manifest);
  if (operand) return { ...named(operand, operandText(operand), defaults, manifest), nameBytes: operand };
  if (source instanceof Uint8Array) return placed(source, manifest);
  if (source instanceof Blob) return streamed(source.stream(), manifest);
  if (source instanceof ReadableStream) return streamed(source, manifest);
  throw suiteError("E_USAGE", "a source is a path, a URL, bytes, a Blob or a stream", { op: "parse" });
}

/** The operand that a source names, if it names one. */
function operandOf(source: Source | TreeSource): string | Uint8Array | undefined {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.protocol === "file:" ? Bun.fileURLToPath(source) : source.href;
  const byBytes = typeof source === "object" && source !== null && "pathBytes" in source;
  return byBytes && source.pathBytes instanceof Uint8Array ? source.pathBytes : undefined;
}

/** Whether a source can only be read while this thread's event loop runs. */
export function isStream(source: Source | TreeSource): boolean {
  if (source instanceof Manifest) return isStream(source.source);
  if (source instanceof Blob || source instanceof ReadableStream) return true;
  const operand = operandOf(source);
  if (operand === undefined) return false;
  const location = parseOperand(operand);
  const { kind } = location.kind === "manifest" ? parseOperand(location.operand) : location;
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
