/* SPDX-License-Identifier: MIT */
#include "io/ring.h"

#include "base/alloc.h"
#include "core.h"
#include "io/reader.h"

#include <stdatomic.h>
#include <string.h>

int32_t ring_init(struct ring *r, uint32_t cap, uint32_t low)
{
	r->data = mem_alloc(cap);
	if (!r->data)
		return CORE_EMEMORY;
	pthread_mutex_init(&r->lock, NULL);
	r->cap = cap;
	r->low = low;
	return 0;
}

void ring_drop(struct ring *r)
{
	mem_free(r->data);
	r->data = NULL;
}

void ring_free(struct ring *r)
{
	ring_drop(r);
	pthread_mutex_destroy(&r->lock);
}

static void wake_reader(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->blocked)
		pool_wake(r->blocked);
	r->blocked = NULL;
	pthread_mutex_unlock(&r->lock);
}

/* Has the reader's task woken by the next write or end, or (NULL) by none. */
static void block(struct ring *r, struct task *t)
{
	pthread_mutex_lock(&r->lock);
	r->blocked = t;
	pthread_mutex_unlock(&r->lock);
}

static uint32_t ring_room(const struct ring *r)
{
	return r->cap - (uint32_t)(atomic_load(&r->tail) - atomic_load(&r->head));
}

int ring_is_shut(struct ring *r)
{
	return atomic_load(&r->end) != RING_OPEN || atomic_load(&r->left);
}

int ring_has_room(struct ring *r, uint64_t len)
{
	if (ring_room(r) >= len)
		return 1;
	atomic_store(&r->wants_room, 1);
	/* The reader may have made room before it could see `wants_room`. */
	return ring_room(r) >= len;
}

uint64_t ring_write(struct ring *r, const uint8_t *data, uint64_t len)
{
	uint64_t tail = atomic_load(&r->tail);
	uint64_t n = ring_has_room(r, len) ? len : ring_room(r);

	/* The reader goes on meanwhile. */
	if (n > len)
		n = len;
	if (n == 0)
		return 0;
	uint64_t at = tail % r->cap, first = r->cap - at < n ? r->cap - at : n;
	memcpy(r->data + at, data, first);
	memcpy(r->data, data + first, n - first);
	atomic_store(&r->tail, tail + n);
	wake_reader(r);
	return n;
}

int32_t ring_end(struct ring *r, enum ring_end how)
{
	uint32_t open = RING_OPEN;

	if (!atomic_compare_exchange_strong(&r->end, &open, (uint32_t)how))
		return CORE_ECLOSED;
	wake_reader(r);
	return 0;
}

int32_t ring_read(struct ring *r, struct task *t, uint8_t *buf, size_t len, size_t *got, int *room)
{
	uint64_t head = atomic_load(&r->head);
	/* The end first: bytes written before it are then seen too. */
	uint32_t end = atomic_load(&r->end);
	uint64_t have = atomic_load(&r->tail) - head;

	*got = 0;
	*room = 0;
	if (have == 0 && end == RING_OPEN) {
		block(r, t);
		end = atomic_load(&r->end);
		have = atomic_load(&r->tail) - head;
		if (have == 0 && end == RING_OPEN)
			return READER_WAIT;
		block(r, NULL);
	}
	if (have == 0)
		return end == RING_ENDED ? 0 : CORE_EREAD;
	uint64_t n = have < len ? have : len;
	uint64_t at = head % r->cap, first = r->cap - at < n ? r->cap - at : n;
	memcpy(buf, r->data + at, first);
	memcpy(buf + first, r->data, n - first);
	atomic_store(&r->head, head + n);
	*got = (size_t)n;
	/* Whoever parks has emptied it before, so that a writer is always told in the end. */
	if (ring_room(r) >= r->low)
		*room = (int)atomic_exchange(&r->wants_room, 0);
	return 0;
}

void ring_leave(struct ring *r)
{
	atomic_store(&r->left, 1);
	block(r, NULL);
}
