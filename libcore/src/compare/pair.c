/* SPDX-License-Identifier: MIT */
#include "compare/pair.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "compare/bytes.h"
#include "compare/range.h"
#include "io/gate.h"

#include <string.h>

enum {
	/** Chunks of one segment: long enough that claiming it costs nothing, short enough to share. */
	SEGMENT_CHUNKS = 4,
	SAMPLE_BYTES = 16 << 10,
	SAMPLES = 8,
	/** Below this, reading all costs less than looking around. */
	SAMPLE_FROM = 1 << 20,
};

#define NOWHERE UINT64_MAX

void outcome_fail(struct outcome *o, const struct err *e)
{
	o->status = CORE_STATUS_UNKNOWN;
	o->proof = CORE_PROOF_NONE;
	o->reasons = CORE_REASON_READ_ERROR;
	o->offset = NOWHERE;
	o->line = 0;
	o->err = *e;
}

/* Bytes were read: known at once to whoever watches the run, and counted for the pair. */
static void count_read(struct pair *p, uint64_t *read, size_t got)
{
	*read += got;
	atomic_fetch_add_explicit(&p->run->bytes_read, got, memory_order_relaxed);
}

static int done(struct pair *p)
{
	p->phase = PAIR_DONE;
	uint64_t both = p->side[0].size + p->side[1].size;
	int sized = p->side[0].size != NOWHERE && p->side[1].size != NOWHERE && !p->buf[0];
	if (p->out.status != CORE_STATUS_UNKNOWN && sized && both > p->read)
		atomic_fetch_add_explicit(&p->run->bytes_avoided, both - p->read, memory_order_relaxed);
	return 1;
}

static int different(struct pair *p, uint32_t reason, uint64_t offset)
{
	p->out.status = CORE_STATUS_DIFFERENT;
	p->out.reasons = reason;
	p->out.offset = offset;
	return done(p);
}

/* Equal, if the sides are still what they were. */
static int equal(struct pair *p, uint8_t proof)
{
	struct err e;

	for (int s = 0; s < 2; s++) {
		if (reader_check(&p->side[s], &e) != 0) {
			outcome_fail(&p->out, &e);
			return done(p);
		}
	}
	p->out.status = CORE_STATUS_EQUAL;
	p->out.proof = proof;
	return done(p);
}

static int failed(struct pair *p, const struct err *e)
{
	outcome_fail(&p->out, e);
	return done(p);
}

/*
 * Reads the same range of both sides.
 * @return 0, or the code in `*e`; fewer bytes than asked for are CORE_ECHANGED
 */
static int32_t read_both(struct pair *p, uint64_t off, size_t len, uint8_t *a, uint8_t *b,
			 uint64_t *read, struct err *e)
{
	uint8_t *into[2] = {a, b};

	for (int s = 0; s < 2; s++) {
		size_t got = 0;
		int32_t rc = reader_at(&p->side[s], off, into[s], len, &got, e);
		if (rc != 0)
			return rc;
		count_read(p, read, got);
		if (got < len) {
			*e = err_of(CORE_ECHANGED, "compare", s, "size changed while it was read");
			return e->code;
		}
	}
	return 0;
}

/* ----------------------------------------------------------------- begin */

/* Begins to read both sides as streams, from the start. */
static int begin_stream(struct pair *p)
{
	for (int s = 0; s < 2; s++) {
		/* Of a file that the system makes up, only its end tells the size. */
		if (p->side[s].size == 0 || reader_is_pseudo(&p->side[s]))
			p->out.size[s] = NOWHERE;
		p->buf[s] = mem_alloc(p->chunk);
		if (!p->buf[s]) {
			struct err e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
			return failed(p, &e);
		}
		/* With offsets, what is to be passed over need not be read. */
		p->side[s].pos = p->side[s].base;
		if (p->side[s].random || p->side[s].clipped)
			p->skip[s] = 0;
	}
	p->phase = PAIR_STREAM;
	p->out.offset = p->first = NOWHERE;
	return 0;
}

/* Both sides fit into one read each: no segments, no sharing. */
static int compare_small(struct pair *p)
{
	size_t len = (size_t)p->end;
	uint8_t *a = pool_scratch((size_t)p->chunk * 2);
	struct err e;

	if (!a) {
		e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		return failed(p, &e);
	}
	uint8_t *b = a + p->chunk;
	int32_t rc = read_both(p, 0, len, a, b, &p->read, &e);
	if (rc == CORE_ECHANGED && reader_is_pseudo(&p->side[e.side]))
		return begin_stream(p);
	if (rc != 0)
		return failed(p, &e);
	if (memcmp(a, b, len) == 0) {
		if (p->side[0].size == p->side[1].size)
			return equal(p, CORE_PROOF_BYTES);
		/* Behind the end of the shorter side nothing needs to be read. */
		p->lines = bytes_lines(a, len);
		p->out.line = p->lines + 1;
		p->out.line_start = len > 0 && a[len - 1] == '\n';
		return different(p, CORE_REASON_SIZE_MISMATCH, len);
	}
	size_t at = bytes_differ_at(a, b, len);
	p->out.line = bytes_lines(a, at) + 1;
	return different(p, CORE_REASON_CONTENT_MISMATCH, at);
}

/*
 * Looks at the start, the end and a few places between: enough to see most
 * differences at once, never enough to prove equality.
 * @return 1 when `p->out` is final
 */
static int sample(struct pair *p)
{
	uint8_t *a = pool_scratch(2 * SAMPLE_BYTES);
	uint64_t rng = p->end, last = p->end - SAMPLE_BYTES;
	struct err e;

	if (!a)
		return 0;
	uint8_t *b = a + SAMPLE_BYTES;
	for (int i = 0; i < SAMPLES; i++) {
		uint64_t off = i == 0 ? 0 : i == 1 ? last : rng_next(&rng) % last;
		/* What cannot be read here is met again, with its place, by the scan. */
		if (read_both(p, off, SAMPLE_BYTES, a, b, &p->read, &e) != 0)
			return 0;
		if (memcmp(a, b, SAMPLE_BYTES) != 0) {
			uint64_t at = off == 0 ? bytes_differ_at(a, b, SAMPLE_BYTES) : NOWHERE;
			return different(p, CORE_REASON_CONTENT_MISMATCH, at);
		}
	}
	return 0;
}

/* What a digest of the bytes of both sides says. */
static int judge_digest(struct pair *p, int same)
{
	if (same)
		return equal(p, p->digest_proof);
	/* The place is found only by the bytes. */
	return p->flags & CORE_COMPARE_LOCATE ? begin_stream(p) : different(p, CORE_REASON_CONTENT_MISMATCH, NOWHERE);
}

/*
 * Compares digests that both sides have, or begins to make the one that one
 * of them has of the other, where that has offsets and so can be read again.
 * @return as pair_begin(), or -1 when the digests there are do not help
 */
static int begin_digest(struct pair *p)
{
	const struct digest_set *a = p->side[0].digests, *b = p->side[1].digests;

	p->digest_proof = CORE_PROOF_DIGEST;
	enum digest_kind kind = a && b ? digest_best(a->have & b->have) : DIGEST_KINDS;

	if (kind != DIGEST_KINDS)
		return judge_digest(p, memcmp(a->bytes[kind], b->bytes[kind], digest_len(kind)) == 0);
	for (int s = 0; s < 2; s++) {
		const struct reader *r = &p->side[s];
		const struct digest_set *other = p->side[!s].digests;
		if (!r->random || r->clipped || reader_is_pseudo(r) || !other || other->have == 0)
			continue;
		p->hasher = hasher_new(digest_best(other->have));
		if (!p->hasher) {
			struct err e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
			return failed(p, &e);
		}
		p->hashed = s;
		p->end = r->size;
		p->phase = PAIR_DIGEST;
		return 0;
	}
	return -1;
}

int pair_begin_digest(struct pair *p, int side, uint32_t kinds, const uint8_t *digest, uint64_t size)
{
	const struct reader *r = &p->side[side];

	p->out = (struct outcome){.offset = NOWHERE};
	p->out.size[side] = r->size;
	p->out.size[!side] = size;
	p->flags &= ~(uint32_t)CORE_COMPARE_LOCATE;
	atomic_init(&p->diff, NOWHERE);
	if (r->size != NOWHERE)
		atomic_fetch_add_explicit(&p->run->bytes_total, r->size, memory_order_relaxed);
	if (r->size != size && r->size != NOWHERE && size != NOWHERE && !reader_is_pseudo(r) &&
	    !(p->flags & CORE_COMPARE_NO_SIZE_PRECHECK))
		return different(p, CORE_REASON_SIZE_MISMATCH, NOWHERE);
	enum digest_kind kind = digest_best(kinds), other = digest_best(kinds & ~(1u << kind));
	p->hasher = hasher_new(kind);
	p->also = other == DIGEST_KINDS ? NULL : hasher_new(other);
	if (!p->hasher || (other != DIGEST_KINDS && !p->also)) {
		struct err e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		return failed(p, &e);
	}
	p->own.have = kinds;
	for (unsigned k = 0; k < DIGEST_KINDS; k++) {
		if (kinds & 1u << k)
			memcpy(p->own.bytes[k], digest, digest_len((enum digest_kind)k));
	}
	p->hashed = side;
	p->end = reader_is_pseudo(r) ? NOWHERE : r->size;
	p->phase = PAIR_DIGEST;
	return 0;
}

/* A size of 0 may mean that nobody knows: 1 when bytes come all the same. */
static int hidden_bytes(struct pair *p, int s, struct err *e)
{
	uint8_t byte;
	size_t got = 0;

	if (p->side[s].size != 0 || !p->side[s].random || p->side[s].clipped)
		return 0;
	int32_t rc = reader_at(&p->side[s], 0, &byte, 1, &got, e);
	return rc != 0 ? rc : got > 0;
}

int pair_begin(struct pair *p)
{
	struct reader *a = &p->side[0], *b = &p->side[1];
	int locate = (p->flags & CORE_COMPARE_LOCATE) != 0;

	for (int s = 0; s < 2; s++) {
		if (p->side[s].random)
			reader_clip(&p->side[s], p->skip[s], p->limit);
	}
	p->out = (struct outcome){.size = {a->size, b->size}, .offset = NOWHERE};
	atomic_init(&p->diff, NOWHERE);
	if (a->size != NOWHERE && b->size != NOWHERE) {
		/* Where the first difference is looked for, what one side has in excess is not read. */
		int prefix = locate || (p->flags & CORE_COMPARE_RANGES);
		uint64_t excess = a->size > b->size ? a->size - b->size : b->size - a->size;
		atomic_fetch_add_explicit(&p->run->bytes_total, a->size + b->size - (prefix ? excess : 0),
					  memory_order_relaxed);
	}
	if (!(p->flags & CORE_COMPARE_PROVE_BYTES) && a->base == b->base && reader_same(a, b))
		return equal(p, CORE_PROOF_SAME_INODE);
	for (int s = 0; s < 2; s++) {
		struct err e;
		int rc = hidden_bytes(p, s, &e);
		if (rc < 0)
			return failed(p, &e);
		if (rc > 0)
			return begin_stream(p);
	}
	/* Lists of differences are made in order, which is what streams are read in. */
	if (p->flags & CORE_COMPARE_RANGES)
		return begin_stream(p);
	/* What only the end tells is not known to differ. */
	int sizes = a->size != b->size && a->size != NOWHERE && b->size != NOWHERE;
	if (sizes && (reader_is_pseudo(a) || reader_is_pseudo(b)))
		return begin_stream(p);
	if (sizes && !locate && !(p->flags & CORE_COMPARE_NO_SIZE_PRECHECK))
		return different(p, CORE_REASON_SIZE_MISMATCH, NOWHERE);
	if (!sizes && (a->digests || b->digests) && !(p->flags & CORE_COMPARE_PROVE_BYTES)) {
		int rc = begin_digest(p);
		if (rc >= 0)
			return rc;
	}
	if (!a->random || !b->random)
		return begin_stream(p);
	p->end = a->size < b->size ? a->size : b->size;
	if (p->end <= p->chunk)
		return compare_small(p);
	if (!(p->flags & CORE_COMPARE_PROVE_BYTES) && a->size == b->size && a->base == b->base &&
	    reader_same_extents(a, b))
		return equal(p, CORE_PROOF_SAME_EXTENTS);
	if (p->end >= SAMPLE_FROM && !locate && !(p->flags & CORE_COMPARE_NO_QUICK_CHECK) && sample(p))
		return 1;
	p->phase = PAIR_SCAN;
	return 0;
}

/* -------------------------------------------------------------- segments */

/* How many sides the phase reads: lines are counted on the left alone. */
static int sides_read(const struct pair *p)
{
	return p->phase == PAIR_COUNT ? 1 : 2;
}

/* Moves `next` over a range that is a hole on all sides: 1 when there was one. */
static int skip_holes(struct pair *p)
{
	uint64_t at = p->end;

	for (int s = 0; s < sides_read(p); s++) {
		uint64_t data = reader_data(&p->side[s], p->next);
		if (data < at)
			at = data;
	}
	if (at == p->next)
		return 0;
	p->holes = 1;
	p->next = at;
	return 1;
}

/* Where all sides stop to have data, at or after `next`. */
static uint64_t data_end(struct pair *p)
{
	uint64_t at = 0;

	for (int s = 0; s < sides_read(p); s++) {
		/* A side that is in a hole here has no data to end. */
		if (reader_data(&p->side[s], p->next) > p->next)
			continue;
		uint64_t hole = reader_hole(&p->side[s], p->next);
		if (hole > at)
			at = hole;
	}
	return at > p->next ? at : p->end;
}

int pair_claim(struct pair *p, struct segment *s)
{
	uint64_t len = (uint64_t)p->chunk * SEGMENT_CHUNKS;

	*s = (struct segment){.phase = p->phase, .diff = NOWHERE};
	if (p->phase == PAIR_DONE || atomic_load(&p->stop) || p->err.code != 0)
		return 0;
	if (p->phase == PAIR_STREAM || p->phase == PAIR_DIGEST) {
		/* In order, so by one thread after the other. */
		if (p->active > 0)
			return 0;
		p->active++;
		return 1;
	}
	if (p->phase == PAIR_SCAN && atomic_load(&p->diff) < p->next)
		return 0;
	if (p->side[0].sparse && (p->phase == PAIR_COUNT || p->side[1].sparse) && p->next < p->end &&
	    !(p->flags & CORE_COMPARE_PROVE_BYTES)) {
		/* A hole up to the end leaves an empty segment, for whoever books the end. */
		if (skip_holes(p) && p->next >= p->end && p->active == 0) {
			p->active++;
			return 1;
		}
		uint64_t stop = p->next < p->end ? data_end(p) : p->end;
		if (stop - p->next < len)
			len = stop - p->next;
	}
	if (p->next >= p->end)
		return 0;
	if (len > p->end - p->next)
		len = p->end - p->next;
	s->off = p->next;
	s->len = len;
	p->next += len;
	p->active++;
	return 1;
}

static void scan(struct pair *p, struct segment *s, uint8_t *a, uint8_t *b)
{
	for (uint64_t done_len = 0; done_len < s->len;) {
		uint64_t off = s->off + done_len;
		size_t n = s->len - done_len < p->chunk ? (size_t)(s->len - done_len) : p->chunk;
		/* What lies behind a difference that is known changes nothing. */
		if (atomic_load_explicit(&p->diff, memory_order_relaxed) < off ||
		    atomic_load_explicit(&p->stop, memory_order_relaxed))
			return;
		if (read_both(p, off, n, a, b, &s->read, &s->err) != 0)
			return;
		if (memcmp(a, b, n) != 0) {
			s->diff = off + bytes_differ_at(a, b, n);
			return;
		}
		done_len += n;
	}
}

static void count(struct pair *p, struct segment *s, uint8_t *a)
{
	for (uint64_t done_len = 0; done_len < s->len;) {
		size_t n = s->len - done_len < p->chunk ? (size_t)(s->len - done_len) : p->chunk;
		size_t got = 0;
		if (atomic_load_explicit(&p->stop, memory_order_relaxed))
			return;
		if (reader_at(&p->side[0], s->off + done_len, a, n, &got, &s->err) != 0)
			return;
		count_read(p, &s->read, got);
		if (got < n) {
			s->err = err_of(CORE_ECHANGED, "compare", 0, "size changed while it was read");
			return;
		}
		s->lines += bytes_lines(a, n);
		done_len += n;
	}
}

/* Goes on with the digest for a segment's length, up to the end of the bytes. */
static void hash(struct pair *p, struct segment *s, struct task *t, uint8_t *buf)
{
	struct reader *r = &p->side[p->hashed];

	for (int i = 0; i < SEGMENT_CHUNKS && !p->ended[p->hashed]; i++) {
		size_t got = 0;
		if (atomic_load_explicit(&p->stop, memory_order_relaxed))
			return;
		int32_t rc = reader_next(r, t, buf, p->chunk, &got, &s->err);
		if (rc == READER_WAIT) {
			s->wait = 1;
			return;
		}
		if (rc != 0)
			return;
		count_read(p, &s->read, got);
		hasher_add(p->hasher, buf, got);
		if (p->also)
			hasher_add(p->also, buf, got);
		p->next += got;
		p->ended[p->hashed] = got == 0;
		if (got == 0 && p->end != NOWHERE && p->next != p->end)
			s->err = err_of(CORE_ECHANGED, "compare", p->hashed, "size changed while it was read");
	}
}

/* Passes over a range that is a hole in both files: zeros on both sides are not in the list of what differs. */
static void pass_holes(struct pair *p)
{
	struct reader *a = &p->side[0], *b = &p->side[1];

	if (!(p->flags & CORE_COMPARE_RANGES) || p->flags & CORE_COMPARE_PROVE_BYTES || !a->sparse || !b->sparse)
		return;
	/* What is in the buffers, or a range that is still open, comes first. */
	if (p->have[0] > 0 || p->have[1] > 0 || p->range_len > 0)
		return;
	p->end = a->size < b->size ? a->size : b->size;
	if (p->next >= p->end || !skip_holes(p))
		return;
	a->pos = b->pos = p->next;
	p->out.line_start = 0;
}

/* Fills both buffers as far as the streams have bytes now, and compares what both have. */
static void stream(struct pair *p, struct segment *s, struct task *t)
{
	pass_holes(p);
	for (int k = 0; k < 2; k++) {
		while (!p->ended[k] && p->have[k] < p->chunk) {
			size_t got = 0, want = p->chunk - p->have[k];
			if (p->limit > 0 && want > p->limit - p->next - p->have[k])
				want = (size_t)(p->limit - p->next - p->have[k]);
			if (want == 0) {
				p->ended[k] = 1;
				break;
			}
			if (p->skip[k] > 0)
				want = p->skip[k] < p->chunk ? (size_t)p->skip[k] : p->chunk;
			int32_t rc = reader_next(&p->side[k], t, p->buf[k] + p->have[k], want, &got, &s->err);
			if (rc == READER_WAIT) {
				s->wait = p->have[k] == 0;
				break;
			}
			if (rc != 0)
				return;
			p->ended[k] = got == 0;
			count_read(p, &s->read, got);
			/* Nothing waits in the buffer while bytes are passed over. */
			if (p->skip[k] > 0)
				p->skip[k] -= got;
			else
				p->have[k] += got;
		}
		if (s->wait)
			return;
	}
	size_t n = p->have[0] < p->have[1] ? p->have[0] : p->have[1];
	if (p->flags & CORE_COMPARE_RANGES) {
		int32_t rc = range_list(p, s, t, n);
		int last = p->ended[p->have[1] < p->have[0]];
		if (rc == 1 && last && p->range_len > 0)
			rc = range_send(p, t, n);
		if (rc == 0) {
			s->wait = 1;
			return;
		}
		if (rc < 0) {
			s->err = err_of(rc, "compare", -1, "out of memory");
			return;
		}
		p->listed = 0;
	} else if (memcmp(p->buf[0], p->buf[1], n) != 0) {
		size_t at = bytes_differ_at(p->buf[0], p->buf[1], n);
		s->lines = bytes_lines(p->buf[0], at);
		s->diff = p->next + at;
		return;
	}
	if (n > 0) {
		if (!(p->flags & CORE_COMPARE_RANGES))
			s->lines = bytes_lines(p->buf[0], n);
		p->out.line_start = p->buf[0][n - 1] == '\n';
	}
	for (int k = 0; k < 2; k++) {
		p->have[k] -= n;
		memmove(p->buf[k], p->buf[k] + n, p->have[k]);
	}
	p->next += n;
}

void pair_work(struct pair *p, struct segment *s, struct task *t)
{
	if (s->phase == PAIR_STREAM) {
		stream(p, s, t);
		return;
	}
	uint8_t *a = pool_scratch((size_t)p->chunk * 2);
	if (!a)
		s->err = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
	else if (s->phase == PAIR_SCAN)
		scan(p, s, a, a + p->chunk);
	else if (s->phase == PAIR_DIGEST)
		hash(p, s, t, a);
	else
		count(p, s, a);
}

/* ---------------------------------------------------------------- finish */

static int finish_stream(struct pair *p, const struct segment *s)
{
	p->lines += s->lines;
	if (s->diff != NOWHERE) {
		p->out.line = p->lines + 1;
		return different(p, CORE_REASON_CONTENT_MISMATCH, s->diff);
	}
	/* A side is over when its stream has ended and all its bytes are compared. */
	int over[2] = {p->ended[0] && p->have[0] == 0, p->ended[1] && p->have[1] == 0};
	int end = (over[0] && (over[1] || p->have[1] > 0)) || (over[1] && p->have[0] > 0);
	if (end && p->first != NOWHERE) {
		uint32_t sizes = over[0] && over[1] ? 0 : CORE_REASON_SIZE_MISMATCH;
		p->out.line = p->lines + 1;
		return different(p, CORE_REASON_CONTENT_MISMATCH | sizes, p->first);
	}
	if (over[0] && over[1]) {
		p->out.size[0] = p->out.size[1] = p->next;
		return equal(p, p->holes ? CORE_PROOF_HOLES : CORE_PROOF_BYTES);
	}
	for (int k = 0; k < 2; k++) {
		if (over[k] && p->have[!k] > 0) {
			struct err e;
			/* A file that was cut short meanwhile ends here too. */
			if (reader_check(&p->side[k], &e) != 0)
				return failed(p, &e);
			p->out.size[k] = p->next;
			p->out.line = p->lines + 1;
			return different(p, CORE_REASON_SIZE_MISMATCH, p->next);
		}
	}
	return 0;
}

/* Whether the digest that was made, of either kind, is the one that is no reader's. */
static int is_own(struct pair *p, enum digest_kind kind, const uint8_t *made)
{
	const enum digest_kind kinds[2] = {kind, digest_best(p->own.have & ~(1u << kind))};
	uint8_t other[DIGEST_MAX];

	if (p->also)
		hasher_end(p->also, other);
	for (int i = 0; i < 2 && kinds[i] != DIGEST_KINDS; i++) {
		const uint8_t *digest = i == 0 ? made : other;
		p->digest_proof = kinds[i] == DIGEST_BLAKE3 ? CORE_PROOF_HASH_BLAKE3 : CORE_PROOF_HASH_SHA256;
		if (memcmp(digest, p->own.bytes[kinds[i]], digest_len(kinds[i])) == 0)
			return 1;
		memcpy(p->out.found[kinds[i] == DIGEST_BLAKE3], digest, sizeof p->out.found[0]);
	}
	p->out.made = p->own.have;
	return 0;
}

static int finish_digest(struct pair *p)
{
	const struct digest_set *given = p->own.have ? &p->own : p->side[!p->hashed].digests;
	uint8_t made[DIGEST_MAX];
	struct err e;

	if (atomic_load(&p->stop)) {
		e = err_of(CORE_ECANCELLED, "compare", -1, "cancelled");
		return failed(p, &e);
	}
	if (!p->ended[p->hashed])
		return 0;
	enum digest_kind kind = digest_best(given->have);
	hasher_end(p->hasher, made);
	if (p->out.size[p->hashed] == NOWHERE)
		p->out.size[p->hashed] = p->next;
	p->next = 0;
	p->ended[p->hashed] = 0;
	/* A file that changed meanwhile is neither. */
	if (reader_check(&p->side[p->hashed], &e) != 0)
		return failed(p, &e);
	return judge_digest(p, given == &p->own ? is_own(p, kind, made)
						: memcmp(made, given->bytes[kind], digest_len(kind)) == 0);
}

/* Whether the byte before an offset ends a line. */
static uint8_t ends_line(struct pair *p, uint64_t off)
{
	uint8_t byte;
	size_t got = 0;
	struct err e;

	return off > 0 && reader_at(&p->side[0], off - 1, &byte, 1, &got, &e) == 0 && got == 1 &&
	       byte == '\n';
}

static int finish_scan(struct pair *p)
{
	uint64_t diff = atomic_load(&p->diff);
	int sizes = p->side[0].size != p->side[1].size;
	uint32_t reason = CORE_REASON_CONTENT_MISMATCH;

	if (p->err.code != 0) {
		if (diff == NOWHERE)
			return failed(p, &p->err);
		/* Proven all the same, but perhaps not the first place. */
		return different(p, reason, NOWHERE);
	}
	if (atomic_load(&p->stop)) {
		struct err e = err_of(CORE_ECANCELLED, "compare", -1, "cancelled");
		/* Segments before it may have been left half-way. */
		return diff == NOWHERE ? failed(p, &e) : different(p, reason, NOWHERE);
	}
	if (diff == NOWHERE && !sizes)
		return equal(p, p->holes ? CORE_PROOF_HOLES : CORE_PROOF_BYTES);
	if (diff == NOWHERE) {
		diff = p->end;
		reason = CORE_REASON_SIZE_MISMATCH;
		p->out.line_start = ends_line(p, diff);
	}
	if (diff == 0)
		p->out.line = 1;
	if (!(p->flags & CORE_COMPARE_LOCATE) || diff == 0)
		return different(p, reason, diff);
	/* Lines are counted only when asked for, and only now: equal files pay nothing. */
	p->out.reasons = reason;
	p->out.offset = diff;
	p->phase = PAIR_COUNT;
	p->next = 0;
	p->end = diff;
	return 0;
}

static int finish_count(struct pair *p)
{
	if (p->err.code == 0 && !atomic_load(&p->stop))
		p->out.line = p->lines + 1;
	return different(p, p->out.reasons, p->out.offset);
}

int pair_complete(struct pair *p, const struct segment *s)
{
	p->active--;
	p->read += s->read;
	if (s->err.code != 0 && p->err.code == 0)
		p->err = s->err;
	if (s->phase == PAIR_STREAM)
		return p->err.code != 0 ? failed(p, &p->err) : finish_stream(p, s);
	if (s->phase == PAIR_DIGEST)
		return p->err.code != 0 ? failed(p, &p->err) : finish_digest(p);
	p->lines += s->lines;
	if (s->diff < atomic_load(&p->diff))
		atomic_store(&p->diff, s->diff);
	if (p->active > 0)
		return 0;
	int more = p->next < p->end && p->err.code == 0 && !atomic_load(&p->stop);
	if (p->phase == PAIR_SCAN)
		return more && atomic_load(&p->diff) >= p->next ? 0 : finish_scan(p);
	return more ? 0 : finish_count(p);
}

void pair_wait(struct pair *p, const struct segment *s)
{
	p->active--;
	p->read += s->read;
	p->lines += s->lines;
}

void pair_stop(struct pair *p)
{
	atomic_store(&p->stop, 1);
}

void pair_close(struct pair *p)
{
	for (int s = 0; s < 2; s++) {
		reader_close(&p->side[s]);
		mem_free(p->buf[s]);
		p->buf[s] = NULL;
	}
	hasher_free(p->hasher);
	hasher_free(p->also);
	p->hasher = p->also = NULL;
	gate_leave(p->places);
	p->places = 0;
}
