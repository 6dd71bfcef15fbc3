/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "base/alloc.h"
#include "core.h"

#include <string.h>

int32_t buf_reserve(struct buf *b, size_t more)
{
	if (b->cap - b->len >= more)
		return 0;
	size_t need, cap = b->cap ? b->cap : 256;
	if (__builtin_add_overflow(b->len, more, &need))
		return CORE_EMEMORY;
	while (cap < need) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			return CORE_EMEMORY;
	}
	uint8_t *data = mem_realloc(b->data, cap);
	if (!data)
		return CORE_EMEMORY;
	b->data = data;
	b->cap = cap;
	return 0;
}

int32_t buf_append(struct buf *b, const void *data, size_t len)
{
	int32_t rc = buf_reserve(b, len);

	if (rc == 0 && len > 0) {
		memcpy(b->data + b->len, data, len);
		b->len += len;
	}
	return rc;
}

void buf_free(struct buf *b)
{
	mem_free(b->data);
	*b = (struct buf){0};
}
