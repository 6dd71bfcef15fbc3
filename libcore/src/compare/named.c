/* SPDX-License-Identifier: MIT */
#include "compare/named.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

/** A directory on the way to the paths that are looked for, on both sides or one. */
struct level {
	struct level *above;
	/** Bytes of a given path that lead here, with the slash. */
	size_t given;
	/** The paths that those are: empty, or ending in a slash. */
	struct buf path[2];
	int present[2];
	struct dir_list list[2];
	struct names names;
	/** Why it is not known what is here. */
	struct err err;
};

/** What a path, or a part of one, was found to be. */
struct found {
	/** Positions in the lists of its level, NAMES_NONE where it is missing. */
	uint32_t at[2];
	uint32_t clash;
	struct err err;
};

struct finder {
	struct merge *m;
	struct level *top;
	struct buf key, path[2];
	uint32_t errs, errs_cap;
	/** What there was too little of, to go on. */
	struct err lacking;
};

/* ----------------------------------------------------------------- levels */

static void drop_level(struct finder *f)
{
	struct level *l = f->top;

	f->top = l->above;
	for (int s = 0; s < 2; s++) {
		dir_list_free(&l->list[s]);
		buf_free(&l->path[s]);
	}
	names_free(&l->names);
	mem_free(l);
}

/* Lists one side: 0 also where there is nothing to be listed. */
static int32_t list_side(struct finder *f, struct level *l, int s, struct err *e)
{
	/* As the system goes through the links in a path. */
	int fd = dir_open_path(f->m->root->fd[s], l->path[s].data, l->path[s].len, PLAT_DIR);

	if (fd == -ENOENT || fd == -ENOTDIR) {
		l->present[s] = 0;
		return 0;
	}
	if (fd < 0) {
		*e = err_sys(-fd, "open directory", s);
		return e->code;
	}
	int32_t rc = dir_read(&l->list[s], fd, (f->m->config->flags & CORE_COMPARE_FOLLOW) != 0, s, e);
	if (fd != f->m->root->fd[s])
		plat_close(fd);
	return rc;
}

/* Lists the topmost level. What cannot be read is an error of the level. */
static int32_t list_level(struct finder *f)
{
	struct level *l = f->top;
	struct names_scope at = {f->m->config, {&l->path[0], &l->path[1]}, &f->m->path};

	for (int s = 0; s < 2; s++) {
		if (!l->present[s] || list_side(f, l, s, &l->err) == 0)
			continue;
		/* What comes of too few descriptors is the caller's to decide. */
		int lacking = l->err.code == CORE_EMEMORY || l->err.sys == EMFILE || l->err.sys == ENFILE;
		f->lacking = l->err;
		return lacking ? l->err.code : 0;
	}
	int32_t rc = names_match(&l->names, &f->m->fold, &at, l->list);
	if (rc == CORE_ELIMIT) {
		l->err = err_of(rc, "list directory", -1, "too many names");
		return 0;
	}
	return rc;
}

static int32_t push_level(struct finder *f, size_t given, const int present[2])
{
	struct level *l = mem_zalloc(1, sizeof *l);

	if (!l)
		return CORE_EMEMORY;
	l->above = f->top;
	f->top = l;
	l->given = given;
	for (int s = 0; s < 2; s++) {
		l->present[s] = present[s];
		if (buf_append(&l->path[s], f->path[s].data, f->path[s].len) != 0)
			return CORE_EMEMORY;
	}
	return list_level(f);
}

/* --------------------------------------------------------------- look-ups */

/* The name that one of the keys stands for: which two, or one, go together. */
static struct found entry_of(const struct names *n, const struct dir_item *key)
{
	struct found e = {.clash = n->clash[key->link][key->tag]};

	e.at[key->link] = key->tag;
	e.at[!key->link] = n->partner[key->link][key->tag];
	return e;
}

/* Looks for a part of a path among the names of the topmost level. */
static int32_t look_up(struct finder *f, const char *part, size_t len, struct found *out)
{
	const struct level *l = f->top;
	const struct dir_list *keys = &l->names.keys;
	unsigned entries = 0, left = 0;

	*out = (struct found){.at = {NAMES_NONE, NAMES_NONE}, .err = l->err};
	if (l->err.code != 0)
		return 0;
	f->key.len = 0;
	int32_t rc = fold_key(&f->m->fold, &f->key, (const uint8_t *)part, len);
	if (rc != 0)
		return rc;
	for (uint32_t i = dir_find(keys, (const char *)f->key.data, f->key.len); i < keys->count; i++) {
		const struct dir_item *k = &keys->items[i];
		if (!dir_is(keys, k, (const char *)f->key.data, f->key.len))
			break;
		const struct dir_list *list = &l->list[k->link];
		if (dir_is(list, &list->items[k->tag], part, len)) {
			*out = entry_of(&l->names, k);
			left = out->at[0] != NAMES_NONE;
			entries = 1;
			break;
		}
		struct found e = entry_of(&l->names, k);
		/* One of both sides is met twice. */
		if (k->link == 1 && e.at[0] != NAMES_NONE)
			continue;
		left |= e.at[0] != NAMES_NONE;
		*out = e;
		entries++;
	}
	/* Spellings that are only on the right do not exist for a comparison in one direction. */
	if (!left && (f->m->config->flags & CORE_COMPARE_ONE_WAY))
		return 0;
	if (entries > 1)
		*out = (struct found){.at = {NAMES_NONE, NAMES_NONE}};
	if (entries > 1 || out->clash == NAMES_UNDECIDED)
		out->err = err_of(CORE_ENAME_COLLISION, "compare", entries > 1 ? -1 : !left, NAMES_COLLISION_TEXT);
	return 0;
}

/* The next part of a path: where it begins, and in `*len` how long it is; 0 at the end. Skips what means nothing. */
static size_t next_part(const char *path, size_t path_len, size_t at, size_t *len)
{
	for (;; at++) {
		while (at < path_len && path[at] == '/')
			at++;
		*len = 0;
		while (at + *len < path_len && path[at + *len] != '/')
			++*len;
		if (*len != 1 || path[at] != '.')
			return at;
	}
}

/* Makes the path of what was found, on both sides: below the topmost level, under the name on that side if it has one. */
static int32_t put_paths(struct finder *f, const struct found *e, const char *part, size_t len)
{
	for (int s = 0; s < 2; s++) {
		const struct level *l = f->top;
		int on = e->at[s] != NAMES_NONE ? s : !s;
		const struct dir_item *i = e->at[on] != NAMES_NONE ? &l->list[on].items[e->at[on]] : NULL;
		f->path[s].len = 0;
		if (buf_append(&f->path[s], l->path[s].data, l->path[s].len) != 0 ||
		    buf_append(&f->path[s], i ? dir_name(&l->list[on], i) : part, i ? i->len : len) != 0)
			return CORE_EMEMORY;
	}
	return 0;
}

static int32_t put_rest(struct finder *f, const char *rest, size_t len)
{
	for (int s = 0; s < 2; s++) {
		if (buf_append(&f->path[s], rest, len) != 0)
			return CORE_EMEMORY;
	}
	return 0;
}

/*
 * Finds one path; its spellings are then in `f->path`. `before` is the path
 * that was looked for last, NULL for none.
 */
static int32_t find_path(struct finder *f, const char *path, size_t len, const char *before, struct found *e)
{
	size_t part_len, part;

	while (f->top->above && (!before || strncmp(before, path, f->top->given) != 0))
		drop_level(f);
	part = next_part(path, len, f->top->given, &part_len);
	if (part_len == 0) {
		/* Nothing but dots: the directory itself, which is no name below the roots. */
		*e = (struct found){.at = {NAMES_NONE, NAMES_NONE}};
		f->path[0].len = f->path[1].len = 0;
		return put_rest(f, path, len);
	}
	for (;;) {
		int32_t rc = look_up(f, path + part, part_len, e);
		if (rc == 0)
			rc = put_paths(f, e, path + part, part_len);
		if (rc != 0)
			return rc;
		size_t end = part + part_len, next_len;
		size_t next = next_part(path, len, end, &next_len);
		if (next_len == 0)
			return 0;
		const int present[2] = {e->at[0] != NAMES_NONE, e->at[1] != NAMES_NONE};
		if (e->err.code != 0 || (!present[0] && !present[1])) {
			/* It cannot be followed from here: what was found is not what was asked for. */
			e->at[0] = e->at[1] = NAMES_NONE;
			return put_rest(f, path + end, len - end);
		}
		rc = put_rest(f, "/", 1);
		if (rc == 0)
			rc = push_level(f, next, present);
		if (rc != 0)
			return rc;
		part = next;
		part_len = next_len;
	}
}

/* ---------------------------------------------------------------- results */

/* Whether both trees have a path as it was given. */
static int both_have(const struct merge *m, const char *path)
{
	struct plat_stat st;

	return plat_stat_at(m->root->fd[0], path, 0, &st) == 0 && plat_stat_at(m->root->fd[1], path, 0, &st) == 0;
}

static int32_t keep_err(struct finder *f, const struct err *e, uint32_t *at)
{
	struct dir_pair *root = f->m->root;

	*at = 0;
	if (e->code == 0)
		return 0;
	if (f->errs == f->errs_cap) {
		uint32_t cap = f->errs_cap ? f->errs_cap * 2 : 16;
		struct err *errs = cap < f->errs_cap ? NULL : mem_realloc(root->errs, cap * sizeof *errs);
		if (!errs)
			return CORE_EMEMORY;
		root->errs = errs;
		f->errs_cap = cap;
	}
	root->errs[f->errs++] = *e;
	*at = f->errs;
	return 0;
}

/*
 * Adds a path to the lists of the root, and what is known about it to `pairs`.
 * The right is as long as the left, whose tags are positions in it.
 */
static int32_t add_path(struct finder *f, struct name_pair *pair, const char *path, size_t len, const struct found *e)
{
	struct dir_list *list = f->m->root->list;
	int known = e && (e->at[0] != NAMES_NONE || e->at[1] != NAMES_NONE);
	int32_t rc = 0;

	*pair = (struct name_pair){0};
	for (int s = 0; s < 2 && rc == 0; s++) {
		uint8_t kind = CORE_KIND_UNKNOWN;
		if (known && e->at[s] == NAMES_NONE)
			kind = CORE_KIND_NONE;
		else if (known && e->err.code != 0)
			kind = f->top->list[s].items[e->at[s]].kind;
		const char *own = e ? (const char *)f->path[s].data : path;
		rc = dir_add(&list[s], own, e ? f->path[s].len : len, kind, 0);
	}
	if (rc != 0)
		return rc;
	list[0].items[list[0].count - 1].tag = list[0].count - 1;
	if (!e)
		return 0;
	pair->clash = e->clash;
	return keep_err(f, &e->err, &pair->err);
}

/* Sorts what was found by the paths under which it is told, each once. */
static int32_t put_order(struct dir_pair *root, const struct name_pair *pairs)
{
	struct dir_list *told = &root->list[0];
	struct name_order *o = &root->order;

	o->pairs = mem_alloc((told->count + (size_t)1) * sizeof *o->pairs);
	if (!o->pairs)
		return CORE_EMEMORY;
	dir_sort(told);
	for (uint32_t i = 0; i < told->count; i++) {
		if (i > 0 && dir_compare(told, &told->items[i - 1], told, &told->items[i]) == 0)
			continue;
		struct name_pair p = pairs[told->items[i].tag];
		p.at[0] = i;
		p.at[1] = told->items[i].tag;
		o->pairs[o->count++] = p;
	}
	return 0;
}

static int32_t find_all(struct finder *f, const struct dir_list *given, struct name_pair *pairs)
{
	const char *before = NULL;

	for (uint32_t i = 0; i < given->count && !run_cancelled(f->m->run); i++) {
		const char *path = dir_name(given, &given->items[i]);
		size_t len = given->items[i].len;
		struct found e;
		int exact = both_have(f->m, path);
		int32_t rc = 0;
		/* Listed only when a path first asks for it. */
		if (!exact && !f->top)
			rc = push_level(f, 0, (const int[2]){1, 1});
		if (!exact && rc == 0) {
			rc = find_path(f, path, len, before, &e);
			before = path;
		}
		if (rc == 0)
			rc = add_path(f, &pairs[i], path, len, exact ? NULL : &e);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int32_t named_find(struct merge *m, struct err *e)
{
	struct finder f = {.m = m};
	struct name_pair *pairs;
	struct dir_list given;

	int32_t rc = dir_of_paths(&given, m->config->paths, m->config->paths_len, e);
	if (rc != 0)
		return rc;
	pairs = mem_alloc((given.count + (size_t)1) * sizeof *pairs);
	rc = pairs ? find_all(&f, &given, pairs) : CORE_EMEMORY;
	if (rc == 0)
		rc = put_order(m->root, pairs);
	while (f.top)
		drop_level(&f);
	mem_free(pairs);
	dir_list_free(&given);
	buf_free(&f.key);
	for (int s = 0; s < 2; s++)
		buf_free(&f.path[s]);
	if (rc != 0 && rc == f.lacking.code)
		*e = f.lacking;
	else if (rc != 0)
		*e = err_of(rc, "list of paths", -1, rc == CORE_ELIMIT ? "too many paths, or one too long" : "out of memory");
	return rc;
}
