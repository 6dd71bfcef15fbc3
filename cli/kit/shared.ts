/**
 * The flags that every tool has, with one meaning.
 * @module
 */
import type { Flags } from "./flag.ts";

/** Merged into the flags of each tool by `defineTool`, which may replace single ones. */
export const SHARED = {
  plain: {
    type: "boolean",
    config: false,
    description: "one record a line, no colour, nothing escaped but `\\n`, `\\t` and `\\\\`",
  },
  null: {
    type: "boolean",
    short: "0",
    config: false,
    description: "names as they are, each line ended by a NUL instead of a newline",
  },
  quiet: { type: "boolean", short: "q", config: false, description: "print nothing but errors" },
  verbose: { type: "count", short: "v", description: "tell on stderr what is worth knowing" },
  progress: {
    type: "enum",
    values: ["auto", "always", "json", "never"],
    default: "auto",
    bare: "always",
    negated: "never",
    value: "WHEN",
    description:
      "progress on stderr: `auto` when it is a terminal, `always` (or no value), `json` (one object a line), `never`",
  },
  color: {
    type: "enum",
    values: ["auto", "always", "never"],
    default: "auto",
    bare: "always",
    negated: "never",
    value: "WHEN",
    description: "colour: `auto` when the output is a terminal, `always` (or no value), `never`",
  },
  config: {
    type: "path",
    config: false,
    description: "read settings from this TOML file; it is stronger than the one of the user",
  },
  help: { type: "boolean", short: "h", config: false, description: "this text" },
  version: { type: "boolean", config: false, description: "the version; with `--verbose` how it was built" },
} as const satisfies Flags;

/** The type of the shared flags. */
export type SharedFlags = typeof SHARED;

/** Names of the shared flags. */
export const isShared = (name: string): boolean => Object.hasOwn(SHARED, name);
