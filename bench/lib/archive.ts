// Archives to compare, made from fixed seeds: text that compresses as sources and documents do.
import { closeSync, mkdirSync, openSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32, createGzip, deflateRawSync } from "node:zlib";
import { Bytes, onceAsync, TIME, type Corpus } from "./corpus.ts";

/** What an archive is made of. */
export interface ArchiveShape {
  readonly files: number;
  /** Smallest and largest size of a file. */
  readonly bytes: readonly [number, number];
  readonly perDirectory: number;
}

/** One side. */
export interface Side {
  readonly format: "tar" | "tar.gz" | "zip" | "directory";
  /** The files in the opposite order. */
  readonly reversed?: boolean;
  /** The number of a file in which one byte, in the middle, is another one. */
  readonly changed?: number;
  /** How hard to compress, 1 to 9. */
  readonly level?: number;
  /** The time on all files, in seconds. */
  readonly seconds?: number;
}

interface Member {
  readonly name: string;
  readonly data: Buffer;
}

const WORDS = 4096;
const SECONDS = TIME.getTime() / 1000;

/** Words of small letters, the same for the same seed. */
function makeWords(seed: string): Buffer[] {
  const bytes = new Bytes(seed);
  return Array.from({ length: WORDS }, () => {
    const raw = bytes.next(12);
    const letters = raw.subarray(0, 2 + ((raw[10] ?? 0) % 9)).map((byte) => 0x61 + (byte % 26));
    return Buffer.concat([letters, Buffer.from((raw[11] ?? 0) % 12 === 0 ? "\n" : " ")]);
  });
}

/** A text of words drawn from a list as unevenly as languages do it: a few of them make up much of the text. */
function makeText(words: readonly Buffer[], bytes: Bytes, size: number): Buffer {
  const out = Buffer.allocUnsafe(size);
  let draws: Buffer = Buffer.alloc(0);
  for (let at = 0, draw = 0; at < size; draw += 2) {
    if (draw === draws.length) {
      draws = bytes.next(1 << 13);
      draw = 0;
    }
    const uneven = (draws.readUInt16LE(draw) / 0x10000) ** 3;
    at += words[Math.floor(uneven * WORDS)]?.copy(out, at) ?? 0;
  }
  return out;
}

/** The files of one side, one after the other: all of them may be more than there is memory. */
function* members(seed: string, shape: ArchiveShape, { reversed, changed }: Side): Generator<Member> {
  const words = makeWords(seed);
  const [low, high] = shape.bytes;
  for (let i = 0; i < shape.files; i++) {
    const n = reversed ? shape.files - 1 - i : i;
    // A seed for each file: contents do not depend on the order.
    const bytes = new Bytes(`${seed} ${n}`);
    const data = makeText(words, bytes, low + (bytes.next(4).readUInt32LE() % (high - low + 1)));
    const middle = data.length >> 1;
    if (n === changed) data[middle] = (data[middle] ?? 0) ^ 1;
    const number = (value: number) => String(value).padStart(4, "0");
    const { perDirectory } = shape;
    yield { name: `d${number(Math.floor(n / perDirectory))}/f${number(n % perDirectory)}.txt`, data };
  }
}

/** A header of the ustar format (POSIX.1-1988), with the user's own ids: what `tar -d` finds in the directory, too. */
function tarHeader(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (at: number, length: number, value: number) =>
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  block.write(name, 0, 100);
  octal(100, 8, 0o644);
  octal(108, 8, process.getuid?.() ?? 0);
  octal(116, 8, process.getgid?.() ?? 0);
  octal(124, 12, size);
  octal(136, 12, mtime);
  block.write("        0", 148, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(
    148,
    7,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  return block;
}

function* tarBlocks(files: Iterable<Member>, mtime: number): Generator<Buffer> {
  for (const { name, data } of files) {
    yield tarHeader(name, data.length, mtime);
    yield data;
    yield Buffer.alloc(-data.length & 511);
  }
  yield Buffer.alloc(1024);
}

/** Headers of ZIP (APPNOTE 6.3.10), without data descriptors; the time is that of the format's beginning. */
function* zipBlocks(files: Iterable<Member>, level: number): Generator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of files) {
    const packed = deflateRawSync(data, { level });
    const common = Buffer.alloc(26);
    for (const [at, value] of [
      [0, 20],
      [4, 8],
      [8, 0x21],
      [22, name.length],
    ] as const) {
      common.writeUInt16LE(value, at);
    }
    for (const [at, value] of [
      [10, crc32(data)],
      [14, packed.length],
      [18, data.length],
    ] as const) {
      common.writeUInt32LE(value, at);
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, Buffer.from(name)]));
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed]);
    offset += local.length;
    yield local;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  yield Buffer.concat([list, end]);
}

async function* gzipped(blocks: Iterable<Buffer>, level: number): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level });
  const feed = async () => {
    for (const block of blocks) {
      if (!gzip.write(block)) await new Promise((resolve) => gzip.once("drain", resolve));
    }
    gzip.end();
  };
  const fed = feed();
  yield* gzip as AsyncIterable<Buffer>;
  await fed;
}

async function writeSide(path: string, files: Iterable<Member>, side: Side): Promise<void> {
  const { format, level = 6, seconds = SECONDS } = side;
  if (format === "directory") {
    for (const { name, data } of files) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, data);
      utimesSync(file, seconds, seconds);
    }
    return;
  }
  const blocks = format === "zip" ? zipBlocks(files, level) : tarBlocks(files, seconds);
  const file = openSync(path, "w");
  try {
    for await (const block of format === "tar.gz" ? gzipped(blocks, level) : blocks) writeSync(file, block);
  } finally {
    closeSync(file);
  }
}

/** Two sides of the same files. */
export async function makeArchives(
  cache: string,
  name: string,
  shape: ArchiveShape,
  both: readonly [Side, Side],
): Promise<Corpus> {
  const root = join(cache, name);
  const [leftDir, rightDir] = [join(root, "a"), join(root, "b")];
  const [left, right] = both.map(({ format }, i) =>
    join(i === 0 ? leftDir : rightDir, format === "directory" ? "tree" : `data.${format}`),
  ) as [string, string];
  await onceAsync(root, async () => {
    for (const [i, path] of [left, right].entries()) {
      const side = both[i];
      mkdirSync(dirname(path), { recursive: true });
      if (side) await writeSide(path, members(name, shape, side), side);
    }
  });
  const files = [left, right].filter((path) => statSync(path).isFile());
  return { tree: false, left, right, leftDir, rightDir, files };
}
