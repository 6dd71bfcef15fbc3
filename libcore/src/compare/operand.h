/* SPDX-License-Identifier: MIT */
/* The two sides of a comparison as the caller named them, until they are open. */
#ifndef COMPARE_OPERAND_H
#define COMPARE_OPERAND_H

#include "io/feed.h"
#include "io/reader.h"

/** One side as the job keeps it. */
struct side {
	uint32_t kind;
	/** CORE_SOURCE_PATH: NUL-terminated, owned. CORE_SOURCE_MEMORY: the caller's. */
	uint8_t *data;
	uint64_t len;
	/** CORE_SOURCE_FEED: taken with feed_take(). */
	core_feed *feed;
};

/**
 * Opens both sides, and finds out what they are. Streams are taken last: all
 * that can fail has not failed then, and what has failed can be tried again.
 * @param kind  core_kind of each
 * @return 0, or the code in `*e`; readers that were opened are the caller's to close
 */
int32_t operands_open(struct side side[2], struct reader reader[2], uint8_t kind[2], struct err *e);

#endif
