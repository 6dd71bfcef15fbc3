/* SPDX-License-Identifier: MIT */
/* Outcomes as numbers. */
#ifndef COMPARE_TALLY_H
#define COMPARE_TALLY_H

#include "compare/pair.h"

/** Counts an outcome by its status, and an equal one by its proof. */
void tally(struct core_compare_summary *s, const struct outcome *o);

#endif
