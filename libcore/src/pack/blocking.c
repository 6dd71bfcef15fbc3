/* SPDX-License-Identifier: MIT */
#include "pack/blocking.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdatomic.h>

struct blocking {
	/** Woken by the reader inside. */
	struct task relay;
	/** The owner, and the task until it is over. */
	_Atomic unsigned users;
	struct reader inside;
	pthread_mutex_t lock;
	pthread_cond_t more;
	int is_ready, stopped, over;
};

static void let_go(struct blocking *b)
{
	if (atomic_fetch_sub(&b->users, 1) != 1)
		return;
	pthread_cond_destroy(&b->more);
	pthread_mutex_destroy(&b->lock);
	mem_free(b);
}

static enum step relay_step(struct task *t)
{
	struct blocking *b = (struct blocking *)(void *)t;

	pthread_mutex_lock(&b->lock);
	int over = b->over;
	b->is_ready = 1;
	pthread_cond_signal(&b->more);
	pthread_mutex_unlock(&b->lock);
	if (!over)
		return STEP_PARK;
	let_go(b);
	return STEP_DONE;
}

static int32_t no_offsets(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "a stream has no offsets");
	return e->code;
}

static int32_t wait_and_read(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			     struct err *e)
{
	struct blocking *b = r->impl;

	(void)t;
	for (;;) {
		int32_t rc = reader_next(&b->inside, &b->relay, buf, len, got, e);
		if (rc != READER_WAIT) {
			r->pos += *got;
			return rc;
		}
		pthread_mutex_lock(&b->lock);
		while (!b->is_ready && !b->stopped)
			pthread_cond_wait(&b->more, &b->lock);
		b->is_ready = 0;
		int stopped = b->stopped;
		pthread_mutex_unlock(&b->lock);
		if (stopped) {
			*e = err_of(CORE_ECANCELLED, "read", r->side, "cancelled");
			return e->code;
		}
	}
}

static int32_t check_inside(struct reader *r, struct err *e)
{
	struct blocking *b = r->impl;

	return reader_check(&b->inside, e);
}

static void close_inside(struct reader *r)
{
	struct blocking *b = r->impl;

	reader_close(&b->inside);
}

static const struct reader_ops ops = {no_offsets, wait_and_read, check_inside, close_inside};

int32_t blocking_open(struct blocking **out, struct reader *r)
{
	struct blocking *b = mem_zalloc(1, sizeof *b);

	if (!b)
		return CORE_EMEMORY;
	b->relay.step = relay_step;
	atomic_init(&b->users, 2);
	b->inside = *r;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->more, NULL);
	*r = (struct reader){.ops = &ops, .size = r->size, .side = r->side, .impl = b};
	pool_submit(&b->relay);
	*out = b;
	return 0;
}

void blocking_stop(struct blocking *b)
{
	pthread_mutex_lock(&b->lock);
	b->stopped = 1;
	pthread_cond_signal(&b->more);
	pthread_mutex_unlock(&b->lock);
}

void blocking_end(struct blocking *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->over = 1;
	pthread_mutex_unlock(&b->lock);
	pool_wake(&b->relay);
}

void blocking_del(struct blocking *b)
{
	if (b)
		let_go(b);
}
