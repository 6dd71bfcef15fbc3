/* SPDX-License-Identifier: MIT */
/* The two operands of a comparison: what the caller gave, and what it is. */
#ifndef COMPARE_OPERAND_H
#define COMPARE_OPERAND_H

#include "base/err.h"
#include "core.h"
#include "io/reader.h"

#include <stdint.h>

/** One side as the job keeps it. */
struct side {
	uint32_t kind;
	/** CORE_SOURCE_PATH: NUL-terminated, owned. CORE_SOURCE_MEMORY: the caller's. */
	uint8_t *data;
	uint64_t len;
	/** CORE_SOURCE_FEED: taken with feed_take(). */
	core_feed *feed;
	/** Its bytes are an archive's; `inner` is the path in it that is meant, owned, NULL for all. */
	int archive;
	uint8_t *inner;
	uint64_t inner_len;
};

/**
 * Opens a side to be read; a feed becomes the reader's.
 * @param s     0 left, 1 right
 * @param kind  CORE_KIND_DIR for a directory, else CORE_KIND_FILE or CORE_KIND_BLOCK
 * @return 0, or the code also in `*err`
 */
int32_t operand_open(struct side *from, int s, struct reader *r, uint8_t *kind, struct err *err);

/**
 * Whether a side is to be looked into: because the caller says so, or because
 * the other one is a directory and its bytes are those of an archive.
 * @param flags  core_compare_flag bits
 */
int operand_is_archive(const struct side side[2], uint32_t flags, int s, const uint8_t kind[2], struct reader *r);

/** Releases what a side owns. */
void side_release(struct side *s);

#endif
