/* SPDX-License-Identifier: MIT */
/* How a comparison is to be made, as all its parts see it. */
#ifndef COMPARE_CONFIG_H
#define COMPARE_CONFIG_H

#include "core.h"

#include <stdint.h>

struct config {
	/** core_compare_flag bits. */
	uint32_t flags;
	/** Bytes read at a time. */
	uint32_t chunk;
	/** core_metadata bits. */
	uint32_t metadata;
	uint64_t modify_window_ns;
	/** Pairs: bytes passed over first, and compared at most (0 for all). */
	uint64_t skip[2], limit;
	/** Records sent at most, 0 for all. */
	uint64_t limit_records;
	/** Paths that alone are compared, each ended by a NUL; owned by the engine, NULL for all. */
	uint8_t *paths;
	uint64_t paths_len;
	/** Archives: leading parts of paths that do not count. */
	uint32_t strip_components;
	/** Archives: limits, 0 for the defaults of pack/pack.h. */
	uint64_t max_bytes, max_ratio, max_entries;
	uint32_t max_name;
	/** Archives inside each other that are looked into. */
	uint32_t nested;
	/** One-sided files remembered for renames, 0 for the default. */
	uint32_t rename_limit;
	/** NULL keeps every name. A reference of the engine's. */
	core_filter *filter;
};

#endif
