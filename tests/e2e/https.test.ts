// libcurl as it is inside libcore, against servers on loopback: HTTP/1.1 and 2, TLS 1.2 and 1.3, wrong certificates.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import { tmpdir } from "node:os";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buildNative } from "../../scripts/build/native.ts";

let folder: string;
let tools: readonly string[];
let http1: ReturnType<typeof Bun.serve>;
let elsewhere: ReturnType<typeof Bun.serve>;
let http2: Http2SecureServer;

const tool = (name: string) => tools.find((path) => path.endsWith(`/${name}`)) ?? name;
const file = (name: string) => join(folder, name);

async function run(...argv: string[]): Promise<{ code: number; text: string }> {
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const [text, code] = await Promise.all([child.stdout.text(), child.exited]);
  return { code, text };
}

const get = (url: string, ca: string, http: "1.1" | "2", tls: "1.2" | "1.3") =>
  run(tool("https_get_tool"), url, ca, http, tls);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "suite-https-"));
  tools = (await buildNative({ tests: true })).testTools;
  for (const name of ["right", "wrong"]) {
    expect((await run(tool("certificate_tool"), file(`${name}.pem`), file(`${name}.key`))).code).toBe(0);
  }
  const tls = { cert: readFileSync(file("right.pem")), key: readFileSync(file("right.key")) };
  http1 = Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: () => new Response("hello over 1.1") });
  elsewhere = Bun.serve({ port: 0, hostname: "127.0.0.2", tls, fetch: () => new Response("not for you") });
  http2 = createSecureServer(tls, (_, response) => void response.end("hello over 2"));
  await new Promise<void>((resolve) => void http2.listen(0, "127.0.0.1", resolve));
}, 300_000);

afterAll(async () => {
  await Promise.all([http1?.stop(true), elsewhere?.stop(true)]);
  http2?.close();
  rmSync(folder, { recursive: true, force: true });
});

const url1 = () => `https://127.0.0.1:${http1.port}/`;
const url2 = () => `https://127.0.0.1:${(http2.address() as AddressInfo).port}/`;

for (const tls of ["1.2", "1.3"] as const) {
  test(`GET over HTTP/1.1 with TLS ${tls}`, async () => {
    expect(await get(url1(), file("right.pem"), "1.1", tls)).toEqual({
      code: 0,
      text: `200 HTTP/1.1 TLSv${tls}\nhello over 1.1\n`,
    });
  });

  test(`GET over HTTP/2 with TLS ${tls}`, async () => {
    expect(await get(url2(), file("right.pem"), "2", tls)).toEqual({
      code: 0,
      text: `200 HTTP/2 TLSv${tls}\nhello over 2\n`,
    });
  });
}

test("a certificate nobody we trust has signed is refused", async () => {
  for (const ca of [file("wrong.pem"), "-"]) {
    const { code, text } = await get(url1(), ca, "1.1", "1.3");
    expect(code).toBe(1);
    // CURLE_PEER_FAILED_VERIFICATION
    expect(text).toStartWith("error 60:");
  }
});

test("a certificate for another name is refused", async () => {
  const { code, text } = await get(`https://127.0.0.2:${elsewhere.port}/`, file("right.pem"), "1.1", "1.3");
  expect(code).toBe(1);
  expect(text).toStartWith("error 60:");
});
