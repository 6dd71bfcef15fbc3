/**
 * The lines of `suite config show --json`. They are made in TypeScript, and
 * have no struct in the header.
 */
import type { SummaryField } from "./summary-line.ts";

const SCALAR = ["boolean", "number", "string"];

/** The fields of a `setting`, in the order of the line. */
export const settingFields: readonly SummaryField[] = [
  {
    name: "command",
    type: "string",
    meaning: "The command it is a setting of; absent for what is set for all commands at once.",
    optional: true,
    schema: { type: "string" },
  },
  { name: "key", type: "string", meaning: "The long name of the option, and its key in a file.", schema: { type: "string" } },
  {
    name: "value",
    type: "boolean, number, string, array or null",
    meaning: "Its value; sizes in bytes, durations in milliseconds, dates in ISO 8601; null while it is not set.",
    schema: { type: [...SCALAR, "array", "null"], items: { type: ["number", "string"] } },
  },
  {
    name: "origin",
    type: "`default`, `environment` or `file`",
    meaning: "Where the value comes from.",
    schema: { enum: ["default", "environment", "file"] },
  },
  {
    name: "variable",
    type: "string",
    meaning: "The variable it comes from; absent for other origins.",
    optional: true,
    schema: { type: "string" },
  },
  {
    name: "path",
    type: "string",
    meaning: "The file it comes from, as it was named; absent for other origins. Or `path_b64`.",
    optional: true,
    schema: { type: "string" },
  },
  {
    name: "path_b64",
    type: "string",
    meaning: "`path` in base64, where it is not valid UTF-8.",
    optional: true,
    schema: { type: "string", contentEncoding: "base64" },
  },
  {
    name: "line",
    type: "integer",
    meaning: "The line of that file, from 1; absent for other origins.",
    optional: true,
    schema: { type: "integer", minimum: 1 },
  },
];

/** The fields of the `summary` that is the last of those lines. */
export const settingSummaryFields: readonly SummaryField[] = [
  { name: "exit", type: "integer", meaning: "The exit code of the command.", schema: { type: "integer", minimum: 0, maximum: 255 } },
  { name: "settings", type: "integer", meaning: "How many settings were shown.", schema: { type: "integer", minimum: 0 } },
  {
    name: "user_config",
    type: "string",
    meaning: "The configuration file of the user, which need not exist; absent where the environment names no place for one.",
    optional: true,
    schema: { type: "string" },
  },
];
