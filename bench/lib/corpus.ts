// Files to compare, made from fixed seeds: the same bytes on every machine.
import { createCipheriv, createHash, type Cipheriv } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Two sides in one folder: `a` and `b`. For a pair of files each holds one, for peers that only take directories. */
export interface Corpus {
  readonly tree: boolean;
  /** What is given to contenders: two files or two directories. */
  readonly left: string;
  readonly right: string;
  /** The directories that hold the files, or the trees themselves. */
  readonly leftDir: string;
  readonly rightDir: string;
  /** All files, for what empties the page cache. */
  readonly files: readonly string[];
}

const ZEROS = Buffer.alloc(1 << 20);

/** A stream of bytes that looks random: AES in counter mode over nothing, with the seed as its key. */
export class Bytes {
  readonly #cipher: Cipheriv;

  constructor(seed: string) {
    const key = createHash("sha256").update(seed).digest();
    this.#cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  }

  /** The next `size` bytes, at most 1 MiB. */
  next(size: number): Buffer {
    return this.#cipher.update(ZEROS.subarray(0, size));
  }
}

/** The same time on all files, so that no peer is stopped or helped by it. */
export const TIME = new Date("2024-01-01T00:00:00Z");
const FORMAT = "2";

function sides(root: string, tree: boolean, names: readonly string[]): Corpus {
  const [leftDir, rightDir] = [join(root, "a"), join(root, "b")];
  const paths = (dir: string) => names.map((name) => join(dir, name));
  const files = [...paths(leftDir), ...paths(rightDir)];
  const [left = leftDir, right = rightDir] = tree ? [] : [files[0], files[1]];
  return { tree, left, right, leftDir, rightDir, files };
}

/** Empties a folder that is not made yet: the path of the stamp that is to be written last, or nothing when it is there. */
function begin(root: string): string | undefined {
  const stamp = join(root, `made-${FORMAT}`);
  if (existsSync(stamp)) return undefined;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  return stamp;
}

/** Makes a folder once: one without a stamp is made again. */
function once(root: string, make: () => void): void {
  const stamp = begin(root);
  if (stamp === undefined) return;
  make();
  writeFileSync(stamp, "");
}

/** Makes a folder once, in what is not done at once. */
export async function onceAsync(root: string, make: () => Promise<void>): Promise<void> {
  const stamp = begin(root);
  if (stamp === undefined) return;
  await make();
  writeFileSync(stamp, "");
}

/** A pair of files of `size` equal bytes. */
export function makePair(cache: string, name: string, size: number): Corpus {
  const root = join(cache, name);
  const corpus = sides(root, false, ["data.bin"]);
  once(root, () => {
    for (const path of corpus.files) {
      mkdirSync(dirname(path), { recursive: true });
      const bytes = new Bytes(name);
      const file = openSync(path, "w");
      for (let at = 0; at < size;) at += writeSync(file, bytes.next(Math.min(1 << 20, size - at)));
      closeSync(file);
      utimesSync(path, TIME, TIME);
    }
  });
  return corpus;
}

/** A pair that differs in one byte: the left file is another name of the given one. */
export function makeChanged(cache: string, name: string, from: Corpus, place: "first" | "last"): Corpus {
  const root = join(cache, name);
  const corpus = sides(root, false, ["data.bin"]);
  once(root, () => {
    for (const path of corpus.files) mkdirSync(dirname(path), { recursive: true });
    linkSync(from.left, corpus.left);
    copyFileSync(from.left, corpus.right);
    const file = openSync(corpus.right, "r+");
    const byte = Buffer.alloc(1);
    const at = place === "first" ? 0 : fstatSync(file).size - 1;
    readSync(file, byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    writeSync(file, byte, 0, 1, at);
    closeSync(file);
    utimesSync(corpus.right, TIME, TIME);
  });
  return corpus;
}

/** What a tree is made of. */
export interface TreeShape {
  readonly files: number;
  readonly fileBytes: number;
  readonly perDirectory: number;
}

function treeNames({ files, perDirectory }: TreeShape): string[] {
  const name = (i: number) => {
    const directory = Math.floor(i / perDirectory);
    return join(`d${String(directory).padStart(4, "0")}`, `f${String(i % perDirectory).padStart(4, "0")}.dat`);
  };
  return Array.from({ length: files }, (_, i) => name(i));
}

/** Two trees of the same files. */
export function makeTree(cache: string, name: string, shape: TreeShape): Corpus {
  const root = join(cache, name);
  const corpus = sides(root, true, treeNames(shape));
  once(root, () => {
    for (const dir of new Set(corpus.files.map(dirname))) mkdirSync(dir, { recursive: true });
    const bytes = new Bytes(name);
    const half = corpus.files.length / 2;
    for (const [i, left] of corpus.files.slice(0, half).entries()) {
      const content = bytes.next(shape.fileBytes);
      for (const path of [left, corpus.files[i + half] ?? left]) {
        writeFileSync(path, content);
        utimesSync(path, TIME, TIME);
      }
    }
  });
  return corpus;
}

/** As {@link makeTree}, with many names for few files: what is measured with it is the names. */
export function makeNames(cache: string, name: string, shape: TreeShape): Corpus {
  const root = join(cache, name);
  const corpus = sides(root, true, treeNames(shape));
  once(root, () => {
    const content = new Bytes(name).next(shape.fileBytes);
    let origin = "";
    let last = "";
    for (const [i, path] of corpus.files.entries()) {
      const dir = dirname(path);
      if (dir !== last) mkdirSync(dir, { recursive: true });
      // A file has at most 65,000 names on ext4, and the sides must not share any.
      if (i % 30_000 === 0 || i === corpus.files.length / 2) {
        writeFileSync(path, content);
        origin = path;
      } else {
        linkSync(origin, path);
      }
      last = dir;
    }
  });
  return corpus;
}
