/* SPDX-License-Identifier: MIT */
/*
 * Archives in two trees, looked into: of files that both trees have and whose
 * bytes are not the same, those that are archives on both sides become equal
 * if they can be read to their ends, and what is in them becomes entries of
 * the trees. Level by level, so that nothing is decoded whose bytes are the
 * same; each level reads once more what it needs.
 */
#ifndef COMPARE_NESTED_H
#define COMPARE_NESTED_H

#include "compare/beside.h"

struct candidate {
	uint32_t left, right;
};

struct nested {
	struct tree *tree;
	struct beside *beside;
	core_run *run;
	const struct config *config;
	enum { NESTED_PICK, NESTED_PAIR, NESTED_READ, NESTED_OVER } stage;
	/** From 1. */
	uint32_t level;
	/** The left entry that is looked at next, and entries of the left tree at the begin of the level. */
	uint32_t at;
	/** A pair of which it is found out whether the bytes are the same. */
	struct candidate pair;
	/** Files that are looked into. */
	struct candidate *candidates;
	uint32_t count, cap;
	struct look look;
	/** For trees that are no streams: entries of the tree itself, opened one after the other. */
	uint32_t *containers[2];
};

/** When both trees are listed and read, before they are sorted. */
void nested_init(struct nested *n, struct tree tree[2], struct beside *b, core_run *run, const struct config *config);

/**
 * Goes on for a bounded time.
 * @return a beside_state; CORE_EMEMORY, CORE_ELIMIT, or the code in `*e`
 */
int32_t nested_step(struct nested *n, struct task *task, struct err *e);

/** When no decoder reads any more. */
void nested_free(struct nested *n);

#endif
