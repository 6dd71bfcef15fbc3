/* SPDX-License-Identifier: MIT */
#include "walk/visit.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

static void append(struct visit *m, struct node *n)
{
	if (!n) {
		m->rc = CORE_EMEMORY;
		return;
	}
	*(m->last ? &m->last->next : &m->first) = n;
	m->last = n;
}

static void tell(struct visit *m, const struct err *e, const uint8_t *path, size_t len)
{
	struct node *n = node_new(NODE_ERROR, path, len);

	if (n)
		n->err = *e;
	append(m, n);
	m->tally.errors++;
	/* What follows does not belong before it. */
	m->text = NULL;
}

/* Tells of a failure about a name in the directory; "" for the directory itself. */
static void tell_name(struct visit *m, const struct err *e, const char *name)
{
	const struct place *p = m->place;
	struct buf path = {0};
	size_t root = p->root->given_len;

	if (buf_append(&path, p->root->given, root) != 0 || buf_append(&path, p->path, p->len) != 0 ||
	    buf_append(&path, name, strlen(name)) != 0) {
		m->rc = CORE_EMEMORY;
	} else {
		size_t len = path.len > 1 && path.data[path.len - 1] == '/' ? path.len - 1 : path.len;
		if (len == 0)
			tell(m, e, (const uint8_t *)".", 1);
		else
			tell(m, e, path.data, len);
	}
	buf_free(&path);
}

static void rules_broken(void *ctx, const char *name, const struct err *e)
{
	tell_name(ctx, e, name);
}

static struct err search_err(int sys, const char *op)
{
	struct err e = err_sys(sys, op, -1);

	e.code = CORE_ESEARCH;
	return e;
}

/* Names as they are listed. */
struct listing {
	struct dir_list names;
	unsigned seen;
};

static int on_name(void *ctx, const char *name, size_t len, uint8_t kind)
{
	struct listing *l = ctx;

	l->seen |= rules_look(name, len);
	return dir_add(&l->names, name, len, kind, 0);
}

static int32_t list(struct listing *l, int fd, struct err *e)
{
	enum { LISTING_BYTES = 64 << 10 };
	void *scratch = pool_scratch(LISTING_BYTES);
	int rc = scratch ? plat_list(fd, scratch, LISTING_BYTES, on_name, l) : CORE_EMEMORY;

	if (rc == 0)
		return 0;
	if (rc == CORE_EMEMORY)
		*e = err_of(CORE_EMEMORY, "list directory", -1, "out of memory");
	else if (rc == CORE_ELIMIT)
		*e = err_of(CORE_ESEARCH, "list directory", -1, "too many names");
	else
		*e = search_err(-rc, "list directory");
	return e->code;
}

int walk_stat(struct walk_entry *e)
{
	if (e->has_stat)
		return 0;
	int rc = plat_stat_at(e->dir, (const char *)e->path + e->name, e->link, &e->stat);
	e->has_stat = rc == 0;
	return rc;
}

/* Whether a name is passed over, before anything is asked about it. */
static int is_skipped(struct visit *m, const struct walk_entry *e)
{
	const struct walk_config *c = &m->walk->config;
	int is_directory = e->kind == CORE_KIND_DIR;

	if (e->path[e->name] == '.' && !(c->flags & WALK_HIDDEN)) {
		m->tally.hidden++;
		return 1;
	}
	if (c->exclude && filter_decide(c->exclude, e->path, e->len, e->name, e->kind) == FILTER_SKIP) {
		m->tally.excluded++;
		return 1;
	}
	size_t whole = e->root->whole_len;
	/* To git a link to a directory is none. */
	if (rules_ignore(&m->place->rules, m->path.data, whole + e->len, whole + e->name, is_directory && !e->link)) {
		m->tally.ignored++;
		return 1;
	}
	return 0;
}

/* What a name is, where the listing does not tell, or where links are followed. 0 when it has vanished. */
static int classify(struct visit *m, struct walk_entry *e)
{
	struct plat_stat st;
	const char *name = (const char *)e->path + e->name;

	if (e->kind == CORE_KIND_UNKNOWN) {
		int rc = plat_stat_at(e->dir, name, 0, &st);
		if (rc != 0) {
			struct err err = search_err(-rc, "look at");
			tell_name(m, &err, name);
			return 0;
		}
		e->kind = st.kind;
	}
	/* A link that leads nowhere is a link. */
	if (e->kind == CORE_KIND_SYMLINK && m->walk->config.flags & WALK_FOLLOW && plat_stat_at(e->dir, name, 1, &st) == 0) {
		e->kind = st.kind;
		e->link = 1;
		e->stat = st;
		e->has_stat = 1;
	}
	return 1;
}

static void look_at(struct visit *m, struct walk_entry *e)
{
	struct walk *walk = m->walk;

	m->tally.entries++;
	if (!m->text) {
		m->text = node_new(NODE_TEXT, NULL, 0);
		append(m, m->text);
		if (!m->text)
			return;
	}
	struct node *n = m->text;
	int32_t rc = walk->ops->entry(walk->ctx, e, &n->text);
	if (rc == 1) {
		n->entries++;
		m->tally.results++;
		uint32_t end = (uint32_t)n->text.len;
		if (walk->config.max_results > 0)
			m->rc = buf_append(&n->ends, &end, sizeof end);
	} else if (rc == CORE_EMEMORY) {
		m->rc = rc;
	} else if (rc < 0) {
		struct err err = search_err(-rc, "look at");
		tell_name(m, &err, (const char *)e->path + e->name);
	}
}

/* The directories of a listing whose turn has not come: `a/` comes behind `a.txt`. Each begins with the one before. */
struct waiting {
	const struct dir_item **items;
	uint32_t count;
};

static void go_below(struct visit *m, const struct dir_list *l, const struct dir_item *i)
{
	struct node *n = node_new(NODE_WAITING, (const uint8_t *)dir_name(l, i), i->len);

	if (n) {
		n->above = place_ref(m->place);
		atomic_fetch_add(&m->place->waiting, 1);
	}
	append(m, n);
	m->text = m->walk->config.flags & WALK_UNORDERED ? m->text : NULL;
}

/* Whether `name/` comes before another name. */
static int is_before(const struct dir_list *l, const struct dir_item *dir, const struct dir_item *i)
{
	size_t n = dir->len < i->len ? dir->len : i->len;
	int c = memcmp(dir_name(l, dir), dir_name(l, i), n);

	if (c != 0 || i->len <= dir->len)
		return c < 0;
	return '/' < (uint8_t)dir_name(l, i)[dir->len];
}

static void look_at_all(struct visit *m, const struct dir_list *l, struct waiting *w)
{
	struct walk *walk = m->walk;
	struct place *p = m->place;
	size_t whole = p->root->whole_len;
	int ordered = !(walk->config.flags & WALK_UNORDERED);

	for (uint32_t k = 0; k < l->count && m->rc == 0; k++) {
		const struct dir_item *i = &l->items[k];
		while (ordered && w->count > 0 && is_before(l, w->items[w->count - 1], i))
			go_below(m, l, w->items[--w->count]);
		m->path.len = whole + p->len;
		if (buf_append(&m->path, dir_name(l, i), i->len + 1u) != 0) {
			m->rc = CORE_EMEMORY;
			return;
		}
		struct walk_entry e = {.root = p->root, .depth = p->depth + 1, .path = m->path.data + whole,
				       .len = p->len + i->len, .name = p->len, .kind = i->kind, .dir = p->fd};
		e.number = (uint32_t)(p->root - walk->roots);
		/* A hidden name is passed over before the system is asked what it is. */
		if (e.path[e.name] == '.' && !(walk->config.flags & WALK_HIDDEN)) {
			m->tally.hidden++;
			continue;
		}
		if (!classify(m, &e) || is_skipped(m, &e))
			continue;
		look_at(m, &e);
		if (e.kind != CORE_KIND_DIR || e.depth >= walk->config.max_depth)
			continue;
		if (ordered)
			w->items[w->count++] = i;
		else
			go_below(m, l, i);
	}
	while (w->count > 0 && m->rc == 0)
		go_below(m, l, w->items[--w->count]);
}

/* Opens the directory of a node: 1, 0 when it is not to be listed or could not be opened, which was told. */
static int enter(struct visit *m, const struct node *n)
{
	struct walk *w = m->walk;
	int follow = (w->config.flags & WALK_FOLLOW) != 0, fd;
	const struct walk_root *root = n->above ? n->above->root : &w->roots[n->root];
	struct place *p = place_open(&w->places, n->above, root, n->name, n->len, follow, &fd);

	if (!p) {
		m->rc = CORE_EMEMORY;
		return 0;
	}
	m->place = p;
	/* What was a directory when it was listed, and is a link now, has vanished. */
	if (fd < 0) {
		struct err e = search_err(-fd, "open directory");
		if (!n->above) {
			e.code = fd == -ENOTDIR ? CORE_ENOT_FOUND : err_code(-fd);
			m->tally.roots_failed++;
		}
		tell_name(m, &e, "");
		return 0;
	}
	if (!(w->config.flags & (WALK_FOLLOW | WALK_ONE_FILE_SYSTEM)))
		return 1;
	struct plat_stat st;
	int rc = plat_fstat(fd, &st);
	if (rc != 0) {
		struct err e = search_err(-rc, "look at");
		tell_name(m, &e, "");
		return 0;
	}
	p->dev = st.dev;
	p->ino = st.ino;
	const struct place *top = p;
	while (top->up)
		top = top->up;
	return !(follow && place_is_loop(p)) && !(w->config.flags & WALK_ONE_FILE_SYSTEM && p->dev != top->dev);
}

void visit_dir(struct visit *m, const struct node *n)
{
	struct walk *walk = m->walk;
	struct listing l = {0};
	struct waiting w = {0};
	struct err e;

	if (!enter(m, n))
		return;
	struct place *p = m->place;
	m->tally.dirs++;
	int32_t rc = list(&l, p->fd, &e);
	if (rc == CORE_EMEMORY)
		m->rc = rc;
	else if (rc != 0)
		tell_name(m, &e, "");
	/* What was listed before the failure is there. */
	struct walk_root *root = &walk->roots[p->root - walk->roots];
	if (m->rc == 0 && !n->above)
		m->rc = rules_above(&root->above, root->whole, root->whole_len, &walk->config.rules, rules_broken, m);
	if (m->rc == 0)
		m->rc = rules_enter(&p->rules, n->above ? &n->above->rules : &root->above, &walk->config.rules, p->fd, l.seen,
				    root->whole_len + p->len, rules_broken, m);
	m->path.len = 0;
	if (m->rc == 0)
		m->rc = buf_append(&m->path, p->root->whole, p->root->whole_len);
	if (m->rc == 0)
		m->rc = buf_append(&m->path, p->path, p->len);
	if (m->rc == 0 && !(walk->config.flags & WALK_UNORDERED)) {
		dir_sort(&l.names);
		w.items = mem_alloc((l.names.count + 1) * sizeof(struct dir_item *));
		if (!w.items)
			m->rc = CORE_EMEMORY;
	}
	if (m->rc == 0)
		look_at_all(m, &l.names, &w);
	mem_free(w.items);
	dir_list_free(&l.names);
	if (atomic_load(&p->waiting) == 0 || atomic_load(&walk->places.open) > walk->places.most)
		place_close(p);
}

void visit_free(struct visit *m)
{
	for (struct node *n = m->first, *next; n; n = next) {
		next = n->next;
		node_free(n);
	}
	place_unref(m->place);
	buf_free(&m->path);
}
