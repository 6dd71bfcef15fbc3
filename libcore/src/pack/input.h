/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an archive as its format sees them: those of a reader, or what
 * is compressed in them. They come in blocks, so that bytes can be handed on
 * without a copy.
 */
#ifndef PACK_INPUT_H
#define PACK_INPUT_H

#include "base/err.h"
#include "io/reader.h"
#include "pack/block.h"
#include "pack/decoder.h"
#include "pack/pack.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/** The ratio is not looked at before so much was made: small archives of zeros are ordinary. */
#define RATIO_FLOOR ((uint64_t)1 << 30)

struct input {
	struct reader from;
	/** Where to read on, of a reader with offsets. */
	uint64_t off;
	struct blocks *blocks;
	enum codec codec;
	struct decoder *decoder;
	/** Between two compressed streams: 1 after the first, 2 after zeros behind it. */
	int between;
	/** The reader's end was seen; and there is nothing more to decode either. */
	int read_all, over;
	/** Compressed bytes that wait to be decoded. */
	struct block *raw;
	size_t raw_at, raw_end;
	/** Bytes to give out: `at` to `end` of the block. */
	struct block *block;
	size_t at, end;
	/** Bytes taken from the reader; made by the decoder; before `at`. */
	_Atomic uint64_t taken;
	uint64_t made, passed;
	/** Most bytes made for each one taken. */
	uint64_t ratio;
	/** Set by another thread when nobody wants the rest; may be NULL. */
	const _Atomic uint32_t *stop;
	/** The failure, which stays. */
	struct err err;
};

/**
 * Takes a reader over and looks whether it is compressed.
 * @return 0 or the code also in `*e`; input_close() is to be called either way
 */
int32_t input_open(struct input *in, struct reader *take, struct blocks *blocks, uint64_t ratio,
		   const _Atomic uint32_t *stop, struct err *e);
void input_close(struct input *in);

/**
 * Bytes that follow, without passing them.
 * @param n      at least so many, at most PACK_BLOCK
 * @param avail  how many stand at `*data`; fewer than `n` only at the end
 * @return 0 or the code also in `*e`
 */
int32_t input_ahead(struct input *in, size_t n, const uint8_t **data, size_t *avail, struct err *e);
/** Passes bytes that input_ahead() gave. */
void input_take(struct input *in, size_t n);
/** Passes bytes, without reading them where the reader has offsets: CORE_EARCHIVE when there are fewer. */
int32_t input_skip(struct input *in, uint64_t n, struct err *e);
/**
 * Sees to it that nothing follows.
 * @param zeros  whether zeros may
 */
int32_t input_finish(struct input *in, int zeros, struct err *e);

/** 1 when input_skip() costs nothing. */
int input_can_jump(const struct input *in);
/** About the byte of the reader that is read now. */
uint64_t input_where(const struct input *in);
/** A failure at input_where(). Returns the code. */
int32_t input_fail(const struct input *in, int32_t code, const char *detail, struct err *e);

#endif
