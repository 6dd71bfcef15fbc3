/* SPDX-License-Identifier: MIT */
/* The package of xxHash has no run-time choice, so the library is compiled once per level, under a prefix each. */
#include "base/xxh.h"

#include "base/cpu.h"

#include <xxhash.h>

/** One compiled form of the library. */
struct form {
	XXH64_hash_t (*hash64)(const void *data, size_t len);
	XXH128_hash_t (*hash128)(const void *data, size_t len);
};

#if defined __x86_64__
XXH64_hash_t avx2_XXH3_64bits(const void *data, size_t len);
XXH128_hash_t avx2_XXH3_128bits(const void *data, size_t len);
XXH64_hash_t avx512_XXH3_64bits(const void *data, size_t len);
XXH128_hash_t avx512_XXH3_128bits(const void *data, size_t len);
#endif

static const struct form *form(void)
{
	static const struct form forms[] = {
		[CPU_BASELINE] = {XXH3_64bits, XXH3_128bits},
#if defined __x86_64__
		[CPU_AVX2] = {avx2_XXH3_64bits, avx2_XXH3_128bits},
		[CPU_AVX512] = {avx512_XXH3_64bits, avx512_XXH3_128bits},
#endif
	};

	return &forms[cpu_level()];
}

uint64_t xxh_64(const void *data, size_t len)
{
	return form()->hash64(data, len);
}

struct xxh_128 xxh_128(const void *data, size_t len)
{
	const XXH128_hash_t hash = form()->hash128(data, len);

	return (struct xxh_128){.low = hash.low64, .high = hash.high64};
}
