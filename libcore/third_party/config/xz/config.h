/* SPDX-License-Identifier: MIT */
/*
 * What liblzma 5.8 reads instead of a configure run: only the macros its sources test, each with what it was checked
 * against. Linux, gcc or clang, 64 bits, little endian; glibc 2.17 and musl 1.2.
 */
#define _GNU_SOURCE 1            /* sysconf(_SC_NPROCESSORS_ONLN) under -std=gnu11 */
#define NDEBUG 1                 /* its assertions are for its developers */
#define PACKAGE_URL "https://tukaani.org/xz/" /* tuklib prints it in messages */

/* Headers and types. */
#define HAVE_STDINT_H 1          /* C99 */
#define HAVE_INTTYPES_H 1        /* C99 */
#define HAVE_STDBOOL_H 1         /* C99 */
#define HAVE__BOOL 1             /* C99 */
#define SIZEOF_SIZE_T 8          /* x86-64 and aarch64 */

/* What is built in: its configure's default filters, match finders and checks, and the lzip reader. */
#define HAVE_ENCODER_LZMA1 1     /* .lzma, 7z */
#define HAVE_DECODER_LZMA1 1
#define HAVE_ENCODER_LZMA2 1     /* .xz */
#define HAVE_DECODER_LZMA2 1
#define HAVE_ENCODER_DELTA 1     /* 7z */
#define HAVE_DECODER_DELTA 1
#define HAVE_ENCODER_X86 1       /* branch filters: 7z and xz --x86, --arm64 … write them for executables */
#define HAVE_DECODER_X86 1
#define HAVE_ENCODER_ARM 1
#define HAVE_DECODER_ARM 1
#define HAVE_ENCODER_ARMTHUMB 1
#define HAVE_DECODER_ARMTHUMB 1
#define HAVE_ENCODER_ARM64 1
#define HAVE_DECODER_ARM64 1
#define HAVE_ENCODER_IA64 1
#define HAVE_DECODER_IA64 1
#define HAVE_ENCODER_POWERPC 1
#define HAVE_DECODER_POWERPC 1
#define HAVE_ENCODER_RISCV 1
#define HAVE_DECODER_RISCV 1
#define HAVE_ENCODER_SPARC 1
#define HAVE_DECODER_SPARC 1
#define HAVE_LZIP_DECODER 1      /* .lz */
#define HAVE_MF_HC3 1            /* match finders, which its presets 0 to 9 name */
#define HAVE_MF_HC4 1
#define HAVE_MF_BT2 1
#define HAVE_MF_BT3 1
#define HAVE_MF_BT4 1
#define HAVE_CHECK_CRC32 1       /* the checks a .xz file may carry */
#define HAVE_CHECK_CRC64 1
#define HAVE_CHECK_SHA256 1

/* Threads: the encoder and decoder of several blocks at once. */
#define MYTHREAD_POSIX 1         /* pthreads */
#define HAVE_CLOCK_GETTIME 1     /* POSIX.1-2001, <time.h> */
#define HAVE_CLOCK_MONOTONIC 1   /* Linux */
#define HAVE_PTHREAD_CONDATTR_SETCLOCK 1 /* POSIX.1-2001, <pthread.h> */
#define TUKLIB_CPUCORES_SCHED_GETAFFINITY 1 /* Linux, <sched.h>: counts the CPUs this process may use */
#define TUKLIB_PHYSMEM_SYSCONF 1 /* _SC_PHYS_PAGES of glibc and musl */

/* Compiler and CPU. */
#define HAVE_VISIBILITY 0        /* all symbols are hidden by -fvisibility=hidden */
#define HAVE_FUNC_ATTRIBUTE_CONSTRUCTOR 1 /* gcc, clang: chooses the CRC code */
#define HAVE___BUILTIN_ASSUME_ALIGNED 1 /* gcc 4.7, clang 3.6 */
#define HAVE___BUILTIN_BSWAPXX 1 /* gcc 4.8, clang 3.2 */
#define TUKLIB_FAST_UNALIGNED_ACCESS 1 /* x86-64 and aarch64 */
#if defined(__x86_64__)
#define HAVE_CPUID_H 1           /* gcc, clang: <cpuid.h>, asks the running CPU for CLMUL */
#define HAVE_IMMINTRIN_H 1       /* gcc, clang */
#define HAVE_USABLE_CLMUL 1      /* target attribute of gcc 4.9, clang 3.8; used where the running CPU has it */
#define HAVE__MM_MOVEMASK_EPI8 1 /* SSE2 is part of x86-64 */
#endif
