/* SPDX-License-Identifier: MIT */
#include "compare/merge.h"

#include "base/alloc.h"
#include "compare/named.h"

#include <errno.h>
#include <string.h>

enum {
	/** Longest path a record carries: a quarter of the ring. */
	PATH_BYTES = 16 << 10,
	/** Where it carries two, each of these: with all the rest still half of the ring. */
	SPELLED_BYTES = 15 << 10,
	/** Names looked at in one step. */
	STEP_NAMES = 4096,
	/** Names kept back for one directory; more are told before it. */
	MOST_HELD = 1024,
};

static int follows(const struct merge *m)
{
	return (m->config->flags & CORE_COMPARE_FOLLOW) != 0;
}

/* ----------------------------------------------------------- directories */

static void close_fds(struct merge *m, struct dir_pair *d)
{
	int open = 0;

	for (int s = 0; s < 2; s++) {
		if (d->fd[s] >= 0) {
			plat_close(d->fd[s]);
			open = 1;
		}
		d->fd[s] = -1;
	}
	if (open)
		atomic_fetch_sub(&m->open_dirs, 1);
}

static void drop_held(struct merge *m, struct dir_pair *first)
{
	for (struct dir_pair *next; first; first = next) {
		next = first->ahead_next;
		dir_pair_unref(m, first);
	}
}

void dir_pair_unref(struct merge *m, struct dir_pair *d)
{
	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	drop_held(m, d->held);
	close_fds(m, d);
	for (int s = 0; s < 2; s++)
		dir_list_free(&d->list[s]);
	buf_free(&d->path);
	buf_free(&d->right);
	mem_free(d->order.pairs);
	mem_free(d->errs);
	mem_free(d);
}

/* Appends a name and its slash to the path of the directory above. */
static int32_t make_path(struct buf *to, const struct buf *above, const char *name, size_t len)
{
	if (buf_append(to, above->data, above->len) != 0 || buf_append(to, name, len) != 0)
		return CORE_EMEMORY;
	return buf_append(to, "/", 1);
}

/* A directory below `parent`; nothing of it is open yet. `right` is NULL where the name is spelled the same there. */
static struct dir_pair *new_dir(struct dir_pair *parent, const char *name, size_t len, const char *right)
{
	struct dir_pair *d = mem_zalloc(1, sizeof *d);
	int32_t rc = 0;

	if (!d)
		return NULL;
	atomic_init(&d->refs, 1);
	d->fd[0] = d->fd[1] = -1;
	d->parent = parent;
	d->collapsed = parent && parent->collapsed;
	if (parent)
		rc = make_path(&d->path, &parent->path, name, len);
	if (rc == 0 && parent && (right || parent->right.len > 0))
		rc = make_path(&d->right, dir_pair_path(parent, 1), right ? right : name, right ? strlen(right) : len);
	if (rc != 0) {
		buf_free(&d->path);
		buf_free(&d->right);
		mem_free(d);
		return NULL;
	}
	return d;
}

/* Gives back descriptors of directories above the current one, and of those listed ahead, that no item needs now. */
static void shed(struct merge *m)
{
	for (struct dir_pair *d = m->current; d; d = d->parent) {
		/* The root's stay: all others are found again from it. */
		if (d != m->current && d->parent && atomic_load(&d->refs) == 1)
			close_fds(m, d);
		for (struct dir_pair *a = d->ahead; a; a = a->ahead_next)
			close_fds(m, a);
	}
}

static unsigned open_how(const struct merge *m)
{
	return follows(m) ? PLAT_DIR : PLAT_DIR | PLAT_NOFOLLOW;
}

/* Opens a directory again whose descriptors were given back. */
static void reopen(struct merge *m, struct dir_pair *d)
{
	if (d->lost.code != 0 || d->fd[0] >= 0 || d->fd[1] >= 0)
		return;
	for (int s = 0; s < 2; s++) {
		struct plat_stat now;
		if (!d->present[s])
			continue;
		const struct buf *path = dir_pair_path(d, s);
		int fd = dir_open_path(m->root->fd[s], path->data, path->len, open_how(m));
		int rc = fd < 0 ? fd : plat_fstat(fd, &now);
		if (rc >= 0 && (now.dev != d->id[s].dev || now.ino != d->id[s].ino))
			d->lost = err_of(CORE_ECHANGED, "open directory", s, "another directory took its place");
		else if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
			d->lost = err_of(CORE_ECHANGED, "open directory", s, "it vanished while the trees were read");
		else if (rc < 0)
			d->lost = err_sys(-rc, "open directory", s);
		d->fd[s] = fd < 0 ? -1 : fd;
	}
	if (d->fd[0] >= 0 || d->fd[1] >= 0)
		atomic_fetch_add(&m->open_dirs, 1);
	if (d->lost.code != 0)
		close_fds(m, d);
}

/* 1 when a directory was reached through itself, by a link below it. */
static int is_ancestor(const struct dir_pair *d, int side, const struct plat_stat *id)
{
	for (; d && d->present[side]; d = d->parent) {
		if (d->id[side].dev == id->dev && d->id[side].ino == id->ino)
			return 1;
	}
	return 0;
}

/* As list_ahead(), for one side. */
static int32_t open_side(struct merge *m, struct dir_pair *d, int side, const char *name, struct err *e)
{
	int fd = plat_open_at(d->parent->fd[side], name, open_how(m));
	int rc = fd < 0 ? fd : plat_fstat(fd, &d->id[side]);

	if (rc >= 0 && follows(m) && is_ancestor(d->parent, side, &d->id[side])) {
		plat_close(fd);
		*e = err_of(CORE_ELOOP, "open directory", side, "it leads back to itself");
		return e->code;
	}
	if (rc < 0) {
		if (fd >= 0)
			plat_close(fd);
		*e = err_sys(-rc, "open directory", side);
		if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP)
			*e = err_of(CORE_ECHANGED, "open directory", side, "it vanished while the trees were read");
		return e->code;
	}
	d->fd[side] = fd;
	d->present[side] = 1;
	if ((m->config->flags & CORE_COMPARE_ONE_FILE_SYSTEM) && d->id[side].dev != m->root->id[side].dev)
		return 0;
	return dir_read(&d->list[side], fd, follows(m), side, e);
}

static int out_of_descriptors(int32_t rc, const struct err *e)
{
	return rc == CORE_ELIMIT && (e->sys == EMFILE || e->sys == ENFILE);
}

/*
 * Opens the current directory again if its descriptors were given back. On
 * the way up from a deep place that is so for one directory after the other,
 * and the items of each hold it open.
 * @return 0 when items must end first, which only `may_wait` allows
 */
static int make_open(struct merge *m, int may_wait)
{
	struct dir_pair *d = m->current;

	if (d->lost.code != 0 || d->fd[0] >= 0 || d->fd[1] >= 0)
		return 1;
	if (atomic_load(&m->open_dirs) >= m->max_dirs) {
		shed(m);
		if (may_wait && atomic_load(&m->open_dirs) >= m->max_dirs)
			return 0;
	}
	reopen(m, d);
	if (!out_of_descriptors(d->lost.code, &d->lost))
		return 1;
	if (may_wait) {
		d->lost = (struct err){0};
		return 0;
	}
	shed(m);
	d->lost = (struct err){0};
	reopen(m, d);
	return 1;
}

/* How a name is spelled on the right where that is not as on the left, else NULL. */
static const char *right_name(const struct dir_pair *d, const struct dir_item *on[2])
{
	if (!d->order.pairs || !on[0] || !on[1])
		return NULL;
	const char *name = dir_name(&d->list[1], on[1]);
	return dir_is(&d->list[0], on[0], name, on[1]->len) ? NULL : name;
}

/* Whether a path, with a name below it on each side, is longer than a record may carry. */
static int too_long(const struct dir_pair *d, size_t len, const char *right)
{
	size_t right_len = right ? strlen(right) : len;

	if (!right && d->right.len == 0)
		return d->path.len + len > PATH_BYTES;
	return d->path.len + len > SPELLED_BYTES || dir_pair_path(d, 1)->len + right_len > SPELLED_BYTES;
}

static struct names_scope scope_of(struct merge *m, const struct dir_pair *d)
{
	return (struct names_scope){m->config, {dir_pair_path(d, 0), dir_pair_path(d, 1)}, &m->path};
}

/*
 * Finds out which names of a directory are one name though they are spelled
 * differently. Where none are, the lists are gone through as always.
 * @return 0, CORE_EMEMORY, or another code in `*e`
 */
static int32_t match_names(struct merge *m, struct dir_pair *d, struct err *e)
{
	struct names_scope at = scope_of(m, d);
	struct names names;

	if (m->fold.how == 0 || names_go_along(&at, d->list))
		return 0;
	int32_t rc = names_match(&names, &m->fold, &at, d->list);
	if (rc == 0) {
		if (names.folded)
			rc = names_order(&d->order, &names, d->list);
		names_free(&names);
	}
	if (rc != 0)
		*e = err_of(rc, "list directory", -1, rc == CORE_ELIMIT ? "too many names" : "out of memory");
	return rc;
}

/*
 * Opens and lists a directory found in the current one, and puts it ahead.
 * @return 0, the code in `*e` when it cannot be read (CORE_ELOOP: a link that
 *         leads back to a directory above it), or CORE_EMEMORY
 */
static int32_t list_ahead(struct merge *m, const struct dir_item *on[2], struct err *e)
{
	struct dir_pair *parent = m->current;
	int first = on[0] ? 0 : 1;
	const char *name = dir_name(&parent->list[first], on[first]);
	size_t len = on[first]->len;
	const char *right = right_name(parent, on);

	if (too_long(parent, len + 1, right)) {
		*e = err_of(CORE_ELIMIT, "open directory", -1, "its path is longer than 16 KiB");
		return e->code;
	}
	if (parent->lost.code != 0) {
		*e = parent->lost;
		return e->code;
	}
	struct dir_pair *d = new_dir(parent, name, len, right);
	if (!d)
		return CORE_EMEMORY;
	int32_t rc = 0;
	for (int s = 0; s < 2 && rc == 0; s++) {
		if (!on[s])
			continue;
		const char *own = s == 1 && right ? right : name;
		rc = open_side(m, d, s, own, e);
		if (out_of_descriptors(rc, e)) {
			shed(m);
			rc = open_side(m, d, s, own, e);
		}
	}
	if (d->fd[0] >= 0 || d->fd[1] >= 0)
		atomic_fetch_add(&m->open_dirs, 1);
	if (rc == 0)
		rc = match_names(m, d, e);
	if (rc != 0) {
		dir_pair_unref(m, d);
		return rc;
	}
	if ((m->config->flags & CORE_COMPARE_COLLAPSE) && (!on[0] || !on[1]) && !d->collapsed) {
		d->collapsed = 1;
		d->top_name = name;
		d->top_len = (uint32_t)len;
	}
	d->ahead_next = parent->ahead;
	parent->ahead = d;
	return 0;
}

/* ----------------------------------------------------------------- items */

/* `right` is NULL where the name is spelled the same there. */
static struct item *put(struct item *out, struct dir_pair *d, const char *name, size_t len, const char *right,
			const uint8_t kind[2])
{
	*out = (struct item){
		.dir = d,
		.name = name,
		.name_right = right,
		.len = (uint32_t)len,
		.kind = {kind[0], kind[1]},
		.below = UINT64_MAX,
		.out = {.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX},
	};
	out->named = !d->parent && d->named;
	atomic_fetch_add(&d->refs, 1);
	return out;
}

/* An item whose outcome the driver knows already. */
static void settle(struct item *it, uint8_t status, uint8_t proof, uint32_t reasons)
{
	it->state = ITEM_DONE;
	it->settled = 1;
	it->out.status = status;
	it->out.proof = proof;
	it->out.reasons = reasons;
}

/* Whether directories are no entries, and this is one. */
static int only_walked(const struct merge *m, const struct dir_item *on[2])
{
	return (m->config->flags & CORE_COMPARE_SKIP_EMPTY_DIRS) &&
	       (!on[0] || on[0]->kind == CORE_KIND_DIR) && (!on[1] || on[1]->kind == CORE_KIND_DIR);
}

/*
 * What the filter says of a name; the stronger word where the sides are of
 * different kinds or spellings.
 * @return filter_verdict or CORE_EMEMORY
 */
static int32_t decide(struct merge *m, const struct dir_item *on[2])
{
	const struct dir_pair *d = m->current;
	int first = on[0] ? 0 : 1;
	const struct dir_item *i = on[first];

	if (!on[0] && (m->config->flags & CORE_COMPARE_ONE_WAY))
		return FILTER_SKIP;
	if (!m->config->filter)
		return only_walked(m, on) ? FILTER_WALK : FILTER_KEEP;
	struct names_scope at = scope_of(m, d);
	int32_t v = names_verdict(&at, first, dir_name(&d->list[first], i), i->len, i->kind);
	int same = !on[0] || !on[1] || (on[1]->kind == i->kind && d->right.len == 0 && !right_name(d, on));
	if (v >= 0 && v != FILTER_KEEP && !same) {
		int32_t w = names_verdict(&at, 1, dir_name(&d->list[1], on[1]), on[1]->len, on[1]->kind);
		v = w < 0 || w == FILTER_KEEP || v == FILTER_SKIP ? w : v;
	}
	return v == FILTER_KEEP && only_walked(m, on) ? FILTER_WALK : v;
}

static int32_t put_failed(struct dir_pair *d, struct item *out, const char *name, size_t len, const char *right,
			  const uint8_t kind[2], const struct err *e)
{
	settle(put(out, d, name, len, right, kind), CORE_STATUS_UNKNOWN, 0, 0);
	outcome_fail(&out->out, e);
	if (e->code == CORE_ENAME_COLLISION)
		out->out.reasons = CORE_REASON_NAME_COLLISION;
	return 1;
}

/*
 * Keeps back a name below a one-sided directory that is told as one: it
 * stands behind that, whose count is not known before its end. Not in the
 * directory it is in, which items would keep open.
 * @return 0, or CORE_EMEMORY
 */
static int32_t hold(struct dir_pair *top, const struct dir_pair *d, const char *name, size_t len, const uint8_t kind[2],
		    const struct err *e)
{
	struct dir_pair *h = new_dir(NULL, "", 0, NULL);
	int side = kind[0] == CORE_KIND_NONE;

	if (!h)
		return CORE_EMEMORY;
	if (buf_append(&h->path, d->path.data, d->path.len) != 0 || buf_append(&h->right, d->right.data, d->right.len) != 0 ||
	    dir_add(&h->list[side], name, len, kind[side], 0) != 0) {
		dir_pair_unref(NULL, h);
		return CORE_EMEMORY;
	}
	h->present[side] = 1;
	h->lost = *e;
	if (top->held)
		top->held_last->ahead_next = h;
	else
		top->held = h;
	top->held_last = h;
	top->held_count++;
	return 0;
}

/* A name that is known to be undecided: as on_name(). */
static int32_t on_failed(struct dir_pair *d, struct item *out, const char *name, size_t len, const char *right,
			 const uint8_t kind[2], const struct err *e)
{
	struct dir_pair *top = d;

	while (top && top->collapsed && !top->top_name)
		top = top->parent;
	if (d->collapsed && top->held_count < MOST_HELD)
		return hold(top, d, name, len, kind, e);
	return put_failed(d, out, name, len, right, kind, e);
}

/* Tells the next name that was kept back. */
static void put_held(struct merge *m, struct item *out)
{
	struct dir_pair *h = m->held;
	int side = h->present[1];
	const struct dir_item *i = &h->list[side].items[0];
	uint8_t kind[2] = {CORE_KIND_NONE, CORE_KIND_NONE};

	kind[side] = i->kind;
	m->held = h->ahead_next;
	put_failed(h, out, dir_name(&h->list[side], i), i->len, NULL, kind, &h->lost);
	dir_pair_unref(m, h);
}

/*
 * A name, on one side or both: 1 when it made an item, 0 when not,
 * CORE_EMEMORY, or CORE_ELIMIT when it needs a descriptor and `may_wait` for one.
 */
static int32_t on_name(struct merge *m, const struct dir_item *on[2], const struct name_pair *pair, int may_wait,
		       struct item *out)
{
	struct dir_pair *d = m->current;
	int first = on[0] ? 0 : 1, both = on[0] && on[1];
	const struct dir_item *i = on[first];
	const char *name = dir_name(&d->list[first], i), *right = right_name(d, on);
	uint8_t kind[2] = {on[0] ? on[0]->kind : CORE_KIND_NONE, on[1] ? on[1]->kind : CORE_KIND_NONE};
	int is_dir = kind[first] == CORE_KIND_DIR && (!both || kind[1] == CORE_KIND_DIR);
	struct err e;

	int32_t verdict = decide(m, on);
	if (verdict <= FILTER_SKIP)
		return verdict;
	/* Where the other side has no directory, what the filter would let through below it is missing there. */
	if (!is_dir)
		verdict = FILTER_KEEP;
	if (too_long(d, i->len, right)) {
		e = err_of(CORE_ELIMIT, "compare", -1, "the path is longer than 16 KiB");
		/* Under one spelling: a record of both may be too long. */
		return on_failed(d, out, name, i->len, NULL, kind, &e);
	}
	if (pair && pair->err > 0)
		return on_failed(d, out, name, i->len, right, kind, &d->errs[pair->err - 1]);
	if (pair && pair->clash == NAMES_UNDECIDED) {
		e = err_of(CORE_ENAME_COLLISION, "compare", first, NAMES_COLLISION_TEXT);
		return on_failed(d, out, name, i->len, right, kind, &e);
	}
	uint32_t more_reasons = pair && pair->clash == NAMES_SPELLINGS ? CORE_REASON_NAME_COLLISION : 0;
	if (is_dir) {
		int32_t rc = list_ahead(m, on, &e);
		if (rc == CORE_EMEMORY || (may_wait && out_of_descriptors(rc, &e)))
			return rc;
		if (rc == CORE_ELOOP) {
			/* As a link, then: its target is what both sides have of it. */
			for (int s = 0; s < 2; s++)
				kind[s] = on[s] && on[s]->link ? CORE_KIND_SYMLINK : kind[s];
			if (d->collapsed) {
				d->below++;
				m->counted[first]++;
				return 0;
			}
			put(out, d, name, i->len, right, kind);
			return 1;
		}
		if (rc != 0) {
			d->below += (uint64_t)d->collapsed;
			return on_failed(d, out, name, i->len, right, kind, &e);
		}
		d->ahead->walked = verdict == FILTER_WALK;
		d->ahead->top_reasons = more_reasons;
	}
	if (verdict == FILTER_WALK)
		return 0;
	if (d->collapsed) {
		d->below++;
		m->counted[first]++;
		return 0;
	}
	/* The topmost one-sided directory is told of when all below it is counted. */
	if (is_dir && !both && (m->config->flags & CORE_COMPARE_COLLAPSE))
		return 0;
	put(out, d, name, i->len, right, kind)->spelled = more_reasons != 0;
	if (is_dir && both && m->config->metadata == 0)
		settle(out, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	else if (is_dir && !both)
		settle(out, first ? CORE_STATUS_ONLY_RIGHT : CORE_STATUS_ONLY_LEFT, 0,
		       CORE_REASON_MISSING | more_reasons);
	return 1;
}

/* A `name/`: goes into the directory that was listed ahead, if it could be. */
static void on_below(struct merge *m, const struct dir_item *i, int side)
{
	struct dir_pair *d = m->current, *child = d->ahead;

	if (!child)
		return;
	/* The topmost one listed ahead is this one, unless this one could not be listed. */
	size_t from = d->path.len;
	if (child->path.len - from != i->len ||
	    memcmp(child->path.data + from, dir_name(&d->list[side], i), i->len) != 0)
		return;
	d->ahead = child->ahead_next;
	m->current = child;
}

/* The current directory is over: 1 when that made an item. */
static int leave(struct merge *m, struct item *out)
{
	struct dir_pair *d = m->current, *parent = d->parent;
	int made = 0;

	if (d->top_name && !(d->walked && d->below == 0)) {
		uint8_t kind[2] = {d->present[0] ? CORE_KIND_DIR : CORE_KIND_NONE,
				   d->present[1] ? CORE_KIND_DIR : CORE_KIND_NONE};
		put(out, parent, d->top_name, d->top_len, NULL, kind);
		settle(out, d->present[0] ? CORE_STATUS_ONLY_LEFT : CORE_STATUS_ONLY_RIGHT, 0,
		       CORE_REASON_MISSING | d->top_reasons);
		out->below = d->below;
		out->uncounted = (uint8_t)d->walked;
		made = 1;
	} else if (d->collapsed && !d->top_name) {
		parent->below += d->below;
	}
	m->held = d->held;
	d->held = NULL;
	m->current = parent;
	/* The root stays for reopening until merge_free(). */
	if (parent)
		dir_pair_unref(m, d);
	else
		m->done = 1;
	return made;
}

/* ---------------------------------------------------------------- public */

int32_t merge_init(struct merge *m, core_run *run, const struct config *config, const int fd[2],
		   const struct plat_stat id[2])
{
	uint64_t limit = plat_descriptor_limit();

	*m = (struct merge){.run = run, .config = config};
	m->fold.how = (config->flags & CORE_COMPARE_IGNORE_CASE_NAMES ? FOLD_CASE : 0) |
		      (config->flags & CORE_COMPARE_NORMALIZE_NAMES ? FOLD_NORMAL : 0);
	m->max_dirs = limit <= 64 ? 3 : limit >= 1024 ? 120 : (uint32_t)(limit - 40) / 8;
	struct dir_pair *d = new_dir(NULL, "", 0, NULL);
	for (int s = 0; s < 2; s++) {
		if (!d) {
			if (fd[s] >= 0)
				plat_close(fd[s]);
			continue;
		}
		d->fd[s] = fd[s];
		d->id[s] = id[s];
		d->present[s] = fd[s] >= 0;
	}
	if (!d)
		return CORE_EMEMORY;
	atomic_init(&m->open_dirs, 1);
	d->named = config->paths != NULL;
	m->root = m->current = d;
	return 0;
}

int32_t merge_list_root(struct merge *m, struct err *e)
{
	if (m->config->paths && m->fold.how != 0)
		return named_find(m, e);
	for (int s = 0; s < 2; s++) {
		if (m->config->paths) {
			int32_t given = dir_of_paths(&m->root->list[s], m->config->paths, m->config->paths_len, e);
			if (given != 0)
				return given;
			continue;
		}
		if (!m->root->present[s])
			continue;
		int32_t rc = dir_read(&m->root->list[s], m->root->fd[s], follows(m), s, e);
		if (rc != 0)
			return rc;
	}
	return m->config->paths ? 0 : match_names(m, m->root, e);
}

/* The names whose turn it is, NULL on a side that lacks it: 0 at the end. `*pair` is NULL where spelling counts. */
static int next_names(const struct dir_pair *d, const struct dir_item *on[2], const struct name_pair **pair)
{
	if (d->order.pairs) {
		if (d->at[0] == d->order.count)
			return 0;
		*pair = &d->order.pairs[d->at[0]];
		for (int s = 0; s < 2; s++)
			on[s] = (*pair)->at[s] != NAMES_NONE ? &d->list[s].items[(*pair)->at[s]] : NULL;
		return 1;
	}
	*pair = NULL;
	for (int s = 0; s < 2; s++)
		on[s] = d->at[s] < d->list[s].count ? &d->list[s].items[d->at[s]] : NULL;
	if (on[0] && on[1]) {
		int c = dir_compare(&d->list[0], on[0], &d->list[1], on[1]);
		if (c < 0)
			on[1] = NULL;
		else if (c > 0)
			on[0] = NULL;
	}
	return on[0] || on[1];
}

/* Passes over the names of next_names(). */
static void pass(struct dir_pair *d, const struct dir_item *const on[2])
{
	if (d->order.pairs) {
		d->at[0]++;
		return;
	}
	for (int s = 0; s < 2; s++)
		d->at[s] += on[s] != NULL;
}

int32_t merge_step(struct merge *m, struct item *out, uint32_t room, int pending)
{
	uint32_t made = 0;

	m->waits = 0;
	for (unsigned names = 0; names < STEP_NAMES && made < room && !m->done; names++) {
		struct dir_pair *d = m->current;
		const struct dir_item *on[2];
		const struct name_pair *pair;
		if (m->held) {
			put_held(m, &out[made++]);
			continue;
		}
		if (!next_names(d, on, &pair)) {
			made += (uint32_t)leave(m, &out[made]);
			continue;
		}
		int first = on[0] ? 0 : 1;
		if (!on[first]->below && !make_open(m, pending || made > 0)) {
			m->waits = 1;
			break;
		}
		if (!on[first]->below && on[first]->kind == CORE_KIND_DIR &&
		    atomic_load(&m->open_dirs) >= m->max_dirs) {
			shed(m);
			/* Items hold the rest open: they must end first. */
			if (atomic_load(&m->open_dirs) >= m->max_dirs && (pending || made > 0)) {
				m->waits = 1;
				break;
			}
		}
		if (on[first]->below) {
			pass(d, on);
			on_below(m, on[first], first);
			continue;
		}
		int32_t rc = on_name(m, on, pair, pending || made > 0, &out[made]);
		if (rc == CORE_ELIMIT) {
			m->waits = 1;
			break;
		}
		pass(d, on);
		if (rc < 0) {
			while (made > 0)
				dir_pair_unref(m, out[--made].dir);
			return rc;
		}
		made += (uint32_t)rc;
	}
	return (int32_t)made;
}

void merge_free(struct merge *m)
{
	for (struct dir_pair *d = m->current ? m->current : m->root, *up; d; d = up) {
		up = d->parent;
		while (d->ahead) {
			struct dir_pair *a = d->ahead;
			d->ahead = a->ahead_next;
			dir_pair_unref(m, a);
		}
		dir_pair_unref(m, d);
	}
	drop_held(m, m->held);
	m->root = m->current = m->held = NULL;
	buf_free(&m->path);
	fold_free(&m->fold);
}
