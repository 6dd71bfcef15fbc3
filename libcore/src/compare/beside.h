/* SPDX-License-Identifier: MIT */
/*
 * The content of trees that are streams, read beside that of the other tree:
 * two archives while their orders agree, an archive beside a tree that gives
 * any content at any time. Where orders differ, contents become digests.
 */
#ifndef COMPARE_BESIDE_H
#define COMPARE_BESIDE_H

#include "compare/tree.h"

/** What beside_step() says, unless it fails. */
enum beside_state {
	BESIDE_OVER,
	BESIDE_MORE,
	/** A stream has nothing yet; the task is woken when it has. */
	BESIDE_WAIT,
};

struct beside {
	struct tree *tree;
	core_run *run;
	const struct config *config;
	/** Every content becomes a digest. */
	int digests;
	/** What both streams stand at, or a stream and the other tree's entry, being compared. */
	struct pair *pair;
	/** The sides that go on when it is done. */
	int from[2];
	/** The entry of the left tree that keeps the outcome; `root` keeps all of it where the trees are two files. */
	uint32_t left;
	struct outcome root;
	/** The content of side `digesting` becomes a digest; -1 for none. */
	int digesting;
	struct reader reader;
	struct hasher *hasher;
	enum digest_kind kind;
	uint64_t size;
	/** A difference is proven. */
	int differs;
};

/** Before the first beside_step(), when both trees are open and all that is no stream is listed. */
void beside_init(struct beside *b, struct tree tree[2], core_run *run, const struct config *config, int digests);

/**
 * Goes on for a bounded time.
 * @return a beside_state, CORE_EMEMORY, CORE_ELIMIT
 */
int32_t beside_step(struct beside *b, struct task *task);

/**
 * Begins to compare two files of which one at least is in a tree that is no
 * stream, and the other may have a digest; beside_step() goes on with that
 * until it is over, and the left entry has the outcome.
 * @return 0, CORE_EMEMORY
 */
int32_t beside_pair(struct beside *b, uint32_t left, uint32_t right);

/** 1 when an outcome needs a digest that was not made: the streams are to be read again, with digests. */
int beside_lacks_digests(const struct beside *b);

void beside_free(struct beside *b);

#endif
