/* SPDX-License-Identifier: MIT */
/*
 * Two trees in lockstep: directory by directory, by descriptor, without a
 * list of all paths. The driver turns names into items in the order of whole
 * paths (`LC_ALL=C sort`); workers find out about the items.
 */
#ifndef COMPARE_MERGE_H
#define COMPARE_MERGE_H

#include "compare/item.h"
#include "compare/names.h"

/** The same directory of both trees, or of one. Kept by its items and by the driver. */
struct dir_pair {
	_Atomic uint32_t refs;
	/** Path from the roots, in the spelling of the left where it is there: empty, or ending in a slash. */
	struct buf path;
	/** The path on the right where that is another spelling, else empty. */
	struct buf right;
	/** -1 on a side that is missing, or while the descriptor is given back. */
	int fd[2];
	/** What the descriptor must be when it is opened again. */
	struct plat_stat id[2];
	int present[2];
	/** Why it could not be opened again; its items fail with it. */
	struct err lost;

	/* The driver's. */
	struct dir_list list[2];
	/** How far the walk is in each list; where there is an order, at[0] is how far it is in that. */
	uint32_t at[2];
	/** The names of both lists where spelling does not count; without pairs the lists go in lockstep. */
	struct name_order order;
	/** What is wrong with some of them. */
	struct err *errs;
	/** The directory it was found in, NULL for the root. */
	struct dir_pair *parent;
	/** Subdirectories listed ahead, the one whose turn comes first on top. */
	struct dir_pair *ahead, *ahead_next;
	/** Its names are counted into `below` of the topmost one-sided directory. */
	int collapsed;
	/** Its names are paths that the caller gave. */
	int named;
	/** No entry of its own: only names below it count. */
	int walked;
	/** The topmost one: its name in the parent. */
	const char *top_name;
	uint32_t top_len;
	/** What is known besides that it is missing: core_reason bits. */
	uint32_t top_reasons;
	/**
	 * What could not be listed below the topmost one, to be told behind it:
	 * each a directory that holds one name, in order, by ahead_next.
	 */
	struct dir_pair *held, *held_last;
	uint32_t held_count;
	uint64_t below;
};

struct merge {
	core_run *run;
	/** The engine's. */
	const struct config *config;
	/** The path the filter looks at. */
	struct buf path;
	/** How names are told apart; `how` is 0 where that is by their bytes. */
	struct fold fold;
	struct dir_pair *root, *current;
	/** Names of a directory that is over, which are told next. */
	struct dir_pair *held;
	/** Directories whose descriptors are open, and how many may be. */
	_Atomic uint32_t open_dirs;
	uint32_t max_dirs;
	/** Names counted without an item of their own: only_left, only_right. */
	uint64_t counted[2];
	/** The last step ended for want of descriptors, which items hold. */
	int waits;
	int done;
};

/**
 * Takes over two open directories; one of them may be -1, all names of the
 * other are then only there.
 * @return CORE_EMEMORY, the descriptors are then closed
 */
int32_t merge_init(struct merge *m, core_run *run, const struct config *config, const int fd[2],
		   const struct plat_stat id[2]);

/** Lists the roots, before the first merge_step(). @return 0, or the code in `*e` */
int32_t merge_list_root(struct merge *m, struct err *e);

/**
 * Goes on with the walk for a bounded time.
 * @param out   room for `room` items, at least 1
 * @param pending  items that were given out and are not yet found out about
 * @return items written, CORE_EMEMORY; `m->done` is set when the walk is over,
 *         `m->waits` when items must end before it can go on
 */
int32_t merge_step(struct merge *m, struct item *out, uint32_t room, int pending);

/** The path of a directory on one side. */
static inline const struct buf *dir_pair_path(const struct dir_pair *d, int side)
{
	return side == 1 && d->right.len > 0 ? &d->right : &d->path;
}

/** Releases what the driver holds. */
void merge_free(struct merge *m);

/** Lets go of an item's directory. Any thread. */
void dir_pair_unref(struct merge *m, struct dir_pair *d);

#endif
