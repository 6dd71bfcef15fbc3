/* SPDX-License-Identifier: MIT */
#include "compare/away.h"

#include "base/alloc.h"
#include "io/gate.h"

#include <errno.h>

enum {
	/** At once, where the caller does not say. A server serves several as fast as one. */
	DEFAULT_AWAYS = 8,
	MOST_AWAYS = 32,
};

struct away {
	struct task task;
	struct engine *engine;
	struct item *item;
	/** Of those at work, or of those that wait. */
	struct away *next;
	struct pair pair;
	struct gate_wait gate;
	int opened[2], begun;
	unsigned waits;
};

void away_init(struct engine *e, uint32_t jobs)
{
	e->away_end = &e->away_next;
	e->max_aways = jobs == 0 ? DEFAULT_AWAYS : jobs < MOST_AWAYS ? jobs : MOST_AWAYS;
}

/* ------------------------------------------------------------------- begin */

static const struct map_entry *map_entry_of(const struct away *a, int side)
{
	const struct item *it = a->item;
	const core_map *map = it->trees->tree[side].from.map;

	return map ? &map->entry[it->entry[side]->place] : NULL;
}

static int32_t open_side(struct away *a, int side, struct err *e)
{
	const struct config *c = &a->engine->config;
	const struct map_entry *m = map_entry_of(a, side);
	const struct tree *tree = &a->item->trees->tree[side];

	if (!m)
		return tree_read(tree, tree_content(tree, a->item->entry[side]), &a->pair.side[side], e);
	const struct reader_want want = {
		.size_first = !(c->flags & CORE_COMPARE_NO_SIZE_PRECHECK),
		.digest = !(c->flags & CORE_COMPARE_PROVE_BYTES),
	};
	return m->opener->ops->open(m->opener, &a->pair.side[side], &want, side, e);
}

/* Opens what is here first, then takes its places for the rest, and waits until that is ready. */
static int32_t open_sides(struct away *a, struct err *e)
{
	unsigned remote = 0;
	int32_t rc = 0;

	for (int s = 0; s < 2; s++) {
		remote += map_entry_of(a, s) != NULL;
		/* What a manifest has of it is there. */
		a->opened[s] |= tree_is_manifest(&a->item->trees->tree[s]);
	}
	for (int far = 0; far < 2; far++) {
		if (far && a->pair.places == 0) {
			if (!gate_enter(&a->gate, remote, &a->task))
				return READER_WAIT;
			a->pair.places = remote;
		}
		for (int s = 0; s < 2; s++) {
			if (a->opened[s] || (map_entry_of(a, s) != NULL) != far)
				continue;
			rc = open_side(a, s, e);
			if (rc != 0)
				return rc;
			a->opened[s] = 1;
		}
	}
	for (int s = 0; s < 2 && rc == 0; s++) {
		if (a->pair.side[s].ops)
			rc = reader_ready(&a->pair.side[s], &a->task, e);
	}
	return rc;
}

enum progress { PARKS, GOES_ON, IS_OVER };

static enum progress fail(struct away *a, const struct err *e)
{
	outcome_fail(&a->pair.out, e);
	return IS_OVER;
}

static enum progress begin(struct away *a)
{
	struct err e;
	int32_t rc = open_sides(a, &e);

	if (rc == READER_WAIT)
		return PARKS;
	/* Whoever has descriptors gives them back in time. */
	if (rc != 0 && (e.sys == EMFILE || e.sys == ENFILE) && e.code == CORE_ELIMIT && a->waits++ < MAX_WAITS)
		return GOES_ON;
	if (rc != 0 && (e.sys == ENOENT || e.sys == ENOTDIR || e.sys == ELOOP))
		e = err_of(CORE_ECHANGED, "compare", e.side, "the name vanished while the trees were read");
	if (rc != 0)
		return fail(a, &e);
	a->begun = 1;
	for (int s = 0; s < 2; s++) {
		const struct entry *promised = a->item->entry[s];
		if (tree_is_manifest(&a->item->trees->tree[s]))
			return pair_begin_digest(&a->pair, !s, promised->digests, promised->digest, promised->size) ? IS_OVER : GOES_ON;
	}
	return pair_begin(&a->pair) ? IS_OVER : GOES_ON;
}

/* -------------------------------------------------------------------- work */

static enum progress go_on(struct away *a)
{
	struct segment s;

	if (!a->begun)
		return begin(a);
	/* Nothing to claim: it was stopped, and whoever did that wakes it. */
	if (!pair_claim(&a->pair, &s))
		return PARKS;
	pair_work(&a->pair, &s, &a->task);
	if (s.wait) {
		pair_wait(&a->pair, &s);
		return PARKS;
	}
	return pair_complete(&a->pair, &s) ? IS_OVER : GOES_ON;
}

static enum step step(struct task *task);

/* Begins those whose turn it is; the lock is held. */
static void begin_next(struct engine *e)
{
	while (e->away_next && e->aways < e->max_aways && !e->stop) {
		struct away *a = e->away_next;
		e->away_next = a->next;
		if (!e->away_next)
			e->away_end = &e->away_next;
		a->next = e->away;
		e->away = a;
		e->aways++;
		e->busy++;
		pool_submit(&a->task);
	}
}

/* It is over, or nobody wants to know any more. */
static void end(struct away *a, int known)
{
	struct engine *e = a->engine;
	struct item *it = a->item;

	gate_cancel(&a->gate);
	pair_close(&a->pair);
	pthread_mutex_lock(&e->lock);
	if (known) {
		const int32_t side = a->pair.out.err.side;
		it->out = a->pair.out;
		if (it->out.status == CORE_STATUS_UNKNOWN && side >= 0 && map_entry_of(a, side))
			it->out.err.about = map_entry_of(a, side)->shown;
		job_item_done(e, it);
	}
	struct away **at = &e->away;
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	e->aways--;
	e->busy--;
	begin_next(e);
	/* What is known is for a worker to send. */
	job_kick(e, 1);
	mem_free(a);
	pthread_mutex_unlock(&e->lock);
}

static enum step step(struct task *task)
{
	struct away *a = (struct away *)(void *)task;
	struct engine *e = a->engine;

	pthread_mutex_lock(&e->lock);
	const int stopped = e->stop;
	pthread_mutex_unlock(&e->lock);
	const enum progress progress = stopped ? IS_OVER : go_on(a);
	if (progress != IS_OVER)
		return progress == PARKS ? STEP_PARK : STEP_MORE;
	end(a, !stopped);
	return STEP_DONE;
}

/* ------------------------------------------------------------------ public */

void away_add(struct engine *e, struct item *it)
{
	struct away *a = e->stop ? NULL : mem_zalloc(1, sizeof *a);

	if (!a) {
		if (!e->stop)
			job_fail_memory(e);
		return;
	}
	a->task.step = step;
	a->engine = e;
	a->item = it;
	/* The place of a difference in a tree is told only where it is found anyway. */
	a->pair.run = e->run;
	a->pair.flags = e->config.flags & ~(uint32_t)(CORE_COMPARE_LOCATE | CORE_COMPARE_RANGES);
	a->pair.chunk = e->config.chunk;
	*e->away_end = a;
	e->away_end = &a->next;
	begin_next(e);
}

void away_stop(struct engine *e)
{
	while (e->away_next) {
		struct away *a = e->away_next;
		e->away_next = a->next;
		mem_free(a);
	}
	e->away_end = &e->away_next;
	for (struct away *a = e->away; a; a = a->next) {
		pair_stop(&a->pair);
		pool_wake(&a->task);
	}
}
