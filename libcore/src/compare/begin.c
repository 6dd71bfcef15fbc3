/* SPDX-License-Identifier: MIT */
/* How a comparison begins: what the operands are decides how they are compared. */
#include "base/alloc.h"
#include "compare/job.h"
#include "compare/meta.h"

#include <errno.h>
#include <string.h>

static int out_of_descriptors(const struct err *e)
{
	return e->sys == EMFILE || e->sys == ENFILE;
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
		job_fail_memory(e);
	return e->window != NULL;
}

/* Fails the run when what was asked for is about pairs of files: 1 when it did. */
static int refuse_for_trees(struct engine *e)
{
	struct err err;

	if (!e->config.skip[0] && !e->config.skip[1] && !e->config.limit && !(e->config.flags & CORE_COMPARE_RANGES))
		return 0;
	err = err_of(CORE_EUSAGE, "compare", -1, "ranges and limits of bytes are for files, not for trees");
	job_fail(e, &err);
	return 1;
}

/* Makes what finds renames, if they are wanted. @return 0, or the code in `*err` */
static int32_t begin_renames(struct engine *e, const struct tree *tree, const int fd[2], struct err *err)
{
	if (!(e->config.flags & CORE_COMPARE_RENAMES) || e->renames)
		return 0;
	return renames_new(&e->renames, e->run, &e->config, tree, fd, e->config.rename_limit, err);
}

/* @return 0, or CORE_ELIMIT when it found no descriptor free, and all is as before but for the operands, which are closed */
static int32_t begin_tree(struct engine *e, struct pair *p, struct err *err)
{
	const int fd[2] = {p->side[0].fd, p->side[1].fd};
	const struct plat_stat id[2] = {p->side[0].before, p->side[1].before};

	if (refuse_for_trees(e))
		return 0;
	if (begin_renames(e, NULL, fd, err) != 0)
		return err->code;
	/* The walk owns the descriptors from here on. */
	p->side[0].ops = p->side[1].ops = NULL;
	e->sum.tree = 1;
	e->tree = 1;
	if (merge_init(&e->merge, e->run, &e->config, fd, id) != 0) {
		job_fail_memory(e);
	} else if (merge_list_root(&e->merge, err) == 0) {
		make_window(e, WINDOW);
	} else if (out_of_descriptors(err)) {
		merge_free(&e->merge);
		e->tree = 0;
		return CORE_ELIMIT;
	} else {
		job_fail(e, err);
	}
	return 0;
}

/* Trees of which at least one is no directory: an archive, a map of URLs, a manifest. */
static void begin_trees(struct engine *e, const int archive[2])
{
	struct operands *o = &e->operands;
	const int dir[2] = {o->kind[0] == CORE_KIND_DIR, o->kind[1] == CORE_KIND_DIR};
	struct tree_origin from[2];

	if (refuse_for_trees(e))
		return;
	for (int s = 0; s < 2; s++) {
		const struct side *side = &e->side[s];
		from[s] = (struct tree_origin){.kind = side->kind, .data = side->data, .len = side->len,
					       .archive = archive[s],
					       .file = !archive[s] && side->manifest == 0 && o->kind[s] != CORE_KIND_DIR,
					       .inner = side->inner, .inner_len = side->inner_len,
					       .map = side->map, .manifest = side->manifest};
	}
	const char *unfit = trees_unfit(&e->config, from, dir);
	for (int s = 0; s < 2 && !unfit && e->config.nested > 0; s++) {
		if (archive[s] && e->side[s].kind != CORE_SOURCE_PATH && e->side[s].kind != CORE_SOURCE_MEMORY)
			unfit = "archives in it are read after it, and it can be read only once";
	}
	struct err err;
	if (unfit) {
		err = err_of(CORE_EUSAGE, "compare", -1, unfit);
		job_fail(e, &err);
		return;
	}
	for (int s = 0; s < 2; s++) {
		if (from[s].manifest == 0 && (from[s].kind == CORE_SOURCE_PATH || from[s].kind == CORE_SOURCE_MEMORY))
			continue;
		/* What is read once goes on in the tree; anything else is opened again. */
		from[s].once = o->pair.side[s];
		o->pair.side[s].ops = NULL;
	}
	e->sum.tree = 1;
	e->tree = e->catalogued = 1;
	trees_init(&e->trees, e->run, &e->config, from);
	if (begin_renames(e, e->trees.tree, NULL, &err) == 0)
		make_window(e, WINDOW);
	else
		job_fail(e, &err);
}

static void begin_pair(struct engine *e, struct pair *p, const uint8_t kind[2])
{
	int clash = (kind[0] == CORE_KIND_DIR) != (kind[1] == CORE_KIND_DIR);
	if (clash && (e->side[0].kind == CORE_SOURCE_FEED || e->side[1].kind == CORE_SOURCE_FEED)) {
		/* A file and a directory are answered; bytes without a name were meant for a file. */
		struct err err = err_of(CORE_EUSAGE, "compare", -1,
					"a directory cannot be compared with a stream of bytes");
		job_fail(e, &err);
		return;
	}
	struct err err;

	if (e->config.paths) {
		err = err_of(CORE_EUSAGE, "compare", -1, "a list of paths is for trees, not for files");
		job_fail(e, &err);
		return;
	}
	/* A window of one item: positions stay below 1. */
	if (!make_window(e, 1))
		return;
	struct item *it = pair_item(e, kind);
	if (clash) {
		it->out.status = CORE_STATUS_DIFFERENT;
		it->out.reasons = CORE_REASON_TYPE_MISMATCH;
		job_item_done(e, it);
		return;
	}
	if (e->config.metadata != 0) {
		const int cwd[2] = {PLAT_CWD, PLAT_CWD};
		const char *const name[2] = {(const char *)e->side[0].data, (const char *)e->side[1].data};
		int named = e->side[0].kind == CORE_SOURCE_PATH && e->side[1].kind == CORE_SOURCE_PATH;
		err = err_of(CORE_EUSAGE, "compare", -1, "only files have metadata, not streams or memory");
		if (!named || meta_compare(&e->config, cwd, name, kind[0], &it->meta, &err) != 0) {
			job_fail(e, &err);
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
	atomic_store(&e->run->total_known, p->side[0].size != UINT64_MAX && p->side[1].size != UINT64_MAX);
	if (begun) {
		it->out = p->out;
		item_add_meta(it);
		job_item_done(e, it);
		return;
	}
	it->pair = mem_alloc(sizeof *p);
	if (!it->pair) {
		job_fail_memory(e);
		it->state = ITEM_WAITING;
		return;
	}
	*it->pair = *p;
	*p = (struct pair){0};
	e->scan[e->scans++] = it;
	/* A stream is read by one worker, which may wait for it; and so it is where one may follow. */
	if (it->pair->phase == PAIR_STREAM || it->pair->phase == PAIR_DIGEST)
		e->jobs = 1;
}

/* The operands are open: what they are decides how they are compared. @return as begin_tree() */
static int32_t begin(struct engine *e, struct err *err)
{
	struct operands *o = &e->operands;
	int archive[2], trees = 1;

	for (int s = 0; s < 2; s++) {
		archive[s] = operands_is_archive(o, s);
		trees = trees && (archive[s] || o->kind[s] == CORE_KIND_DIR ||
				  (e->side[!s].inner && e->side[s].kind != CORE_SOURCE_FEED));
	}
	if (e->side[0].map || e->side[1].map || e->side[0].manifest || e->side[1].manifest) {
		begin_trees(e, archive);
		return 0;
	}
	/* Where archives in them are looked into, directories are listed first. */
	if (trees && !archive[0] && !archive[1] && e->config.nested == 0)
		return begin_tree(e, &o->pair, err);
	if (trees)
		begin_trees(e, archive);
	else
		begin_pair(e, &o->pair, o->kind);
	return 0;
}

int job_begin(struct engine *e, struct worker *w)
{
	struct operands *o = &e->operands;
	struct err err;
	int32_t rc = operands_open(o, &w->task, &err);

	if (rc == READER_WAIT)
		return -1;
	if (rc == 0)
		rc = begin(e, &err);
	if (rc != 0 && out_of_descriptors(&err) && job_may_try_again(&e->worker[0], e->live) && operands_reopen(o))
		return 1;
	e->resolved = 1;
	e->worker[0].waits = 0;
	if (rc != 0)
		job_fail(e, &err);
	operands_close(o);
	return 1;
}
