/**
 * `suite compare` with manifests: the flags, and manifests as sides.
 * @module
 */
import type { Manifest, ManifestFormat } from "../../src/index.ts";
import { manifest, MANIFEST_FORMATS } from "../../src/tree/manifest.ts";
import type { Bytes, Values } from "../kit/flag.ts";
import { sourceOf, type UrlFlags } from "./compare-urls.ts";

const MANIFESTS = "Options for manifests";

/** Their definitions. */
export const manifestFlags = {
  manifest: {
    group: MANIFESTS,
    type: "path",
    config: false,
    description: "compare A with what this file lists (docs/manifests.md); `-`: standard input",
  },
  "write-manifest": {
    group: MANIFESTS,
    type: "path",
    config: false,
    description: "list the directory A with the digest of each file, and compare nothing; an interrupted run is resumed",
  },
  "manifest-format": {
    group: MANIFESTS,
    type: "enum",
    values: ["auto", ...MANIFEST_FORMATS],
    default: "auto",
    config: false,
    description: "written: `suite` by default; read: needed only where a list does not say whether it is SHA-256 or BLAKE3",
  },
} as const;

/** Their values. */
export type ManifestFlags = Values<typeof manifestFlags>;

/** The format that is asked for, if one is. */
export const formatOf = (flags: ManifestFlags): ManifestFormat | undefined =>
  flags["manifest-format"] === "auto" ? undefined : flags["manifest-format"];

/** The operand `manifest:FILE`, or undefined for another one. */
function listOf(operand: Bytes): Bytes | undefined {
  if (typeof operand === "string") return operand.startsWith("manifest:") ? operand.slice("manifest:".length) : undefined;
  const bytes = Buffer.from(operand);
  return bytes.indexOf("manifest:") === 0 ? bytes.subarray("manifest:".length) : undefined;
}

/** The manifest that an operand names, if it does; a URL is asked for with the options of its side. */
export function manifestOperand(operand: Bytes, flags: ManifestFlags & UrlFlags, side: "a" | "b"): Manifest | undefined {
  const list = listOf(operand);
  if (list === undefined || list.length === 0) return undefined;
  return manifest(sourceOf(list, flags, side), { format: formatOf(flags) });
}

/** The manifest of `--manifest`, which is B. */
export const manifestOf = (file: Bytes, flags: ManifestFlags & UrlFlags): Manifest =>
  manifest(sourceOf(file, flags, "b"), { format: formatOf(flags) });
