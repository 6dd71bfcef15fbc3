// The licences of what is bundled into the package.
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** One page with the licence text of each runtime dependency, all of which are bundled. */
export async function thirdPartyNotices(root: string): Promise<string> {
  const { dependencies = {} } = await Bun.file(join(root, "package.json")).json();
  const parts = ["# Licences of what this package contains\n"];
  for (const name of Object.keys(dependencies).sort()) {
    const folder = join(root, "node_modules", name);
    const { version, license } = await Bun.file(join(folder, "package.json")).json();
    const file = existsSync(folder) ? readdirSync(folder).find((f) => /^licen[cs]e/i.test(f)) : undefined;
    if (!file) throw new Error(`${name} ${version} comes without a licence text`);
    parts.push(`## ${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
  }
  return parts.join("\n");
}
