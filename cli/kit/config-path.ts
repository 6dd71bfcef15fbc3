/**
 * Which configuration files there are. Nothing in a working tree is read unasked.
 * @module
 */
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Bytes } from "./flag.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Files to read, the strongest first. */
export type ConfigPaths = readonly Bytes[];

/** The user's own file, which need not exist. */
export function userConfigPath(env: Environment): string | undefined {
  // The base directory specification: a path that is not absolute is no path. It would depend on the working tree.
  const own = [env["XDG_CONFIG_HOME"], env["HOME"] && join(env["HOME"], ".config")];
  const base = own.find((path) => path !== undefined && path !== "" && isAbsolute(path));
  return base === undefined ? undefined : join(base, "suite", "config.toml");
}

/**
 * The files that count here.
 *
 * @param named what `--config` says
 */
export function configPaths(named: Bytes | undefined, env: Environment): ConfigPaths {
  const asked = named ?? (env["SUITE_CONFIG"] || undefined);
  const own = userConfigPath(env);
  return [...(asked === undefined ? [] : [asked]), ...(own !== undefined && existsSync(own) ? [own] : [])];
}
