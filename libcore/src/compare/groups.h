/* SPDX-License-Identifier: MIT */
/*
 * Many sources sorted by their contents, as a job: all are looked at first,
 * those of one size are a class, and classes are read until their members are
 * told apart or at their end. Groups are sent in the order of their first
 * members.
 */
#ifndef COMPARE_GROUPS_H
#define COMPARE_GROUPS_H

#include "compare/operands.h"
#include "core.h"
#include "pool/run.h"

struct member;

/**
 * Starts it. Takes over the members, of which only `src` is set, and what
 * their sources own, also on failure.
 * @return CORE_EMEMORY
 */
int32_t groups_start(core_run **out, core_pump *pump, uint64_t token, struct member *member, uint32_t count,
		     const struct core_groups_opts *opts);

/** The outcome of a run that has ended. */
void groups_result(core_run *run, struct core_groups_summary *out);

#endif
