/* SPDX-License-Identifier: MIT */
#include "compare/nested.h"

#include "base/alloc.h"

#include <string.h>

/** Files looked at in one step. */
enum { STEP_FILES = 256 };

void nested_init(struct nested *n, struct tree tree[2], struct beside *b, core_run *run, const struct config *config)
{
	*n = (struct nested){.tree = tree, .beside = b, .run = run, .config = config, .level = 1};
	if (config->nested == 0)
		n->stage = NESTED_OVER;
}

static void forget_level(struct nested *n)
{
	buf_free(&n->look.text);
	mem_free(n->look.ends);
	n->look = (struct look){0};
	for (int s = 0; s < 2; s++) {
		mem_free(n->containers[s]);
		n->containers[s] = NULL;
	}
	n->count = 0;
	n->at = 0;
}

void nested_free(struct nested *n)
{
	forget_level(n);
	mem_free(n->candidates);
	n->candidates = NULL;
	n->cap = 0;
}

static struct entry *entry_at(const struct nested *n, int side, uint32_t index)
{
	return &n->tree[side].list.entries[index];
}

/* ------------------------------------------------------------------- pick */

/* Whether an entry may be looked into: a file of this level about which nothing is wrong. */
static int is_eligible(const struct nested *n, const struct entry *e)
{
	const unsigned wrong = ENTRY_HARDLINK | ENTRY_DIFFERENTIAL | ENTRY_UNSAFE | ENTRY_DUPLICATE | ENTRY_HIDDEN;

	return e->kind == CORE_KIND_FILE && e->level + 1u == n->level && e->path_len > 0 && e->error == 0 &&
	       !(e->flags & wrong);
}

/* 1 when the contents are known to differ, 0 when they are known not to, or nothing can be known, -1 when only reading tells. */
static int differ(const struct nested *n, const struct entry *left, const struct entry *right)
{
	const int left_streamed = tree_is_streamed(&n->tree[0], left), right_streamed = tree_is_streamed(&n->tree[1], right);

	if (left->flags & ENTRY_PAIRED)
		return left->status == CORE_STATUS_DIFFERENT;
	/* Contents that only streams have, and that were not compared, were not read. */
	if ((left_streamed && !(left->flags & ENTRY_DIGEST)) || (right_streamed && !(right->flags & ENTRY_DIGEST)))
		return 0;
	if (left->flags & right->flags & ENTRY_DIGEST)
		return left->size != right->size || memcmp(left->digest, right->digest, ENTRY_DIGEST_BYTES) != 0;
	return -1;
}

/*
 * Whether a file may be an archive: of a directory, by its beginning; of what
 * has no offsets, or cannot be opened, reading it will tell.
 * @return 1, 0, or CORE_EMEMORY
 */
static int32_t may_be_archive(const struct tree *t, const struct entry *e)
{
	struct reader r;
	struct err err;

	if (tree_is_streamed(t, e))
		return 1;
	int32_t rc = tree_read(t, e, &r, &err);
	if (rc != 0)
		return rc == CORE_EMEMORY ? rc : 1;
	rc = r.random ? pack_sniff(&r) : 1;
	reader_close(&r);
	return rc;
}

static int32_t add(struct nested *n, struct candidate c)
{
	if (n->count == n->cap) {
		uint32_t cap = n->cap ? n->cap * 2 : 64;
		struct candidate *all = mem_realloc(n->candidates, cap * sizeof *all);
		if (!all)
			return CORE_EMEMORY;
		n->candidates = all;
		n->cap = cap;
	}
	n->candidates[n->count++] = c;
	return 0;
}

/* Looks at the next left entry. */
static int32_t pick(struct nested *n)
{
	const struct catalogue *right = &n->tree[1].list;
	struct candidate c = {.left = n->at++};
	const struct entry *e = entry_at(n, 0, c.left);

	if (!is_eligible(n, e))
		return 0;
	c.right = catalogue_find(right, entry_path(&n->tree[0].list, e), e->path_len);
	if (c.right == UINT32_MAX || !is_eligible(n, entry_at(n, 1, c.right)))
		return 0;
	const struct entry *o = entry_at(n, 1, c.right);
	const int known = differ(n, e, o);
	int32_t rc = known == 0 ? 0 : may_be_archive(&n->tree[0], e);
	if (rc == 1)
		rc = may_be_archive(&n->tree[1], o);
	if (rc != 1)
		return rc;
	if (known == 1)
		return add(n, c);
	n->pair = c;
	n->stage = NESTED_PAIR;
	return beside_pair(n->beside, c.left, c.right);
}

/* ------------------------------------------------------------------- read */

/* Sorts the candidates by their paths, bottom-up. */
static int32_t sort(struct nested *n)
{
	const struct catalogue *c = &n->tree[0].list;
	struct candidate *from = n->candidates, *to = mem_alloc(n->cap * sizeof *to);

	if (!to)
		return CORE_EMEMORY;
	for (size_t width = 1; width < n->count; width *= 2) {
		for (size_t i = 0; i < n->count; i += 2 * width) {
			size_t middle = i + width < n->count ? i + width : n->count;
			size_t end = middle + width < n->count ? middle + width : n->count;
			for (size_t a = i, b = middle, out = i; out < end; out++) {
				const struct entry *x = a < middle ? &c->entries[from[a].left] : NULL;
				const struct entry *y = b < end ? &c->entries[from[b].left] : NULL;
				int first = x && (!y || path_compare(entry_path(c, x), x->path_len, entry_path(c, y),
								     y->path_len) <= 0);
				to[out] = first ? from[a++] : from[b++];
			}
		}
		struct candidate *other = from;
		from = to;
		to = other;
	}
	n->candidates = from;
	mem_free(to);
	return 0;
}

/* The entry of the tree itself in which an entry is. */
static uint32_t outermost(const struct catalogue *c, uint32_t index)
{
	while (index != UINT32_MAX && c->entries[index].inner > 2)
		index = catalogue_find(c, entry_path(c, &c->entries[index]), c->entries[index].inner - 2);
	return index;
}

/* What decoders see of the candidates, and in which order those of trees that are no streams are opened. */
static int32_t make_look(struct nested *n)
{
	const struct catalogue *left = &n->tree[0].list;

	n->look.depth = n->level;
	n->look.ends = mem_alloc(n->count * sizeof *n->look.ends);
	if (!n->look.ends)
		return CORE_EMEMORY;
	for (; n->look.count < n->count; n->look.count++) {
		const struct entry *e = entry_at(n, 0, n->candidates[n->look.count].left);
		if (buf_append(&n->look.text, entry_path(left, e), e->path_len) != 0)
			return CORE_EMEMORY;
		n->look.ends[n->look.count] = n->look.text.len;
	}
	return 0;
}

static int32_t begin_side(struct nested *n, int side, struct err *e)
{
	const struct catalogue *c = &n->tree[side].list;
	uint32_t *all = mem_alloc(n->count * sizeof *all), count = 0;

	if (!all)
		return CORE_EMEMORY;
	n->containers[side] = all;
	for (uint32_t i = 0; i < n->count; i++) {
		uint32_t at = outermost(c, side == 0 ? n->candidates[i].left : n->candidates[i].right);
		/* Those of one archive are next to each other. */
		if (at != UINT32_MAX && (count == 0 || all[count - 1] != at))
			all[count++] = at;
	}
	return tree_begin_nested(&n->tree[side], &n->look, all, count, e);
}

static int32_t begin_read(struct nested *n, struct err *e)
{
	int32_t rc = sort(n);

	if (rc == 0)
		rc = make_look(n);
	for (int s = 0; s < 2 && rc == 0; s++)
		rc = begin_side(n, s, e);
	if (rc != 0)
		return rc;
	const struct outcome root = n->beside->root;
	beside_init(n->beside, n->tree, n->run, n->config, 1);
	n->beside->root = root;
	n->stage = NESTED_READ;
	return 0;
}

/* ------------------------------------------------------------------- end */

/* What was listed of a file that is no archive on the other side is not there. */
static void hide(struct tree *t, uint32_t container)
{
	const struct catalogue *c = &t->list;
	const struct entry *e = &c->entries[container];

	for (uint32_t i = 0; i < c->count; i++) {
		struct entry *in = &c->entries[i];
		if (in->inner == e->path_len + 2 && memcmp(entry_path(c, in), entry_path(c, e), e->path_len) == 0)
			in->flags |= ENTRY_HIDDEN;
	}
}

/* An archive whose end was not seen is not known, whatever its entries say. */
static int32_t need_error(struct tree *t, uint32_t index)
{
	struct err e = t->look_err;

	if (t->list.entries[index].error != 0 || t->list.entries[index].looked == LOOKED_WHOLE)
		return 0;
	if (e.code == 0)
		e = err_of(CORE_EARCHIVE, "read archive", t->side, "the archive in it was not reached");
	return catalogue_fail(&t->list, index, &e);
}

static int32_t end_candidate(struct nested *n, struct candidate c)
{
	struct entry *e = entry_at(n, 0, c.left), *o = entry_at(n, 1, c.right);

	if (e->looked == LOOKED_NONE || o->looked == LOOKED_NONE) {
		hide(&n->tree[0], c.left);
		hide(&n->tree[1], c.right);
		return 0;
	}
	/* What is in it counts in its place. */
	e->flags |= ENTRY_PAIRED;
	e->status = CORE_STATUS_EQUAL;
	e->proof = CORE_PROOF_KIND;
	e->reasons = 0;
	int32_t rc = need_error(&n->tree[0], c.left);
	return rc == 0 ? need_error(&n->tree[1], c.right) : rc;
}

static int32_t end_level(struct nested *n)
{
	for (int s = 0; s < 2; s++)
		tree_end_nested(&n->tree[s]);
	for (uint32_t i = 0; i < n->count; i++) {
		int32_t rc = end_candidate(n, n->candidates[i]);
		if (rc != 0)
			return rc;
	}
	forget_level(n);
	n->stage = n->level++ < n->config->nested ? NESTED_PICK : NESTED_OVER;
	return 0;
}

/* ------------------------------------------------------------------- step */

int32_t nested_step(struct nested *n, struct task *task, struct err *e)
{
	int32_t rc = 0;

	*e = (struct err){0};
	switch (n->stage) {
	case NESTED_PICK:
		for (int i = 0; i < STEP_FILES && rc == 0 && n->stage == NESTED_PICK; i++) {
			if (n->at < n->tree[0].list.count)
				rc = pick(n);
			else if (n->count == 0)
				n->stage = NESTED_OVER;
			else
				rc = begin_read(n, e);
		}
		break;
	case NESTED_PAIR:
		rc = beside_step(n->beside, task);
		if (rc != BESIDE_OVER)
			return rc;
		n->stage = NESTED_PICK;
		rc = differ(n, entry_at(n, 0, n->pair.left), entry_at(n, 1, n->pair.right)) == 1 ? add(n, n->pair) : 0;
		break;
	case NESTED_READ:
		rc = beside_step(n->beside, task);
		if (rc != BESIDE_OVER)
			return rc;
		rc = end_level(n);
		break;
	case NESTED_OVER:
		return BESIDE_OVER;
	}
	return rc < 0 ? rc : n->stage == NESTED_OVER ? BESIDE_OVER : BESIDE_MORE;
}
