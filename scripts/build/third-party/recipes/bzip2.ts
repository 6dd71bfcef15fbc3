import type { RecipeFor } from "../recipe.ts";

/** bzip2, for libarchive. */
export const bzip2: RecipeFor = () => ({
  name: "bzip2",
  half: "file",
  unpack: ["bzip2-1.0.8"],
  sources: [
    {
      from: "bzip2-1.0.8",
      files: ["blocksort.c", "huffman.c", "crctable.c", "randtable.c", "compress.c", "decompress.c", "bzlib.c"],
    },
  ],
  flags: ["-D_FILE_OFFSET_BITS=64"],
  users: { include: ["bzip2-1.0.8"] },
});
