/* SPDX-License-Identifier: MIT */
#include "compare/engine.h"

#include "base/alloc.h"
#include "compare/item.h"
#include "compare/merge.h"
#include "compare/meta.h"
#include "compare/record.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

enum {
	MAX_WORKERS = 8,
	/** Items in flight; a power of two. */
	WINDOW = 1024,
	/** The walk goes on while fewer items than this wait for a worker. */
	LOW_WATER = 256,
	/** Items the walk makes at a time. */
	DRIVE_ITEMS = 128,
	/** Items a worker takes at a time. */
	BATCH = 16,
	/** How often a worker that finds no descriptor free lets others work first. */
	MAX_WAITS = 10000,
	DEFAULT_CHUNK = 256 << 10,
};

struct engine;

struct worker {
	struct task task;
	struct engine *engine;
	int started, idle;
	/** Items it has taken: positions in the window. */
	uint64_t at, end;
	/** Some of them are not begun. */
	int holds;
	unsigned waits;
};

struct engine {
	core_run *run;
	struct side side[2];
	struct config config;
	unsigned jobs;
	int resolved;

	pthread_mutex_t lock;
	/* All below is under the lock, except that a worker owns the items it took
	 * and the driver owns the free places behind `tail`. */
	struct worker worker[MAX_WORKERS];
	unsigned live;
	struct item *window;
	/** Positions: sent, taken, made. */
	uint64_t head, taken, tail;
	/** Records sent. */
	uint64_t sent;
	struct merge merge;
	int tree, driving, starved;
	/** How much there is has been told. */
	int entries_told, bytes_told;
	/** Items with segments to work on, oldest first. */
	struct item *scan[2 * MAX_WORKERS];
	unsigned scans;
	/** Workers that work without the lock. */
	unsigned busy;
	/** A worker is parked because the ring is full. */
	struct worker *blocked;
	/** Nothing more is to be found out: an error, a cancel, or a difference that suffices. */
	int stop, cancelled, over;
	struct err fatal;
	struct core_compare_summary sum;
};

static struct item *slot(const struct engine *e, uint64_t pos)
{
	return &e->window[pos & (WINDOW - 1)];
}

/* ---------------------------------------------------------------- wakes */

/* Starts or wakes up to `n` workers; the lock is held. */
static void kick(struct engine *e, unsigned n)
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
}

static void fail(struct engine *e, const struct err *err)
{
	if (e->fatal.code == 0)
		e->fatal = *err;
	stop(e);
}

static void fail_memory(struct engine *e)
{
	struct err err = err_of(CORE_EMEMORY, "compare", -1, "out of memory");

	fail(e, &err);
}

/* ------------------------------------------------------------- outcomes */

static void book(struct engine *e, const struct item *it)
{
	struct core_compare_summary *s = &e->sum;

	if (it->uncounted)
		return;
	switch (it->out.status) {
	case CORE_STATUS_EQUAL:
		s->equal++;
		s->proof_bytes += it->out.proof == CORE_PROOF_BYTES;
		s->proof_same_inode += it->out.proof == CORE_PROOF_SAME_INODE;
		s->proof_holes += it->out.proof == CORE_PROOF_HOLES;
		s->proof_target += it->out.proof == CORE_PROOF_TARGET;
		s->proof_kind += it->out.proof == CORE_PROOF_KIND;
		s->proof_same_extents += it->out.proof == CORE_PROOF_SAME_EXTENTS;
		break;
	case CORE_STATUS_DIFFERENT:
		s->different++;
		break;
	case CORE_STATUS_ONLY_LEFT:
		s->only_left++;
		break;
	case CORE_STATUS_ONLY_RIGHT:
		s->only_right++;
		break;
	default:
		s->unknown++;
		break;
	}
	atomic_fetch_add_explicit(&e->run->entries, 1, memory_order_relaxed);
	if (!e->tree) {
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
			fail(e, &it->out.err);
	}
}

static int is_difference(const struct item *it)
{
	return it->out.status == CORE_STATUS_DIFFERENT || it->out.status == CORE_STATUS_ONLY_LEFT ||
	       it->out.status == CORE_STATUS_ONLY_RIGHT;
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

/*
 * Sends what is known, in order. The lock is held.
 * @return 0 when the ring is full and `w` is to park
 */
static int send_done(struct engine *e, struct worker *w)
{
	uint64_t before = e->head;

	while (!e->blocked && e->head != e->tail) {
		struct item *it = slot(e, e->head);
		if (it->state != ITEM_DONE) {
			/* Once all work has stopped, what is not done never will be. */
			if (!e->stop || e->busy > 0)
				break;
		} else if (is_wanted(e, it)) {
			int32_t rc = record_entry(e->run, &w->task, it, e->side[0].data,
						  e->tree || e->side[0].kind != CORE_SOURCE_PATH ? 0 : e->side[0].len);
			if (rc == 0) {
				e->blocked = w;
				break;
			}
			if (rc < 0)
				fail_memory(e);
			e->sent++;
		}
		if (it->state == ITEM_DONE)
			book(e, it);
		release(e, it);
		e->head++;
	}
	if (e->head != before) {
		e->starved = 0;
		if (e->taken < e->head)
			e->taken = e->head;
	}
	return e->blocked != w;
}

/* An outcome is final; the lock is held. */
static void item_done(struct engine *e, struct item *it)
{
	if (it->pair)
		item_add_meta(it);
	it->state = ITEM_DONE;
	if ((e->config.flags & CORE_COMPARE_FIRST) && is_difference(it))
		stop(e);
}

/* ----------------------------------------------------------------- start */

static int32_t open_side(struct engine *e, int s, struct reader *r, uint8_t *kind, struct err *err)
{
	struct side *from = &e->side[s];
	struct plat_stat st;

	*kind = CORE_KIND_FILE;
	if (from->kind == CORE_SOURCE_MEMORY) {
		reader_open_memory(r, from->data, from->len, s);
		return 0;
	}
	if (from->kind == CORE_SOURCE_FEED) {
		reader_open_feed(r, from->feed, s);
		from->feed = NULL;
		return 0;
	}
	const char *path = (const char *)from->data;
	/* Asked before it is opened: a FIFO would wait for a writer, a device may do anything. */
	int rc = plat_stat_at(PLAT_CWD, path, 1, &st);
	if (rc != 0) {
		*err = err_sys(-rc, "open", s);
		return err->code;
	}
	*kind = st.kind;
	if (st.kind != CORE_KIND_FILE && st.kind != CORE_KIND_DIR && st.kind != CORE_KIND_BLOCK) {
		*err = err_of(CORE_EUNSUPPORTED, "open", s,
			      st.kind == CORE_KIND_FIFO   ? "it is a FIFO"
			      : st.kind == CORE_KIND_CHAR ? "it is a character device"
			                                  : "it is a socket");
		return err->code;
	}
	int32_t code = reader_open_file(r, PLAT_CWD, path, st.kind == CORE_KIND_DIR ? PLAT_DIR : 0, s, err);
	if (code == 0 && r->before.kind != st.kind) {
		reader_close(r);
		*err = err_of(CORE_ECHANGED, "open", s, "the kind changed while it was opened");
		return err->code;
	}
	return code;
}

static struct item *pair_item(struct engine *e, const uint8_t kind[2])
{
	struct item *it = slot(e, e->tail++);

	*it = (struct item){.kind = {kind[0], kind[1]},
			    .below = UINT64_MAX,
			    .out = {.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX}};
	it->state = ITEM_ACTIVE;
	e->taken = e->tail;
	return it;
}

static int make_window(struct engine *e, unsigned items)
{
	e->window = mem_alloc(items * sizeof *e->window);
	if (!e->window)
		fail_memory(e);
	return e->window != NULL;
}

static void begin_tree(struct engine *e, struct pair *p)
{
	const int fd[2] = {p->side[0].fd, p->side[1].fd};
	const struct plat_stat id[2] = {p->side[0].before, p->side[1].before};
	struct err err;

	/* The walk owns the descriptors from here on. */
	p->side[0].ops = p->side[1].ops = NULL;
	if (e->config.skip[0] || e->config.skip[1] || e->config.limit ||
	    (e->config.flags & CORE_COMPARE_RANGES)) {
		err = err_of(CORE_EUSAGE, "compare", -1, "ranges and limits of bytes are for files, not for trees");
		plat_close(fd[0]);
		plat_close(fd[1]);
		fail(e, &err);
		return;
	}
	e->sum.tree = 1;
	e->tree = 1;
	if (merge_init(&e->merge, e->run, &e->config, fd, id) != 0)
		fail_memory(e);
	else if (merge_list_root(&e->merge, &err) != 0)
		fail(e, &err);
	else
		make_window(e, WINDOW);
}

static void begin_pair(struct engine *e, struct pair *p, const uint8_t kind[2])
{
	int clash = (kind[0] == CORE_KIND_DIR) != (kind[1] == CORE_KIND_DIR);
	if (clash && (e->side[0].kind == CORE_SOURCE_FEED || e->side[1].kind == CORE_SOURCE_FEED)) {
		/* A file and a directory are answered; bytes without a name were meant for a file. */
		struct err err = err_of(CORE_EUSAGE, "compare", -1,
					"a directory cannot be compared with a stream of bytes");
		fail(e, &err);
		return;
	}
	struct err err;

	if (e->config.paths) {
		err = err_of(CORE_EUSAGE, "compare", -1, "a list of paths is for trees, not for files");
		fail(e, &err);
		return;
	}
	/* A window of one item: positions stay below 1. */
	if (!make_window(e, 1))
		return;
	struct item *it = pair_item(e, kind);
	if (clash) {
		it->out.status = CORE_STATUS_DIFFERENT;
		it->out.reasons = CORE_REASON_TYPE_MISMATCH;
		item_done(e, it);
		return;
	}
	if (e->config.metadata != 0) {
		const int cwd[2] = {PLAT_CWD, PLAT_CWD};
		const char *const name[2] = {(const char *)e->side[0].data, (const char *)e->side[1].data};
		int named = e->side[0].kind == CORE_SOURCE_PATH && e->side[1].kind == CORE_SOURCE_PATH;
		err = err_of(CORE_EUSAGE, "compare", -1, "only files have metadata, not streams or memory");
		if (!named || meta_compare(&e->config, cwd, name, kind[0], &it->meta, &err) != 0) {
			fail(e, &err);
			it->state = ITEM_WAITING;
			return;
		}
	}
	p->run = e->run;
	p->flags = e->config.flags;
	p->chunk = e->config.chunk;
	memcpy(p->skip, e->config.skip, sizeof p->skip);
	p->limit = e->config.limit;
	p->limit_records = e->config.limit_records;
	atomic_store(&e->run->entries_total, 1);
	int begun = pair_begin(p);
	atomic_store(&e->run->total_known, p->side[0].random && p->side[1].random);
	if (begun) {
		it->out = p->out;
		item_add_meta(it);
		item_done(e, it);
		return;
	}
	it->pair = mem_alloc(sizeof *p);
	if (!it->pair) {
		fail_memory(e);
		it->state = ITEM_WAITING;
		return;
	}
	*it->pair = *p;
	*p = (struct pair){0};
	e->scan[e->scans++] = it;
	/* A stream is read by one worker, which may wait for it. */
	if (it->pair->phase == PAIR_STREAM)
		e->jobs = 1;
}

/* Finds out what the operands are. Only the first worker is there yet. */
static void resolve(struct engine *e)
{
	struct pair p = {0};
	uint8_t kind[2];
	struct err err;

	e->resolved = 1;
	for (int s = 0; s < 2; s++) {
		if (open_side(e, s, &p.side[s], &kind[s], &err) != 0) {
			/* A stream is read once: a side that is one cannot be opened again. */
			if ((err.sys == EMFILE || err.sys == ENFILE) &&
			    e->side[0].kind != CORE_SOURCE_FEED && e->side[1].kind != CORE_SOURCE_FEED)
				e->resolved = 0;
			pair_close(&p);
			if (e->resolved || e->worker[0].waits++ >= MAX_WAITS || pool_tasks() == e->live) {
				e->resolved = 1;
				fail(e, &err);
			}
			return;
		}
	}
	if (kind[0] == CORE_KIND_DIR && kind[1] == CORE_KIND_DIR)
		begin_tree(e, &p);
	else
		begin_pair(e, &p, kind);
	pair_close(&p);
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
		kick(e, e->jobs);
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
	item_done(e, it);
	return 1;
}

/*
 * Moves past items that the walk settled: they need no worker, and may have
 * been sent, so that another item has their place. From the first that does
 * need one, nothing is sent before it is done.
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
			else if (is_difference(it) && (e->config.flags & CORE_COMPARE_FIRST))
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
		if ((e->config.flags & CORE_COMPARE_FIRST) && is_difference(it))
			rc = rc == 1 ? 2 : rc;
	}
	end_work(e);
	if (rc == CORE_EMEMORY) {
		struct err err = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		outcome_fail(&slot(e, w->at - 1)->out, &err);
		fail(e, &err);
	}
	for (uint64_t i = from; i < w->at; i++) {
		struct item *it = slot(e, i);
		if (it->pair)
			e->scan[e->scans++] = it;
		else
			item_done(e, it);
	}
	if (rc == CORE_ELIMIT) {
		/* Others hold descriptors that they give back when they are done. */
		struct item *it = slot(e, w->at);
		if (w->waits == 0 && (e->config.flags & CORE_COMPARE_LOG))
			record_log(e->run, CORE_LEVEL_WARN, it->out.err.sys,
				   "no descriptor is free: fewer files are compared at once");
		if (w->waits++ < MAX_WAITS && pool_tasks() > 1)
			return 1;
		outcome_fail(&it->out, &it->out.err);
		item_done(e, it);
		w->at++;
	}
	w->waits = 0;
	return 1;
}

/* Goes on with the walk, if it is this worker's turn: 1 when it did. */
static int drive(struct engine *e)
{
	uint64_t room = WINDOW - (e->tail - e->head);

	if (!e->tree || e->driving || e->starved || e->merge.done || room < DRIVE_ITEMS ||
	    e->tail - e->taken >= LOW_WATER)
		return 0;
	uint32_t first = (uint32_t)(e->tail & (WINDOW - 1));
	uint32_t n = WINDOW - first < DRIVE_ITEMS ? WINDOW - first : DRIVE_ITEMS;
	int pending = e->tail != e->head;
	e->driving = 1;
	begin_work(e);
	int32_t made = merge_step(&e->merge, &e->window[first], n, pending);
	end_work(e);
	e->driving = 0;
	if (made < 0) {
		fail_memory(e);
		return 1;
	}
	e->tail += (uint64_t)made;
	/* Items that ended meanwhile may have given back all that it waits for. */
	e->starved = e->merge.waits && e->head != e->tail;
	e->sum.only_left += e->merge.counted[0];
	e->sum.only_right += e->merge.counted[1];
	uint64_t counted = e->merge.counted[0] + e->merge.counted[1];
	atomic_fetch_add_explicit(&e->run->entries, counted, memory_order_relaxed);
	if (counted > 0 && (e->config.flags & CORE_COMPARE_FIRST))
		stop(e);
	e->merge.counted[0] = e->merge.counted[1] = 0;
	if (made > 1)
		kick(e, (unsigned)made / 2);
	return 1;
}

/* Tells how much there is in a tree, as soon as that is known: the names when the walk is over, the bytes when the
 * last file is open. The lock is held. */
static void tell_totals(struct engine *e)
{
	if (!e->merge.done || e->driving || e->bytes_told)
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
	const struct side *about = e->fatal.code != 0 && e->fatal.side >= 0 ? &e->side[e->fatal.side] : NULL;
	int named = about && about->kind == CORE_SOURCE_PATH;
	run_end(run, e->fatal.code != 0 ? &e->fatal : NULL, named ? about->data : NULL, named ? about->len : 0);
}

static void engine_free(void *job)
{
	struct engine *e = job;

	while (e->window && e->head != e->tail)
		release(e, slot(e, e->head++));
	mem_free(e->window);
	if (e->tree)
		merge_free(&e->merge);
	for (int s = 0; s < 2; s++) {
		if (e->side[s].kind == CORE_SOURCE_PATH)
			mem_free(e->side[s].data);
		if (e->side[s].feed)
			feed_leave(e->side[s].feed);
	}
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
	return e->stop || !e->tree || e->merge.done;
}

/* One piece of work: 1 when some was done, 0 when there is none, -1 when a stream must go on first. */
static int work(struct engine *e, struct worker *w)
{
	if (e->stop) {
		/* What it has taken and not done is dropped. */
		e->resolved = 1;
		w->at = w->end;
		return 0;
	}
	if (!e->resolved) {
		resolve(e);
		return 1;
	}
	int worked = work_on_scan(e, w);
	if (worked == 0)
		worked = drive(e);
	if (worked == 0)
		worked = work_on_items(e, w);
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
		kick(e, e->jobs);
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
		kick(e, 1);
	enum step next = STEP_MORE;
	if (!sent || worked < 0) {
		/* The reader of the ring, or the stream, wakes it. */
		next = STEP_PARK;
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
		for (int s = 0; s < 2; s++) {
			if (side[s].kind == CORE_SOURCE_PATH)
				mem_free(side[s].data);
			if (side[s].feed)
				feed_leave(side[s].feed);
		}
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
	};
	if (paths)
		memcpy(paths, opts->paths, opts->paths_len);
	if (opts->filter)
		filter_ref(opts->filter);
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
