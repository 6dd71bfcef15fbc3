/* SPDX-License-Identifier: MIT */
/* Which archives inside an archive are looked into. */
#ifndef PACK_LOOK_H
#define PACK_LOOK_H

#include <stddef.h>
#include <stdint.h>

enum pack_into {
	/** It is no archive, or none that matters. */
	PACK_INTO_NOT,
	/** Its entries are given. */
	PACK_INTO_LIST,
	/** They are not, but one of them is itself to be looked into. */
	PACK_INTO_PASS,
};

/** What is looked into. */
struct pack_look {
	/**
	 * Called on the thread that decodes.
	 * @param path  of a file, with `!/` behind each archive on the way
	 */
	enum pack_into (*into)(const void *ctx, const uint8_t *path, size_t len);
	const void *ctx;
	/** Archives inside each other at most, without the outermost; 0 for none, then only that is read. */
	uint32_t depth;
	/** The outermost archive is itself the one at this path, to be looked into as the others; NULL for none. */
	const uint8_t *root;
	size_t root_len;
};

#endif
