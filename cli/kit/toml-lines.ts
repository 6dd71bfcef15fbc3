/**
 * On which line of a TOML file a setting begins, which the parser does not
 * tell.
 * @module
 */
import { parse } from "smol-toml";

/** Strings, which may hold anything, comments, brackets, ends of lines, and what is between them. */
const TOKENS =
  /"""[^"\\]*(?:(?:\\[^]|"{1,2}(?!"))[^"\\]*)*"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}]|\n|[^"'#[\]{}\n]+/g;

/** Where each statement of a valid document begins: its offset and its line. Empty lines and comments are statements. */
function statements(text: string): { at: number; line: number }[] {
  const found = [{ at: 0, line: 1 }];
  let line = 1;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    else if (token === "\n") {
      line++;
      if (depth === 0) found.push({ at: index + 1, line });
    } else if (token.startsWith('"""') || token.startsWith("'''")) line += token.split("\n").length - 1;
  }
  return found;
}

/**
 * The line on which a setting begins, in a document that is valid. Its
 * beginnings, cut between statements, are documents too, and hold the setting
 * from some statement on: that one is searched for by halves, as a long file
 * is not to be read once for each of its lines.
 */
export function lineOf(text: string, keys: readonly string[]): number {
  const all = statements(text);
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    // Statements up to the middle one.
    if (holds(parse(text.slice(0, all[middle + 1]?.at)), keys)) high = middle;
    else low = middle + 1;
  }
  return all[low]?.line ?? 1;
}

function holds(table: unknown, keys: readonly string[]): boolean {
  let at = table;
  for (const key of keys) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return true;
}
