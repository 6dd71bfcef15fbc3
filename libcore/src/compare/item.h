/* SPDX-License-Identifier: MIT */
/* One name of two directories: what is to be found out about it, and what was. */
#ifndef COMPARE_ITEM_H
#define COMPARE_ITEM_H

#include "compare/config.h"
#include "compare/pair.h"
#include "walk/dir.h"

enum item_state {
	/** Nobody has looked at it yet. */
	ITEM_WAITING,
	/** A worker has it. */
	ITEM_ACTIVE,
	/** `out` is final. */
	ITEM_DONE,
};

struct item {
	/** Where it stands; the item holds a reference. NULL for a pair of operands, and for a path of `trees`. */
	struct dir_pair *dir;
	/** A path of two catalogued trees, on each side. NULL for others. */
	const struct trees *trees;
	const struct entry *entry[2];
	/**
	 * NUL-terminated, in the memory of `dir`: as on the left, where it is there. The whole path, `len` bytes, in the
	 * memory of `trees`. NULL for a pair of operands.
	 */
	const char *name;
	/** As on the right, NULL where that is no other spelling. */
	const char *name_right;
	/** Of `name`. */
	uint32_t len;
	uint8_t state;
	/** Its name and kinds are all that matters: nothing is read. */
	uint8_t settled;
	/** A path that the caller gave: it may be missing on either side. */
	uint8_t named;
	/** Another spelling of its name is beside it. */
	uint8_t spelled;
	/** Not counted: it stands for names below it, which are. */
	uint8_t uncounted;
	/** Its content is far away: `out` is not final, whatever item_compare() said, until a task of its own makes it so. */
	uint8_t away;
	/** core_kind on each side. */
	uint8_t kind[2];
	/** Names below a one-sided directory it stands for, UINT64_MAX for none. */
	uint64_t below;
	struct outcome out;
	/** What of the metadata differs: core_reason bits, to be added once the content is known. */
	uint32_t meta;
	/** A comparison that goes on in segments. */
	struct pair *pair;
};

/** The name on one side. */
static inline const char *item_name(const struct item *it, int side)
{
	return side == 1 && it->name_right ? it->name_right : it->name;
}

/**
 * Finds out about an item, except for the bytes of large files.
 * @return 1 when `out` is final, or `away` is set; 0 when `it->pair` is to be worked on;
 *         CORE_ELIMIT when no descriptor was left, so that trying later may help;
 *         CORE_EMEMORY
 */
int32_t item_compare(struct item *it, core_run *run, const struct config *c);

/** Adds what of the metadata differs to an outcome that is final but for it. */
void item_add_meta(struct item *it);

#endif
