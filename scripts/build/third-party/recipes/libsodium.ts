import { defines, type RecipeFor } from "../recipe.ts";

/** libsodium: AEGIS, HKDF, BLAKE2b, X25519, Ed25519, Argon2. Its files choose instruction sets by pragmas of their own. */
export const libsodium: RecipeFor = ({ arch }) => ({
  name: "libsodium",
  half: "file",
  unpack: [],
  // The package holds the release as its authors signed it.
  archives: ["LATEST.tar.gz"],
  sources: [{ from: "LATEST/src/libsodium", files: ["**/*.{c,S}"] }],
  // The definitions are those of its own build.zig for Linux.
  flags: [
    "-fno-strict-aliasing",
    "-fno-strict-overflow",
    "-fwrapv",
    "-flax-vector-conversions",
    "-DTLS=_Thread_local",
    "-DASM_HIDE_SYMBOL=.hidden",
    ...defines(`_GNU_SOURCE CONFIGURED DEV_MODE HAVE_ATOMIC_OPS HAVE_C11_MEMORY_FENCES HAVE_GCC_MEMORY_FENCES
      HAVE_INLINE_ASM HAVE_INTTYPES_H HAVE_STDINT_H HAVE_TI_MODE NATIVE_LITTLE_ENDIAN HAVE_CATCHABLE_ABRT
      HAVE_CATCHABLE_SEGV HAVE_CLOCK_GETTIME HAVE_GETPID HAVE_MADVISE HAVE_MLOCK HAVE_MMAP HAVE_MPROTECT HAVE_NANOSLEEP
      HAVE_POSIX_MEMALIGN HAVE_PTHREAD HAVE_PTHREAD_PRIO_INHERIT HAVE_RAISE HAVE_SYSCONF HAVE_SYS_AUXV_H
      HAVE_SYS_MMAN_H HAVE_SYS_PARAM_H HAVE_SYS_RANDOM_H HAVE_WEAK_SYMBOLS`),
    ...(arch === "x64"
      ? defines(`HAVE_CET_H HAVE_AMD64_ASM HAVE_AVX_ASM HAVE_CPUID HAVE_XGETBV_ASM HAVE_RDRAND HAVE_MMINTRIN_H
          HAVE_EMMINTRIN_H HAVE_PMMINTRIN_H HAVE_TMMINTRIN_H HAVE_SMMINTRIN_H HAVE_WMMINTRIN_H HAVE_AVXINTRIN_H
          HAVE_AVX2INTRIN_H HAVE_AVX512FINTRIN_H`)
      : defines("HAVE_ARMCRYPTO")),
  ],
  include: ["LATEST/src/libsodium/include/sodium", "@generated/sodium"],
  // Written by its configure; the release carries the same file for another build system, to lie among its headers.
  generate: ({ read }) => ({
    "sodium/version.h": read("LATEST/builds/msvc/version.h").replace('"export.h"', '"sodium/export.h"'),
  }),
  users: { include: ["LATEST/src/libsodium/include"], flags: ["-DSODIUM_STATIC=1"] },
});
