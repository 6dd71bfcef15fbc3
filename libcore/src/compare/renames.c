/* SPDX-License-Identifier: MIT */
#include "compare/renames.h"

#include "base/alloc.h"
#include "compare/merge.h"

#include <errno.h>
#include <string.h>

enum {
	DIGEST_BYTES = 32,
	/** What tells most files of one size apart. */
	HEAD_BYTES = 64 << 10,
	/** Read at a time. */
	STEP_BYTES = 4 << 20,
	/** Paths that are remembered, in bytes; beyond, names count as beyond the limit. */
	MOST_TEXT = 64 << 20,
};

enum stage {
	/** Names come. */
	GATHER,
	/** One thread brings names of one size together; beginnings are read; those of one beginning together; all is read. */
	SORT_SIZES,
	READ_HEADS,
	SORT_HEADS,
	READ_ALL,
	/** One thread puts names of one content together. */
	MATCH,
	TELL,
};

enum name_state {
	/** Nothing of the content is known but its size. */
	NAME_SIZED,
	/** `digest` is that of the first HEAD_BYTES. */
	NAME_HEAD,
	/** `digest` is that of all of it. */
	NAME_WHOLE,
	/** It cannot be read, or changed. */
	NAME_LOST,
};

struct name {
	/** Where its path begins in `text`. */
	uint64_t path;
	uint64_t size;
	/** In the catalogue, where there is one. */
	uint32_t entry;
	uint32_t path_len;
	/** The name it belongs to on the other side, UINT32_MAX for none; of a left one. */
	uint32_t partner;
	uint32_t candidates[2];
	uint8_t side, state;
	/** Another one on the other side may have its content. */
	uint8_t wanted;
	uint8_t digest[DIGEST_BYTES];
};

struct renames {
	core_run *run;
	const struct config *config;
	/** Catalogued trees, or NULL; then directories. */
	const struct tree *tree;
	int fd[2];
	uint32_t limit;
	struct buf text;
	struct name *names;
	uint32_t count, cap;
	uint64_t skipped, found;
	enum stage stage;
	/** Places of names, in the order that the stage wants. */
	uint32_t *order;
	/** The next name to be read, or to be told; names that are being read. */
	uint32_t next;
	unsigned active;
	/** Some have a digest of all of it from the start: those of beginnings are of no use beside that. */
	int mixed;
	/** Names of one content are in the order of their last parts, not of their paths. */
	int by_base;
};

/* ------------------------------------------------------------------- make */

int32_t renames_new(struct renames **out, core_run *run, const struct config *config, const struct tree *tree,
		    const int fd[2], uint32_t limit, struct err *e)
{
	struct renames *r = mem_zalloc(1, sizeof *r);

	if (!r) {
		*e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		return e->code;
	}
	r->run = run;
	r->config = config;
	r->tree = tree;
	r->limit = limit > 0 ? limit : DEFAULT_RENAMES;
	r->fd[0] = r->fd[1] = -1;
	for (int s = 0; s < 2 && !tree; s++) {
		r->fd[s] = plat_open_at(fd[s], ".", PLAT_DIR);
		if (r->fd[s] >= 0)
			continue;
		*e = err_sys(-r->fd[s], "open", s);
		renames_del(r);
		return e->code;
	}
	*out = r;
	return 0;
}

void rename_work_end(struct rename_work *w)
{
	reader_close(&w->reader);
	hasher_free(w->hasher);
	w->hasher = NULL;
}

void renames_del(struct renames *r)
{
	if (!r)
		return;
	for (int s = 0; s < 2; s++) {
		if (r->fd[s] >= 0)
			plat_close(r->fd[s]);
	}
	buf_free(&r->text);
	mem_free(r->names);
	mem_free(r->order);
	mem_free(r);
}

uint64_t renames_skipped(const struct renames *r)
{
	return r->skipped;
}

uint64_t renames_found(const struct renames *r)
{
	return r->found;
}

/* ----------------------------------------------------------------- gather */

static int32_t grow(struct renames *r)
{
	uint32_t cap = r->cap ? r->cap * 2 : 64;
	struct name *names = mem_realloc(r->names, cap * sizeof *names);

	if (!names)
		return CORE_EMEMORY;
	r->names = names;
	r->cap = cap;
	return 0;
}

/* What is known of the content of a catalogued entry: 0 when it cannot be had. */
static int know(struct renames *r, const struct item *it, int side, struct name *n)
{
	const struct tree *t = &r->tree[side];
	const struct entry *e = tree_content(t, it->entry[side]);

	if (!e || e->kind != CORE_KIND_FILE || e->error != 0 || (e->flags & ENTRY_DUPLICATE))
		return 0;
	n->entry = (uint32_t)(e - t->list.entries);
	if (e->size != UINT64_MAX)
		n->size = e->size;
	if (e->flags & ENTRY_DIGEST) {
		memcpy(n->digest, e->digest, DIGEST_BYTES);
		n->state = NAME_WHOLE;
		r->mixed = 1;
	} else if (tree_is_streamed(t, e)) {
		return 0;
	}
	return 1;
}

int32_t renames_add(struct renames *r, const struct item *it)
{
	const int side = it->out.status == CORE_STATUS_ONLY_RIGHT;

	if ((it->out.status != CORE_STATUS_ONLY_LEFT && it->out.status != CORE_STATUS_ONLY_RIGHT) ||
	    it->kind[side] != CORE_KIND_FILE)
		return 0;
	struct name n = {.size = it->out.size[side], .side = (uint8_t)side, .partner = UINT32_MAX};
	if (r->tree && !know(r, it, side, &n)) {
		r->skipped++;
		return 0;
	}
	if (n.size == 0)
		return 0;
	if (r->count == r->limit || r->text.len > MOST_TEXT || n.size == UINT64_MAX) {
		r->skipped++;
		return 0;
	}
	if (r->count == r->cap && grow(r) != 0)
		return CORE_EMEMORY;
	const struct buf *dir = it->dir ? dir_pair_path(it->dir, side) : NULL;
	const char *name = item_name(it, side);
	const size_t len = it->dir ? strlen(name) : it->len;
	n.path = r->text.len;
	if ((dir && buf_append(&r->text, dir->data, dir->len) != 0) || buf_append(&r->text, name, len) != 0)
		return CORE_EMEMORY;
	n.path_len = (uint32_t)(r->text.len - n.path);
	r->names[r->count++] = n;
	return 0;
}

/* ------------------------------------------------------------------- sort */

static int by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static const uint8_t *base_of(const struct renames *r, const struct name *n, size_t *len)
{
	const uint8_t *path = r->text.data + n->path;
	size_t at = n->path_len;

	while (at > 0 && path[at - 1] != '/')
		at--;
	*len = n->path_len - at;
	return path + at;
}

/* Which names may be one content: not apart by size, then by digest where both have one of the same bytes. */
static int apart(const struct name *a, const struct name *b)
{
	int c = by_number(a->size, b->size);

	if (c == 0)
		c = by_number(a->state, b->state);
	return c != 0 || a->state == NAME_SIZED ? c : memcmp(a->digest, b->digest, DIGEST_BYTES);
}

/* Contents together, then sides, then last parts of paths where that is wanted, then the order in which names came. */
static int in_order(const struct renames *r, uint32_t x, uint32_t y)
{
	const struct name *a = &r->names[x], *b = &r->names[y];
	int c = apart(a, b);

	if (c == 0)
		c = by_number(a->side, b->side);
	if (c == 0 && r->by_base) {
		size_t a_len, b_len;
		const uint8_t *p = base_of(r, a, &a_len), *q = base_of(r, b, &b_len);
		c = path_compare(p, a_len, q, b_len);
	}
	return c != 0 ? c : by_number(x, y);
}

/* Bottom-up, so that no input makes it slow or deep. */
static int32_t sort(struct renames *r)
{
	uint32_t *from = r->order, *to = mem_alloc((size_t)r->count * sizeof *to + 1);

	if (!to)
		return CORE_EMEMORY;
	for (size_t width = 1; width < r->count; width *= 2) {
		for (size_t i = 0; i < r->count; i += 2 * width) {
			size_t middle = i + width < r->count ? i + width : r->count;
			size_t end = middle + width < r->count ? middle + width : r->count;
			for (size_t a = i, b = middle, out = i; out < end; out++) {
				if (a < middle && (b == end || in_order(r, from[a], from[b]) < 0))
					to[out] = from[a++];
				else
					to[out] = from[b++];
			}
		}
		uint32_t *other = from;
		from = to;
		to = other;
	}
	r->order = from;
	mem_free(to);
	return 0;
}

/* Where the names of one content, as far as that is known, end. */
static uint32_t end_of(const struct renames *r, uint32_t from)
{
	uint32_t end = from + 1;

	while (end < r->count && apart(&r->names[r->order[from]], &r->names[r->order[end]]) == 0)
		end++;
	return end;
}

/*
 * Marks what is to be read: names of a content that both sides may have. Of
 * one size, some may have a digest already and others not.
 */
static void mark(struct renames *r)
{
	for (uint32_t i = 0, end; i < r->count; i = end) {
		const struct name *first = &r->names[r->order[i]];
		end = i + 1;
		if (first->state == NAME_HEAD)
			end = end_of(r, i);
		else
			while (end < r->count && r->names[r->order[end]].size == first->size)
				end++;
		int sides = 0;
		for (uint32_t k = i; k < end; k++)
			sides |= r->names[r->order[k]].state == NAME_LOST ? 0 : 1 << r->names[r->order[k]].side;
		for (uint32_t k = i; k < end; k++)
			r->names[r->order[k]].wanted = sides == 3;
	}
}

static int32_t sort_names(struct renames *r)
{
	if (!r->order) {
		r->order = mem_alloc((size_t)r->count * sizeof *r->order + 1);
		if (!r->order)
			return CORE_EMEMORY;
		for (uint32_t i = 0; i < r->count; i++)
			r->order[i] = i;
	}
	int32_t rc = sort(r);
	if (rc == 0)
		mark(r);
	return rc;
}

/* ------------------------------------------------------------------ match */

static void join(struct renames *r, uint32_t left, uint32_t right)
{
	r->names[left].partner = right;
	r->names[right].partner = left;
	r->found++;
}

/* Of one content, lefts, then rights: those with the same last part of their paths. */
static void match_bases(struct renames *r, uint32_t from, uint32_t middle, uint32_t end)
{
	const uint32_t *o = r->order;

	for (uint32_t a = from, b = middle; a < middle && b < end;) {
		size_t a_len, b_len;
		const uint8_t *p = base_of(r, &r->names[o[a]], &a_len), *q = base_of(r, &r->names[o[b]], &b_len);
		int c = path_compare(p, a_len, q, b_len);
		if (c == 0)
			join(r, o[a], o[b]);
		a += c <= 0;
		b += c >= 0;
	}
	for (uint32_t k = from; k < middle; k++) {
		r->names[o[k]].candidates[0] = middle - from;
		r->names[o[k]].candidates[1] = end - middle;
	}
}

/* What is left of them, in the order of paths, as far as both sides last. */
static void match_rest(struct renames *r, uint32_t from, uint32_t middle, uint32_t end)
{
	const uint32_t *o = r->order;

	for (uint32_t a = from, b = middle; a < middle && b < end;) {
		if (r->names[o[a]].partner != UINT32_MAX)
			a++;
		else if (r->names[o[b]].partner != UINT32_MAX)
			b++;
		else
			join(r, o[a++], o[b++]);
	}
}

/* Calls one of them for each content that both sides have. */
static void match_each(struct renames *r, void (*one)(struct renames *, uint32_t from, uint32_t middle, uint32_t end))
{
	for (uint32_t i = 0, end; i < r->count; i = end) {
		uint32_t middle = i;
		end = end_of(r, i);
		while (middle < end && r->names[r->order[middle]].side == 0)
			middle++;
		if (r->names[r->order[i]].state == NAME_WHOLE && middle > i && middle < end)
			one(r, i, middle, end);
	}
}

static int32_t match(struct renames *r)
{
	r->by_base = 1;
	int32_t rc = sort_names(r);
	if (rc != 0)
		return rc;
	match_each(r, match_bases);
	r->by_base = 0;
	rc = sort_names(r);
	if (rc == 0)
		match_each(r, match_rest);
	return rc;
}

/* ------------------------------------------------------------------- read */

static int32_t open_name(const struct renames *r, const struct name *n, struct reader *out, struct err *e)
{
	char piece[TREE_PIECE];

	if (r->tree)
		return tree_read(&r->tree[n->side], &r->tree[n->side].list.entries[n->entry], out, e);
	int dir = path_locate(r->fd[n->side], r->text.data + n->path, n->path_len, piece);
	if (dir < 0) {
		*e = err_sys(-dir, "open", n->side);
		return e->code;
	}
	unsigned how = r->config->flags & CORE_COMPARE_FOLLOW ? 0 : PLAT_NOFOLLOW;
	int32_t rc = reader_open_file(out, dir, piece, how, n->side, e);
	if (dir != r->fd[n->side])
		plat_close(dir);
	return rc;
}

/* Begins to read a file: 0 when that goes on, 1 when it cannot be read. */
static int32_t begin(struct renames *r, struct rename_work *w)
{
	const struct name *n = &r->names[w->name];
	struct err e;

	if (open_name(r, n, &w->reader, &e) != 0) {
		if (e.code == CORE_EMEMORY)
			return e.code;
		return e.sys == EMFILE || e.sys == ENFILE ? CORE_ELIMIT : 1;
	}
	if (w->reader.size != UINT64_MAX && w->reader.size != n->size)
		return 1;
	w->hasher = hasher_new(DIGEST_BLAKE3);
	w->read = 0;
	atomic_fetch_add_explicit(&r->run->bytes_total, n->size, memory_order_relaxed);
	return w->hasher ? 0 : CORE_EMEMORY;
}

/* Ends a file that was read: its digest counts only if it is still what it was. */
static void end(struct renames *r, struct rename_work *w, int lost)
{
	struct name *n = &r->names[w->name];
	struct err e;

	if (!lost && reader_check(&w->reader, &e) == 0) {
		uint8_t digest[DIGEST_MAX];
		hasher_end(w->hasher, digest);
		memcpy(n->digest, digest, DIGEST_BYTES);
		n->state = w->read == n->size ? NAME_WHOLE : NAME_HEAD;
	} else {
		n->state = NAME_LOST;
	}
	w->done = 1;
}

static int32_t read_some(struct renames *r, struct rename_work *w)
{
	const struct name *n = &r->names[w->name];
	const uint32_t chunk = r->config->chunk;
	const uint64_t most = r->stage == READ_HEADS && n->size > HEAD_BYTES ? HEAD_BYTES : n->size;
	uint8_t *buf = pool_scratch(chunk);
	int32_t rc = w->reader.ops ? 0 : begin(r, w);
	struct err e;

	if (!buf || rc < 0)
		return buf ? rc : CORE_EMEMORY;
	for (uint64_t bytes = 0; rc == 0 && bytes < STEP_BYTES;) {
		/* One byte more than there should be, so that a file that grew is seen. */
		uint64_t want = most < n->size ? most - w->read : most + 1 - w->read;
		size_t got = 0;
		if (reader_next(&w->reader, NULL, buf, want < chunk ? (size_t)want : chunk, &got, &e) != 0 ||
		    w->read + got > n->size) {
			rc = 1;
			break;
		}
		hasher_add(w->hasher, buf, got);
		atomic_fetch_add_explicit(&r->run->bytes_read, got, memory_order_relaxed);
		w->read += got;
		bytes += got;
		if (got == 0 || (most < n->size && w->read == most)) {
			end(r, w, w->read != most);
			return 0;
		}
	}
	if (rc == 1)
		end(r, w, 1);
	return 0;
}

/* ------------------------------------------------------------------- work */

/* Whether a name is read in this stage. */
static int is_due(const struct renames *r, const struct name *n)
{
	return n->wanted && (r->stage == READ_HEADS ? n->state == NAME_SIZED : n->state < NAME_WHOLE);
}

static int is_reading(const struct renames *r)
{
	return r->stage == READ_HEADS || r->stage == READ_ALL;
}

/* Moves to the next left name that has a partner. */
static void pass_others(struct renames *r)
{
	while (r->next < r->count && (r->names[r->next].side == 1 || r->names[r->next].partner == UINT32_MAX))
		r->next++;
}

/* Moves to the next name that is to be read: 0 when there is none. */
static int find_due(struct renames *r)
{
	while (r->next < r->count && !is_due(r, &r->names[r->order[r->next]]))
		r->next++;
	return r->next < r->count;
}

int renames_claim(struct renames *r, struct rename_work *w)
{
	if (w->taken)
		return 1;
	if (r->stage == GATHER)
		r->stage = SORT_SIZES;
	w->name = UINT32_MAX;
	w->done = 0;
	if (is_reading(r)) {
		/* In the order of sizes: what may be one is read at about one time. */
		if (!find_due(r))
			return 0;
		w->name = r->order[r->next++];
	} else if (r->active > 0 || r->stage == TELL) {
		return 0;
	}
	w->taken = 1;
	r->active++;
	return 1;
}

int32_t renames_work(struct renames *r, struct rename_work *w)
{
	if (w->name != UINT32_MAX)
		return read_some(r, w);
	w->done = 1;
	return r->stage == MATCH ? match(r) : sort_names(r);
}

int renames_complete(struct renames *r, struct rename_work *w)
{
	if (!w->done)
		return 0;
	if (w->name != UINT32_MAX)
		r->skipped += r->names[w->name].state == NAME_LOST;
	rename_work_end(w);
	w->taken = 0;
	r->active--;
	/* The last one at work opens the next stage. */
	if (r->active > 0 || (is_reading(r) && find_due(r)))
		return 0;
	r->stage = r->stage == SORT_SIZES && r->mixed ? READ_ALL : r->stage + 1;
	r->next = 0;
	if (is_reading(r) && !find_due(r))
		r->stage++;
	if (!is_reading(r))
		r->next = 0;
	if (r->stage == TELL)
		pass_others(r);
	return 1;
}

void renames_give_up(struct renames *r, struct rename_work *w)
{
	r->names[w->name].state = NAME_LOST;
	w->done = 1;
}

/* ------------------------------------------------------------------- tell */

int renames_over(const struct renames *r)
{
	return r->stage == TELL && r->next >= r->count;
}

int renames_peek(const struct renames *r, struct rename_pair *out)
{
	if (r->stage != TELL || r->next >= r->count)
		return 0;
	const struct name *a = &r->names[r->next], *b = &r->names[a->partner];
	*out = (struct rename_pair){
		.from = r->text.data + a->path,
		.to = r->text.data + b->path,
		.from_len = a->path_len,
		.to_len = b->path_len,
		.size = a->size,
		.candidates = {a->candidates[0], a->candidates[1]},
	};
	return 1;
}

void renames_next(struct renames *r)
{
	r->next++;
	pass_others(r);
}
