/* SPDX-License-Identifier: MIT */
/*
 * One interface for all that bytes come from: a file, memory, a feed, and
 * later an archive member or a URL. Engines know nothing else.
 */
#ifndef IO_READER_H
#define IO_READER_H

#include "base/err.h"
#include "core.h"
#include "plat/plat.h"
#include "pool/pool.h"

#include <stddef.h>
#include <stdint.h>

/** reader_next(): nothing yet; the task that asked is woken when there is. */
enum { READER_WAIT = 1 };

struct reader {
	const struct reader_ops *ops;
	/** Bytes in all, UINT64_MAX where only the end will tell. */
	uint64_t size;
	/** reader_at() works, from several threads at once. */
	int random;
	/** Where the bytes begin for reader_at(), and whether they end before the source does. */
	uint64_t base;
	int clipped;
	/** Ranges without data may exist: reader_data() is worth a call. */
	int sparse;
	/** reader_next() can answer READER_WAIT. */
	int waits;
	/** 0 left, 1 right: for messages. */
	int32_t side;
	/* What the implementations keep. */
	int fd;
	struct plat_stat before;
	const uint8_t *data;
	uint64_t pos;
	core_feed *feed;
	void *impl;
};

struct reader_ops {
	int32_t (*at)(struct reader *, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *);
	int32_t (*next)(struct reader *, struct task *, uint8_t *buf, size_t len, size_t *got, struct err *);
	int32_t (*check)(struct reader *, struct err *);
	void (*close)(struct reader *);
};

/**
 * Reads at an offset. Short only at the end of the bytes.
 * @return 0 or the code also in `*e`
 */
static inline int32_t reader_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len,
				size_t *got, struct err *e)
{
	return r->ops->at(r, r->base + off, buf, len, got, e);
}

/**
 * Reads on. `*got` 0 is the end; fewer than `len` is not.
 * @return 0, READER_WAIT, or the code also in `*e`
 */
static inline int32_t reader_next(struct reader *r, struct task *t, uint8_t *buf, size_t len,
				  size_t *got, struct err *e)
{
	return r->ops->next(r, t, buf, len, got, e);
}

/**
 * Whether the source is still what it was when it was opened.
 * @return 0, or CORE_ECHANGED with the attribute in `e->detail`
 */
static inline int32_t reader_check(struct reader *r, struct err *e)
{
	return r->ops->check(r, e);
}

/** Closes it; a reader that was never opened (all zero) is fine. */
static inline void reader_close(struct reader *r)
{
	if (r->ops)
		r->ops->close(r);
	r->ops = NULL;
}

/**
 * Opens a file below a directory, or from the working directory.
 * @param st  what fstat says of it; the reader is open even if that is no regular file
 * @return 0 or the code also in `*e`
 */
int32_t reader_open_file(struct reader *r, int dir, const char *path, unsigned flags, int32_t side,
			 struct err *e);
/** Reads bytes of the caller. Never fails. */
void reader_open_memory(struct reader *r, const uint8_t *data, uint64_t len, int32_t side);
/** Reads a feed, which it keeps until it is closed. */
void reader_open_feed(struct reader *r, core_feed *feed, int32_t side);

/** Leaves only the bytes from `skip` on, and `limit` (0: all) of those, of a reader with offsets. */
void reader_clip(struct reader *r, uint64_t skip, uint64_t limit);

/**
 * Where data next stands at or after `off`; `size` when only a hole follows.
 * Not for several threads at once. Only where `sparse` is set.
 */
uint64_t reader_data(struct reader *r, uint64_t off);
/** Where a hole next stands at or after `off`, which is in data. As reader_data(). */
uint64_t reader_hole(struct reader *r, uint64_t off);
/** 1 when the file's size says nothing of its length, as below /proc. */
int reader_is_pseudo(const struct reader *r);
/** 1 when both are surely the same blocks of one device. */
int reader_same_extents(const struct reader *a, const struct reader *b);
/** 1 when both are one inode of one device. */
int reader_same(const struct reader *a, const struct reader *b);

#endif
