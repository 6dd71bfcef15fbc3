// What is sent to whom, where redirects may lead, and whom to believe.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, createServer, type AddressInfo } from "node:net";
import { compare, source, type CompareOptions, type SourceSpec } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { files, HttpServer, serveFile, type Handler, type Tls } from "../support/http-server.ts";
import { temporaryFolder } from "../support/temp.ts";

const folder = temporaryFolder();
leavesNothing();

const bytes = new TextEncoder().encode("the same for all");
const good: Handler = (request, reply) => serveFile(request, reply, { bytes });
/** Sends `/N` to `/N-1`, and `/0` to wherever `end` says. */
const redirects = (end: () => string, status = 302): Handler => (request, reply) => {
  const n = Number(request.path.slice(1).replace(/\?.*$/, ""));
  if (Number.isNaN(n)) return good(request, reply);
  return reply.head(status, { Location: n > 0 ? `/${n - 1}` : end(), "Content-Length": "0" });
};

const verdict = async (a: SourceSpec | string, options: CompareOptions = {}) =>
  (await compare(typeof a === "string" ? a : source(a), bytes, { locate: true, ...options })).verdict;
const error = (a: SourceSpec | string, options: CompareOptions = {}) =>
  failureOf(compare(typeof a === "string" ? a : source(a), bytes, { locate: true, retries: 0, ...options }));

describe("CX-07 credentials", () => {
  const fields = ["authorization", "cookie", "x-key"];
  const sent = (server: HttpServer) =>
    server.seen.map(({ headers }) => Object.fromEntries(fields.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))));

  test("each source is sent its own", async () => {
    await using a = await HttpServer.start(good);
    await using b = await HttpServer.start(good);
    const left = source({ url: a.url(), headers: { Authorization: "Bearer A", "X-Key": "a" } });
    const right = source({ url: b.url(), headers: [["Cookie", "b=1"]] });
    expect((await compare(left, right)).verdict).toBe("equal");
    expect(sent(a)).toEqual(Array(2).fill({ authorization: "Bearer A", "x-key": "a" }));
    expect(sent(b)).toEqual(Array(2).fill({ cookie: "b=1" }));
  });

  test("each source of one host is sent its own", async () => {
    await using host = await HttpServer.start(good);
    for (let i = 0; i < 3; i++) {
      host.forget();
      const left = source({ url: host.url("a"), headers: { "X-Key": `a${i}` } });
      const right = source({ url: host.url("b") });
      expect((await compare(left, right, { locate: true })).verdict).toBe("equal");
      expect(host.seen.find(({ path }) => path === "/a")?.headers["x-key"]).toBe(`a${i}`);
      expect(host.seen.find(({ path }) => path === "/b")?.headers["x-key"]).toBeUndefined();
    }
  });

  test("options of the call are for both, those of a source are stronger", async () => {
    await using host = await HttpServer.start(good);
    const own = source({ url: host.url("own"), headers: new Headers({ "X-Key": "own" }) });
    expect((await compare(own, host.url("call"), { headers: { "X-Key": "call" }, locate: true })).verdict).toBe("equal");
    expect(host.seen.find(({ path }) => path === "/own")?.headers["x-key"]).toBe("own");
    expect(host.seen.find(({ path }) => path === "/call")?.headers["x-key"]).toBe("call");
  });

  test("user and password of a URL, which is named without them", async () => {
    await using host = await HttpServer.start((request, reply) => {
      return request.path.startsWith("/none") ? reply.head(401, { "Content-Length": "0" }) : good(request, reply);
    });
    const url = (path: string) => host.url(path).replace("//", "//us%20er:p%40ss@");
    expect(await verdict(url("x"))).toBe("equal");
    expect(host.seen.at(-1)?.headers["authorization"]).toBe(`Basic ${btoa("us er:p@ss")}`);
    expect(host.seen.at(-1)?.path).toBe("/x");
    const refused = await error(url("none?token=word"));
    expect(refused).toMatchObject({ code: "E_HTTP_STATUS", path: host.url("none?...") });
    expect(JSON.stringify([refused, refused.message, refused.stack])).not.toMatch(/p%40ss|p@ss|us%20er|word/);
    expect(await verdict({ url: url("x"), headers: { authorization: "Bearer B" } })).toBe("equal");
    expect(host.seen.at(-1)?.headers["authorization"]).toBe("Bearer B");
  });

  test("headers without a value are sent so", async () => {
    await using host = await HttpServer.start(good);
    expect(await verdict({ url: host.url(), headers: { "X-Key": "", "User-Agent": "mine", Accept: "image/*" } })).toBe("equal");
    expect(host.seen[0]?.headers).toMatchObject({ "x-key": "", "user-agent": "mine", accept: "image/*" });
  });

  test("a redirect to another origin is followed without them, and without them it comes back", async () => {
    await using home: HttpServer = await HttpServer.start(redirects(() => away.url("0")));
    await using away: HttpServer = await HttpServer.start(redirects(() => home.url("back")));
    const headers = { Authorization: "Bearer A", Cookie: "c=1", "X-Key": "k" };
    expect(await verdict({ url: home.url("1"), headers })).toBe("equal");
    expect(home.lines).toEqual(["GET /1", "GET /0", "GET /back"]);
    const all = { authorization: "Bearer A", cookie: "c=1", "x-key": "k" };
    expect(sent(home)).toEqual([all, all, {}]);
    expect(sent(away)).toEqual([{}]);
    const login = home.url("1").replace("//", "//me:word@");
    home.forget();
    expect(await verdict(login)).toBe("equal");
    expect(sent(home).map(({ authorization }) => authorization !== undefined)).toEqual([true, true, false]);
  });

  test("a redirect that brings its own login does not get it sent", async () => {
    await using away = await HttpServer.start(good);
    await using home = await HttpServer.start(redirects(() => away.url("x").replace("//", "//evil:word@")));
    expect(await verdict(home.url("0"))).toBe("equal");
    expect(sent(away)).toEqual([{}]);
  });
});

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])("%d is followed, for HEAD and GET", async (status) => {
    await using host: HttpServer = await HttpServer.start(redirects(() => "end?x=1", status));
    expect(await verdict(host.url("2"), { locate: false })).toBe("equal");
    const hops = (method: string) => ["/2", "/1", "/0", "/end?x=1"].map((path) => `${method} ${path}`);
    expect(host.lines).toEqual([...hops("HEAD"), ...hops("GET")]);
    expect(host.connections).toBe(1);
  });

  test("not, when they are not to be", async () => {
    await using host: HttpServer = await HttpServer.start(redirects(() => "/end"));
    expect(await error({ url: host.url("0"), followRedirects: false })).toMatchObject({
      code: "E_HTTP_STATUS",
      message: expect.stringContaining("the server answered 302"),
    });
    expect(host.lines).toEqual(["GET /0"]);
  });

  test("without end, up to a limit", async () => {
    await using host: HttpServer = await HttpServer.start(redirects(() => "/0"));
    expect(await error(host.url("0"))).toMatchObject({ code: "E_NETWORK", message: expect.stringContaining("more than 10 redirects") });
    expect(host.seen).toHaveLength(11);
    expect((await error(host.url("3"), { maxRedirects: 2 })).message).toContain("more than 2 redirects");
  });

  test.each([
    ["", "leads nowhere"],
    ["ftp://127.0.0.1/x", "no http or https URL"],
    ["file:///etc/passwd", "no http or https URL"],
    ["http://", "no http or https URL"],
    [`/${"x".repeat(9000)}`, "too long"],
  ])("to %j", async (location, text) => {
    await using host = await HttpServer.start(redirects(() => location));
    const failed = await error(host.url("0"));
    expect(failed.code).toBe("E_NETWORK");
    expect(failed.message).toContain(text);
    expect(host.seen).toHaveLength(1);
  });

  test("a range is asked for again where the redirect leads", async () => {
    await using host: HttpServer = await HttpServer.start(redirects(() => "/end"));
    const result = await compare(host.url("1"), bytes, { skip: 4, limitBytes: 3, locate: true });
    expect(result.verdict).toBe("equal");
    expect(host.seen.map(({ headers }) => headers["range"])).toEqual(Array(3).fill("bytes=4-6"));
  });
});

/** A proxy that stands for any host: requests for `public.example` and the like end at one server. */
async function startProxy(target: () => number): Promise<HttpServer> {
  return HttpServer.start(async (request, reply) => {
    const [host = "", port = "80"] = (request.method === "CONNECT" ? request.path : new URL(request.path).host).split(":");
    const ours = host === "127.0.0.1" ? Number(port) : target();
    const upstream = connect(ours, "127.0.0.1");
    upstream.on("error", () => reply.close());
    const fields = Object.entries(request.headers).filter(([name]) => !name.startsWith("proxy-"));
    const { pathname, search } = request.method === "CONNECT" ? { pathname: "", search: "" } : new URL(request.path);
    const lines = [`${request.method} ${pathname}${search} HTTP/1.1`, ...fields.map(([n, v]) => `${n}: ${v}`), "Connection: close"];
    upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
    upstream.on("data", (chunk: Buffer) => reply.raw(chunk.toString("latin1")));
    // Its own connection stays: the answer says itself where it ends.
    await new Promise<void>((resolve) => upstream.on("close", () => resolve()));
  });
}

describe("CX-13 redirects from public to private addresses", () => {
  let target: HttpServer;
  let proxy: HttpServer;
  let location = "";
  beforeAll(async () => {
    target = await HttpServer.start(redirects(() => location));
    proxy = await startProxy(() => target.port);
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const via = (more: Partial<SourceSpec> = {}) => ({
    url: "http://public.example/0",
    proxy: { http: proxy.url(), no: "127.0.0.1,localhost" },
    ...more,
  });

  test.each([
    ["127.0.0.1", true],
    ["localhost", true],
    ["sub.localhost.", true],
    ["0x7f.1", true],
    ["2130706433", true],
    ["10.0.0.1", true],
    ["100.64.0.1", true],
    ["169.254.169.254", true],
    ["[::1]", true],
    ["[::ffff:127.0.0.1]", true],
    ["[fd00::1]", true],
    ["[64:ff9b::7f00:1]", true],
    ["[2002:7f00:1::]", true],
    ["another.example", false],
  ])("to %s: refused %p", async (host, refused) => {
    location = `http://${host}/end`;
    proxy.forget();
    target.forget();
    if (!refused) return expect(await verdict(via())).toBe("equal");
    expect(await error(via())).toMatchObject({ code: "E_NETWORK", message: expect.stringContaining("leads to a private address") });
    expect(target.lines).toEqual(["GET /0"]);
    expect(proxy.lines).toHaveLength(1);
  });

  test("unless they are allowed", async () => {
    location = target.url("end");
    expect(await verdict(via({ allowPrivateRedirects: true }))).toBe("equal");
    // The second request went past the proxy.
    expect(target.lines.slice(-1)).toEqual(["GET /end"]);
  });

  test("what somebody typed is asked, and may lead on to its neighbours", async () => {
    location = target.url("end");
    expect(await verdict(target.url("0"))).toBe("equal");
    expect(await verdict(target.url("0", "localhost"))).toBe("equal");
  });

  test("from private to public, the way back is closed", async () => {
    const second: Handler = (_, reply) => reply.head(302, { Location: target.url("end"), "Content-Length": "0" });
    await using middle = await HttpServer.start(second);
    await using other = await startProxy(() => middle.port);
    location = "http://public.example/";
    const spec = { url: target.url("0"), proxy: { http: other.url(), no: "127.0.0.1" } };
    expect(await error(spec)).toMatchObject({ code: "E_NETWORK", message: expect.stringContaining("private") });
  });
});

describe("proxies", () => {
  test("of one source are not those of the other, and get no headers that are for the server over TLS", async () => {
    await using target = await HttpServer.start(good);
    await using proxy = await startProxy(() => target.port);
    const left = source({ url: "http://a.example/x", proxy: proxy.url().replace("//", "//me:word@") });
    expect((await compare(left, target.url("direct"), { locate: true })).verdict).toBe("equal");
    expect(proxy.lines).toEqual(["GET http://a.example/x"]);
    expect(proxy.seen[0]?.headers["proxy-authorization"]).toBe(`Basic ${btoa("me:word")}`);
    expect(target.seen.every(({ headers }) => headers["proxy-authorization"] === undefined)).toBe(true);
  });

  test("that refuse, and that are not there", async () => {
    await using proxy = await HttpServer.start((_, reply) => reply.head(407, { "Content-Length": "0" }));
    expect(await error({ url: "https://a.example/", proxy: proxy.url(), headers: { "X-Key": "secret" } })).toMatchObject({
      code: "E_NETWORK",
      message: expect.stringContaining("the proxy answered 407"),
    });
    expect(proxy.lines).toEqual(["CONNECT a.example:443"]);
    expect(proxy.seen[0]?.headers["x-key"]).toBeUndefined();
    expect((await error({ url: "http://a.example/", proxy: "http://127.0.0.1:1" })).code).toBe("E_NETWORK");
  });
});

describe("TLS", () => {
  let tls: Tls & { file: string };
  let wrong: Tls & { file: string };
  let host: HttpServer;
  beforeAll(async () => {
    tls = await makeCertificate(folder, "right");
    wrong = await makeCertificate(folder, "wrong");
    host = await HttpServer.start(files({ x: bytes }), { tls });
  }, 300_000);
  afterAll(() => host[Symbol.asyncDispose]());

  test("a certificate is believed when its signer is", async () => {
    expect(await verdict({ url: host.url("x"), caFile: tls.file })).toBe("equal");
    for (const spec of [{ url: host.url("x") }, { url: host.url("x"), caFile: wrong.file }]) {
      expect(await error(spec)).toMatchObject({ code: "E_TLS", exitCode: 4, path: host.url("x") });
    }
    // The other words are for a system that trusts nobody at all.
    expect((await error(host.url("x"))).message).toMatch(/self-signed certificate|no trusted certificates/);
    expect(await error({ url: host.url("x"), caFile: `${folder}/none.pem` })).toMatchObject({
      code: "E_TLS",
      message: expect.stringContaining("the file of trusted certificates cannot be used"),
    });
  });

  test("one for another host is not", async () => {
    await using elsewhere = await HttpServer.start(files({ x: bytes }), { tls, host: "127.0.0.2" });
    expect(await error({ url: elsewhere.url("x"), caFile: tls.file })).toMatchObject({
      code: "E_TLS",
      message: expect.stringContaining("the certificate is for another host"),
    });
  });

  test("R-3 who believes anybody does so for one source, also on a connection that is there", async () => {
    host.forget();
    expect(await verdict({ url: host.url("x"), verifyTls: false })).toBe("equal");
    expect((await error(host.url("x"))).code).toBe("E_TLS");
    expect(await failureOf(compare(source({ url: host.url("x"), verifyTls: false }), host.url("x")))).toMatchObject({
      code: "E_TLS",
      message: expect.stringContaining("right side"),
    });
    expect(await verdict({ url: host.url("x"), caFile: tls.file })).toBe("equal");
    expect((await error({ url: host.url("x"), caFile: wrong.file })).code).toBe("E_TLS");
  });

  test("a redirect does not lead out of it", async () => {
    await using plain = await HttpServer.start(good);
    await using secure = await HttpServer.start(redirects(() => plain.url("x")), { tls });
    expect(await error({ url: secure.url("0"), caFile: tls.file })).toMatchObject({
      code: "E_NETWORK",
      message: expect.stringContaining("from https to http"),
    });
    expect(plain.seen).toEqual([]);
    await using into = await HttpServer.start(redirects(() => host.url("x")));
    expect(await verdict({ url: into.url("0"), caFile: tls.file })).toBe("equal");
  });

  test("what is not TLS", async () => {
    const plain = createServer((socket) => socket.on("data", () => socket.end("HTTP/1.1 400 No\r\n\r\n")));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const { port } = plain.address() as AddressInfo;
    expect(await error(`https://127.0.0.1:${port}/`)).toMatchObject({
      code: "E_TLS",
      message: expect.stringContaining("the TLS handshake failed"),
    });
    plain.close();
  });
});
