import type { RecipeFor } from "../recipe.ts";

/** lz4, for libarchive. Its copy of xxHash gets names of its own, as in its own build. */
export const lz4: RecipeFor = () => ({
  name: "lz4",
  half: "file",
  unpack: ["liblz4/lib"],
  sources: [{ from: "liblz4/lib", files: ["lz4.c", "lz4hc.c", "lz4frame.c", "xxhash.c"] }],
  flags: ["-DXXH_NAMESPACE=LZ4_", "-DLZ4LIB_VISIBILITY="],
  // Beside its headers lies its old xxhash.h, which nobody else may find.
  generate: ({ read }) =>
    Object.fromEntries(["lz4.h", "lz4hc.h", "lz4frame.h"].map((h) => [h, read(`liblz4/lib/${h}`)])),
  users: {},
});
