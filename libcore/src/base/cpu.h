/* SPDX-License-Identifier: MIT */
/*
 * Which vector instructions the running CPU, and the system on it, let us use.
 * Code that comes in several forms chooses by this, once, at run time.
 */
#ifndef BASE_CPU_H
#define BASE_CPU_H

/** Ordered: a level has everything of those before it. */
enum cpu_level {
	/** What every CPU of the target has: SSE2 on x86-64, NEON on aarch64. */
	CPU_BASELINE,
	CPU_AVX2,
	/** AVX-512 F, BW, DQ and VL. */
	CPU_AVX512,
};

/** The level to use: what the CPU has, or less when a test said so. Any thread. */
enum cpu_level cpu_level(void);

/** What the CPU has. Any thread. */
enum cpu_level cpu_level_here(void);

/** For tests: nothing above `level` is used from now on, as far as the code asks again. */
void cpu_level_limit(enum cpu_level level);

/** The name of a level: "sse2" (or "neon"), "avx2", "avx512". */
const char *cpu_level_name(enum cpu_level level);

#endif
