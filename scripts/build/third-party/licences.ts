// The text that goes with every copy of the library: whose code is inside, and under which licences.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Library } from "./expand.ts";

/** Name of the bundle beside the library. */
export const licenceFile = "THIRD-PARTY-LICENCES.txt";

const rule = "=".repeat(78);

/** The licences of these libraries, one after the other. */
export function licenceBundle(root: string, libraries: readonly Library[]): string {
  const sections = libraries.map(({ pin, source }) => {
    const texts = pin.licenceFiles.map((path) => licenceText(path, readFileSync(join(root, source, path), "utf8")));
    return `${rule}\n${pin.name} ${pin.version} (${pin.licence})\n${pin.upstream}\n${rule}\n\n${texts.join("\n\n")}\n`;
  });
  return `libcore contains the following libraries.\n\n${sections.join("\n")}`;
}

/** A licence file as it is, and the comments that a C file begins with, up to its first code. */
export function licenceText(path: string, text: string): string {
  const clean = text.replaceAll("\r\n", "\n").trim();
  if (!/\.[ch]$/.test(path)) return clean;
  const comments = /^(?:\s*\/\*[^]*?\*\/)+/.exec(clean)?.[0] ?? "";
  return comments
    .split("\n")
    .map((line) => line.replace(/^\s*\/?\*+\/?|\*+\/\s*$/g, "").trim())
    .join("\n")
    .trim();
}
