// Which parsers there are to fuzz: tests/fuzz/NAME_fuzz.c and NAME_fuzz.ts, each with a corpus of its own.
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** A fuzz target. Paths are relative to the root of the checkout. */
export interface FuzzTarget {
  readonly name: string;
  readonly language: "c" | "typescript";
  readonly source: string;
  /** The folder of its committed inputs. */
  readonly corpus: string;
}

/** All targets of a checkout, in the order of their names. */
export function fuzzTargets(root: string): FuzzTarget[] {
  return readdirSync(join(root, "tests/fuzz"))
    .flatMap((file): FuzzTarget[] => {
      const [, name, extension] = /^(\w+)_fuzz\.(c|ts)$/.exec(file) ?? [];
      if (name === undefined) return [];
      const language = extension === "c" ? "c" : "typescript";
      return [{ name, language, source: `tests/fuzz/${file}`, corpus: `tests/fuzz/corpus/${name}` }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The committed inputs of a target; none when it has no folder. */
export function corpusOf(root: string, { corpus }: FuzzTarget): string[] {
  try {
    return readdirSync(join(root, corpus))
      .sort()
      .map((name) => `${corpus}/${name}`);
  } catch {
    return [];
  }
}
