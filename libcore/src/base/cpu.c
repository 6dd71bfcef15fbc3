/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#include <stdatomic.h>

#if defined __x86_64__
#include <cpuid.h>
#include <stdint.h>
#endif

static _Atomic int limit = CPU_AVX512;

#if defined __x86_64__

/* Intel SDM volume 1, 14.3 and 15.2 to 15.4: instructions the CPU has, and registers the system saves. */
enum {
	LEAF1_ECX_OSXSAVE = 27,
	LEAF1_ECX_AVX = 28,
	LEAF7_EBX_AVX2 = 5,
	LEAF7_EBX_AVX512F = 16,
	LEAF7_EBX_AVX512DQ = 17,
	LEAF7_EBX_AVX512BW = 30,
	LEAF7_EBX_AVX512VL = 31,
	/* Bits of XCR0: SSE and AVX; and with them the three parts of AVX-512. */
	SAVED_AVX = 0x06,
	SAVED_AVX512 = 0xe6,
};

static int has(uint32_t word, int bit)
{
	return (int)(word >> bit & 1);
}

/*
 * Not by __builtin_cpu_supports, which needs a part of the compiler's runtime
 * that not every compiler has.
 */
static enum cpu_level ask(void)
{
	uint32_t a, b, c, d, saved, upper;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, LEAF1_ECX_OSXSAVE) || !has(c, LEAF1_ECX_AVX))
		return CPU_BASELINE;
	__asm__ volatile("xgetbv" : "=a"(saved), "=d"(upper) : "c"(0));
	if ((saved & SAVED_AVX) != SAVED_AVX || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, LEAF7_EBX_AVX2))
		return CPU_BASELINE;
	if ((saved & SAVED_AVX512) == SAVED_AVX512 && has(b, LEAF7_EBX_AVX512F) && has(b, LEAF7_EBX_AVX512DQ) &&
	    has(b, LEAF7_EBX_AVX512BW) && has(b, LEAF7_EBX_AVX512VL))
		return CPU_AVX512;
	return CPU_AVX2;
}

#else

static enum cpu_level ask(void)
{
	return CPU_BASELINE;
}

#endif

enum cpu_level cpu_level_here(void)
{
	/* One more than the level once it is known: to ask takes long, above all in a virtual machine. */
	static _Atomic int known;
	int level = atomic_load_explicit(&known, memory_order_relaxed);

	if (level == 0) {
		level = (int)ask() + 1;
		atomic_store_explicit(&known, level, memory_order_relaxed);
	}
	return (enum cpu_level)(level - 1);
}

enum cpu_level cpu_level(void)
{
	const int most = atomic_load_explicit(&limit, memory_order_relaxed);
	const enum cpu_level here = cpu_level_here();

	return (int)here < most ? here : (enum cpu_level)most;
}

void cpu_level_limit(enum cpu_level level)
{
	atomic_store_explicit(&limit, (int)level, memory_order_relaxed);
}

const char *cpu_level_name(enum cpu_level level)
{
	switch (level) {
	case CPU_AVX512:
		return "avx512";
	case CPU_AVX2:
		return "avx2";
	case CPU_BASELINE:
		break;
	}
#if defined __x86_64__
	return "sse2";
#else
	return "neon";
#endif
}
