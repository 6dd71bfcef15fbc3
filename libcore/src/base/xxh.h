/* SPDX-License-Identifier: MIT */
/*
 * XXH3, the fast hash for data nobody forges: the widest form the CPU can run,
 * chosen at each call. All forms give the same answers.
 */
#ifndef BASE_XXH_H
#define BASE_XXH_H

#include <stddef.h>
#include <stdint.h>

/** A 128-bit hash. */
struct xxh_128 {
	uint64_t low;
	uint64_t high;
};

/** XXH3, 64 bits, seed 0, of `len` bytes; `data` may be NULL when `len` is 0. Any thread. */
uint64_t xxh_64(const void *data, size_t len);

/** XXH3, 128 bits, seed 0, of `len` bytes; `data` may be NULL when `len` is 0. Any thread. */
struct xxh_128 xxh_128(const void *data, size_t len);

#endif
