/* SPDX-License-Identifier: MIT */
#include "compare/class.h"

#include "base/alloc.h"
#include "base/rng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/** Bytes of a look. */
	LOOK_BYTES = 16 << 10,
	LOOKS = 8,
	/** Below this, reading all costs less than looking around. */
	LOOK_FROM = 1 << 20,
	/** Files up to this size are read at once. */
	SMALL_BYTES = 64 << 10,
	/** What one thread takes at a time: long enough that taking it costs nothing, short enough to share. */
	CLAIM_BYTES = 4 << 20,
	/** Members that one thread checks at a time. */
	CLAIM_CHECKS = 256,
	/** Bytes kept for comparing at most, beside one piece for each thread. */
	KEPT_BYTES = 32 << 20,
};

static int is_mixed(const struct class *c)
{
	return c->size == UINT64_MAX;
}

struct class *class_new(struct classes *cs, const uint32_t *member, uint32_t n, uint64_t size)
{
	struct class *c = mem_zalloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->member = mem_alloc((size_t)n * sizeof *member);
	if (!c->member) {
		mem_free(c);
		return NULL;
	}
	memcpy(c->member, member, (size_t)n * sizeof *member);
	c->n = n;
	c->size = size;
	for (uint32_t i = 0; i < n; i++)
		c->streams |= cs->member[member[i]].stream;
	return c;
}

void class_free(struct class *c)
{
	while (c->piece) {
		struct piece *p = c->piece;
		c->piece = p->next;
		piece_free(p);
	}
	mem_free(c->member);
	mem_free(c);
}

/* ----------------------------------------------------------------- pieces */

/* How many looks a class is worth: the first is the start, which every class has. */
static uint32_t looks_wanted(const struct classes *cs, const struct class *c)
{
	if (is_mixed(c) || c->streams || c->size < LOOK_FROM || (cs->flags & CORE_COMPARE_NO_QUICK_CHECK))
		return 1;
	return LOOKS;
}

static size_t look_bytes(const struct classes *cs)
{
	return cs->chunk < LOOK_BYTES ? cs->chunk : LOOK_BYTES;
}

/* Where the next look is, and how long. */
static void place_look(const struct classes *cs, const struct class *c, struct piece *p)
{
	size_t len = look_bytes(cs);
	uint64_t rng = c->size + c->looks, last = c->size - len;

	p->look = c->looks;
	p->len = (uint32_t)len;
	if (c->looks == 1)
		p->off = last;
	else if (c->looks > 1)
		p->off = rng_next(&rng) % last;
	else if (c->size <= SMALL_BYTES && c->size <= cs->chunk)
		p->len = (uint32_t)c->size;
}

/* Passes over a range that is a hole in all members, and says where the data behind it ends. */
static uint64_t pass_holes(struct classes *cs, struct class *c)
{
	uint64_t data = c->size, end = 0;

	for (uint32_t i = 0; i < c->n && data > c->at; i++) {
		uint64_t at = reader_data(cs->member[c->member[i]].reader, c->at);
		if (at < data)
			data = at;
	}
	if (data > c->at) {
		c->holes = 1;
		c->at = data;
	}
	for (uint32_t i = 0; i < c->n && c->at < c->size; i++) {
		struct reader *r = cs->member[c->member[i]].reader;
		/* One that is in a hole here has no data to end. */
		if (reader_data(r, c->at) > c->at)
			continue;
		uint64_t hole = reader_hole(r, c->at);
		if (hole > end)
			end = hole;
	}
	return end > c->at && end < c->size ? end : c->size;
}

/* Whether ranges without data can be passed over: all must be open, as the question is asked of a descriptor. */
static void find_sparse(const struct classes *cs, struct class *c)
{
	c->sparse = !(cs->flags & CORE_COMPARE_PROVE_BYTES) && !is_mixed(c);
	for (uint32_t i = 0; i < c->n && c->sparse; i++) {
		const struct reader *r = cs->member[c->member[i]].reader;
		c->sparse = r && r->sparse;
	}
}

/* How many members one thread takes at a time. */
static uint32_t share(const struct class *c, const struct piece *p)
{
	if (p->alone)
		return c->n;
	if (p->check)
		return CLAIM_CHECKS;
	return p->len > CLAIM_BYTES ? 1 : (uint32_t)CLAIM_BYTES / (p->len ? p->len : 1);
}

/* Moves on to the next phase when this one has no more pieces. */
static void advance(const struct classes *cs, struct class *c)
{
	if (c->phase == CLASS_LOOK && c->looks >= looks_wanted(cs, c)) {
		c->phase = CLASS_READ;
		find_sparse(cs, c);
	}
	if (c->phase == CLASS_READ && c->at >= c->size && c->flying == 0)
		c->phase = CLASS_CHECK;
}

/* The next piece of a class, put behind the others: 1, 0 when there is none now, CORE_EMEMORY. */
static int32_t next_piece(struct classes *cs, struct class *c, struct piece **out)
{
	uint64_t stop = c->size;

	advance(cs, c);
	if (c->phase == CLASS_READ && c->sparse && c->at < c->size) {
		stop = pass_holes(cs, c);
		advance(cs, c);
	}
	if (c->phase == CLASS_READ && c->at >= c->size)
		return 0;
	struct piece *p = piece_new(c->n);
	if (!p)
		return CORE_EMEMORY;
	p->look = PIECE_FAILED;
	p->kept = &cs->kept;
	p->kept_max = KEPT_BYTES;
	if (c->phase == CLASS_CHECK) {
		p->check = 1;
	} else if (c->phase == CLASS_LOOK) {
		place_look(cs, c, p);
		if (c->looks == 0)
			c->at = p->len;
	} else {
		p->off = c->at;
		p->len = stop - c->at < cs->chunk ? (uint32_t)(stop - c->at) : cs->chunk;
		c->at += p->len;
	}
	p->alone = c->streams || is_mixed(c);
	p->alone = p->alone || c->n <= share(c, p);
	struct piece **end = &c->piece;
	while (*end)
		end = &(*end)->next;
	*end = *out = p;
	c->flying++;
	return 1;
}

/* Whether a piece may be begun while others are not done: not where it is likely to be for nothing. */
static int may_begin(const struct class *c)
{
	if (c->dirty || c->phase == CLASS_SETTLE)
		return 0;
	return c->flying == 0 || (c->phase == CLASS_READ && !c->streams && !is_mixed(c) && c->at < c->size);
}

static struct piece *unclaimed(const struct class *c)
{
	struct piece *p = c->piece;

	while (p && p->claimed == c->n)
		p = p->next;
	return p;
}

int class_has_work(const struct class *c)
{
	return unclaimed(c) || may_begin(c);
}

int32_t class_claim(struct classes *cs, struct class *c, struct claim *k)
{
	struct piece *p = unclaimed(c);

	if (!p && !may_begin(c))
		return 0;
	if (!p) {
		int32_t rc = next_piece(cs, c, &p);
		if (rc != 1)
			return rc;
	}
	uint32_t n = share(c, p);

	*k = (struct claim){.of = c, .piece = p, .from = p->claimed, .at = p->claimed};
	k->to = c->n - k->at < n ? c->n : k->at + n;
	p->claimed = k->to;
	c->working++;
	return 1;
}

/* ------------------------------------------------------------------- work */

static void count_read(struct classes *cs, size_t got)
{
	atomic_fetch_add_explicit(&cs->run->bytes_read, got, memory_order_relaxed);
}

static int out_of_descriptors(const struct err *e)
{
	return e->sys == EMFILE || e->sys == ENFILE;
}

/* Has the streams of a class read on: 0, READER_WAIT, CORE_EMEMORY. */
static int32_t fill(struct classes *cs, struct claim *k, struct task *t)
{
	const struct class *c = k->of;
	struct piece *p = k->piece;
	int32_t waits = 0;

	for (uint32_t i = k->at; i < k->to; i++) {
		struct member *m = &cs->member[c->member[i]];
		struct err e;
		size_t got;
		if (!m->stream || p->label[i] == PIECE_FAILED)
			continue;
		int32_t rc = member_fill(m, t, p->len, cs->chunk, &got, &e);
		count_read(cs, got);
		if (rc == READER_WAIT) {
			waits = rc;
		} else if (rc == CORE_EMEMORY) {
			return rc;
		} else if (rc != 0) {
			p->label[i] = PIECE_FAILED;
			if (piece_fail(p, c->member[i], &e) != 0)
				return CORE_EMEMORY;
		}
	}
	return waits;
}

/* Whether a file is still there as it was, under all its names: 0 or CORE_EMEMORY. */
static int32_t check_names(struct classes *cs, struct piece *p, uint32_t member)
{
	struct err e;

	for (uint32_t i = member; i != MEMBER_NONE; i = cs->member[i].next) {
		if (member_check(&cs->member[i], &e) != 0 && piece_fail(p, i, &e) != 0)
			return CORE_EMEMORY;
	}
	return 0;
}

/*
 * Reads the piece of one member, and labels it.
 * @param buf  room for two pieces: a representative that needs no copy, and the others
 */
static int32_t sort_in(struct classes *cs, struct claim *k, uint32_t i, uint8_t *buf, struct err *e)
{
	const struct class *c = k->of;
	struct piece *p = k->piece;
	struct member *m = &cs->member[c->member[i]];
	/* Files are kept open for the pieces to come, and only while a piece has each of them to itself. */
	int keep = c->phase == CLASS_LOOK && c->at < c->size;
	int own = p->alone && p->firsts == 0;
	const uint8_t *data = m->buf;
	size_t got = m->have;
	int32_t rc;

	if (!m->stream) {
		rc = member_read(m, &cs->slots, keep, p->off, p->len, own ? buf : buf + p->len, &data, &got, e);
		if (rc != 0)
			return rc;
		count_read(cs, got);
	}
	rc = piece_label(p, data, got, own || m->stream || m->src.kind == CORE_SOURCE_MEMORY, &p->label[i]);
	if (rc != 0)
		*e = err_of(rc, "compare", -1, "out of memory");
	return rc;
}

/* Files that share all their blocks need not be read any further. */
static void find_shared(struct classes *cs, const struct claim *k, uint32_t i)
{
	const struct class *c = k->of;
	struct member *first = &cs->member[c->member[0]], *m = &cs->member[c->member[i]];

	if (k->piece->look != 0 || !k->piece->alone || i == 0 || c->size <= cs->chunk ||
	    (cs->flags & CORE_COMPARE_PROVE_BYTES) || !first->reader || !m->reader ||
	    k->piece->label[i] != k->piece->label[0])
		return;
	if (reader_same_extents(first->reader, m->reader)) {
		m->proof = CORE_PROOF_SAME_EXTENTS;
		k->piece->shared = 1;
	}
}

int32_t class_work(struct classes *cs, struct claim *k, struct task *t, struct err *e)
{
	const struct class *c = k->of;
	struct piece *p = k->piece;
	uint8_t *buf = p->check ? NULL : pool_scratch((size_t)p->len * 2 + 1);
	int32_t rc = c->streams && !p->check ? fill(cs, k, t) : 0;

	if (rc == 0 && !buf && !p->check)
		rc = CORE_EMEMORY;
	while (rc == 0 && k->at < k->to) {
		if (atomic_load_explicit(&cs->stop, memory_order_relaxed) || run_cancelled(cs->run))
			return 0;
		if (p->label[k->at] == PIECE_FAILED) {
			k->at++;
			continue;
		}
		rc = p->check ? check_names(cs, p, c->member[k->at]) : sort_in(cs, k, k->at, buf, e);
		if (rc == 0 && !p->check)
			find_shared(cs, k, k->at);
		if (rc == 0)
			k->at++;
		else if (rc != CORE_EMEMORY && !out_of_descriptors(e))
			rc = class_give_up(k, e);
		else if (rc != CORE_EMEMORY)
			/* Another thread may go on, which has other buffers. */
			return piece_own(p) != 0 ? CORE_EMEMORY : CORE_ELIMIT;
	}
	for (uint32_t i = 0; i < c->n && c->streams && rc == 0; i++)
		cs->member[c->member[i]].have = 0;
	return rc;
}

int32_t class_give_up(struct claim *k, const struct err *e)
{
	k->piece->label[k->at] = PIECE_FAILED;
	return piece_fail(k->piece, k->of->member[k->at++], e);
}

void class_wait(struct claim *k)
{
	/* Only pieces that one thread has alone wait. */
	k->piece->claimed = 0;
	k->of->working--;
}

/* Lets go of a piece that is done. */
static void unlink_piece(struct class *c, struct piece *p)
{
	struct piece **link = &c->piece;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	piece_free(p);
}

int class_complete(struct claim *k)
{
	struct class *c = k->of;
	struct piece *p = k->piece;

	c->working--;
	p->done += k->to - k->from;
	if (p->done < c->n)
		return 0;
	c->flying--;
	c->read += p->len;
	if (p->look != PIECE_FAILED)
		c->looks = p->look + 1;
	c->dirty |= p->check || p->errors || piece_contents(p) > 1 || p->shared;
	if (c->dirty) {
		piece_forget(p);
	} else {
		/* The end of sources whose end tells their size. */
		if (is_mixed(c) && piece_length(p, 0) < p->len)
			c->phase = CLASS_CHECK;
		unlink_piece(c, p);
	}
	if (!c->dirty || c->flying > 0)
		return 0;
	c->was = c->phase;
	c->phase = CLASS_SETTLE;
	return 1;
}

int class_shut(struct classes *cs, struct class *c)
{
	int any = 0;

	for (uint32_t i = 0; i < c->n; i++)
		any |= member_shut(&cs->member[c->member[i]], &cs->slots);
	/* Holes are asked of what is open. */
	c->sparse = 0;
	return any;
}
