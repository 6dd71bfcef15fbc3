/* SPDX-License-Identifier: MIT */
/*
 * Entries that are found, on their way out: as lines to a descriptor, or
 * many to a record.
 */
#ifndef WALK_FIND_H
#define WALK_FIND_H

#include "walk/query.h"
#include "walk/tree.h"

/** How entries leave. */
struct find_config {
	struct query query;
	/** CORE_FIND_NUL, CORE_FIND_RELATIVE. */
	uint32_t flags;
	/** A descriptor, or -1 for records. */
	int output;
	struct ignore *excludes;
};

/**
 * Begins to walk and find.
 * @param f  its filter and ignore file are taken over, also on failure; all else as for walk_start()
 * @return CORE_EMEMORY
 */
int32_t find_start(core_run **out, core_pump *pump, uint64_t token, const struct find_config *f,
		   const struct walk_config *c, struct walk_root *roots, uint32_t roots_count);

#endif
