/* SPDX-License-Identifier: MIT */
#include "compare/names.h"

#include "base/alloc.h"

#include <string.h>

int32_t names_verdict(const struct names_scope *at, int side, const char *name, size_t len, uint8_t kind)
{
	const core_filter *filter = at->config->filter;
	const struct buf *dir = at->path[side];
	const uint8_t *path = (const uint8_t *)name;
	size_t last = 0;

	if (!filter)
		return FILTER_KEEP;
	if (!filter_names_only(filter)) {
		at->scratch->len = 0;
		if (buf_append(at->scratch, dir->data, dir->len) != 0 || buf_append(at->scratch, name, len) != 0)
			return CORE_EMEMORY;
		path = at->scratch->data;
		last = dir->len;
		len += last;
	}
	/* A path that the caller gave: what is below an excluded directory is excluded with it. */
	for (size_t i = last; at->config->paths && i < len; i++) {
		if (path[i] != '/')
			continue;
		if (i > last && filter_decide(filter, path, i, last, CORE_KIND_DIR) == FILTER_SKIP)
			return FILTER_SKIP;
		last = i + 1;
	}
	return (int32_t)filter_decide(filter, path, len, last, kind);
}

/* ---------------------------------------------------------- the same bytes */

/* Moves to the next name of a list that is no `name/`. */
static const struct dir_item *next_name(const struct dir_list *l, uint32_t *at)
{
	while (*at < l->count && l->items[*at].below)
		++*at;
	return *at < l->count ? &l->items[*at] : NULL;
}

/*
 * Goes through both lists in lockstep.
 * @return how the next names stand to each other: below 0 the left comes
 *         first, above 0 the right, 0 when they are the same; 2 at the end
 */
static int next_of_both(const struct dir_list list[2], uint32_t at[2])
{
	const struct dir_item *l = next_name(&list[0], &at[0]), *r = next_name(&list[1], &at[1]);

	if (!l || !r)
		return l ? -1 : r ? 1 : 2;
	int c = dir_compare(&list[0], l, &list[1], r);
	return c < 0 ? -1 : c > 0;
}

static int names_are_same(const struct dir_list list[2])
{
	uint32_t at[2] = {0, 0};
	int c;

	while ((c = next_of_both(list, at)) == 0) {
		at[0]++;
		at[1]++;
	}
	return c == 2;
}

static void match_bytes(struct names *n, const struct dir_list list[2])
{
	uint32_t at[2] = {0, 0};

	for (int c; (c = next_of_both(list, at)) != 2;) {
		if (c == 0) {
			n->partner[0][at[0]] = at[1];
			n->partner[1][at[1]] = at[0];
		}
		at[0] += c <= 0;
		at[1] += c >= 0;
	}
}

/* Where two directories are spelled differently, a rule may be about the path of one of them. */
static int paths_matter(const struct names_scope *at)
{
	return at->config->filter && !filter_names_only(at->config->filter) && at->path[0] != at->path[1];
}

/*
 * Takes names apart of which the filter passes over one, by its path: that
 * one does not exist. Of different kinds they stay together, as they do
 * where the paths are the same: what one may hold is missing in the other.
 */
static int32_t part_excluded(struct names *n, const struct names_scope *at, const struct dir_list list[2])
{
	for (uint32_t i = 0; i < list[0].count; i++) {
		uint32_t k = n->partner[0][i];
		if (k == NAMES_NONE || list[0].items[i].kind != list[1].items[k].kind)
			continue;
		const struct dir_item *item = &list[0].items[i];
		const char *name = dir_name(&list[0], item);
		int32_t v = names_verdict(at, 0, name, item->len, item->kind);
		int32_t w = names_verdict(at, 1, name, item->len, item->kind);
		if (v < 0 || w < 0)
			return CORE_EMEMORY;
		if ((v == FILTER_SKIP) == (w == FILTER_SKIP))
			continue;
		n->partner[0][i] = n->partner[1][k] = NAMES_NONE;
		n->folded = 1;
	}
	return 0;
}

int names_go_along(const struct names_scope *at, const struct dir_list list[2])
{
	return names_are_same(list) && !paths_matter(at);
}

/* ---------------------------------------------------------------- by keys */

/* Whether a name takes part: 1, 0 or CORE_EMEMORY. */
static int32_t counts(const struct names *n, const struct names_scope *at, const struct dir_list list[2], int side,
		      uint32_t i)
{
	const struct dir_item *item = &list[side].items[i];
	int32_t v = names_verdict(at, side, dir_name(&list[side], item), item->len, item->kind);

	if (v == FILTER_SKIP && n->partner[side][i] != NAMES_NONE) {
		item = &list[!side].items[n->partner[side][i]];
		v = names_verdict(at, !side, dir_name(&list[!side], item), item->len, item->kind);
	}
	return v < 0 ? v : v != FILTER_SKIP;
}

static int32_t add_keys(struct names *n, struct fold *fold, const struct names_scope *at,
			const struct dir_list list[2], int side)
{
	struct buf key = {0};
	int32_t rc = 0;

	for (uint32_t i = 0; i < list[side].count && rc == 0; i++) {
		const struct dir_item *item = &list[side].items[i];
		if (item->below)
			continue;
		int32_t takes_part = counts(n, at, list, side, i);
		if (takes_part <= 0) {
			rc = takes_part;
			continue;
		}
		key.len = 0;
		rc = fold_key(fold, &key, (const uint8_t *)dir_name(&list[side], item), item->len);
		if (rc == 0)
			rc = dir_add(&n->keys, (const char *)key.data, key.len, CORE_KIND_UNKNOWN, 0);
		if (rc == 0) {
			struct dir_item *k = &n->keys.items[n->keys.count - 1];
			k->tag = i;
			k->link = (uint8_t)side;
		}
	}
	buf_free(&key);
	return rc;
}

/* All spellings of one name: keys from `from` to before `to`. */
static void match_spellings(struct names *n, uint32_t from, uint32_t to)
{
	uint32_t spellings[2] = {0, 0}, last[2] = {0, 0};

	for (uint32_t i = from; i < to; i++) {
		const struct dir_item *k = &n->keys.items[i];
		spellings[k->link]++;
		last[k->link] = k->tag;
	}
	if (spellings[0] <= 1 && spellings[1] <= 1) {
		if (spellings[0] == 1 && spellings[1] == 1 && n->partner[0][last[0]] == NAMES_NONE) {
			n->partner[0][last[0]] = last[1];
			n->partner[1][last[1]] = last[0];
			n->folded = 1;
		}
		return;
	}
	for (uint32_t i = from; i < to; i++) {
		const struct dir_item *k = &n->keys.items[i];
		if (n->partner[k->link][k->tag] != NAMES_NONE)
			continue;
		n->clash[k->link][k->tag] = spellings[!k->link] > 0 ? NAMES_UNDECIDED : NAMES_SPELLINGS;
		n->folded = 1;
	}
}

int32_t names_match(struct names *n, struct fold *fold, const struct names_scope *at, const struct dir_list list[2])
{
	int32_t rc = 0;

	*n = (struct names){0};
	for (int s = 0; s < 2 && rc == 0; s++) {
		size_t count = list[s].count;
		/* One more than needed, so that an empty list has memory too. */
		n->partner[s] = mem_alloc((count + 1) * sizeof *n->partner[s]);
		n->clash[s] = mem_zalloc(count + 1, sizeof *n->clash[s]);
		if (!n->partner[s] || !n->clash[s])
			rc = CORE_EMEMORY;
		else
			memset(n->partner[s], 0xff, (count + 1) * sizeof *n->partner[s]);
	}
	if (rc == 0)
		match_bytes(n, list);
	if (rc == 0 && paths_matter(at))
		rc = part_excluded(n, at, list);
	for (int s = 0; s < 2 && rc == 0; s++)
		rc = add_keys(n, fold, at, list, s);
	if (rc != 0) {
		names_free(n);
		return rc;
	}
	dir_sort(&n->keys);
	for (uint32_t from = 0, to; from < n->keys.count; from = to) {
		for (to = from + 1; to < n->keys.count; to++) {
			if (dir_compare(&n->keys, &n->keys.items[from], &n->keys, &n->keys.items[to]) != 0)
				break;
		}
		match_spellings(n, from, to);
	}
	return 0;
}

void names_free(struct names *n)
{
	for (int s = 0; s < 2; s++) {
		mem_free(n->partner[s]);
		mem_free(n->clash[s]);
	}
	dir_list_free(&n->keys);
	*n = (struct names){0};
}

/* ------------------------------------------------------------------ order */

/* Whether a name of the right is told of under a spelling of the left, or is the `name/` of one that is. */
static int is_taken(const struct names *n, const struct dir_list *right, uint32_t i)
{
	const struct dir_item *item = &right->items[i];

	if (item->below)
		i = dir_find(right, dir_name(right, item), item->len - 1u);
	return n->partner[1][i] != NAMES_NONE;
}

int32_t names_order(struct name_order *o, const struct names *n, const struct dir_list list[2])
{
	size_t most = (size_t)list[0].count + list[1].count;
	uint32_t at[2] = {0, 0};

	*o = (struct name_order){0};
	if (most >= NAMES_NONE)
		return CORE_EMEMORY;
	o->pairs = mem_alloc((most + 1) * sizeof *o->pairs);
	if (!o->pairs)
		return CORE_EMEMORY;
	for (;;) {
		while (at[1] < list[1].count && is_taken(n, &list[1], at[1]))
			at[1]++;
		const struct dir_item *l = at[0] < list[0].count ? &list[0].items[at[0]] : NULL;
		const struct dir_item *r = at[1] < list[1].count ? &list[1].items[at[1]] : NULL;
		if (!l && !r)
			return 0;
		int side = !l || (r && dir_compare(&list[0], l, &list[1], r) > 0);
		uint32_t i = at[side]++;
		struct name_pair p = {.at = {NAMES_NONE, NAMES_NONE}, .clash = n->clash[side][i]};
		p.at[side] = i;
		if (side == 0)
			p.at[1] = n->partner[0][i];
		o->pairs[o->count++] = p;
	}
}
