/* SPDX-License-Identifier: MIT */
#include "io/feed.h"

#include "base/alloc.h"
#include "io/reader.h"
#include "pool/pump.h"

#include <stdatomic.h>
#include <string.h>

enum end { OPEN = 0, ENDED, ABORTED };

struct core_feed {
	/** Who still uses it: the writer's handle and the reader. */
	_Atomic uint32_t users;
	/** Who may still touch this struct: the users together, and the pump's ready list. */
	_Atomic uint32_t refs;
	core_pump *pump;
	struct ready ready;
	struct owned owned;
	uint8_t *data;
	uint32_t cap;
	/** Positions only grow: tail - head bytes wait. The reader moves head, the writer tail. */
	_Atomic uint64_t head, tail;
	_Atomic uint32_t end, taken, left;
	/** The writer found it full and wants to be told. */
	_Atomic uint32_t wants_room;
	/** The reader's task, parked because it is empty; under the lock, as it may end meanwhile. */
	struct task *blocked;
	pthread_mutex_t lock;
};

static _Atomic uint64_t live_feeds;

static void unref(core_feed *f)
{
	if (atomic_fetch_sub(&f->refs, 1) != 1)
		return;
	pump_unref(f->pump);
	pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

/* One of the users lets go. */
static void let_go(core_feed *f)
{
	if (atomic_fetch_sub(&f->users, 1) != 1)
		return;
	/* Not later, by unref(): a thread without open runs does not empty its ready list. */
	mem_free(f->data);
	f->data = NULL;
	atomic_fetch_sub(&live_feeds, 1);
	unref(f);
}

static core_feed *feed_of_ready(struct ready *x)
{
	return (core_feed *)(void *)((char *)x - offsetof(core_feed, ready));
}

static void ready_ref(struct ready *x)
{
	atomic_fetch_add(&feed_of_ready(x)->refs, 1);
}

static void ready_unref(struct ready *x)
{
	unref(feed_of_ready(x));
}

static void owned_close(struct owned *o)
{
	core_feed_del((core_feed *)(void *)((char *)o - offsetof(core_feed, owned)));
}

int32_t core_feed_new(core_feed **out, core_pump *pump, uint64_t token, uint32_t capacity)
{
	if (capacity < 4096 || capacity > 16u << 20)
		return CORE_EUSAGE;
	core_feed *f = mem_zalloc(1, sizeof *f);
	if (!f)
		return CORE_EMEMORY;
	f->data = mem_alloc(capacity);
	if (!f->data) {
		mem_free(f);
		return CORE_EMEMORY;
	}
	atomic_init(&f->users, 1);
	atomic_init(&f->refs, 1);
	pthread_mutex_init(&f->lock, NULL);
	f->cap = capacity;
	f->pump = pump;
	pump_ref(pump);
	f->ready = (struct ready){.token = token, .ref = ready_ref, .unref = ready_unref};
	f->owned.close = owned_close;
	pump_own(pump, &f->owned);
	atomic_fetch_add(&live_feeds, 1);
	*out = f;
	return 0;
}

static void wake_reader(core_feed *f)
{
	pthread_mutex_lock(&f->lock);
	if (f->blocked)
		pool_wake(f->blocked);
	f->blocked = NULL;
	pthread_mutex_unlock(&f->lock);
}

/* Has the reader's task woken by the next write or end, or (NULL) by none. */
static void block(core_feed *f, struct task *t)
{
	pthread_mutex_lock(&f->lock);
	f->blocked = t;
	pthread_mutex_unlock(&f->lock);
}

static uint32_t room(const core_feed *f)
{
	return f->cap - (uint32_t)(atomic_load(&f->tail) - atomic_load(&f->head));
}

int32_t core_feed_write(core_feed *f, const uint8_t *data, uint64_t len, uint64_t *taken)
{
	if (atomic_load(&f->end) != OPEN || atomic_load(&f->left))
		return CORE_ECLOSED;
	uint64_t tail = atomic_load(&f->tail);
	uint64_t n = room(f);
	if (n < len) {
		atomic_store(&f->wants_room, 1);
		/* The reader may have made room before it could see `wants_room`. */
		n = room(f);
	}
	if (n > len)
		n = len;
	uint64_t at = tail % f->cap, first = f->cap - at < n ? f->cap - at : n;
	if (n > 0) {
		memcpy(f->data + at, data, first);
		memcpy(f->data, data + first, n - first);
		atomic_store(&f->tail, tail + n);
		wake_reader(f);
	}
	*taken = n;
	return 0;
}

static int32_t end_with(core_feed *f, uint32_t how)
{
	uint32_t open = OPEN;

	if (!atomic_compare_exchange_strong(&f->end, &open, how))
		return CORE_ECLOSED;
	wake_reader(f);
	return 0;
}

int32_t core_feed_end(core_feed *f)
{
	return end_with(f, ENDED);
}

int32_t core_feed_abort(core_feed *f)
{
	return end_with(f, ABORTED);
}

void core_feed_del(core_feed *f)
{
	if (!f)
		return;
	core_feed_abort(f);
	pump_disown(&f->owned);
	let_go(f);
}

int feed_take(core_feed *f)
{
	if (atomic_exchange(&f->taken, 1))
		return 0;
	atomic_fetch_add(&f->users, 1);
	return 1;
}

void feed_leave(core_feed *f)
{
	atomic_store(&f->left, 1);
	block(f, NULL);
	/* A writer that waits for room learns that none will come. */
	pump_notify(f->pump, &f->ready);
	let_go(f);
}

int32_t feed_read(core_feed *f, struct task *t, uint8_t *buf, size_t len, size_t *got)
{
	uint64_t head = atomic_load(&f->head);
	/* The end first: bytes written before it are then seen too. */
	uint32_t end = atomic_load(&f->end);
	uint64_t have = atomic_load(&f->tail) - head;

	*got = 0;
	if (have == 0 && end == OPEN) {
		block(f, t);
		end = atomic_load(&f->end);
		have = atomic_load(&f->tail) - head;
		if (have == 0 && end == OPEN)
			return READER_WAIT;
		block(f, NULL);
	}
	if (have == 0)
		return end == ENDED ? 0 : CORE_EREAD;
	uint64_t n = have < len ? have : len;
	uint64_t at = head % f->cap, first = f->cap - at < n ? f->cap - at : n;
	memcpy(buf, f->data + at, first);
	memcpy(buf + first, f->data, n - first);
	atomic_store(&f->head, head + n);
	*got = (size_t)n;
	if (atomic_exchange(&f->wants_room, 0))
		pump_notify(f->pump, &f->ready);
	return 0;
}

uint64_t feed_count(void)
{
	return atomic_load(&live_feeds);
}
