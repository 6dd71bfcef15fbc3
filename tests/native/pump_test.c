/* SPDX-License-Identifier: MIT */
/* pool/pump: how a caller is told of its runs, and what becomes of those of a thread that ends. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "pool/pump.h"
#include "pool/run.h"
#include "runs.h"
#include "writers.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void pump_del_closes_runs(void)
{
	uint64_t bytes = mem_bytes();

	for (int early = 0; early < 2; early++) {
		core_pump *pump;
		core_run *run;
		int freed = 0;
		pool_test_begin(5);
		CHECK_EQ(core_pump_new(&pump), 0);
		for (uint64_t i = 0; i < 10; i++) {
			struct writer *w = writer_start(pump, i, 5000, 1024, i, &run);
			w->freed = &freed;
			w->idles = i % 2;
			pool_submit(&w->task);
		}
		for (int i = 0; !early && i < 500 && pool_test_step(); i++)
			;
		core_pump_del(pump);
		/* What ends after the pump is gone tells nobody. */
		while (pool_test_step())
			;
		CHECK_EQ(freed, 10);
		pool_test_end();
		runs_clean(bytes);
	}
}

static void ready_oldest_first(void)
{
	core_pump *pump;
	core_run *run[100];
	uint64_t tokens[7], next = 0;
	uint32_t n;

	pool_test_begin(5);
	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_pump_new(&pump), CORE_EUSAGE);
	struct pollfd fd = {.fd = core_pump_fd(pump), .events = POLLIN};
	CHECK_EQ(poll(&fd, 1, 0), 0);
	for (uint64_t i = 0; i < 100; i++) {
		struct writer *w = writer_start(pump, 1000 + i, 0, 64, i, &run[i]);
		pool_submit(&w->task);
		/* Each ends when it is stepped, in this order. */
		CHECK(pool_test_step());
	}
	CHECK_EQ(poll(&fd, 1, 0), 1);
	CHECK_EQ(core_pump_wait(pump, 0), 1);
	do {
		CHECK_EQ(core_pump_ready(pump, tokens, 7, &n), 0);
		for (uint32_t i = 0; i < n; i++)
			CHECK_EQ(tokens[i], 1000 + next++);
	} while (n == 7);
	CHECK_EQ(next, 100);
	CHECK_EQ(core_pump_wait(pump, 1), 0);
	close(fd.fd);
	for (int i = 0; i < 100; i++)
		core_run_del(run[i]);
	core_pump_del(pump);
	pool_test_end();
}

static void pump_without_means(void)
{
	struct rlimit lim, none;
	uint64_t bytes = mem_bytes();
	core_pump *pump;

	getrlimit(RLIMIT_NOFILE, &lim);
	none = lim;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	int32_t rc = core_pump_new(&pump);
	setrlimit(RLIMIT_NOFILE, &lim);
	CHECK_EQ(rc, CORE_ELIMIT);
	runs_clean(bytes);
	mem_fail_at(1);
	CHECK_EQ(core_pump_new(&pump), CORE_EMEMORY);
	runs_clean(bytes);
	CHECK_EQ(core_pump_new(&pump), 0);
	core_run *run;
	mem_fail_at(1);
	struct writer w = {.task.step = writer_step};
	CHECK_EQ(run_new(&run, pump, 1, &w.task, &w, writer_free), CORE_EMEMORY);
	/* The ring is made on the first record. */
	struct writer *x = writer_start(pump, 2, 5, 64, 1, &run);
	pool_test_begin(1);
	pool_submit(&x->task);
	mem_fail_at(1);
	while (pool_test_step())
		;
	mem_fail_at(0);
	uint8_t text[8];
	uint64_t n;
	int32_t sys;
	CHECK_EQ(core_run_error(run, text, 8, &n, text, 8, &n, &sys), CORE_EMEMORY);
	core_pump_del(pump);
	core_pump_del(NULL);
	core_run_del(NULL);
	pool_test_end();
	runs_clean(bytes);
}

static int refs_of_ready;

static void count_ref(struct ready *r)
{
	(void)r;
	refs_of_ready++;
}

static void count_unref(struct ready *r)
{
	(void)r;
	refs_of_ready--;
}

static void notify_after_close(void)
{
	core_pump *pump;
	struct ready a = {.token = 1, .ref = count_ref, .unref = count_unref};
	struct ready b = {.token = 2, .ref = count_ref, .unref = count_unref};
	uint64_t bytes = mem_bytes(), token;
	uint32_t n;

	CHECK_EQ(core_pump_new(&pump), 0);
	pump_ref(pump);
	/* Twice on the list is once. */
	pump_notify(pump, &a);
	pump_notify(pump, &a);
	CHECK_EQ(refs_of_ready, 1);
	CHECK_EQ(core_pump_ready(pump, &token, 1, &n), 0);
	CHECK_EQ(n, 1);
	CHECK_EQ(refs_of_ready, 0);
	pump_notify(pump, &a);
	pump_notify(pump, &b);
	/* One taken off the shared list, one reported. */
	CHECK_EQ(core_pump_ready(pump, &token, 1, &n), 0);
	CHECK_EQ(token, 1);
	CHECK_EQ(refs_of_ready, 1);
	core_pump_del(pump);
	CHECK_EQ(refs_of_ready, 0);
	pump_notify(pump, &a);
	CHECK_EQ(refs_of_ready, 0);
	pump_unref(pump);
	runs_clean(bytes);
}

static _Atomic int thread_failed;

static void *leaves_all_behind(void *arg)
{
	core_pump *pump;
	uint64_t rng = (uintptr_t)arg;

	if (core_pump_new(&pump) != 0) {
		atomic_store(&thread_failed, 1);
		return NULL;
	}
	for (uint64_t i = 0; i < 10; i++) {
		struct writer *w = mem_zalloc(1, sizeof *w);
		core_feed *feed;
		if (!w || core_feed_new(&feed, pump, i, 4096) != 0) {
			atomic_store(&thread_failed, 1);
			return NULL;
		}
		*w = (struct writer){.task.step = writer_step, .rng = rng, .count = 5000, .per_step = 5,
				     .largest = 1024, .idles = i % 2};
		if (run_new(&w->run, pump, i, &w->task, w, writer_free) != 0) {
			atomic_store(&thread_failed, 1);
			return NULL;
		}
		core_run *run = w->run;
		pool_submit(&w->task);
		if (rng_next(&rng) % 4 == 0)
			core_run_del(run);
		if (rng_next(&rng) % 4 == 0)
			core_feed_del(feed);
	}
	if (rng_next(&rng) % 2)
		sched_yield();
	/* Ends as a Worker that is terminated does: nothing is closed. */
	return NULL;
}

static void thread_end_sweeps(void)
{
	CHECK_EQ(pool_start(), 0);
	for (uintptr_t round = 1; round <= check_rounds(100) + 10; round++) {
		pthread_t thread[4];
		for (uintptr_t i = 0; i < 4; i++)
			CHECK_EQ(pthread_create(&thread[i], NULL, leaves_all_behind, (void *)(round * 4 + i)), 0);
		for (int i = 0; i < 4; i++)
			pthread_join(thread[i], NULL);
		runs_settle();
	}
	CHECK_EQ(atomic_load(&thread_failed), 0);
}

/* One producer per run and eight callers at once, each with its own pump. */
static void *caller(void *arg)
{
	core_pump *pump;
	enum { RUNS = 20 };
	struct {
		core_run *run;
		uint32_t seen;
		int over;
	} mine[RUNS] = {{0}};
	uint8_t *buf = aligned_alloc(8, RING_BYTES);
	unsigned open = RUNS;

	if (!buf || core_pump_new(&pump) != 0)
		goto failed;
	for (uint64_t i = 0; i < RUNS; i++) {
		struct writer *w = mem_zalloc(1, sizeof *w);
		if (!w)
			goto failed;
		*w = (struct writer){.task.step = writer_step, .rng = i + (uintptr_t)arg, .count = 2000, .per_step = 9,
				     .largest = 1024};
		if (run_new(&w->run, pump, i, &w->task, w, writer_free) != 0)
			goto failed;
		mine[i].run = w->run;
		pool_submit(&w->task);
	}
	while (open > 0) {
		uint64_t tokens[8];
		uint32_t n;
		if (core_pump_wait(pump, 20000) != 1)
			goto failed;
		core_pump_ready(pump, tokens, 8, &n);
		for (uint32_t i = 0; i < n; i++) {
			uint64_t used;
			uint32_t state;
			if (tokens[i] >= RUNS)
				goto failed;
			/* The drain that saw the end may have been quicker than the news of it. */
			if (mine[tokens[i]].over)
				continue;
			do {
				core_run_drain(mine[tokens[i]].run, buf, RING_BYTES, &used, &state);
				for (uint64_t at = 0; at < used;) {
					struct numbered x;
					memcpy(&x, buf + at, sizeof x);
					if (x.number != mine[tokens[i]].seen++)
						goto failed;
					at += x.head.bytes;
				}
			} while (used > 0);
			if (state & CORE_RUN_ENDED) {
				mine[tokens[i]].over = 1;
				core_run_del(mine[tokens[i]].run);
				open--;
			}
		}
	}
	core_pump_del(pump);
	free(buf);
	return NULL;
failed:
	free(buf);
	atomic_store(&thread_failed, 1);
	return NULL;
}

static void eight_callers(void)
{
	pthread_t thread[8];

	CHECK_EQ(pool_start(), 0);
	for (uintptr_t i = 0; i < 8; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, caller, (void *)i), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(thread[i], NULL);
	CHECK_EQ(atomic_load(&thread_failed), 0);
	runs_settle();
}

int main(void)
{
	TEST("pump deleted closes its runs", pump_del_closes_runs);
	TEST("pump reports the oldest first", ready_oldest_first);
	TEST("pump and ring without memory or descriptors", pump_without_means);
	TEST("pump told after it was closed", notify_after_close);
	TEST("pump of a thread that ends sweeps its runs and feeds", thread_end_sweeps);
	TEST("C-40 eight callers at once", eight_callers);
	return check_end();
}
