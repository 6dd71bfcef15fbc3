// Every kind of source, as either side, and what is refused.
import { beforeAll, describe, expect, test } from "bun:test";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  compare,
  compareDir,
  compareDirSync,
  compareSync,
  pathSource,
  type Source,
  type SyncSource,
} from "../../src/index.ts";
import { leavesNothing } from "../support/counters.ts";
import { failureOf } from "../support/errors.ts";
import { ROOT, runCli, runCommand } from "../support/child.ts";
import { makeTree, noise, temporaryFolder } from "../support/temp.ts";

const dir = temporaryFolder();
const content = noise(3000);
const changed = content.slice();
changed[2500] = (changed[2500] ?? 0) ^ 1;

beforeAll(() => {
  writeFileSync(join(dir, "content"), content);
  writeFileSync(join(dir, "empty"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${dir}/bad-`), Buffer.from([0xff, 0xfe])]), content);
  writeFileSync(join(dir, "ünï cödé"), content);
  makeTree(join(dir, "tree"), { a: "1" });
});

leavesNothing();

const badName = () => new Uint8Array(Buffer.concat([Buffer.from(`${dir}/bad-`), Buffer.from([0xff, 0xfe])]));

/** A stream of pieces, each after a pause. */
function slow(bytes: Uint8Array, piece: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += piece)));
    },
  });
}

function offsetView(bytes: Uint8Array): Uint8Array {
  const wide = new Uint8Array(bytes.length + 20).fill(0xaa);
  wide.set(bytes, 13);
  return wide.subarray(13, 13 + bytes.length);
}

/** Makes a source of each kind that holds these bytes. */
const KINDS: Record<string, (bytes: Uint8Array) => Source> = {
  path: (bytes) => fileOf(bytes),
  "file URL": (bytes) => pathToFileURL(fileOf(bytes)),
  pathSource: (bytes) => pathSource(new TextEncoder().encode(fileOf(bytes))),
  Uint8Array: (bytes) => bytes,
  Buffer: (bytes) => Buffer.from(bytes),
  "view at an offset": offsetView,
  Blob: (bytes) => new Blob([new Uint8Array(bytes)]),
  "stream of a Blob": (bytes) => new Blob([new Uint8Array(bytes)]).stream(),
  "slow stream": (bytes) => slow(bytes, 700),
  "stream with empty pieces": (bytes) =>
    new ReadableStream({
      start(c) {
        for (const piece of [new Uint8Array(0), bytes.slice(0, 9), new Uint8Array(0), bytes.slice(9)]) c.enqueue(piece);
        c.close();
      },
    }),
  "body of a response": (bytes) => new Response(new Uint8Array(bytes)).body as ReadableStream<Uint8Array>,
};

let files = 0;
function fileOf(bytes: Uint8Array): string {
  const path = join(dir, `file-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

describe("every kind against every kind", () => {
  const names = Object.keys(KINDS);
  for (const left of names) {
    test(left, async () => {
      for (const right of names) {
        const make = (kind: string, bytes: Uint8Array) => KINDS[kind]?.(bytes) as Source;
        expect(await compare(make(left, content), make(right, content))).toMatchObject({
          verdict: "equal",
          proof: "bytes",
        });
        const differs = await compare(make(left, content), make(right, changed), { locate: true });
        expect(differs).toMatchObject({ verdict: "different", offset: 2500, reasons: ["content_mismatch"] });
        const shorter = await compare(make(left, content.slice(0, 2000)), make(right, content), { locate: true });
        expect(shorter).toMatchObject({ verdict: "different", offset: 2000, reasons: ["size_mismatch"] });
      }
    });
  }
});

describe("bytes", () => {
  test("none, and one", async () => {
    const none = new Uint8Array(0);
    expect((await compare(none, join(dir, "empty"))).verdict).toBe("equal");
    expect((await compare(none, new Blob([]))).verdict).toBe("equal");
    expect(compareSync(none, new Uint8Array(new ArrayBuffer(8), 8, 0)).verdict).toBe("equal");
    expect(compareSync(none, Uint8Array.of(1))).toMatchObject({ verdict: "different", size: [0, 1] });
    expect(compareSync(Uint8Array.of(1), Uint8Array.of(1)).verdict).toBe("equal");
    expect(compareSync(Uint8Array.of(1), Uint8Array.of(2), { locate: true })).toMatchObject({ offset: 0, line: 1 });
  });

  test("views of one buffer are told apart by their offsets", () => {
    const wide = Uint8Array.of(1, 2, 3, 1, 2, 4);
    expect(compareSync(wide.subarray(0, 2), wide.subarray(3, 5)).verdict).toBe("equal");
    expect(compareSync(wide.subarray(0, 3), wide.subarray(3, 6), { locate: true })).toMatchObject({ offset: 2 });
  });

  test("a path named by bytes that are not UTF-8 is opened as it is", async () => {
    expect((await compare(pathSource(badName()), content)).verdict).toBe("equal");
    expect(compareSync(pathSource(badName()), join(dir, "content")).verdict).toBe("equal");
    const missing = badName().fill(0xfd, -1);
    expect((await failureOf(compare(pathSource(missing), content))).code).toBe("E_NOT_FOUND");
    // As text it is another name.
    expect((await failureOf(compare(new TextDecoder().decode(badName()), content))).code).toBe("E_NOT_FOUND");
  });

  test("a file URL is decoded", async () => {
    const url = pathToFileURL(join(dir, "ünï cödé"));
    expect(url.href).toContain("%20");
    expect((await compare(url, content)).verdict).toBe("equal");
  });
});

describe("streams", () => {
  test("larger than all buffers on the way", async () => {
    const large = noise(5 << 20);
    const other = large.slice();
    other[(5 << 20) - 1] = (other[(5 << 20) - 1] ?? 0) ^ 1;
    expect((await compare(new Blob([large]), slow(large, 1 << 18))).verdict).toBe("equal");
    const differs = await compare(new Blob([large]).stream(), other, { locate: true });
    expect(differs).toMatchObject({ offset: (5 << 20) - 1 });
  });

  test("that fail make the run fail, with their own error as the cause", async () => {
    for (const before of [0, 1, 3]) {
      const mine = new Error("the network went away");
      let pulls = 0;
      const failing = () =>
        new ReadableStream<Uint8Array>({
          pull: (c) => (pulls++ % 4 === before ? c.error(mine) : c.enqueue(content.slice(0, 100))),
        });
      const error = await failureOf(
        compare(
          failing(),
          new Uint8Array([...content.slice(0, 100), ...content.slice(0, 100), ...content.slice(0, 100), 1]),
        ),
      );
      expect(error).toMatchObject({ code: "E_READ", cause: mine });
      expect(error.partial).toMatchObject({ verdict: "unknown" });
    }
  });

  test("that fail after a difference is proven change nothing", async () => {
    let pulls = 0;
    const late = new ReadableStream<Uint8Array>({
      pull: async (c) =>
        pulls++ === 0 ? c.enqueue(changed.slice()) : (await Bun.sleep(30), c.error(new Error("late"))),
    });
    expect((await compare(late, content)).verdict).toBe("different");
  });

  test("are cancelled when nobody needs their rest", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const endless = new ReadableStream<Uint8Array>({
      pull: (c) => c.enqueue(new Uint8Array(1000)),
      cancel: () => resolve(),
    });
    expect((await compare(endless, content)).verdict).toBe("different");
    await promise;
  });

  test("of anything but bytes are refused with a reason", async () => {
    const texts = new ReadableStream({ start: (c) => (c.enqueue("text"), c.close()) });
    const error = await failureOf(compare(texts as ReadableStream<Uint8Array>, content));
    expect(error.code).toBe("E_READ");
    expect(String(error.cause)).toContain("Uint8Array");
  });

  test("that somebody else reads are refused at once", async () => {
    const stream = new Blob(["x"]).stream();
    expect((await failureOf(() => compare(stream, stream))).code).toBe("E_USAGE");
    const locked = new Blob(["x"]).stream();
    locked.getReader();
    expect((await failureOf(() => compare(locked, content))).message).toContain("being read already");
  });
});

describe("descriptors", () => {
  test("/dev/fd/N is read as the stream it is", async () => {
    const fd = openSync(join(dir, "content"), "r");
    expect((await compare(`/dev/fd/${fd}`, content)).verdict).toBe("equal");
    closeSync(fd);
    expect((await failureOf(() => compare(`/dev/fd/${fd}`, content))).code).toBe("E_NOT_FOUND");
  });

  test("a shell's process substitution", async () => {
    const script = `"$0" "$1" compare <(printf 'a\\nb\\n') <(printf 'a\\nc\\n')`;
    const ended = await runCommand(["bash", "-c", script, process.execPath, join(ROOT, "cli/main.ts")]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^\/dev\/fd\/\d+ \/dev\/fd\/\d+ differ: byte 3, line 2\n$/);
  });

  test("standard input as either side", async () => {
    const path = join(dir, "content");
    expect(await runCli(["compare", "-", path], { stdin: content })).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await runCli(["compare", path, "-"], { stdin: changed })).toMatchObject({ code: 1, stderr: "" });
  });

  test("standard input on both sides is refused, naming both", async () => {
    const error = await failureOf(() => compare("-", "-"));
    expect(error.code).toBe("E_USAGE");
    expect(error.message).toContain("- and -");
  });
});

describe("what is no source", () => {
  const wrong: unknown[] = [
    undefined,
    null,
    7,
    {},
    [],
    "",
    new ArrayBuffer(4),
    { pathBytes: "x" },
    pathSource(new Uint8Array(0)),
    "a\0b",
  ];
  for (const value of wrong) {
    test(`${Bun.inspect(value).replaceAll(/\s+/g, " ")} on either side throws E_USAGE at once`, async () => {
      const source = value as SyncSource;
      for (const call of [compare, compareSync]) {
        expect((await failureOf(() => call(source, content))).code).toBe("E_USAGE");
        expect((await failureOf(() => call(content, source))).code).toBe("E_USAGE");
      }
    });
  }

  test("a scheme that cannot be read yet is E_UNSUPPORTED, and says what a file of that name is", async () => {
    for (const name of ["gs://bucket/x", "s3://bucket/x", "az:x"]) {
      const error = await failureOf(() => compare(name, content));
      expect(error.code).toBe("E_UNSUPPORTED");
      expect(error.message).toContain(name.split(":")[0] as string);
    }
    expect((await failureOf(() => compare("https:x", content))).code).toBe("E_USAGE");
    expect((await failureOf(compare("./https:", content))).code).toBe("E_NOT_FOUND");
  });

  test("streams and standard input in a synchronous call", async () => {
    const sources = [
      new Blob(["x"]),
      new Blob(["x"]).stream(),
      "-",
      "/dev/fd/0",
      pathSource(new TextEncoder().encode("-")),
    ];
    for (const source of sources) {
      const error = await failureOf(() => compareSync(source as SyncSource, content));
      expect(error.code).toBe("E_USAGE");
      expect(error.message).toContain("asynchronous");
      expect((await failureOf(() => compareDirSync(join(dir, "tree"), source as string))).code).toBe("E_USAGE");
    }
  });

  test("a file where compareDir wants a directory", async () => {
    const error = await failureOf(compareDir(join(dir, "content"), join(dir, "tree")));
    expect(error.code).toBe("E_USAGE");
  });
});
