/* SPDX-License-Identifier: MIT */
#include "walk/query.h"

/* Whether a directory has no names. */
static int32_t is_empty_dir(const struct walk_entry *e)
{
	uint64_t scratch[512];
	int fd = plat_open_at(e->dir, (const char *)e->path + e->name, PLAT_DIR | (e->link ? 0 : PLAT_NOFOLLOW));

	if (fd < 0)
		return fd;
	int found = plat_has_names(fd, scratch, sizeof scratch);
	plat_close(fd);
	return found < 0 ? found : !found;
}

/* Whether it is of one of the kinds: 1, 0 or -errno. */
static int32_t is_kind(const struct query *q, struct walk_entry *e)
{
	const uint32_t plain = CORE_FIND_KIND_EXECUTABLE - 1;
	const uint32_t more = CORE_FIND_KIND_EXECUTABLE | CORE_FIND_KIND_EMPTY;

	/* Executable and empty narrow the kinds that are named, or files and directories. */
	if (q->kinds & plain && !(q->kinds >> e->kind & 1))
		return 0;
	if (!(q->kinds & more))
		return 1;
	if (e->kind != CORE_KIND_FILE && e->kind != CORE_KIND_DIR)
		return 0;
	if (q->kinds & CORE_FIND_KIND_EXECUTABLE) {
		int rc = e->kind == CORE_KIND_FILE ? walk_stat(e) : 0;
		if (rc != 0)
			return rc;
		if (e->kind != CORE_KIND_FILE || !(e->stat.mode & 0111))
			return 0;
	}
	if (!(q->kinds & CORE_FIND_KIND_EMPTY))
		return 1;
	if (e->kind == CORE_KIND_DIR)
		return is_empty_dir(e);
	int rc = walk_stat(e);
	return rc != 0 ? rc : e->stat.size == 0;
}

int32_t query_wants(const struct query *q, struct walk_entry *e)
{
	if (e->depth < q->min_depth)
		return 0;
	if (q->match && filter_decide(q->match, e->path, e->len, e->name, e->kind) != FILTER_KEEP)
		return 0;
	int32_t rc = q->kinds ? is_kind(q, e) : 1;
	if (rc != 1 || !q->stats)
		return rc;
	rc = walk_stat(e);
	if (rc != 0)
		return rc;
	const struct plat_stat *s = &e->stat;
	/* Sizes are those of files. */
	if ((q->min_size > 0 || q->max_size < UINT64_MAX) &&
	    (e->kind != CORE_KIND_FILE || s->size < q->min_size || s->size > q->max_size))
		return 0;
	return s->mtime_ns >= q->changed_after && s->mtime_ns <= q->changed_before;
}
