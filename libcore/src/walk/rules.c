/* SPDX-License-Identifier: MIT */
#include "walk/rules.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

static void unref(struct rules *r)
{
	while (r && atomic_fetch_sub(&r->refs, 1) == 1) {
		struct rules *next = r->next;
		if (!r->borrowed)
			ignore_del(r->ignore);
		mem_free(r);
		r = next;
	}
}

static struct rules *ref(struct rules *r)
{
	if (r)
		atomic_fetch_add(&r->refs, 1);
	return r;
}

/* Puts a file before a chain. Takes `g` over, unless it is borrowed. */
static int32_t put(struct rules **chain, struct ignore *g, size_t base, int borrowed)
{
	struct rules *r = mem_zalloc(1, sizeof *r);

	if (!r) {
		if (!borrowed)
			ignore_del(g);
		return CORE_EMEMORY;
	}
	atomic_init(&r->refs, 1);
	r->next = *chain;
	r->ignore = g;
	r->base = base;
	r->borrowed = borrowed;
	*chain = r;
	return 0;
}

unsigned rules_look(const char *name, size_t len)
{
	if (name[0] != '.')
		return 0;
	if (len == 10 && memcmp(name, ".gitignore", 10) == 0)
		return RULES_GITIGNORE;
	if (len == 7 && memcmp(name, ".ignore", 7) == 0)
		return RULES_IGNORE;
	return len == 4 && memcmp(name, ".git", 4) == 0 ? RULES_GIT : 0;
}

/* --------------------------------------------------------------- reading */

/* All of a file, up to a byte more than an ignore file may have. */
static int32_t read_all(int fd, struct buf *out)
{
	enum { STEP = 16 << 10 };

	for (;;) {
		int32_t rc = buf_reserve(out, STEP);
		if (rc != 0)
			return rc;
		int64_t n = plat_read(fd, out->data + out->len, STEP);
		if (n < 0)
			return (int32_t)n;
		out->len += (size_t)n;
		if (n == 0 || out->len > IGNORE_BYTES)
			return 0;
	}
}

int32_t rules_read(struct ignore **out, int dir, const char *path, int follow, int fold, struct err *e)
{
	struct buf text = {0};
	struct plat_stat st;
	uint32_t line = 0;
	int fd = plat_open_at(dir, path, follow ? 0 : PLAT_NOFOLLOW);

	*out = NULL;
	/* A link in a tree is no ignore file, nor is a directory. */
	if (fd == -ENOENT || fd == -ENOTDIR || (fd == -ELOOP && !follow))
		return 0;
	int32_t rc = fd < 0 ? fd : plat_fstat(fd, &st);
	if (rc >= 0 && st.kind == CORE_KIND_FILE)
		rc = read_all(fd, &text);
	if (fd >= 0)
		plat_close(fd);
	if (rc >= 0 && text.len > 0)
		rc = ignore_new(out, text.data, text.len, fold, &line);
	buf_free(&text);
	if (rc >= 0)
		return 0;
	if (rc == CORE_EMEMORY) {
		*e = err_of(CORE_EMEMORY, "read ignore file", -1, "out of memory");
	} else if (rc == CORE_ELIMIT && line > 0) {
		*e = err_of(CORE_EIGNORE, "read ignore file", -1, "line {n}: the pattern is too long");
		e->n = line;
	} else if (rc == CORE_ELIMIT) {
		*e = err_of(CORE_EIGNORE, "read ignore file", -1, "more than 100 MiB");
	} else {
		*e = err_sys(-rc, "read ignore file", -1);
		e->code = CORE_EIGNORE;
	}
	return e->code;
}

/* Reads a file of a directory and puts it before a chain; what fails is told. */
static int32_t add(struct rules **chain, int fd, const char *name, size_t base, const struct rules_config *c,
		   rules_failed failed, void *ctx)
{
	struct ignore *g;
	struct err e;
	int32_t rc = rules_read(&g, fd, name, 0, c->fold, &e);

	if (rc == CORE_EMEMORY)
		return rc;
	if (rc != 0)
		failed(ctx, name, &e);
	return g ? put(chain, g, base, 0) : 0;
}

int32_t rules_enter(struct rules_place *out, const struct rules_place *above, const struct rules_config *c, int fd,
		    unsigned seen, size_t base, rules_failed failed, void *ctx)
{
	int32_t rc = 0;

	*out = (struct rules_place){.in_repository = above->in_repository};
	out->named = ref(above->named);
	out->own = ref(above->own);
	if (c->git && seen & RULES_GIT) {
		out->in_repository = 1;
		if (c->excludes)
			rc = put(&out->git, c->excludes, base, 1);
		if (rc == 0)
			rc = add(&out->git, fd, ".git/info/exclude", base, c, failed, ctx);
	} else {
		out->git = ref(above->git);
	}
	if (rc == 0 && c->git && out->in_repository && seen & RULES_GITIGNORE)
		rc = add(&out->git, fd, ".gitignore", base, c, failed, ctx);
	if (rc == 0 && c->own && seen & RULES_IGNORE)
		rc = add(&out->own, fd, ".ignore", base, c, failed, ctx);
	if (rc != 0)
		rules_leave(out);
	return rc;
}

int32_t rules_above(struct rules_place *p, const uint8_t *whole, size_t len, const struct rules_config *c,
		    rules_failed failed, void *ctx)
{
	int32_t rc = 0;

	if (!c->git && !c->own)
		return 0;
	/* From the root of all down; the last slash is that of the root of the walk itself. */
	for (size_t i = 0; i + 1 < len && rc == 0; i++) {
		struct rules_place next;
		struct plat_stat st;
		if (whole[i] != '/')
			continue;
		int fd = i == 0 ? plat_open_at(PLAT_CWD, "/", PLAT_DIR) : dir_open_path(PLAT_CWD, whole, i + 1, PLAT_DIR);
		/* What may not be opened may hold rules that nobody can read: git does without them too. */
		if (fd < 0)
			continue;
		unsigned git = plat_stat_at(fd, ".git", 0, &st) == 0 ? RULES_GIT : 0;
		rc = rules_enter(&next, p, c, fd, git | RULES_GITIGNORE | RULES_IGNORE, i + 1, failed, ctx);
		plat_close(fd);
		if (rc == 0) {
			rules_leave(p);
			*p = next;
		}
	}
	return rc;
}

int32_t rules_name(struct rules_place *p, struct ignore *g, size_t base)
{
	return put(&p->named, g, base, 0);
}

void rules_leave(struct rules_place *p)
{
	unref(p->git);
	unref(p->own);
	unref(p->named);
	*p = (struct rules_place){0};
}

/* -------------------------------------------------------------- matching */

static const struct ignore_rule *ask(const struct rules *r, const uint8_t *path, size_t len, size_t name, int is_dir)
{
	const struct ignore_rule *hit = NULL;

	for (; r && !hit; r = r->next)
		hit = ignore_find(r->ignore, path + r->base, len - r->base, name - r->base, is_dir);
	return hit;
}

int rules_ignore(const struct rules_place *p, const uint8_t *path, size_t len, size_t name, int is_dir)
{
	const struct ignore_rule *hit = ask(p->own, path, len, name, is_dir);

	if (!hit)
		hit = ask(p->git, path, len, name, is_dir);
	if (!hit)
		hit = ask(p->named, path, len, name, is_dir);
	return hit && !hit->keeps;
}
