import type { RecipeFor } from "../recipe.ts";

/** BLAKE3: hand-written assembly for each x86 instruction set, chosen at run time; NEON on arm. */
export const blake3: RecipeFor = ({ arch }) => ({
  name: "blake3",
  half: "file",
  unpack: ["c"],
  sources: [
    { from: "c", files: ["blake3.c", "blake3_dispatch.c", "blake3_portable.c"] },
    arch === "x64" ? { from: "c", files: ["blake3_*_x86-64_unix.S"] } : { from: "c", files: ["blake3_neon.c"] },
  ],
  flags: ["-DBLAKE3_API=", "-DBLAKE3_PRIVATE=", ...(arch === "arm64" ? ["-DBLAKE3_USE_NEON=1"] : [])],
  users: { include: ["c"] },
});
