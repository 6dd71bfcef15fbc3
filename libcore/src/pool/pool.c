/* SPDX-License-Identifier: MIT */
#include "pool/pool.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "core.h"
#include "plat/plat.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { MAX_THREADS = 8 };

enum state { QUEUED = 1, RUNNING, WOKEN, PARKED };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct task *head, *tail;
	unsigned queued, sleeping;
	int started;
	/** Written under the lock; core_counters_get() reads it at any time. */
	_Atomic unsigned threads;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

static struct {
	int on;
	uint64_t rng, now;
} test;

static _Atomic uint64_t live_tasks, steps_run;
static _Thread_local struct {
	void *data;
	size_t size;
} scratch;

static void enqueue(struct task *t)
{
	t->next = NULL;
	pthread_mutex_lock(&pool.lock);
	if (pool.tail)
		pool.tail->next = t;
	else
		pool.head = t;
	pool.tail = t;
	pool.queued++;
	if (pool.sleeping > 0)
		pthread_cond_signal(&pool.work);
	pthread_mutex_unlock(&pool.lock);
}

/* Takes the task at an index of the queue; the lock is held. */
static struct task *take(unsigned index)
{
	struct task *before = NULL, *t = pool.head;

	while (index-- > 0) {
		before = t;
		t = t->next;
	}
	if (before)
		before->next = t->next;
	else
		pool.head = t->next;
	if (pool.tail == t)
		pool.tail = before;
	pool.queued--;
	return t;
}

static void run_step(struct task *t)
{
	uint32_t running = RUNNING;

	/*
	 * Read-modify-write, here and in pool_wake(): whichever comes second
	 * sees what the other did before, so either the step sees the work it
	 * was woken for or the wake finds it running.
	 */
	atomic_exchange(&t->state, RUNNING);
	atomic_fetch_add_explicit(&steps_run, 1, memory_order_relaxed);
	switch (t->step(t)) {
	case STEP_PARK:
		if (atomic_compare_exchange_strong(&t->state, &running, PARKED))
			return;
		break; /* woken meanwhile */
	case STEP_DONE:
		atomic_fetch_sub_explicit(&live_tasks, 1, memory_order_relaxed);
		return;
	case STEP_MORE:
		break;
	}
	atomic_exchange(&t->state, QUEUED);
	enqueue(t);
}

static void *thread_main(void *arg)
{
	char name[16];

	snprintf(name, sizeof name, "core-%u", (unsigned)(uintptr_t)arg);
	plat_name_thread(name);
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		while (!pool.head) {
			pool.sleeping++;
			pthread_cond_wait(&pool.work, &pool.lock);
			pool.sleeping--;
		}
		struct task *t = take(0);
		pthread_mutex_unlock(&pool.lock);
		run_step(t);
		pthread_mutex_lock(&pool.lock);
	}
	return NULL;
}

int32_t pool_start(void)
{
	int32_t rc = 0;

	pthread_mutex_lock(&pool.lock);
	if (!pool.started && !test.on) {
		unsigned want = plat_cpus();
		if (want > MAX_THREADS)
			want = MAX_THREADS;
		pthread_attr_t attr;
		sigset_t all, old;
		pthread_attr_init(&attr);
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		pthread_attr_setstacksize(&attr, 256 << 10);
		/* Signals are the caller's: none is delivered to a pool thread. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		for (unsigned i = 0; i < want; i++) {
			pthread_t thread;
			if (pthread_create(&thread, &attr, thread_main, (void *)(uintptr_t)i) != 0)
				break;
			pool.threads++;
		}
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		pthread_attr_destroy(&attr);
		pool.started = pool.threads > 0;
		if (!pool.started)
			rc = CORE_ELIMIT;
	}
	pthread_mutex_unlock(&pool.lock);
	return rc;
}

unsigned pool_threads(void)
{
	/* In test mode several tasks of a run may interleave, though one steps at a time. */
	return test.on ? 3 : pool.threads;
}

void pool_submit(struct task *t)
{
	atomic_fetch_add_explicit(&live_tasks, 1, memory_order_relaxed);
	atomic_store(&t->state, QUEUED);
	enqueue(t);
}

void pool_wake(struct task *t)
{
	uint32_t s = atomic_fetch_add(&t->state, 0);

	for (;;) {
		if (s == PARKED) {
			if (atomic_compare_exchange_weak(&t->state, &s, QUEUED)) {
				enqueue(t);
				return;
			}
		} else if (s == RUNNING) {
			if (atomic_compare_exchange_weak(&t->state, &s, WOKEN))
				return;
		} else {
			return;
		}
	}
}

void *pool_scratch(size_t size)
{
	if (scratch.size < size) {
		size_t rounded;
		/* Rounded up to whole lines, and one more line to align in. */
		if (__builtin_add_overflow(size, (size_t)127, &rounded))
			return NULL;
		rounded &= ~(size_t)63;
		void *raw = mem_alloc(rounded);
		if (!raw)
			return NULL;
		if (scratch.data)
			mem_free(((void **)scratch.data)[-1]);
		uintptr_t at = ((uintptr_t)raw + 64) & ~(uintptr_t)63;
		scratch.data = (void *)at;
		((void **)scratch.data)[-1] = raw;
		scratch.size = rounded - 64;
	}
	return scratch.data;
}

uint64_t pool_now(void)
{
	return test.on ? test.now : plat_now();
}

uint64_t pool_tasks(void)
{
	return atomic_load_explicit(&live_tasks, memory_order_relaxed);
}

uint64_t pool_steps(void)
{
	return atomic_load_explicit(&steps_run, memory_order_relaxed);
}

void pool_test_begin(uint64_t seed)
{
	test.on = 1;
	test.rng = seed;
	test.now = 0;
}

int pool_test_step(void)
{
	pthread_mutex_lock(&pool.lock);
	struct task *t = pool.head ? take((unsigned)(rng_next(&test.rng) % pool.queued)) : NULL;
	pthread_mutex_unlock(&pool.lock);
	if (!t)
		return 0;
	test.now += 1000000;
	run_step(t);
	return 1;
}

void pool_test_end(void)
{
	test.on = 0;
	if (scratch.data)
		mem_free(((void **)scratch.data)[-1]);
	scratch.data = NULL;
	scratch.size = 0;
}
