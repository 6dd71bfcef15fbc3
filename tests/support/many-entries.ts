// Writes a tar.zst of a million empty files, in a process of its own, which alone is large: many-entries.ts PATH LAST
// The names are f0000000 and so on; the last one begins with LAST.
import { writeFileSync } from "node:fs";
import { tar } from "./archives.ts";
import { zstdCompressSync } from "./compressors.ts";

export const ENTRIES = 1_000_000;

if (import.meta.main) {
  const [path = "", last = "f"] = process.argv.slice(2);
  const block = tar([{ name: "f0000000", data: "" }], 0);
  const checksum = Number.parseInt(block.toString("latin1", 148, 154), 8) - 7 * 0x30;
  const all = Buffer.alloc((ENTRIES + 2) * 512);
  for (let i = 0; i < ENTRIES; i++) {
    const at = i * 512;
    block.copy(all, at);
    const digits = String(i).padStart(7, "0");
    let sum = checksum;
    for (let k = 0; k < 7; k++) sum += all[at + 1 + k] = digits.charCodeAt(k);
    if (i === ENTRIES - 1) sum += (all[at] = last.charCodeAt(0)) - 0x66;
    all.write(sum.toString(8).padStart(6, "0"), at + 148, "latin1");
  }
  writeFileSync(path, zstdCompressSync(all));
}
