// Options of URLs: what is refused, what is stronger, and that no message repeats a secret.
import { afterEach, describe, expect, test } from "bun:test";
import { compare, compareSync, configure, source, type CompareOptions, type SourceSpec, type UrlOptions } from "../../src/index.ts";
import { shownOperand, shownUrl, URL_OPTION_NAMES } from "../../src/tree/url.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { files, HttpServer } from "../support/http-server.ts";
import { runScript } from "../support/child.ts";
import { buildNative } from "../../scripts/build/native.ts";

leavesNothing();
const bytes = new TextEncoder().encode("x");
const url = "http://127.0.0.1:1/";

describe("refused", () => {
  const WRONG: [UrlOptions, string][] = [
    [{ headers: { "": "x" } }, "a header has a name"],
    [{ headers: { "a b": "x" } }, "a header has a name"],
    [{ headers: { "a:": "x" } }, "a header has a name"],
    [{ headers: [["a"]] as never }, "the header a needs a value"],
    [{ headers: ["a: b"] as never }, "a header has a name"],
    [{ headers: { a: "secret\r\nb: c" } }, "the header a needs a value without control characters"],
    [{ headers: { a: "secret\0" } }, "without control characters"],
    [{ headers: { Range: "bytes=0-secret" } }, "the header Range is set by suite itself"],
    [{ headers: { "transfer-ENCODING": "secret" } }, "is set by suite itself"],
    [{ timeoutMs: 0 }, "timeoutMs is a number of milliseconds from 1"],
    [{ timeoutMs: -1 }, "timeoutMs"],
    [{ timeoutMs: Number.NaN }, "timeoutMs"],
    [{ timeoutMs: "1s" as never }, "timeoutMs"],
    [{ connectTimeoutMs: 2 ** 32 }, "connectTimeoutMs"],
    [{ idleTimeoutMs: 0 }, "idleTimeoutMs"],
    [{ maxRedirects: 0 }, "maxRedirects is a whole number from 1"],
    [{ maxRedirects: 1.5 }, "maxRedirects"],
    [{ retries: -1 }, "retries is a whole number from 0"],
    [{ proxy: "ftp://me:secret@x" }, "proxy is the URL of a proxy"],
    [{ proxy: { https: "http://[secret" } }, "proxy is the URL of a proxy"],
  ];
  test.each(WRONG)("%j", async (options, message) => {
    for (const call of [
      () => source({ url, ...options }),
      () => compareSync(bytes, bytes, options),
      () => compare(bytes, url, options),
    ]) {
      const error = await failureOf(call);
      expect(error.code).toBe("E_USAGE");
      expect(error.message).toContain(message);
      expect(error.message).not.toContain("secret");
    }
    const [key] = Object.keys(options);
    const error = await failureOf(() => configure(options as CompareOptions));
    expect(error).toMatchObject({ code: "E_CONFIG", message: expect.stringContaining(`${key}: `) });
  });

  test("what is no URL", async () => {
    for (const wrong of ["", "x", "/x", "file:///x", "ftp://x", "http:", "http://"]) {
      expect((await failureOf(() => source({ url: wrong }))).code).toBe("E_USAGE");
    }
    expect((await failureOf(() => source({ url: new URL("file:///etc/passwd") }))).code).toBe("E_USAGE");
    const error = await failureOf(() => compareSync("http://me:secret@host:port/?secret", bytes));
    expect(error).toMatchObject({ code: "E_USAGE" });
    expect(error.message).not.toContain("secret");
  });
});

describe("defaults of the thread", () => {
  afterEach(() => configure(Object.fromEntries(Object.keys(URL_OPTION_NAMES).map((name) => [name, undefined]))));

  test("are for URLs that do not say otherwise, and a call is stronger", async () => {
    await using server = await HttpServer.start(files({ x: bytes }));
    const key = async (a: Parameters<typeof compare>[0], options: CompareOptions = {}) => {
      server.forget();
      await compare(a, bytes, { locate: true, ...options });
      return server.seen[0]?.headers["x-key"];
    };
    configure({ headers: { "X-Key": "default" } });
    expect(await key(server.url("x"))).toBe("default");
    expect(await key(server.url("x"), { headers: { "X-Key": "call" } })).toBe("call");
    expect(await key(server.url("x"), { headers: undefined })).toBe("default");
    const own: SourceSpec = { url: server.url("x"), headers: { "X-Key": "own" } };
    expect(await key(source(own), { headers: { "X-Key": "call" } })).toBe("own");
    expect(await key(source({ ...own, headers: {} }))).toBeUndefined();
    configure({ headers: undefined, timeoutMs: 1, followRedirects: false });
    expect((await failureOf(compare(bytes, url, { retries: 0 }))).code).toMatch(/^E_(?:TIMEOUT|NETWORK)$/);
  });
});

describe("names for people", () => {
  test("hold no user, password or query", () => {
    expect(shownUrl(new URL("https://me:word@host:8443/a/b?key=1#part"))).toBe("https://host:8443/a/b?...");
    expect(shownOperand("http://me:word@host/?key")).toBe("http://host/?...");
    expect(shownOperand("http://me:word@[host/?key")).not.toMatch(/word|key/);
    expect(shownOperand("plain?name@x")).toBe("plain?name@x");
    const made = source({ url: "http://me:word@host/?key" });
    for (const text of [String(made), JSON.stringify(made), Bun.inspect(made), `${made}`]) expect(text).not.toMatch(/word|key/);
  });
});

test("C-11 a library without HTTP says so", async () => {
  const { library } = await buildNative({ half: "file" });
  const { stdout, stderr } = await runScript(
    `import { compare } from "suite";
     await compare(new Uint8Array(1), "http://me:word@host/").catch((error) => console.log(error.code, error.exitCode, error.message));`,
    { env: { SUITE_LIBCORE: library } },
  );
  expect({ stdout, stderr }).toEqual({ stdout: "E_UNSUPPORTED 4 open right side: this library was built without HTTP\n", stderr: "" });
}, 300_000);
