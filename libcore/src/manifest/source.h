/* SPDX-License-Identifier: MIT */
/* A manifest read from anything that bytes come from. */
#ifndef MANIFEST_SOURCE_H
#define MANIFEST_SOURCE_H

#include "io/reader.h"
#include "manifest/manifest.h"

struct manifest_source {
	struct manifest_parser parser;
	/** Owned. */
	struct reader reader;
	/** What was read and is not yet parsed begins at `at`. */
	struct buf buf;
	size_t at;
	/** How far the rest was looked through in vain for a line's end. */
	size_t seen;
	int ended;
};

/** Takes an open reader over. @param format,digests as manifest_begin() has them */
void manifest_source_begin(struct manifest_source *s, const struct reader *r, uint32_t format, uint32_t digests);
enum { MANIFEST_WAIT = 2 };

/**
 * The next entry.
 * @return 1; 0 at the end, where all is there; MANIFEST_WAIT with `t` woken
 *         when there may be more; CORE_EMEMORY; or the code also in `*e`
 */
int32_t manifest_next(struct manifest_source *s, struct task *t, struct manifest_entry *out, struct err *e);
/** Closes the reader and releases what it holds. */
void manifest_source_end(struct manifest_source *s);

#endif
