/* SPDX-License-Identifier: MIT */
#include "pack/input.h"

#include "base/alloc.h"

#include <string.h>

uint64_t input_where(const struct input *in)
{
	if (in->codec == CODEC_NONE)
		return in->passed;
	return atomic_load_explicit(&in->taken, memory_order_relaxed) - (in->raw_end - in->raw_at);
}

int32_t input_fail(const struct input *in, int32_t code, const char *detail, struct err *e)
{
	*e = err_of(code, "read the archive", in->from.side, detail);
	e->at = input_where(in) + 1;
	return code;
}

/* As input_fail(), and again with every later call. */
static int32_t fail(struct input *in, int32_t code, const char *detail, struct err *e)
{
	input_fail(in, code, detail, e);
	in->err = *e;
	return code;
}

static int32_t fail_ratio(struct input *in, struct err *e)
{
	const struct pack_limits limits = {.ratio = in->ratio};

	pack_limit_err(&limits, PACK_LIMIT_RATIO, in->from.side, input_where(in), e);
	in->err = *e;
	return e->code;
}

/* ----------------------------------------------------------------- reading */

/* Fills a buffer from the reader; short only at the end. */
static int32_t pull(struct input *in, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	int32_t rc = 0;
	size_t n = 0;

	*got = 0;
	if (in->stop && atomic_load_explicit(in->stop, memory_order_relaxed))
		return fail(in, CORE_ECANCELLED, "cancelled", e);
	if (in->from.random) {
		rc = reader_at(&in->from, in->off, buf, len, &n, e);
		in->off += n;
		*got = n;
		in->read_all = n < len;
	} else {
		while (*got < len && !in->read_all && rc == 0) {
			rc = reader_next(&in->from, NULL, buf + *got, len - *got, &n, e);
			*got += n;
			in->read_all = rc == 0 && n == 0;
		}
		if (rc > 0)
			return fail(in, CORE_EUNSUPPORTED, "the source may have to wait", e);
	}
	atomic_fetch_add_explicit(&in->taken, *got, memory_order_relaxed);
	if (rc != 0)
		in->err = *e;
	return rc;
}

static int32_t pull_raw(struct input *in, struct err *e)
{
	in->raw_at = 0;
	in->raw_end = 0;
	if (in->read_all)
		return 0;
	return pull(in, in->raw->data, PACK_BLOCK, &in->raw_end, e);
}

/*
 * What follows a compressed stream: another one, or zeros that fill the last
 * record of a tape, or xz's padding, and the end.
 */
static int32_t pass_between(struct input *in, struct err *e)
{
	while (in->raw_at < in->raw_end && in->raw->data[in->raw_at] == 0) {
		in->raw_at++;
		in->between = 2;
	}
	if (in->raw_at == in->raw_end) {
		in->over = in->read_all;
		return 0;
	}
	size_t left = in->raw_end - in->raw_at;
	if (left < 6 && !in->read_all) {
		/* Not enough to tell; fewer than 6 bytes move. */
		size_t got;
		memmove(in->raw->data, in->raw->data + in->raw_at, left);
		in->raw_at = 0;
		in->raw_end = left;
		int32_t rc = pull(in, in->raw->data + left, PACK_BLOCK - left, &got, e);
		in->raw_end += got;
		if (rc != 0)
			return rc;
	}
	enum codec next = codec_of(in->raw->data + in->raw_at, in->raw_end - in->raw_at);
	/* A frame to be skipped looks like zstd, and may also stand behind lz4. */
	int same = next == in->codec || (in->codec == CODEC_LZ4 && next == CODEC_ZSTD);
	if (!same || (in->between == 2 && in->codec != CODEC_XZ))
		return fail(in, CORE_EARCHIVE, "there is something else behind the compressed data", e);
	in->between = 0;
	if (decoder_again(in->decoder) != 0)
		return fail(in, CORE_EMEMORY, "out of memory", e);
	return 0;
}

static int32_t decode(struct input *in, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	uint8_t *out = buf;
	size_t room = len;
	int32_t rc = 0;

	while (room > 0 && !in->over && rc >= 0) {
		if (in->raw_at == in->raw_end && (rc = pull_raw(in, e)) != 0)
			break;
		if (in->between) {
			rc = pass_between(in, e);
			continue;
		}
		const uint8_t *from = in->raw->data + in->raw_at;
		size_t have = in->raw_end - in->raw_at, before = room;
		const char *why;
		rc = decoder_run(in->decoder, &from, &have, &out, &room, &why);
		in->raw_at = in->raw_end - have;
		if (rc == DECODER_END)
			in->between = 1;
		else if (rc < 0)
			fail(in, rc, why, e);
		else if (in->raw_end == 0 && room == before)
			rc = fail(in, CORE_EARCHIVE, "the compressed data is cut short", e);
	}
	*got = len - room;
	in->made += *got;
	if (rc < 0)
		return rc;
	if (in->made > RATIO_FLOOR && in->made / in->ratio > atomic_load_explicit(&in->taken, memory_order_relaxed))
		return fail_ratio(in, e);
	return 0;
}

/* Puts more bytes behind those of the block, until it is full or all is read. */
static int32_t fill(struct input *in, struct err *e)
{
	int32_t rc = 0;

	while (rc == 0 && in->end < PACK_BLOCK && !in->over) {
		size_t got;
		if (in->codec == CODEC_NONE) {
			rc = pull(in, in->block->data + in->end, PACK_BLOCK - in->end, &got, e);
			in->over = in->read_all;
		} else {
			rc = decode(in, in->block->data + in->end, PACK_BLOCK - in->end, &got, e);
		}
		in->end += got;
	}
	return rc;
}

/* A block for more bytes, with those that were not passed yet at its beginning. */
static int32_t turn(struct input *in, struct err *e)
{
	size_t left = in->end - in->at;

	if (atomic_load(&in->block->holders) == 1) {
		memmove(in->block->data, in->block->data + in->at, left);
	} else {
		struct block *b = block_new(in->blocks);
		if (!b)
			return fail(in, CORE_EMEMORY, "out of memory", e);
		memcpy(b->data, in->block->data + in->at, left);
		block_drop(in->block);
		in->block = b;
	}
	in->at = 0;
	in->end = left;
	return 0;
}

/* --------------------------------------------------------------- functions */

int32_t input_open(struct input *in, struct reader *take, struct blocks *blocks, uint64_t ratio,
		   const _Atomic uint32_t *stop, struct err *e)
{
	memset(in, 0, sizeof *in);
	in->from = *take;
	take->ops = NULL;
	in->blocks = blocks;
	in->ratio = ratio;
	in->stop = stop;
	in->block = block_new(blocks);
	if (!in->block)
		return fail(in, CORE_EMEMORY, "out of memory", e);
	int32_t rc = fill(in, e);
	if (rc != 0)
		return rc;
	enum codec codec = codec_of(in->block->data, in->end);
	if (codec == CODEC_NONE)
		return 0;
	in->raw = in->block;
	in->raw_end = in->end;
	in->at = 0;
	in->end = 0;
	in->over = 0;
	in->codec = codec;
	in->block = block_new(blocks);
	rc = in->block ? decoder_new(&in->decoder, codec) : CORE_EMEMORY;
	return rc == 0 ? 0 : fail(in, rc, "out of memory", e);
}

void input_close(struct input *in)
{
	decoder_del(in->decoder);
	block_drop(in->raw);
	block_drop(in->block);
	reader_close(&in->from);
	in->decoder = NULL;
	in->raw = NULL;
	in->block = NULL;
}

int32_t input_ahead(struct input *in, size_t n, const uint8_t **data, size_t *avail, struct err *e)
{
	if (in->end - in->at < n && !in->over) {
		int32_t rc = in->err.code;
		if (rc != 0)
			*e = in->err;
		else
			rc = turn(in, e);
		if (rc == 0)
			rc = fill(in, e);
		if (rc != 0 && in->end - in->at < n)
			return rc;
	}
	*data = in->block->data + in->at;
	*avail = in->end - in->at;
	return 0;
}

void input_take(struct input *in, size_t n)
{
	in->at += n;
	in->passed += n;
}

int input_can_jump(const struct input *in)
{
	return in->codec == CODEC_NONE && in->from.random;
}

int32_t input_skip(struct input *in, uint64_t n, struct err *e)
{
	while (n > 0) {
		const uint8_t *data;
		size_t avail = in->end - in->at;
		if (avail == 0 && input_can_jump(in) && !in->over && n >= PACK_BLOCK) {
			if (n > in->from.size || in->off > in->from.size - n)
				return input_fail(in, CORE_EARCHIVE, "the archive is cut short", e);
			in->off += n;
			in->passed += n;
			return 0;
		}
		if (avail == 0) {
			int32_t rc = input_ahead(in, 1, &data, &avail, e);
			if (rc != 0)
				return rc;
		}
		if (avail == 0)
			return input_fail(in, CORE_EARCHIVE, "the archive is cut short", e);
		if (avail > n)
			avail = (size_t)n;
		input_take(in, avail);
		n -= avail;
	}
	return 0;
}

int32_t input_finish(struct input *in, int zeros, struct err *e)
{
	for (;;) {
		const uint8_t *data;
		size_t avail;
		int32_t rc = input_ahead(in, 1, &data, &avail, e);
		if (rc != 0)
			return rc;
		if (avail == 0)
			return 0;
		/* Zero, and the same as its neighbour all along. */
		if (!zeros || data[0] != 0 || memcmp(data, data + 1, avail - 1) != 0)
			return input_fail(in, CORE_EARCHIVE, "there is something behind the end of the archive", e);
		input_take(in, avail);
	}
}
