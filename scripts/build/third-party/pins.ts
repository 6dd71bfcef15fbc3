// The pins: which third-party library in which version, as libcore/third_party/deps.toml lists them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../errors.ts";

/** Where the pins are, relative to the root. */
export const pinsFile = "libcore/third_party/deps.toml";

/** One library and the package that carries its sources. */
export interface Pin {
  /** As recipes and messages call it. */
  readonly name: string;
  /** Of the C library. */
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Paths in the package; a C file stands for the comment it begins with. */
  readonly licenceFiles: readonly string[];
  readonly upstream: string;
  readonly crate: string;
  readonly crateVersion: string;
  /** Of the `.crate` file, in hexadecimal. */
  readonly sha256: string;
}

const keys = {
  name: "name",
  version: "version",
  licence: "licence",
  licenceFiles: "licence_files",
  upstream: "upstream",
  crate: "crate",
  crateVersion: "crate_version",
  sha256: "sha256",
} as const satisfies Record<keyof Pin, string>;

/** Reads the pins of a checkout; a tree without the file has no third-party libraries. */
export function readPins(root: string): Pin[] {
  const path = join(root, pinsFile);
  return existsSync(path) ? parsePins(readFileSync(path, "utf8")) : [];
}

/** Reads the text of a pins file. Throws a {@link BuildError} that names the entry and the key. */
export function parsePins(text: string): Pin[] {
  let document: { library?: unknown };
  try {
    document = Bun.TOML.parse(text) as { library?: unknown };
  } catch (error) {
    throw new BuildError(`${pinsFile} is not valid TOML: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const entries = Array.isArray(document.library) ? (document.library as Record<string, unknown>[]) : [];
  const pins = entries.map(pinOf);
  const twice = pins.find((pin, at) => pins.findIndex(({ name }) => name === pin.name) !== at);
  if (twice !== undefined) throw new BuildError(`${pinsFile}: "${twice.name}" is there twice`);
  return pins;
}

function pinOf(entry: Record<string, unknown>, at: number): Pin {
  const where = typeof entry["name"] === "string" ? `"${entry["name"]}"` : `library number ${at + 1}`;
  const known: readonly string[] = Object.values(keys);
  const unknown = Object.keys(entry).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new BuildError(`${pinsFile}: ${where} has an unknown key "${unknown}"`);
  const text = (key: string): string => {
    const value = entry[key];
    if (typeof value === "string" && value !== "") return value;
    throw new BuildError(`${pinsFile}: ${where} needs a text for "${key}"`);
  };
  const files = entry[keys.licenceFiles];
  if (!Array.isArray(files) || files.length === 0 || !files.every((file) => typeof file === "string")) {
    throw new BuildError(`${pinsFile}: ${where} needs a list of paths for "${keys.licenceFiles}"`);
  }
  const sha256 = text(keys.sha256);
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new BuildError(`${pinsFile}: the sha256 of ${where} is not 64 hexadecimal digits`);
  }
  return {
    name: text(keys.name),
    version: text(keys.version),
    licence: text(keys.licence),
    licenceFiles: files as string[],
    upstream: text(keys.upstream),
    crate: text(keys.crate),
    crateVersion: text(keys.crateVersion),
    sha256,
  };
}
