/* SPDX-License-Identifier: MIT */
/*
 * A tree that a manifest lists: what its lines say becomes entries, and a
 * content is its digest. Beside any other tree it is a promise about that one.
 */
#ifndef COMPARE_LISTED_H
#define COMPARE_LISTED_H

#include "compare/item.h"
#include "compare/tree.h"

/** Takes the reader of the manifest over. Nothing is read yet. @return CORE_EMEMORY, also in `*e` */
int32_t listed_open(struct tree *t, struct err *e);

/**
 * Goes on reading the lines, for a bounded time. A manifest that turns out to
 * be damaged, or none, is a tree that is `broken`.
 * @return 1 when more is to come, 0 when it is listed, TREE_WAIT when `task` is woken, CORE_EMEMORY, CORE_ELIMIT
 */
int32_t listed_go_on(struct tree *t, struct task *task);

/** Closes the manifest. Harmless when it is closed. */
void listed_close(struct tree *t);

/**
 * Gives an outcome that is not as the tree of side `side` promises the error
 * CORE_EVERIFY, with what it promises. Any other outcome stays as it is.
 */
void listed_judge(struct item *it, int side);

/**
 * The error of an item in words, as err_text(): with the digests that were expected and found, where the content is
 * not what a manifest promises.
 */
size_t listed_text(const struct item *it, char *out, size_t cap);

#endif
