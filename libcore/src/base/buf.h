/* SPDX-License-Identifier: MIT */
/* A byte buffer that grows. Zero-initialised, it is an empty buffer. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};

/** Room for `more` bytes behind `len`: 0 or CORE_EMEMORY. */
int32_t buf_reserve(struct buf *b, size_t more);
/** Appends bytes: 0 or CORE_EMEMORY. */
int32_t buf_append(struct buf *b, const void *data, size_t len);
/** Releases the memory; the buffer is empty again. */
void buf_free(struct buf *b);

#endif
