import type { RecipeFor } from "../recipe.ts";

/** zstd, for libarchive, curl and our own streams, with threads and its hand-written decoder. */
export const zstd: RecipeFor = ({ arch }) => ({
  name: "zstd",
  half: "file",
  unpack: ["zstd/lib"],
  sources: [
    // Without dictBuilder: nothing here trains dictionaries.
    { from: "zstd/lib", files: ["{common,compress,decompress}/*.c"] },
    ...(arch === "x64" ? [{ from: "zstd/lib/decompress", files: ["huf_decompress_amd64.S"] }] : []),
  ],
  flags: [
    "-DZSTD_MULTITHREAD",
    "-DZSTD_LEGACY_SUPPORT=0",
    "-DZSTDLIB_VISIBLE=",
    "-DZSTDERRORLIB_VISIBLE=",
    "-DZDICTLIB_VISIBLE=",
    ...(arch === "x64" ? [] : ["-DZSTD_DISABLE_ASM"]),
  ],
  users: { include: ["zstd/lib"] },
});
