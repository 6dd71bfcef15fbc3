/* SPDX-License-Identifier: MIT */
/*
 * A pack that is decoded ahead, by a task of its own, into a bounded queue:
 * two archives then decode on two threads. The consumer is a task that parks
 * when the queue is empty.
 *
 * The decoder runs on the pool when its reader always has bytes. One whose
 * reader can answer READER_WAIT gets a thread of its own, which blocks:
 * decoders cannot be left in the middle.
 *
 * All functions but pack_stream_start() are the consumer's, which is one
 * task at a time. Functions that take a task and return READER_WAIT wake that
 * task when they are worth another call.
 */
#ifndef PACK_STREAM_H
#define PACK_STREAM_H

#include "base/err.h"
#include "io/reader.h"
#include "pack/look.h"
#include "pack/pack.h"
#include "pool/pool.h"

#include <stddef.h>
#include <stdint.h>

struct pack_stream;

/**
 * Starts to decode. Failures of the archive come with pack_stream_next().
 * @param take    becomes the stream's, also on failure
 * @param limits  NULL for the defaults
 * @return CORE_EMEMORY, CORE_ELIMIT (no thread left)
 */
int32_t pack_stream_start(struct pack_stream **out, struct reader *take, const struct pack_limits *limits,
			  struct err *e);

/** As pack_stream_start(), of what is in archives inside the archive; `look->ctx` and `look->root` must last until the decoder has let go. */
int32_t pack_stream_start_nested(struct pack_stream **out, struct reader *take, const struct pack_limits *limits,
				 const struct pack_look *look, struct err *e);

/**
 * Goes to the next entry; what is left of the current one is passed over,
 * without decoding it where the format allows. `*entry` is valid until the
 * next call of this function.
 * @return 1, 0 at the end, READER_WAIT as `PACK_STREAM_WAIT`, or as pack_next()
 */
int32_t pack_stream_next(struct pack_stream *s, struct task *t, struct pack_entry *entry, struct err *e);
/** What pack_stream_next() returns for READER_WAIT: 1 is taken. */
enum { PACK_STREAM_WAIT = 2 };

/**
 * The next bytes of the current entry without copying them; valid until the
 * next call on the stream.
 * @param len  0 at the end
 * @return 0, READER_WAIT, or as pack_data()
 */
int32_t pack_stream_data(struct pack_stream *s, struct task *t, const uint8_t **data, size_t *len,
			 struct err *e);

/**
 * Opens a reader (ops next only) on the current entry's data; valid until the
 * next pack_stream_next(), and to be closed before the stream is. After
 * reader_close() the task it was last read with is not woken any more.
 */
void reader_open_pack(struct reader *r, struct pack_stream *s, int32_t side);

/** The name, as stored, of the entry the decoder failed at; empty unless a call has failed. */
const uint8_t *pack_stream_failed_name(const struct pack_stream *s, uint32_t *len);

/** Bytes the decoder has taken from its reader so far. */
uint64_t pack_stream_bytes_read(const struct pack_stream *s);

/**
 * Ends the stream at any time. The decoder stops within one block and closes
 * the reader; until then what the reader reads must stay.
 * @param t  woken when the decoder has let go, NULL when nobody needs to know:
 *           the rest then goes on behind
 * @return 0 when all is gone, READER_WAIT when `t` is to call again; `s` is
 *         not to be used for anything else then. After NULL always 0.
 */
int32_t pack_stream_close(struct pack_stream *s, struct task *t);

#endif
