import type { RecipeFor } from "../recipe.ts";

/** liblzma: xz, lzma and lzip for libarchive, with threads. */
export const xz: RecipeFor = () => ({
  name: "xz",
  half: "file",
  unpack: ["xz/src/liblzma", "xz/src/common"],
  sources: [
    {
      from: "xz/src/liblzma",
      files: ["{common,lzma,lz,check,delta,rangecoder,simple}/*.c"],
      // Programs that print tables, and smaller, slower twins of two checksums.
      except: ["**/*tablegen.c", "check/crc*_small.c", "check/crc_clmul_consts_gen.c"],
    },
    { from: "xz/src/common", files: ["tuklib_cpucores.c", "tuklib_physmem.c"] },
  ],
  flags: ["-std=gnu11", "-DHAVE_CONFIG_H"],
  config: true,
  include: [
    ...["lzma", "lz", "check", "simple", "delta", "common", "rangecoder"].map((name) => `xz/src/liblzma/${name}`),
    "xz/src/common",
  ],
  users: { include: ["xz/src/liblzma/api"], flags: ["-DLZMA_API_STATIC"] },
});
