/* SPDX-License-Identifier: MIT */
/*
 * Paths that the caller gave, looked for in two trees where spelling does
 * not count: part by part, in the directories on the way, which are listed
 * for it. A path that both trees have as it was given is that path, and costs
 * two calls.
 */
#ifndef COMPARE_NAMED_H
#define COMPARE_NAMED_H

#include "compare/merge.h"

/**
 * Fills the lists and the order of the root from the paths of the
 * configuration. Names of kind CORE_KIND_NONE are known to be missing; what
 * could not be looked for is in `errs`.
 * @return 0, also when the run was cancelled meanwhile; or the code in `*e`
 */
int32_t named_find(struct merge *m, struct err *e);

#endif
