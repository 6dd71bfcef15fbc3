/* SPDX-License-Identifier: MIT */
#include "compare/catalogue.h"

#include "base/alloc.h"
#include "base/xxh.h"

#include <string.h>

enum { FIRST_ENTRIES = 64, MAX_ENTRIES = 1 << 30 };

int path_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t both = a_len < b_len ? a_len : b_len;
	int c = both > 0 ? memcmp(a, b, both) : 0;

	return c != 0 ? c : (a_len > b_len) - (a_len < b_len);
}

/* ---------------------------------------------------------------- lookup */

/* Where a path stands in the table, or the free place where it would. */
static uint32_t *place_of(const struct catalogue *c, const uint8_t *path, size_t len)
{
	uint32_t mask = c->table_cap - 1;

	for (uint32_t i = (uint32_t)xxh_64(path, len) & mask;; i = (i + 1) & mask) {
		if (c->table[i] == 0)
			return &c->table[i];
		const struct entry *e = &c->entries[c->table[i] - 1];
		if (e->path_len == len && (len == 0 || memcmp(entry_path(c, e), path, len) == 0))
			return &c->table[i];
	}
}

static int32_t grow(struct catalogue *c)
{
	uint32_t cap = c->cap ? c->cap * 2 : FIRST_ENTRIES;

	if (cap > MAX_ENTRIES)
		return CORE_ELIMIT;
	struct entry *entries = mem_realloc(c->entries, cap * sizeof *entries);
	if (!entries)
		return CORE_EMEMORY;
	c->entries = entries;
	uint32_t *table = mem_zalloc((size_t)cap * 2, sizeof *table);
	if (!table)
		return CORE_EMEMORY;
	mem_free(c->table);
	c->table = table;
	c->table_cap = cap * 2;
	c->cap = cap;
	for (uint32_t i = 0; i < c->count; i++)
		*place_of(c, entry_path(c, &c->entries[i]), c->entries[i].path_len) = i + 1;
	return 0;
}

/* After sorting. */
static uint32_t search(const struct catalogue *c, const uint8_t *path, size_t len)
{
	uint32_t low = 0, high = c->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct entry *e = &c->entries[middle];
		int order = path_compare(entry_path(c, e), e->path_len, path, len);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

uint32_t catalogue_find(const struct catalogue *c, const uint8_t *path, size_t len)
{
	if (!c->table)
		return search(c, path, len);
	/* An empty place gives 0, and so UINT32_MAX. */
	return *place_of(c, path, len) - 1;
}

/* ------------------------------------------------------------------- add */

/* A second entry of a path that is there. */
static void meet_again(struct entry *old, const struct entry *from)
{
	if (old->kind != CORE_KIND_DIR || from->kind != CORE_KIND_DIR) {
		old->flags |= ENTRY_DUPLICATE;
		return;
	}
	/* Unpacking it twice leaves one directory with what the last one says. */
	old->meta = from->meta;
	old->flags &= (uint8_t)~ENTRY_IMPLIED;
}

int32_t catalogue_add(struct catalogue *c, const struct entry *from, const uint8_t *path, size_t path_len,
		      const uint8_t *target, size_t target_len, uint32_t *index)
{
	if (c->count == c->cap) {
		int32_t rc = grow(c);
		if (rc != 0)
			return rc;
	}
	uint32_t *place = place_of(c, path, path_len);
	if (*place != 0) {
		*index = *place - 1;
		meet_again(&c->entries[*index], from);
		return 0;
	}
	if (buf_reserve(&c->bytes, path_len + target_len) != 0)
		return CORE_EMEMORY;
	struct entry *e = &c->entries[c->count];
	*e = *from;
	e->path = c->bytes.len;
	e->path_len = (uint32_t)path_len;
	buf_append(&c->bytes, path, path_len);
	e->target = c->bytes.len;
	e->target_len = (uint32_t)target_len;
	buf_append(&c->bytes, target, target_len);
	*index = c->count++;
	*place = c->count;
	return 1;
}

int32_t catalogue_fail(struct catalogue *c, uint32_t index, const struct err *e)
{
	struct err *errors = mem_realloc(c->errors, (c->error_count + 1) * sizeof *errors);

	if (!errors)
		return CORE_EMEMORY;
	c->errors = errors;
	errors[c->error_count++] = *e;
	c->entries[index].error = c->error_count;
	return 0;
}

/* ------------------------------------------------------------------ sort */

/* Adds the directories above one entry that are not there. */
static int32_t imply(struct catalogue *c, uint32_t index)
{
	const struct entry dir = {
		.kind = CORE_KIND_DIR,
		.flags = ENTRY_IMPLIED,
		.size = UINT64_MAX,
		.inner = c->entries[index].inner,
		.level = c->entries[index].level,
	};
	uint64_t at = c->entries[index].path;
	uint32_t len = c->entries[index].path_len;
	uint32_t found;

	while (len > 0) {
		/* Up to the slash before the last part; a slash that begins the path stays with what follows. */
		while (len > 0 && c->bytes.data[at + len - 1] != '/')
			len--;
		/* The archive that it is in has an entry of its own. */
		if (len < 2 || len <= dir.inner)
			return 0;
		len--;
		if (catalogue_find(c, c->bytes.data + at, len) != UINT32_MAX)
			return 0;
		/* Its bytes may move while it is added. */
		if (buf_reserve(&c->bytes, len) != 0)
			return CORE_EMEMORY;
		int32_t rc = catalogue_add(c, &dir, c->bytes.data + at, len, NULL, 0, &found);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Merges two sorted halves; entries keep their paths where they are. */
static void merge(const struct catalogue *c, struct entry *to, const struct entry *a, const struct entry *a_end,
		  const struct entry *b, const struct entry *b_end)
{
	while (a < a_end && b < b_end) {
		int order = path_compare(entry_path(c, a), a->path_len, entry_path(c, b), b->path_len);
		*to++ = order <= 0 ? *a++ : *b++;
	}
	while (a < a_end)
		*to++ = *a++;
	while (b < b_end)
		*to++ = *b++;
}

static int is_sorted(const struct catalogue *c)
{
	for (uint32_t i = 1; i < c->count; i++) {
		const struct entry *a = &c->entries[i - 1], *b = a + 1;
		if (path_compare(entry_path(c, a), a->path_len, entry_path(c, b), b->path_len) > 0)
			return 0;
	}
	return 1;
}

/* Bottom-up, so that no input makes it slow or deep. */
static int32_t sort(struct catalogue *c)
{
	struct entry *from = c->entries, *to = mem_alloc((size_t)c->cap * sizeof *to);

	if (!to)
		return CORE_EMEMORY;
	for (size_t width = 1; width < c->count; width *= 2) {
		for (size_t i = 0; i < c->count; i += 2 * width) {
			size_t middle = i + width < c->count ? i + width : c->count;
			size_t end = middle + width < c->count ? middle + width : c->count;
			merge(c, to + i, from + i, from + middle, from + middle, from + end);
		}
		struct entry *other = from;
		from = to;
		to = other;
	}
	c->entries = from;
	mem_free(to);
	return 0;
}

int32_t catalogue_sort(struct catalogue *c)
{
	uint32_t named = c->count;

	for (uint32_t i = 0; i < named; i++) {
		/* What leads out of the tree implies nothing in it, nor does what is in a file that is no archive after all. */
		if ((c->entries[i].flags & ENTRY_UNSAFE) ||
		    (c->entries[i].inner > 0 && (c->entries[i].flags & ENTRY_HIDDEN)))
			continue;
		int32_t rc = imply(c, i);
		if (rc != 0)
			return rc;
	}
	mem_free(c->table);
	c->table = NULL;
	return c->count < 2 || is_sorted(c) ? 0 : sort(c);
}

void catalogue_free(struct catalogue *c)
{
	buf_free(&c->bytes);
	mem_free(c->entries);
	mem_free(c->table);
	mem_free(c->errors);
	*c = (struct catalogue){0};
}
