/**
 * A directory and the URLs its files should be at.
 * @module
 */
import type { EntryRecord } from "../records.gen.ts";
import { Run, runSync } from "../run.ts";
import { urlMap, type UrlTree } from "../tree/map.ts";
import type { PathSource } from "../tree/source.ts";
import { refuseStreams } from "./compare.ts";
import { dirPlan, type CompareDirOptions, type DirResult } from "./dir.ts";

const WHAT = "compareDirUrls compares a directory with URLs";

/**
 * Compares a directory with a tree of URLs: a map from paths below the
 * directory to where each file is. What is in the directory and not in the
 * map is only on the left, what is in the map alone only on the right. A URL
 * that cannot be read is in `errors`; the others are compared all the same.
 *
 * @param urls paths with `/` between their parts
 * @throws SuiteError as {@link compareDir}, and E_USAGE for a path or URL that is none
 * @example
 * ```ts
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { compareDirUrls } from "suite";
 *
 * using server = Bun.serve({ port: 0, fetch: () => new Response("hello") });
 * const dir = await mkdtemp("/tmp/urls-");
 * await writeFile(`${dir}/greeting.txt`, "hello");
 * const result = await compareDirUrls(dir, { "greeting.txt": server.url, "other.txt": new URL("other", server.url) });
 * console.log(result.verdict, result.onlyRight); // different [ "other.txt" ]
 * ```
 */
export function compareDirUrls(
  dir: string | PathSource,
  urls: UrlTree,
  options: CompareDirOptions = {},
): Run<EntryRecord, DirResult> {
  return new Run(dirPlan(dir, urlMap(urls), options, WHAT));
}

/**
 * As {@link compareDirUrls}, on the calling thread, which it blocks.
 *
 * @example
 * ```ts
 * import { compareDirUrlsSync } from "suite";
 *
 * console.log(compareDirUrlsSync("src/tree", {}).onlyLeft.includes("url.ts")); // true
 * ```
 */
export function compareDirUrlsSync(dir: string | PathSource, urls: UrlTree, options: CompareDirOptions = {}): DirResult {
  refuseStreams(dir);
  return runSync(dirPlan(dir, urlMap(urls), options, WHAT));
}
