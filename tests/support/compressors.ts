// Compressed bytes from other implementations than libcore's.
import { gzipSync as gzip, zstdCompressSync as zstd } from "node:zlib";

export const gzipSync = (data: Uint8Array): Buffer => gzip(data);
export const zstdCompressSync = (data: Uint8Array): Buffer => zstd(data);

