/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#include <stdatomic.h>

static _Atomic int limit = CPU_AVX512;

enum cpu_level cpu_level_here(void)
{
#if defined __x86_64__
	/* The compiler's own check also asks whether the system saves the wide registers. */
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		return CPU_AVX512;
	if (__builtin_cpu_supports("avx2"))
		return CPU_AVX2;
#endif
	return CPU_BASELINE;
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
