// C-71: manifests as sides of the library's comparisons, from wherever their bytes come, and written by it.
import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  compare,
  compareSync,
  manifest,
  pathSource,
  source,
  urlMap,
  writeManifest,
  writeManifestSync,
  type EntryRecord,
  type ManifestFormat,
  type TreeSummary,
} from "../../src/index.ts";
import { tar } from "../support/archives.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { files, HttpServer } from "../support/http-server.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

leavesNothing();
const dir = temporaryFolder();
const d = join(dir, "d");
const BIG = noise(3_000_000, 4);
makeTree(d, { a: "one", big: BIG, "sub/b": "two" });
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const LINES = `${sha256("one")}  a\n${sha256(BIG)}  big\n${sha256("two")}  sub/b\n`;
const list = join(dir, "SHA256SUMS");
writeFileSync(list, LINES);
const server = await HttpServer.start(files({ SHA256SUMS: Buffer.from(LINES), a: Buffer.from("one"), big: Buffer.from(BIG), b: Buffer.from("2wo") }));
afterAll(() => server[Symbol.asyncDispose]());

const bytes = new TextEncoder().encode(LINES);
/** The same bytes in pieces of few. */
const pieces = (size: number) =>
  new ReadableStream<Uint8Array>({
    type: "bytes",
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });

describe("a manifest comes from", () => {
  test.each([
    ["a path", () => list],
    ["a path in bytes", () => pathSource(new TextEncoder().encode(list))],
    ["a file: URL", () => Bun.pathToFileURL(list)],
    ["bytes", () => bytes],
    ["a Blob", () => new Blob([bytes])],
    ["a stream", () => pieces(7)],
    ["a URL", () => new URL(server.url("SHA256SUMS"))],
    ["a URL with options of its own", () => source({ url: server.url("SHA256SUMS"), retries: 0 })],
  ])("%s", async (_, from) => {
    const result = (await compare(d, manifest(from()))) as TreeSummary;
    expect(result).toMatchObject({ kind: "tree", verdict: "equal", broken: 0, proofs: { "hash:sha256": 3, kind: 1 } });
    expect((await compare(manifest(from()), d)).verdict).toBe("equal");
  });

  test("an operand", async () => {
    expect((await compare(d, `manifest:${list}`)).verdict).toBe("equal");
    expect(compareSync(`manifest:${list}`, d).verdict).toBe("equal");
    expect((await compare(`manifest:${server.url("SHA256SUMS")}`, d)).verdict).toBe("equal");
  });

  test("a server or stream that fails: the run does, or all is undecided", async () => {
    expect(await failureOf(() => compare(d, manifest(new URL(server.url("404"))), { retries: 0 }))).toMatchObject({ code: "E_HTTP_STATUS" });
    expect(await failureOf(() => compareSync(d, manifest("-")))).toMatchObject({ code: "E_USAGE" });
    let pulls = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ === 0) controller.enqueue(bytes.slice(0, 80));
        else controller.error(new Error("gone"));
      },
    });
    const result = await compare(d, manifest(broken));
    expect(result.verdict).toBe("unknown");
  });
});

describe("beside", () => {
  const entriesOf = async (run: AsyncIterable<EntryRecord>) => {
    const found: string[] = [];
    for await (const { status, path, error } of run) found.push([status, path, error?.code].join(" ").trim());
    return found;
  };

  test("URLs: what servers have is checked, each URL read once", async () => {
    server.forget();
    const urls = urlMap({ a: server.url("a"), big: server.url("big"), "sub/b": server.url("b") });
    const run = compare(urls, manifest(list));
    expect(await entriesOf(run)).toEqual(["different sub/b E_VERIFY"]);
    expect(await run).toMatchObject({ verdict: "different", broken: 1, proofs: { "hash:sha256": 2 } });
    expect(server.seen.filter(({ method }) => method === "GET")).toHaveLength(3);
  });

  test("an archive from bytes, and from a stream", async () => {
    const archive = tar([{ name: "sub/b", data: "two" }, { name: "big", data: Buffer.from(BIG) }, { name: "a", data: "one" }]);
    expect((await compare(archive, manifest(list), { archive: true })).verdict).toBe("equal");
    const bad = manifest(new TextEncoder().encode(LINES.replace(sha256("two"), sha256("three"))), { format: "sha256sum" });
    expect(await entriesOf(compare(archive, bad, { archive: true }))).toEqual(["different sub/b E_VERIFY"]);
    expect((await compare(new Blob([archive]), manifest(list), { archive: true })).verdict).toBe("equal");
  });

  test("what is no tree, and formats that are none, are refused", async () => {
    expect(await failureOf(() => compare(join(d, "a"), manifest(list)))).toMatchObject({ code: "E_USAGE" });
    expect(await failureOf(() => compare(d, manifest(list, { format: "md5sum" as ManifestFormat })))).toMatchObject({ code: "E_USAGE" });
    expect(await failureOf(() => compare(d, manifest(`manifest:${list}`)))).toMatchObject({ code: "E_USAGE" });
  });

  test("a signal ends it", async () => {
    expect(await failureOf(() => compare(d, manifest(list), { signal: AbortSignal.abort() }))).toMatchObject({ code: "E_CANCELLED" });
  });
});

describe("written", () => {
  test("the records are the entries, in the order of paths, with their digests", async () => {
    const out = join(dir, "all.manifest");
    const run = writeManifest(d, out, { algorithm: "sha256" });
    const records = [];
    for await (const record of run) records.push(record);
    expect(records.map(({ path, kind, size, digest }) => [path, kind, size, digest])).toEqual([
      ["a", "file", 3, sha256("one")],
      ["big", "file", BIG.length, sha256(BIG)],
      ["sub", "dir", undefined, undefined],
      ["sub/b", "file", 3, sha256("two")],
    ]);
    const { mtimeNs, mtime } = records[0]!;
    expect(mtimeNs! / 1_000_000n).toBe(BigInt(Math.floor(Bun.file(join(d, "a")).lastModified)));
    expect(new Date(mtime!).getTime()).toBe(Number(mtimeNs! / 1_000_000n));
    expect(records[0]!.toJSON()).toMatchObject({ v: 1, type: "digest", path: "a", kind: "file", size: 3, mtime, digest: sha256("one") });
    expect(await run).toMatchObject({ entries: 4, files: 3, unknown: 0, reused: 0, bytesRead: 6 + BIG.length, cancelled: false });
    expect(compareSync(d, manifest(out)).proofs).toEqual({ "hash:sha256": 3, kind: 1 });
  });

  test("any number of threads writes the same", () => {
    const texts = [1, 2, 8].map((jobs) => {
      writeManifestSync(d, join(dir, "same"), { jobs, format: "b3sum", chunkSize: 4096 });
      return readFileSync(join(dir, "same"), "utf8");
    });
    expect(new Set(texts).size).toBe(1);
  });

  test("filters, lists of paths, and links that are followed", () => {
    const tree = makeTree(join(dir, "links"), { a: "1", "sub/b": "2", "sub/l": { link: "../a" }, skipped: "" });
    const names = (options: object) => {
      writeManifestSync(tree, join(dir, "names"), { format: "sha256sum", ...options });
      return readFileSync(join(dir, "names"), "utf8").trimEnd().split("\n").map((line) => line.slice(66));
    };
    expect(names({ exclude: ["skipped"] })).toEqual(["a", "sub/b"]);
    expect(names({ include: ["b"] })).toEqual(["sub/b"]);
    expect(names({ paths: ["sub/b", "a"] })).toEqual(["a", "sub/b"]);
    expect(names({ paths: [] })).toEqual([""]);
    expect(names({ followSymlinks: true })).toEqual(["a", "skipped", "sub/b", "sub/l"]);
  });

  test("cancelled: no manifest, but what was found out is kept", async () => {
    const tree = makeTree(join(dir, "cancelled"), Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, `${i}`])));
    const out = join(dir, "cancelled.manifest");
    const run = writeManifest(tree, out, { jobs: 1 });
    for await (const record of run) if (record.path === "f100") break;
    expect((await run).cancelled).toBe(true);
    expect([existsSync(out), existsSync(`${out}.partial`)]).toEqual([false, true]);
    expect((await writeManifest(tree, out)).files).toBe(3000);
    expect(readdirSync(dir).filter((name) => name.startsWith("cancelled.manifest"))).toEqual(["cancelled.manifest"]);
    expect(await failureOf(() => writeManifest(tree, out, { signal: AbortSignal.abort() }))).toMatchObject({ code: "E_CANCELLED" });
  });

  test.each<[string, unknown[], string]>([
    ["a format that is none", [d, join(dir, "x"), { format: "md5sum" }], "E_USAGE"],
    ["an algorithm that is none", [d, join(dir, "x"), { algorithm: "md5" }], "E_USAGE"],
    ["an algorithm that the format does not hold", [d, join(dir, "x"), { format: "sha256sum", algorithm: "blake3" }], "E_USAGE"],
    ["threads that are none", [d, join(dir, "x"), { jobs: -1 }], "E_USAGE"],
    ["a path that leads up", [d, join(dir, "x"), { paths: ["../x"] }], "E_USAGE"],
    ["a stream for a tree", ["-", join(dir, "x")], "E_UNSUPPORTED"],
    ["a URL for a file", [d, "https://example.org/x"], "E_UNSUPPORTED"],
    ["an archive", [`archive:${list}`, join(dir, "x")], "E_UNSUPPORTED"],
    ["a file for a tree", [list, join(dir, "x")], "E_UNSUPPORTED"],
    ["a tree for a file", [d, d], "E_UNSUPPORTED"],
    ["a tree that is not there", [join(dir, "none"), join(dir, "x")], "E_NOT_FOUND"],
    ["a folder that is not there", [d, join(dir, "none/x")], "E_WRITE"],
  ])("%s is refused", async (_, args, code) => {
    const call = (write: unknown) => () => (write as (...all: unknown[]) => unknown)(...args);
    const [one, twin] = [await failureOf(call(writeManifest)), await failureOf(call(writeManifestSync))];
    expect(one.code).toBe(code as never);
    expect([twin.code, twin.message]).toEqual([one.code, one.message]);
    expect(existsSync(join(dir, "x"))).toBe(false);
  });
});
