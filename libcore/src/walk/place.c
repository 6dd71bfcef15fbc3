/* SPDX-License-Identifier: MIT */
#include "walk/place.h"

#include "base/alloc.h"

#include <string.h>

enum { MOST_OPEN = 256, LEAST_OPEN = 4 };

void place_count_init(struct place_count *c)
{
	/* A quarter of what the process may have: others need some too. */
	uint64_t limit = plat_descriptor_limit() / 4;

	atomic_init(&c->open, 0);
	c->most = limit > MOST_OPEN ? MOST_OPEN : limit < LEAST_OPEN ? LEAST_OPEN : (uint32_t)limit;
}

void place_close(struct place *p)
{
	plat_close(p->fd);
	p->fd = -1;
	atomic_fetch_sub(&p->count->open, 1);
}

void place_unref(struct place *p)
{
	while (p && atomic_fetch_sub(&p->refs, 1) == 1) {
		struct place *up = p->up;
		if (p->fd >= 0)
			place_close(p);
		rules_leave(&p->rules);
		mem_free(p);
		p = up;
	}
}

struct place *place_ref(struct place *p)
{
	atomic_fetch_add(&p->refs, 1);
	return p;
}

int place_is_loop(const struct place *p)
{
	for (const struct place *up = p->up; up; up = up->up) {
		if (up->dev == p->dev && up->ino == p->ino)
			return 1;
	}
	return 0;
}

static int open_root(const struct walk_root *r)
{
	return plat_open_at(PLAT_CWD, r->given_len ? (const char *)r->given : ".", PLAT_DIR);
}

/* Opens a directory below another one, from the root where that one has been closed. */
static int open_below(const struct place *above, const char *name, int follow)
{
	unsigned how = PLAT_DIR | (follow ? 0 : PLAT_NOFOLLOW);

	if (above->fd >= 0)
		return plat_open_at(above->fd, name, how);
	/* Not from a directory in between: somebody else may be closing it. */
	int root = open_root(above->root);
	if (root < 0)
		return root;
	int dir = dir_open_path(root, above->path, above->len, how);
	int found = dir < 0 ? dir : plat_open_at(dir, name, how);
	if (dir >= 0 && dir != root)
		plat_close(dir);
	plat_close(root);
	return found;
}

struct place *place_open(struct place_count *count, struct place *above, const struct walk_root *root,
			 const uint8_t *name, size_t len, int follow, int *fd)
{
	size_t total = above ? above->len + len + 1 : 0;
	struct place *p = mem_alloc(sizeof *p + total + 1);

	if (!p)
		return NULL;
	*p = (struct place){.count = count, .root = root, .fd = -1, .len = total, .depth = above ? above->depth + 1 : 0};
	atomic_init(&p->refs, 1);
	atomic_init(&p->waiting, 0);
	if (above) {
		p->up = place_ref(above);
		memcpy(p->path, above->path, above->len);
		memcpy(p->path + above->len, name, len);
		p->path[total - 1] = '\0';
		*fd = open_below(above, (const char *)p->path + above->len, follow);
		p->path[total - 1] = '/';
		if (atomic_fetch_sub(&above->waiting, 1) == 1 && above->fd >= 0)
			place_close(above);
	} else {
		*fd = open_root(root);
	}
	p->path[total] = '\0';
	if (*fd >= 0) {
		p->fd = *fd;
		atomic_fetch_add(&count->open, 1);
	}
	return p;
}
