/* SPDX-License-Identifier: MIT */
/*
 * The process-wide thread pool. Work comes as tasks: a task is a step
 * function with its own state, called again and again until it is done. A
 * step works for a bounded time and never waits: not for a consumer, not for
 * another task. When it has nothing to do it parks, and whoever makes work
 * for it wakes it.
 *
 * Life of a task, each arrow a compare-and-swap:
 *
 *   submit -> QUEUED -> RUNNING -> QUEUED    (STEP_MORE, or woken meanwhile)
 *                               -> PARKED    (STEP_PARK) -> QUEUED by a wake
 *                               -> gone      (STEP_DONE)
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stddef.h>
#include <stdint.h>

enum step {
	/** Call again, after other tasks had their turn. */
	STEP_MORE,
	/** Call again after pool_wake(); a wake during the step counts. */
	STEP_PARK,
	/** Never call again: the pool does not touch the task any more. */
	STEP_DONE,
};

struct task {
	enum step (*step)(struct task *);
	struct task *next;
	_Atomic uint32_t state;
};

/** Makes the threads, once per process: 0, or CORE_ELIMIT when not even one can be made. */
int32_t pool_start(void);
/** How many threads tasks can run on at once, at least 1. Valid after pool_start(). */
unsigned pool_threads(void);
/** Hands a task over, for the first time. */
void pool_submit(struct task *t);
/** Has a parked task called again. Harmless on one that is queued or running; never on one that is done. */
void pool_wake(struct task *t);

/** Memory of the calling thread, 64-byte aligned, kept until it asks for more; NULL when memory ran out. */
void *pool_scratch(size_t size);
/** Nanoseconds that never run backwards; in test mode, those of the virtual clock. */
uint64_t pool_now(void);

/** Tasks that are queued, running or parked. */
uint64_t pool_tasks(void);
/** Steps run so far. */
uint64_t pool_steps(void);

/**
 * Test mode: no threads; the test calls pool_test_step(), which runs one
 * step of a queued task that the seed chooses, and moves the virtual clock
 * by a millisecond. To be entered before pool_start(), from one thread.
 */
void pool_test_begin(uint64_t seed);
/** Runs one step: 1, or 0 when no task is queued. */
int pool_test_step(void);
/** Leaves test mode. */
void pool_test_end(void);

#endif
