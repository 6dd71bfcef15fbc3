/* SPDX-License-Identifier: MIT */
/* The two sides of a comparison: opened, and waited for until they know what they are. */
#ifndef COMPARE_OPERANDS_H
#define COMPARE_OPERANDS_H

#include "compare/config.h"
#include "compare/pair.h"
#include "io/feed.h"
#include "io/gate.h"
#include "io/map.h"
#include "io/opener.h"

/** One side as the job keeps it. */
struct side {
	uint32_t kind;
	/**
	 * CORE_SOURCE_PATH: NUL-terminated, owned. CORE_SOURCE_MEMORY: the caller's.
	 * CORE_SOURCE_URL: owned, its name for records and messages.
	 */
	uint8_t *data;
	uint64_t len;
	/** CORE_SOURCE_FEED: taken with feed_take(). */
	core_feed *feed;
	/** CORE_SOURCE_URL: owned. */
	struct opener *opener;
	/** CORE_SOURCE_MAP: a reference. */
	core_map *map;
	/** Its bytes are an archive's; `inner` is the path in it that is meant, owned, NULL for all. */
	int archive;
	/** core_manifest_format of bytes that are a manifest; 0 for any others. */
	uint32_t manifest;
	uint8_t *inner;
	uint64_t inner_len;
};

/** Releases what a side owns. */
void side_free(struct side *s);
/**
 * Opens one that is no URL, and finds out what it is. A feed goes over to the reader.
 * @param s     0 left, 1 right, -1 neither: for messages
 * @param kind  CORE_KIND_FILE, CORE_KIND_DIR or CORE_KIND_BLOCK
 * @return 0, or the code in `*err`: CORE_EUNSUPPORTED for a FIFO, a socket or
 *         a character device, CORE_ECHANGED, and what opening fails with
 */
int32_t side_open(struct side *from, int32_t s, struct reader *r, uint8_t *kind, struct err *err);

/** Both sides on their way to a pair. Does not move while they are opened. */
struct operands {
	/** The engine's. */
	struct side *side;
	const struct config *config;
	/** Their readers. Whoever takes them over zeroes it. */
	struct pair pair;
	/** core_kind of those that are open. */
	uint8_t kind[2];
	int opened[2];
	struct gate_wait gate;
};

/**
 * Opens what is not open yet, and finds out whether all of it is ready.
 * @return 0, READER_WAIT with `t` woken when it is worth another call, or the code also in `*err`
 */
int32_t operands_open(struct operands *o, struct task *t, struct err *err);
/** After a failure for want of descriptors: 1 when all is closed and may be opened anew. */
int operands_reopen(struct operands *o);
/**
 * Whether a side that is open is to be looked into: because the caller says
 * so, or because the other one is a directory and its bytes are an archive's.
 */
int operands_is_archive(struct operands *o, int s);
/** Closes what nobody took over. */
void operands_close(struct operands *o);

#endif
