/* SPDX-License-Identifier: MIT */
#include "pool/run.h"

#include "base/alloc.h"

#include <string.h>

enum { RING_MASK = RING_BYTES - 1 };

static _Atomic uint64_t live_runs, live_rings;

static core_run *run_of_ready(struct ready *x)
{
	return (core_run *)(void *)((char *)x - offsetof(core_run, ready));
}

static void ready_ref(struct ready *x)
{
	atomic_fetch_add(&run_of_ready(x)->refs, 1);
}

static void unref(core_run *r)
{
	if (atomic_fetch_sub(&r->refs, 1) != 1)
		return;
	pump_unref(r->pump);
	mem_free(r);
}

static void ready_unref(struct ready *x)
{
	unref(run_of_ready(x));
}

static void owned_close(struct owned *o)
{
	core_run_del((core_run *)(void *)((char *)o - offsetof(core_run, owned)));
}

int32_t run_new(core_run **out, core_pump *pump, uint64_t token, struct task *lead, void *job,
		void (*job_free)(void *))
{
	core_run *r = mem_zalloc(1, sizeof *r);

	if (!r)
		return CORE_EMEMORY;
	/* The caller's handle and the job; together they hold one reference. */
	atomic_init(&r->users, 2);
	atomic_init(&r->refs, 1);
	r->pump = pump;
	pump_ref(pump);
	r->ready = (struct ready){.token = token, .ref = ready_ref, .unref = ready_unref};
	r->owned.close = owned_close;
	pump_own(pump, &r->owned);
	r->lead = lead;
	r->job = job;
	r->job_free = job_free;
	r->started_ns = pool_now();
	atomic_fetch_add(&live_runs, 1);
	*out = r;
	return 0;
}

/*
 * Gives the ring back, once: nobody writes any more, and who reads has lost
 * interest or is gone.
 */
static void drop_ring(core_run *r)
{
	uint8_t *ring = atomic_exchange(&r->ring, NULL);

	if (ring)
		atomic_fetch_sub(&live_rings, 1);
	mem_free(ring);
}

void run_unref(core_run *r)
{
	if (atomic_fetch_sub(&r->users, 1) != 1)
		return;
	/* Not later, by unref(): a thread without open runs does not empty its ready list. */
	r->job_free(r->job);
	drop_ring(r);
	mem_free(r->err_path.data);
	atomic_fetch_sub(&live_runs, 1);
	unref(r);
}

/* ---------------------------------------------------------------- writer */

static int has_room(const core_run *r, uint32_t bytes)
{
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t to_end = RING_BYTES - (tail & RING_MASK);
	/* A record never wraps: what is left at the end is padded away. */
	uint32_t need = bytes <= to_end ? bytes : to_end + bytes;

	return RING_BYTES - (tail - atomic_load(&r->head)) >= need;
}

int32_t run_reserve(core_run *r, struct task *t, uint32_t bytes, uint8_t **at)
{
	*at = NULL;
	if (atomic_load(&r->discard) || run_cancelled(r))
		return 1;
	uint8_t *ring = atomic_load_explicit(&r->ring, memory_order_relaxed);
	if (!ring) {
		ring = mem_alloc(RING_BYTES);
		if (!ring)
			return CORE_EMEMORY;
		atomic_store_explicit(&r->ring, ring, memory_order_relaxed);
		atomic_fetch_add(&live_rings, 1);
	}
	if (!has_room(r, bytes)) {
		if (!t)
			return 0;
		atomic_store(&r->blocked, t);
		/* The reader may have made room, or lost interest, before it could see `blocked`. */
		if (!has_room(r, bytes) && !atomic_load(&r->discard) && !run_cancelled(r)) {
			pump_notify(r->pump, &r->ready);
			return 0;
		}
		atomic_store(&r->blocked, NULL);
		if (atomic_load(&r->discard) || run_cancelled(r))
			return 1;
	}
	uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	uint32_t to_end = RING_BYTES - (tail & RING_MASK);
	if (bytes > to_end) {
		struct core_rec pad = {.bytes = to_end, .type = 0};
		memcpy(ring + (tail & RING_MASK), &pad, sizeof pad);
		atomic_store(&r->tail, tail + to_end);
		tail += to_end;
	}
	*at = ring + (tail & RING_MASK);
	return 1;
}

void run_commit(core_run *r, uint32_t bytes)
{
	atomic_store(&r->tail, atomic_load_explicit(&r->tail, memory_order_relaxed) + bytes);
	if (atomic_exchange(&r->armed, 0))
		pump_notify(r->pump, &r->ready);
}

void run_end(core_run *r, const struct err *e, const uint8_t *path, size_t path_len)
{
	if (e)
		r->err = *e;
	if (path_len > 0) {
		/* Without memory for it the error goes without its path. */
		r->err_path.data = mem_alloc(path_len);
		if (r->err_path.data) {
			memcpy(r->err_path.data, path, path_len);
			r->err_path.len = path_len;
		}
	}
	atomic_store(&r->ended_ns, pool_now());
	atomic_store(&r->ended, 1);
	/* A run that is only awaited holds no ring until somebody comes to close it. */
	if (atomic_load(&r->discard))
		drop_ring(r);
	pump_notify(r->pump, &r->ready);
}

/* ---------------------------------------------------------------- reader */

static uint32_t state_of(const core_run *r)
{
	uint32_t state = 0;

	/* `ended` first: what was written before the end is then seen too. */
	if (atomic_load(&r->ended))
		state |= CORE_RUN_ENDED;
	if (atomic_load(&r->tail) != atomic_load(&r->head) && !atomic_load(&r->discard))
		state |= CORE_RUN_RECORDS;
	if (atomic_load(&r->blocked))
		state |= CORE_RUN_FULL;
	return state;
}

/* Lets the writer go on once half of the ring is free. */
static void unblock(core_run *r)
{
	uint32_t used = atomic_load(&r->tail) - atomic_load(&r->head);

	if (used > RING_BYTES / 2)
		return;
	struct task *t = atomic_exchange(&r->blocked, NULL);
	if (t)
		pool_wake(t);
}

/* Copies what fits, returns the bytes written. */
static uint64_t copy_out(core_run *r, uint8_t *buf, uint64_t cap)
{
	uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	uint32_t tail = atomic_load(&r->tail);
	const uint8_t *ring = atomic_load_explicit(&r->ring, memory_order_relaxed);
	uint64_t used = 0;

	/* A record that was being written when the caller lost interest is dropped with the rest. */
	if (atomic_load(&r->discard))
		head = tail;
	while (head != tail) {
		struct core_rec rec;
		memcpy(&rec, ring + (head & RING_MASK), sizeof rec);
		if (rec.type != 0) {
			if (rec.bytes > cap - used)
				break;
			memcpy(buf + used, ring + (head & RING_MASK), rec.bytes);
			used += rec.bytes;
		}
		head += rec.bytes;
	}
	atomic_store(&r->head, head);
	return used;
}

int32_t core_run_drain(core_run *r, uint8_t *buf, uint64_t cap, uint64_t *used, uint32_t *state)
{
	if (cap < RING_BYTES)
		return CORE_EUSAGE;
	do {
		*used = copy_out(r, buf, cap);
		if (*used == 0) {
			atomic_store(&r->armed, 1);
			/* A record that came before the writer could see `armed` is not announced. */
			*used = copy_out(r, buf, cap);
			if (*used > 0)
				atomic_store(&r->armed, 0);
		}
		unblock(r);
		*state = state_of(r);
		/* What came meanwhile, perhaps with the end, comes first: an end without bytes is the end of the records. */
	} while (*used == 0 && (*state & CORE_RUN_RECORDS));
	return 0;
}

int32_t core_run_discard(core_run *r)
{
	atomic_store(&r->discard, 1);
	atomic_store(&r->head, atomic_load(&r->tail));
	unblock(r);
	/* Whichever comes second, this or the end, sees the other. */
	if (atomic_load(&r->ended))
		drop_ring(r);
	return 0;
}

int32_t core_run_cancel(core_run *r)
{
	if (!atomic_exchange(&r->cancelled, 1) && !atomic_load(&r->ended)) {
		struct task *t = atomic_exchange(&r->blocked, NULL);
		if (t)
			pool_wake(t);
		pool_wake(r->lead);
	}
	return 0;
}

int32_t core_run_progress(core_run *r, struct core_progress *out)
{
	uint64_t end = atomic_load(&r->ended_ns);

	*out = (struct core_progress){
		.state = state_of(r),
		/* Before the numbers it is about. */
		.total_known = atomic_load(&r->total_known),
		.entries = atomic_load(&r->entries),
		.entries_total = atomic_load(&r->entries_total),
		.bytes_read = atomic_load(&r->bytes_read),
		.bytes_avoided = atomic_load(&r->bytes_avoided),
		.bytes_total = atomic_load(&r->bytes_total),
		.elapsed_ns = (end ? end : pool_now()) - r->started_ns,
	};
	return 0;
}

static uint64_t copy_cut(uint8_t *to, uint64_t cap, const void *from, uint64_t len)
{
	memcpy(to, from, len < cap ? len : cap);
	return len;
}

int32_t core_run_error(core_run *r, uint8_t *buf, uint64_t cap, uint64_t *needed, uint8_t *path,
		       uint64_t path_cap, uint64_t *path_needed, int32_t *sys)
{
	*needed = 0;
	*path_needed = 0;
	*sys = 0;
	if (!atomic_load(&r->ended) || r->err.code == 0)
		return 0;
	char text[256];
	*needed = copy_cut(buf, cap, text, err_text(&r->err, text, sizeof text));
	if (r->err_path.len > 0)
		*path_needed = copy_cut(path, path_cap, r->err_path.data, r->err_path.len);
	*sys = r->err.sys;
	return r->err.code;
}

void core_run_del(core_run *r)
{
	if (!r)
		return;
	core_run_cancel(r);
	pump_disown(&r->owned);
	run_unref(r);
}

uint64_t run_count(void)
{
	return atomic_load(&live_runs);
}

uint64_t run_ring_count(void)
{
	return atomic_load(&live_rings);
}
