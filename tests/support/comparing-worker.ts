// A Worker that compares, in the way it is told, until it has done its share or is terminated.
import { compare, compareDir, compareSync } from "../../src/index.ts";

/** What the Worker is to do. */
export interface Job {
  kind: "compare" | "iterate" | "feed" | "memory" | "sync";
  /** Two files or directories. */
  left: string;
  right: string;
  count: number;
}

declare const self: Worker;

const said = (message: unknown) => self.postMessage(message);

/** Comparisons whose answer is known: those that came out otherwise. */
async function compareMany({ left, right, count }: Job): Promise<string[]> {
  const wrong: string[] = [];
  const expectThat = (what: string, holds: boolean) => void (holds || wrong.push(what));
  const one = async (i: number) => {
    const bytes = new Uint8Array(100 + i).fill(7);
    const other = bytes.slice();
    if (i % 2) other[i % bytes.length] = 8;
    const differs = i % 2 ? "different" : "equal";
    if (i % 10 === 0) {
      const result = await compareDir(left, right);
      expectThat(`tree ${i}`, result.verdict === "different" && result.diff.b === "content_mismatch");
    } else if (i % 10 === 5) {
      expectThat(`stream ${i}`, (await compare(new Blob([bytes]), other)).verdict === differs);
    } else if (i % 10 === 7) {
      expectThat(`sync ${i}`, compareSync(bytes, other).verdict === differs);
    } else if (i % 10 === 9) {
      const paths: string[] = [];
      for await (const entry of compare(left, right)) paths.push(`${entry.path}:${entry.status}`);
      expectThat(`records ${i}`, paths.join() === "b:different,l:only_left,r:only_right");
    } else {
      const result = await compare(bytes, other, { locate: true });
      const at = result.kind === "pair" ? result.offset : null;
      expectThat(`bytes ${i}`, result.verdict === differs && at === (i % 2 ? i % bytes.length : undefined));
    }
  };
  for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => one(i + k)));
  return wrong;
}

self.onmessage = async ({ data }: MessageEvent<Job>) => {
  const { kind, left, right, count } = data;
  if (kind === "compare") {
    said(await compareMany(data));
  } else if (kind === "iterate") {
    // Some read in part, some not at all; none can end.
    const runs = Array.from({ length: count }, () => compare(left, right));
    for (const run of runs.slice(1)) await run[Symbol.asyncIterator]().next();
    said("busy");
  } else if (kind === "feed") {
    const slow = () =>
      new ReadableStream<Uint8Array>({ pull: async (c) => (await Bun.sleep(1), c.enqueue(new Uint8Array(9))) });
    for (let i = 0; i < count; i++) compare(slow(), slow());
    await Bun.sleep(5);
    said("busy");
  } else if (kind === "memory") {
    const bytes = new Uint8Array(32 << 20).fill(1);
    for (let i = 0; i < count; i++) compare(bytes, bytes.slice(), { quickCheck: false, chunkSize: 4096 });
    said("busy");
  } else {
    said("busy");
    // Blocks the Worker's thread, so that it can only be ended between two calls.
    for (;;) compareSync(left, right);
  }
};
