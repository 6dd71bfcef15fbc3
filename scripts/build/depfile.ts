// The dependency files that compilers write with -MMD: a make rule that names every header one compile read.

/**
 * The prerequisites of a make rule as gcc and clang write it.
 *
 * @example
 * parseDepfile("a.o: a.c \\\n  b\\ c.h\n"); // ["a.c", "b c.h"]
 */
export function parseDepfile(text: string): string[] {
  // A space ends a name unless a backslash stands before it; a backslash at the end of a line joins the next one.
  const joined = text.replaceAll(/\\\r?\n/g, " ");
  const colon = joined.search(/:(\s|$)/);
  if (colon < 0) return [];
  const end = joined.indexOf("\n", colon);
  const rule = joined.slice(colon + 1, end < 0 ? undefined : end);
  const names = rule.match(/(?:\\[ #]|\S)+/g) ?? [];
  return names.map((name) => name.replaceAll(/\\([ #])/g, "$1").replaceAll("$$", "$"));
}
