/**
 * The flags of `suite compare` about archives.
 * @module
 */
import type { CompareOptions } from "../../src/index.ts";
import type { Bytes, Values } from "../kit/flag.ts";

const ARCHIVES = "Options for archives";

/** Their definitions. */
export const archiveFlags = {
  archive: { group: ARCHIVES, type: "boolean", description: "look inside archives and compare them as trees" },
  "strip-components": {
    group: ARCHIVES,
    type: "integer",
    min: 0,
    max: 10_000,
    default: "0",
    description: "leading parts of the paths in archives that do not count",
  },
  nested: {
    group: ARCHIVES,
    type: "integer",
    min: 0,
    max: 8,
    default: "0",
    config: false,
    description: "look into archives in the trees too, so many inside each other: `outer.tar!/inner`",
  },
  "hash-compare": { group: ARCHIVES, type: "boolean", description: "compare what is in archives by BLAKE3 digests alone" },
  "max-bytes": { group: ARCHIVES, type: "size", min: 1, default: "1T", description: "bytes that an archive may unpack to" },
  "max-ratio": {
    group: ARCHIVES,
    type: "integer",
    min: 1,
    default: "2000",
    description: "bytes unpacked for each byte of an archive, once above 1 GiB",
  },
  "max-entries": { group: ARCHIVES, type: "integer", min: 1, default: "10000000", description: "entries that an archive or manifest may have" },
  "max-name": { group: ARCHIVES, type: "size", min: 1, max: 0xffff_ffff, default: "64k", description: "bytes that the name of an entry may have" },
} as const;

const ARCHIVE_NAME = /\.(?:tar|t?(?:gz|bz2|xz|zst|lz4)|tbz2?|txz|tzst|zip|jar|7z|cpio|ar|a|deb)$/i;

/** Whether two names are those of archives, so that somebody may have meant what is in them. */
export function bothNamedArchives(a: Bytes, b: Bytes): boolean {
  return [a, b].every((name) => ARCHIVE_NAME.test(typeof name === "string" ? name : new TextDecoder().decode(name)));
}

/** What they say to the library. */
export function archiveOptions(flags: Values<typeof archiveFlags>): CompareOptions {
  return {
    archive: flags.archive,
    stripComponents: flags["strip-components"],
    nested: flags.nested,
    hashCompare: flags["hash-compare"],
    limits: {
      bytes: flags["max-bytes"],
      ratio: flags["max-ratio"],
      entries: flags["max-entries"],
      name: flags["max-name"],
    },
  };
}
