/* SPDX-License-Identifier: MIT */
#include "io/map.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <string.h>

enum { MOST_FILES = 1000000, PATH_BYTES = 16 << 10 };

int32_t core_map_new(core_map **out)
{
	core_map *m = mem_zalloc(1, sizeof *m);

	if (!m)
		return CORE_EMEMORY;
	atomic_init(&m->refs, 1);
	*out = m;
	return 0;
}

void core_map_del(core_map *map)
{
	map_unref(map);
}

void map_ref(core_map *m)
{
	atomic_fetch_add(&m->refs, 1);
}

void map_unref(core_map *m)
{
	if (!m || atomic_fetch_sub(&m->refs, 1) != 1)
		return;
	for (uint32_t i = 0; i < m->count; i++) {
		m->entry[i].opener->ops->del(m->entry[i].opener);
		mem_free(m->entry[i].shown);
		mem_free(m->entry[i].path);
	}
	mem_free(m->entry);
	mem_free(m);
}

/* A path below a root, as a walk would give it. */
static int is_path(const uint8_t *path, uint64_t len)
{
	uint64_t part = 0;

	if (len == 0 || len > PATH_BYTES || memchr(path, 0, len))
		return 0;
	for (uint64_t i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (i == part || (i == part + 1 && path[part] == '.') ||
		    (i == part + 2 && path[part] == '.' && path[part + 1] == '.'))
			return 0;
		part = i + 1;
	}
	return 1;
}

static int32_t grow(core_map *m)
{
	uint32_t cap = m->cap ? m->cap * 2 : 64;

	struct map_entry *entry = mem_realloc(m->entry, cap * sizeof *entry);
	if (!entry)
		return CORE_EMEMORY;
	m->entry = entry;
	m->cap = cap;
	return 0;
}

int32_t map_add(core_map *m, const uint8_t *path, uint64_t len, struct opener *opener, char *shown)
{
	uint8_t *own = NULL;
	int32_t rc = is_path(path, len) ? 0 : CORE_EUSAGE;

	if (rc == 0 && m->count == MOST_FILES)
		rc = CORE_ELIMIT;
	if (rc == 0 && m->count == m->cap)
		rc = grow(m);
	if (rc == 0) {
		own = mem_alloc(len);
		rc = own ? 0 : CORE_EMEMORY;
	}
	if (rc != 0) {
		opener->ops->del(opener);
		mem_free(shown);
		return rc;
	}
	memcpy(own, path, len);
	m->entry[m->count++] =
		(struct map_entry){.path = own, .path_len = (uint32_t)len, .opener = opener, .shown = shown};
	return 0;
}
