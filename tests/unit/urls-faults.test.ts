// Servers that do something wrong: never a verdict of equal, and an error that says what it was.
import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { compare, type CompareOptions, type PairResult, type SuiteError } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { HttpServer, send, serveFile, type Handler } from "../support/http-server.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

temporaryFolder();
leavesNothing();

const MIB = 1 << 20;
const bytes = noise(3 * MIB, 5);
const length = String(bytes.length);

interface Outcome {
  result?: PairResult;
  error?: SuiteError;
}

/** What comparing our bytes with such a server comes to, and what it saw. */
async function against(handler: Handler, options: CompareOptions = {}, ours: Uint8Array = bytes) {
  await using server = await HttpServer.start(handler);
  const run = compare(ours, server.url("x?key=secret"), { locate: true, retries: 1, ...options });
  const outcome = await run.then(
    (result): Outcome => ({ result: result as PairResult }),
    (error: unknown): Outcome => ({ error: error as SuiteError }),
  );
  return { ...outcome, seen: server.seen, url: server.url("x") };
}

/** The error, which names the URL without its query. */
async function failure(handler: Handler, options?: CompareOptions) {
  const { error, result, seen, url } = await against(handler, options);
  expect(result?.verdict).toBeUndefined();
  expect(error?.path).toBe(`${url}?...`);
  expect(error?.message).toStartWith(`${url}?...: `);
  expect(error?.partial).toMatchObject({ verdict: "unknown" });
  return { code: error?.code, message: String(error?.message), requests: seen.length, seen };
}

const says = (code: string, text: string, requests = 1) => ({ code, message: expect.stringContaining(text), requests });
const answer = (status: number, fields: Record<string, string | readonly string[]> = {}, body = ""): Handler => {
  return (_, reply) => {
    reply.head(status, fields);
    reply.raw(body);
  };
};

describe("statuses", () => {
  test.each([204, 304, 400, 401, 403, 404, 410, 500])("%d is no success", async (status) => {
    expect(await failure(answer(status, { "Content-Length": "0" }))).toMatchObject(
      says("E_HTTP_STATUS", `the server answered ${status}`),
    );
  });

  test.each([429, 502, 503, 504])("%d is asked again after a while, and no more often than allowed", async (status) => {
    let requests = 0;
    const busy: Handler = (request, reply) => {
      if (requests++ > 0) return serveFile(request, reply, { bytes });
      return reply.head(status, { "Content-Length": "0", "Retry-After": "0" });
    };
    expect((await against(busy)).result?.verdict).toBe("equal");
    expect(await failure(answer(status, { "Content-Length": "0", "Retry-After": "0" }), { retries: 2 })).toMatchObject(
      says("E_HTTP_STATUS", `the server answered ${status}`, 3),
    );
    expect(await failure(answer(status, { "Content-Length": "0" }), { retries: 0 })).toMatchObject({ requests: 1 });
  });

  test("a server that wants an hour's patience gets none", async () => {
    for (const after of ["3600", new Date(Date.now() + 3_600_000).toUTCString()]) {
      const busy = answer(503, { "Content-Length": "0", "Retry-After": after });
      expect(await failure(busy, { retries: 5 })).toMatchObject(says("E_HTTP_STATUS", "503"));
    }
  });

  test("an error with a body longer than anyone wants", async () => {
    const talker: Handler = async (_, reply) => {
      reply.head(404, { "Content-Length": String(1 << 30) });
      while (await reply.body(bytes));
    };
    expect(await failure(talker)).toMatchObject(says("E_HTTP_STATUS", "404"));
  });
});

describe("connections", () => {
  test("nobody listens", async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const { port: free } = server.address() as { port: number };
        server.close(() => resolve(free));
      });
    });
    expect(await failureOf(compare(bytes, `http://user:word@127.0.0.1:${port}/x`))).toMatchObject({
      code: "E_NETWORK",
      message: `http://127.0.0.1:${port}/x: connect right side: Connection refused`,
      exitCode: 4,
    });
  });

  test("a name that nobody has", async () => {
    const error = await failureOf(compare(bytes, "http://nowhere.invalid/", { connectTimeoutMs: 10_000 }));
    expect(["E_NETWORK", "E_TIMEOUT"]).toContain(error.code);
  });

  test("closed without an answer, and in the middle of its header", async () => {
    expect(await failure((_, reply) => reply.close())).toMatchObject(says("E_NETWORK", "without an answer", 2));
    const half: Handler = (_, reply) => {
      reply.raw("HTTP/1.1 200 OK\r\nContent-Le");
      reply.close();
    };
    expect((await failure(half)).code).toBe("E_NETWORK");
  });

  test("closed once, it is asked again", async () => {
    let requests = 0;
    const shy: Handler = (request, reply) => (requests++ > 0 ? serveFile(request, reply, { bytes }) : reply.close("reset"));
    expect((await against(shy)).result?.verdict).toBe("equal");
  });

  test("what answers is not HTTP", async () => {
    expect(await failure((_, reply) => reply.raw("SSH-2.0-OpenSSH_9\r\n\r\n"))).toMatchObject(
      says("E_NETWORK", "the answer is not HTTP"),
    );
  });
});

describe("answers that contradict themselves", () => {
  const CASES: [string, Record<string, string | readonly string[]>, string][] = [
    ["two lengths", { "Content-Length": [length, "5"] }, "breaks the rules of HTTP"],
    ["a length that is none", { "Content-Length": "3x" }, "the answer breaks the rules of HTTP"],
    ["a length and chunks", { "Content-Length": length, "Transfer-Encoding": "chunked" }, "contradicts itself"],
    ["a place in a whole", { "Content-Length": length, "Content-Range": `bytes 0-1/${length}` }, "contradicts itself"],
    ["a coding", { "Content-Length": length, "Content-Encoding": "gzip" }, "encoded"],
    ["a coding, in capitals", { "Content-Length": length, "Content-Encoding": "BR" }, "encoded"],
  ];
  for (const [name, fields, text] of CASES) {
    test(name, async () => {
      const { code, message } = await failure(answer(200, fields));
      expect(code).toBe("E_NETWORK");
      expect(message).toContain(text);
    });
  }

  test("a coding that the size was told of: the size is not believed", async () => {
    const zipped: Handler = (request, reply) => {
      if (request.method === "GET") return serveFile(request, reply, { bytes });
      return reply.head(200, { "Content-Length": "5", "Content-Encoding": "gzip" });
    };
    expect((await against(zipped, { locate: false })).result?.verdict).toBe("equal");
  });

  test("another size than was told first", async () => {
    const grows: Handler = (request, reply) => {
      if (request.method === "GET") return serveFile(request, reply, { bytes: bytes.subarray(1) });
      return reply.head(200, { "Content-Length": length });
    };
    expect(await failure(grows, { locate: false })).toMatchObject(says("E_CHANGED", "its size changed", 2));
  });

  test("a part of what was asked for whole", async () => {
    const part: Handler = (_, reply) => {
      reply.head(206, { "Content-Range": `bytes 0-9/${length}`, "Content-Length": "10" });
      reply.raw("0123456789");
    };
    expect(await failure(part)).toMatchObject(says("E_NETWORK", "a part that nobody asked for"));
  });

  test("a header without end", async () => {
    const bomb: Handler = async (_, reply) => {
      reply.raw("HTTP/1.1 200 OK\r\n");
      for (let i = 0; i < 100_000; i++) {
        reply.raw(`X-${i}: ${"x".repeat(1000)}\r\n`);
        if (i % 100 === 0 && !(await reply.body(new Uint8Array()))) return;
      }
    };
    expect((await failure(bomb)).code).toBe("E_NETWORK");
    const interim: Handler = async (_, reply) => {
      for (let i = 0; i < 100_000; i++) {
        reply.raw("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
        if (i % 100 === 0 && !(await reply.body(new Uint8Array()))) return;
      }
    };
    expect((await failure(interim)).code).toBe("E_NETWORK");
  });

  test("interim answers and trailers are none of its business", async () => {
    const chatty: Handler = (_, reply) => {
      reply.raw("HTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nContent-Encoding: gzip\r\n\r\n");
      reply.head(200, { "Transfer-Encoding": "chunked" });
      reply.raw("3\r\nabc\r\n0\r\nContent-Encoding: gzip\r\nX: y\r\n\r\n");
    };
    expect((await against(chatty, {}, Buffer.from("abc"))).result?.verdict).toBe("equal");
    expect((await against(chatty, {}, Buffer.from("abd"))).result?.verdict).toBe("different");
  });
});

describe("bodies", () => {
  test("longer than their length", async () => {
    const more: Handler = async (_, reply) => {
      reply.raw(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef`);
    };
    const { error } = await against(more, {}, Buffer.from("abc"));
    expect(error).toMatchObject({ code: "E_NETWORK", message: expect.stringContaining("longer than the 3 bytes") });
  });

  test("shorter, with nothing to go on by", async () => {
    for (const how of ["end", "reset"] as const) {
      const cut: Handler = async (_, reply) => {
        reply.head(200, { "Content-Length": length, ETag: 'W/"weak"' });
        await send(reply, bytes.subarray(0, MIB));
        reply.close(how);
      };
      const { code, message, requests } = await failure(cut);
      expect({ code, requests }).toEqual({ code: "E_NETWORK", requests: 1 });
      if (how === "end") expect(message).toContain(`the connection broke after ${MIB} of ${length} bytes`);
    }
  });

  test("shorter, but different before that", async () => {
    const cut: Handler = async (_, reply) => {
      reply.head(200, { "Content-Length": length });
      await send(reply, bytes.subarray(0, MIB));
      reply.close();
    };
    const ours = bytes.slice();
    ours[7] = (ours[7] ?? 0) ^ 1;
    expect((await against(cut, {}, ours)).result).toMatchObject({ verdict: "different", offset: 7 });
  });

  test("that end with the connection: nothing says that it was the end", async () => {
    const open: Handler = async (_, reply) => {
      reply.head(200);
      await send(reply, bytes);
      reply.close();
    };
    expect(await failure(open)).toMatchObject(says("E_NETWORK", "nothing says where the body ends"));
    const ours = bytes.slice();
    ours[7] = (ours[7] ?? 0) ^ 1;
    expect((await against(open, {}, ours)).result).toMatchObject({ verdict: "different", offset: 7 });
  });

  test("in chunks: whole, and cut", async () => {
    const chunked = (end: string): Handler => {
      return async (_, reply) => {
        reply.head(200, { "Transfer-Encoding": "chunked" });
        for (let at = 0; at < bytes.length; at += MIB) {
          reply.raw(`${MIB.toString(16)}\r\n`);
          await reply.body(bytes.subarray(at, at + MIB));
          reply.raw("\r\n");
        }
        reply.raw(end);
        if (end === "") reply.close();
      };
    };
    expect((await against(chunked("0\r\n\r\n"))).result?.verdict).toBe("equal");
    expect((await against(chunked("0\r\n\r\n"), {}, bytes.subarray(0, 2 * MIB))).result?.offset).toBe(2 * MIB);
    expect((await failure(chunked(""))).code).toBe("E_NETWORK");
    expect((await failure(chunked("zz\r\n"))).code).toBe("E_NETWORK");
  });
});

describe("C-12 going on after the connection broke", () => {
  /** Sends a third, then breaks off; what follows is up to `rest`. */
  const breaks = (etag: string, rest: Handler): Handler => {
    let requests = 0;
    return async (request, reply) => {
      if (requests++ > 0) return rest(request, reply);
      reply.head(200, { "Content-Length": length, ETag: etag });
      await send(reply, bytes.subarray(0, MIB));
      return reply.close();
    };
  };

  test("with a strong validator: the rest is asked for, and it must be of the same", async () => {
    const handler = breaks('"v1"', (request, reply) => serveFile(request, reply, { bytes, etag: '"v1"' }));
    const { result, seen } = await against(handler);
    expect(result).toMatchObject({ verdict: "equal", proof: "bytes" });
    expect(seen).toHaveLength(2);
    expect(seen[1]?.headers["if-range"]).toBe('"v1"');
    expect(seen[1]?.headers["range"]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(seen[1]?.body).toBe(bytes.length - Number(/\d+/.exec(seen[1]?.headers["range"] ?? "")?.[0]));
  });

  test("again and again, as long as it comes nearer to the end", async () => {
    const flaky: Handler = async (request, reply) => {
      const first = Number(/^bytes=(\d+)-$/.exec(request.headers["range"] ?? "")?.[1] ?? 0);
      const fields = { ETag: '"v1"', "Content-Length": String(bytes.length - first) };
      if (first === 0) reply.head(200, fields);
      else reply.head(206, { ...fields, "Content-Range": `bytes ${first}-${bytes.length - 1}/${length}` });
      await send(reply, bytes.subarray(first, first + MIB + 100_000));
      if (first + MIB + 100_000 < bytes.length) reply.close();
    };
    const { result, seen } = await against(flaky, { retries: 1 });
    expect(result?.verdict).toBe("equal");
    expect(seen).toHaveLength(3);
  });

  test("to what is another by now", async () => {
    const changed = breaks('"v1"', (request, reply) => serveFile(request, reply, { bytes, etag: '"v2"' }));
    expect(await failure(changed)).toMatchObject(says("E_CHANGED", "it changed while it was read", 2));
    const half = breaks('"v1"', (request, reply) => {
      const fields = { ...request.headers, "if-range": '"v2"' };
      return serveFile({ ...request, headers: fields }, reply, { bytes, etag: '"v2"' });
    });
    expect(await failure(half)).toMatchObject(says("E_CHANGED", "it changed", 2));
    const grown = breaks('"v1"', (request, reply) =>
      serveFile(request, reply, { bytes: Buffer.concat([bytes, bytes]), etag: '"v1"' }),
    );
    expect(await failure(grown)).toMatchObject(says("E_CHANGED", "its size changed", 2));
  });

  test("at a server that cannot", async () => {
    const whole = breaks('"v1"', (request, reply) => serveFile(request, reply, { bytes, etag: '"v1"', noRange: true }));
    expect(await failure(whole)).toMatchObject(says("E_NETWORK", "does not go on from there", 2));
    const gone = breaks('"v1"', (_, reply) => reply.head(404, { "Content-Length": "0" }));
    expect(await failure(gone)).toMatchObject(says("E_HTTP_STATUS", "404", 2));
  });

  test("with another part than was asked for", async () => {
    for (const range of ["bytes 0-9/10", `bytes 5-9/${length}`, "bytes */10", "lines 1-2/3", `bytes 0-${bytes.length - 1}/${length}`]) {
      const wrong = breaks('"v1"', (_, reply) => {
        reply.head(206, { ETag: '"v1"', "Content-Range": range, "Content-Length": "10" });
        reply.raw("0123456789");
      });
      expect((await failure(wrong)).code).toBe("E_NETWORK");
    }
  });
});

describe("C-12 wrong parts", () => {
  test.each(["bytes 0-9/100", "bytes 5-13/100", "bytes 5-15/100", "bytes 5-14/9", "bytes 5-14", "bytes 14-5/100", "x", ""])(
    "%p for bytes 5 to 14",
    async (range) => {
      const wrong: Handler = (_, reply) => {
        reply.head(206, { "Content-Range": range, "Content-Length": "10" });
        reply.raw("0123456789");
      };
      expect((await failure(wrong, { skip: 5, limitBytes: 10 })).code).toBe("E_NETWORK");
    },
  );

  test("fewer bytes than the part has", async () => {
    const short = answer(206, { "Content-Range": "bytes 5-14/100", "Content-Length": "9" }, "012345678");
    expect(await failure(short, { skip: 5, limitBytes: 10 })).toMatchObject(says("E_NETWORK", "contradicts its place"));
  });
});
