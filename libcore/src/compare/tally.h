/* SPDX-License-Identifier: MIT */
/* Outcomes as numbers. */
#ifndef COMPARE_TALLY_H
#define COMPARE_TALLY_H

#include "compare/pair.h"

/** Counts an outcome by its status, and an equal one by its proof. */
void tally(struct core_compare_summary *s, const struct outcome *o);

/** Counts names that have no item of their own, only left and only right, and forgets them: how many there were. */
uint64_t tally_counted(struct core_compare_summary *s, uint64_t count[2]);

/** Whether an outcome is a difference that is proven. */
static inline int is_difference(const struct outcome *o)
{
	return o->status == CORE_STATUS_DIFFERENT || o->status == CORE_STATUS_ONLY_LEFT ||
	       o->status == CORE_STATUS_ONLY_RIGHT;
}

#endif
