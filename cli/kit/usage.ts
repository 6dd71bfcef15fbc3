/**
 * Errors of a command line, and the words that help out of them.
 * @module
 */
import { distance } from "fastest-levenshtein";
import { suiteError, type SuiteError } from "../../src/errors.ts";

/** An error of the command line. */
export function usage(message: string): SuiteError {
  return suiteError("E_USAGE", message, { op: "parse" });
}

/** An error of a configuration file or of a variable of the environment. */
export function misconfigured(message: string, path?: string, cause?: unknown): SuiteError {
  return suiteError("E_CONFIG", message, { op: "configure", ...(path !== undefined && { path }), cause });
}

const letters = (word: string) => [...word.toLowerCase()].sort().join("");

/** The known word nearest to a wrong one, unless they have little in common. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  // Fewer than half of the letters may be wrong, but one always.
  let least = Math.max(2, word.replace(/^-+/, "").length / 2);
  for (const candidate of known) {
    // A word that was cut short is near, however much is missing.
    const cut = word.replace(/^-+/, "").length > 1 && candidate.startsWith(word);
    // Letters in the wrong order are nearer than wrong letters: --jbos is --jobs, not --json.
    const steps = cut ? 1 : distance(word.toLowerCase(), candidate.toLowerCase()) - (letters(word) === letters(candidate) ? 0.5 : 0);
    if (steps < least && steps < candidate.length) [best, least] = [candidate, steps];
  }
  return best;
}

/** `; did you mean X?`, or what else to do. */
export function suggestion(word: string, known: Iterable<string>, otherwise = ""): string {
  const near = nearest(word, known);
  return near === undefined ? otherwise : `; did you mean ${near}?`;
}

/** `a, b or c` */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A count as a word where there is a short one: `two operands`. */
export function counted(count: number, noun: string): string {
  const word = ["no", "one", "two", "three", "four"][count] ?? String(count);
  return `${word} ${noun}${count === 1 ? "" : "s"}`;
}
