/* SPDX-License-Identifier: MIT */
/*
 * Names as keys: two names whose keys are the same bytes are one name where
 * letter case, or the normal form of Unicode, does not count.
 */
#ifndef MATCH_FOLD_H
#define MATCH_FOLD_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum fold_how {
	/** Letter case does not count: full case folding, of no language in particular (Unicode, D144). */
	FOLD_CASE = 1,
	/** Canonically equivalent sequences are the same (D68); with FOLD_CASE, as D145 has it. */
	FOLD_NORMAL = 2,
};

/** Makes keys, one thread at a time. Zero but for `how`, it is ready; fold_free() ends it. */
struct fold {
	/** fold_how bits. */
	unsigned how;
	/** Code points on their way. */
	struct buf points[2];
};

/**
 * Appends the key of a name. Bytes that are not UTF-8 are their own key and
 * never equal to anything else; the key of a key is itself.
 * @return 0 or CORE_EMEMORY, `out` then holds a part of the key
 */
int32_t fold_key(struct fold *f, struct buf *out, const uint8_t *name, size_t len);

void fold_free(struct fold *f);

#endif
