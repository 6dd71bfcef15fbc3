/* SPDX-License-Identifier: MIT */
/* pool/run and pool/pump: the ring between a job and its caller, and how the caller is told. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "plat/plat.h"
#include "pool/pump.h"
#include "pool/run.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* A job that writes numbered records of seeded sizes, a few per step. */
struct writer {
	struct task task;
	core_run *run;
	uint64_t rng;
	uint32_t next, count, per_step, largest;
	/** The size of the record that found no room. */
	uint32_t pending;
	int32_t failed;
	int *freed;
	/** Goes on for ever, sending nothing, until it is cancelled. */
	int idles;
};

struct numbered {
	struct core_rec head;
	uint32_t number, seed;
};

static uint8_t pattern(uint32_t number, size_t i)
{
	return (uint8_t)(number * 31 + i * 7);
}

static void writer_free(void *job)
{
	struct writer *w = job;

	if (w->freed)
		++*w->freed;
	mem_free(w);
}

static enum step writer_over(struct writer *w, const struct err *e)
{
	core_run *run = w->run;

	run_end(run, e, (const uint8_t *)"some/path", 9);
	run_unref(run);
	return STEP_DONE;
}

static enum step writer_step(struct task *t)
{
	struct writer *w = (struct writer *)(void *)t;

	for (uint32_t i = 0; i < w->per_step; i++) {
		if (run_cancelled(w->run)) {
			struct err e = err_of(CORE_ECANCELLED, "write", -1, "cancelled");
			return writer_over(w, &e);
		}
		if (w->idles)
			return STEP_PARK;
		if (w->next == w->count)
			return writer_over(w, NULL);
		if (!w->pending) {
			uint64_t wild = rng_next(&w->rng);
			uint32_t largest = wild % 8 == 0 ? w->largest : wild % 2 ? 64 : 1024;
			if (largest > w->largest)
				largest = w->largest;
			w->pending = 16 + 8 * (uint32_t)(rng_next(&w->rng) % ((largest - 16) / 8 + 1));
		}
		uint8_t *at;
		int32_t rc = run_reserve(w->run, t, w->pending, &at);
		if (rc == 0)
			return STEP_PARK;
		if (rc < 0) {
			struct err e = err_of(rc, "write", -1, "out of memory");
			return writer_over(w, &e);
		}
		if (at) {
			struct numbered n = {{w->pending, 77}, w->next, w->pending};
			memcpy(at, &n, sizeof n);
			for (size_t k = sizeof n; k < w->pending; k++)
				at[k] = pattern(w->next, k);
			run_commit(w->run, w->pending);
		}
		w->pending = 0;
		w->next++;
	}
	return STEP_MORE;
}

static struct writer *start(core_pump *pump, uint64_t token, uint32_t count, uint32_t largest, uint64_t seed,
			    core_run **run)
{
	struct writer *w = mem_zalloc(1, sizeof *w);

	CHECK(w);
	*w = (struct writer){.task.step = writer_step, .rng = seed, .count = count, .per_step = 5, .largest = largest};
	CHECK_EQ(run_new(&w->run, pump, token, &w->task, w, writer_free), 0);
	*run = w->run;
	return w;
}

/* The reader: checks number, size and bytes of each record. */
struct reading {
	uint32_t expected;
	uint32_t state;
	uint64_t used;
};

static _Alignas(8) uint8_t drained[RING_BYTES];

static void read_records(const uint8_t *buf, uint64_t used, uint32_t *expected)
{
	for (uint64_t at = 0; at < used;) {
		struct numbered n;
		memcpy(&n, buf + at, sizeof n);
		CHECK_EQ(n.head.type, 77);
		CHECK(n.head.bytes >= 16 && n.head.bytes % 8 == 0 && at + n.head.bytes <= used);
		CHECK_EQ(n.number, *expected);
		CHECK_EQ(n.seed, n.head.bytes);
		for (size_t k = sizeof n; k < n.head.bytes; k++) {
			if (buf[at + k] != pattern(n.number, k))
				FAIL("record %u is damaged at byte %zu", n.number, k);
		}
		++*expected;
		at += n.head.bytes;
	}
}

static void drain(core_run *run, struct reading *r)
{
	CHECK_EQ(core_run_drain(run, drained, sizeof drained, &r->used, &r->state), 0);
	read_records(drained, r->used, &r->expected);
}

static void check_clean(uint64_t bytes)
{
	struct core_counters c;

	core_counters_get(&c);
	CHECK_EQ(c.runs, 0);
	CHECK_EQ(c.rings, 0);
	CHECK_EQ(c.feeds, 0);
	CHECK_EQ(c.pumps, 0);
	CHECK_EQ(c.tasks, 0);
	CHECK_EQ(c.descriptors, 0);
	CHECK_EQ(c.bytes, bytes);
}

/* ------------------------------------------------------------- test mode */

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
		struct writer *w = start(pump, 1, 300, seed % 2 ? RING_BYTES / 2 : 4096, seed, &run);
		pool_submit(&w->task);
		for (int over = 0; !over;) {
			/* Sometimes the writer runs into the full ring, sometimes it never does. */
			uint64_t steps = rng_next(&rng) % (seed % 3 ? 4 : 200);
			while (steps-- > 0 && pool_test_step())
				;
			drain(run, &r);
			over = (r.state & CORE_RUN_ENDED) && !(r.state & CORE_RUN_RECORDS);
		}
		CHECK_EQ(r.expected, 300);
		records += r.expected;
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
	}
	check_clean(bytes);
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
		struct writer *w = start(pump, 1, 0, 64, 1, &run);
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
					drain(run, &r);
					expected = r.expected;
					rc = run_reserve(run, &w->task, each[k], &at);
				}
				CHECK_EQ(rc, 1);
				CHECK(at != NULL && ((uintptr_t)at & 7) == 0);
				CHECK((size_t)(at - run->ring) + each[k] <= RING_BYTES);
				struct numbered n = {{each[k], 77}, sent++, each[k]};
				memcpy(at, &n, sizeof n);
				for (size_t b = sizeof n; b < each[k]; b++)
					at[b] = pattern(n.number, b);
				run_commit(run, each[k]);
			}
		}
		struct reading r = {.expected = expected};
		drain(run, &r);
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
	struct writer *w = start(pump, 42, 5000, 1024, 9, &run);
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
	drain(run, &r);
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
	check_clean(bytes);
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
		struct writer *w = start(pump, 42, 5000, 1024, 9, &run);
		if (when == 0)
			core_run_discard(run);
		pool_submit(&w->task);
		for (int i = 0; i < (when == 1 ? 3 : 100000) && pool_test_step(); i++)
			;
		if (when > 0)
			core_run_discard(run);
		while (pool_test_step())
			;
		drain(run, &r);
		CHECK_EQ(r.used, 0);
		CHECK_EQ(r.state, CORE_RUN_ENDED);
		CHECK_EQ(run->ring != NULL, when > 0);
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
		check_clean(bytes);
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
	struct writer *w = start(pump, 42, 0, 64, 9, &run);
	CHECK_EQ(run_reserve(run, &w->task, 16, &at), 1);
	core_run_discard(run);
	struct numbered n = {{16, 77}, 0, 16};
	memcpy(at, &n, sizeof n);
	run_commit(run, 16);
	drain(run, &r);
	CHECK_EQ(r.used, 0);
	CHECK_EQ(r.state & CORE_RUN_RECORDS, 0);
	pool_submit(&w->task);
	while (pool_test_step())
		;
	core_run_del(run);
	core_pump_del(pump);
	pool_test_end();
}

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
		struct writer *w = start(pump, 42, when == 3 ? 3 : 5000, 1024, 9, &run);
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
			drain(run, &r);
		while (r.state & CORE_RUN_RECORDS);
		CHECK_EQ(r.state, CORE_RUN_ENDED);
		int32_t rc = core_run_error(run, text, 64, &text_len, path, 64, &path_len, &sys);
		CHECK_EQ(rc, when == 3 ? 0 : CORE_ECANCELLED);
		core_run_del(run);
		core_pump_del(pump);
		pool_test_end();
		check_clean(bytes);
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
	struct writer *w = start(pump, 42, 0, 64, 9, &run);
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
	struct writer *w = start(pump, 42, 10, 64, 9, &run);
	pool_submit(&w->task);
	CHECK(pool_test_step());
	core_run_progress(run, &p);
	CHECK_EQ(p.elapsed_ns, 1000000);
	while (pool_test_step())
		;
	core_run_progress(run, &p);
	CHECK_EQ(p.elapsed_ns, 3000000);
	struct writer *other = start(pump, 43, 100, 64, 9, &run);
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
		struct writer *w = start(pump, 42, 5000, 1024, 9, &run);
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
		check_clean(bytes);
	}
}

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
			struct writer *w = start(pump, i, 5000, 1024, i, &run);
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
		check_clean(bytes);
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
		struct writer *w = start(pump, 1000 + i, 0, 64, i, &run[i]);
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

static void drain_wants_room(void)
{
	core_pump *pump;
	core_run *run;
	uint64_t used = 99;
	uint32_t state = 99;

	pool_test_begin(5);
	CHECK_EQ(core_pump_new(&pump), 0);
	struct writer *w = start(pump, 1, 0, 64, 1, &run);
	CHECK_EQ(core_run_drain(run, drained, RING_BYTES - 1, &used, &state), CORE_EUSAGE);
	CHECK_EQ(used, 99);
	CHECK_EQ(state, 99);
	pool_submit(&w->task);
	while (pool_test_step())
		;
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
	check_clean(bytes);
	mem_fail_at(1);
	CHECK_EQ(core_pump_new(&pump), CORE_EMEMORY);
	check_clean(bytes);
	CHECK_EQ(core_pump_new(&pump), 0);
	core_run *run;
	mem_fail_at(1);
	struct writer w = {.task.step = writer_step};
	CHECK_EQ(run_new(&run, pump, 1, &w.task, &w, writer_free), CORE_EMEMORY);
	/* The ring is made on the first record. */
	struct writer *x = start(pump, 2, 5, 64, 1, &run);
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
	check_clean(bytes);
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
	check_clean(bytes);
}

/* --------------------------------------------------------------- threads */

/* Waits in C, as a synchronous caller does. A wake that got lost shows as a wait of ten seconds. */
static void wait_in_c(core_pump *pump)
{
	if (core_pump_wait(pump, 10000) != 1)
		FAIL("nothing was ready for ten seconds");
}

/* Waits for the descriptor, as an event loop does. */
static void wait_for_fd(core_pump *pump)
{
	struct pollfd fd = {.fd = core_pump_fd(pump), .events = POLLIN};
	char bytes[512];

	if (poll(&fd, 1, 10000) != 1)
		FAIL("the descriptor was not readable for ten seconds");
	while (read(fd.fd, bytes, sizeof bytes) > 0)
		;
	close(fd.fd);
}

static void consume(core_pump *pump, core_run *run, struct reading *r, void (*wait)(core_pump *))
{
	for (;;) {
		uint64_t tokens[16];
		uint32_t n;
		/* Until nothing is left: only then the run promises to tell of more. */
		do
			drain(run, r);
		while (r->used > 0);
		if (r->state & CORE_RUN_ENDED)
			return;
		wait(pump);
		do
			CHECK_EQ(core_pump_ready(pump, tokens, 16, &n), 0);
		while (n == 16);
	}
}

static void settled(void)
{
	struct core_counters c;

	/* The end is told before the last step is quite over. */
	for (uint64_t start_ns = plat_now(); plat_now() - start_ns < 20000000000u; sched_yield()) {
		core_counters_get(&c);
		if (c.tasks == 0 && c.runs == 0 && c.rings == 0 && c.pumps == 0 && c.feeds == 0 && c.descriptors == 0)
			return;
	}
	FAIL("runs %llu, rings %llu, feeds %llu, pumps %llu, tasks %llu, descriptors %llu stay",
	     (unsigned long long)c.runs, (unsigned long long)c.rings, (unsigned long long)c.feeds,
	     (unsigned long long)c.pumps, (unsigned long long)c.tasks, (unsigned long long)c.descriptors);
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
		struct writer *w = start(pump, round, count, largest[round], round, &run);
		w->per_step = per_step[round];
		pool_submit(&w->task);
		consume(pump, run, &r, wait);
		CHECK_EQ(r.expected, count);
		core_run_del(run);
	}
	core_pump_del(pump);
	settled();
}

static void stress_wait(void)
{
	stress(wait_in_c);
}

static void stress_fd(void)
{
	stress(wait_for_fd);
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
		settled();
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
	settled();
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
			drain(run, &r);
			if (r.used > 0)
				continue;
			wait_in_c(pump);
			core_pump_ready(pump, &(uint64_t){0}, 1, &(uint32_t){0});
		}
	}
	core_run_del(run);
	core_pump_del(pump);
	settled();
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
		struct writer *w = start(pump, round, 300, round % 2 ? 4096 : 256, round, &run);
		pool_submit(&w->task);
		for (uint64_t i = rng_next(&rng) % 8; i > 0; i--) {
			drain(run, &r);
			if (i % 2)
				sched_yield();
		}
		switch (rng_next(&rng) % 4) {
		case 0:
			core_run_cancel(run);
			consume(pump, run, &r, wait_in_c);
			break;
		case 1:
			/* Who discards need not drain any more. */
			core_run_discard(run);
			for (;;) {
				struct core_progress p;
				core_run_progress(run, &p);
				if (p.state & CORE_RUN_ENDED)
					break;
				wait_in_c(pump);
				core_pump_ready(pump, &(uint64_t){0}, 1, &(uint32_t){0});
			}
			break;
		case 2:
			consume(pump, run, &r, wait_in_c);
			CHECK_EQ(r.expected, 300);
			break;
		default:
			break;
		}
		core_run_del(run);
	}
	core_pump_del(pump);
	settled();
}

int main(void)
{
	TEST("ring records wrap and pad", wraps_and_pads);
	TEST("ring every size at every position", every_size_and_position);
	TEST("ring full parks the writer until it is drained", full_parks_writer);
	TEST("run discard lets the job go on", discard_lets_go_on);
	TEST("run discard drops the record being written", discard_meets_record);
	TEST("C-35 run cancel wakes a parked job", cancel_wakes);
	TEST("run error is told and cut", error_is_told);
	TEST("run progress keeps time", progress_keeps_time);
	TEST("C-35 run deleted before and after its end", del_before_and_after);
	TEST("pump deleted closes its runs", pump_del_closes_runs);
	TEST("pump reports the oldest first", ready_oldest_first);
	TEST("run drain wants room for any record", drain_wants_room);
	TEST("pump and ring without memory or descriptors", pump_without_means);
	TEST("pump told after it was closed", notify_after_close);
	TEST("ring stress, waiting in C", stress_wait);
	TEST("ring stress, waiting for the descriptor", stress_fd);
	TEST("ring each record is told of", each_record_is_told);
	TEST("pump of a thread that ends sweeps its runs and feeds", thread_end_sweeps);
	TEST("C-40 eight callers at once", eight_callers);
	TEST("C-35 cancel, discard and delete at random moments", random_ends);
	return check_end();
}
