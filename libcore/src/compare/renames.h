/* SPDX-License-Identifier: MIT */
/*
 * Files that are on one side only, and on the other under another name. They
 * are gathered while entries are sent; when all are, those of one size are
 * told apart by the digest of their beginning, then of all of them, and names
 * of the same content are put together. Empty files are left out: they are
 * all the same, and nobody knows which became which.
 *
 * Except for renames_work() the caller serialises all calls; renames_work()
 * runs on many threads, each with a piece of work of its own.
 */
#ifndef COMPARE_RENAMES_H
#define COMPARE_RENAMES_H

#include "compare/config.h"
#include "compare/item.h"
#include "compare/tree.h"
#include "pool/run.h"

enum {
	/** One-sided files that are remembered where the caller does not say. */
	DEFAULT_RENAMES = 400000,
};

struct renames;

/** A piece of work: sorting all, or a file that is read. */
struct rename_work {
	/** Place of the name, UINT32_MAX when all are sorted, or nothing is to be done. */
	uint32_t name;
	/** 1 while it is somebody's. */
	int taken;
	/** What came of renames_work(): 1 when it is done. */
	int done;
	struct reader reader;
	struct hasher *hasher;
	uint64_t read;
};

/** Two names of one content. */
struct rename_pair {
	const uint8_t *from, *to;
	uint32_t from_len, to_len;
	uint64_t size;
	/** One-sided names of this content on each side. */
	uint32_t candidates[2];
};

/**
 * Makes it.
 * @param tree   the two trees where they are catalogued, which must outlive it; NULL for directories
 * @param fd     those directories, of which it keeps descriptors of its own
 * @param limit  names to be remembered, 0 for DEFAULT_RENAMES
 * @return 0, CORE_EMEMORY, or the code in `*e`
 */
int32_t renames_new(struct renames **out, core_run *run, const struct config *config, const struct tree *tree,
		    const int fd[2], uint32_t limit, struct err *e);

/** Remembers an item if it is a file on one side only. In the order of paths. @return 0 or CORE_EMEMORY */
int32_t renames_add(struct renames *r, const struct item *it);

/**
 * Takes a piece of work once all items are added.
 * @param w  a place of the caller's, zero at first; one in which a file is being read goes on with it
 * @return 1, or 0 when there is none now: others are at work, or all is found
 */
int renames_claim(struct renames *r, struct rename_work *w);
/** Does a bounded part of it. @return 0, CORE_ELIMIT when no descriptor was left, CORE_EMEMORY */
int32_t renames_work(struct renames *r, struct rename_work *w);
/** Gives it back: 1 when there may be work for others now. */
int renames_complete(struct renames *r, struct rename_work *w);
/** Gives up on a file that could not be opened for want of descriptors. */
void renames_give_up(struct renames *r, struct rename_work *w);
/** Closes what a piece of work has open. */
void rename_work_end(struct rename_work *w);

/** 1 when all is found, and told with renames_next(). */
int renames_over(const struct renames *r);
/** The next two names in the order of the left ones, without moving on: 1, or 0 when there are none (yet). */
int renames_peek(const struct renames *r, struct rename_pair *out);
/** Moves on. */
void renames_next(struct renames *r);

/** One-sided files that were not looked at: beyond the limit, unreadable, changed while they were read. */
uint64_t renames_skipped(const struct renames *r);
/** Pairs of names, once all are found. */
uint64_t renames_found(const struct renames *r);

/** NULL is fine. */
void renames_del(struct renames *r);

#endif
