// URLs in functions that block their thread, and from many threads: the server is another process.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare, compareSync, source, type CompareOptions, type PairResult } from "../../src/index.ts";
import { withSuite } from "../support/child.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { noise, temporaryFolder } from "../support/temp.ts";

const folder = temporaryFolder();
leavesNothing();
const file = join(folder, "bytes");
const bytes = noise(2 << 20, 31);
writeFileSync(file, bytes);

let server: ReturnType<typeof Bun.spawn>;
let root = "";

beforeAll(async () => {
  const script = `
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) => new URL(url).pathname === "/bytes" ? new Response(Bun.file(${JSON.stringify(file)})) : new Response("no", { status: 404 }),
    });
    console.log(server.port);
    process.stdin.resume().on("end", () => process.exit());
  `;
  const child = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  server = child;
  const { value } = await child.stdout.getReader().read();
  root = `http://127.0.0.1:${Number(new TextDecoder().decode(value))}/`;
});
afterAll(async () => {
  server.kill();
  await server.exited;
});

test("C-06 C-38 the same answers as the asynchronous functions", async () => {
  const options: CompareOptions[] = [{}, { locate: true }, { skip: 5, limitBytes: 70_000 }, { prove: "bytes" }, { jobs: 1 }];
  for (const given of options) {
    for (const [a, b] of [[file, `${root}bytes`], [`${root}bytes`, bytes.subarray(0, 99)], [new URL(`${root}bytes`), source({ url: `${root}bytes` })]] as const) {
      // How far a server was ahead of the difference is not the same twice.
      const timeless = (result: object) => ({ ...result, elapsedMs: 0, bytesRead: 0 });
      expect(timeless(compareSync(a, b, given))).toEqual(timeless(await compare(a, b, given)));
    }
  }
  const failed = await failureOf(compare(file, `${root}none`));
  expect(await failureOf(() => compareSync(file, `${root}none`))).toMatchObject({ code: failed.code, message: failed.message });
});

test("C-40 from several threads at once", async () => {
  const script = withSuite(`
    import { compare } from "suite";
    const [left, right] = ${JSON.stringify([file, `${root}bytes`])};
    const results = await Promise.all(Array.from({ length: 10 }, () => compare(left, right)));
    postMessage(results.map(({ verdict }) => verdict));
  `);
  const path = join(folder, "worker.ts");
  writeFileSync(path, script);
  const verdicts = await Promise.all(
    Array.from({ length: 4 }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      const worker = new Worker(path);
      worker.onmessage = ({ data }) => resolve(data as string[]);
      worker.onerror = (event) => reject(new Error(event.message));
      return promise.finally(() => worker.terminate());
    }),
  );
  expect(verdicts.flat()).toEqual(Array(40).fill("equal"));
});

test("C-05 C-36 the thread stays free while bytes come", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  const before = turns;
  const runs = Array.from({ length: 20 }, () => compare(`${root}bytes`, `${root}bytes`, { locate: true }) as PromiseLike<PairResult>);
  for (const run of runs) expect((await run).verdict).toBe("equal");
  clearInterval(timer);
  // Had each comparison held it, there would be no more turns than comparisons.
  expect(turns - before).toBeGreaterThan(0);
});
