import { defines, type RecipeFor, type Sources } from "../recipe.ts";

// Code for one instruction set lies in files of its own, which alone get its flag: whether they run is decided at run
// time, and everything else must run on the oldest CPU. What each set is here follows the library's own CMakeLists.txt.
const avx512 = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mbmi2"];
const x86: readonly Sources[] = [
  { from: "src/zlib-ng/arch/x86", files: ["x86_features.c"], flags: ["-mxsave"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_sse2.c"], flags: ["-msse2"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_ssse3.c"], flags: ["-mssse3"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_sse41.c"], flags: ["-msse4.1"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_sse42.c"], flags: ["-msse4.2"] },
  { from: "src/zlib-ng/arch/x86", files: ["crc32_pclmulqdq.c"], flags: ["-mpclmul", "-msse4.2"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_avx2.c"], flags: ["-mavx2", "-mbmi2"] },
  { from: "src/zlib-ng/arch/x86", files: ["*_avx512.c"], flags: avx512 },
  { from: "src/zlib-ng/arch/x86", files: ["*_avx512_vnni.c"], flags: [...avx512, "-mavx512vnni"] },
  { from: "src/zlib-ng/arch/x86", files: ["crc32_vpclmulqdq.c"], flags: [...avx512, "-mpclmul", "-mvpclmulqdq"] },
];
const arm: readonly Sources[] = [
  { from: "src/zlib-ng/arch/arm", files: ["*.c"], except: ["*_armv6.c", "crc32_armv8.c"] },
  { from: "src/zlib-ng/arch/arm", files: ["crc32_armv8.c"], flags: ["-mcpu=generic+crc"] },
];

/** zlib-ng under zlib's own names: deflate and gzip for libarchive and curl. */
export const zlibNg: RecipeFor = ({ arch }) => ({
  name: "zlib-ng",
  half: "file",
  unpack: ["src/zlib-ng"],
  sources: [
    // The gz* functions read and write files, which nothing here asks zlib to do.
    { from: "src/zlib-ng", files: ["*.c"], except: ["gz*.c"] },
    { from: "src/zlib-ng/arch/generic", files: ["*.c"] },
    ...(arch === "x64" ? x86 : arm),
  ],
  flags: [
    "-std=gnu11",
    ...defines(`ZLIB_COMPAT WITH_OPTIM HAVE_ALIGNED_ALLOC HAVE_POSIX_MEMALIGN HAVE_ATTRIBUTE_ALIGNED
      HAVE_BUILTIN_ASSUME_ALIGNED HAVE_BUILTIN_CTZ HAVE_BUILTIN_CTZLL HAVE_THREAD_LOCAL HAVE_VISIBILITY_HIDDEN
      HAVE_VISIBILITY_INTERNAL HAVE_SYS_AUXV_H _LARGEFILE64_SOURCE`),
    ...(arch === "x64"
      ? defines(`X86_FEATURES HAVE_CPUID_GNU X86_HAVE_XSAVE_INTRIN X86_SSE2 X86_SSSE3 X86_SSE41 X86_SSE42
          X86_PCLMULQDQ_CRC X86_AVX2 X86_AVX512 X86_AVX512VNNI X86_VPCLMULQDQ_CRC`)
      : defines(`WITH_ALL_FALLBACKS ARM_FEATURES ARM_NEON ARM_NEON_HASLD4 ARM_CRC32 ARM_CRC32_INTRIN ARM_ACLE
          HAVE_ARM_ACLE_H ARM_AUXV_HAS_CRC32 HAVE_HWCAP_H`)),
  ],
  include: ["src/zlib-ng"],
  generate: ({ read }) => {
    const plain = (name: string) => read(`src/zlib-ng/${name}`).replaceAll("@ZLIB_SYMBOL_PREFIX@", "");
    return {
      "zlib.h": plain("zlib.h.in"),
      "zconf.h": plain("zconf.h.in").replace(/^#ifdef HAVE_UNISTD_H\b.*$/m, "#if 1"),
      "zlib_name_mangling.h": plain("zlib_name_mangling.h.empty"),
    };
  },
  users: {},
});
