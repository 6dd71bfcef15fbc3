/* SPDX-License-Identifier: MIT */
#include "compare/groups.h"

#include "base/alloc.h"
#include "compare/class.h"
#include "compare/record.h"
#include "pool/crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEFAULT_CHUNK = 256 << 10,
	/** Sources that one worker looks at at a time. */
	LOOK_AT = 64,
	/** Pieces of work of one step, and bytes of them, so that many small ones cost few steps. */
	STEP_CLAIMS = 32,
	STEP_BYTES = 1 << 20,
	/** How often a worker that finds no descriptor free lets others work first. */
	MAX_WAITS = 10000,
	/** The same with nothing else of ours at work: what else there is in the process, or the system, may give one back. */
	ALONE_WAITS = 1000,
	/** Descriptors kept open at most, and those left to others. */
	MAX_OPEN = 240,
	SPARE = 40,
	/** Places of members in one record. */
	PART_MEMBERS = 4096,
};

enum groups_phase {
	/** All sources are looked at. */
	GROUPS_LOOK,
	/** One worker makes classes of them. */
	GROUPS_SORT,
	GROUPS_READ,
};

/** What a worker could not finish for want of descriptors. */
struct held {
	struct claim claim;
	/** Sources to look at. */
	uint32_t at, to;
	unsigned waits;
};

struct groups {
	struct crew crew;
	struct classes cs;
	uint32_t count;
	/** Sources that are remote, and not yet known; a worker asks for them. */
	uint32_t remote;
	int asking, placed;
	/** Some sources are streams of the caller. */
	int streamed;
	struct gate_wait gate;
	enum groups_phase phase;
	/** Sources given out to be looked at, and looked at. */
	uint32_t given, looked;
	struct held held[CREW_MAX];
	/** All classes; new ones are put first. */
	struct class *classes;
	/** Sources before this are sent; of a group that is being sent, the next one to come. */
	uint32_t sent, part;
	uint32_t groups;
	/** Somebody was told that descriptors are short. */
	int told;
	struct err fatal;
	struct class_difference apart;
	struct core_groups_summary sum;
};

/** What a file is known by, for sorting. */
struct known {
	uint64_t size, dev, ino;
	uint32_t member;
};

static struct groups *groups_of(const struct crew *c)
{
	return (struct groups *)(uintptr_t)((const char *)c - offsetof(struct groups, crew));
}

static void fail_memory(struct groups *g)
{
	if (g->fatal.code == 0)
		g->fatal = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
	crew_stop(&g->crew);
}

static void found_apart(struct groups *g, const struct class_difference *d)
{
	if (d->reasons == 0 || !(g->cs.flags & CORE_COMPARE_FIRST))
		return;
	if (g->apart.reasons == 0)
		g->apart = *d;
	crew_stop(&g->crew);
}

/* ---------------------------------------------------------------- classes */

static void link_class(struct groups *g, struct class *c)
{
	c->next = g->classes;
	c->link = &g->classes;
	if (c->next)
		c->next->link = &c->next;
	g->classes = c;
}

static void unlink_class(struct class *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	class_free(c);
}

/* Puts a list of classes before the others, in its order. */
static void link_all(struct groups *g, struct class *made)
{
	struct class *reversed = NULL;

	while (made) {
		struct class *next = made->next;
		made->next = reversed;
		reversed = made;
		made = next;
	}
	while (reversed) {
		struct class *next = reversed->next;
		link_class(g, reversed);
		reversed = next;
	}
}

static void free_classes(struct class *made)
{
	while (made) {
		struct class *next = made->next;
		class_free(made);
		made = next;
	}
}

/* ------------------------------------------------------------------- look */

static void look_at(struct groups *g, struct held *h, struct err *e, int32_t *rc)
{
	struct classes *cs = &g->cs;
	/* Few enough to be all kept open: then each is opened once. */
	int keep = g->count <= atomic_load(&cs->slots.max);

	*rc = 0;
	for (; h->at < h->to; h->at++) {
		struct member *m = &cs->member[h->at];
		if (run_cancelled(g->crew.run))
			return;
		m->next = MEMBER_NONE;
		if (m->src.kind == CORE_SOURCE_URL)
			continue;
		*rc = member_look(m, &cs->slots, keep, e);
		if (*rc == CORE_EMEMORY && e->sys == 0)
			return;
		if (*rc != 0 && (e->sys == EMFILE || e->sys == ENFILE)) {
			*rc = CORE_ELIMIT;
			return;
		}
		if (*rc != 0)
			class_fail(cs, h->at, e);
		else if (!m->endless)
			atomic_fetch_add_explicit(&cs->run->bytes_total, m->size, memory_order_relaxed);
		*rc = 0;
	}
}

static int by_file(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->member < y->member ? -1 : 1;
}

static int by_size(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->member < y->member ? -1 : 1;
}

static int by_first(const void *a, const void *b)
{
	const struct class *const *x = a, *const *y = b;

	return (*x)->member[0] < (*y)->member[0] ? -1 : 1;
}

/* Names of one inode become further names of the first: how many files are left. */
static uint32_t join_names(struct groups *g, struct known *k, uint32_t n)
{
	struct member *all = g->cs.member;
	uint32_t left = 0;

	qsort(k, n, sizeof *k, by_file);
	for (uint32_t i = 0; i < n; i++) {
		struct known *last = left > 0 ? &k[left - 1] : NULL;
		if (!last || all[k[i].member].src.kind != CORE_SOURCE_PATH || last->size != k[i].size ||
		    last->dev != k[i].dev || last->ino != k[i].ino ||
		    all[last->member].src.kind != CORE_SOURCE_PATH) {
			k[left++] = k[i];
			continue;
		}
		struct member *m = &all[k[i].member];
		m->proof = CORE_PROOF_SAME_INODE;
		m->next = all[last->member].next;
		all[last->member].next = k[i].member;
	}
	return left;
}

/* Two files of different sizes, whatever else there is. */
static void compare_sizes(const struct groups *g, struct class_difference *apart)
{
	uint32_t first = MEMBER_NONE;

	for (uint32_t i = 0; i < g->count; i++) {
		const struct member *m = &g->cs.member[i];
		if (atomic_load(&m->state) != MEMBER_OPEN || m->endless)
			continue;
		if (first == MEMBER_NONE)
			first = i;
		if (m->size == g->cs.member[first].size)
			continue;
		*apart = (struct class_difference){.left = first, .right = i, .reasons = CORE_REASON_SIZE_MISMATCH};
		return;
	}
}

/*
 * Makes classes of `n` files, by their sizes unless `mixed`: all by one, as
 * one of them may be of any size.
 */
static int32_t make_classes(struct groups *g, struct known *k, uint32_t n, int mixed, struct class **made)
{
	struct class **all = mem_alloc((size_t)n * sizeof(struct class *));
	uint32_t *member = mem_alloc((size_t)n * sizeof *member), count = 0;
	int32_t rc = all && member ? 0 : CORE_EMEMORY;

	for (uint32_t from = 0, to; from < n && rc == 0; from = to) {
		for (to = from; to < n && (mixed || k[to].size == k[from].size); to++)
			member[to - from] = k[to].member;
		int names = g->cs.member[member[0]].next != MEMBER_NONE;
		if (to - from == 1 && !names) {
			class_alone(&g->cs, member[0], 0);
			continue;
		}
		struct class *c = class_new(&g->cs, member, to - from, mixed ? UINT64_MAX : k[from].size);
		if (!c)
			rc = CORE_EMEMORY;
		else if (c->n == 1)
			/* Names of one file: there is nothing to be compared. */
			c->phase = CLASS_CHECK;
		if (c)
			all[count++] = c;
	}
	if (count > 0)
		qsort(all, count, sizeof(struct class *), by_first);
	for (uint32_t i = count; i-- > 0;) {
		all[i]->next = *made;
		*made = all[i];
	}
	mem_free(all);
	mem_free(member);
	return rc;
}

/* All sources were looked at: makes the first classes. */
static int32_t sort_sources(struct groups *g, struct class **made, struct class_difference *apart)
{
	struct classes *cs = &g->cs;
	struct known *k = mem_alloc((size_t)g->count * sizeof *k);
	uint32_t n = 0;
	int mixed = (cs->flags & CORE_COMPARE_NO_SIZE_PRECHECK) != 0;

	if (!k)
		return CORE_EMEMORY;
	for (uint32_t i = 0; i < g->count; i++) {
		const struct member *m = &cs->member[i];
		if (atomic_load(&m->state) != MEMBER_OPEN)
			continue;
		k[n++] = (struct known){.size = m->size, .dev = m->dev, .ino = m->ino, .member = i};
		mixed |= m->endless;
	}
	/* Of what only its end tells the size, nobody knows how much is to come. */
	int sized = 1;
	for (uint32_t i = 0; i < n; i++)
		sized &= !cs->member[k[i].member].endless;
	atomic_store(&cs->run->total_known, (uint32_t)sized);
	if (!(cs->flags & CORE_COMPARE_NO_SIZE_PRECHECK))
		compare_sizes(g, apart);
	if (!(cs->flags & CORE_COMPARE_PROVE_BYTES))
		n = join_names(g, k, n);
	for (uint32_t i = 0; i < n && mixed; i++)
		k[i].size = 0;
	if (n > 0)
		qsort(k, n, sizeof *k, by_size);
	int32_t rc = n > 0 ? make_classes(g, k, n, mixed, made) : 0;
	mem_free(k);
	return rc;
}

/* ------------------------------------------------------------------- work */

/* Closes files that are kept open and that nobody reads: 1 when there were some. */
static int shed(struct groups *g, const struct class *own)
{
	int any = 0;

	for (uint32_t i = 0; i < g->count && g->phase == GROUPS_LOOK; i++) {
		if (g->cs.member[i].src.kind == CORE_SOURCE_PATH && g->cs.member[i].looked)
			any |= member_shut(&g->cs.member[i], &g->cs.slots);
	}
	for (struct class *c = g->classes; c; c = c->next) {
		unsigned mine = c == own;
		if (c->phase != CLASS_SETTLE && c->working == mine)
			any |= class_shut(&g->cs, c);
	}
	/* From now on none are kept: somebody else needs them as well. */
	atomic_store(&g->cs.slots.max, 0);
	return any;
}

/* No descriptor was free: 1 when it is worth a try later. */
static int try_later(struct groups *g, struct held *h, const struct class *own)
{
	if (!g->told && (g->cs.flags & CORE_COMPARE_LOG)) {
		record_log(g->crew.run, CORE_LEVEL_WARN, EMFILE, "no descriptor is free: fewer files are kept open");
		g->told = 1;
	}
	if (shed(g, own))
		return 1;
	return h->waits++ < (pool_tasks() > g->crew.live ? MAX_WAITS : ALONE_WAITS);
}

/* All sources are known: makes the first classes. */
static void sort(struct groups *g)
{
	struct class *made = NULL;
	struct class_difference apart = {0};

	g->phase = GROUPS_SORT;
	crew_leave(&g->crew);
	int32_t rc = sort_sources(g, &made, &apart);
	crew_enter(&g->crew);
	link_all(g, made);
	g->phase = GROUPS_READ;
	if (rc != 0)
		fail_memory(g);
	found_apart(g, &apart);
}

/*
 * Asks for the remote sources: all at once, as they are read side by side.
 * @return how many are known now; `waits` is set when others are not
 */
static uint32_t ask(struct groups *g, struct task *t, int *waits, int32_t *rc)
{
	uint32_t known = 0;
	/* Of no use beside a stream, which may be of any size. */
	int size_first = !g->streamed && !(g->cs.flags & CORE_COMPARE_NO_SIZE_PRECHECK);
	struct err e = err_of(CORE_ELIMIT, "open", -1, "{n} URLs at once are more than {m}");

	*waits = 0;
	*rc = 0;
	e.n = g->remote;
	e.m = gate_places();
	int many = !g->placed && g->remote > e.m;
	if (!g->placed && !many) {
		if (!gate_enter(&g->gate, g->remote, t)) {
			*waits = 1;
			return 0;
		}
		g->placed = 1;
		for (uint32_t i = 0; i < g->count; i++)
			g->cs.member[i].placed = g->cs.member[i].src.kind == CORE_SOURCE_URL;
	}
	for (uint32_t i = 0; i < g->count && !run_cancelled(g->crew.run); i++) {
		struct member *m = &g->cs.member[i];
		if (m->src.kind != CORE_SOURCE_URL || m->looked)
			continue;
		int32_t code = many ? CORE_ELIMIT : member_ask(m, size_first, t, &e);
		if (code == READER_WAIT) {
			*waits = 1;
			continue;
		}
		if (code == CORE_EMEMORY && e.sys == 0) {
			*rc = code;
			break;
		}
		m->looked = 1;
		known++;
		if (code != 0)
			class_fail(&g->cs, i, &e);
		else if (!m->endless)
			atomic_fetch_add_explicit(&g->cs.run->bytes_total, m->size, memory_order_relaxed);
	}
	return known;
}

/* What look() does when there is nothing left but remote sources. */
static enum crew_work look_far(struct groups *g, struct crew_worker *w)
{
	int waits;
	int32_t rc;

	if (g->remote == 0 || g->asking)
		return CREW_IDLE;
	g->asking = 1;
	crew_leave(&g->crew);
	uint32_t known = ask(g, &w->task, &waits, &rc);
	crew_enter(&g->crew);
	g->asking = 0;
	g->remote -= known;
	if (rc != 0)
		fail_memory(g);
	if (g->crew.stopped || waits)
		return waits ? CREW_WAITS : CREW_WORKED;
	if (g->remote == 0 && g->looked == g->count)
		sort(g);
	return CREW_WORKED;
}

/* Looks at some sources, and after the last of them makes the classes. */
static enum crew_work look(struct groups *g, struct crew_worker *w, struct held *h)
{
	struct err e;
	int32_t rc;

	if (h->at == h->to) {
		if (g->given == g->count)
			return look_far(g, w);
		h->at = g->given;
		h->to = g->count - h->at < LOOK_AT ? g->count : h->at + LOOK_AT;
		g->given = h->to;
	}
	uint32_t from = h->at;
	crew_leave(&g->crew);
	look_at(g, h, &e, &rc);
	crew_enter(&g->crew);
	for (uint32_t i = from; i < h->at; i++)
		g->cs.member[i].looked |= g->cs.member[i].src.kind != CORE_SOURCE_URL;
	if (rc == CORE_EMEMORY)
		fail_memory(g);
	if (rc == CORE_ELIMIT && !try_later(g, h, NULL)) {
		class_fail(&g->cs, h->at, &e);
		h->at++;
	}
	g->looked += h->at - from;
	if (h->at == h->to)
		h->waits = 0;
	if (!g->crew.stopped && g->looked == g->count && g->remote == 0)
		sort(g);
	return CREW_WORKED;
}

static void settle(struct groups *g, struct class *c)
{
	struct class *made = NULL;
	struct class_difference apart;

	crew_leave(&g->crew);
	int32_t rc = class_settle(&g->cs, c, &made, &apart);
	crew_enter(&g->crew);
	link_all(g, made);
	unlink_class(c);
	if (rc != 0)
		fail_memory(g);
	found_apart(g, &apart);
}

/* Works on what was taken: what of it there is to say. */
static enum crew_work work_on(struct groups *g, struct crew_worker *w, struct held *h)
{
	struct claim *k = &h->claim;
	struct err e;

	crew_leave(&g->crew);
	int32_t rc = class_work(&g->cs, k, &w->task, &e);
	crew_enter(&g->crew);
	if (rc == CORE_EMEMORY)
		fail_memory(g);
	if (rc == CORE_ELIMIT) {
		if (try_later(g, h, k->of))
			return CREW_WORKED;
		if (class_give_up(k, &e) != 0)
			fail_memory(g);
		else if (k->at < k->to)
			return CREW_WORKED;
	}
	h->waits = 0;
	/* Left early, as nobody wants the rest. */
	int left = g->crew.stopped || (rc == 0 && k->at < k->to);
	if (rc == READER_WAIT || left)
		class_wait(k);
	else if (class_complete(k))
		settle(g, k->of);
	k->of = NULL;
	return rc == READER_WAIT ? CREW_WAITS : CREW_WORKED;
}

/* Takes work and does it, class by class. */
static enum crew_work read_classes(struct groups *g, struct crew_worker *w, struct held *h)
{
	enum crew_work all = CREW_IDLE;

	if (h->claim.of)
		return work_on(g, w, h);
	for (struct class *c = g->classes, *next; c; c = next) {
		next = c->next;
		int32_t rc = class_claim(&g->cs, c, &h->claim);
		if (rc == CORE_EMEMORY) {
			fail_memory(g);
			return CREW_WORKED;
		}
		if (rc == 0)
			continue;
		if (work_on(g, w, h) == CREW_WORKED)
			return CREW_WORKED;
		/* It waits for a stream, and others may have changed the list meanwhile: those that wait stay in it. */
		all = CREW_WAITS;
		next = c->next;
	}
	return all;
}

static enum crew_work work(struct crew *crew, struct crew_worker *w)
{
	struct groups *g = groups_of(crew);
	struct held *h = &g->held[w->index];
	uint64_t read = atomic_load_explicit(&crew->run->bytes_read, memory_order_relaxed);
	enum crew_work done = CREW_IDLE;

	for (unsigned i = 0; i < STEP_CLAIMS && !crew->stopped; i++) {
		enum crew_work now = g->phase == GROUPS_LOOK   ? look(g, w, h)
				     : g->phase == GROUPS_READ ? read_classes(g, w, h)
							       : CREW_IDLE;
		if (now != CREW_WORKED)
			return done == CREW_WORKED ? done : now;
		done = now;
		/* Others that were without work may find some now. */
		if (i == 0 && crew->ops->more(crew))
			crew_kick(crew, 1);
		if (atomic_load_explicit(&crew->run->bytes_read, memory_order_relaxed) - read > STEP_BYTES || h->waits > 0)
			break;
	}
	return done;
}

static int more(const struct crew *crew)
{
	const struct groups *g = groups_of(crew);

	if (g->phase == GROUPS_LOOK)
		return g->given < g->count || (g->remote > 0 && !g->asking);
	for (const struct class *c = g->classes; c && g->phase == GROUPS_READ; c = c->next) {
		if (class_has_work(c))
			return 1;
	}
	return 0;
}

/* ---------------------------------------------------------------- sending */

/*
 * Sends the group of a source, or the rest of it: 1, 0 when the ring is full,
 * CORE_EMEMORY.
 */
static int32_t send_group(struct groups *g, struct crew_worker *w, const struct member *first)
{
	uint32_t place[PART_MEMBERS], n, at;

	if (g->part == MEMBER_NONE)
		g->part = g->sent;
	while (g->part != MEMBER_NONE) {
		for (n = 0, at = g->part; n < PART_MEMBERS && at != MEMBER_NONE; at = g->cs.member[at].next)
			place[n++] = at;
		struct group_part part = {.id = g->groups, .more = at != MEMBER_NONE, .proof = first->proof,
					  .err = &first->err, .member = place, .n = n};
		int32_t rc = record_group(g->crew.run, &w->task, &part);
		if (rc != 1)
			return rc;
		g->part = at;
	}
	g->groups++;
	return 1;
}

static unsigned send(struct crew *crew, struct crew_worker *w)
{
	struct groups *g = groups_of(crew);
	int unknown_only = (g->cs.flags & CORE_COMPARE_FIRST) != 0;

	if (g->fatal.code != 0 || crew->cancelled || (crew->stopped && crew->busy > 0))
		return 0;
	for (; g->sent < g->count; g->sent++) {
		const struct member *m = &g->cs.member[g->sent];
		uint8_t state = atomic_load(&m->state);
		if (state == MEMBER_OPEN && !crew->stopped)
			break;
		/* Which sources are equal is not known before the end, which that way never comes. */
		if (state == MEMBER_OPEN || m->root != g->sent || (unknown_only && state != MEMBER_FAILED))
			continue;
		int32_t rc = send_group(g, w, m);
		if (rc == 0)
			return CREW_FULL;
		if (rc < 0) {
			fail_memory(g);
			return 0;
		}
	}
	return 0;
}

/* -------------------------------------------------------------------- end */

static int over(const struct crew *crew)
{
	const struct groups *g = groups_of(crew);

	if (g->fatal.code != 0 || crew->cancelled)
		return 1;
	return g->sent == g->count && (crew->stopped || g->phase == GROUPS_READ);
}

static void stop(struct crew *crew)
{
	atomic_store(&groups_of(crew)->cs.stop, 1);
}

/* Whether a source could not be read at all, and not only to its end or unchanged. */
static int is_unreadable(const struct err *e)
{
	return e->code != CORE_ECHANGED && e->at <= 1;
}

static void count_member(const struct groups *g, struct core_groups_summary *s, uint32_t i)
{
	const struct member *m = &g->cs.member[i];
	uint8_t state = atomic_load(&m->state);

	if (state == MEMBER_FAILED) {
		s->unknown++;
		s->unreadable += (unsigned)is_unreadable(&m->err);
	}
	if (state != MEMBER_DECIDED)
		return;
	s->groups += m->root == i;
	if (m->root == i && m->next == MEMBER_NONE)
		s->different++;
	else
		s->equal++;
	s->proof_bytes += m->proof == CORE_PROOF_BYTES;
	s->proof_same_inode += m->proof == CORE_PROOF_SAME_INODE;
	s->proof_holes += m->proof == CORE_PROOF_HOLES;
	s->proof_same_extents += m->proof == CORE_PROOF_SAME_EXTENTS;
}

static void finish(struct crew *crew)
{
	struct groups *g = groups_of(crew);
	struct core_groups_summary *s = &g->sum;

	if (crew->cancelled && g->fatal.code == 0)
		g->fatal = err_of(CORE_ECANCELLED, "compare", -1, "cancelled");
	s->error = g->fatal.code;
	for (uint32_t i = 0; i < g->count; i++)
		count_member(g, s, i);
	s->left = g->apart.left;
	s->right = g->apart.right;
	s->reasons = g->apart.reasons;
	if (s->groups > 1 || g->apart.reasons != 0)
		s->verdict = CORE_VERDICT_DIFFERENT;
	else if (g->fatal.code != 0 || s->unknown > 0)
		s->verdict = CORE_VERDICT_UNKNOWN;
	else
		s->verdict = CORE_VERDICT_EQUAL;
	s->bytes_read = atomic_load(&crew->run->bytes_read);
	s->bytes_avoided = atomic_load(&crew->run->bytes_avoided);
	run_end(crew->run, g->fatal.code != 0 ? &g->fatal : NULL, NULL, 0);
}

static void groups_free(void *job)
{
	struct groups *g = job;

	gate_cancel(&g->gate);
	free_classes(g->classes);
	for (uint32_t i = 0; i < g->count; i++) {
		member_leave(&g->cs.member[i], &g->cs.slots);
		side_free(&g->cs.member[i].src);
	}
	mem_free(g->cs.member);
	crew_free(&g->crew);
	mem_free(g);
}

/* ----------------------------------------------------------------- public */

int32_t groups_start(core_run **out, core_pump *pump, uint64_t token, struct member *member, uint32_t count,
		     const struct core_groups_opts *opts)
{
	static const struct crew_ops ops = {work, send, more, over, stop, finish};
	struct groups *g = mem_zalloc(1, sizeof *g);
	uint64_t limit = plat_descriptor_limit();

	if (!g) {
		for (uint32_t i = 0; i < count; i++)
			side_free(&member[i].src);
		mem_free(member);
		return CORE_EMEMORY;
	}
	g->count = count;
	for (uint32_t i = 0; i < count; i++) {
		g->remote += member[i].src.kind == CORE_SOURCE_URL;
		g->streamed |= member[i].src.kind == CORE_SOURCE_FEED;
	}
	g->part = MEMBER_NONE;
	g->cs.member = member;
	g->cs.flags = opts->flags;
	g->cs.chunk = opts->chunk_bytes ? opts->chunk_bytes : DEFAULT_CHUNK;
	/* A quarter of those that others leave. */
	limit = limit > SPARE ? (limit - SPARE) / 4 : 0;
	atomic_init(&g->cs.slots.max, limit < MAX_OPEN ? (uint32_t)limit : MAX_OPEN);
	int32_t rc = crew_new(&g->crew, &ops, pump, token, opts->jobs, g, groups_free);
	if (rc != 0) {
		groups_free(g);
		return rc;
	}
	*out = g->cs.run = g->crew.run;
	atomic_store(&g->crew.run->entries_total, count);
	crew_start(&g->crew);
	return 0;
}

void groups_result(core_run *run, struct core_groups_summary *out)
{
	const struct groups *g = run->job;

	*out = g->sum;
	out->elapsed_ns = atomic_load(&run->ended_ns) - run->started_ns;
}
