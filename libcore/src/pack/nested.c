/* SPDX-License-Identifier: MIT */
#include "pack/nested.h"

#include "base/alloc.h"

#include <string.h>

enum {
	/** What tells an archive from other files; where it is compressed, the first block has to be whole: 4 MiB of lz4. */
	HEAD_BYTES = 4 << 10,
	HEAD_PACKED = (4 << 20) + (64 << 10),
	/** The largest ZIP or 7z that is taken into memory. */
	MOST_MEMORY = 64 << 20,
	/** Bytes taken into memory in one step. */
	STEP_BYTES = 1 << 20,
};

struct level {
	struct pack *pack;
	/** Its path with "!/" behind it; empty for the outermost one, unless that has a path. */
	struct buf prefix;
	/** Its entries are given. */
	int listed;
	struct pack_entry entry;
	/** The first bytes of the entry that is looked into, or all of them (`whole`), and how far they are read. */
	struct buf head;
	size_t head_at;
	int whole;
	/** What of the entry was taken and not yet read. */
	struct slice slice;
};

struct nested {
	struct pack_look look;
	const _Atomic uint32_t *stop;
	/** `look.depth` + 1 of them, of which `count` are open. */
	struct level *level;
	uint32_t count;
	/** The entry at which the innermost level stands is being looked at. */
	enum pack_into entering;
	/** What `next` gives at once: an entry or, then also `result`, an end or failure. */
	int ready;
	int32_t result;
	struct err err;
	/** The entry is the end of an archive. */
	int over;
	/** The outermost archive's bytes, where they are looked at first, and those that were (all of them: `whole`). */
	struct reader from;
	struct buf head;
	size_t head_at;
	int whole;
	/** Bytes made by levels that are closed. */
	uint64_t made;
	struct buf path;
};

static struct level *top(const struct nested *n)
{
	return &n->level[n->count - 1];
}

/* ------------------------------------------------------------------ results */

/* What `next` gives. Until it does, there are no bytes: those of the entry before are over. */
static int set_result(struct nested *n, int32_t rc, const struct err *e)
{
	n->ready = 1;
	n->result = rc;
	if (rc < 0)
		n->err = *e;
	return 1;
}

static int set_memory(struct nested *n, const struct pack *p)
{
	struct err e;

	return set_result(n, pack_fail(p, CORE_EMEMORY, "out of memory", &e), &e);
}

static int32_t append(struct pack *p, struct piece *piece, const struct buf *prefix, const uint8_t *s, size_t len)
{
	*piece = (struct piece){p->text.len, (uint32_t)(prefix->len + len), 1};
	return buf_append(&p->text, prefix->data, prefix->len) == 0 && buf_append(&p->text, s, len) == 0 ? 0 : CORE_EMEMORY;
}

/* The entry of an inner archive, under its whole name. */
static int give_entry(struct pack *p, const struct level *l)
{
	static const struct buf none = {0};
	struct nested *n = p->impl;
	const struct pack_entry *in = &l->entry;
	struct err e;

	/* What is written at its root is about the archive itself. */
	if (in->path_len == 0 && in->kind == CORE_KIND_DIR)
		return 0;
	entry_begin(p);
	const uint64_t index = p->entry.index;
	p->entry = *in;
	p->entry.index = index;
	p->entry.prefix_len = (uint32_t)l->prefix.len;
	if (l->prefix.len + in->raw_len > p->limits.name)
		return set_result(n, pack_over(p, PACK_LIMIT_NAME, &e), &e);
	int32_t rc = append(p, &p->raw, &l->prefix, in->raw, in->raw_len);
	if (rc == 0)
		rc = append(p, &p->path, &l->prefix, in->path, in->path_len);
	if (rc == 0 && in->target)
		rc = append(p, &p->target, in->hardlink ? &l->prefix : &none, in->target, in->target_len);
	for (uint32_t i = 0; rc == 0 && i < in->attr_count; i++)
		rc = entry_attr(p, in->attrs[i].name, in->attrs[i].name_len, in->attrs[i].value, in->attrs[i].value_len, &e);
	return rc == 0 ? set_result(n, 1, NULL) : set_memory(n, p);
}

/* The archive at a path is over: at its end, or failed. */
static int give_end(struct pack *p, const uint8_t *path, size_t len, enum pack_over over, const struct err *why)
{
	static const struct buf none = {0};
	struct nested *n = p->impl;

	entry_begin(p);
	p->entry.kind = CORE_KIND_FILE;
	p->entry.size = 0;
	p->entry.over = (uint8_t)over;
	if (over == PACK_OVER_FAILED)
		p->entry.why = *why;
	n->over = 1;
	if (append(p, &p->raw, &none, path, len) != 0 || append(p, &p->path, &none, path, len) != 0)
		return set_memory(n, p);
	return set_result(n, 1, NULL);
}

/* ------------------------------------------------------------------- budget */

static uint64_t made_by(const struct pack *p)
{
	return p->in.made > p->decoded ? p->in.made : p->decoded;
}

int nested_is_too_much(struct pack *p)
{
	const struct nested *n = p->impl;
	uint64_t made = n->made;

	for (uint32_t i = 0; i < n->count; i++)
		made += made_by(n->level[i].pack);
	const uint64_t taken = n->count > 0 ? pack_bytes_read(n->level[0].pack) : pack_bytes_read(p);
	atomic_store_explicit(&p->in.taken, taken, memory_order_relaxed);
	return made > RATIO_FLOOR && made / p->limits.ratio > taken;
}

/* -------------------------------------------------------------------- levels */

static void close_level(struct nested *n)
{
	struct level *l = top(n);

	if (l->pack)
		n->made += made_by(l->pack);
	block_drop(l->slice.block);
	pack_close(l->pack);
	buf_free(&l->prefix);
	buf_free(&l->head);
	*l = (struct level){0};
	n->count--;
}

/* The innermost archive is at its end, or cannot be read any further. */
static int end_level(struct pack *p, int32_t rc, const struct err *e)
{
	struct nested *n = p->impl;
	struct level *l = top(n);
	struct err changed;

	if (rc == 0 && n->count == 1 && reader_check(&n->from, &changed) != 0) {
		rc = changed.code;
		e = &changed;
	}
	/* The outermost one ends all, unless it is itself one that is looked into. */
	if (l->prefix.len == 0 || rc == CORE_EMEMORY || rc == CORE_ECANCELLED)
		return set_result(n, rc, e);
	const int listed = l->listed;
	n->path.len = 0;
	if (buf_append(&n->path, l->prefix.data, l->prefix.len - 2) != 0)
		return set_memory(n, p);
	close_level(n);
	return listed ? give_end(p, n->path.data, n->path.len, rc < 0 ? PACK_OVER_FAILED : PACK_OVER_WHOLE, e) : 0;
}

static int32_t read_level(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	struct level *l = r->impl;
	const uint8_t *from = l->head.data + l->head_at;

	(void)t;
	*got = l->head.len - l->head_at < len ? l->head.len - l->head_at : len;
	if (*got > 0) {
		l->head_at += *got;
	} else if (len > 0) {
		if (l->slice.len == 0) {
			block_drop(l->slice.block);
			int32_t rc = pack_take(l->pack, &l->slice, e);
			if (rc != 0)
				return rc;
		}
		*got = l->slice.len < len ? l->slice.len : len;
		from = l->slice.data;
		l->slice.data += *got;
		l->slice.len -= *got;
	}
	if (*got > 0)
		memcpy(buf, from, *got);
	r->pos += *got;
	return 0;
}

static int32_t no_offsets(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "an archive's entry has no offsets");
	return e->code;
}

static int32_t no_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void no_close(struct reader *r)
{
	(void)r;
}

static const struct reader_ops level_ops = {no_offsets, read_level, no_check, no_close, NULL};

/* Whether its directory, at its end, says more than its beginning. */
static int wants_memory(const struct buf *head)
{
	return head->len >= 6 && (memcmp(head->data, "PK\3\4", 4) == 0 || memcmp(head->data, "PK\5\6", 4) == 0 ||
				  memcmp(head->data, "7z\xbc\xaf\x27\x1c", 6) == 0);
}

/* Whether so many bytes tell what it is. */
static int is_enough(const struct buf *head)
{
	if (head->len < HEAD_BYTES)
		return 0;
	if (wants_memory(head))
		return head->len >= MOST_MEMORY;
	return codec_of(head->data, head->len) == CODEC_NONE || head->len >= HEAD_PACKED;
}

/*
 * Takes more of the entry to see what it is.
 * @return 1 when that is enough, 0 when more is to be taken, or the code in `*e`
 */
static int32_t take_head(struct level *l, struct err *e)
{
	size_t from = l->head.len;

	while (!l->whole && l->head.len - from < STEP_BYTES) {
		struct slice s;
		int32_t rc = pack_take(l->pack, &s, e);
		if (rc == 0 && s.len > 0 && buf_append(&l->head, s.data, s.len) != 0)
			rc = pack_fail(l->pack, CORE_EMEMORY, "out of memory", e);
		block_drop(s.block);
		if (rc != 0)
			return rc;
		l->whole = s.len == 0;
		if (is_enough(&l->head))
			return 1;
	}
	return l->whole;
}

/* Opens the archive that the innermost level's entry is. @return as pack_open() */
static int32_t open_inner(struct pack *p, struct level *outer, struct level *inner, struct err *e)
{
	struct nested *n = p->impl;
	struct reader r;
	const struct pack_limits limits = {
		.bytes = p->limits.bytes, .ratio = p->limits.ratio, .entries = p->limits.entries, .name = p->limits.name};

	if (outer->whole)
		reader_open_memory(&r, outer->head.data, outer->head.len, p->side);
	else
		r = (struct reader){.ops = &level_ops, .size = UINT64_MAX, .side = p->side, .impl = outer};
	return pack_open_with(&inner->pack, &r, &limits, p->blocks, n->stop, e);
}

/* Goes on looking at the entry of the innermost level: 1 when `ready`. */
static int enter(struct pack *p)
{
	struct nested *n = p->impl;
	struct level *outer = top(n), *inner = outer + 1;
	struct err e;

	int32_t rc = take_head(outer, &e);
	if (rc == 0)
		return 0;
	const enum pack_into into = n->entering;
	n->entering = PACK_INTO_NOT;
	n->path.len = 0;
	if (buf_append(&n->path, outer->prefix.data, outer->prefix.len) != 0 ||
	    buf_append(&n->path, outer->entry.path, outer->entry.path_len) != 0)
		return set_memory(n, p);
	if (rc > 0)
		rc = pack_sniff_bytes(outer->head.data, outer->head.len);
	if (rc == CORE_EMEMORY)
		return set_memory(n, p);
	if (rc == 0)
		return into == PACK_INTO_LIST ? give_end(p, n->path.data, n->path.len, PACK_OVER_NONE, NULL) : 0;
	if (rc > 0)
		rc = open_inner(p, outer, inner, &e);
	if (rc == CORE_EMEMORY || rc == CORE_ECANCELLED)
		return set_result(n, rc, &e);
	if (rc != 0)
		return into == PACK_INTO_LIST ? give_end(p, n->path.data, n->path.len, PACK_OVER_FAILED, &e) : 0;
	n->count++;
	inner->listed = into == PACK_INTO_LIST;
	if (buf_append(&inner->prefix, n->path.data, n->path.len) != 0 || buf_append(&inner->prefix, "!/", 2) != 0)
		return set_memory(n, p);
	return 0;
}

/* The next entry of the innermost level: 1 when `ready`. */
static int go_on(struct pack *p)
{
	struct nested *n = p->impl;
	struct level *l = top(n);
	struct err e;

	int32_t rc = pack_pass(l->pack, &e);
	if (rc > 0)
		return 0;
	if (rc == 0)
		rc = pack_next(l->pack, &l->entry, &e);
	if (rc <= 0)
		return end_level(p, rc, &e);
	const struct pack_entry *in = &l->entry;
	/* Names that lead out are no way in. */
	if (n->count <= n->look.depth && in->kind == CORE_KIND_FILE && !in->hardlink && !in->encrypted) {
		n->path.len = 0;
		if (buf_append(&n->path, l->prefix.data, l->prefix.len) != 0 ||
		    buf_append(&n->path, in->path, in->path_len) != 0)
			return set_memory(n, p);
		n->entering = n->look.into(n->look.ctx, n->path.data, n->path.len);
		if (n->entering != PACK_INTO_NOT) {
			l->head.len = l->head_at = 0;
			l->whole = 0;
			block_drop(l->slice.block);
			l->slice = (struct slice){0};
			return 0;
		}
	}
	return l->listed ? give_entry(p, l) : 0;
}

int nested_advance(struct pack *p)
{
	struct nested *n = p->impl;
	struct err e;

	if (n->ready)
		return 1;
	if (n->count == 0)
		return set_result(n, 0, NULL);
	if (n->stop && atomic_load_explicit(n->stop, memory_order_relaxed))
		return set_result(n, pack_fail(p, CORE_ECANCELLED, "cancelled", &e), &e);
	n->over = 0;
	const int ready = n->entering != PACK_INTO_NOT ? enter(p) : go_on(p);
	p->data_over = 1;
	if (nested_is_too_much(p))
		return set_result(n, pack_over(p, PACK_LIMIT_RATIO, &e), &e);
	return ready;
}

/* -------------------------------------------------------------------- format */

static int32_t nested_next(struct pack *p, struct err *e)
{
	struct nested *n = p->impl;

	while (!nested_advance(p))
		;
	n->ready = 0;
	p->data_over = 0;
	if (n->result < 0)
		*e = n->err;
	return n->result;
}

static int32_t nested_data(struct pack *p, struct slice *out, struct err *e)
{
	const struct nested *n = p->impl;

	*out = (struct slice){0};
	return n->over || n->count == 0 ? 0 : pack_take(top(n)->pack, out, e);
}

static int32_t nested_pass(struct pack *p, int *more, struct err *e)
{
	const struct nested *n = p->impl;

	/* What fails is told with the next entry. */
	*more = !n->over && n->count > 0 && pack_pass(top(n)->pack, e) > 0;
	return 0;
}

static void nested_close(struct pack *p)
{
	struct nested *n = p->impl;

	if (!n)
		return;
	/* A level that was made and not yet counted has nothing but a prefix. */
	while (n->count > 0)
		close_level(n);
	reader_close(&n->from);
	buf_free(&n->head);
	buf_free(&n->path);
	mem_free(n->level);
	mem_free(n);
	p->impl = NULL;
}

static int32_t nested_no_open(struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EUNSUPPORTED, "it is opened in another way", e);
}

const struct format format_nested = {"nested", nested_no_open, nested_next, nested_data, nested_pass, nested_close};

static int32_t read_outermost(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	struct nested *n = r->impl;
	const size_t left = n->head.len - n->head_at;

	if (left == 0)
		return reader_next(&n->from, t, buf, len, got, e);
	*got = left < len ? left : len;
	memcpy(buf, n->head.data + n->head_at, *got);
	n->head_at += *got;
	r->pos += *got;
	return 0;
}

static int32_t check_outermost(struct reader *r, struct err *e)
{
	struct nested *n = r->impl;

	return reader_check(&n->from, e);
}

static const struct reader_ops outermost_ops = {no_offsets, read_outermost, check_outermost, no_close, NULL};

/*
 * Looks whether a reader without offsets is an archive, and takes a ZIP or 7z into memory.
 * @return 1, with `*take` to be read, 0 when it is none, or the code in `*e`
 */
static int32_t take_outermost(struct nested *n, struct reader *take, struct err *e)
{
	size_t got = 1;
	int32_t rc = 0;

	n->from = *take;
	take->ops = NULL;
	while (rc == 0 && got > 0 && !is_enough(&n->head)) {
		if (buf_reserve(&n->head, STEP_BYTES) != 0) {
			*e = err_of(CORE_EMEMORY, "read the archive", n->from.side, "out of memory");
			return e->code;
		}
		rc = reader_next(&n->from, NULL, n->head.data + n->head.len, STEP_BYTES, &got, e);
		n->head.len += rc == 0 ? got : 0;
	}
	n->whole = got == 0;
	if (rc == 0)
		rc = pack_sniff_bytes(n->head.data, n->head.len);
	if (rc == CORE_EMEMORY)
		*e = err_of(rc, "read the archive", n->from.side, "out of memory");
	if (rc != 1)
		return rc;
	if (n->whole)
		reader_open_memory(take, n->head.data, n->head.len, n->from.side);
	else
		*take = (struct reader){.ops = &outermost_ops, .size = n->from.size, .side = n->from.side, .impl = n};
	return 1;
}

/* As take_outermost(), of any reader. */
static int32_t look_at_outermost(struct nested *n, struct reader *take, struct err *e)
{
	if (!take->random)
		return take_outermost(n, take, e);
	int32_t rc = pack_sniff(take);
	if (rc == CORE_EMEMORY)
		*e = err_of(rc, "read the archive", take->side, "out of memory");
	return rc;
}

/* Begins with the outermost archive. */
static int32_t open_outermost(struct pack *p, struct reader *take, struct err *e)
{
	struct nested *n = p->impl;
	struct level *l = &n->level[0];
	const int listed = n->look.root && n->look.into(n->look.ctx, n->look.root, n->look.root_len) == PACK_INTO_LIST;
	int32_t rc = n->look.root ? look_at_outermost(n, take, e) : 1;

	if (rc == 0) {
		/* It has no level, and nothing but its end. */
		reader_close(take);
		if (listed)
			give_end(p, n->look.root, n->look.root_len, PACK_OVER_NONE, NULL);
		return 0;
	}
	if (rc == 1)
		rc = pack_open_with(&l->pack, take, &p->limits, p->blocks, n->stop, e);
	if (rc != 0)
		return rc;
	n->count = 1;
	if (!n->look.root)
		return 0;
	l->listed = listed;
	if (buf_append(&l->prefix, n->look.root, n->look.root_len) != 0 || buf_append(&l->prefix, "!/", 2) != 0)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	return 0;
}

int32_t nested_open(struct pack **out, struct reader *take, const struct pack_limits *limits, struct blocks *blocks,
		    const _Atomic uint32_t *stop, const struct pack_look *look, struct err *e)
{
	struct pack *p = mem_zalloc(1, sizeof *p);
	struct nested *n = mem_zalloc(1, sizeof *n);
	struct level *level = mem_zalloc((size_t)look->depth + 1, sizeof *level);

	if (!p || !n || !level) {
		*e = err_of(CORE_EMEMORY, "read the archive", take->side, "out of memory");
		reader_close(take);
		mem_free(p);
		mem_free(n);
		mem_free(level);
		return e->code;
	}
	*n = (struct nested){.look = *look, .stop = stop, .level = level};
	p->limits = pack_limits_of(limits);
	p->blocks = blocks;
	p->side = take->side;
	p->in.from.side = take->side;
	p->format = &format_nested;
	p->impl = n;
	int32_t rc = buf_reserve(&p->text, 256) == 0 ? 0 : CORE_EMEMORY;
	if (rc != 0)
		pack_fail(p, rc, "out of memory", e);
	if (rc == 0)
		rc = open_outermost(p, take, e);
	if (rc != 0) {
		reader_close(take);
		pack_close(p);
		return rc;
	}
	*out = p;
	return 0;
}
