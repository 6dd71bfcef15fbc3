/* SPDX-License-Identifier: MIT */
/* pool/run: the ring between a job and its caller. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "pool/run.h"
#include "runs.h"
#include "writers.h"

#include <stdlib.h>
#include <string.h>

static void wraps_and_pads(void)
{
	uint64_t bytes = mem_bytes();
	uint64_t records = 0;

	for (uint64_t seed = 1; seed <= check_rounds(200); seed++) {
		core_pump *pump;
		core_run *run;
		struct reading r = {0};
		uint64_t rng = seed;
		pool_test_begin(seed);
		CHECK_EQ(core_pump_new(&pump), 0);
		/* Up to what a record may be at most. */
		struct writer *w = writer_start(pump, 1, 300, seed % 2 ? RING_BYTES / 2 : 4096, seed, &run);
		pool_submit(&w->task);
		for (int over = 0; !over;) {
			/* Sometimes the writer runs into the full ring, sometimes it never does. */
			uint64_t steps = rng_next(&rng) % (seed % 3 ? 4 : 200);
			while (steps-- > 0 && pool_test_step())
				;
			writer_drain(run, &r);
			over = (r.state & CORE_RUN_ENDED) && !(r.state & CORE_RUN_RECORDS);
		}
		CHECK_EQ(r.expected, 300);
		records += r.expected;
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
	}
	runs_clean(bytes);
	check_note("%llu records", (unsigned long long)records);
}

/* Records of one size, from every position the ring can be at. */
static void every_size_and_position(void)
{
	static const uint32_t sizes[] = {16, 24, 32, 40, 1000, 4096, 8192, 21848, 32760, 32768};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		core_pump *pump;
		core_run *run;
		uint32_t expected = 0;
		pool_test_begin(1);
		CHECK_EQ(core_pump_new(&pump), 0);
		struct writer *w = writer_start(pump, 1, 0, 64, 1, &run);
		uint32_t size = sizes[i], sent = 0;
		for (unsigned round = 0; round < 3 * RING_BYTES / size + 200; round++) {
			/* An odd one first, so that positions shift. */
			uint32_t each[2] = {16 + 8 * (round % 5), size};
			for (int k = 0; k < 2; k++) {
				uint8_t *at = NULL;
				int32_t rc = run_reserve(run, &w->task, each[k], &at);
				if (rc == 0) {
					/* Refused only for want of room: what is in there and this one do not fit. */
					uint32_t held = atomic_load(&run->tail) - atomic_load(&run->head);
					CHECK(held + each[k] + size > RING_BYTES || held + 2 * size > RING_BYTES);
					struct reading r = {.expected = expected};
					writer_drain(run, &r);
					expected = r.expected;
					rc = run_reserve(run, &w->task, each[k], &at);
				}
				CHECK_EQ(rc, 1);
				CHECK(at != NULL && ((uintptr_t)at & 7) == 0);
				CHECK((size_t)(at - run->ring) + each[k] <= RING_BYTES);
				struct numbered n = {{each[k], 77}, sent++, each[k]};
				memcpy(at, &n, sizeof n);
				for (size_t b = sizeof n; b < each[k]; b++)
					at[b] = numbered_byte(n.number, b);
				run_commit(run, each[k]);
			}
		}
		struct reading r = {.expected = expected};
		writer_drain(run, &r);
		CHECK_EQ(r.expected, sent);
		pool_submit(&w->task);
		while (pool_test_step())
			;
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
	}
}

static void full_parks_writer(void)
{
	core_pump *pump;
	core_run *run;
	struct reading r = {0};
	uint64_t token, bytes = mem_bytes();
	uint32_t n;

	pool_test_begin(3);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = writer_start(pump, 42, 5000, 1024, 9, &run);
	pool_submit(&w->task);
	while (pool_test_step())
		;
	CHECK(w->next > 20 && w->next < 5000);
	struct core_progress p;
	core_run_progress(run, &p);
	CHECK_EQ(p.state, CORE_RUN_RECORDS | CORE_RUN_FULL);
	CHECK_EQ(core_pump_ready(pump, &token, 1, &n), 0);
	CHECK_EQ(n, 1);
	CHECK_EQ(token, 42);
	CHECK_EQ(core_pump_ready(pump, &token, 1, &n), 0);
	CHECK_EQ(n, 0);
	/* Nothing moves however long nobody reads. */
	uint32_t stands = w->next;
	CHECK(!pool_test_step());
	CHECK_EQ(w->next, stands);
	writer_drain(run, &r);
	CHECK_EQ(r.expected, stands);
	CHECK_EQ(r.state, 0);
	CHECK(pool_test_step());
	while (pool_test_step())
		;
	CHECK(w->next > stands);
	CHECK(w->pending != 0);
	core_run_del(run);
	while (pool_test_step())
		;
	core_pump_del(pump);
	pool_test_end();
	runs_clean(bytes);
}

static void discard_lets_go_on(void)
{
	core_pump *pump;
	core_run *run;
	struct reading r = {0};
	uint64_t bytes = mem_bytes();

	for (int when = 0; when < 3; when++) {
		pool_test_begin(3);
		CHECK_EQ(core_pump_new(&pump), 0);
		struct writer *w = writer_start(pump, 42, 5000, 1024, 9, &run);
		if (when == 0)
			core_run_discard(run);
		pool_submit(&w->task);
		for (int i = 0; i < (when == 1 ? 3 : 100000) && pool_test_step(); i++)
			;
		if (when > 0)
			core_run_discard(run);
		while (pool_test_step())
			;
		writer_drain(run, &r);
		CHECK_EQ(r.used, 0);
		CHECK_EQ(r.state, CORE_RUN_ENDED);
		/* Nobody reads any more and nobody writes: the ring is gone before the run is. */
		CHECK_EQ(run_ring_count(), 0);
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
		runs_clean(bytes);
	}
}

/* A record that was being written while the caller lost interest does not come out after all. */
static void discard_meets_record(void)
{
	core_pump *pump;
	core_run *run;
	struct reading r = {0};
	uint8_t *at;

	pool_test_begin(3);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = writer_start(pump, 42, 0, 64, 9, &run);
	CHECK_EQ(run_reserve(run, &w->task, 16, &at), 1);
	core_run_discard(run);
	struct numbered n = {{16, 77}, 0, 16};
	memcpy(at, &n, sizeof n);
	run_commit(run, 16);
	writer_drain(run, &r);
	CHECK_EQ(r.used, 0);
	CHECK_EQ(r.state & CORE_RUN_RECORDS, 0);
	pool_submit(&w->task);
	while (pool_test_step())
		;
	core_run_del(run);
	core_pump_del(pump);
	pool_test_end();
}

static _Alignas(8) uint8_t drained[RING_BYTES];

static void drain_wants_room(void)
{
	core_pump *pump;
	core_run *run;
	uint64_t used = 99;
	uint32_t state = 99;

	pool_test_begin(5);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = writer_start(pump, 1, 0, 64, 1, &run);
	CHECK_EQ(core_run_drain(run, drained, RING_BYTES - 1, &used, &state), CORE_EUSAGE);
	CHECK_EQ(used, 99);
	CHECK_EQ(state, 99);
	pool_submit(&w->task);
	while (pool_test_step())
		;
	core_pump_del(pump);
	pool_test_end();
}

static void stress(void (*wait)(core_pump *))
{
	core_pump *pump;
	core_run *run;

	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (uint64_t round = 0; round < 4; round++) {
		static const uint32_t largest[] = {16, 64, 2048, RING_BYTES / 2}, per_step[] = {1, 1, 7, 100};
		uint32_t count = check_rounds(round == 3 ? 30000 : 200000);
		struct reading r = {0};
		struct writer *w = writer_start(pump, round, count, largest[round], round, &run);
		w->per_step = per_step[round];
		pool_submit(&w->task);
		writer_consume(pump, run, &r, wait);
		CHECK_EQ(r.expected, count);
		core_run_del(run);
	}
	core_pump_del(pump);
	runs_settle();
}

static void stress_wait(void)
{
	stress(writer_wait);
}

static void stress_fd(void)
{
	stress(writer_poll);
}

/* A job that sends one record each time it is asked and then parks: each must be told of by itself. */
struct answerer {
	struct task task;
	core_run *run;
	_Atomic uint32_t asked;
	uint32_t sent;
};

static enum step answerer_step(struct task *t)
{
	struct answerer *a = (struct answerer *)(void *)t;

	if (run_cancelled(a->run)) {
		core_run *run = a->run;
		run_end(run, NULL, NULL, 0);
		run_unref(run);
		return STEP_DONE;
	}
	while (a->sent < atomic_load(&a->asked)) {
		uint8_t *at;
		struct numbered n = {{16, 77}, a->sent++, 16};
		if (run_reserve(a->run, t, 16, &at) != 1 || !at)
			abort();
		memcpy(at, &n, sizeof n);
		run_commit(a->run, 16);
	}
	return STEP_PARK;
}

static void each_record_is_told(void)
{
	core_pump *pump;
	core_run *run;
	struct reading r = {0};
	struct answerer *a = mem_zalloc(1, sizeof *a);

	CHECK(a);
	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
	a->task.step = answerer_step;
	CHECK_EQ(run_new(&a->run, pump, 1, &a->task, a, mem_free), 0);
	run = a->run;
	pool_submit(&a->task);
	for (uint32_t i = 1; i <= check_rounds(100000); i++) {
		atomic_store(&a->asked, i);
		pool_wake(&a->task);
		/* Draining and sending meet at every point of each other. */
		while (r.expected < i) {
			writer_drain(run, &r);
			if (r.used > 0)
				continue;
			writer_wait(pump);
			core_pump_ready(pump, &(uint64_t){0}, 1, &(uint32_t){0});
		}
	}
	core_run_del(run);
	core_pump_del(pump);
	runs_settle();
}

int main(void)
{
	TEST("ring records wrap and pad", wraps_and_pads);
	TEST("ring every size at every position", every_size_and_position);
	TEST("ring full parks the writer until it is drained", full_parks_writer);
	TEST("run discard lets the job go on", discard_lets_go_on);
	TEST("run discard drops the record being written", discard_meets_record);
	TEST("run drain wants room for any record", drain_wants_room);
	TEST("ring stress, waiting in C", stress_wait);
	TEST("ring stress, waiting for the descriptor", stress_fd);
	TEST("ring each record is told of", each_record_is_told);
	return check_end();
}
