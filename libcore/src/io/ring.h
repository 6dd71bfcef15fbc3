/* SPDX-License-Identifier: MIT */
/*
 * A bounded ring of bytes from one writer, on any thread, to one task. The
 * reader parks while it is empty, the writer is to be told when there is room
 * again; how it is told is its owner's affair.
 */
#ifndef IO_RING_H
#define IO_RING_H

#include "pool/pool.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum ring_end {
	RING_OPEN,
	/** No bytes follow those that are in it. */
	RING_ENDED,
	/** The source broke behind those that are in it. */
	RING_BROKEN,
};

struct ring {
	uint8_t *data;
	uint32_t cap;
	/** A writer that was refused room is told once so much is free. */
	uint32_t low;
	/** Positions only grow: tail - head bytes wait. The reader moves head, the writer tail. */
	_Atomic uint64_t head, tail;
	/** One of ring_end. */
	_Atomic uint32_t end;
	/** The reader is gone. */
	_Atomic uint32_t left;
	/** The writer found it full and wants to be told. */
	_Atomic uint32_t wants_room;
	/** The reader's task, parked because it is empty; under the lock, as it may end meanwhile. */
	struct task *blocked;
	pthread_mutex_t lock;
};

/** Makes an empty ring of `cap` bytes: 0 or CORE_EMEMORY. */
int32_t ring_init(struct ring *r, uint32_t cap, uint32_t low);
/** Gives the bytes back; nobody reads or writes any more. */
void ring_drop(struct ring *r);
/** Releases the rest. */
void ring_free(struct ring *r);

/* The writer's. */

/** 1 when no bytes are wanted any more: it was ended, or the reader is gone. */
int ring_is_shut(struct ring *r);
/** 1 when `len` bytes fit; 0 otherwise, and the writer is then told of room. */
int ring_has_room(struct ring *r, uint64_t len);
/** Takes what fits: the number of bytes. When that is less than `len`, the writer is told of room. */
uint64_t ring_write(struct ring *r, const uint8_t *data, uint64_t len);
/** Ends it: 0, or CORE_ECLOSED when it was ended before. */
int32_t ring_end(struct ring *r, enum ring_end how);

/* The reader's. */

/**
 * Takes bytes out.
 * @param t     parked until there are some when the result is READER_WAIT
 * @param room  set to 1 when the writer is to be told of room
 * @return 0 with `*got` (0 at the end), READER_WAIT, or CORE_EREAD when the source broke
 */
int32_t ring_read(struct ring *r, struct task *t, uint8_t *buf, size_t len, size_t *got, int *room);
/** No more is read, and no task is woken from here on. */
void ring_leave(struct ring *r);

#endif
