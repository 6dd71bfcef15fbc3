/* SPDX-License-Identifier: MIT */
/* One path of two catalogued trees: what a worker finds out about it. */
#ifndef COMPARE_CONTENT_H
#define COMPARE_CONTENT_H

#include "compare/item.h"
#include "compare/tree.h"

/**
 * Finds out about a path that both trees have, or one; kinds and names are
 * settled. Any thread; the trees do not change any more.
 * @param entry  on each side, NULL where there is none
 * @return as item_compare()
 */
int32_t content_compare(struct item *it, const struct tree tree[2], const struct entry *const entry[2],
			core_run *run, const struct config *c);

#endif
