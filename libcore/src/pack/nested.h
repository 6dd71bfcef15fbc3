/* SPDX-License-Identifier: MIT */
/*
 * A pack of what is in archives inside an archive: their entries, under names
 * such as `outer.tar!/inner`, decoded as the outer one is read. Which are
 * looked into, the caller says; nothing else of the outer archive is given.
 *
 * Behind the entries of each comes one with `over` set, which tells whether
 * the archive was read to its proven end.
 *
 * A ZIP of up to 64 MiB is taken into memory, so that its directory counts; a
 * larger one is read as from a stream. Limits hold for all levels together.
 */
#ifndef PACK_NESTED_H
#define PACK_NESTED_H

#include "pack/format.h"
#include "pack/look.h"

/** As pack_open_with(); what `look` points to must outlive the pack, but for `root`. */
int32_t nested_open(struct pack **out, struct reader *take, const struct pack_limits *limits, struct blocks *blocks,
		    const _Atomic uint32_t *stop, const struct pack_look *look, struct err *e);

/** Goes on for a bounded time: 1 when pack_next() has something to give at once, 0 when it would take longer. */
int nested_advance(struct pack *p);

/** Each level may make much of little; 1 when all together made too much of the outermost one's bytes. */
int nested_is_too_much(struct pack *p);

/** Blocks that are held for each level of depth. */
enum { NESTED_BLOCKS = 4 };

extern const struct format format_nested;

#endif
