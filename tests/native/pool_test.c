/* SPDX-License-Identifier: MIT */
/* pool/pool: no task is lost, none runs twice at once, and test mode is the same for the same seed. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "plat/plat.h"
#include "pool/pool.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- test mode */

enum { FEW = 20 };

struct counted {
	struct task task;
	unsigned id, left, calls;
	/** What the step answers while `left` is not used up. */
	enum step answer;
	/** A wake it gives itself in the middle of a step. */
	int wakes_itself;
};

static unsigned order[4096], ordered;

static enum step counted_step(struct task *t)
{
	struct counted *c = (struct counted *)(void *)t;

	if (ordered < 4096)
		order[ordered++] = c->id;
	c->calls++;
	if (c->wakes_itself) {
		c->wakes_itself--;
		pool_wake(t);
	}
	if (c->left == 0)
		return STEP_DONE;
	c->left--;
	return c->answer;
}

static void run_few(uint64_t seed, unsigned into[FEW * 5])
{
	static struct counted c[FEW];

	memset(c, 0, sizeof c);
	ordered = 0;
	pool_test_begin(seed);
	for (unsigned i = 0; i < FEW; i++) {
		c[i] = (struct counted){.task.step = counted_step, .id = i, .left = 4, .answer = STEP_MORE};
		pool_submit(&c[i].task);
	}
	while (pool_test_step())
		;
	pool_test_end();
	CHECK_EQ(ordered, FEW * 5);
	memcpy(into, order, FEW * 5 * sizeof *into);
}

static void same_seed_same_order(void)
{
	unsigned first[FEW * 5], again[FEW * 5];
	unsigned distinct = 0;

	for (uint64_t seed = 0; seed < 50; seed++) {
		run_few(seed, first);
		run_few(seed, again);
		CHECK(memcmp(first, again, sizeof first) == 0);
		run_few(seed + 1, again);
		distinct += memcmp(first, again, sizeof first) != 0;
	}
	CHECK_EQ(distinct, 50);
	CHECK_EQ(pool_tasks(), 0);
}

static void every_task_can_be_next(void)
{
	/* The first step after submitting may be that of any task. */
	unsigned first[FEW * 5], hit[FEW] = {0};

	for (uint64_t seed = 0; seed < 1000; seed++) {
		run_few(seed, first);
		hit[first[0]]++;
	}
	for (unsigned i = 0; i < FEW; i++)
		CHECK(hit[i] > 10);
}

static void virtual_clock(void)
{
	struct counted c = {.task.step = counted_step, .left = 9, .answer = STEP_MORE};

	pool_test_begin(1);
	CHECK_EQ(pool_now(), 0);
	pool_submit(&c.task);
	for (unsigned i = 1; i <= 10; i++) {
		CHECK(pool_test_step());
		CHECK_EQ(pool_now(), i * 1000000);
	}
	CHECK(!pool_test_step());
	CHECK_EQ(pool_now(), 10000000);
	pool_test_end();
	uint64_t now = pool_now();
	CHECK(now <= plat_now() && plat_now() - now < 10000000000u);
}

static void parked_is_not_called(void)
{
	struct counted c = {.task.step = counted_step, .left = 100, .answer = STEP_PARK};

	pool_test_begin(1);
	pool_submit(&c.task);
	CHECK_EQ(pool_tasks(), 1);
	pool_wake(&c.task); /* queued already */
	CHECK(pool_test_step());
	CHECK(!pool_test_step());
	CHECK_EQ(c.calls, 1);
	pool_wake(&c.task);
	pool_wake(&c.task);
	pool_wake(&c.task);
	CHECK(pool_test_step());
	CHECK(!pool_test_step());
	CHECK_EQ(c.calls, 2);
	/* Woken in the middle of the step that parks: called once more. */
	c.wakes_itself = 1;
	pool_wake(&c.task);
	CHECK(pool_test_step());
	CHECK(pool_test_step());
	CHECK(!pool_test_step());
	CHECK_EQ(c.calls, 4);
	CHECK_EQ(pool_tasks(), 1);
	/* A wake in the middle of a step that ends counts for nothing. */
	c.left = 0;
	c.wakes_itself = 1;
	pool_wake(&c.task);
	CHECK(pool_test_step());
	CHECK(!pool_test_step());
	CHECK_EQ(c.calls, 5);
	CHECK_EQ(pool_tasks(), 0);
	pool_test_end();
}

/* Random wakes, parks and steps against a model: how often must each task have been called? */
static void wakes_as_in_model(void)
{
	for (uint64_t seed = 1; seed <= check_rounds(2000); seed++) {
		struct counted c[4];
		unsigned queued[4];
		uint64_t rng = seed, queued_calls = 0, calls = 0;
		pool_test_begin(seed);
		for (unsigned i = 0; i < 4; i++) {
			c[i] = (struct counted){.task.step = counted_step, .id = i, .left = 1000, .answer = STEP_PARK};
			pool_submit(&c[i].task);
			queued[i] = 1;
			queued_calls++;
		}
		for (unsigned k = 0; k < 60; k++) {
			unsigned i = (unsigned)(rng_next(&rng) % 4);
			if (rng_next(&rng) % 2) {
				pool_wake(&c[i].task);
				queued_calls += !queued[i];
				queued[i] = 1;
				continue;
			}
			ordered = 0;
			int ran = pool_test_step();
			CHECK_EQ(ran, queued_calls > calls);
			if (ran) {
				CHECK_EQ(ordered, 1);
				CHECK(queued[order[0]]);
				queued[order[0]] = 0;
				calls++;
			}
		}
		for (unsigned i = 0; i < 4; i++) {
			c[i].left = 0;
			pool_wake(&c[i].task);
		}
		while (pool_test_step())
			;
		pool_test_end();
		CHECK_EQ(pool_tasks(), 0);
	}
}

static void scratch_memory(void)
{
	uint64_t before = mem_bytes();

	pool_test_begin(1);
	uint8_t *a = pool_scratch(100);
	CHECK(a && (uintptr_t)a % 64 == 0);
	memset(a, 1, 100);
	CHECK(pool_scratch(50) == a);
	uint8_t *b = pool_scratch(1 << 20);
	CHECK(b && (uintptr_t)b % 64 == 0);
	memset(b, 2, 1 << 20);
	mem_fail_at(1);
	CHECK(!pool_scratch(2 << 20));
	CHECK(pool_scratch(1 << 20) == b);
	CHECK(!pool_scratch(SIZE_MAX));
	CHECK(!pool_scratch(SIZE_MAX - 63));
	CHECK(!pool_scratch(SIZE_MAX - 64));
	pool_test_end();
	CHECK_EQ(mem_bytes(), before);
}

/* --------------------------------------------------------------- threads */

static _Atomic int watching;

static void *watch_counters(void *unused)
{
	struct core_counters c;

	while (atomic_load(&watching))
		core_counters_get(&c);
	return unused;
}

static void starts_while_watched(void)
{
	pthread_t thread;
	struct core_counters c;

	atomic_store(&watching, 1);
	CHECK_EQ(pthread_create(&thread, NULL, watch_counters, NULL), 0);
	sched_yield();
	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(pool_start(), 0);
	atomic_store(&watching, 0);
	pthread_join(thread, NULL);
	core_counters_get(&c);
	unsigned want = plat_cpus() < 8 ? plat_cpus() : 8;
	CHECK_EQ(c.threads, want);
	CHECK_EQ(pool_threads(), want);
}

/* Threads of the pool that have their name by now. */
static unsigned named_threads(void)
{
	unsigned found = 0;
	DIR *d = opendir("/proc/self/task");

	if (!d)
		check_skip("no /proc here");
	for (struct dirent *x; (x = readdir(d));) {
		char line[256], name[32] = "";
		unsigned long long blocked = 0;
		FILE *f = fopen(check_text("/proc/self/task/%s/status", x->d_name), "r");
		if (!f)
			continue;
		while (fgets(line, sizeof line, f)) {
			sscanf(line, "Name: %31s", name);
			sscanf(line, "SigBlk: %llx", &blocked);
		}
		fclose(f);
		if (strncmp(name, "core-", 5) != 0)
			continue;
		found++;
		/* SIGINT, SIGTERM, SIGCHLD, SIGPIPE, SIGALRM: the caller's. */
		for (const int *sig = (const int[]){2, 15, 17, 13, 14, 0}; *sig; sig++)
			CHECK(blocked >> (*sig - 1) & 1);
	}
	closedir(d);
	return found;
}

static void threads_are_named_and_deaf(void)
{
	CHECK_EQ(pool_start(), 0);
	for (uint64_t start = plat_now(); named_threads() != pool_threads(); sched_yield()) {
		if (plat_now() - start > 10000000000u)
			FAIL("%u of %u threads have their name", named_threads(), pool_threads());
	}
}

static void wait_for(_Atomic uint64_t *what, uint64_t value, const char *name)
{
	uint64_t start = plat_now();

	while (atomic_load(what) != value) {
		if (plat_now() - start > 50000000000u)
			FAIL("%s stays at %llu of %llu", name, (unsigned long long)atomic_load(what),
			     (unsigned long long)value);
		sched_yield();
	}
}

static void wait_no_tasks(void)
{
	for (uint64_t start = plat_now(); pool_tasks() != 0; sched_yield()) {
		if (plat_now() - start > 50000000000u)
			FAIL("%llu tasks stay", (unsigned long long)pool_tasks());
	}
}

enum { MANY = 100000, WAKERS = 4 };

struct sink {
	struct task task;
	_Atomic uint32_t pending, final, inside;
	uint32_t taken, steps;
};

static struct sink *sinks;
static _Atomic uint64_t taken_in_all, ended_in_all, together;

/* Takes what was put there for it; works on until told that nothing follows. */
static enum step sink_step(struct task *t)
{
	struct sink *s = (struct sink *)(void *)t;

	if (atomic_exchange(&s->inside, 1))
		atomic_fetch_add(&together, 1);
	s->steps++;
	uint32_t n = atomic_exchange(&s->pending, 0), final = atomic_load(&s->final);
	s->taken += n;
	atomic_fetch_add(&taken_in_all, n);
	atomic_store(&s->inside, 0);
	if (final) {
		atomic_fetch_add(&ended_in_all, 1);
		return STEP_DONE;
	}
	return n > 0 && s->steps % 3 == 0 ? STEP_MORE : STEP_PARK;
}

static void *waker(void *arg)
{
	uint64_t rng = (uintptr_t)arg + 1;
	/* Each its own order, so that wakes of different threads meet. */
	uint32_t at = (uint32_t)(rng_next(&rng) % MANY), stride = 7919;

	for (uint32_t i = 0; i < MANY; i++) {
		at = (at + stride) % MANY;
		atomic_fetch_add(&sinks[at].pending, 1);
		pool_wake(&sinks[at].task);
	}
	return NULL;
}

static void none_lost(void)
{
	pthread_t thread[WAKERS];
	uint64_t steps = pool_steps();

	CHECK_EQ(pool_start(), 0);
	sinks = calloc(MANY, sizeof *sinks);
	CHECK(sinks);
	for (uint32_t i = 0; i < MANY; i++) {
		sinks[i].task.step = sink_step;
		pool_submit(&sinks[i].task);
	}
	for (uintptr_t i = 0; i < WAKERS; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, waker, (void *)i), 0);
	for (unsigned i = 0; i < WAKERS; i++)
		pthread_join(thread[i], NULL);
	/* A wake that was lost would leave what came before it untaken for ever. */
	wait_for(&taken_in_all, (uint64_t)MANY * WAKERS, "work taken");
	CHECK(pool_tasks() == MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		atomic_store(&sinks[i].final, 1);
		pool_wake(&sinks[i].task);
	}
	wait_for(&ended_in_all, MANY, "tasks ended");
	wait_no_tasks();
	CHECK_EQ(atomic_load(&together), 0);
	for (uint32_t i = 0; i < MANY; i++)
		CHECK_EQ(sinks[i].taken, WAKERS);
	check_note("%d tasks, %d wakes, %llu steps", MANY, MANY * (WAKERS + 1),
		   (unsigned long long)(pool_steps() - steps));
	free(sinks);
}

/* One task, one waker, again and again around the moment it parks. */
struct echo {
	struct task task;
	_Atomic uint64_t asked, answered, steps;
	_Atomic uint32_t final;
};

static enum step echo_step(struct task *t)
{
	struct echo *e = (struct echo *)(void *)t;

	atomic_fetch_add(&e->steps, 1);
	if (atomic_load(&e->final)) {
		atomic_fetch_add(&ended_in_all, 1);
		return STEP_DONE;
	}
	atomic_store(&e->answered, atomic_load(&e->asked));
	return STEP_PARK;
}

static void parks_and_wakes(void)
{
	static struct echo e;
	unsigned rounds = check_rounds(100000);

	CHECK_EQ(pool_start(), 0);
	atomic_store(&ended_in_all, 0);
	e.task.step = echo_step;
	pool_submit(&e.task);
	for (uint64_t i = 1; i <= rounds; i++) {
		atomic_store(&e.asked, i);
		pool_wake(&e.task);
		/* Sometimes the next wake meets the step, sometimes the parking, sometimes the sleep. */
		if (i % 4 != 0)
			wait_for(&e.answered, i, "answer");
	}
	wait_for(&e.answered, rounds, "answer");
	CHECK(atomic_load(&e.steps) <= (uint64_t)rounds + 1);
	atomic_store(&e.final, 1);
	pool_wake(&e.task);
	wait_for(&ended_in_all, 1, "end");
	wait_no_tasks();
}

/* Steps that ask for more share the threads fairly enough that each goes on. */
struct turn {
	struct task task;
	unsigned left;
};

static enum step turn_step(struct task *t)
{
	struct turn *x = (struct turn *)(void *)t;

	if (--x->left > 0)
		return STEP_MORE;
	atomic_fetch_add(&ended_in_all, 1);
	return STEP_DONE;
}

static void more_goes_round(void)
{
	static struct turn turns[200];

	CHECK_EQ(pool_start(), 0);
	atomic_store(&ended_in_all, 0);
	for (unsigned i = 0; i < 200; i++) {
		turns[i] = (struct turn){{.step = turn_step}, 500};
		pool_submit(&turns[i].task);
	}
	wait_for(&ended_in_all, 200, "tasks ended");
	wait_no_tasks();
}

int main(void)
{
	TEST("C-35 pool test mode, same seed same order", same_seed_same_order);
	TEST("pool test mode, every queued task can be next", every_task_can_be_next);
	TEST("pool test mode, virtual clock", virtual_clock);
	TEST("pool a parked task is called once per wake", parked_is_not_called);
	TEST("C-35 pool random wakes and steps as in a model", wakes_as_in_model);
	TEST("pool scratch memory", scratch_memory);
	TEST("pool starts while another thread reads the counters", starts_while_watched);
	TEST("C-31 pool threads are named and take no signals", threads_are_named_and_deaf);
	TEST("C-27 100000 tasks none lost", none_lost);
	TEST("C-27 wakes around the moment of parking", parks_and_wakes);
	TEST("C-27 steps that ask for more all go on", more_goes_round);
	return check_end();
}
