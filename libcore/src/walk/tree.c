/* SPDX-License-Identifier: MIT */
#include "walk/tree.h"

#include "base/alloc.h"
#include "walk/visit.h"

#include <string.h>

enum {
	/** Bytes that may wait for their turn before only the front is gone on with. */
	WINDOW_BYTES = 8 << 20,
};

struct tree {
	struct crew crew;
	struct walk walk;
	void (*free)(void *);
	/** The long list, and the directories in it. */
	struct node *first, *last, *dir_first, *dir_last;
	/** Bytes of all nodes. */
	size_t held;
	/** Somebody is in flush(). */
	int flushing;
	struct walk_tally tally;
};

static struct tree *tree_of(const struct crew *c)
{
	return (struct tree *)(void *)(uintptr_t)c;
}

/* ----------------------------------------------------------------- nodes */

/* Takes a node out of the lists; the lock is held. */
static void node_drop(struct tree *t, struct node *n)
{
	*(n->prev ? &n->prev->next : &t->first) = n->next;
	*(n->next ? &n->next->prev : &t->last) = n->prev;
	if (node_is_dir(n)) {
		*(n->dir_prev ? &n->dir_prev->dir_next : &t->dir_first) = n->dir_next;
		*(n->dir_next ? &n->dir_next->dir_prev : &t->dir_last) = n->dir_prev;
	}
	t->held -= node_bytes(n);
	node_free(n);
}

/* Puts a node behind another (NULL: first), and behind a directory among those; the lock is held. */
static void node_insert(struct tree *t, struct node *n, struct node *after, struct node *dir_after)
{
	n->prev = after;
	n->next = after ? after->next : t->first;
	*(n->prev ? &n->prev->next : &t->first) = n;
	*(n->next ? &n->next->prev : &t->last) = n;
	t->held += node_bytes(n);
	if (!node_is_dir(n))
		return;
	n->dir_prev = dir_after;
	n->dir_next = dir_after ? dir_after->dir_next : t->dir_first;
	*(n->dir_prev ? &n->dir_prev->dir_next : &t->dir_first) = n;
	*(n->dir_next ? &n->dir_next->dir_prev : &t->dir_last) = n;
}

/* Puts what came of a directory in its place; the lock is held. */
static void replace(struct tree *t, struct node *dir, struct node *made)
{
	struct node *at = dir, *dir_at = dir;

	for (struct node *n = made, *next; n; n = next) {
		next = n->next;
		if (n->kind == NODE_TEXT && n->text.len == 0 && n->entries == 0) {
			node_free(n);
			continue;
		}
		/* Where there is no order, output need not wait. */
		int front = t->walk.config.flags & WALK_UNORDERED && !node_is_dir(n);
		node_insert(t, n, front ? NULL : at, dir_at);
		if (!front)
			at = n;
		if (node_is_dir(n))
			dir_at = n;
	}
	node_drop(t, dir);
}

/* ------------------------------------------------------------------ crew */

/* The first directory that nobody has, if it may be gone on with; the lock is held. */
static struct node *claimable(const struct tree *t)
{
	struct node *n = t->dir_first;

	while (n && n->kind == NODE_BUSY)
		n = n->dir_next;
	return n && (t->held <= WINDOW_BYTES || n == t->first) ? n : NULL;
}

static void add_tally(struct walk_tally *sum, const struct walk_tally *more)
{
	sum->entries += more->entries;
	sum->dirs += more->dirs;
	sum->hidden += more->hidden;
	sum->ignored += more->ignored;
	sum->excluded += more->excluded;
	sum->errors += more->errors;
	sum->roots_failed += more->roots_failed;
}

static void fail(struct tree *t, const struct err *e)
{
	if (t->tally.fatal.code == 0)
		t->tally.fatal = *e;
	crew_stop(&t->crew);
}

static void fail_memory(struct tree *t)
{
	struct err e = err_of(CORE_EMEMORY, "find", -1, "out of memory");

	fail(t, &e);
}

/* Whether something was taken that flush() is to write. */
static int is_pending(const struct tree *t, int idle)
{
	return t->walk.ops->pending && t->walk.ops->pending(t->walk.ctx, idle);
}

static enum crew_work write_out(struct tree *t)
{
	struct err e = {0};

	t->flushing = 1;
	t->walk.ops->take(t->walk.ctx);
	crew_leave(&t->crew);
	int32_t rc = t->walk.ops->flush(t->walk.ctx, &e);
	crew_enter(&t->crew);
	t->flushing = 0;
	if (rc != 0)
		fail(t, &e);
	return CREW_WORKED;
}

static enum crew_work work(struct crew *crew, struct crew_worker *w)
{
	struct tree *t = tree_of(crew);
	struct node *n = crew->stopped ? NULL : claimable(t);

	(void)w;
	if (!t->flushing && !crew->cancelled && is_pending(t, !n))
		return write_out(t);
	if (!n)
		return CREW_IDLE;
	struct visit m = {.walk = &t->walk};
	n->kind = NODE_BUSY;
	crew_leave(crew);
	visit_dir(&m, n);
	crew_enter(crew);
	if (m.rc != 0) {
		fail_memory(t);
		replace(t, n, NULL);
	} else {
		add_tally(&t->tally, &m.tally);
		atomic_fetch_add_explicit(&crew->run->entries, m.tally.entries, memory_order_relaxed);
		replace(t, n, m.first);
		m.first = NULL;
	}
	visit_free(&m);
	return CREW_WORKED;
}

/* Sends from a piece of output: 1 when all of it left. */
static int32_t send_text(struct tree *t, struct crew_worker *w, struct node *n)
{
	uint64_t most = t->walk.config.max_results;
	size_t len = n->text.len, used = 0;

	if (most > 0 && n->sent == 0 && n->entries > most - t->tally.results) {
		/* Up to the last entry that counts. */
		uint64_t keep = most - t->tally.results;
		uint32_t end = 0;
		if (keep > 0)
			memcpy(&end, n->ends.data + (keep - 1) * sizeof end, sizeof end);
		n->text.len = len = end;
		n->entries = keep;
		t->tally.truncated = 1;
	}
	int32_t rc = n->sent < len ? t->walk.ops->send(t->walk.ctx, &w->task, n->text.data + n->sent, len - n->sent, &used) : 1;
	n->sent += used;
	if (rc == 1 && n->sent == len) {
		t->tally.results += n->entries;
		return 1;
	}
	return rc < 0 ? rc : 0;
}

static unsigned send(struct crew *crew, struct crew_worker *w)
{
	struct tree *t = tree_of(crew);
	unsigned sent = 0;

	while (t->first && !node_is_dir(t->first) && !crew->stopped) {
		struct node *n = t->first;
		int32_t rc = n->kind == NODE_ERROR ? t->walk.ops->failed(t->walk.ctx, &w->task, &n->err, n->name, n->len)
						   : send_text(t, w, n);
		if (rc < 0) {
			fail_memory(t);
			return CREW_SENT;
		}
		if (rc == 0)
			/* Either the ring's reader wakes this worker, or whoever writes goes on. */
			return is_pending(t, 1) || t->flushing ? sent : sent | CREW_FULL;
		node_drop(t, n);
		sent |= CREW_SENT;
		if (t->walk.config.max_results > 0 && t->tally.results >= t->walk.config.max_results) {
			t->tally.truncated |= t->first != NULL;
			crew_stop(crew);
		}
	}
	return sent;
}

static int more(const struct crew *crew)
{
	const struct tree *t = tree_of(crew);

	return (!crew->stopped && claimable(t)) || (!t->flushing && is_pending(t, 0));
}

static int over(const struct crew *crew)
{
	const struct tree *t = tree_of(crew);

	if (crew->cancelled || t->tally.fatal.code != 0)
		return !t->flushing;
	return (crew->stopped || !t->first) && !t->flushing && !is_pending(t, 1);
}

static void stop(struct crew *crew)
{
	(void)crew;
}

static void finish(struct crew *crew)
{
	struct tree *t = tree_of(crew);
	struct walk_tally *s = &t->tally;

	if (crew->cancelled && s->fatal.code == 0)
		s->fatal = err_of(CORE_ECANCELLED, "find", -1, "cancelled");
	run_end(crew->run, s->fatal.code != 0 ? &s->fatal : NULL, NULL, 0);
}

void walk_roots_free(struct walk_root *roots, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		mem_free(roots[i].given);
		mem_free(roots[i].whole);
		rules_leave(&roots[i].above);
	}
	mem_free(roots);
}

static void tree_free(void *job)
{
	struct tree *t = job;

	while (t->first)
		node_drop(t, t->first);
	walk_roots_free(t->walk.roots, t->walk.roots_count);
	if (t->walk.config.exclude)
		filter_unref(t->walk.config.exclude);
	crew_free(&t->crew);
	t->free(t->walk.ctx);
	mem_free(t);
}

int32_t walk_start(core_run **out, core_pump *pump, uint64_t token, const struct walk_config *c,
		   struct walk_root *roots, uint32_t roots_count, const struct walk_ops *ops, void *ctx,
		   void (*free)(void *ctx))
{
	static const struct crew_ops crew_ops = {work, send, more, over, stop, finish};
	struct tree *t = mem_zalloc(1, sizeof *t);

	if (!t) {
		walk_roots_free(roots, roots_count);
		free(ctx);
		return CORE_EMEMORY;
	}
	t->walk.config = *c;
	t->walk.ops = ops;
	t->walk.ctx = ctx;
	t->free = free;
	t->walk.roots = roots;
	t->walk.roots_count = roots_count;
	place_count_init(&t->walk.places);
	if (c->exclude)
		filter_ref(c->exclude);
	int32_t rc = 0;
	for (uint32_t i = 0; i < roots_count && rc == 0; i++) {
		struct node *n = node_new(NODE_WAITING, NULL, 0);
		if (n) {
			n->root = i;
			node_insert(t, n, t->last, t->dir_last);
		}
		rc = n ? 0 : CORE_EMEMORY;
	}
	if (rc == 0)
		rc = crew_new(&t->crew, &crew_ops, pump, token, c->jobs, t, tree_free);
	if (rc != 0) {
		tree_free(t);
		return rc;
	}
	*out = t->crew.run;
	ops->begin(ctx, t->crew.run);
	crew_start(&t->crew);
	return 0;
}

const struct walk_tally *walk_result(const core_run *run)
{
	return &((const struct tree *)run->job)->tally;
}
