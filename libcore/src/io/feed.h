/* SPDX-License-Identifier: MIT */
/* A bounded byte ring from the caller's thread to the one task that reads it. */
#ifndef IO_FEED_H
#define IO_FEED_H

#include "core.h"
#include "pool/pool.h"

#include <stddef.h>

/** Keeps the feed alive for a reader; 0 when another reader has it already. */
int feed_take(core_feed *f);
/** The reader is done: writers are told that the feed is closed. */
void feed_leave(core_feed *f);
/**
 * Takes bytes out.
 * @return 0 with `*got` (0 at the end), READER_WAIT, or CORE_EREAD when the stream broke
 */
int32_t feed_read(core_feed *f, struct task *t, uint8_t *buf, size_t len, size_t *got);

uint64_t feed_count(void);

#endif
