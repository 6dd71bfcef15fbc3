import type { RecipeFor } from "../recipe.ts";

// Decoders that nothing here asks for, and that no hostile file shall reach. Lists of all formats name them, so those go
// too. Writers stay: one of them holds what all others call, and the linker drops what is not used.
const decoders = [
  ...["cab", "iso9660", "lha", "mtree", "rar", "rar5", "warc", "xar"].map((name) => `*_read_support_format_${name}.c`),
  ...["support_format_all", "support_format_by_code", "set_format"].map((name) => `archive_read_${name}.c`),
  "archive_blake2*.c",
];
const systems = ["windows", "bhfi", "darwin", "freebsd", "sunos"].map((name) => `*_${name}.c`);

/** libarchive: reads 7z, and for tests tar, zip and cpio, over the five compressors before it. No encryption of its own. */
export const libarchive: RecipeFor = () => ({
  name: "libarchive",
  half: "file",
  unpack: ["libarchive/libarchive"],
  sources: [
    {
      from: "libarchive/libarchive",
      files: ["*.c"],
      except: [...systems, ...decoders, "*_read_support_format_7zip.c"],
    },
    {
      from: "libarchive/libarchive",
      files: ["*_read_support_format_7zip.c"],
      flags: ["-include", "libcore/third_party/config/libarchive/7zip.h"],
    },
  ],
  // What takes time in it is the decoders', which are other libraries: it need not be compiled with much effort.
  flags: ["-DHAVE_CONFIG_H", "-DLIBARCHIVE_STATIC", "-O1"],
  config: true,
  uses: ["zlib-ng", "bzip2", "xz", "zstd", "lz4"],
  users: { include: ["libarchive/libarchive"], flags: ["-DLIBARCHIVE_STATIC"] },
});
