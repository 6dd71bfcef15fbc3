/* SPDX-License-Identifier: MIT */
/*
 * A job that several tasks work on together: who is started, parked and
 * woken, who sends, and when it is over. What the work is, the job says.
 */
#ifndef POOL_CREW_H
#define POOL_CREW_H

#include "core.h"
#include "pool/pool.h"
#include "pool/run.h"

#include <pthread.h>

enum { CREW_MAX = 8 };

struct crew;

/** One of the tasks. */
struct crew_worker {
	struct task task;
	struct crew *crew;
	/** Its place in the crew, from 0. */
	unsigned index;
	int started, idle;
};

/** What a look for work came to. */
enum crew_work {
	/** There is none for this worker. */
	CREW_IDLE,
	CREW_WORKED,
	/** A stream must go on first; it wakes this worker. */
	CREW_WAITS,
};

/** What sending came to: bits. */
enum crew_sent {
	/** Something was sent, or need not be: work may go on that waited for it. */
	CREW_SENT = 1,
	/** The ring is full: run_reserve() has this worker woken when it is not. */
	CREW_FULL = 2,
};

/** The job. All but `finish` are called with the lock held. */
struct crew_ops {
	/** Does one piece of work, the long part of it between crew_leave() and crew_enter(). */
	enum crew_work (*work)(struct crew *, struct crew_worker *);
	/** Sends what is due, in order. One worker at a time, whoever comes by. */
	unsigned (*send)(struct crew *, struct crew_worker *);
	/** Whether one more worker would find something to do now. */
	int (*more)(const struct crew *);
	/** Whether nothing is left to be done or sent, now that nobody is at work. */
	int (*over)(const struct crew *);
	/** Has work that is under way end early. `stopped` is set. */
	void (*stop)(struct crew *);
	/** The last worker is done: ends the run. */
	void (*finish)(struct crew *);
};

struct crew {
	const struct crew_ops *ops;
	core_run *run;
	unsigned jobs;
	pthread_mutex_t lock;
	/* All below is under the lock. */
	struct crew_worker worker[CREW_MAX];
	unsigned live;
	/** Workers between crew_leave() and crew_enter(). */
	unsigned busy;
	/** Parked because the ring is full. */
	struct crew_worker *blocked;
	/** Nothing more is to be found out. */
	int stopped;
	/** Because the caller cancelled the run. */
	int cancelled;
	int over;
};

/**
 * Makes the run.
 * @param c     all zero
 * @param jobs  workers at most, 0 for as many as there are threads
 * @param free  as in run_new(); ends with crew_free()
 * @return CORE_EMEMORY; the job is then the caller's to free
 */
int32_t crew_new(struct crew *c, const struct crew_ops *ops, core_pump *pump, uint64_t token, uint32_t jobs,
		 void *job, void (*free)(void *));
/** Starts the first worker. Once, when all else of the job is ready. */
void crew_start(struct crew *c);
/** Releases what the crew itself has. Also for one that is all zero. */
void crew_free(struct crew *c);

/** Begins work without the lock. */
void crew_leave(struct crew *c);
/** Ends it. */
void crew_enter(struct crew *c);
/** Starts or wakes up to `n` workers; the lock is held. */
void crew_kick(struct crew *c, unsigned n);
/** Stops the job; the lock is held. A second time does nothing. */
void crew_stop(struct crew *c);

#endif
