/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t bytes_in_use;
static _Atomic uint64_t fail_countdown;

/* Counts down to the allocation that a test wants to see fail. */
static int must_fail(void)
{
	uint64_t n = atomic_load_explicit(&fail_countdown, memory_order_relaxed);

	while (n > 0) {
		if (atomic_compare_exchange_weak(&fail_countdown, &n, n - 1))
			return n == 1;
	}
	return 0;
}

void *mem_alloc(size_t size)
{
	if (must_fail())
		return NULL;
	void *p = malloc(size ? size : 1);
	if (p)
		atomic_fetch_add_explicit(&bytes_in_use, malloc_usable_size(p), memory_order_relaxed);
	return p;
}

void *mem_zalloc(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	void *p = mem_alloc(total);
	if (p)
		memset(p, 0, total);
	return p;
}

void *mem_realloc(void *p, size_t size)
{
	if (must_fail())
		return NULL;
	size_t before = p ? malloc_usable_size(p) : 0;
	void *q = realloc(p, size ? size : 1);
	if (q) {
		atomic_fetch_sub_explicit(&bytes_in_use, before, memory_order_relaxed);
		atomic_fetch_add_explicit(&bytes_in_use, malloc_usable_size(q), memory_order_relaxed);
	}
	return q;
}

void mem_free(void *p)
{
	if (p)
		atomic_fetch_sub_explicit(&bytes_in_use, malloc_usable_size(p), memory_order_relaxed);
	free(p);
}

uint64_t mem_bytes(void)
{
	return atomic_load_explicit(&bytes_in_use, memory_order_relaxed);
}

void mem_fail_at(uint64_t nth)
{
	atomic_store(&fail_countdown, nth);
}
