// Which files of the checkout there are, and what each of them imports or includes.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./child.ts";

/** The files below some folders of the checkout, as paths from its root. */
export function filesBelow(folders: string[], pattern: RegExp): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((f) => `${folder}/${f}`),
    )
    .filter((file) => pattern.test(file))
    .sort();
}

/** The text of a file of the checkout. */
export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** C or TypeScript without its comments, with the lines where they were. */
export function withoutComments(text: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(tokens, (token) => (token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token));
}

/** One import: of a file of the checkout (a path from its root), or of anything else (its bare name). */
export interface Import {
  from: string;
  to: string;
  /** Only for its types: nothing of it is there when the program runs. */
  typeOnly: boolean;
}

/** What a TypeScript file imports or re-exports, statically or not. */
export function importsOf(from: string): Import[] {
  const text = withoutComments(textOf(from));
  const statements = /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
  const calls = /\b(?:import|require|resolveSync)\(\s*"([^"]+)"/g;
  const inFile = (name: string) => (name.startsWith(".") ? join(dirname(from), name) : name);
  return [
    ...[...text.matchAll(statements)].map(([, type, to = ""]) => ({ from, to: inFile(to), typeOnly: Boolean(type) })),
    ...[...text.matchAll(calls)].map(([, to = ""]) => ({ from, to: inFile(to), typeOnly: false })),
  ];
}

/** The headers that a C file includes: `<system.h>` with its brackets, our own without. */
export function includesOf(file: string): string[] {
  const includes = /^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|(<[^>]+>))/gm;
  return [...withoutComments(textOf(file)).matchAll(includes)].map(([, own, system]) => own ?? system ?? "");
}
