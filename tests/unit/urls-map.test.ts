// C-23: a directory against a map of URLs, and maps by themselves.
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  compare,
  compareDirUrls,
  compareDirUrlsSync,
  source,
  urlMap,
  type CompareDirOptions,
  type DirResult,
  type EntryRecord,
  type UrlTree,
} from "../../src/index.ts";
import { parseUrlMap } from "../../src/tree/map.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { files, HttpServer, serveFile, type Handler } from "../support/http-server.ts";
import { makeTree, noise, temporaryFolder, type Node } from "../support/temp.ts";
import { poolThreads } from "../support/threads.ts";

const folder = temporaryFolder();
leavesNothing();

const big = noise(2 << 20, 4);
const changed = big.slice();
changed[1_900_000] = (changed[1_900_000] ?? 0) ^ 1;
const tree: Record<string, Node> = { a: "1", b: "two", "sub/c": "3", "sub/deep/d": "four", only: "5", big, empty: null };
const dir = makeTree(join(folder, "tree"), tree);
const remote = { a: "1", b: "TWO", "sub/c": "3", "sub/deep/d": "4", new: "n", big };
const stored = Object.fromEntries(Object.entries(remote).map(([path, bytes]) => [path, Buffer.from(bytes as string)]));
const handler: Handler = (request, reply) => {
  if (request.path.startsWith("/503")) return reply.head(503, { "Content-Length": "0" });
  return files({ ...stored, changed })(request, reply);
};
const server = await HttpServer.start(handler);
afterAll(() => server[Symbol.asyncDispose]());
const urls = (...paths: string[]): UrlTree => Object.fromEntries(paths.map((path) => [path, server.url(path)]));

const lists = ({ diff, onlyLeft, onlyRight, errors, verdict }: DirResult) => ({
  diff: { ...diff },
  onlyLeft,
  onlyRight,
  errors: Object.keys(errors),
  verdict,
});

describe("a directory and URLs", () => {
  test("what is the same, differs, and is missing on either side", async () => {
    const result = await compareDirUrls(dir, urls("a", "b", "sub/c", "sub/deep/d", "new", "big"));
    expect(lists(result)).toEqual({
      diff: { b: "content_mismatch", "sub/deep/d": "size_mismatch" },
      onlyLeft: ["empty", "only"],
      onlyRight: ["new"],
      errors: [],
      verdict: "different",
    });
    expect(result.stats.counts).toEqual({ equal: 5, different: 2, onlyLeft: 2, onlyRight: 1, unknown: 0 });
    expect(result.stats.proofs).toEqual({ bytes: 3, kind: 2 });
  });

  test("all the same", async () => {
    const options: CompareDirOptions = { exclude: ["b", "only", "empty", "d"] };
    const all = urls("a", "sub/c", "big");
    // Below an excluded name there is nothing, and a directory of nothing is none in a map.
    expect(lists(await compareDirUrls(dir, all, { ...options, skipEmptyDirs: true }))).toMatchObject({ verdict: "equal" });
  });

  test("one that cannot be read is undecided, and loses nothing of the others", async () => {
    const map = { ...urls("a", "b", "big"), only: server.url("none?key=secret"), "sub/c": server.url("503"), new: "http://127.0.0.1:1/new" };
    const result = await compareDirUrls(dir, map, { retries: 0, include: ["a", "b", "big", "only", "c", "new"], skipEmptyDirs: true });
    expect(lists(result)).toEqual({ diff: { b: "content_mismatch" }, onlyLeft: [], onlyRight: ["new"], errors: ["only", "sub/c"], verdict: "different" });
    expect(result.errors["only"]).toEqual({
      code: "E_HTTP_STATUS",
      message: `fetch right side: ${server.url("none?...")}: the server answered 404`,
    });
    expect(result.stats.counts.equal).toBe(2);
    const undecided = await compareDirUrls(dir, map, { retries: 0, include: ["a", "only"], skipEmptyDirs: true });
    expect(undecided.verdict).toBe("unknown");
  });

  test("entries come in the order of their paths, whatever came first", async () => {
    const slow: Handler = async (request, reply) => {
      await Bun.sleep(request.path === "/a" ? 100 : 0);
      return files(stored)(request, reply);
    };
    await using late = await HttpServer.start(slow);
    const map = Object.fromEntries(["a", "b", "sub/c", "sub/deep/d", "big"].map((path) => [path, late.url(path)]));
    const seen: EntryRecord[] = [];
    for await (const entry of compareDirUrls(dir, map, { allEntries: true, jobs: 4 })) seen.push(entry);
    expect(seen.map(({ status, path }) => `${status} ${path}`)).toEqual([
      "equal a",
      "different b",
      "equal big",
      "only_left empty",
      "only_left only",
      "equal sub",
      "equal sub/c",
      "equal sub/deep",
      "different sub/deep/d",
    ]);
    expect(seen[2]).toMatchObject({ kind: ["file", "file"], size: [big.length, big.length], proof: "bytes" });
  });

  test("R-3 each URL is sent its own headers; those of the call are for the rest", async () => {
    server.forget();
    const map = { a: source({ url: server.url("a"), headers: { "X-Key": "own" } }), "sub/c": server.url("sub/c") };
    await compareDirUrls(dir, map, { headers: { "X-Key": "call" }, include: ["a", "c"] });
    const keys = Object.fromEntries(server.seen.map(({ path, headers }) => [path, headers["x-key"]]));
    expect(keys).toEqual({ "/a": "own", "/sub/c": "call" });
  });

  test("the first difference ends it, and a cancel", async () => {
    const first = await compareDirUrls(dir, urls("a", "b", "big", "sub/c"), { stopAtFirst: true });
    expect(first.verdict).toBe("different");
    await using mute = await HttpServer.start((_, reply) => reply.gone);
    const stop = new AbortController();
    const run = compareDirUrls(dir, { a: mute.url("a"), b: mute.url("b") }, { signal: stop.signal });
    while (mute.seen.length < 2) await Bun.sleep(1);
    stop.abort();
    expect(await failureOf(run)).toMatchObject({ code: "E_CANCELLED" });
  });

  test("links are no files, unless they are followed", async () => {
    const linked = makeTree(join(folder, "linked"), { a: "1", link: { link: "a" } });
    const map = { a: server.url("a"), link: server.url("a") };
    expect(lists(await compareDirUrls(linked, map))).toMatchObject({ diff: { link: "type_mismatch" } });
    expect(lists(await compareDirUrls(linked, map, { followSymlinks: true }))).toMatchObject({ verdict: "equal" });
  });
});

describe("C-13 C-37 many files", () => {
  const COUNT = 300;
  const many = Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`d${i % 7}/f${i}`, `${i}`]));
  const manyDir = makeTree(join(folder, "many"), many);
  const all: Handler = (request, reply) => serveFile(request, reply, { bytes: Buffer.from(many[request.path.slice(1)] ?? "") });

  test.each([
    [1, 1],
    [4, 4],
    [0, 8],
  ])("with jobs %d: at most %d connections, and the same answer", async (jobs, connections) => {
    await using host = await HttpServer.start(all);
    const map = Object.fromEntries(Object.keys(many).map((path) => [path, host.url(path)]));
    const result = await compareDirUrls(manyDir, map, { jobs });
    expect(result.stats.counts).toEqual({ equal: COUNT + 7, different: 0, onlyLeft: 0, onlyRight: 0, unknown: 0 });
    expect(host.connections).toBeLessThanOrEqual(connections);
    expect(host.seen).toHaveLength(2 * COUNT);
    expect(poolThreads().size).toBeLessThanOrEqual(Math.min(navigator.hardwareConcurrency, 8) + 2);
  });

  test("two maps, both asked at once", async () => {
    await using host = await HttpServer.start(all);
    const map = urlMap(Object.fromEntries(Object.keys(many).map((path) => [path, host.url(path)])));
    const result = await compare(map, map, { jobs: 4 });
    expect(result).toMatchObject({ verdict: "equal", counts: { equal: COUNT + 7 } });
    expect(host.connections).toBeLessThanOrEqual(8);
  });
});

describe("what does not fit", () => {
  test.each([
    [{ "": server.url() }, '"" ('],
    [{ "/a": server.url() }, "is no path of a file below a directory"],
    [{ "a/": server.url() }, "is no path"],
    [{ "a//b": server.url() }, "is no path"],
    [{ "../a": server.url() }, "is no path"],
    [{ "a/./b": server.url() }, "is no path"],
    [{ a: server.url(), "a/b": server.url() }, '"a" and "a/b" cannot both be files'],
    [{ a: "b" }, "it is no URL"],
    [{ a: "ftp://me:secret@x/" }, "it is no URL"],
    [{ a: 1 as never }, '"a" in a map of URLs needs an http or https URL'],
    [{ a: new URL("file:///etc/passwd") }, "needs an http or https URL"],
  ])("%j", async (map: UrlTree, message) => {
    const error = await failureOf(() => compareDirUrls(dir, map));
    expect(error.code).toBe("E_USAGE");
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("secret");
  });

  test("other sides and options", async () => {
    const one = urls("a");
    const wrong: [() => PromiseLike<unknown>, string][] = [
      [() => compare(join(dir, "a"), urlMap(one)), "a map of URLs is compared with a directory"],
      [() => compare(urlMap(one), Buffer.from("x")), "a map of URLs is compared with a directory"],
      [() => compareDirUrls(dir, one, { metadata: ["mode"] }), "URLs have no metadata"],
      [() => compareDirUrls(dir, one, { paths: ["a"] }), "a list of paths is for directories"],
      [() => compareDirUrls(dir, one, { ignoreCaseNames: true }), "names in a map of URLs"],
      [() => compareDirUrls(dir, one, { skip: 1 }), "are for files, not for trees"],
    ];
    for (const [call, message] of wrong) {
      expect(await failureOf(call())).toMatchObject({ code: "E_USAGE", message: expect.stringContaining(message) });
    }
    expect(await failureOf(compareDirUrls(join(dir, "nowhere"), one))).toMatchObject({ code: "E_NOT_FOUND" });
  });

  test("an empty map, in a synchronous call too", async () => {
    const result = compareDirUrlsSync(join(dir, "sub"), {});
    expect(lists(result)).toEqual({ diff: {}, onlyLeft: ["c", "deep", "deep/d"], onlyRight: [], errors: [], verdict: "different" });
    expect(lists(await compareDirUrls(join(dir, "sub"), {}))).toEqual(lists(result));
  });
});

describe("a map as JSON", () => {
  test("is read", () => {
    expect(parseUrlMap('{"a": "http://x/", "b\\u0041\\"": "y, \\"z\\": {}"}')).toEqual({ a: "http://x/", 'bA"': 'y, "z": {}' });
    expect(parseUrlMap("{}")).toEqual({});
  });

  test.each([
    ["", "it is no JSON"],
    ["{'a': 'secret'}", "it is no JSON"],
    ['{"a": "secret",}', "it is no JSON"],
    ["[]", "it is no JSON object"],
    ["null", "it is no JSON object"],
    ['{"a": 1}', '"a" needs a URL'],
    ['{"a": {"b": "secret"}}', '"a" needs a URL'],
    ['{"a": "secret", "b": "2", "a": "secret"}', '"a" is there twice'],
    ['{"a": "secret", "\\u0061": "secret"}', '"a" is there twice'],
  ])("%s", async (text, message) => {
    const error = await failureOf(() => parseUrlMap(text));
    expect(error.code).toBe("E_USAGE");
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("secret");
  });
});
