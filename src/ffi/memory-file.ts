/**
 * A library opened from memory, for machines whose temporary folder is
 * missing, read-only or mounted noexec.
 * @module
 */
import { dlopen } from "bun:ffi";
import { writeSync } from "node:fs";

const MFD_CLOEXEC = 1;
/** The C library by the names that glibc and musl give it. */
const LIBC = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

function memoryFile(): number {
  const name = Buffer.from("libcore\0");
  // The first says most: of the other names all but one are those of other systems.
  let first: unknown;
  for (const library of LIBC) {
    try {
      const libc = dlopen(library, { memfd_create: { args: ["ptr", "u32"], returns: "i32" } });
      const fd = libc.symbols.memfd_create(name, MFD_CLOEXEC);
      if (fd >= 0) return fd;
      first ??= new Error("the system gave no memory file");
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/**
 * Puts the bytes of a library into a memory file.
 *
 * @returns a path to open it by; the file lives as long as the process
 * @throws when the system has no memory files
 */
export function inMemory(bytes: Uint8Array): string {
  const fd = memoryFile();
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  return `/proc/self/fd/${fd}`;
}
