/* SPDX-License-Identifier: MIT */
/* pool/run: what a caller holds of an operation: cancel, end, error, time. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "pool/run.h"
#include "runs.h"
#include "writers.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static void cancel_wakes(void)
{
	uint64_t bytes = mem_bytes();

	/* Parked on a full ring, parked with nothing to do, not yet begun, already over. */
	for (int when = 0; when < 4; when++) {
		core_pump *pump;
		core_run *run;
		struct reading r = {0};
		uint8_t text[64], path[64];
		uint64_t text_len, path_len;
		int32_t sys;
		pool_test_begin(3);
		CHECK_EQ(core_pump_new(&pump), 0);
		struct writer *w = writer_start(pump, 42, when == 3 ? 3 : 5000, 1024, 9, &run);
		w->idles = when == 1;
		pool_submit(&w->task);
		while (when != 2 && pool_test_step())
			;
		CHECK_EQ(core_run_error(run, text, 64, &text_len, path, 64, &path_len, &sys), 0);
		core_run_cancel(run);
		core_run_cancel(run);
		while (pool_test_step())
			;
		do
			writer_drain(run, &r);
		while (r.state & CORE_RUN_RECORDS);
		CHECK_EQ(r.state, CORE_RUN_ENDED);
		int32_t rc = core_run_error(run, text, 64, &text_len, path, 64, &path_len, &sys);
		CHECK_EQ(rc, when == 3 ? 0 : CORE_ECANCELLED);
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
		runs_clean(bytes);
	}
}

static void error_is_told(void)
{
	core_pump *pump;
	core_run *run;
	uint8_t text[64] = "zzzzzzzzzz", path[64] = "zzzzzzzzzz";
	uint64_t text_len, path_len;
	int32_t sys;

	pool_test_begin(3);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = writer_start(pump, 42, 0, 64, 9, &run);
	struct err e = err_sys(EACCES, "open", 1);
	core_run *kept = w->run;
	run_end(kept, &e, (const uint8_t *)"some\xff/path", 10);
	run_unref(kept);
	CHECK_EQ(core_run_error(run, text, 4, &text_len, path, 6, &path_len, &sys), CORE_EPERMISSION);
	CHECK_EQ(sys, EACCES);
	CHECK_EQ(text_len, strlen("open right side: Permission denied"));
	CHECK(memcmp(text, "openzz", 6) == 0);
	CHECK_EQ(path_len, 10);
	CHECK(memcmp(path, "some\xff/zzzz", 8) == 0);
	core_run_del(run);
	core_pump_del(pump);
	pool_test_end();
}

static void progress_keeps_time(void)
{
	core_pump *pump;
	core_run *run;
	struct core_progress p;

	pool_test_begin(3);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = writer_start(pump, 42, 10, 64, 9, &run);
	pool_submit(&w->task);
	CHECK(pool_test_step());
	core_run_progress(run, &p);
	CHECK_EQ(p.elapsed_ns, 1000000);
	while (pool_test_step())
		;
	core_run_progress(run, &p);
	CHECK_EQ(p.elapsed_ns, 3000000);
	struct writer *other = writer_start(pump, 43, 100, 64, 9, &run);
	pool_submit(&other->task);
	while (pool_test_step())
		;
	CHECK_EQ(pool_now(), 24000000);
	core_run_progress(w->run, &p);
	CHECK_EQ(p.elapsed_ns, 3000000);
	core_pump_del(pump);
	pool_test_end();
}

static void del_before_and_after(void)
{
	uint64_t bytes = mem_bytes();

	for (int when = 0; when < 4; when++) {
		core_pump *pump;
		core_run *run;
		int freed = 0;
		pool_test_begin(3);
		CHECK_EQ(core_pump_new(&pump), 0);
		struct writer *w = writer_start(pump, 42, 5000, 1024, 9, &run);
		w->freed = &freed;
		w->idles = when == 3;
		pool_submit(&w->task);
		if (when > 0)
			while (pool_test_step())
				;
		if (when == 2) {
			core_run_discard(run);
			while (pool_test_step())
				;
		}
		CHECK_EQ(freed, 0);
		core_run_del(run);
		while (pool_test_step())
			;
		/* Its end may still be on the list of what is ready. */
		uint64_t tokens[4];
		uint32_t n;
		core_pump_ready(pump, tokens, 4, &n);
		CHECK_EQ(freed, 1);
		core_pump_del(pump);
		pool_test_end();
		runs_clean(bytes);
	}
}

/* Cancel, discard and delete at random moments while the job runs on another thread. */
static void random_ends(void)
{
	core_pump *pump;
	core_run *run;
	uint64_t rng = 11;

	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (unsigned round = 0; round < check_rounds(5000); round++) {
		struct reading r = {0};
		struct writer *w = writer_start(pump, round, 300, round % 2 ? 4096 : 256, round, &run);
		pool_submit(&w->task);
		for (uint64_t i = rng_next(&rng) % 8; i > 0; i--) {
			writer_drain(run, &r);
			if (i % 2)
				sched_yield();
		}
		switch (rng_next(&rng) % 4) {
		case 0:
			core_run_cancel(run);
			writer_consume(pump, run, &r, writer_wait);
			break;
		case 1:
			/* Who discards need not drain any more. */
			core_run_discard(run);
			for (;;) {
				struct core_progress p;
				core_run_progress(run, &p);
				if (p.state & CORE_RUN_ENDED)
					break;
				writer_wait(pump);
				core_pump_ready(pump, &(uint64_t){0}, 1, &(uint32_t){0});
			}
			break;
		case 2:
			writer_consume(pump, run, &r, writer_wait);
			CHECK_EQ(r.expected, 300);
			break;
		default:
			break;
		}
		core_run_del(run);
	}
	core_pump_del(pump);
	runs_settle();
}

int main(void)
{
	TEST("C-35 run cancel wakes a parked job", cancel_wakes);
	TEST("run error is told and cut", error_is_told);
	TEST("run progress keeps time", progress_keeps_time);
	TEST("C-35 run deleted before and after its end", del_before_and_after);
	TEST("C-35 cancel, discard and delete at random moments", random_ends);
	return check_end();
}
