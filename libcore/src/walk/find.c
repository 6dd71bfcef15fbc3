/* SPDX-License-Identifier: MIT */
#include "walk/find.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

enum {
	/** Bytes that are written at once. */
	FLUSH_BYTES = 64 << 10,
	/** Bytes that may wait to be written. */
	OUT_BYTES = 256 << 10,
	/** Nanoseconds that a line waits for more. */
	FLUSH_NS = 20 * 1000 * 1000,
	/** How long a descriptor that is full is waited for before the run's state is looked at. */
	SLICE_MS = 50,
	/** Bytes of entries in a record. */
	BATCH_BYTES = 30 << 10,
	/** Of an entry in a record, before its path. */
	HEAD_BYTES = 8,
};

struct find {
	struct find_config config;
	core_run *run;
	/** What is to be written, and what is being written. */
	struct buf out, writing;
	uint64_t flushed_ns;
};

/* ----------------------------------------------------------------- lines */

static int32_t line_entry(void *ctx, struct walk_entry *e, struct buf *out)
{
	const struct find *f = ctx;
	size_t given = f->config.flags & CORE_FIND_RELATIVE ? 0 : e->root->given_len;
	int32_t rc = query_wants(&f->config.query, e);

	if (rc != 1)
		return rc;
	rc = buf_reserve(out, given + e->len + 1);
	if (rc != 0)
		return rc;
	uint8_t *at = out->data + out->len;
	memcpy(at, e->root->given, given);
	memcpy(at + given, e->path, e->len);
	at[given + e->len] = f->config.flags & CORE_FIND_NUL ? '\0' : '\n';
	out->len += given + e->len + 1;
	return 1;
}

static int32_t line_send(void *ctx, struct task *t, const uint8_t *data, size_t len, size_t *used)
{
	struct find *f = ctx;
	size_t room = f->out.len < OUT_BYTES ? OUT_BYTES - f->out.len : 0;

	(void)t;
	*used = len < room ? len : room;
	int32_t rc = buf_append(&f->out, data, *used);
	if (rc != 0)
		return rc;
	return *used == len;
}

static int line_pending(void *ctx, int idle)
{
	const struct find *f = ctx;

	if (f->out.len == 0)
		return 0;
	return idle || f->out.len >= FLUSH_BYTES || pool_now() - f->flushed_ns > FLUSH_NS;
}

static void line_take(void *ctx)
{
	struct find *f = ctx;
	struct buf t = f->writing;

	f->writing = f->out;
	f->out = t;
	f->out.len = 0;
	f->flushed_ns = pool_now();
}

/* How far a line that was begun goes on, so that a cancelled run leaves whole ones. */
static size_t line_end(const struct find *f, size_t at)
{
	const uint8_t *data = f->writing.data;
	int end = f->config.flags & CORE_FIND_NUL ? '\0' : '\n';

	if (at == 0 || data[at - 1] == end)
		return at;
	const uint8_t *p = memchr(data + at, end, f->writing.len - at);
	return p ? (size_t)(p - data) + 1 : f->writing.len;
}

static int32_t line_flush(void *ctx, struct err *e)
{
	struct find *f = ctx;
	size_t len = f->writing.len;
	int cancelled = 0;

	for (size_t at = 0; at < len;) {
		int64_t n = plat_write(f->config.output, f->writing.data + at, len - at);
		if (n > 0) {
			at += (size_t)n;
			continue;
		}
		if (n == -EAGAIN || n == 0)
			n = plat_wait_writable(f->config.output, SLICE_MS);
		if (n < 0) {
			*e = err_sys((int)-n, "write", -1);
			e->code = CORE_EWRITE;
			return e->code;
		}
		/* Somebody who does not read is not waited for once nothing more is wanted. */
		if (run_cancelled(f->run) && !cancelled) {
			cancelled = 1;
			len = line_end(f, at);
		} else if (cancelled && n == 0) {
			break;
		}
	}
	return 0;
}

/* --------------------------------------------------------------- records */

static int32_t packed_entry(void *ctx, struct walk_entry *e, struct buf *out)
{
	const struct find *f = ctx;
	int32_t rc = query_wants(&f->config.query, e);

	if (rc != 1)
		return rc;
	/* A record is no larger than half a ring: a longer path is told as one that could not be looked at. */
	if (e->len > BATCH_BYTES - HEAD_BYTES)
		return -ENAMETOOLONG;
	rc = buf_reserve(out, HEAD_BYTES + e->len);
	if (rc != 0)
		return rc;
	uint16_t len = (uint16_t)e->len, root = (uint16_t)e->number;
	uint16_t depth = e->depth < UINT16_MAX ? (uint16_t)e->depth : UINT16_MAX;
	uint8_t *at = out->data + out->len;
	memcpy(at, &len, sizeof len);
	at[2] = e->kind;
	at[3] = e->link;
	memcpy(at + 4, &depth, sizeof depth);
	memcpy(at + 6, &root, sizeof root);
	memcpy(at + HEAD_BYTES, e->path, e->len);
	out->len += HEAD_BYTES + e->len;
	return 1;
}

/* The bytes of whole entries that fit into a record. */
static size_t whole_entries(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint16_t path;
		memcpy(&path, data + at, sizeof path);
		if (at + HEAD_BYTES + path > BATCH_BYTES)
			break;
		at += HEAD_BYTES + (size_t)path;
	}
	return at;
}

static int32_t packed_send(void *ctx, struct task *t, const uint8_t *data, size_t len, size_t *used)
{
	const struct find *f = ctx;

	for (*used = 0; *used < len;) {
		size_t n = whole_entries(data + *used, len - *used);
		struct core_rec_found r = {.head = {.type = CORE_REC_FOUND}};
		size_t bytes = (sizeof r + n + 7) & ~(size_t)7;
		uint8_t *at;
		int32_t rc = run_reserve(f->run, t, (uint32_t)bytes, &at);
		if (rc != 1)
			return rc;
		if (at) {
			r.head.bytes = (uint32_t)bytes;
			r.entries = (struct core_str){.off = sizeof r, .len = (uint32_t)n};
			memcpy(at, &r, sizeof r);
			memcpy(at + sizeof r, data + *used, n);
			memset(at + sizeof r + n, 0, bytes - sizeof r - n);
			run_commit(f->run, (uint32_t)bytes);
		}
		*used += n;
	}
	return 1;
}

/* ------------------------------------------------------------------ both */

static int32_t send_failure(void *ctx, struct task *t, const struct err *e, const uint8_t *path, size_t len)
{
	const struct find *f = ctx;
	char text[256];
	size_t text_len = err_text(e, text, sizeof text), kept = len < BATCH_BYTES ? len : BATCH_BYTES;
	struct core_rec_error r = {.code = e->code, .sys = e->sys};
	size_t bytes = (sizeof r + kept + text_len + 7) & ~(size_t)7;
	uint8_t *at;

	int32_t rc = run_reserve(f->run, t, (uint32_t)bytes, &at);
	if (rc != 1 || !at)
		return rc;
	r.head = (struct core_rec){.bytes = (uint32_t)bytes, .type = CORE_REC_ERROR};
	r.path = (struct core_str){.off = sizeof r, .len = (uint32_t)kept};
	r.message = (struct core_str){.off = (uint32_t)(sizeof r + kept), .len = (uint32_t)text_len};
	memset(at, 0, bytes);
	memcpy(at, &r, sizeof r);
	memcpy(at + sizeof r, path, kept);
	memcpy(at + sizeof r + kept, text, text_len);
	run_commit(f->run, (uint32_t)bytes);
	return 1;
}

static void find_begin(void *ctx, core_run *run)
{
	struct find *f = ctx;

	f->run = run;
}

static void config_free(const struct find_config *c)
{
	if (c->query.match)
		filter_unref(c->query.match);
	ignore_del(c->excludes);
}

static void find_free(void *ctx)
{
	struct find *f = ctx;

	config_free(&f->config);
	buf_free(&f->out);
	buf_free(&f->writing);
	mem_free(f);
}

int32_t find_start(core_run **out, core_pump *pump, uint64_t token, const struct find_config *config,
		   const struct walk_config *c, struct walk_root *roots, uint32_t roots_count)
{
	static const struct walk_ops lines = {find_begin, line_entry, line_send, send_failure,
					      line_pending, line_take, line_flush};
	/* A ring is written at once. */
	static const struct walk_ops packed = {find_begin, packed_entry, packed_send, send_failure, NULL, NULL, NULL};
	struct find *f = mem_zalloc(1, sizeof *f);

	if (!f) {
		config_free(config);
		walk_roots_free(roots, roots_count);
		return CORE_EMEMORY;
	}
	f->config = *config;
	return walk_start(out, pump, token, c, roots, roots_count, config->output >= 0 ? &lines : &packed, f, find_free);
}
