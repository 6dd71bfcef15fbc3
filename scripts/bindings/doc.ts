/**
 * Doc comments: the prose for documentation and the tags that tell the
 * generator what a declaration means.
 */
import { HeaderError, type Doc, type Tag } from "./model.ts";

/** Every tag the generator knows; any other is an error, so that a typo cannot be ignored. */
const KNOWN_TAGS = new Set([
  "absent",
  "bytes",
  "class",
  "enum",
  "errors",
  "exit",
  "flags",
  "hex",
  "internal",
  "json",
  "numbers",
  "of",
  "param",
  "record",
  "return",
  "time",
  "word",
]);

/** A declaration without a doc comment. */
export const NO_DOC: Doc = { text: "", tags: [] };

/** Splits the source text of a doc comment (from its slash to its slash). */
export function parseDoc(comment: string, file: string, line: number): Doc {
  const body = comment
    .replace(/^\/\*\*/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((text) => text.replace(/^\s*\*(?: |$)/, ""))
    .join("\n");
  const parts = body.split(/(?:^|\s)@(?=[a-z])/);
  const tags: Tag[] = [];
  for (const part of parts.slice(1)) {
    const [, name = "", text = ""] = /^(\w+)([^]*)$/.exec(part) ?? [];
    if (!KNOWN_TAGS.has(name))
      throw new HeaderError(file, line, `unknown tag @${name}`);
    tags.push({ name, text: oneLine(text) });
  }
  return { text: oneLine(parts[0] ?? ""), tags };
}

/** Joins wrapped lines: layout inside a comment carries no meaning. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
