import { defines, type RecipeFor } from "../recipe.ts";

/** PCRE2 for bytes and UTF-8, with its just-in-time compiler. The package holds the generic config.h of a release. */
export const pcre2: RecipeFor = () => ({
  name: "pcre2",
  half: "file",
  unpack: ["upstream"],
  sources: [
    {
      from: "upstream/src",
      files: ["*.c"],
      except: [
        // Included by other files.
        "pcre2_jit_match.c",
        "pcre2_jit_misc.c",
        "pcre2_ucptables.c",
        // A second way to match, and patterns of other kinds: not asked for.
        "pcre2_dfa_match.c",
        "pcre2_convert.c",
      ],
    },
  ],
  flags: defines("HAVE_CONFIG_H HAVE_STDLIB_H HAVE_MEMMOVE SUPPORT_PCRE2_8 SUPPORT_UNICODE SUPPORT_JIT"),
  include: ["upstream/src", "upstream/deps"],
  users: { include: ["upstream/include"], flags: ["-DPCRE2_CODE_UNIT_WIDTH=8", "-DPCRE2_STATIC=1"] },
});
