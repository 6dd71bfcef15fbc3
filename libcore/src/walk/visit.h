/* SPDX-License-Identifier: MIT */
/* What comes of one directory: it is opened and listed, its names are looked at. By one thread, without a lock. */
#ifndef WALK_VISIT_H
#define WALK_VISIT_H

#include "walk/node.h"
#include "walk/tree.h"

/** What all directories of a walk have in common. */
struct walk {
	struct walk_config config;
	const struct walk_ops *ops;
	void *ctx;
	struct walk_root *roots;
	uint32_t roots_count;
	struct place_count places;
};

struct visit {
	struct walk *walk;
	/** In order; whoever takes them sets `first` to NULL. */
	struct node *first, *last;
	/** The text that is being written. */
	struct node *text;
	struct walk_tally tally;
	/** Whole path of what is looked at. */
	struct buf path;
	struct place *place;
	/** 0, or CORE_EMEMORY. */
	int32_t rc;
};

/** Lists the directory of a node. `l` is zero but for `walk`. What fails is told by nodes. */
void visit_dir(struct visit *l, const struct node *n);
void visit_free(struct visit *l);

#endif
