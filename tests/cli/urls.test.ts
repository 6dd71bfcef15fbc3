// URLs on the command line: flags for each side, exit codes, and no secret in any output.
import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "../support/certificate.ts";
import { files, HttpServer, type Handler } from "../support/http-server.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";
import { readJson } from "./kit/json.ts";
import { compare as run, ended, start, type Surroundings } from "./kit/suite.ts";

const cwd = makeTree(temporaryFolder(), {
  a: "one\ntwo\n",
  b: "one\nTwo\n",
  longer: "one\ntwo\nthree",
  big: noise(1 << 20, 2),
  "secret.txt": "# who I am\nAuthorization: Bearer from-file\r\n\nX-Key: k\n",
  dir: null,
});

const stored = {
  a: Buffer.from("one\ntwo\n"),
  b: Buffer.from("one\nTwo\n"),
  big: noise(1 << 20, 2),
  digest: {
    bytes: Buffer.from("one\ntwo\n"),
    fields: { "Repr-Digest": `sha-256=:${new Bun.CryptoHasher("sha256").update("one\ntwo\n").digest("base64")}:` },
  },
};
const handler: Handler = (request, reply) => {
  if (request.path.startsWith("/never")) return reply.gone;
  if (request.path.startsWith("/moved")) return reply.head(302, { Location: "/a", "Content-Length": "0" });
  return files(stored)(request, reply);
};
const server = await HttpServer.start(handler);
afterAll(() => server[Symbol.asyncDispose]());
const url = (path: string) => server.url(path);

/** The environment of whoever runs the tests may name a proxy. */
const NO_PROXIES = { http_proxy: "", https_proxy: "", HTTPS_PROXY: "", all_proxy: "", ALL_PROXY: "", no_proxy: "", NO_PROXY: "" };

function compare(args: string[], { env, ...around }: Surroundings = {}) {
  server.forget();
  return run(args, { cwd, ...around, env: { ...NO_PROXIES, ...env } });
}

describe("C-11 answers", () => {
  test("are those that files would get", async () => {
    expect(await compare(["a", url("a")])).toMatchObject({ code: 0, text: "", stderr: "" });
    expect(server.lines).toEqual(["GET /a"]);
    expect(await compare(["a", url("b")])).toMatchObject({ code: 1, text: `a ${url("b")} differ: byte 5, line 2\n` });
    expect(await compare([url("b"), "longer"])).toMatchObject({ code: 1, text: `${url("b")} longer differ: byte 5, line 2\n` });
    expect(await compare(["longer", url("a")])).toMatchObject({ code: 1, text: `EOF on ${url("a")} after byte 8, line 2\n` });
    expect(await compare(["-", url("a")], { stdin: Buffer.from("one\ntwo\n") })).toMatchObject({ code: 0 });
  });

  test("with -q and --brief ask for the size first", async () => {
    expect(await compare(["-q", "big", url("a")])).toMatchObject({ code: 1, text: "", stderr: "" });
    expect(server.lines).toEqual(["HEAD /a"]);
    expect(server.body).toBe(0);
    expect(await compare(["--brief", "big", url("big")])).toMatchObject({ code: 0 });
    expect(server.lines).toEqual(["HEAD /big", "GET /big"]);
    expect(await compare(["--brief", "--no-size-precheck", "big", url("a")])).toMatchObject({ code: 1 });
    expect(server.lines).toEqual(["GET /a"]);
  });

  test("as JSON name the URL without what may be secret", async () => {
    const end = await compare(["--json", url("b?token=word").replace("//", "//me:pass@"), "a"]);
    expect(end.code).toBe(1);
    expect(end.text).not.toMatch(/word|pass|me:/);
    const { entries, summary } = readJson(end);
    expect(entries[0]).toMatchObject({ type: "entry", path: url("b?..."), status: "different", offset: 4, line: 2, size: [8, 8] });
    expect(summary).toMatchObject({ type: "summary", verdict: "different", exit: 1 });
  });

  test("with -i, -n, -l, -b and --ranges", async () => {
    expect(await compare(["-i", "4", "-n", "3", "a", url("b")])).toMatchObject({ code: 1 });
    expect(server.seen[0]?.headers["range"]).toBe("bytes=4-6");
    expect(await compare(["-i", "5", "a", url("b")])).toMatchObject({ code: 0 });
    expect((await compare(["-l", "a", url("b")])).text.trim()).toBe("5 164 124");
    expect((await compare(["-b", "a", url("b")])).text).toBe(`a ${url("b")} differ: byte 5, line 2 is 164 t 124 T\n`);
    expect((await compare(["--ranges", "a", url("b")])).text).toStartWith("5-5\t1\n");
  });

  test("of a directory and a URL", async () => {
    expect(await compare(["dir", url("a")])).toMatchObject({ code: 1, text: "* dir\ttype_mismatch\n" });
  });
});

describe("what goes wrong", () => {
  const secret = (path: string) => url(`${path}?token=word`).replace("//", "//me:pass@");

  test("is named with the URL, its status or its cause, and no secret", async () => {
    const gone = await compare(["a", secret("none")]);
    expect(gone).toMatchObject({ code: 4, text: "" });
    expect(gone.stderr).toBe(`suite compare: ${url("none?...")}: fetch right side: the server answered 404 (E_HTTP_STATUS)\n`);
    const slow = await compare(["--timeout", "300ms", secret("never"), "a"]);
    expect(slow.code).toBe(4);
    expect(slow.stderr).toContain(`${url("never?...")}: fetch left side: it took longer than 0.3 s: 0 bytes so far (E_TIMEOUT)`);
    const refused = await compare(["a", "http://me:pass@127.0.0.1:1/x?token=word"]);
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.stderr).toContain("Connection refused (E_NETWORK)");
    const json = await compare(["--json", "a", secret("none")]);
    expect(readJson(json).summary).toMatchObject({ type: "summary", exit: 4, error: { code: "E_HTTP_STATUS" } });
    const all = [gone, slow, refused, json].map(({ stderr, text }) => stderr + text).join();
    expect(all).not.toMatch(/word|pass|me:/);
  });

  test.each([
    [["a", "http://"], "it is no URL"],
    [["a", "https:x"], "it is no URL"],
    [["a", "http://[::1/"], "it is no URL"],
    [["--header", "no colon", "a", "http://x/"], "a header is 'NAME: VALUE'"],
    [["--header", "Range: bytes=0-1", "a", "http://x/"], "the header Range is set by suite itself"],
    [["--header", "X Y: z", "a", "http://x/"], "a header has a name"],
    [["--proxy", "nowhere://x", "a", "http://x/"], "proxy is the URL of a proxy"],
    [["--timeout", "0", "a", "http://x/"], "--timeout"],
    [["--timeout-b", "soon", "a", "http://x/"], "--timeout-b"],
    [["--tiemout", "1s", "a", "http://x/"], "--timeout"],
  ])("%j is usage", async (args, text) => {
    const { code, stderr } = await compare(args);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });

  test("a file of that name is meant with ./", async () => {
    makeTree(cwd, { "http:x": "one\ntwo\n" });
    expect(await compare(["a", "./http:x"])).toMatchObject({ code: 0 });
  });

  test("SIGINT while nobody answers: 130", async () => {
    server.forget();
    const child = start(["compare", "a", url("never")], { cwd, env: NO_PROXIES });
    while (server.seen.length === 0) await Bun.sleep(5);
    child.kill("SIGINT");
    expect((await ended(child)).code).toBe(130);
  });
});

describe("C-14 R-3 options of URLs", () => {
  const keys = () => Object.fromEntries(server.seen.map(({ path, headers }) => [path, headers["x-key"]]));

  test("headers, for both and for one side, from the command line and from a file", async () => {
    const both = [url("a"), url("b")];
    await compare(["--header", "X-Key: both", ...both]);
    expect(keys()).toEqual({ "/a": "both", "/b": "both" });
    await compare(["--header-a", "X-Key: left", "--header-b", "X-Key: right", ...both]);
    expect(keys()).toEqual({ "/a": "left", "/b": "right" });
    await compare(["--header-b", "@secret.txt", ...both]);
    expect(keys()).toEqual({ "/a": undefined, "/b": "k" });
    expect(server.seen.find(({ path }) => path === "/b")?.headers["authorization"]).toBe("Bearer from-file");
    expect(await compare(["--header", "@none.txt", ...both])).toMatchObject({ code: 4 });
    await compare(both, { env: { SUITE_COMPARE_HEADER_A: "X-Key: env" } });
    expect(keys()).toEqual({ "/a": "env", "/b": undefined });
  });

  test("redirects", async () => {
    expect((await compare(["a", url("moved")])).code).toBe(0);
    expect((await compare(["--no-location", "a", url("moved")])).stderr).toContain("the server answered 302");
    expect((await compare(["--no-location-b", "a", url("moved")])).code).toBe(4);
    expect((await compare(["--no-location-a", "a", url("moved")])).code).toBe(0);
  });

  test("time", async () => {
    expect((await compare(["--timeout-b", "200ms", "a", url("never")])).code).toBe(4);
    // That of the other side would have ended it.
    expect((await compare(["--timeout-b", "200ms", "--timeout-a", "1h", url("a"), "a"])).code).toBe(0);
  });

  test("digests", async () => {
    const proof = async (...flags: string[]) => readJson(await compare(["--json", ...flags, "a", url("digest")])).summary;
    expect(await proof()).toMatchObject({ proofs: { bytes: 1 } });
    expect(await proof("--trust-digest")).toMatchObject({ proofs: { digest: 1 } });
    expect(await proof("--trust-digest-a")).toMatchObject({ proofs: { bytes: 1 } });
    expect(await proof("--trust-digest-b")).toMatchObject({ proofs: { digest: 1 } });
    expect(await proof("--trust-digest", "--prove=bytes")).toMatchObject({ proofs: { bytes: 1 } });
  });

  test("trust in servers", async () => {
    const tls = await makeCertificate(cwd, "cli");
    await using secure = await HttpServer.start(handler, { tls });
    const at = secure.url("a");
    const untrusted = await compare(["a", at]);
    expect(untrusted.code).toBe(4);
    expect(untrusted.stderr).toMatch(/^suite compare: https:\/\/127\.0\.0\.1:\d+\/a: connect right side: .*certificate.* \(E_TLS\)\n$/);
    expect((await compare(["--cacert", "cli.pem", "a", at])).code).toBe(0);
    expect((await compare(["--cacert-a", "cli.pem", "a", at])).code).toBe(4);
    expect((await compare(["--insecure", "a", at])).code).toBe(0);
    expect((await compare(["--insecure-b", "a", at])).code).toBe(0);
    expect((await compare(["--insecure-b", at, "a"])).code).toBe(4);
  }, 300_000);

  test("proxies, by flag and by the environment", async () => {
    const asked: string[] = [];
    await using proxy = await HttpServer.start((request, reply) => {
      asked.push(`${request.method} ${request.path}`);
      if (request.method === "CONNECT") return reply.head(403, { "Content-Length": "0" });
      return files({ "": stored.a })({ ...request, path: "/" }, reply);
    });
    const through = async (args: string[], env: Record<string, string> = {}) => {
      asked.length = 0;
      const { code } = await compare([...args, "a", "http://host.invalid/x"], { env });
      return { code, asked: [...asked] };
    };
    const yes = { code: 0, asked: ["GET http://host.invalid/x"] };
    const no = { code: 4, asked: [] };
    expect(await through(["--proxy", proxy.url()])).toEqual(yes);
    expect(await through(["--proxy-b", proxy.url()])).toEqual(yes);
    expect(await through(["--proxy-a", proxy.url(), "--timeout", "5s"])).toEqual(no);
    expect(await through([], { http_proxy: proxy.url() })).toEqual(yes);
    expect(await through([], { all_proxy: `127.0.0.1:${proxy.port}` })).toEqual(yes);
    // In capitals it may come from a request that a web server runs a program for.
    expect(await through(["--timeout", "5s"], { HTTP_PROXY: proxy.url() })).toEqual(no);
    expect(await through(["--timeout", "5s"], { http_proxy: proxy.url(), no_proxy: "invalid" })).toEqual(no);
    expect(await through(["--timeout", "5s", "--proxy", "none"], { http_proxy: proxy.url() })).toEqual(no);
    asked.length = 0;
    expect((await compare(["a", "https://host.invalid/x"], { env: { HTTPS_PROXY: proxy.url() } })).code).toBe(4);
    expect(asked).toEqual(["CONNECT host.invalid:443"]);
    // What is on this machine is asked for as it is where no proxy is named.
    expect((await compare(["a", url("a")], { env: { https_proxy: "http://127.0.0.1:1" } })).code).toBe(0);
  });
});

test("progress counts the bytes of a URL, and knows how many there will be", async () => {
  const { code, stderr } = await compare(["--progress=json", "--brief", "big", url("big")]);
  expect(code).toBe(0);
  const last = stderr.trim().split("\n").at(-1) ?? "";
  expect(JSON.parse(last)).toMatchObject({ type: "progress", bytes: 2 << 20, total: 2 << 20 });
});

test("a TOML file sets what is asked of URLs", async () => {
  const config = join(cwd, "suite.toml");
  writeFileSync(config, `[compare]\ntimeout = "200ms"\nheader-b = ["X-Key: toml"]\n`);
  expect((await compare(["--config", config, "a", url("never")])).stderr).toContain("E_TIMEOUT");
  await compare(["--config", config, "--timeout", "1m", "a", url("a")]);
  expect(server.seen[0]?.headers["x-key"]).toBe("toml");
});
