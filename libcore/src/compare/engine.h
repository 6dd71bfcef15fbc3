/* SPDX-License-Identifier: MIT */
/*
 * A comparison as a job: up to `jobs` worker tasks take items from a bounded
 * window, share the segments of large files, and send the outcomes in the
 * window's order. One worker at a time drives the walk that fills it.
 */
#ifndef COMPARE_ENGINE_H
#define COMPARE_ENGINE_H

#include "compare/operand.h"
#include "core.h"
#include "pool/run.h"

/**
 * Starts a comparison. Takes over what the sides own, also on failure.
 * @return CORE_EMEMORY
 */
int32_t engine_start(core_run **out, core_pump *pump, uint64_t token, struct side side[2],
		     const struct core_compare_opts *opts);

/** The outcome of a run that has ended. */
void engine_result(core_run *run, struct core_compare_summary *out);

#endif
