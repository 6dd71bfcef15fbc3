/* SPDX-License-Identifier: MIT */
/* Comparisons of many sources for tests, and what they must come to. */
#ifndef GROUPS_H
#define GROUPS_H

#include "runs.h"

/** What a comparison of many sources said. */
struct grouped {
	struct core_groups_summary sum;
	/** A line for each group: its members, `=PROOF` where there are several, `!CODE` where it failed. Freed by the caller. */
	char *text;
};

/** How to compare, and what is done about a feed. */
struct grouping {
	uint32_t flags, jobs, chunk;
	/** Called between steps until the run has ended; NULL for nothing. */
	void (*meanwhile)(core_run *run, unsigned steps);
};

/** Runs a comparison to its end and deletes it; on the pool, or by steps in test mode. */
struct grouped groups_run(core_pump *pump, const struct core_source *sources, uint32_t n, const struct grouping *how);
/** The lines of groups that were sent. Freed by the caller. */
char *groups_lines(const struct records *records);

#endif
