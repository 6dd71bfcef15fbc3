/* SPDX-License-Identifier: MIT */
/*
 * How many remote sources are open at once, in the whole process. Whoever
 * needs several takes all places at once and before it opens any: two
 * comparisons that each hold one side and wait for the other cannot meet.
 */
#ifndef IO_GATE_H
#define IO_GATE_H

#include "pool/pool.h"

/** A place in the queue; all zero at first. Does not move while it waits. */
struct gate_wait {
	struct gate_wait *next;
	struct task *task;
	unsigned places;
	enum { GATE_IDLE, GATE_WAITS, GATE_IN } state;
};

/** How many there are. */
unsigned gate_places(void);

/**
 * Takes `places`, at most as many as there are, in the order of asking.
 * @return 1 when they are taken, to be given back with gate_leave(); 0 when
 *         `t` is to park: once it is woken, it calls again
 */
int gate_enter(struct gate_wait *w, unsigned places, struct task *t);
/** Leaves the queue; what was given meanwhile is given back. Harmless when it did not wait. */
void gate_cancel(struct gate_wait *w);
/** Gives places back. */
void gate_leave(unsigned places);

#endif
