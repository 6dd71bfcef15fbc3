// All recipes, in the order they are linked: a library comes after those whose headers it reads.
import type { Half, Platform, Recipe, RecipeFor } from "./recipe.ts";
import { blake3 } from "./recipes/blake3.ts";
import { bzip2 } from "./recipes/bzip2.ts";
import { curl } from "./recipes/curl.ts";
import { libarchive } from "./recipes/libarchive.ts";
import { libsodium } from "./recipes/libsodium.ts";
import { lz4 } from "./recipes/lz4.ts";
import { msquic } from "./recipes/msquic.ts";
import { nghttp2 } from "./recipes/nghttp2.ts";
import { nghttp3 } from "./recipes/nghttp3.ts";
import { openssl } from "./recipes/openssl.ts";
import { pcre2 } from "./recipes/pcre2.ts";
import { utf8proc } from "./recipes/utf8proc.ts";
import { xxhash } from "./recipes/xxhash.ts";
import { xz } from "./recipes/xz.ts";
import { zlibNg } from "./recipes/zlib-ng.ts";
import { zstd } from "./recipes/zstd.ts";

/** The table of libraries. */
export const recipes: readonly RecipeFor[] = [
  zlibNg,
  bzip2,
  xz,
  zstd,
  lz4,
  libarchive,
  libsodium,
  pcre2,
  utf8proc,
  blake3,
  xxhash,
  openssl,
  nghttp2,
  curl,
  nghttp3,
  msquic,
];

/** The recipes of a platform. The file half is part of the net half: that one holds everything. */
export function recipesFor(platform: Platform, half: Half): Recipe[] {
  return recipes.map((recipe) => recipe(platform)).filter((recipe) => half === "net" || recipe.half === "file");
}
