/* SPDX-License-Identifier: MIT */
/*
 * A file that appears under its name whole, or not at all: written beside it
 * under another name, made sure to lie on the device, then renamed.
 */
#ifndef IO_DURABLE_H
#define IO_DURABLE_H

#include "base/buf.h"
#include "base/err.h"
#include "plat/plat.h"

struct durable {
	/** The directory it is in; -1 when nothing is open. */
	int dir, fd;
	/** Its name in the directory, and the one it has while it is written. */
	char *name, *other;
	/** Bytes that are not yet written. */
	struct buf buf;
	uint64_t written;
};

/** Sets it to nothing, for durable_drop(). */
void durable_init(struct durable *d);

/**
 * Begins a file.
 * @param path    where it is to appear; NUL-terminated
 * @param suffix  what its name has behind it while it is written
 * @param lock    fail with CORE_EWRITE while another process writes it
 * @return 0, or the code also in `*e`: CORE_EWRITE, CORE_EMEMORY
 */
int32_t durable_begin(struct durable *d, const char *path, const char *suffix, int lock, struct err *e);
/** Writes, sooner or later. @return 0, or the code also in `*e` */
int32_t durable_write(struct durable *d, const void *data, size_t len, struct err *e);
/** Writes what is not yet written. @return as durable_write() */
int32_t durable_flush(struct durable *d, struct err *e);
/** Makes it appear, in place of what has its name. Then nothing is open. @return as durable_write() */
int32_t durable_commit(struct durable *d, struct err *e);
/** Leaves it under its other name, as far as it is written: nothing is open then. @return as durable_write() */
int32_t durable_leave(struct durable *d, struct err *e);
/** Takes away what was written. Nothing is open then; harmless when nothing was. */
void durable_drop(struct durable *d);

#endif
