import type { RecipeFor } from "../recipe.ts";

/**
 * xxHash, compiled once for each instruction set under a prefix of its own. The package has no run-time choice between
 * them; ours is libcore/src/base/xxh.c.
 */
export const xxhash: RecipeFor = ({ arch }) => ({
  name: "xxhash",
  half: "file",
  unpack: ["src/c"],
  sources: [
    { from: "src/c", files: ["xxhash.c"] },
    ...(arch === "x64"
      ? [
          { from: "src/c", files: ["xxhash.c"], as: "avx2", flags: ["-mavx2", "-DXXH_NAMESPACE=avx2_"] },
          { from: "src/c", files: ["xxhash.c"], as: "avx512", flags: ["-mavx512f", "-DXXH_NAMESPACE=avx512_"] },
        ]
      : []),
  ],
  users: { include: ["src/c"] },
});
