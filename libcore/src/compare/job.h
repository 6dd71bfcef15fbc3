/* SPDX-License-Identifier: MIT */
/* The inside of a comparison's job, for engine.c and begin.c only. */
#ifndef COMPARE_JOB_H
#define COMPARE_JOB_H

#include "compare/engine.h"
#include "compare/item.h"
#include "compare/merge.h"
#include "compare/operands.h"
#include "compare/renames.h"
#include "compare/trees.h"

#include <pthread.h>

enum {
	MAX_WORKERS = 8,
	/** Items in flight; a power of two. */
	WINDOW = 1024,
	/** The walk goes on while fewer items than this wait for a worker. */
	LOW_WATER = 256,
	/** Items the walk makes at a time. */
	DRIVE_ITEMS = 128,
	/** Items a worker takes at a time. */
	BATCH = 16,
	/** How often a worker that finds no descriptor free lets others work first. */
	MAX_WAITS = 10000,
	/** The same where no task of ours holds any: what else there is in the process, or the system, may give one back. */
	ALONE_WAITS = 1000,
	DEFAULT_CHUNK = 256 << 10,
};

struct engine;

struct worker {
	struct task task;
	struct engine *engine;
	int started, idle;
	/** Items it has taken: positions in the window. */
	uint64_t at, end;
	/** Some of them are not begun. */
	int holds;
	unsigned waits;
	/** What it does once all entries are sent. */
	struct rename_work rename;
};

struct engine {
	core_run *run;
	struct side side[2];
	struct config config;
	unsigned jobs;
	int resolved;
	struct operands operands;

	pthread_mutex_t lock;
	/* All below is under the lock, except that a worker owns the items it took
	 * and the driver owns the free places behind `tail`. */
	struct worker worker[MAX_WORKERS];
	unsigned live;
	struct item *window;
	/** Positions: sent, taken, made. */
	uint64_t head, taken, tail;
	/** Records sent. */
	uint64_t sent;
	struct merge merge;
	struct trees trees;
	/** The sides are trees; they are catalogued, so that `trees` drives instead of `merge`. */
	int tree, catalogued, driving, starved;
	/** Names of one content under other paths; NULL where nobody wants them. */
	struct renames *renames;
	/** How much there is has been told. */
	int entries_told, bytes_told;
	/** Items with segments to work on, oldest first. */
	struct item *scan[2 * MAX_WORKERS];
	unsigned scans;
	/** Items whose content is far away: those being compared, and those whose turn has not come, oldest first. */
	struct away *away, *away_next, **away_end;
	unsigned aways, max_aways;
	/** Workers that work without the lock. */
	unsigned busy;
	/** A worker is parked because the ring is full. */
	struct worker *blocked;
	/** Nothing more is to be found out: an error, a cancel, or a difference that suffices. */
	int stop, cancelled, over;
	/** After a stop: nothing is decoded any more. */
	int quiet;
	struct err fatal;
	struct core_compare_summary sum;
};

static inline struct item *slot(const struct engine *e, uint64_t pos)
{
	return &e->window[pos & (WINDOW - 1)];
}

/** Ends the job with a failure; the first one counts. The lock is held, as in all functions below. */
void job_fail(struct engine *e, const struct err *err);
/** As job_fail(), for want of memory. */
void job_fail_memory(struct engine *e);
/** Starts or wakes up to `n` workers. */
void job_kick(struct engine *e, unsigned n);
/** An item's outcome is final. */
void job_item_done(struct engine *e, struct item *it);
/** Whether a worker that found no descriptor free is to try once more: others give back theirs when they are done. */
int job_may_try_again(struct worker *w, uint64_t own_tasks);

/**
 * Opens the operands, and begins as they are to be compared. Only the first
 * worker is there yet.
 * @return 1, or -1 when a source must answer first
 */
int job_begin(struct engine *e, struct worker *w);

#endif
