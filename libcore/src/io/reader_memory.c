/* SPDX-License-Identifier: MIT */
#include "io/reader.h"

#include <string.h>

static int32_t memory_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got,
			 struct err *e)
{
	(void)e;
	uint64_t left = off < r->size ? r->size - off : 0;
	*got = left < len ? (size_t)left : len;
	if (*got > 0)
		memcpy(buf, r->data + off, *got);
	return 0;
}

static int32_t memory_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			   struct err *e)
{
	(void)t;
	int32_t rc = memory_at(r, r->pos, buf, len, got, e);
	r->pos += *got;
	return rc;
}

static int32_t memory_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void memory_close(struct reader *r)
{
	(void)r;
}

static const struct reader_ops memory_ops = {.at = memory_at, .next = memory_next, .check = memory_check, .close = memory_close};

void reader_open_memory(struct reader *r, const uint8_t *data, uint64_t len, int32_t side)
{
	*r = (struct reader){.ops = &memory_ops, .size = len, .random = 1, .side = side, .data = data};
}
