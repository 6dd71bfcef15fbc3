/**
 * Configuration files: which ones are read, and what they say on which line.
 * Nothing in a working tree is read unasked.
 * @module
 */
import { readFileSync } from "node:fs";
import { parse, TomlError, type TomlTable } from "smol-toml";
import { causeOf } from "./cause.ts";
import type { ConfigPaths } from "./config-path.ts";
import type { Bytes, Flag } from "./flag.ts";
import { lineOf } from "./toml-lines.ts";
import { readToml, type ReadToml } from "./toml-value.ts";
import { misconfigured } from "./usage.ts";

/** No configuration is as long as this; something else was named by mistake. */
const MAX_BYTES = 1 << 20;

/** One file, read. */
export interface ConfigFile {
  readonly path: string;
  /** The path as it was named, where that is no text. */
  readonly named: Bytes;
  readonly table: TomlTable;
  /** The line on which the setting with this path of keys begins. */
  lineOf(keys: readonly string[]): number;
  /** A value of it as the type of a flag. */
  read(flag: Flag, value: unknown): ReadToml;
}

/**
 * Reads the files, the strongest first.
 *
 * @throws SuiteError E_CONFIG
 */
export const readConfigs = (paths: ConfigPaths): ConfigFile[] => paths.map(readConfig);

function readText(file: Bytes, path: string): string {
  try {
    const bytes = readFileSync(typeof file === "string" ? file : Buffer.from(file));
    if (bytes.length > MAX_BYTES) throw new Error("it is larger than 1 MiB");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const why = cause instanceof TypeError ? "it is not UTF-8" : causeOf(cause);
    throw misconfigured(`the configuration ${path} cannot be read: ${why}`, path, cause);
  }
}

/** Reads one file. */
function readConfig(file: Bytes): ConfigFile {
  const path = typeof file === "string" ? file : new TextDecoder().decode(file);
  const text = readText(file, path);
  try {
    const table = parse(text);
    return { path, named: file, table, lineOf: (keys) => lineOf(text, keys), read: readToml };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [, why = cause.message] = /^Invalid TOML document: ([^\n]*)/.exec(cause.message) ?? [];
    throw misconfigured(`${path}:${cause.line}:${cause.column}: ${why}`, path, cause);
  }
}
