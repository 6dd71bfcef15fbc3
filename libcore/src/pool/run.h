/* SPDX-License-Identifier: MIT */
/*
 * A run: what a caller holds of a long operation, and what the operation's
 * tasks see of the caller. Records go through a ring with one writer at a
 * time (the tasks of a run take turns) and one reader, the caller's thread.
 */
#ifndef POOL_RUN_H
#define POOL_RUN_H

#include "base/err.h"
#include "core.h"
#include "pool/pool.h"
#include "pool/pump.h"

#include <stdatomic.h>

enum { RING_BYTES = 64 << 10 };

struct core_run {
	/** Who still uses it: the caller's handle and the job. */
	_Atomic uint32_t users;
	/** Who may still touch this struct: the users together, and the pump's ready list. */
	_Atomic uint32_t refs;
	core_pump *pump;
	struct ready ready;
	struct owned owned;

	/* The ring: positions only grow, so tail - head is what it holds. */
	uint8_t *_Atomic ring;
	_Atomic uint32_t head, tail;
	/** The reader found nothing and wants to be told. */
	_Atomic uint32_t armed;
	/** The writer's task, parked because the ring is full. */
	struct task *_Atomic blocked;

	_Atomic uint32_t discard, cancelled, ended;
	/** Woken when the run is cancelled. */
	struct task *lead;
	void *job;
	void (*job_free)(void *job);

	struct err err;
	struct {
		uint8_t *data;
		size_t len;
	} err_path;

	uint64_t started_ns;
	_Atomic uint64_t ended_ns;
	_Atomic uint64_t entries, entries_total, bytes_read, bytes_avoided, bytes_total;
	_Atomic uint32_t total_known;
};

/**
 * Makes a run for a job; `job_free` is called when both the caller and the
 * job have let go of it. `lead` is the task to wake when it is cancelled.
 * @return CORE_EMEMORY
 */
int32_t run_new(core_run **out, core_pump *pump, uint64_t token, struct task *lead, void *job,
		void (*job_free)(void *));

/** 1 when the caller wants no more. */
static inline int run_cancelled(const core_run *r)
{
	return atomic_load_explicit(&r->cancelled, memory_order_relaxed) != 0;
}

/**
 * Room for one record of `bytes` (a multiple of 8, at most RING_BYTES / 2).
 * @return 1 with the room in `*at`, or with NULL there when nobody wants records;
 *         0 when the ring is full: `t`, unless NULL, must park, and is woken when there is room;
 *         CORE_EMEMORY when the ring could not be made
 */
int32_t run_reserve(core_run *r, struct task *t, uint32_t bytes, uint8_t **at);
/** Publishes the record that was written to the room of run_reserve(). */
void run_commit(core_run *r, uint32_t bytes);

/** The run is over, with `e` (may be NULL) about the path. Once per run, by its last task. */
void run_end(core_run *r, const struct err *e, const uint8_t *path, size_t path_len);

/** One of the users lets go: the last one releases all but the struct itself. */
void run_unref(core_run *r);

uint64_t run_count(void);
uint64_t run_ring_count(void);

#endif
