/* SPDX-License-Identifier: MIT */
/*
 * Two trees of which at least one is no local directory. First the bytes of
 * two archives are compared as they are: the same bytes are the same tree.
 * Then all names are listed and streams are read through, then the two lists
 * are merged into items, in the order of whole paths.
 */
#ifndef COMPARE_TREES_H
#define COMPARE_TREES_H

#include "compare/beside.h"
#include "compare/item.h"
#include "compare/nested.h"
#include "compare/tree.h"

enum trees_stage { TREES_OPEN, TREES_RAW, TREES_LIST, TREES_BESIDE, TREES_NESTED, TREES_MERGE, TREES_TELL, TREES_DONE };

struct trees {
	core_run *run;
	const struct config *config;
	struct tree tree[2];
	enum trees_stage stage;
	/** TREES_RAW: the two archives as files. */
	struct pair *raw;
	struct beside beside;
	struct nested nested;
	/** Where the merge stands in both lists. */
	uint32_t at[2];
	/** Names counted without an item of their own: only_left, only_right. */
	uint64_t counted[2];
	/** The side of the archive or manifest that is told of next in TREES_TELL. */
	int told;
	/** The side whose manifest is a promise about the other one; -1 for none. */
	int promise;
	/** A tree could not be opened at all. */
	struct err fatal;
};

/**
 * What of the options or sides has no meaning for such trees, in words; NULL for nothing.
 * @param dir  whether each side is a directory
 */
const char *trees_unfit(const struct config *config, const struct tree_origin from[2], const int dir[2]);

/** Takes over what the origins own. Nothing is read yet. */
void trees_init(struct trees *t, core_run *run, const struct config *config, const struct tree_origin from[2]);

/**
 * Goes on for a bounded time.
 * @param out   room for `room` items, at least 1
 * @return items written; TREES_WAIT when a stream must go on, which wakes
 *         `task`; CORE_EMEMORY, CORE_ELIMIT, or the code in `t->fatal`
 */
int32_t trees_step(struct trees *t, struct task *task, struct item *out, uint32_t room);
#define TREES_WAIT INT32_MAX

/** Finds out about an item; as item_compare(). */
int32_t trees_compare(const struct trees *t, struct item *it);

/** Whether nothing reads the origins any more; otherwise `task` is woken when it is worth another call. */
int trees_quiet(struct trees *t, struct task *task);

void trees_free(struct trees *t);

#endif
