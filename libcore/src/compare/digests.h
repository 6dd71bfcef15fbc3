/* SPDX-License-Identifier: MIT */
/*
 * What is in one tree, with a digest of each file, as a job: a walk in the
 * order of whole paths, files hashed by several workers, entries sent and
 * written to a manifest in that order.
 */
#ifndef COMPARE_DIGESTS_H
#define COMPARE_DIGESTS_H

#include "core.h"
#include "pool/run.h"

/**
 * Starts it. Takes over `root` and `output` (NULL for none), NUL-terminated,
 * also on failure.
 * @return CORE_EMEMORY
 */
int32_t digests_start(core_run **out, core_pump *pump, uint64_t token, char *root, char *output,
		      const struct core_digest_opts *opts);

/** The outcome of a run that has ended. */
void digests_result(core_run *run, struct core_digest_summary *out);

#endif
