/* SPDX-License-Identifier: MIT */
/*
 * Sources that are opened from afar, with a made-up network in place of one:
 * it goes on when the test says so, and a seed says in which order. In the
 * pool's test mode.
 */
#ifndef FAR_H
#define FAR_H

#include "base/digest.h"
#include "core.h"
#include "io/opener.h"
#include "io/ring.h"

#include <stddef.h>
#include <stdint.h>

enum { MAX_FAR = 160, FAR_RING = 8192 };

/** A source far away. */
struct far {
	struct opener opener;
	const uint8_t *bytes;
	size_t len, sent;
	/** Steps until it is ready, or has failed. */
	unsigned delay;
	/** Codes that opening it, or waiting for it, comes to; and whether it breaks off at its end. */
	int32_t open_fails, ready_fails, breaks;
	int knows_size, opened, closed, ready, wants_room;
	struct reader_want want;
	struct task *waiter;
	struct ring ring;
	struct digest_set digests;
};

/** All of them, how many there are, and how many were open at once at most. */
extern struct far far[MAX_FAR];
extern unsigned fars, far_most_open;

/** One more of them, which is ready after `delay` steps, and knows its size. */
struct far *far_new(const uint8_t *bytes, size_t len, unsigned delay);

/** The pump of the test. */
extern core_pump *far_pump;
/** Begins a test in test mode, and ends it: nothing may be left. */
void far_begin(uint64_t seed);
void far_end(void);
/** Lets the pool and the network take turns, as the seed says: 0 when both stand still. */
int far_turn(void);
/** Whether a run has ended. */
int far_has_ended(core_run *run);
/** Takes turns until a run has ended, and deletes it. */
struct core_compare_summary far_finish(core_run *run);

#endif
