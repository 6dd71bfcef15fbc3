// URLs as sources: verdicts, and what it took to come to them, told by a server's log.
import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, compareRanges, type CompareOptions, type PairResult, type Source, type SuiteError } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { files, HttpServer, serveFile, type Handler } from "../support/http-server.ts";
import { noise, temporaryFolder } from "../support/temp.ts";
import { poolThreads } from "../support/threads.ts";

const folder = temporaryFolder();
leavesNothing();

const MIB = 1 << 20;
const big = noise(8 * MIB, 1);
const late = big.slice();
late[8 * MIB - 5] = (late[8 * MIB - 5] ?? 0) ^ 1;
const small = new TextEncoder().encode("one\ntwo\nthree\n");
const other = new TextEncoder().encode("one\ntwo\nThree\n");
const longer = new TextEncoder().encode("one\ntwo\nthree\nfour");
const stored = { big, late, small, other, longer, empty: new Uint8Array() };
for (const [name, bytes] of Object.entries(stored)) writeFileSync(join(folder, name), bytes);
const local = (name: string) => join(folder, name);

const server = await HttpServer.start(files({ ...stored, tagged: { bytes: big, etag: '"v1"' } }));
afterAll(() => server[Symbol.asyncDispose]());

/** Compares, and gives the outcome with what the server saw of it. */
async function asked(a: Source, b: Source, options?: CompareOptions) {
  server.forget();
  const result = (await compare(a, b, options)) as PairResult;
  return { result, lines: [...server.lines], body: server.body };
}

describe("C-15 a file and a URL, in all combinations", () => {
  const CASES: [a: keyof typeof stored, b: keyof typeof stored, PairResult["verdict"], offset?: number, line?: number][] = [
    ["small", "small", "equal"],
    ["small", "other", "different", 8, 3],
    ["small", "longer", "different", 14, 4],
    ["longer", "small", "different", 14, 4],
    ["empty", "small", "different", 0, 1],
    ["small", "empty", "different", 0, 1],
    ["empty", "empty", "equal"],
    ["big", "big", "equal"],
    ["big", "late", "different", 8 * MIB - 5],
  ];
  const WAYS: [string, (name: string) => Source, (name: string) => Source][] = [
    ["local, local", local, local],
    ["local, remote", local, (name) => server.url(name)],
    ["remote, local", (name) => server.url(name), local],
    ["remote, remote", (name) => server.url(name), (name) => server.url(name)],
  ];
  for (const [way, left, right] of WAYS) {
    for (const [a, b, verdict, offset, line] of CASES) {
      test(`${way}: ${a} and ${b} are ${verdict}`, async () => {
        const located = (await compare(left(a), right(b), { locate: true })) as PairResult;
        expect({ verdict: located.verdict, offset: located.offset }).toEqual({ verdict, offset });
        if (line !== undefined) expect(located.line).toBe(line);
        for (const options of [{}, { sizePrecheck: false }, { quickCheck: false, chunkSize: 4096 }, { stopAtFirst: true }]) {
          expect((await compare(left(a), right(b), options)).verdict).toBe(verdict);
        }
      });
    }
  }

  test("a URL against bytes and a stream", async () => {
    expect((await compare(small, server.url("small"))).verdict).toBe("equal");
    expect((await compare(server.url("small"), other)).verdict).toBe("different");
    const { result, lines } = await asked(new Blob([big]), server.url("big"));
    expect(result.verdict).toBe("equal");
    // The end of a stream is all that tells its size: there is nothing to be compared with the size of the other.
    expect(lines).toEqual(["GET /big"]);
    expect((await compare(new Blob([late]), new URL(server.url("big")))).verdict).toBe("different");
  });

  test("a URL with itself is read: a server may answer anything", async () => {
    const { result, lines } = await asked(server.url("small"), server.url("small"), { locate: true });
    expect(result).toMatchObject({ verdict: "equal", proof: "bytes", size: [14, 14] });
    expect(lines).toEqual(["GET /small", "GET /small"]);
  });

  test("ranges of bytes that differ", async () => {
    const found = [];
    for await (const range of compareRanges(local("small"), server.url("other"))) found.push(range.toJSON());
    expect(found[0]).toMatchObject({ type: "range", offset: 8, length: 1 });
  });
});

describe("C-11 C-16 CX-08 requests", () => {
  test("8 MiB in one GET, which asks for the bytes as they are", async () => {
    const { result, lines } = await asked(local("big"), server.url("big"), { locate: true });
    expect(result.verdict).toBe("equal");
    expect(lines).toEqual(["GET /big"]);
    expect(server.seen[0]?.headers).toMatchObject({ "accept-encoding": "identity" });
    expect(server.seen[0]?.headers["range"]).toBeUndefined();
  });

  test("with the size asked for first in two", async () => {
    const { result, lines } = await asked(local("big"), server.url("big"));
    expect(result).toMatchObject({ verdict: "equal", proof: "bytes", size: [8 * MIB, 8 * MIB] });
    expect(lines).toEqual(["HEAD /big", "GET /big"]);
  });

  test("sizes that differ need no byte", async () => {
    const { result, lines, body } = await asked(local("small"), server.url("big"));
    expect(result).toMatchObject({ verdict: "different", reasons: ["size_mismatch"], size: [14, 8 * MIB], bytesRead: 0 });
    expect({ lines, body }).toEqual({ lines: ["HEAD /big"], body: 0 });
    const both = await asked(server.url("small"), server.url("big"));
    expect(both).toMatchObject({ result: { reasons: ["size_mismatch"] }, body: 0 });
    const without = await asked(local("small"), server.url("big"), { sizePrecheck: false });
    expect(without.lines).toEqual(["GET /big"]);
  });

  test.each([405, 501, 403, 404, 400, 500])("HEAD answered with %d: the headers of GET tell", async (status) => {
    const handler: Handler = (request, reply) => {
      if (request.method === "HEAD") return reply.head(status, { "Content-Length": "0" });
      return serveFile(request, reply, { bytes: request.path === "/big" ? big : small });
    };
    await using strict = await HttpServer.start(handler);
    expect(await compare(local("small"), strict.url("big"))).toMatchObject({
      verdict: "different",
      reasons: ["size_mismatch"],
    });
    expect(strict.lines).toEqual(["HEAD /big", "GET /big"]);
    expect((await compare(local("small"), strict.url("small"))).verdict).toBe("equal");
  });

  test("HEAD without a length, and HEAD that is not answered", async () => {
    const handler: Handler = (request, reply) => {
      if (request.method === "GET") return serveFile(request, reply, { bytes: small });
      if (request.path === "/closes") return reply.close();
      return reply.head(200);
    };
    await using terse = await HttpServer.start(handler);
    for (const path of ["terse", "closes"]) {
      expect((await compare(local("small"), terse.url(path))).verdict).toBe("equal");
      expect((await compare(local("big"), terse.url(path))).verdict).toBe("different");
    }
  });

  test("a missing file is found before anybody is asked", async () => {
    server.forget();
    expect(await failureOf(compare(local("nowhere"), server.url("big")))).toMatchObject({ code: "E_NOT_FOUND" });
    expect(server.lines).toEqual([]);
  });

  test("a directory is another kind of thing", async () => {
    expect(await compare(folder, server.url("small"))).toMatchObject({ verdict: "different", reasons: ["type_mismatch"] });
  });
});

describe("C-12 ranges", () => {
  test.each([
    [{ skip: 100 }, "bytes=100-", 8 * MIB - 100],
    [{ skip: 100, limitBytes: 1000 }, "bytes=100-1099", 1000],
    [{ limitBytes: 1000 }, "bytes=0-999", 1000],
    [{ skip: 8 * MIB - 10, limitBytes: 1000 }, `bytes=${8 * MIB - 10}-${8 * MIB + 989}`, 10],
  ] as const)("%j asks for %s", async (options, range, length) => {
    const { result, body } = await asked(local("big"), server.url("big"), { ...options, locate: true });
    expect(result).toMatchObject({ verdict: "equal", size: [length, length] });
    expect(server.seen.map(({ headers }) => headers["range"])).toEqual([range]);
    expect(body).toBe(length);
  });

  test("places are counted from where each side begins", async () => {
    const shifted = { skip: [0, 10] as const };
    await using at = await HttpServer.start(files({ shifted: Buffer.concat([Buffer.alloc(10), late]) }));
    expect(await compare(local("big"), at.url("shifted"), { ...shifted, locate: true })).toMatchObject({
      offset: 8 * MIB - 5,
    });
    expect((await compare(local("late"), at.url("shifted"), shifted)).verdict).toBe("equal");
  });

  test("behind the end there is nothing", async () => {
    for (const options of [{ skip: 8 * MIB }, { skip: 99 * MIB, limitBytes: 5 }]) {
      const { result } = await asked(local("big"), server.url("big"), { ...options, locate: true });
      expect(result).toMatchObject({ verdict: "equal", size: [0, 0] });
    }
    // There is no first byte to ask for either.
    expect((await asked(local("empty"), server.url("empty"), { limitBytes: 5 })).result.verdict).toBe("equal");
  });

  test("CX-09 a server without them sends all, and what is not wanted is passed over", async () => {
    await using plain = await HttpServer.start(files({ big: { bytes: big, noRange: true } }));
    for (const options of [{}, { skip: 5 * MIB }, { skip: 1000, limitBytes: 2000 }, { limitBytes: 3 }, { skip: 9 * MIB }]) {
      expect((await compare(local("big"), plain.url("big"), options)).verdict).toBe("equal");
    }
    expect(await compare(local("late"), plain.url("big"), { skip: 5 * MIB, locate: true })).toMatchObject({
      offset: 3 * MIB - 5,
    });
    expect(await compare(local("small"), plain.url("big"), { skip: 1, limitBytes: 4 })).toMatchObject({ verdict: "different" });
  });

  test("416 without a word about the length: asked again without a range", async () => {
    const handler: Handler = (request, reply) => {
      if (request.headers["range"]) return reply.head(416, { "Content-Length": "0" });
      return serveFile(request, reply, { bytes: big });
    };
    await using odd = await HttpServer.start(handler);
    expect((await compare(local("big"), odd.url("big"), { skip: 100, locate: true })).verdict).toBe("equal");
    expect(odd.lines).toEqual(["GET /big", "GET /big"]);
  });
});

describe("C-18 a large remote file", () => {
  const GIB = 2 ** 30;
  const piece = noise(MIB, 3);
  const endless: Handler = async (request, reply) => {
    reply.head(200, { "Content-Length": String(GIB) });
    if (request.method === "HEAD") return;
    for (let sent = 0; sent < GIB; sent += piece.length) if (!(await reply.body(piece))) return;
  };

  test("that differs in its first chunk is not read on", async () => {
    await using large = await HttpServer.start(endless);
    const wrong = piece.slice();
    wrong[100] = (wrong[100] ?? 0) ^ 1;
    writeFileSync(local("wrong"), wrong);
    const result = (await compare(local("wrong"), large.url("big"), { locate: true })) as PairResult;
    expect(result).toMatchObject({ verdict: "different", offset: 100 });
    expect(result.bytesRead).toBeLessThanOrEqual(4 * MIB);
    expect(large.body).toBeLessThanOrEqual(8 * MIB);
    // A cancel is seen by the server: the connection ends.
    while (large.open > 0) await Bun.sleep(1);
  });

  test("is sent no faster than the other side is read", async () => {
    await using large = await HttpServer.start(endless);
    const { promise: wanted, resolve: want } = Promise.withResolvers<void>();
    let pulled = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (pulled++ > 0) await wanted;
        controller.enqueue(pulled > 8 ? new Uint8Array(10) : piece);
      },
    });
    const run = compare(slow, large.url("big"), { locate: true });
    // It goes on until all buffers between are full, and then no further, however long one looks.
    let before = -1;
    while (large.body === 0 || large.body !== before) {
      before = large.body;
      await Bun.sleep(300);
    }
    expect(before).toBeLessThan(64 * MIB);
    want();
    expect(await run).toMatchObject({ verdict: "different", offset: 8 * MIB });
  });
});

describe("C-13 C-37 many at once", () => {
  test("100 pairs of URLs on one host, four at a time: at most 8 connections", async () => {
    await using host = await HttpServer.start(files(stored));
    const pairs = Array.from({ length: 100 }, (_, i) => i);
    const verdicts: string[] = [];
    const work = async () => {
      while (pairs.pop() !== undefined) {
        verdicts.push((await compare(host.url("small"), host.url("small"), { jobs: 4 })).verdict);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(verdicts).toEqual(Array(100).fill("equal"));
    expect(host.connections).toBeLessThanOrEqual(8);
  });

  test("200 comparisons at once, on the pool and one more thread, and no more than 64 connections", async () => {
    await using host = await HttpServer.start(files(stored));
    const runs = Array.from({ length: 200 }, () => compare(host.url("small"), host.url("small")));
    const results = await Promise.all(runs);
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(["equal"]));
    expect(host.mostOpen).toBeLessThanOrEqual(64);
    const threads = [...poolThreads().keys()];
    expect(threads.filter((name) => name === "core-net")).toEqual(["core-net"]);
    expect(threads.length).toBeLessThanOrEqual(Math.min(navigator.hardwareConcurrency, 8) + 2);
  });

  test("large ones whose two sides wait for each other all come to their end", async () => {
    await using host = await HttpServer.start(files(stored));
    const runs = Array.from({ length: 40 }, () => compare(host.url("big"), host.url("big"), { locate: true }));
    for (const run of runs) expect((await run).verdict).toBe("equal");
    expect(host.mostOpen).toBeLessThanOrEqual(64);
  });

  test("cancelled at any moment", async () => {
    await using host = await HttpServer.start(files(stored));
    for (let i = 0; i < 60; i++) {
      const stop = new AbortController();
      const run = compare(host.url("big"), i % 2 ? local("big") : host.url("big"), { signal: stop.signal });
      for (let turns = i; turns > 0; turns--) await Promise.resolve();
      if (i % 3 === 0) await Bun.sleep(i % 10);
      stop.abort();
      const error = await run.then(
        () => undefined,
        (failure: unknown) => (failure as SuiteError).code,
      );
      expect([undefined, "E_CANCELLED"]).toContain(error);
    }
  });
});
