/* SPDX-License-Identifier: MIT */
/* What an entry must be to be found: tests in the order of what they cost. */
#ifndef WALK_QUERY_H
#define WALK_QUERY_H

#include "core.h"
#include "walk/tree.h"

struct query {
	/** Globs one of which its name or path must match; NULL for any. */
	core_filter *match;
	/** Bits of 1 << core_kind and core_find_kind; 0 for any. */
	uint32_t kinds;
	uint32_t min_depth;
	uint64_t min_size, max_size;
	/** Inclusive. */
	int64_t changed_after, changed_before;
	/** Some of the above need to be asked of the system. */
	int stats;
};

/** 1, 0, or -errno when the system would not tell. Any thread. */
int32_t query_wants(const struct query *q, struct walk_entry *e);

#endif
