import type { RecipeFor } from "../recipe.ts";

/** libarchive: tar, zip, 7z, cpio and more, over the five compressors before it. No encryption of its own. */
export const libarchive: RecipeFor = () => ({
  name: "libarchive",
  half: "file",
  unpack: ["libarchive/libarchive"],
  sources: [
    {
      from: "libarchive/libarchive",
      files: ["*.c"],
      except: ["*_windows.c", "*_bhfi.c", "*_darwin.c", "*_freebsd.c", "*_sunos.c", "*_read_support_format_7zip.c"],
    },
    {
      from: "libarchive/libarchive",
      files: ["*_read_support_format_7zip.c"],
      flags: ["-include", "libcore/third_party/config/libarchive/7zip.h"],
    },
  ],
  flags: ["-DHAVE_CONFIG_H", "-DLIBARCHIVE_STATIC"],
  config: true,
  uses: ["zlib-ng", "bzip2", "xz", "zstd", "lz4"],
  users: { include: ["libarchive/libarchive"], flags: ["-DLIBARCHIVE_STATIC"] },
});
