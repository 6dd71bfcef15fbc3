// URLs over HTTP/2: many transfers on one connection, none in the way of another.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { compare, source, type CompareOptions, type PairResult } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { leavesNothing, until } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

const folder = temporaryFolder();
leavesNothing();

const MIB = 1 << 20;
const bytes = noise(3 * MIB, 11);
let server: Http2SecureServer;
let caFile = "";
let requests: string[] = [];
let sessions = 0;
let closed = 0;

type Headers = Record<string, string | number | undefined>;

/** Sends bytes as fast as the client takes them, until it has all of them or wants no more. */
async function send(stream: ServerHttp2Stream, total: number): Promise<void> {
  let wake = () => {};
  stream.on("drain", () => wake());
  stream.on("close", () => wake());
  for (let sent = 0; sent < total && !stream.closed && !stream.destroyed; ) {
    const piece = bytes.subarray(sent % bytes.length, Math.min((sent % bytes.length) + 64 * 1024, bytes.length));
    sent += piece.length;
    if (!stream.write(piece)) await new Promise<void>((resolve) => (wake = resolve));
  }
  if (!stream.closed && !stream.destroyed) stream.end();
}

function answer(stream: ServerHttp2Stream, headers: Headers): void {
  const [method, path] = [String(headers[":method"]), String(headers[":path"])];
  requests.push(`${method} ${path}`);
  stream.on("error", () => {});
  stream.on("close", () => (closed += 1));
  const fields = { ":status": 200, "content-length": bytes.length, etag: '"v1"' };
  if (path === "/404") stream.respond({ ":status": 404 }, { endStream: true });
  else if (method === "HEAD") stream.respond(fields, { endStream: true });
  else if (path === "/large") {
    stream.respond({ ":status": 200 });
    void send(stream, 1024 * MIB);
  } else if (path === "/short") {
    stream.respond({ ...fields, etag: 'W/"v1"' });
    stream.end(bytes.subarray(0, 1000));
  } else if (path === "/reset" && headers["range"] === undefined) {
    stream.respond(fields);
    stream.write(bytes.subarray(0, MIB), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  } else if (headers["range"] !== undefined) {
    const first = Number(/\d+/.exec(String(headers["range"]))?.[0]);
    const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`;
    stream.respond({ ":status": 206, etag: '"v1"', "content-range": range, "content-length": bytes.length - first });
    stream.end(bytes.subarray(first));
  } else if (path === "/endless") {
    // No length: frames say where it ends.
    stream.respond({ ":status": 200 });
    void send(stream, bytes.length);
  } else {
    stream.respond(fields);
    void send(stream, bytes.length);
  }
}

beforeAll(async () => {
  const tls = await makeCertificate(folder, "http2");
  caFile = tls.file;
  server = createSecureServer({ cert: tls.cert, key: tls.key });
  server.on("session", () => (sessions += 1));
  server.on("stream", answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
}, 300_000);
afterAll(() => void server.close());

const url = (path: string) => `https://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
const remote = (path: string) => source({ url: url(path), caFile, retries: 1 });
const against = (path: string, ours: Uint8Array = bytes, options: CompareOptions = {}) => compare(remote(path), ours, options);

test("equal, different, of another size, not there", async () => {
  requests = [];
  expect(await against("x")).toMatchObject({ verdict: "equal", proof: "bytes", size: [bytes.length, bytes.length] });
  expect(requests).toEqual(["HEAD /x", "GET /x"]);
  const other = bytes.slice();
  other[2 * MIB] = (other[2 * MIB] ?? 0) ^ 1;
  expect(await against("x", other, { locate: true })).toMatchObject({ verdict: "different", offset: 2 * MIB });
  expect(await against("x", bytes.subarray(1))).toMatchObject({ verdict: "different", reasons: ["size_mismatch"] });
  expect((await against("endless", bytes, { locate: true })).verdict).toBe("equal");
  expect(await failureOf(against("404"))).toMatchObject({ code: "E_HTTP_STATUS" });
});

test("C-13 one connection for many, of which none stands in the way of another", async () => {
  sessions = 0;
  const runs = Array.from({ length: 50 }, () => compare(remote("x"), remote("y"), { locate: true }));
  for (const run of runs) expect((await run).verdict).toBe("equal");
  expect(sessions).toBeLessThanOrEqual(8);
});

test("C-18 a transfer that is not wanted any more is cancelled, not its connection", async () => {
  await against("x");
  [sessions, closed] = [0, 0];
  const wrong = bytes.slice(0, MIB);
  wrong[10] = (wrong[10] ?? 0) ^ 1;
  const result = (await against("large", wrong, { locate: true })) as PairResult;
  expect(result).toMatchObject({ verdict: "different", offset: 10 });
  expect(result.bytesRead).toBeLessThanOrEqual(4 * MIB);
  await until("the server sees the stream closed", () => closed > 0);
  expect((await against("x")).verdict).toBe("equal");
  expect(sessions).toBe(0);
});

test("a stream that ends before its length, and one that breaks off", async () => {
  expect((await failureOf(against("short", bytes, { locate: true }))).code).toBe("E_NETWORK");
  requests = [];
  const result = await against("reset", bytes, { locate: true });
  expect(result.verdict).toBe("equal");
  expect(requests).toEqual(["GET /reset", "GET /reset"]);
});
