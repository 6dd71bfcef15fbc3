// Files and folders whose names are any bytes.
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";

/** The bytes of a string in which each character stands for one. */
export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A path below a folder, in bytes; each character of `name` is one. */
export const below = (root: string, name: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), latin1(name)]);

/** Writes a file; the folder exists. */
export function putFile(root: string, name: string, bytes: string | Uint8Array): void {
  writeFileSync(below(root, name), bytes);
}

/** Makes a folder; the one above exists. */
export function putDir(root: string, name: string): void {
  mkdirSync(below(root, name));
}

/** Makes a symbolic link. */
export function putLink(root: string, name: string, target: string): void {
  symlinkSync(latin1(target), below(root, name));
}

/** Makes a second name for a file of the same folder tree. */
export function putHardLink(root: string, name: string, of: string): void {
  linkSync(below(root, of), below(root, name));
}

/** Makes a FIFO. */
export function putFifo(root: string, name: string): void {
  const { success, stderr } = Bun.spawnSync(["mkfifo", `${root}/${name}`], { stderr: "pipe" });
  if (!success) throw new Error(stderr.toString());
}
