/* SPDX-License-Identifier: MIT */
#include "compare/beside.h"

#include "base/alloc.h"

#include <string.h>

enum {
	/** Entries looked at in one step, when nothing of them is read. */
	STEP_ENTRIES = 512,
	/** Contents read in one step. */
	STEP_CONTENTS = 32,
	/** Bytes read in one step, roughly. */
	STEP_BYTES = 1 << 20,
};

/** What became of one thing to do. */
enum done { DONE_NOTHING, DONE_SOME, DONE_WAIT };

void beside_init(struct beside *b, struct tree tree[2], core_run *run, const struct config *config, int digests)
{
	*b = (struct beside){.tree = tree, .run = run, .config = config, .digests = digests, .digesting = -1};
}

static void drop_pair(struct beside *b)
{
	if (b->pair) {
		pair_close(b->pair);
		mem_free(b->pair);
	}
	b->pair = NULL;
}

void beside_free(struct beside *b)
{
	drop_pair(b);
	reader_close(&b->reader);
	hasher_free(b->hasher);
	b->hasher = NULL;
}

static struct entry *current(const struct beside *b, int side)
{
	return &b->tree[side].list.entries[b->tree[side].index];
}

/* ----------------------------------------------------------- side by side */

/* Both contents are compared, or cannot be: the left entry keeps what came of it. */
static int32_t keep(struct beside *b, const struct outcome *o)
{
	struct catalogue *list = &b->tree[0].list;
	struct entry *left = &list->entries[b->left];

	for (int s = 0; s < 2; s++)
		b->tree[s].has = b->tree[s].has && !b->from[s];
	left->flags |= ENTRY_PAIRED;
	left->status = o->status;
	left->proof = o->proof;
	left->reasons = o->reasons;
	if (left->path_len == 0)
		b->root = *o;
	b->differs |= o->status == CORE_STATUS_DIFFERENT;
	return o->status == CORE_STATUS_UNKNOWN ? catalogue_fail(list, b->left, &o->err) : 0;
}

static int32_t keep_different(struct beside *b, uint32_t reason)
{
	const struct outcome o = {.status = CORE_STATUS_DIFFERENT, .reasons = reason};

	return keep(b, &o);
}

static int32_t work_on_pair(struct beside *b, struct task *task, enum done *done)
{
	struct segment s;
	uint64_t bytes = 0;

	*done = DONE_SOME;
	while (bytes < STEP_BYTES) {
		if (!pair_claim(b->pair, &s))
			break;
		pair_work(b->pair, &s, task);
		if (s.wait) {
			pair_wait(b->pair, &s);
			*done = DONE_WAIT;
			return 0;
		}
		bytes += s.read + PAIR_SMALLEST_CHUNK;
		if (!pair_complete(b->pair, &s))
			continue;
		const struct outcome o = b->pair->out;
		drop_pair(b);
		return keep(b, &o);
	}
	return 0;
}

/*
 * Begins to compare the entries `left` and `right`; a side whose tree is a
 * stream stands at its entry.
 */
static int32_t pair_up(struct beside *b, uint32_t left, uint32_t right)
{
	const uint32_t index[2] = {left, right};
	uint64_t size[2];
	struct err e;

	b->left = left;
	for (int s = 0; s < 2; s++) {
		b->from[s] = tree_is_stream(&b->tree[s]);
		size[s] = b->tree[s].list.entries[index[s]].size;
	}
	if (size[0] != UINT64_MAX && size[1] != UINT64_MAX && size[0] != size[1] &&
	    !(b->config->flags & CORE_COMPARE_NO_SIZE_PRECHECK))
		return keep_different(b, CORE_REASON_SIZE_MISMATCH);
	b->pair = mem_zalloc(1, sizeof *b->pair);
	if (!b->pair)
		return CORE_EMEMORY;
	for (int s = 0; s < 2; s++) {
		struct tree *t = &b->tree[s];
		if (b->from[s])
			reader_open_pack(&b->pair->side[s], t->stream, s);
		else if (tree_read(t, &t->list.entries[index[s]], &b->pair->side[s], &e) != 0) {
			struct outcome o;
			outcome_fail(&o, &e);
			drop_pair(b);
			return keep(b, &o);
		}
		/* A file's own word is known only now. */
		if (b->pair->side[s].size != UINT64_MAX)
			size[s] = b->pair->side[s].size;
	}
	b->pair->run = b->run;
	b->pair->flags = b->config->flags & ~(uint32_t)(CORE_COMPARE_LOCATE | CORE_COMPARE_RANGES);
	b->pair->chunk = pair_chunk(b->config->chunk, size[0], size[1]);
	if (!pair_begin(b->pair))
		return 0;
	const struct outcome o = b->pair->out;
	drop_pair(b);
	return keep(b, &o);
}

int32_t beside_pair(struct beside *b, uint32_t left, uint32_t right)
{
	const struct entry *e[2] = {&b->tree[0].list.entries[left], &b->tree[1].list.entries[right]};
	/* The side that has a digest, and the one that is read. */
	const int streamed = tree_is_streamed(&b->tree[1], e[1]), any = !streamed;
	struct err err;

	if (!tree_is_streamed(&b->tree[streamed], e[streamed]))
		return pair_up(b, left, right);
	b->left = left;
	b->from[0] = b->from[1] = 0;
	b->pair = mem_zalloc(1, sizeof *b->pair);
	if (!b->pair)
		return CORE_EMEMORY;
	b->pair->run = b->run;
	b->pair->chunk = b->config->chunk;
	int done = 1;
	if (tree_read(&b->tree[any], e[any], &b->pair->side[any], &err) != 0)
		outcome_fail(&b->pair->out, &err);
	else
		done = pair_begin_digest(b->pair, any, e[streamed]->digests, e[streamed]->digest, e[streamed]->size);
	if (!done)
		return 0;
	const struct outcome o = b->pair->out;
	drop_pair(b);
	return keep(b, &o);
}

/* --------------------------------------------------------------- digests */

static uint32_t counterpart(const struct beside *b, int side);

/* The digest that a content is to become: what a manifest has of the path, or what is made where nobody asks. */
static enum digest_kind kind_for(const struct beside *b, int side)
{
	const struct tree *other = &b->tree[!side];
	uint32_t index = tree_is_manifest(other) ? counterpart(b, side) : UINT32_MAX;
	uint32_t kinds = index != UINT32_MAX ? other->list.entries[index].digests : other->digests;

	return kinds != 0 ? digest_best(kinds) : DIGEST_BLAKE3;
}

static int32_t begin_digest(struct beside *b, int side)
{
	b->kind = kind_for(b, side);
	b->hasher = hasher_new(b->kind);
	if (!b->hasher)
		return CORE_EMEMORY;
	reader_open_pack(&b->reader, b->tree[side].stream, side);
	b->digesting = side;
	b->size = 0;
	return 0;
}

static int32_t work_on_digest(struct beside *b, struct task *task, enum done *done)
{
	struct tree *t = &b->tree[b->digesting];
	uint8_t *buf = pool_scratch(b->config->chunk);
	struct err e = {0};

	if (!buf)
		return CORE_EMEMORY;
	*done = DONE_SOME;
	for (uint64_t bytes = 0; bytes < STEP_BYTES;) {
		size_t got = 0;
		int32_t rc = reader_next(&b->reader, task, buf, b->config->chunk, &got, &e);
		if (rc == READER_WAIT) {
			*done = DONE_WAIT;
			return 0;
		}
		if (rc == 0 && got > 0) {
			hasher_add(b->hasher, buf, got);
			atomic_fetch_add_explicit(&b->run->bytes_read, got, memory_order_relaxed);
			b->size += got;
			bytes += got;
			continue;
		}
		struct entry *entry = current(b, b->digesting);
		if (rc == 0 && entry->size != UINT64_MAX && entry->size != b->size) {
			e = err_of(CORE_EARCHIVE, "read archive", b->digesting, "the content has another length than it should");
			rc = e.code;
		}
		if (rc == 0) {
			hasher_end(b->hasher, entry->digest);
			entry->digests = 1u << b->kind;
			entry->flags |= ENTRY_DIGEST;
			entry->size = b->size;
		}
		reader_close(&b->reader);
		hasher_free(b->hasher);
		b->hasher = NULL;
		b->digesting = -1;
		t->has = 0;
		return rc != 0 ? catalogue_fail(&t->list, t->index, &e) : 0;
	}
	return 0;
}

/* ----------------------------------------------------------------- order */

/* The entry of the other tree that has this one's path, if its content can be compared. */
static uint32_t counterpart(const struct beside *b, int side)
{
	const struct entry *e = current(b, side);
	const struct tree *other = &b->tree[!side];
	uint32_t index = catalogue_find(&other->list, entry_path(&b->tree[side].list, e), e->path_len);

	if (index == UINT32_MAX)
		return UINT32_MAX;
	const struct entry *o = &other->list.entries[index];
	return o->kind == CORE_KIND_FILE && o->error == 0 ? index : UINT32_MAX;
}

/* A stream stands at a content, and the other tree gives any of its own. */
static int32_t beside_any(struct beside *b, int side)
{
	uint32_t other = counterpart(b, side);

	if (b->digests)
		return begin_digest(b, side);
	/* It may be there under another name. */
	if (other == UINT32_MAX && (b->config->flags & CORE_COMPARE_RENAMES))
		return begin_digest(b, side);
	/* What the other tree does not have need not be read. */
	if (other == UINT32_MAX || (current(b, side)->flags & ENTRY_HIDDEN) ||
	    (b->tree[!side].list.entries[other].flags & ENTRY_HARDLINK)) {
		b->tree[side].has = 0;
		return 0;
	}
	return side == 0 ? pair_up(b, b->tree[0].index, other) : pair_up(b, other, b->tree[1].index);
}

/* Which of two streams that stand at different paths goes on. */
static int behind(const struct beside *b)
{
	const struct entry *e[2] = {current(b, 0), current(b, 1)};

	/* One that the other has passed already is the one that is late. */
	for (int s = 0; s < 2; s++) {
		if (counterpart(b, s) != UINT32_MAX)
			return s;
	}
	/* Of two new ones, the first in the order of names, which is most archives' own. */
	return path_compare(entry_path(&b->tree[0].list, e[0]), e[0]->path_len,
			    entry_path(&b->tree[1].list, e[1]), e[1]->path_len) > 0;
}

/* Both streams are at a content or at their end. */
static int32_t beside_stream(struct beside *b)
{
	const struct tree *a = &b->tree[0], *c = &b->tree[1];

	if (!a->has || !c->has) {
		int side = a->has ? 0 : 1;
		/* Nothing can come any more that it would be compared with. */
		if (!b->digests && !(b->config->flags & CORE_COMPARE_RENAMES) &&
		    counterpart(b, side) == UINT32_MAX) {
			b->tree[side].has = 0;
			return 0;
		}
		return begin_digest(b, side);
	}
	const struct entry *e[2] = {current(b, 0), current(b, 1)};
	int same = path_compare(entry_path(&a->list, e[0]), e[0]->path_len, entry_path(&c->list, e[1]),
				e[1]->path_len) == 0;
	if (b->digests)
		return begin_digest(b, 0);
	if (same && !((e[0]->flags | e[1]->flags) & ENTRY_HIDDEN))
		return pair_up(b, a->index, c->index);
	return begin_digest(b, same ? 0 : behind(b));
}

/* One thing to do. */
static int32_t go_on(struct beside *b, struct task *task, enum done *done)
{
	int waits = 0;

	if (b->pair)
		return work_on_pair(b, task, done);
	if (b->digesting >= 0)
		return work_on_digest(b, task, done);
	*done = DONE_SOME;
	for (int s = 0; s < 2; s++) {
		struct tree *t = &b->tree[s];
		if (!tree_is_stream(t) || t->has || t->ended)
			continue;
		int32_t rc = tree_next(t, task);
		if (rc < 0)
			return rc;
		waits |= rc == TREE_WAIT;
	}
	if (waits) {
		*done = DONE_WAIT;
		return 0;
	}
	int over = 1;
	for (int s = 0; s < 2; s++) {
		const struct tree *t = &b->tree[s];
		if (!tree_is_stream(t))
			continue;
		if (!t->has && !t->ended)
			return 0;
		over = over && !t->has;
	}
	if (over) {
		*done = DONE_NOTHING;
		return 0;
	}
	if (tree_is_stream(&b->tree[0]) && tree_is_stream(&b->tree[1]))
		return beside_stream(b);
	return beside_any(b, tree_is_stream(&b->tree[0]) ? 0 : 1);
}

int32_t beside_step(struct beside *b, struct task *task)
{
	uint64_t from = atomic_load_explicit(&b->run->bytes_read, memory_order_relaxed);

	for (int i = 0; i < STEP_ENTRIES; i++) {
		enum done done;
		int32_t rc = go_on(b, task, &done);
		if (rc != 0)
			return rc;
		if (done == DONE_NOTHING)
			return BESIDE_OVER;
		if (done == DONE_WAIT)
			return BESIDE_WAIT;
		if (atomic_load_explicit(&b->run->bytes_read, memory_order_relaxed) - from >= STEP_BYTES ||
		    (b->differs && (b->config->flags & CORE_COMPARE_FIRST)))
			break;
	}
	return BESIDE_MORE;
}

/* ----------------------------------------------------------------- links */

/* Whether the contents of two entries of one path can be told apart by what is known. */
static int is_known(const struct beside *b, const struct entry *e[2])
{
	const struct entry *content[2];
	int linked = 0;

	for (int s = 0; s < 2; s++) {
		linked |= e[s]->flags & ENTRY_HARDLINK;
		content[s] = tree_content(&b->tree[s], e[s]);
		/* It fails, is missing or is no file: digests would not help. */
		if (!content[s] || content[s]->error != 0 || content[s]->kind != CORE_KIND_FILE)
			return 1;
	}
	if (!linked)
		return 1;
	if (content[0]->flags & ENTRY_PAIRED &&
	    path_compare(entry_path(&b->tree[0].list, content[0]), content[0]->path_len,
			 entry_path(&b->tree[1].list, content[1]), content[1]->path_len) == 0)
		return 1;
	for (int s = 0; s < 2; s++) {
		if (tree_is_stream(&b->tree[s]) && !(content[s]->flags & ENTRY_DIGEST))
			return 0;
	}
	return 1;
}

int beside_lacks_digests(const struct beside *b)
{
	const struct catalogue *left = &b->tree[0].list, *right = &b->tree[1].list;

	if (b->digests)
		return 0;
	for (uint32_t i = 0; i < left->count; i++) {
		const struct entry *e[2] = {&left->entries[i], NULL};
		uint32_t other = catalogue_find(right, entry_path(left, e[0]), e[0]->path_len);
		if (other == UINT32_MAX)
			continue;
		e[1] = &right->entries[other];
		if (!is_known(b, e))
			return 1;
	}
	return 0;
}
