/**
 * What the flags of a tool come to: the command line, the environment, the
 * configuration files and the defaults, the strongest first.
 * @module
 */
import type { ConfigFile } from "./config-file.ts";
import { configurable, negation, type Bytes, type Flag, type Flags } from "./flag.ts";
import { isShared } from "./shared.ts";
import { misconfigured, suggestion } from "./usage.ts";
import { complaint, readValue } from "./value.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a value comes from. */
export type Origin =
  | { readonly kind: "flag" }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "file"; readonly path: string; readonly named: Bytes; readonly line: () => number }
  | { readonly kind: "default" };

/** A value and where it comes from. */
export interface Setting {
  readonly value: unknown;
  readonly origin: Origin;
}

/** What is needed of a tool. */
export interface Configured {
  readonly name: string;
  readonly flags: Flags;
}

/** The layers, the strongest first. */
export interface Layers {
  readonly given: ReadonlyMap<string, unknown>;
  readonly env: Environment;
  readonly files: readonly ConfigFile[];
  /** Names of all tools: a table of another one is no mistake. */
  readonly tools: readonly string[];
}

/** The variables that set a flag, the strongest first: `SUITE_COMPARE_COLOR`, then for a shared flag `SUITE_COLOR`. */
export function variables(tool: string, name: string): string[] {
  const words = (...parts: string[]) => ["SUITE", ...parts.filter((part) => part !== "")].join("_").replaceAll("-", "_").toUpperCase();
  return [...new Set(isShared(name) ? [words(tool, name), words(name)] : [words(tool, name)])];
}

/**
 * All flags of a tool with their values.
 *
 * @throws SuiteError E_CONFIG naming the file, the line and the key, or the variable
 */
export function settings(tool: Configured, layers: Layers): Map<string, Setting> {
  for (const file of layers.files) checkKeys(tool, file, layers.tools);
  const found = new Map<string, Setting>();
  for (const [name, flag] of Object.entries(tool.flags)) found.set(name, setting(tool, name, flag, layers));
  return found;
}

function setting(tool: Configured, name: string, flag: Flag, { given, env, files }: Layers): Setting {
  if (given.has(name)) return { value: given.get(name), origin: { kind: "flag" } };
  if (configurable(flag)) {
    for (const variable of variables(tool.name, name)) {
      const text = env[variable];
      if (text) return { value: fromVariable(variable, flag, text), origin: { kind: "environment", variable } };
    }
    for (const file of files) {
      const value = fromFile(tool, name, flag, file);
      if (value !== undefined) return value;
    }
  }
  return { value: defaultValue(name, flag), origin: { kind: "default" } };
}

// A map: an object also has what all objects have, such as "constructor".
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ...["1", "true", "yes", "on"].map((word) => [word, true] as const),
  ...["0", "false", "no", "off"].map((word) => [word, false] as const),
]);

function fromVariable(variable: string, flag: Flag, text: string): unknown {
  if (flag.type === "boolean") {
    const value = SWITCH.get(text.toLowerCase());
    if (value === undefined) throw misconfigured(`${variable} is 1 or 0, not ${text}`);
    return value;
  }
  if (flag.type === "count") {
    if (!/^\d{1,2}$/.test(text)) throw misconfigured(`${variable} is a whole number, not ${text}`);
    return Number(text);
  }
  const read = readValue(flag, text);
  if (!("value" in read)) throw misconfigured(complaint(variable, read, text));
  return flag.repeat ? [read.value] : read.value;
}

/** A tool's own table is stronger than the settings for all tools. */
function fromFile(tool: Configured, name: string, flag: Flag, file: ConfigFile): Setting | undefined {
  const own = file.table[tool.name] as Record<string, unknown> | undefined;
  const inTable = own !== undefined && Object.hasOwn(own, name);
  const keys = inTable ? [tool.name, name] : [name];
  if (!inTable && !(isShared(name) && Object.hasOwn(file.table, name))) return undefined;
  const read = file.read(flag, inTable ? own[name] : file.table[name]);
  const line = () => file.lineOf(keys);
  if (!("value" in read)) throw misconfigured(`${file.path}:${line()}: ${complaint(keys.join("."), read, read.text)}`, file.path);
  return { value: read.value, origin: { kind: "file", path: file.path, named: file.named, line } };
}

/** What a flag is worth that nobody gave. */
function defaultValue(name: string, flag: Flag): unknown {
  if (flag.type === "boolean") return flag.default ?? false;
  if (flag.type === "count") return 0;
  if (flag.default === undefined) return flag.repeat ? [] : undefined;
  const read = readValue(flag, flag.default);
  if (!("value" in read)) throw new Error(`the default of --${name}: ${complaint(name, read, flag.default)}`);
  return flag.repeat ? [read.value] : read.value;
}

/** Every key has to be one that does something. */
function checkKeys(tool: Configured, file: ConfigFile, tools: readonly string[]): void {
  const shared = Object.keys(tool.flags).filter((name) => isShared(name) && configurable(tool.flags[name] as Flag));
  for (const [key, value] of Object.entries(file.table)) {
    if (tools.includes(key)) {
      const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
      if (!isTable) throw wrongKey(file, [key], `${key} is a table: [${key}]`);
      if (key === tool.name) checkTable(tool, file, value as Record<string, unknown>);
    } else if (!isShared(key)) {
      const own = Object.hasOwn(tool.flags, key) ? `; it belongs below [${tool.name}]` : suggestion(key, [...tools, ...shared]);
      throw wrongKey(file, [key], `unknown key ${key}${own}`);
    } else if (!configurable(tool.flags[key] ?? { type: "count", description: "" })) {
      throw wrongKey(file, [key], `${key} cannot be configured; give it as --${key}`);
    }
  }
}

function checkTable(tool: Configured, file: ConfigFile, table: Record<string, unknown>): void {
  const known = Object.keys(tool.flags).filter((name) => configurable(tool.flags[name] as Flag));
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const dotted = `${tool.name}.${key}`;
    const flag = Object.hasOwn(tool.flags, key) ? tool.flags[key] : undefined;
    const positive = key.startsWith("no-") ? key.slice(3) : "";
    const negated = Object.hasOwn(tool.flags, positive) && negation(tool.flags[positive] as Flag) !== undefined;
    const hint = negated ? `; write ${positive} = ${JSON.stringify(negation(tool.flags[positive] as Flag))}` : suggestion(key, known);
    throw wrongKey(
      file,
      [tool.name, key],
      flag ? `${dotted} cannot be configured; give it as --${key}` : `unknown key ${dotted}${hint}`,
    );
  }
}

function wrongKey(file: ConfigFile, keys: readonly string[], message: string): Error {
  return misconfigured(`${file.path}:${file.lineOf(keys)}: ${message}`, file.path);
}
