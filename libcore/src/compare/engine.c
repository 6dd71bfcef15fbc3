/* SPDX-License-Identifier: MIT */
#include "compare/engine.h"

#include "base/alloc.h"
#include "compare/away.h"
#include "compare/job.h"
#include "compare/listed.h"
#include "compare/record.h"
#include "compare/tally.h"

#include <string.h>

/* ---------------------------------------------------------------- wakes */

void job_kick(struct engine *e, unsigned n)
{
	for (unsigned i = 0; i < e->jobs && n > 0; i++) {
		struct worker *w = &e->worker[i];
		if (!w->started && !e->over) {
			w->started = 1;
			e->live++;
			pool_submit(&w->task);
			n--;
		} else if (w->idle) {
			w->idle = 0;
			pool_wake(&w->task);
			n--;
		}
	}
}

static void stop(struct engine *e)
{
	if (e->stop)
		return;
	e->stop = 1;
	for (unsigned i = 0; i < e->scans; i++)
		pair_stop(e->scan[i]->pair);
	away_stop(e);
}

void job_fail(struct engine *e, const struct err *err)
{
	if (e->fatal.code == 0)
		e->fatal = *err;
	stop(e);
}

void job_fail_memory(struct engine *e)
{
	struct err err = err_of(CORE_EMEMORY, "compare", -1, "out of memory");

	job_fail(e, &err);
}

/* ------------------------------------------------------------- outcomes */

/* Whether it is all there is: two operands, or what two paths in archives lead to. */
static int is_pair(const struct engine *e, const struct item *it)
{
	return !e->tree || (it->trees && !it->name);
}

static void book(struct engine *e, const struct item *it)
{
	struct core_compare_summary *s = &e->sum;

	if (it->uncounted)
		return;
	tally(s, &it->out);
	atomic_fetch_add_explicit(&e->run->entries, 1, memory_order_relaxed);
	if (is_pair(e, it)) {
		s->tree = 0;
		s->reasons = it->out.reasons;
		s->proof = it->out.proof;
		s->line_start = it->out.line_start;
		s->offset = it->out.offset;
		s->differing = it->pair ? it->pair->differing : 0;
		s->line = it->out.line;
		s->size_left = it->out.size[0];
		s->size_right = it->out.size[1];
		/* A pair that cannot be decided is a run that could not finish. */
		if (it->out.status == CORE_STATUS_UNKNOWN)
			job_fail(e, &it->out.err);
	}
}

static void release(struct engine *e, struct item *it)
{
	if (it->pair) {
		pair_close(it->pair);
		mem_free(it->pair);
		it->pair = NULL;
	}
	if (it->dir)
		dir_pair_unref(&e->merge, it->dir);
	it->dir = NULL;
}

/* Whether the caller asked for a record of it. */
static int is_wanted(const struct engine *e, const struct item *it)
{
	if (e->config.limit_records > 0 && e->sent >= e->config.limit_records)
		return 0;
	if (it->out.status != CORE_STATUS_EQUAL)
		return 1;
	return !it->uncounted && (e->config.flags & CORE_COMPARE_ALL_ENTRIES);
}

/* Sends the names that belong together, once they are known. The lock is held. */
static void send_renames(struct engine *e, struct worker *w)
{
	struct rename_pair p;

	while (renames_peek(e->renames, &p)) {
		if (e->config.limit_records == 0 || e->sent < e->config.limit_records) {
			int32_t rc = record_rename(e->run, &w->task, &p);
			if (rc == 0) {
				e->blocked = w;
				return;
			}
			if (rc < 0)
				job_fail_memory(e);
			e->sent++;
		}
		e->sum.renamed++;
		renames_next(e->renames);
	}
}

/*
 * Sends what is known, in order. The lock is held.
 * @return 0 when the ring is full and `w` is to park
 */
static int send_done(struct engine *e, struct worker *w)
{
	uint64_t before = e->head;

	while (!e->blocked && e->head != e->tail) {
		struct item *it = slot(e, e->head);
		if (it->state == ITEM_DONE && it->trees && it->trees->promise >= 0)
			listed_judge(it, it->trees->promise);
		if (it->state != ITEM_DONE) {
			/* Once all work has stopped, what is not done never will be. */
			if (!e->stop || e->busy > 0)
				break;
		} else if (is_wanted(e, it)) {
			const struct side *left = &e->side[0];
			int named = left->kind == CORE_SOURCE_PATH || left->kind == CORE_SOURCE_URL;
			int32_t rc = record_entry(e->run, &w->task, it, left->data, is_pair(e, it) && named ? left->len : 0);
			if (rc == 0) {
				e->blocked = w;
				break;
			}
			if (rc < 0)
				job_fail_memory(e);
			e->sent++;
		}
		if (it->state == ITEM_DONE) {
			book(e, it);
			if (e->renames && renames_add(e->renames, it) != 0)
				job_fail_memory(e);
		}
		release(e, it);
		e->head++;
	}
	if (e->head != before) {
		e->starved = 0;
		if (e->taken < e->head)
			e->taken = e->head;
	}
	if (e->renames && !e->blocked)
		send_renames(e, w);
	return e->blocked != w;
}

/* An outcome is final; the lock is held. */
void job_item_done(struct engine *e, struct item *it)
{
	if (it->pair)
		item_add_meta(it);
	it->state = ITEM_DONE;
	if ((e->config.flags & CORE_COMPARE_FIRST) && is_difference(&it->out))
		stop(e);
}

int job_may_try_again(struct worker *w, uint64_t own_tasks)
{
	return w->waits++ < (pool_tasks() > own_tasks ? MAX_WAITS : ALONE_WAITS);
}

/* ------------------------------------------------------------------ work */

static void begin_work(struct engine *e)
{
	e->busy++;
	pthread_mutex_unlock(&e->lock);
}

static void end_work(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->busy--;
}

/* Works on a segment of a large file, if there is one: 1 when it did, -1 when the stream waits. */
static int work_on_scan(struct engine *e, struct worker *w)
{
	struct segment s;
	struct item *it = NULL;

	for (unsigned i = 0; i < e->scans && !it; i++) {
		if (pair_claim(e->scan[i]->pair, &s))
			it = e->scan[i];
	}
	if (!it)
		return 0;
	struct pair *p = it->pair;
	if (p->phase == PAIR_SCAN && p->next < p->end)
		job_kick(e, e->jobs);
	begin_work(e);
	pair_work(p, &s, &w->task);
	end_work(e);
	if (s.wait) {
		pair_wait(p, &s);
		return -1;
	}
	if (!pair_complete(p, &s))
		return 1;
	it->out = p->out;
	unsigned i = 0;
	while (e->scan[i] != it)
		i++;
	for (e->scans--; i < e->scans; i++)
		e->scan[i] = e->scan[i + 1];
	job_item_done(e, it);
	return 1;
}

/*
 * Moves past items that the walk settled: they need no worker, and may have been sent, so that another item has their
 * place. From the first that does need one, nothing is sent before it is done.
 */
static void skip_settled(const struct engine *e, struct worker *w)
{
	while (w->at < w->end && (w->at < e->head || slot(e, w->at)->state == ITEM_DONE))
		w->at++;
}

/* Works on the items the worker has taken, or takes some: 1 when it did. */
static int work_on_items(struct engine *e, struct worker *w)
{
	skip_settled(e, w);
	if (w->at == w->end) {
		uint64_t n = e->tail - e->taken;
		if (n == 0)
			return 0;
		/* Few enough that all workers get some. */
		n = n / (2 * e->jobs) + 1;
		if (n > BATCH)
			n = BATCH;
		w->at = e->taken;
		w->end = e->taken += n;
		w->holds = 1;
		for (uint64_t i = w->at; i < w->end; i++) {
			struct item *it = slot(e, i);
			if (it->state == ITEM_WAITING)
				it->state = ITEM_ACTIVE;
			else if (is_difference(&it->out) && (e->config.flags & CORE_COMPARE_FIRST))
				stop(e);
		}
		skip_settled(e, w);
		if (w->at == w->end)
			return 1;
	}
	uint64_t from = w->at;
	int32_t rc = 1;
	begin_work(e);
	for (; w->at < w->end && rc == 1; w->at++) {
		struct item *it = slot(e, w->at);
		if (!it->settled)
			rc = item_compare(it, e->run, &e->config);
		if (rc == CORE_ELIMIT)
			break;
		if ((e->config.flags & CORE_COMPARE_FIRST) && is_difference(&it->out))
			rc = rc == 1 ? 2 : rc;
	}
	end_work(e);
	if (rc == CORE_EMEMORY) {
		struct err err = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		outcome_fail(&slot(e, w->at - 1)->out, &err);
		job_fail(e, &err);
	}
	for (uint64_t i = from; i < w->at; i++) {
		struct item *it = slot(e, i);
		if (it->away && it->out.status == 0)
			away_add(e, it);
		else if (it->pair)
			e->scan[e->scans++] = it;
		else
			job_item_done(e, it);
	}
	if (rc == CORE_ELIMIT) {
		/* Others hold descriptors that they give back when they are done. */
		struct item *it = slot(e, w->at);
		if (w->waits == 0 && (e->config.flags & CORE_COMPARE_LOG))
			record_log(e->run, CORE_LEVEL_WARN, it->out.err.sys,
				   "no descriptor is free: fewer files are compared at once");
		if (job_may_try_again(w, 1))
			return 1;
		outcome_fail(&it->out, &it->out.err);
		job_item_done(e, it);
		w->at++;
	}
	w->waits = 0;
	return 1;
}

/* Whether the trees gave all their items. */
static int is_walked(const struct engine *e)
{
	return e->catalogued ? e->trees.stage == TREES_DONE : e->merge.done;
}

/* Looks for names that belong together, once all entries are sent: 1 when some of that was done. */
static int work_on_renames(struct engine *e, struct worker *w)
{
	if (!e->renames || !is_walked(e) || e->driving || e->head != e->tail || !renames_claim(e->renames, &w->rename))
		return 0;
	begin_work(e);
	int32_t rc = renames_work(e->renames, &w->rename);
	end_work(e);
	if (rc == CORE_EMEMORY) {
		job_fail_memory(e);
		return 1;
	}
	if (rc == CORE_ELIMIT && !job_may_try_again(w, 1))
		renames_give_up(e->renames, &w->rename);
	if (rc == 0)
		w->waits = 0;
	if (renames_complete(e->renames, &w->rename))
		job_kick(e, e->jobs);
	return 1;
}

/*
 * A difference found while streams were read is counted now, where no item of it will be made. Archives in them may
 * still be the same inside.
 */
static int tell_early(struct engine *e)
{
	int early = e->catalogued && e->trees.beside.differs && e->config.nested == 0 && (e->config.flags & CORE_COMPARE_FIRST);

	e->sum.different += early && !e->stop;
	return early;
}

static void fail_walk(struct engine *e, int32_t code)
{
	struct err err = err_of(code, "compare", -1, code == CORE_ELIMIT ? "too many entries" : "out of memory");

	if (e->catalogued && e->trees.fatal.code != 0)
		err = e->trees.fatal;
	job_fail(e, &err);
}

/* The next items of the walk, as merge_step() or trees_step() gives them. */
static int32_t walk(struct engine *e, struct worker *w, struct item *out, uint32_t room, int pending)
{
	return e->catalogued ? trees_step(&e->trees, &w->task, out, room) : merge_step(&e->merge, out, room, pending);
}

/* Goes on with the walk, if it is this worker's turn: 1 when it did, -1 when a stream must go on first. */
static int drive(struct engine *e, struct worker *w)
{
	uint64_t room = WINDOW - (e->tail - e->head);

	if (!e->tree || e->driving || e->starved || is_walked(e) || room < DRIVE_ITEMS ||
	    e->tail - e->taken >= LOW_WATER)
		return 0;
	uint32_t first = (uint32_t)(e->tail & (WINDOW - 1));
	uint32_t n = WINDOW - first < DRIVE_ITEMS ? WINDOW - first : DRIVE_ITEMS;
	int pending = e->tail != e->head;
	e->driving = 1;
	begin_work(e);
	int32_t made = walk(e, w, &e->window[first], n, pending);
	end_work(e);
	e->driving = 0;
	if (made == TREES_WAIT)
		return -1;
	if (made < 0) {
		fail_walk(e, made);
		return 1;
	}
	e->tail += (uint64_t)made;
	/* Items that ended meanwhile may have given back all that it waits for. */
	e->starved = e->merge.waits && e->head != e->tail;
	if (e->catalogued && e->trees.promise >= 0)
		e->sum.broken += e->trees.counted[e->trees.promise];
	uint64_t counted = tally_counted(&e->sum, e->catalogued ? e->trees.counted : e->merge.counted);
	atomic_fetch_add_explicit(&e->run->entries, counted, memory_order_relaxed);
	if ((counted > 0 || tell_early(e)) && (e->config.flags & CORE_COMPARE_FIRST))
		stop(e);
	if (made > 1)
		job_kick(e, (unsigned)made / 2);
	return 1;
}

/*
 * Tells how much there is in a tree, as soon as that is known: the names when
 * the walk is over, the bytes when the last file is open. The lock is held.
 */
static void tell_totals(struct engine *e)
{
	/* The driver writes what the walk has come to without the lock. */
	if (e->driving || !is_walked(e) || e->bytes_told || e->renames)
		return;
	if (!e->entries_told) {
		uint64_t total = atomic_load(&e->run->entries);
		for (uint64_t at = e->head; at < e->tail; at++)
			total += !slot(e, at)->uncounted;
		atomic_store(&e->run->entries_total, total);
		e->entries_told = 1;
	}
	if (e->taken != e->tail)
		return;
	for (unsigned i = 0; i < e->jobs; i++) {
		if (e->worker[i].holds)
			return;
	}
	e->bytes_told = 1;
	atomic_store(&e->run->total_known, 1);
}

/* ------------------------------------------------------------------- end */

static void finish(struct engine *e)
{
	core_run *run = e->run;
	struct core_compare_summary *s = &e->sum;

	if (e->cancelled && e->fatal.code == 0)
		e->fatal = err_of(CORE_ECANCELLED, "compare", -1, "cancelled");
	s->error = e->fatal.code;
	if (s->different + s->only_left + s->only_right > 0)
		s->verdict = CORE_VERDICT_DIFFERENT;
	else if (e->fatal.code != 0 || s->unknown > 0)
		s->verdict = CORE_VERDICT_UNKNOWN;
	else
		s->verdict = CORE_VERDICT_EQUAL;
	s->bytes_read = atomic_load(&run->bytes_read);
	s->bytes_avoided = atomic_load(&run->bytes_avoided);
	s->renames_skipped = e->renames ? renames_skipped(e->renames) : 0;
	const struct side *about = e->fatal.code != 0 && e->fatal.side >= 0 ? &e->side[e->fatal.side] : NULL;
	int named = about && (about->kind == CORE_SOURCE_PATH || about->kind == CORE_SOURCE_URL);
	run_end(run, e->fatal.code != 0 ? &e->fatal : NULL, named ? about->data : NULL, named ? about->len : 0);
}

static void engine_free(void *job)
{
	struct engine *e = job;

	while (e->window && e->head != e->tail)
		release(e, slot(e, e->head++));
	mem_free(e->window);
	for (unsigned i = 0; i < MAX_WORKERS; i++)
		rename_work_end(&e->worker[i].rename);
	renames_del(e->renames);
	if (e->catalogued)
		trees_free(&e->trees);
	else if (e->tree)
		merge_free(&e->merge);
	operands_close(&e->operands);
	side_free(&e->side[0]);
	side_free(&e->side[1]);
	mem_free(e->config.paths);
	if (e->config.filter)
		filter_unref(e->config.filter);
	pthread_mutex_destroy(&e->lock);
	mem_free(e);
}

/* Whether nothing is left to be done by any worker; the lock is held. */
static int is_over(const struct engine *e)
{
	if (!e->resolved || e->busy > 0 || e->head != e->tail)
		return 0;
	/* What is still being decoded may read the caller's memory. */
	if (e->stop)
		return !e->catalogued || e->quiet;
	return !e->tree || (is_walked(e) && (!e->renames || renames_over(e->renames)));
}

/* One piece of work: 1 when some was done, 0 when there is none, -1 when a stream must go on first. */
static int work(struct engine *e, struct worker *w)
{
	if (e->stop) {
		/* What it has taken and not done is dropped. */
		e->resolved = 1;
		w->at = w->end;
		operands_close(&e->operands);
		if (e->catalogued && !e->quiet && e->busy == 0)
			e->quiet = trees_quiet(&e->trees, &w->task);
		return e->catalogued && !e->quiet ? -1 : 0;
	}
	if (!e->resolved)
		return job_begin(e, w);
	int worked = work_on_scan(e, w);
	if (worked == 0)
		worked = drive(e, w);
	if (worked <= 0 && work_on_items(e, w))
		worked = 1;
	if (worked == 0)
		worked = work_on_renames(e, w);
	w->holds = w->at < w->end;
	return worked;
}

static enum step step(struct task *t)
{
	struct worker *w = (struct worker *)(void *)t;
	struct engine *e = w->engine;

	pthread_mutex_lock(&e->lock);
	w->idle = 0;
	if (e->blocked == w)
		e->blocked = NULL;
	/* A cancel that comes when all is done changes nothing. */
	if (run_cancelled(e->run) && !e->stop && !is_over(e)) {
		e->cancelled = 1;
		stop(e);
	}
	uint64_t head = e->head;
	int worked = e->over ? 0 : work(e, w);
	int sent = send_done(e, w);
	if (e->tree)
		tell_totals(e);
	if (!e->over && is_over(e)) {
		e->over = 1;
		job_kick(e, e->jobs);
	}
	if (e->over) {
		int last = --e->live == 0;
		pthread_mutex_unlock(&e->lock);
		if (last) {
			core_run *run = e->run;
			finish(e);
			run_unref(run);
		}
		return STEP_DONE;
	}
	/* Work, or room made by what was sent, may be there for a worker that found none. */
	if ((worked > 0 || e->head != head) && (e->tail > e->taken || !sent))
		job_kick(e, 1);
	enum step next = STEP_MORE;
	if (!sent || worked < 0) {
		/* The reader of the ring, or the stream, wakes it. */
		next = STEP_PARK;
		w->idle = sent;
	} else if (worked == 0 && e->head == head) {
		w->idle = 1;
		next = STEP_PARK;
	}
	pthread_mutex_unlock(&e->lock);
	return next;
}

/* ---------------------------------------------------------------- public */

int32_t engine_start(core_run **out, core_pump *pump, uint64_t token, struct side side[2],
		     const struct core_compare_opts *opts)
{
	struct engine *e = mem_zalloc(1, sizeof *e);
	uint8_t *paths = e && opts->paths ? mem_alloc(opts->paths_len) : NULL;

	if (!e || (opts->paths && !paths)) {
		mem_free(e);
		side_free(&side[0]);
		side_free(&side[1]);
		return CORE_EMEMORY;
	}
	pthread_mutex_init(&e->lock, NULL);
	memcpy(e->side, side, sizeof e->side);
	e->config = (struct config){
		.flags = opts->flags,
		.chunk = opts->chunk_bytes ? opts->chunk_bytes : DEFAULT_CHUNK,
		.metadata = opts->metadata,
		.modify_window_ns = opts->modify_window_ns,
		.skip = {opts->skip_left, opts->skip_right},
		.limit = opts->limit_bytes,
		.limit_records = opts->limit_records,
		.paths = paths,
		.paths_len = opts->paths_len,
		.filter = opts->filter,
		.strip_components = opts->strip_components,
		.max_bytes = opts->max_bytes,
		.max_ratio = opts->max_ratio,
		.max_entries = opts->max_entries,
		.max_name = opts->max_name,
		.nested = opts->nested,
		.rename_limit = opts->rename_limit,
	};
	if (paths)
		memcpy(paths, opts->paths, opts->paths_len);
	if (opts->filter)
		filter_ref(opts->filter);
	e->operands = (struct operands){.side = e->side, .config = &e->config};
	away_init(e, opts->jobs);
	e->jobs = pool_threads();
	if (opts->jobs > 0 && opts->jobs < e->jobs)
		e->jobs = opts->jobs;
	e->sum.offset = e->sum.size_left = e->sum.size_right = UINT64_MAX;
	for (unsigned i = 0; i < MAX_WORKERS; i++) {
		e->worker[i].task.step = step;
		e->worker[i].engine = e;
	}
	int32_t rc = run_new(&e->run, pump, token, &e->worker[0].task, e, engine_free);
	if (rc != 0) {
		engine_free(e);
		return rc;
	}
	*out = e->run;
	e->worker[0].started = 1;
	e->live = 1;
	pool_submit(&e->worker[0].task);
	return 0;
}

void engine_result(core_run *run, struct core_compare_summary *out)
{
	const struct engine *e = run->job;

	*out = e->sum;
	out->elapsed_ns = atomic_load(&run->ended_ns) - run->started_ns;
}
