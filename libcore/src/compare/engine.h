/* SPDX-License-Identifier: MIT */
/*
 * A comparison as a job: up to `jobs` worker tasks take items from a bounded
 * window, share the segments of large files, and send the outcomes in the
 * window's order. One worker at a time drives the walk that fills it.
 */
#ifndef COMPARE_ENGINE_H
#define COMPARE_ENGINE_H

#include "core.h"
#include "io/feed.h"
#include "pool/run.h"

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

/** Releases what a side owns. */
void side_release(struct side *s);

/**
 * Starts a comparison. Takes over what the sides own, also on failure.
 * @return CORE_EMEMORY
 */
int32_t engine_start(core_run **out, core_pump *pump, uint64_t token, struct side side[2],
		     const struct core_compare_opts *opts);

/** The outcome of a run that has ended. */
void engine_result(core_run *run, struct core_compare_summary *out);

#endif
