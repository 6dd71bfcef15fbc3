// Many sources of which some are URLs: each asked for once, all read side by side, and dropped when they differ.
import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareAll, compareMany, source, type SuiteError } from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { files, HttpServer } from "../support/http-server.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

const folder = temporaryFolder();
leavesNothing();

const MIB = 1 << 20;
const big = noise(3 * MIB, 1);
const late = big.slice();
late[3 * MIB - 5]! ^= 1;
const stored = { big, late, small: new TextEncoder().encode("small"), empty: new Uint8Array() };
for (const [name, bytes] of Object.entries(stored)) writeFileSync(join(folder, name), bytes);
const local = (name: string) => join(folder, name);
const server = await HttpServer.start(files(stored));
const url = (name: string) => server.url(name);
afterAll(() => server[Symbol.asyncDispose]());

describe("URLs among many sources", () => {
  test("beside files, bytes and streams", async () => {
    server.forget();
    const sources = [
      url("big"),
      local("late"),
      url("late"),
      new Blob([big]),
      url("small"),
      local("big"),
      url("empty"),
      stored.small,
    ];
    const result = await compareMany(sources);
    expect(result.groups).toEqual([[0, 3, 5], [1, 2], [4, 7], [6]]);
    expect(result).toMatchObject({ verdict: "different", errors: [] });
    // One request for each URL, and each byte once at most.
    expect(server.lines.filter((line) => line.startsWith("GET"))).toHaveLength(4);
    expect(server.body).toBeLessThanOrEqual(2 * big.length + 5);
  });

  test("all equal", async () => {
    const sources = [url("big"), local("big"), url("big"), url("big")];
    expect(await compareMany(sources)).toMatchObject({ allEqual: true, groups: [[0, 1, 2, 3]], proofs: { bytes: 4 } });
    expect((await compareAll(sources)).allEqual).toBe(true);
  });

  test("sizes that the servers tell are enough", async () => {
    server.forget();
    const result = await compareAll([url("big"), url("small"), local("late")]);
    expect(result).toMatchObject({ allEqual: false, difference: { left: 0, right: 1, reasons: ["size_mismatch"] } });
    expect(server.body).toBe(0);
  });

  test("one that is not there is unknown, and the others are grouped", async () => {
    const result = await compareMany([url("small"), url("none"), local("small"), "http://127.0.0.1:1/refused"]);
    expect(result.groups).toEqual([[0, 2], [1], [3]]);
    expect(result.errors).toMatchObject([
      { source: 1, code: "E_HTTP_STATUS", name: url("none") },
      { source: 3, code: "E_NETWORK" },
    ]);
    expect(result).toMatchObject({ verdict: "unknown", unreadable: 2 });
  });

  test("as many as there are places, and not one more", async () => {
    const many = (count: number) => compareMany(Array.from({ length: count }, () => url("small")));
    const all = await many(64);
    // A quarter of the descriptors there may be, and 64 at most.
    expect(all.groups).toEqual([Array.from({ length: 64 }, (_, i) => i)]);
    const more = await many(65);
    expect(more.errors).toHaveLength(65);
    expect(more.errors[0]).toMatchObject({ code: "E_LIMIT", message: "open: 65 URLs at once are more than 64" });
  });

  test("several at a time wait for one another's places", async () => {
    const runs = Array.from({ length: 10 }, () =>
      compareMany([...Array.from({ length: 30 }, () => url("small")), local("small")]),
    );
    for (const run of runs) expect((await run).allEqual).toBe(true);
  });

  test("options of one source, and of all", async () => {
    server.forget();
    const sources = [source({ url: url("small"), headers: { "x-own": "1" } }), url("small")];
    await compareMany(sources, { headers: { "x-all": "2" } });
    const seen = server.seen
      .filter(({ method }) => method === "GET")
      .map(({ headers }) => [headers["x-own"], headers["x-all"]]);
    expect(seen.toSorted()).toEqual(
      [
        ["1", undefined],
        [undefined, "2"],
      ].toSorted() as never,
    );
  });

  test("a cancel while they are asked for", async () => {
    const silent = await HttpServer.start(async (_, reply) => void (await reply.gone));
    const controller = new AbortController();
    const run = compareMany([silent.url("x"), local("small")], { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(
      await run.then(
        () => "none",
        (error) => (error as SuiteError).code,
      ),
    ).toBe("E_CANCELLED");
    await silent[Symbol.asyncDispose]();
  });
});

test("what is in an archive is no source", async () => {
  const result = await compareMany(["archive:big", local("big")]);
  expect(result.errors).toMatchObject([{ source: 0, code: "E_UNSUPPORTED" }]);
});
