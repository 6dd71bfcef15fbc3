/* SPDX-License-Identifier: MIT */
/* A directory of a walk that has been opened, and what holds for the names in it. */
#ifndef WALK_PLACE_H
#define WALK_PLACE_H

#include "walk/rules.h"
#include "walk/tree.h"

/** Directories that have a descriptor, and how many may keep it for those below. */
struct place_count {
	_Atomic uint32_t open;
	uint32_t most;
};

struct place {
	_Atomic uint32_t refs;
	struct place *up;
	struct place_count *count;
	const struct walk_root *root;
	struct rules_place rules;
	/** Known where links are followed, or file systems matter. */
	uint64_t dev, ino;
	/** -1 once nobody goes below it any more, or to save descriptors. */
	int fd;
	/** Directories in it that have not been opened yet. */
	_Atomic uint32_t waiting;
	uint32_t depth;
	/** Path below the root, with a slash behind it unless it is the root. NUL-terminated. */
	size_t len;
	uint8_t path[];
};

/** A share of what descriptors there are. */
void place_count_init(struct place_count *c);

/**
 * Opens a directory below another one, or a root; who goes below it last closes the one above.
 * @param above   NULL for the root itself
 * @param follow  it may be a symbolic link
 * @param fd      what opening came to, when it is negative: the place is then there without a descriptor
 * @return NULL when memory ran out
 */
struct place *place_open(struct place_count *count, struct place *above, const struct walk_root *root,
			 const uint8_t *name, size_t len, int follow, int *fd);
struct place *place_ref(struct place *p);
void place_unref(struct place *p);
/** Closes its descriptor. */
void place_close(struct place *p);
/** Whether it is one of those above it, which a link has led back to. */
int place_is_loop(const struct place *p);

#endif
