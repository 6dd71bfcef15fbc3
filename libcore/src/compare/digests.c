/* SPDX-License-Identifier: MIT */
#include "compare/digests.h"

#include "base/alloc.h"
#include "compare/hash_file.h"
#include "compare/journal.h"
#include "compare/merge.h"
#include "compare/record.h"
#include "pool/crew.h"

#include <errno.h>
#include <string.h>

enum {
	/** Entries in flight; a power of two. */
	WINDOW = 1024,
	/** The walk goes on while fewer entries than this wait for a worker. */
	LOW_WATER = 256,
	/** Entries the walk makes at a time. */
	DRIVE_ITEMS = 128,
	/** Entries a worker takes at a time. */
	BATCH = 16,
	DEFAULT_CHUNK = 256 << 10,
	/** Bytes read after which what was written so far is to lie in the file. */
	FLUSH_BYTES = 64 << 20,
	/** How often a worker that finds no descriptor free lets others work first; with nothing else at work. */
	MAX_WAITS = 10000,
	ALONE_WAITS = 1000,
};

enum stage {
	DIGESTS_OPEN,
	DIGESTS_WALK,
	/** The manifest is made of what was written. */
	DIGESTS_CONVERT,
	DIGESTS_DONE,
};

/** What a failure is about. */
enum about { ABOUT_NOTHING, ABOUT_ROOT, ABOUT_OUTPUT };

/** A worker's place in the window, and the file it is at. */
struct hand {
	uint64_t at, end;
	unsigned waits;
	struct hash_file file;
};

struct digests {
	struct crew crew;
	char *root;
	struct config config;
	enum digest_kind kind;
	uint32_t format;
	int resume, output;
	enum stage stage;
	struct merge merge;
	int merging;
	struct journal journal;
	struct item *window;
	struct hashed *hashed;
	/** Positions: sent, taken, made. */
	uint64_t head, taken, tail;
	int driving, starved;
	struct hand hand[CREW_MAX];
	/** Bytes read when what was written was last flushed. */
	uint64_t flushed;
	/** The path that is sent, and the one that is looked up in an earlier journal: by different workers. */
	struct buf path, recalled;
	struct err fatal;
	/** What it is about: the root, the output, or neither. */
	enum about about;
	struct core_digest_summary sum;
};

static struct digests *digests_of(const struct crew *c)
{
	return (struct digests *)(uintptr_t)((const char *)c - offsetof(struct digests, crew));
}

static struct item *item_at(const struct digests *d, uint64_t pos)
{
	return &d->window[pos & (WINDOW - 1)];
}

static struct hashed *hashed_at(const struct digests *d, uint64_t pos)
{
	return &d->hashed[pos & (WINDOW - 1)];
}

static void fail(struct digests *d, const struct err *e, enum about about)
{
	if (d->fatal.code == 0) {
		d->fatal = *e;
		d->about = about;
	}
	crew_stop(&d->crew);
}

static void fail_memory(struct digests *d)
{
	struct err e = err_of(CORE_EMEMORY, "digest", -1, "out of memory");

	fail(d, &e, ABOUT_NOTHING);
}

/* ------------------------------------------------------------------- open */

/* Opens the tree, and begins the manifest. Only the first worker is there yet; the lock is not held. */
static int32_t open_tree(struct digests *d, struct err *e, enum about *about)
{
	int fds[2] = {-1, -1};
	struct plat_stat ids[2] = {{0}, {0}};

	*about = ABOUT_ROOT;
	int rc = plat_open_at(PLAT_CWD, d->root, PLAT_DIR);
	if (rc == -ENOTDIR && plat_stat_at(PLAT_CWD, d->root, 1, &ids[0]) == 0) {
		*e = err_of(CORE_EUNSUPPORTED, "open", -1, "it is no directory, and a manifest is made of one");
		return e->code;
	}
	if (rc >= 0) {
		fds[0] = rc;
		rc = plat_fstat(fds[0], &ids[0]);
		if (rc != 0)
			plat_close(fds[0]);
	}
	if (rc < 0) {
		*e = err_sys(-rc, "open", -1);
		return e->code;
	}
	if (merge_init(&d->merge, d->crew.run, &d->config, fds, ids) != 0) {
		*e = err_of(CORE_EMEMORY, "open", -1, "out of memory");
		return e->code;
	}
	d->merging = 1;
	int32_t code = merge_list_root(&d->merge, e);
	if (code != 0 || !d->output)
		return code;
	*about = ABOUT_OUTPUT;
	char *path = d->journal.path;
	return journal_begin(&d->journal, path, d->format, d->kind, d->resume, e);
}

static enum crew_work open_all(struct digests *d, struct hand *h)
{
	struct err e;
	enum about about;

	crew_leave(&d->crew);
	int32_t rc = open_tree(d, &e, &about);
	crew_enter(&d->crew);
	if (rc == 0) {
		d->stage = DIGESTS_WALK;
		return CREW_WORKED;
	}
	/* Others give theirs back. */
	int may_pass = (e.sys == EMFILE || e.sys == ENFILE) && about == ABOUT_ROOT &&
		       h->waits++ < (pool_tasks() > 1 ? MAX_WAITS : ALONE_WAITS);
	if (may_pass && d->merging)
		merge_free(&d->merge);
	if (may_pass)
		d->merging = 0;
	else
		fail(d, &e, about);
	return CREW_WORKED;
}

/* ------------------------------------------------------------------- walk */

/* The whole path of an entry: 0 or CORE_EMEMORY. */
static int32_t whole_path(struct buf *path, const struct item *it)
{
	path->len = 0;
	if (buf_append(path, it->dir->path.data, it->dir->path.len) != 0)
		return CORE_EMEMORY;
	return buf_append(path, it->name, it->len);
}

/* Looks up what an earlier run knew of new entries; they come in order. */
static int32_t recall(struct digests *d, const struct item *it, uint32_t n, uint64_t pos)
{
	for (uint32_t i = 0; i < n; i++) {
		struct hashed *x = hashed_at(d, pos + i);
		*x = (struct hashed){.known = 0};
		if (!d->resume || it[i].settled)
			continue;
		if (whole_path(&d->recalled, &it[i]) != 0)
			return CORE_EMEMORY;
		const struct manifest_entry *old = journal_recall(&d->journal, d->recalled.data, d->recalled.len);
		const uint8_t all = MANIFEST_CONTENT | MANIFEST_IDENTITY | MANIFEST_SIZE | MANIFEST_MTIME;
		if (!old || old->kind != CORE_KIND_FILE || (old->known & all) != all)
			continue;
		x->recalled = 1;
		x->st = (struct plat_stat){.size = old->size, .ino = old->inode, .mtime_ns = old->mtime_ns,
					   .ctime_ns = old->ctime_ns};
		memcpy(x->digest, old->digest, sizeof old->digest);
	}
	return 0;
}

/* Goes on with the walk, if it is this worker's turn. */
static enum crew_work drive(struct digests *d)
{
	uint64_t room = WINDOW - (d->tail - d->head);

	if (d->driving || d->starved || d->merge.done || room < DRIVE_ITEMS || d->tail - d->taken >= LOW_WATER)
		return CREW_IDLE;
	uint32_t first = (uint32_t)(d->tail & (WINDOW - 1));
	uint32_t n = WINDOW - first < DRIVE_ITEMS ? WINDOW - first : DRIVE_ITEMS;
	uint64_t tail = d->tail;
	int pending = d->tail != d->head;
	d->driving = 1;
	crew_leave(&d->crew);
	int32_t made = merge_step(&d->merge, &d->window[first], n, pending);
	int32_t rc = made > 0 ? recall(d, &d->window[first], (uint32_t)made, tail) : 0;
	crew_enter(&d->crew);
	d->driving = 0;
	/* What was made is released with the rest, also after a failure. */
	d->tail += made > 0 ? (uint64_t)made : 0;
	if (made < 0 || rc != 0)
		fail_memory(d);
	/* Entries that ended meanwhile may have given back all that it waits for. */
	d->starved = d->merge.waits && d->head != d->tail;
	return CREW_WORKED;
}

/* ------------------------------------------------------------------- work */

/* Finds out about the entry a worker is at: as hash_file_step(). */
static int32_t find_out(struct digests *d, struct hand *h, struct hashed *x, struct err *e)
{
	struct item *it = item_at(d, h->at);

	if (it->dir->lost.code != 0) {
		x->err = it->dir->lost;
		return 1;
	}
	if (it->settled && it->out.status == CORE_STATUS_UNKNOWN) {
		x->err = it->out.err;
		return 1;
	}
	return hash_file_step(&h->file, it, x, d->crew.run, &d->config, &d->journal, d->kind, e);
}

static enum crew_work work_on_items(struct digests *d, struct hand *h)
{
	if (h->at == h->end) {
		uint64_t n = d->tail - d->taken;
		if (n == 0)
			return CREW_IDLE;
		/* Few enough that all workers get some. */
		n = n / (2 * d->crew.jobs) + 1;
		h->at = d->taken;
		h->end = d->taken += n < BATCH ? n : BATCH;
	}
	uint64_t from = h->at;
	struct err e;
	int32_t rc = 1;
	crew_leave(&d->crew);
	while (rc == 1 && h->at < h->end && !run_cancelled(d->crew.run)) {
		rc = find_out(d, h, hashed_at(d, h->at), &e);
		h->at += rc == 1;
	}
	crew_enter(&d->crew);
	for (uint64_t i = from; i < h->at; i++)
		hashed_at(d, i)->done = 1;
	if (rc == CORE_EMEMORY)
		fail_memory(d);
	if (rc == CORE_ELIMIT) {
		if (h->waits++ < (pool_tasks() > 1 ? MAX_WAITS : ALONE_WAITS))
			return CREW_WORKED;
		hashed_at(d, h->at)->err = e;
		hashed_at(d, h->at++)->done = 1;
	}
	h->waits = 0;
	return CREW_WORKED;
}

/* Makes the manifest, one step after another. */
static enum crew_work convert(struct digests *d)
{
	struct err e;

	if (d->driving)
		return CREW_IDLE;
	d->driving = 1;
	crew_leave(&d->crew);
	int32_t rc = journal_convert(&d->journal, &e);
	crew_enter(&d->crew);
	d->driving = 0;
	if (rc < 0)
		fail(d, &e, ABOUT_OUTPUT);
	else if (rc == 0)
		d->stage = DIGESTS_DONE;
	return CREW_WORKED;
}

static enum crew_work work(struct crew *crew, struct crew_worker *w)
{
	struct digests *d = digests_of(crew);
	struct hand *h = &d->hand[w->index];
	enum crew_work done = CREW_IDLE;

	if (crew->stopped)
		return CREW_IDLE;
	switch (d->stage) {
	case DIGESTS_OPEN:
		/* The others are not there yet. */
		return open_all(d, h);
	case DIGESTS_WALK:
		/* A large file that was begun goes first: others may wait behind it. */
		if (h->file.open)
			return work_on_items(d, h);
		done = drive(d);
		if (done == CREW_IDLE)
			done = work_on_items(d, h);
		return done;
	case DIGESTS_CONVERT:
		return convert(d);
	default:
		return CREW_IDLE;
	}
}

static int more(const struct crew *crew)
{
	const struct digests *d = digests_of(crew);

	return d->stage == DIGESTS_WALK && d->tail > d->taken;
}

/* ---------------------------------------------------------------- sending */

static void release(struct digests *d, uint64_t pos)
{
	struct item *it = item_at(d, pos);

	dir_pair_unref(&d->merge, it->dir);
	mem_free(hashed_at(d, pos)->target);
	*hashed_at(d, pos) = (struct hashed){.known = 0};
}

/* An entry in the words of a manifest. */
static struct manifest_entry entry_of(const struct digests *d, const struct item *it, const struct hashed *x)
{
	return (struct manifest_entry){
		.path = d->path.data,
		.path_len = d->path.len,
		.target = x->target,
		.target_len = x->target_len,
		.kind = x->kind ? x->kind : it->kind[0],
		.known = x->err.code == 0 ? x->known : 0,
		.error = x->err.code,
		.size = x->st.size,
		.rdev = x->st.rdev,
		.inode = x->st.ino,
		.mtime_ns = x->st.mtime_ns,
		.ctime_ns = x->st.ctime_ns,
		.digests = 1u << d->kind,
	};
}

static void count(struct digests *d, const struct manifest_entry *e, const struct hashed *x)
{
	struct core_digest_summary *s = &d->sum;

	s->entries++;
	s->files += e->kind == CORE_KIND_FILE;
	s->unknown += e->error != 0;
	s->reused += x->reused;
	atomic_fetch_add_explicit(&d->crew.run->entries, 1, memory_order_relaxed);
}

/* Sends one entry, and writes it: 1, 0 when the ring is full, -1 when that failed the run. */
static int send_one(struct digests *d, struct crew_worker *w, uint64_t pos)
{
	const struct hashed *x = hashed_at(d, pos);
	struct err e;

	if (x->left_out)
		return 1;
	if (whole_path(&d->path, item_at(d, pos)) != 0) {
		fail_memory(d);
		return -1;
	}
	struct manifest_entry entry = entry_of(d, item_at(d, pos), x);
	memcpy(entry.digest, x->digest, sizeof entry.digest);
	if (d->output && !manifest_can_hold(d->format, &entry)) {
		e = err_of(CORE_EUNSUPPORTED, "write", -1, "this format cannot hold a name with a line end, and the tree has one");
		fail(d, &e, ABOUT_OUTPUT);
		return -1;
	}
	int32_t rc = record_digest(d->crew.run, &w->task, &entry, &x->err);
	if (rc == 0)
		return 0;
	if (rc < 0)
		fail_memory(d);
	if (rc == 1 && d->output && journal_add(&d->journal, &entry, &e) != 0)
		fail(d, &e, ABOUT_OUTPUT);
	if (d->fatal.code != 0)
		return -1;
	count(d, &entry, x);
	return 1;
}

static unsigned send(struct crew *crew, struct crew_worker *w)
{
	struct digests *d = digests_of(crew);
	uint64_t before = d->head;
	struct err e;
	int sent = 1;

	while (d->stage == DIGESTS_WALK && !crew->stopped && d->head != d->tail && hashed_at(d, d->head)->done && sent == 1) {
		sent = send_one(d, w, d->head);
		if (sent == 1)
			release(d, d->head++);
	}
	if (d->stage != DIGESTS_WALK || crew->stopped)
		return 0;
	if (d->head != before)
		d->starved = 0;
	uint64_t read = atomic_load_explicit(&crew->run->bytes_read, memory_order_relaxed);
	if (d->output && read - d->flushed > FLUSH_BYTES) {
		/* What took long to find out is not to be lost with the process. */
		d->flushed = read;
		if (journal_flush(&d->journal, &e) != 0)
			fail(d, &e, ABOUT_OUTPUT);
	}
	/* The driver writes what the walk has come to without the lock. */
	if (!d->driving && d->merge.done && d->head == d->tail) {
		d->stage = d->output ? DIGESTS_CONVERT : DIGESTS_DONE;
		return CREW_SENT;
	}
	return (d->head != before ? (unsigned)CREW_SENT : 0) | (sent == 0 ? (unsigned)CREW_FULL : 0);
}

/* -------------------------------------------------------------------- end */

static int over(const struct crew *crew)
{
	return crew->stopped || digests_of(crew)->stage == DIGESTS_DONE;
}

static void stop(struct crew *crew)
{
	(void)crew;
}

static void finish(struct crew *crew)
{
	struct digests *d = digests_of(crew);
	const char *path = NULL;
	char *copy = NULL;

	if (crew->cancelled && d->fatal.code == 0)
		d->fatal = err_of(CORE_ECANCELLED, "digest", -1, "cancelled");
	/* The output's name goes with the journal, which ends before anybody is told. */
	if (d->fatal.code != 0 && d->about == ABOUT_OUTPUT && d->journal.path) {
		size_t len = strlen(d->journal.path) + 1;
		copy = mem_alloc(len);
		if (copy)
			memcpy(copy, d->journal.path, len);
	}
	journal_free(&d->journal);
	path = d->about == ABOUT_ROOT ? d->root : copy;
	d->sum.error = d->fatal.code;
	d->sum.bytes_read = atomic_load(&crew->run->bytes_read);
	d->sum.bytes_avoided = atomic_load(&crew->run->bytes_avoided);
	run_end(crew->run, d->fatal.code != 0 ? &d->fatal : NULL, (const uint8_t *)path, path ? strlen(path) : 0);
	mem_free(copy);
}

static void digests_free(void *job)
{
	struct digests *d = job;

	for (unsigned i = 0; i < CREW_MAX; i++)
		hash_file_close(&d->hand[i].file);
	while (d->head != d->tail)
		release(d, d->head++);
	if (d->merging)
		merge_free(&d->merge);
	journal_free(&d->journal);
	mem_free(d->window);
	mem_free(d->hashed);
	mem_free(d->root);
	mem_free(d->config.paths);
	if (d->config.filter)
		filter_unref(d->config.filter);
	buf_free(&d->path);
	buf_free(&d->recalled);
	crew_free(&d->crew);
	mem_free(d);
}

/* ----------------------------------------------------------------- public */

int32_t digests_start(core_run **out, core_pump *pump, uint64_t token, char *root, char *output,
		      const struct core_digest_opts *opts)
{
	static const struct crew_ops ops = {work, send, more, over, stop, finish};
	struct digests *d = mem_zalloc(1, sizeof *d);
	int32_t rc = d ? 0 : CORE_EMEMORY;

	if (!d) {
		mem_free(root);
		mem_free(output);
		return rc;
	}
	journal_init(&d->journal);
	d->root = root;
	d->journal.path = output;
	d->output = output != NULL;
	d->format = opts->format;
	d->resume = opts->resume != 0 && output;
	d->kind = opts->algorithm == CORE_DIGEST_SHA256 ? DIGEST_SHA256 : DIGEST_BLAKE3;
	d->config.flags = opts->flags;
	d->config.chunk = opts->chunk_bytes ? opts->chunk_bytes : DEFAULT_CHUNK;
	d->window = mem_alloc(WINDOW * sizeof *d->window);
	d->hashed = mem_zalloc(WINDOW, sizeof *d->hashed);
	if (opts->paths) {
		d->config.paths = mem_alloc(opts->paths_len);
		d->config.paths_len = opts->paths_len;
		if (d->config.paths)
			memcpy(d->config.paths, opts->paths, opts->paths_len);
		else
			rc = CORE_EMEMORY;
	}
	if (!d->window || !d->hashed)
		rc = CORE_EMEMORY;
	if (opts->filter) {
		d->config.filter = opts->filter;
		filter_ref(opts->filter);
	}
	if (rc == 0)
		rc = crew_new(&d->crew, &ops, pump, token, opts->jobs, d, digests_free);
	if (rc != 0) {
		digests_free(d);
		return rc;
	}
	*out = d->crew.run;
	crew_start(&d->crew);
	return 0;
}

void digests_result(core_run *run, struct core_digest_summary *out)
{
	const struct digests *d = run->job;

	*out = d->sum;
	out->elapsed_ns = atomic_load(&run->ended_ns) - run->started_ns;
}
