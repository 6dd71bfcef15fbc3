/**
 * A tree whose files are URLs.
 * @module
 */
import { ERRORS } from "../errors.gen.ts";
import { suiteError } from "../errors.ts";
import { NativeMap } from "../ffi/native-map.ts";
import type { NativeRemote } from "../ffi/native-remote.ts";
import { makeRemote, parseUrl, shownUrl, UrlSource, withoutUndefined, type UrlOptions } from "./url.ts";

const usage = (message: string) => suiteError("E_USAGE", message, { op: "parse" });

/** Paths below the root, with `/` between their parts, and the URL of each. */
export type UrlTree = Readonly<Record<string, string | URL | UrlSource>>;

/**
 * A tree of URLs as a side of a comparison. Made by {@link urlMap}.
 *
 * @example
 * ```ts
 * import { urlMap, type UrlMap } from "suite";
 *
 * const site: UrlMap = urlMap({ "docs/index.html": "https://example.org/docs/" });
 * console.log(Object.keys(site.urls)); // [ "docs/index.html" ]
 * ```
 */
export class UrlMap {
  readonly urls: UrlTree;

  /** @internal Made by {@link urlMap}. */
  constructor(urls: UrlTree) {
    this.urls = urls;
  }
}

/**
 * A tree whose files are URLs, for {@link compare} beside a directory or another one.
 *
 * @param urls paths below the root, with `/` between their parts, and the URL of each
 * @example
 * ```ts
 * import { compare, urlMap } from "suite";
 *
 * const result = await compare(urlMap({}), urlMap({ "a.txt": "https://example.org/a.txt" }));
 * console.log(result.verdict, result.counts.onlyRight); // different 1
 * ```
 */
export function urlMap(urls: UrlTree): UrlMap {
  return new UrlMap(urls);
}

/** A string of JSON, or what stands between strings. */
const TOKENS = /"(?:\\.|[^"\\])*"|[^"]+/g;

/**
 * Reads a map of URLs: a JSON object of paths and URLs. A path that stands
 * there twice is refused, since nothing says which URL is meant.
 *
 * @throws SuiteError E_USAGE, which repeats no URL
 */
export function parseUrlMap(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Its own words quote what is there, which may hold a secret.
    throw usage("it is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw usage("it is no JSON object of paths and URLs");
  for (const [path, url] of Object.entries(value)) {
    if (typeof url !== "string") throw usage(`${JSON.stringify(path)} needs a URL, as a string`);
  }
  // All values are strings, so every other one is a path.
  const strings = (text.match(TOKENS) ?? []).filter((token) => token.startsWith('"'));
  const seen = new Set<string>();
  for (let at = 0; at < strings.length; at += 2) {
    const path = JSON.parse(strings[at] as string) as string;
    if (seen.has(path)) throw usage(`${JSON.stringify(path)} is there twice`);
    seen.add(path);
  }
  return value as Record<string, string>;
}

/** Refuses a path that is a file here and a directory there. */
function checkPaths(paths: readonly string[]): void {
  const files = new Set(paths);
  for (const path of paths) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      const above = path.slice(0, at);
      if (files.has(above)) throw usage(`${JSON.stringify(above)} and ${JSON.stringify(path)} cannot both be files of a map of URLs`);
    }
  }
}

function readUrl(path: string, url: string | URL | UrlSource): { url: URL; options?: UrlOptions } {
  if (url instanceof UrlSource) return url;
  if (typeof url === "string") return { url: parseUrl(url) };
  if (url instanceof URL && /^https?:$/.test(url.protocol)) return { url };
  throw usage(`${JSON.stringify(path)} in a map of URLs needs an http or https URL`);
}

/**
 * Hands a tree of URLs to libcore. The caller closes what it gets.
 *
 * @param defaults how a URL is asked for where it does not say so itself
 * @throws SuiteError E_USAGE naming the path
 */
export function makeMap({ urls }: UrlMap, defaults: UrlOptions): NativeMap {
  if (typeof urls !== "object" || urls === null) throw usage("a map of URLs is an object of paths and URLs");
  const entries = Object.entries(urls);
  checkPaths(entries.map(([path]) => path));
  const encoder = new TextEncoder();
  const map = new NativeMap();
  let common: NativeRemote | undefined;
  try {
    for (const [path, value] of entries) {
      const { url, options } = readUrl(path, value);
      const own = options && makeRemote({ ...defaults, ...withoutUndefined(options) });
      const remote = own ?? (common ??= makeRemote(defaults));
      const result = map.add(encoder.encode(path), encoder.encode(url.href), remote);
      // The map keeps it.
      own?.close();
      if (result === 0) continue;
      const code = ERRORS[result]?.name ?? "E_NATIVE";
      const why = code === "E_USAGE" ? "is no path of a file below a directory, or has no URL that can be asked for" : "could not be added";
      throw suiteError(code, `${JSON.stringify(path)} (${shownUrl(url)}) ${why}`, { op: "parse" });
    }
    return map;
  } catch (error) {
    map.close();
    throw error;
  } finally {
    common?.close();
  }
}
