/**
 * A look at a shared object of Linux before the system maps it.
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const MAGIC = 0x464c457f;
const PT_LOAD = 1;
const PROGRAM_HEADER_BYTES = 56;
/** Room for the header and as many program headers as any linker writes. */
const HEAD_BYTES = 4096;

/**
 * Why a file is no whole 64-bit ELF object, or nothing when it is one. The
 * system maps one that is cut short without a complaint, and the process
 * then dies at the first look past its end.
 */
export function elfFault(path: string): string | undefined {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const head = new DataView(new ArrayBuffer(HEAD_BYTES));
    const read = readSync(fd, new Uint8Array(head.buffer), 0, HEAD_BYTES, 0);
    if (read < 64 || head.getUint32(0, true) !== MAGIC || head.getUint8(4) !== 2) return "it is no 64-bit ELF file";
    const table = Number(head.getBigUint64(32, true));
    const entry = head.getUint16(54, true);
    const count = head.getUint16(56, true);
    if (count > 0 && entry < PROGRAM_HEADER_BYTES) return "its program headers are too short";
    if (table + entry * count > read) return "its program headers are cut off";
    for (let at = table; at < table + entry * count; at += entry) {
      if (head.getUint32(at, true) !== PT_LOAD) continue;
      const end = Number(head.getBigUint64(at + 8, true) + head.getBigUint64(at + 32, true));
      if (end > size) return `it is cut short: it has ${size} bytes and needs ${end}`;
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}
