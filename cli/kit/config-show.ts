/**
 * Settings as TOML, with where they come from.
 * @module
 */
import { configurable, type Flag } from "./flag.ts";
import { settings, variables, type Layers, type Origin, type Setting } from "./settings.ts";
import { isShared, SHARED } from "./shared.ts";
import type { Tool } from "./tool.ts";
import { nearest } from "./usage.ts";

/** Where a value comes from, in words. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "environment":
      return origin.variable;
    case "file":
      return `${origin.path}:${origin.line()}`;
    default:
      return origin.kind;
  }
}

/** Variables that are no settings of a tool. */
const OTHERS = ["SUITE_CONFIG", "SUITE_LIBCORE", "SUITE_SETUP"];

type Line = readonly [left: string, origin: string];

/** The settings of some tools, and the variables that could set them. */
export async function showSettings(tools: readonly Tool[], layers: Layers): Promise<{ text: string; variables: Set<string> }> {
  const { writeToml } = await import("./toml-value.ts");
  const names = new Set(OTHERS);
  const lines: Line[] = [];
  const line = (name: string, flag: Flag, { value, origin }: Setting): Line =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? [`# ${name} is not set`, ""]
      : [flag.secret ? `# ${name} is set, and not shown` : `${name} = ${writeToml(flag, value)}`, describeOrigin(origin)];

  // What all tools share stands above all tables: there it is a setting for all.
  const common = Object.fromEntries(Object.entries(SHARED).filter(([, flag]) => configurable(flag)));
  const general = settings({ name: "", flags: common }, layers);
  for (const [name, found] of general) lines.push(line(name, common[name] as Flag, found));
  for (const tool of tools) {
    const own: Line[] = [];
    for (const [name, found] of settings(tool, layers)) {
      const flag = tool.flags[name] as Flag;
      if (!configurable(flag)) continue;
      for (const variable of variables(tool.name, name)) names.add(variable);
      const same = isShared(name) && general.has(name) && describeOrigin(found.origin) === describeOrigin((general.get(name) as Setting).origin);
      if (!same) own.push(line(name, flag, found));
    }
    if (own.length > 0) lines.push(["", ""], [`[${tool.name}]`, ""], ...own);
  }
  const width = Math.max(...lines.map(([left, origin]) => (origin === "" ? 0 : Bun.stringWidth(left))));
  const text = lines.map(([left, origin]) => (origin === "" ? `${left}\n` : `${left}${" ".repeat(width - Bun.stringWidth(left))}  # ${origin}\n`));
  return { text: text.join(""), variables: names };
}

/** Variables that look like settings, and are none. */
export function strayVariables(env: Readonly<Record<string, string | undefined>>, known: ReadonlySet<string>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("SUITE_") && !known.has(name))
    .map((name) => {
      const near = nearest(name, known);
      return `the variable ${name} sets nothing${near === undefined ? "" : `; did you mean ${near}?`}`;
    });
}
