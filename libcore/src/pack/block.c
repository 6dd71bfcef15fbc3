/* SPDX-License-Identifier: MIT */
#include "pack/block.h"

#include "base/alloc.h"
#include "pack/pack.h"

#include <pthread.h>

struct blocks {
	pthread_mutex_t lock;
	/** Blocks nobody holds. */
	struct block *idle;
	_Atomic unsigned out;
	int owned;
};

/** Idle blocks that are kept for the next. */
enum { KEEP = 3 };

struct blocks *blocks_new(void)
{
	struct blocks *pool = mem_zalloc(1, sizeof *pool);

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pool->owned = 1;
	return pool;
}

static void free_list(struct block *b)
{
	while (b) {
		struct block *next = b->next;
		mem_free(b);
		b = next;
	}
}

static void destroy(struct blocks *pool)
{
	free_list(pool->idle);
	pthread_mutex_destroy(&pool->lock);
	mem_free(pool);
}

void blocks_del(struct blocks *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->owned = 0;
	int last = atomic_load(&pool->out) == 0;
	pthread_mutex_unlock(&pool->lock);
	if (last)
		destroy(pool);
}

unsigned blocks_out(const struct blocks *pool)
{
	return atomic_load(&pool->out);
}

struct block *block_new(struct blocks *pool)
{
	pthread_mutex_lock(&pool->lock);
	struct block *b = pool->idle;
	if (b)
		pool->idle = b->next;
	atomic_fetch_add(&pool->out, 1);
	pthread_mutex_unlock(&pool->lock);
	if (!b)
		b = mem_alloc(sizeof *b + PACK_BLOCK);
	if (!b) {
		/* The owner is here, so this is not the last. */
		atomic_fetch_sub(&pool->out, 1);
		return NULL;
	}
	b->home = pool;
	b->next = NULL;
	atomic_init(&b->holders, 1);
	return b;
}

void block_hold(struct block *b)
{
	atomic_fetch_add_explicit(&b->holders, 1, memory_order_relaxed);
}

void block_drop(struct block *b)
{
	if (!b || atomic_fetch_sub(&b->holders, 1) != 1)
		return;
	struct blocks *pool = b->home;
	unsigned idle = 0;
	pthread_mutex_lock(&pool->lock);
	for (const struct block *i = pool->idle; i; i = i->next)
		idle++;
	if (pool->owned && idle < KEEP) {
		b->next = pool->idle;
		pool->idle = b;
		b = NULL;
	}
	int last = atomic_fetch_sub(&pool->out, 1) == 1 && !pool->owned;
	pthread_mutex_unlock(&pool->lock);
	mem_free(b);
	if (last)
		destroy(pool);
}
