/**
 * The library that a compiled executable carries. A file of its own that
 * imports nothing: it runs at every start, also where no library is needed.
 * @module
 */

let embedded: string | undefined;

/**
 * Says where a compiled executable carries the library: its entry file calls
 * this with the path of a `with { type: "file" }` import before first use.
 */
export function registerEmbeddedLibrary(path: string): void {
  embedded = path;
}

/** The path of that library; nothing where the program runs from its files. */
export function embeddedLibrary(): string | undefined {
  return embedded;
}
