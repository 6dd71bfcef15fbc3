/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stddef.h>
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

/* Stands before each block: the C library's own record of the size is not to be had everywhere. */
union head {
	size_t size;
	max_align_t align;
};

/* Like realloc(), and counts. */
static void *resize(void *p, size_t size)
{
	union head *h = p ? (union head *)p - 1 : NULL;
	size_t before = h ? h->size : 0, whole;

	if (must_fail() || __builtin_add_overflow(size, sizeof *h, &whole))
		return NULL;
	h = realloc(h, whole);
	if (!h)
		return NULL;
	h->size = size;
	atomic_fetch_sub_explicit(&bytes_in_use, before, memory_order_relaxed);
	atomic_fetch_add_explicit(&bytes_in_use, size, memory_order_relaxed);
	return h + 1;
}

void *mem_alloc(size_t size)
{
	return resize(NULL, size);
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
	return resize(p, size);
}

void mem_free(void *p)
{
	if (!p)
		return;
	union head *h = (union head *)p - 1;
	atomic_fetch_sub_explicit(&bytes_in_use, h->size, memory_order_relaxed);
	free(h);
}

uint64_t mem_bytes(void)
{
	return atomic_load_explicit(&bytes_in_use, memory_order_relaxed);
}

void mem_fail_at(uint64_t nth)
{
	atomic_store(&fail_countdown, nth);
}
