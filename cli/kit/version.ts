/**
 * What `--version` prints.
 * @module
 */
import { version } from "../../package.json" with { type: "json" };
import { program } from "./program.ts";

/** The first line; all there is without `--verbose`. */
export const versionLine = (): string => `${program()} ${version}\n`;

/** The version of this package. */
export { version };

/** The version, and how it was built. */
export async function versionText(verbose: boolean): Promise<string> {
  if (!verbose) return versionLine();
  const { buildInfo } = await import("../../src/build-info.ts");
  const { library, path } = buildInfo();
  const { abi = "?", compiler = "?", version: native = "?", ...more } = library;
  const rows = [
    ["bun", `${Bun.version} (${Bun.revision.slice(0, 9)})`],
    ["platform", `${process.platform}-${process.arch}`],
    ["libcore", `${native}, ABI ${abi}, ${compiler}`],
    ...Object.entries(more),
    ["loaded from", path],
  ] as [string, string][];
  return versionLine() + rows.map(([name, value]) => `  ${name.padEnd(11)}  ${value}\n`).join("");
}
