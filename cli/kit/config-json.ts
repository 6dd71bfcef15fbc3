/**
 * Settings as records, one a line, with where they come from.
 * @module
 */
import { formatDate } from "../../src/units/date.ts";
import { configurable, type Bytes, type Flag } from "./flag.ts";
import { settings, type Configured, type Layers, type Origin } from "./settings.ts";
import { SHARED } from "./shared.ts";

/** `{"v":1,"type":"setting",…}`. docs/records.md describes it. */
export interface SettingJson {
  v: 1;
  type: "setting";
  command?: string;
  key: string;
  value: unknown;
  origin: "default" | "environment" | "file";
  variable?: string;
  path?: string;
  path_b64?: string;
  line?: number;
}

/** A value in JSON, whose numbers cannot hold a point in time. */
function json(flag: Flag, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => json(flag, one));
  if (value === undefined) return null;
  if (typeof value === "bigint") return flag.type === "date" ? formatDate(value) : Number(value);
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}

/** `path`, or its bytes where it is no text. */
export function pathJson(path: Bytes): { path: string } | { path_b64: string } {
  if (typeof path === "string") return { path };
  try {
    return { path: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(path) };
  } catch {
    return { path_b64: Buffer.from(path).toString("base64") };
  }
}

function originJson(origin: Origin): Pick<SettingJson, "origin" | "variable" | "path" | "path_b64" | "line"> {
  switch (origin.kind) {
    case "environment":
      return { origin: "environment", variable: origin.variable };
    case "file":
      return { origin: "file", ...pathJson(origin.named), line: origin.line() };
    default:
      // No flag is a layer here.
      return { origin: "default" };
  }
}

/**
 * What is set for all commands, then every setting of each of some tools: also what they share, which can be set for
 * one of them alone.
 *
 * @throws SuiteError E_CONFIG
 */
export function* settingRecords(
  tools: readonly Configured[],
  layers: Omit<Layers, "given">,
): Generator<SettingJson> {
  const common = Object.fromEntries(Object.entries<Flag>(SHARED).filter(([, flag]) => configurable(flag)));
  for (const tool of [{ name: "", flags: common }, ...tools]) {
    const command = tool.name === "" ? {} : { command: tool.name };
    for (const [key, { value, origin }] of settings(tool, { ...layers, given: new Map() })) {
      const flag = tool.flags[key] as Flag;
      if (!configurable(flag)) continue;
      yield { v: 1, type: "setting", ...command, key, value: json(flag, value), ...originJson(origin) };
    }
  }
}
