/**
 * Entries that were found, made of records that hold many.
 * @module
 */
import { KIND_WORDS, type Kind } from "../ffi/layout.gen.ts";
import type { FoundRecord } from "../records.gen.ts";
import { isUtf8 } from "../units/utf8.ts";

// The byte order mark is part of a name like any other character.
const TEXT = new TextDecoder("utf-8", { ignoreBOM: true });
const HEAD_BYTES = 8;

/** The JSON shape of {@link Found}. */
export interface FoundJson {
  v: 1;
  type: "entry";
  path?: string;
  /** The path in base64, in place of `path` where that is not valid UTF-8. */
  path_b64?: string;
  kind: Kind;
  /** It is a symbolic link that was followed, and `kind` that of what it leads to. */
  link?: true;
  depth: number;
}

/**
 * One entry that was found. It is read from its record when it is asked.
 *
 * @example
 * ```ts
 * import { findSync } from "suite";
 *
 * const [entry] = findSync("cli", "", { maxDepth: 1 });
 * console.log(entry?.path, entry?.kind, entry?.depth); // cli dir 1
 * ```
 */
export class Found {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #roots: readonly Uint8Array[];

  /** @internal */
  constructor(bytes: Uint8Array, at: number, roots: readonly Uint8Array[]) {
    this.#bytes = bytes;
    this.#at = at;
    this.#roots = roots;
  }

  #u16(at: number): number {
    return (this.#bytes[this.#at + at] ?? 0) | ((this.#bytes[this.#at + at + 1] ?? 0) << 8);
  }

  /** The path as the root was named, and below it. Bytes that are not UTF-8 are U+FFFD. */
  get path(): string {
    return TEXT.decode(this.pathBytes);
  }

  /** The path as it is: what may be opened. */
  get pathBytes(): Uint8Array {
    const root = this.#roots[this.#u16(6)];
    const below = this.relativeBytes;
    return root && root.length > 0 ? Buffer.concat([root, below]) : below;
  }

  /** The path below the root. */
  get relative(): string {
    return TEXT.decode(this.relativeBytes);
  }

  get relativeBytes(): Uint8Array {
    const at = this.#at + HEAD_BYTES;
    return this.#bytes.subarray(at, at + this.#u16(0));
  }

  get kind(): Kind {
    return KIND_WORDS[this.#bytes[this.#at + 2] ?? 0] ?? "unknown";
  }

  /** It is a symbolic link that was followed, and `kind` that of what it leads to. */
  get link(): boolean {
    return this.#bytes[this.#at + 3] === 1;
  }

  /** 1 for names in the root. */
  get depth(): number {
    return this.#u16(4);
  }

  /** The entry as `--json` prints it. */
  toJSON(): FoundJson {
    const { pathBytes, kind, link, depth } = this;
    const path = isUtf8(pathBytes)
      ? { path: TEXT.decode(pathBytes) }
      : { path_b64: Buffer.from(pathBytes).toString("base64") };
    return { v: 1, type: "entry", ...path, kind, ...(link && { link }), depth };
  }
}

/** The entries of a record. */
export function* entriesOf(record: FoundRecord, roots: readonly Uint8Array[]): Generator<Found> {
  const bytes = record.entriesBytes;
  for (let at = 0; at < bytes.length;) {
    yield new Found(bytes, at, roots);
    at += HEAD_BYTES + ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  }
}
