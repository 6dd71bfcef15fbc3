/* SPDX-License-Identifier: MIT */
/*
 * What opens a reader, for engines that do not know what they read: how a
 * URL gets from the functions of core.h to a comparison.
 */
#ifndef IO_OPENER_H
#define IO_OPENER_H

#include "io/reader.h"

/** What will be wanted of the reader. */
struct reader_want {
	/** Bytes to leave out at the start, and to read at most then (0: all). */
	uint64_t skip, limit;
	/** The size may settle it: to be found out without any of the bytes, if that is possible. */
	int size_first;
	/** A digest may settle it. */
	int digest;
};

struct opener;

struct opener_ops {
	/** Opens a reader, which may then have to become ready: 0 or the code also in `*e`. */
	int32_t (*open)(struct opener *, struct reader *, const struct reader_want *, int32_t side, struct err *);
	void (*del)(struct opener *);
};

/** To be embedded. One thread at a time. */
struct opener {
	const struct opener_ops *ops;
};

#endif
