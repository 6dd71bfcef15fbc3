/* SPDX-License-Identifier: MIT */
/*
 * All memory of libcore comes from here, so that it can be counted and made
 * to run out. Sizes are saturated: a product that does not fit is refused as
 * if memory had run out.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/** `size` bytes, not cleared, or NULL. */
void *mem_alloc(size_t size);
/** `count` times `size` zero bytes, or NULL. */
void *mem_zalloc(size_t count, size_t size);
/** Grows or shrinks `p` (which may be NULL); on NULL, `p` is as before. */
void *mem_realloc(void *p, size_t size);
/** Gives `p` back; NULL is fine. */
void mem_free(void *p);

/** Bytes in use, as the allocator rounds them. */
uint64_t mem_bytes(void);
/** Makes the n-th allocation from now fail, once; 0 turns it off. */
void mem_fail_at(uint64_t nth);

#endif
