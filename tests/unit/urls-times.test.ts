// Servers that take their time: the limits, of each source by itself.
import { expect, test } from "bun:test";
import { compare, ComparisonTimeoutError, source, type CompareOptions, type Source } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { HttpServer, send, serveFile, type Handler } from "../support/http-server.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

temporaryFolder();
leavesNothing();

const bytes = noise(1 << 20, 9);
const never: Handler = (_, reply) => reply.gone;
/** Sends a little, then nothing. */
const stalls: Handler = async (_, reply) => {
  reply.head(200, { "Content-Length": String(bytes.length) });
  await send(reply, bytes.subarray(0, 1000));
  await reply.gone;
};
/** Sends a byte now and then, for ever. */
const drips: Handler = async (_, reply) => {
  reply.head(200, { "Content-Length": String(bytes.length) });
  for (let at = 0; at < bytes.length; at++) {
    if (!(await reply.body(bytes.subarray(at, at + 1)))) return;
    await Bun.sleep(20);
  }
};
const good: Handler = (request, reply) => serveFile(request, reply, { bytes });

async function timeout(handler: Handler, options: CompareOptions) {
  await using server = await HttpServer.start(handler);
  const error = await failureOf(compare(bytes, server.url("x?key=1"), { locate: true, ...options }));
  expect(error).toBeInstanceOf(ComparisonTimeoutError);
  expect(error).toMatchObject({ code: "E_TIMEOUT", exitCode: 4, path: server.url("x?...") });
  return error.message.replace(/^.*: fetch right side: /, "");
}

test("no answer within the time for all of it", async () => {
  expect(await timeout(never, { timeoutMs: 250 })).toBe("it took longer than 0.25 s: 0 bytes so far");
  expect(await timeout(never, { timeoutMs: 1000, locate: false })).toBe("it took longer than 1 s: 0 bytes so far");
});

test("no end within the time for all of it, though bytes come", async () => {
  // How many came, on a busy machine perhaps none, is not for us to say.
  expect(await timeout(drips, { timeoutMs: 1500 })).toMatch(/^it took longer than 1\.5 s: \d+ bytes so far$/);
  expect(await timeout(stalls, { timeoutMs: 300, idleTimeoutMs: 60_000 })).toMatch(/^it took longer than 0\.3 s: \d+ bytes so far$/);
});

test("no byte for the time between two", async () => {
  expect(await timeout(never, { idleTimeoutMs: 200 })).toBe("nothing came for 0.2 s: 0 bytes so far");
  expect(await timeout(stalls, { idleTimeoutMs: 1200 })).toMatch(/^nothing came for 1\.2 s: \d+ bytes so far$/);
});

test("a wait of our own is not the server's", async () => {
  await using server = await HttpServer.start((request, reply) => serveFile(request, reply, { bytes: noise(4 << 20, 9) }));
  // The first byte of the stream comes long after the server was stopped for want of room.
  const late = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await Bun.sleep(5000);
      controller.enqueue(noise(4 << 20, 9));
      controller.close();
    },
  });
  expect((await compare(late, server.url(), { idleTimeoutMs: 4000 })).verdict).toBe("equal");
});

test("no further try that would come too late", async () => {
  const busy: Handler = (_, reply) => reply.head(503, { "Content-Length": "0", "Retry-After": "20" });
  await using server = await HttpServer.start(busy);
  expect(await failureOf(compare(bytes, server.url(), { timeoutMs: 5000 }))).toMatchObject({ code: "E_HTTP_STATUS" });
});

test("CX-07 the time of one source is not that of the other", async () => {
  await using mute = await HttpServer.start(never);
  await using fine = await HttpServer.start(good);
  const hurried: Source = source({ url: mute.url("a"), timeoutMs: 300 });
  const patient: Source = source({ url: fine.url("b"), timeoutMs: 600_000 });
  for (const [left, right, side] of [
    [hurried, patient, "left"],
    [patient, hurried, "right"],
  ] as const) {
    expect(await failureOf(compare(left, right, { timeoutMs: 500_000 }))).toMatchObject({
      code: "E_TIMEOUT",
      path: mute.url("a"),
      message: expect.stringContaining(`${side} side: it took longer than 0.3 s`),
    });
  }
});
