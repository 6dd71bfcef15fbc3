/* SPDX-License-Identifier: MIT */
/* Two sources compared by compare/pair as the engine does it, in an order that a seed decides. */
#ifndef PAIRS_H
#define PAIRS_H

#include "compare/pair.h"
#include "core.h"

#include <stddef.h>
#include <stdint.h>

enum { CHUNK = 4096, SEGMENT = 4 * CHUNK };
#define NOWHERE UINT64_MAX

/** How a source is opened. */
enum how { MEMORY, DISK, FEED };

/** What is compared; zero but for how, and bytes with their length or a path. */
struct source {
	enum how how;
	const uint8_t *bytes;
	size_t len;
	const char *path;
	core_feed *feed;
	size_t fed;
};

/** The run that all pairs count into, and the task that works on them. */
extern core_run pairs_run;
extern struct task pairs_task;

/** Sets of flags that change how a pair is compared, not what is true of it. */
enum { FLAG_SETS = 5 };
extern const uint32_t pairs_flags[FLAG_SETS];

/** The file of a side. */
const char *pairs_path(int side);
void pairs_open(struct source *s, int side, struct reader *r);
/**
 * Compares as the engine does: up to four segments are out at a time, worked
 * on and booked in an order the seed decides.
 */
struct outcome pairs_compare(struct source *a, struct source *b, uint32_t flags, uint32_t chunk, uint64_t seed);
/** Ends what pairs_open() began, and checks that nothing is left. */
void pairs_end(void);

#endif
