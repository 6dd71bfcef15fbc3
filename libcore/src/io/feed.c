/* SPDX-License-Identifier: MIT */
#include "io/feed.h"

#include "base/alloc.h"
#include "io/ring.h"
#include "pool/pump.h"

#include <stdatomic.h>

struct core_feed {
	/** Who still uses it: the writer's handle and the reader. */
	_Atomic uint32_t users;
	/** Who may still touch this struct: the users together, and the pump's ready list. */
	_Atomic uint32_t refs;
	core_pump *pump;
	struct ready ready;
	struct owned owned;
	struct ring ring;
	/** A reader has it. */
	_Atomic uint32_t taken;
};

static _Atomic uint64_t live_feeds;

static void unref(core_feed *f)
{
	if (atomic_fetch_sub(&f->refs, 1) != 1)
		return;
	pump_unref(f->pump);
	ring_free(&f->ring);
	mem_free(f);
}

/* One of the users lets go. */
static void let_go(core_feed *f)
{
	if (atomic_fetch_sub(&f->users, 1) != 1)
		return;
	/* Not later, by unref(): a thread without open runs does not empty its ready list. */
	ring_drop(&f->ring);
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
	/* Any room is worth telling of: the writer's chunks are as long as its stream gives them. */
	if (ring_init(&f->ring, capacity, 1) != 0) {
		mem_free(f);
		return CORE_EMEMORY;
	}
	atomic_init(&f->users, 1);
	atomic_init(&f->refs, 1);
	f->pump = pump;
	pump_ref(pump);
	f->ready = (struct ready){.token = token, .ref = ready_ref, .unref = ready_unref};
	f->owned.close = owned_close;
	pump_own(pump, &f->owned);
	atomic_fetch_add(&live_feeds, 1);
	*out = f;
	return 0;
}

int32_t core_feed_write(core_feed *f, const uint8_t *data, uint64_t len, uint64_t *taken)
{
	if (ring_is_shut(&f->ring))
		return CORE_ECLOSED;
	*taken = ring_write(&f->ring, data, len);
	return 0;
}

int32_t core_feed_end(core_feed *f)
{
	return ring_end(&f->ring, RING_ENDED);
}

int32_t core_feed_abort(core_feed *f)
{
	return ring_end(&f->ring, RING_BROKEN);
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
	ring_leave(&f->ring);
	/* A writer that waits for room learns that none will come. */
	pump_notify(f->pump, &f->ready);
	let_go(f);
}

int32_t feed_read(core_feed *f, struct task *t, uint8_t *buf, size_t len, size_t *got)
{
	int room;
	int32_t rc = ring_read(&f->ring, t, buf, len, got, &room);

	if (room)
		pump_notify(f->pump, &f->ready);
	return rc;
}

uint64_t feed_count(void)
{
	return atomic_load(&live_feeds);
}
