/**
 * Lists of what a tree should hold, with a digest of each file.
 * @module
 */
import { suiteError } from "../errors.ts";
import { CoreManifestFormat } from "../ffi/layout.gen.ts";
import type { Source } from "./source.ts";

/** The formats of manifests (docs/manifests.md): our own, and those of three programs. */
export const MANIFEST_FORMATS = ["suite", "sha256sum", "b3sum", "hashdeep"] as const;

/** A format of manifests. */
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

const NUMBERS: Record<ManifestFormat, number> = {
  suite: CoreManifestFormat.SUITE,
  sha256sum: CoreManifestFormat.SHA256SUM,
  b3sum: CoreManifestFormat.B3SUM,
  hashdeep: CoreManifestFormat.HASHDEEP,
};

/**
 * A manifest as a side of a comparison. Made by {@link manifest}.
 *
 * @example
 * ```ts
 * import { manifest, type Manifest } from "suite";
 *
 * const sums: Manifest = manifest("SHA256SUMS");
 * console.log(sums.source); // SHA256SUMS
 * ```
 */
export class Manifest {
  readonly source: Source;
  readonly format: ManifestFormat | undefined;

  /** @internal Made by {@link manifest}. */
  constructor(source: Source, format: ManifestFormat | undefined) {
    this.source = source;
    this.format = format;
  }
}

/**
 * What a manifest lists as a tree, for {@link compare}: beside a directory, an
 * archive or a map of URLs a promise about that, beside another manifest a list.
 *
 * @param source where the manifest itself is
 * @param options `format`: needed only to tell SHA-256 from BLAKE3 in lists of sums that do not say it themselves;
 *   without it, either is accepted
 * @throws SuiteError E_USAGE for a format that is none
 * @example
 * ```ts
 * import { compare, manifest } from "suite";
 *
 * const line = (digit: string) => new TextEncoder().encode(`${digit.repeat(64)}  a.txt\n`);
 * const result = await compare(manifest(line("0")), manifest(line("1"), { format: "sha256sum" }));
 * console.log(result.verdict); // unknown
 * ```
 */
export function manifest(source: Source, { format }: { format?: ManifestFormat | undefined } = {}): Manifest {
  if (format !== undefined) formatNumber(format);
  return new Manifest(source, format);
}

/**
 * A format as libcore takes it; any where none is named.
 *
 * @throws SuiteError E_USAGE
 */
export function formatNumber(format: ManifestFormat | undefined): number {
  const number = format === undefined ? CoreManifestFormat.ANY : NUMBERS[format];
  if (number !== undefined) return number;
  throw suiteError("E_USAGE", `format is any of ${MANIFEST_FORMATS.join(", ")}, not ${String(format)}`, { op: "parse" });
}
