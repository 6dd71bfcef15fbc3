/* SPDX-License-Identifier: MIT */
/* What a class comes to, once its pieces are done. */
#include "base/alloc.h"
#include "compare/class.h"

#include <stdlib.h>
#include <string.h>

/** A member that did not fail. */
struct row {
	/** Members with the same label are not told apart so far; `with` is the label of one more piece. */
	uint32_t label, with;
	/** Its place in the class. */
	uint32_t pos;
	/** The first piece in which it is not proven equal to the others of its label. */
	const struct piece *redo;
};

/** A member and its size. */
struct sized {
	uint64_t size;
	uint32_t member;
};

static int by_label(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	if (x->with != y->with)
		return x->with < y->with ? -1 : 1;
	return x->pos < y->pos ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->pos < y->pos ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_size(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->member < y->member ? -1 : 1;
}

/* -------------------------------------------------------------- decisions */

static int is_open(const struct member *m)
{
	return atomic_load(&m->state) == MEMBER_OPEN;
}

static void decided(struct classes *cs, struct member *m, uint64_t read, enum member_state state)
{
	member_leave(m, &cs->slots);
	if (state == MEMBER_DECIDED && !m->endless && m->size > read)
		atomic_fetch_add_explicit(&cs->run->bytes_avoided, m->size - read, memory_order_relaxed);
	atomic_fetch_add_explicit(&cs->run->entries, 1, memory_order_relaxed);
	atomic_store(&m->state, state);
}

void class_alone(struct classes *cs, uint32_t member, uint64_t read)
{
	struct member *m = &cs->member[member];

	m->root = member;
	m->next = MEMBER_NONE;
	m->proof = CORE_PROOF_NONE;
	decided(cs, m, read, MEMBER_DECIDED);
}

void class_fail(struct classes *cs, uint32_t member, const struct err *e)
{
	struct member *m = &cs->member[member];

	m->root = member;
	m->next = MEMBER_NONE;
	m->proof = CORE_PROOF_NONE;
	m->err = *e;
	decided(cs, m, 0, MEMBER_FAILED);
}

/* Decides what failed. What could not be read has failed under all its names; a name that changed, alone. */
static void settle_errors(struct classes *cs, const struct class *c)
{
	for (const struct piece *p = c->piece; p; p = p->next) {
		for (const struct piece_error *e = p->errors; e; e = e->next) {
			for (uint32_t i = e->member, next; i != MEMBER_NONE; i = next) {
				next = p->check ? MEMBER_NONE : cs->member[i].next;
				if (is_open(&cs->member[i]))
					class_fail(cs, i, &e->err);
			}
		}
	}
}

/*
 * Decides that names are one group.
 * @param name  `n` of them, which are sorted here
 */
static void decide_group(struct classes *cs, const struct class *c, uint32_t *name, uint32_t n)
{
	qsort(name, n, sizeof *name, by_number);
	for (uint32_t i = 0; i < n; i++) {
		struct member *m = &cs->member[name[i]];
		m->root = name[0];
		m->next = i + 1 < n ? name[i + 1] : MEMBER_NONE;
	}
	/* The list is whole before anybody can see its first member. */
	for (uint32_t i = n; i-- > 0;) {
		struct member *m = &cs->member[name[i]];
		int read = m->proof == CORE_PROOF_BYTES || m->proof == CORE_PROOF_HOLES;
		decided(cs, m, read ? c->read : 0, MEMBER_DECIDED);
	}
}

/* All of a class was read, and is a group: 0 or CORE_EMEMORY. */
static int32_t settle_checked(struct classes *cs, struct class *c)
{
	uint32_t n = 0, files = 0, names = 0;
	const uint8_t how = c->holes ? CORE_PROOF_HOLES : CORE_PROOF_BYTES;

	for (uint32_t i = 0; i < c->n; i++) {
		for (uint32_t m = c->member[i]; m != MEMBER_NONE; m = cs->member[m].next)
			names++;
	}
	uint32_t *name = mem_alloc((size_t)names * sizeof *name);
	if (!name)
		return CORE_EMEMORY;
	/* Names that fail are cut out of the list of their file, so it is walked before. */
	for (uint32_t i = 0; i < c->n; i++) {
		for (uint32_t m = c->member[i]; m != MEMBER_NONE; m = cs->member[m].next) {
			cs->member[m].root = i;
			name[n++] = m;
		}
	}
	settle_errors(cs, c);
	uint32_t alive = 0, last = MEMBER_NONE, first = MEMBER_NONE, second = MEMBER_NONE;
	for (uint32_t k = 0; k < n; k++) {
		struct member *m = &cs->member[name[k]];
		if (!is_open(m))
			continue;
		/* Of the names of each file, one stands for its bytes; `root` says which file it is. */
		if (m->root != last) {
			last = m->root;
			files++;
			m->proof = how;
		}
		if (first == MEMBER_NONE)
			first = name[k];
		else if (second == MEMBER_NONE)
			second = name[k];
		name[alive++] = name[k];
	}
	if (files == 1 && alive > 1)
		cs->member[first].proof = cs->member[second].proof;
	if (alive == 1)
		class_alone(cs, name[0], c->read);
	else if (alive > 1)
		decide_group(cs, c, name, alive);
	mem_free(name);
	return 0;
}

/* ------------------------------------------------------------- new classes */

/** Where new classes are put. */
struct making {
	struct classes *cs;
	const struct class *of;
	struct class **end;
};

/*
 * Makes a class of members that are not told apart, or decides about one that is alone.
 * @return the class, or NULL with 0 or CORE_EMEMORY in `*rc`
 */
static struct class *make(struct making *m, const uint32_t *member, uint32_t n, uint64_t size, int32_t *rc)
{
	*rc = 0;
	if (n == 1 && m->cs->member[member[0]].next == MEMBER_NONE) {
		class_alone(m->cs, member[0], m->of->read);
		return NULL;
	}
	struct class *c = class_new(m->cs, member, n, size);
	if (!c) {
		*rc = CORE_EMEMORY;
		return NULL;
	}
	c->at = m->of->at;
	c->read = m->of->read;
	c->looks = m->of->looks;
	c->holes = m->of->holes;
	c->sparse = m->of->sparse;
	c->phase = m->of->was;
	/* Other names of one file: nothing is left to be compared. */
	if (n == 1)
		c->phase = CLASS_CHECK;
	*m->end = c;
	m->end = &c->next;
	return c;
}

/* Files among sources of unknown size that are left alone with one another: their sizes tell them apart. */
static int32_t make_by_size(struct making *m, const uint32_t *member, uint32_t n)
{
	struct sized *s = mem_alloc((size_t)n * sizeof *s);
	uint32_t *same = mem_alloc((size_t)n * sizeof *same);
	int32_t rc = s && same ? 0 : CORE_EMEMORY;

	for (uint32_t i = 0; i < n && rc == 0; i++)
		s[i] = (struct sized){.size = m->cs->member[member[i]].size, .member = member[i]};
	if (rc == 0)
		qsort(s, n, sizeof *s, by_size);
	for (uint32_t from = 0, to; from < n && rc == 0; from = to) {
		for (to = from; to < n && s[to].size == s[from].size; to++)
			same[to - from] = s[to].member;
		struct class *c = make(m, same, to - from, s[from].size, &rc);
		/* The start was read; the other looks were not worth it before. */
		if (c && c->phase != CLASS_CHECK)
			c->phase = CLASS_LOOK;
	}
	mem_free(s);
	mem_free(same);
	return rc;
}

/* Members that share their blocks with the first become further names of it: how many are left. */
static uint32_t gather_shared(struct classes *cs, const struct class *c, uint32_t *member, uint32_t n)
{
	uint32_t left = 1;
	struct member *first = &cs->member[member[0]];

	for (uint32_t i = 1; i < n; i++) {
		struct member *m = &cs->member[member[i]];
		if (m->proof != CORE_PROOF_SAME_EXTENTS) {
			member[left++] = member[i];
		} else if (member[0] != c->member[0]) {
			/* What they share their blocks with failed. */
			m->proof = CORE_PROOF_NONE;
			member[left++] = member[i];
		} else {
			uint32_t last = member[i];
			while (cs->member[last].next != MEMBER_NONE)
				last = cs->member[last].next;
			cs->member[last].next = first->next;
			first->next = member[i];
		}
	}
	return left;
}

/* Makes what a block of members comes to: 0 or CORE_EMEMORY. */
static int32_t settle_block(struct making *m, const struct row *row, uint32_t n, uint32_t *member)
{
	const struct class *of = m->of;
	const struct piece *p = of->piece;
	int endless = 0;
	int32_t rc;

	for (uint32_t i = 0; i < n; i++) {
		member[i] = of->member[row[i].pos];
		endless |= m->cs->member[member[i]].endless;
	}
	n = gather_shared(m->cs, of, member, n);
	int ended = of->size == UINT64_MAX && piece_length(p, p->label[row[0].pos]) < p->len;
	const struct piece *redo = row[0].redo;
	if (of->size == UINT64_MAX && !endless && !ended && !redo)
		return make_by_size(m, member, n);
	struct class *c = make(m, member, n, of->size, &rc);
	if (!c || c->phase == CLASS_CHECK)
		return rc;
	if (redo) {
		/* Told apart by their hashes only: once more, with fewer others. */
		c->phase = redo->look == PIECE_FAILED ? CLASS_READ : CLASS_LOOK;
		c->looks = redo->look == PIECE_FAILED ? of->looks : redo->look;
		if (redo->look == PIECE_FAILED || redo->look == 0)
			c->at = redo->off;
	} else if (ended) {
		c->phase = CLASS_CHECK;
	}
	return 0;
}

/* ------------------------------------------------------------------ labels */

/* Tells rows apart by one more piece. @return how many labels there are */
static uint32_t refine(const struct class *c, const struct piece *p, struct row *row, uint32_t n,
		       struct class_difference *apart)
{
	uint32_t labels = 0, other = MEMBER_NONE;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t label = p->label[row[i].pos];
		row[i].with = label;
		if (!row[i].redo && piece_unproven(p, label))
			row[i].redo = p;
	}
	/* Rows may stand in any order: the first place with another content than the first of all. */
	uint32_t first = 0;
	for (uint32_t i = 1; i < n; i++)
		first = row[i].pos < row[first].pos ? i : first;
	for (uint32_t i = 0; i < n; i++) {
		if (row[i].with != row[first].with && row[i].pos < other)
			other = row[i].pos;
	}
	if (other != MEMBER_NONE && apart->reasons == 0) {
		*apart = (struct class_difference){.left = c->member[row[first].pos], .right = c->member[other],
						   .reasons = CORE_REASON_CONTENT_MISMATCH};
	}
	qsort(row, n, sizeof *row, by_label);
	for (uint32_t i = 0, label = 0, with = 0; i < n; i++) {
		if (i == 0 || row[i].label != label || row[i].with != with)
			labels++;
		label = row[i].label;
		with = row[i].with;
		row[i].label = labels - 1;
	}
	return labels;
}

/* Gives labels the order of their first members, and sorts by them: 0 or CORE_EMEMORY. */
static int32_t order(struct row *row, uint32_t n, uint32_t labels)
{
	uint32_t *number = mem_zalloc(labels, sizeof *number), next = 0;

	if (!number)
		return CORE_EMEMORY;
	qsort(row, n, sizeof *row, by_place);
	for (uint32_t i = 0; i < n; i++) {
		row[i].with = 0;
		if (number[row[i].label] == 0)
			number[row[i].label] = ++next;
		row[i].label = number[row[i].label];
	}
	qsort(row, n, sizeof *row, by_label);
	mem_free(number);
	return 0;
}

int32_t class_settle(struct classes *cs, struct class *c, struct class **made, struct class_difference *apart)
{
	struct making m = {.cs = cs, .of = c, .end = made};
	uint32_t n = 0, labels = 1;

	*made = NULL;
	*apart = (struct class_difference){0};
	if (c->was == CLASS_CHECK)
		return settle_checked(cs, c);
	settle_errors(cs, c);
	struct row *row = mem_alloc((size_t)c->n * sizeof *row);
	uint32_t *member = mem_alloc((size_t)c->n * sizeof *member);
	int32_t rc = row && member ? 0 : CORE_EMEMORY;
	for (uint32_t i = 0; i < c->n && rc == 0; i++) {
		if (is_open(&cs->member[c->member[i]]))
			row[n++] = (struct row){.pos = i};
	}
	for (const struct piece *p = c->piece; p && rc == 0 && n > 0; p = p->next)
		labels = refine(c, p, row, n, apart);
	if (rc == 0 && n > 0)
		rc = order(row, n, labels);
	for (uint32_t from = 0, to; from < n && rc == 0; from = to) {
		for (to = from; to < n && row[to].label == row[from].label; to++)
			;
		rc = settle_block(&m, row + from, to - from, member);
	}
	mem_free(row);
	mem_free(member);
	return rc;
}
