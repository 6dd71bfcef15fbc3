import type { RecipeFor } from "../recipe.ts";

/** utf8proc: normal forms and case folding of Unicode. One file; the tables are included by it. */
export const utf8proc: RecipeFor = () => ({
  name: "utf8proc",
  half: "file",
  unpack: ["utf8proc/utf8proc.c", "utf8proc/utf8proc_data.c", "utf8proc/utf8proc.h"],
  sources: [{ from: "utf8proc", files: ["utf8proc.c"] }],
  // Without it every function is marked as exported.
  flags: ["-DUTF8PROC_STATIC"],
  users: { include: ["utf8proc"], flags: ["-DUTF8PROC_STATIC"] },
});
