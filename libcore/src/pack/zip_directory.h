/* SPDX-License-Identifier: MIT */
/* A zip that was opened, for the files that read its members. */
#ifndef PACK_ZIP_DIRECTORY_H
#define PACK_ZIP_DIRECTORY_H

#include "base/buf.h"
#include "pack/zip.h"

#include <stdatomic.h>

struct zip {
	struct reader *from;
	struct pack_limits limits;
	struct zip_entry *entries;
	uint64_t count, cap;
	/** All names and paths, one after another. */
	struct buf names;
	/** Bytes before the archive, and of all entries together when decoded. */
	uint64_t prefix, total;
	const _Atomic uint32_t *stop;
};

static inline int zip_stopped(const struct zip *z)
{
	return z->stop && atomic_load_explicit(z->stop, memory_order_relaxed);
}

/** zip_open() that another thread can stop. */
int32_t zip_open_with(struct zip **out, struct reader *r, const struct pack_limits *limits,
		      const _Atomic uint32_t *stop, struct err *e);

/**
 * Holds an entry against its local header and descriptor; sets `differs` and
 * `data_off`.
 * @param end   no byte of an entry stands at or behind it
 * @param span  bytes from the local header to the end of the data or descriptor
 * @return 0, or what the reader failed with
 */
int32_t zip_check_local(const struct zip *z, struct zip_entry *entry, uint64_t end, uint64_t *span,
			struct err *e);

#endif
