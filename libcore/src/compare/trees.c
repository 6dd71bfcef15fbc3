/* SPDX-License-Identifier: MIT */
#include "compare/trees.h"

#include "base/alloc.h"
#include "compare/content.h"

#include <string.h>

enum {
	/** Paths looked at in one step. */
	STEP_PATHS = 4096,
	/** Segments of raw bytes in one step. */
	STEP_SEGMENTS = 2,
};

const char *trees_unfit(const struct config *c, const struct tree_origin from[2], const int dir[2])
{
	int map = from[0].map || from[1].map, manifest = from[0].manifest || from[1].manifest;

	for (int s = 0; s < 2; s++) {
		int tree = dir[s] || from[s].map || from[s].manifest;
		if (map && !manifest && !tree)
			return "a map of URLs is compared with a directory";
		if (manifest && !tree && !from[s].archive)
			return "a manifest is compared with a tree: a directory, an archive, a map of URLs or another manifest";
	}
	if (c->paths)
		return map	  ? "a list of paths is for directories, not for URLs"
		       : manifest ? "a list of paths is for directories, not for manifests"
				  : "a list of paths is for directories, not for archives";
	if (c->flags & (CORE_COMPARE_IGNORE_CASE_NAMES | CORE_COMPARE_NORMALIZE_NAMES))
		return map	  ? "names in a map of URLs are compared as they are spelled"
		       : manifest ? "names in manifests are compared as they are spelled"
				  : "names in archives are compared as they are spelled";
	if (c->nested > 0 && (map || manifest))
		return map ? "archives behind URLs are not looked into" : "a manifest lists no archives that could be looked into";
	if (c->flags & CORE_COMPARE_RENAMES && (map || manifest))
		return map ? "what only URLs lead to is not read, so renames are not found there"
			   : "what a manifest lists cannot be read, so renames are not found there";
	if (map && c->metadata)
		return "URLs have no metadata";
	if (manifest && (c->metadata & ~(uint32_t)CORE_METADATA_MTIME))
		return "of the metadata, manifests say no more than mtime";
	if (c->metadata & (CORE_METADATA_XATTR | CORE_METADATA_ACL))
		return "extended attributes and access control lists of archives are not compared";
	if (manifest && (c->flags & CORE_COMPARE_PROVE_BYTES))
		return "a manifest has digests, and no bytes to be compared";
	if (c->nested > 0 && (c->flags & CORE_COMPARE_PROVE_BYTES))
		return "what is in archives in archives is compared by its digest, which is no proof by bytes";
	return NULL;
}

void trees_init(struct trees *t, core_run *run, const struct config *config, const struct tree_origin from[2])
{
	*t = (struct trees){.run = run, .config = config, .promise = -1};
	if ((from[0].manifest == 0) != (from[1].manifest == 0))
		t->promise = from[0].manifest == 0;
	for (int s = 0; s < 2; s++)
		t->tree[s] = (struct tree){.from = from[s], .side = s, .run = run, .config = config, .fd = -1};
	beside_init(&t->beside, t->tree, run, config, 0);
}

static void drop_raw(struct trees *t)
{
	if (t->raw) {
		pair_close(t->raw);
		mem_free(t->raw);
	}
	t->raw = NULL;
}

void trees_free(struct trees *t)
{
	drop_raw(t);
	beside_free(&t->beside);
	for (int s = 0; s < 2; s++)
		tree_close(&t->tree[s]);
	nested_free(&t->nested);
}

int trees_quiet(struct trees *t, struct task *task)
{
	int quiet = 1;

	beside_free(&t->beside);
	for (int s = 0; s < 2; s++)
		quiet &= tree_stop(&t->tree[s], task) == 0;
	return quiet;
}

/* ------------------------------------------------------------------ open */

static int32_t open_trees(struct trees *t)
{
	/* A stream that is read once only must not be needed a second time; a manifest is, and has no bytes to read beside. */
	int once = t->tree[0].from.once.ops || t->tree[1].from.once.ops;

	beside_init(&t->beside, t->tree, t->run, t->config,
		    t->beside.digests || once || (t->config->flags & CORE_COMPARE_HASH));
	t->stage = TREES_LIST;
	for (int s = 0; s < 2; s++) {
		int32_t rc = tree_open(&t->tree[s], &t->fatal);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Whether all of both archives is asked for, and both can be read twice. */
static int is_raw_worth(const struct trees *t)
{
	const struct tree_origin *a = &t->tree[0].from, *b = &t->tree[1].from;

	return a->archive && b->archive && !a->once.ops && !b->once.ops &&
	       a->inner_len == b->inner_len && (a->inner_len == 0 || memcmp(a->inner, b->inner, a->inner_len) == 0) &&
	       !(t->config->flags & (CORE_COMPARE_ALL_ENTRIES | CORE_COMPARE_HASH));
}

/* The same bytes are one equal entry, which stands for all in them; others are opened as trees. */
static int32_t end_raw(struct trees *t, struct item *out)
{
	const struct outcome o = t->raw->out;

	drop_raw(t);
	if (o.status != CORE_STATUS_EQUAL)
		return open_trees(t);
	*out = (struct item){.state = ITEM_DONE, .settled = 1, .kind = {CORE_KIND_FILE, CORE_KIND_FILE},
			     .name = "", .below = UINT64_MAX, .out = o};
	t->stage = TREES_DONE;
	return 1;
}

static int32_t begin_raw(struct trees *t, struct item *out)
{
	struct err e;

	if (!is_raw_worth(t))
		return open_trees(t);
	t->raw = mem_zalloc(1, sizeof *t->raw);
	if (!t->raw)
		return CORE_EMEMORY;
	for (int s = 0; s < 2; s++) {
		if (tree_open_bytes(&t->tree[s], &t->raw->side[s], &e) != 0) {
			/* Said when it is opened as a tree. */
			drop_raw(t);
			return open_trees(t);
		}
	}
	t->raw->run = t->run;
	t->raw->flags = t->config->flags & CORE_COMPARE_PROVE_BYTES;
	t->raw->chunk = t->config->chunk;
	t->stage = TREES_RAW;
	return pair_begin(t->raw) ? end_raw(t, out) : 0;
}

static int32_t step_raw(struct trees *t, struct task *task, struct item *out)
{
	struct segment s;

	for (int i = 0; i < STEP_SEGMENTS; i++) {
		if (!pair_claim(t->raw, &s))
			break;
		pair_work(t->raw, &s, task);
		if (pair_complete(t->raw, &s))
			return end_raw(t, out);
	}
	return 0;
}

/* ------------------------------------------------------------------ list */

static int32_t step_list(struct trees *t, struct task *task)
{
	int more = 0, waits = 0;

	for (int s = 0; s < 2; s++) {
		int32_t rc = tree_list(&t->tree[s], task);
		if (rc < 0)
			return rc;
		more |= rc == 1;
		waits |= rc == TREE_WAIT;
	}
	if (waits && !more)
		return TREES_WAIT;
	if (!more)
		t->stage = TREES_BESIDE;
	return 0;
}

/* All is read, unless the streams must be read again. */
static int32_t end_beside(struct trees *t)
{
	if (beside_lacks_digests(&t->beside)) {
		for (int s = 0; s < 2; s++) {
			struct tree *tree = &t->tree[s];
			tree_close(tree);
		}
		t->beside.digests = 1;
		return open_trees(t);
	}
	for (int s = 0; s < 2; s++) {
		const struct tree *tree = &t->tree[s];
		if (tree->from.inner_len == 0 || tree->met || tree->broken.code != 0)
			continue;
		t->fatal = err_of(CORE_ENOT_FOUND, "read archive", s, "there is no such entry in the archive");
		return t->fatal.code;
	}
	nested_init(&t->nested, t->tree, &t->beside, t->run, t->config);
	t->stage = TREES_NESTED;
	return 0;
}

/* All is known that can be read: sorts the lists. */
static int32_t end_nested(struct trees *t)
{
	for (int s = 0; s < 2; s++) {
		int32_t rc = catalogue_sort(&t->tree[s].list);
		if (rc != 0)
			return rc;
	}
	t->stage = TREES_MERGE;
	return 0;
}

/* ----------------------------------------------------------------- merge */

enum above { ABOVE_SHARED, ABOVE_MISSING, ABOVE_SETTLED };

/* What the directories above a path that is only on one side are on the other. */
static enum above look_above(const struct catalogue *own, const struct catalogue *other, const uint8_t *path, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/')
			continue;
		uint32_t index = catalogue_find(other, path, i);
		/* What is in neither list is no entry that could stand for this one. */
		if (index == UINT32_MAX && catalogue_find(own, path, i) == UINT32_MAX)
			continue;
		if (index == UINT32_MAX)
			return ABOVE_MISSING;
		if (other->entries[index].kind == CORE_KIND_DIR && other->entries[index].error == 0)
			continue;
		/* The other side has no directory there, or could not read it: that is said of it, unless this side has none either. */
		uint32_t mine = catalogue_find(own, path, i);
		if (mine == UINT32_MAX || own->entries[mine].kind == CORE_KIND_DIR)
			return ABOVE_SETTLED;
	}
	return ABOVE_SHARED;
}

/* Entries below a directory, without directories where those are none: they are next to each other. */
static uint64_t count_below(const struct catalogue *c, const struct entry *dir, int skip_dirs)
{
	uint64_t n = 0;

	for (const struct entry *e = dir + 1; e < c->entries + c->count; e++) {
		const uint8_t *path = entry_path(c, e);
		if (e->path_len < dir->path_len || memcmp(path, entry_path(c, dir), dir->path_len) != 0)
			break;
		if (e->path_len > dir->path_len && path[dir->path_len] == '/' && !(e->flags & ENTRY_HIDDEN))
			n += !(skip_dirs && e->kind == CORE_KIND_DIR);
	}
	return n;
}

static void settle(struct item *it, uint8_t status, uint8_t proof, uint32_t reasons)
{
	it->state = ITEM_DONE;
	it->settled = 1;
	it->out.status = status;
	it->out.proof = proof;
	it->out.reasons = reasons;
}

static void settle_unknown(struct item *it, const struct err *e, uint32_t reasons)
{
	settle(it, CORE_STATUS_UNKNOWN, 0, 0);
	outcome_fail(&it->out, e);
	if (reasons != 0)
		it->out.reasons = reasons;
}

/* What is wrong with the entry itself, whatever its content: 1 when that settled the item. */
static int settle_flaws(const struct trees *t, struct item *it, const struct entry *const on[2])
{
	for (int s = 0; s < 2; s++) {
		const struct entry *e = on[s];
		struct err err;
		if (!e)
			continue;
		if (e->flags & ENTRY_DUPLICATE) {
			err = tree_is_manifest(&t->tree[s])
				      ? err_of(CORE_EMANIFEST, "read manifest", s, "the name is there more than once")
				      : err_of(CORE_EARCHIVE, "read archive", s, "the name is there more than once");
			settle_unknown(it, &err, CORE_REASON_DUPLICATE);
			return 1;
		}
		if (e->flags & ENTRY_DIFFERENTIAL) {
			err = err_of(CORE_EARCHIVE, "read archive", s, "the entry's two headers contradict each other");
			settle_unknown(it, &err, CORE_REASON_PARSER_DIFFERENTIAL);
			return 1;
		}
		/* What a manifest says amiss of a name is amiss whether it is there or not. */
		if (e->error != 0 && (on[!s] || tree_is_manifest(&t->tree[s]))) {
			const struct err *why = &t->tree[s].list.errors[e->error - 1];
			settle_unknown(it, why,
				       why->code == CORE_EARCHIVE_ENCRYPTED				   ? CORE_REASON_ENCRYPTED
				       : tree_is_manifest(&t->tree[s]) && (e->flags & ENTRY_UNSAFE) ? CORE_REASON_UNSAFE_NAME
												   : 0);
			return 1;
		}
	}
	return 0;
}

/* Whether it is the manifest that lists the tree, which is no part of that unless it lists itself. */
static int is_manifest_itself(const struct trees *t, int side, const struct entry *e)
{
	const struct tree *tree = &t->tree[side], *other = &t->tree[!side];
	struct plat_stat st;

	return tree_is_manifest(other) && other->id.ino != 0 && tree_is_on_disk(tree, e) && e->kind == CORE_KIND_FILE &&
	       tree_stat(tree, e, &st) == 0 && st.ino == other->id.ino && st.dev == other->id.dev;
}

/* Why an archive on the other side in which an entry would be could not be read to its end; NULL where it could. */
static const struct err *cut_archive(const struct catalogue *own, const struct catalogue *other, const struct entry *e)
{
	while (e && e->inner > 2) {
		const uint8_t *path = entry_path(own, e);
		const uint32_t len = e->inner - 2;
		uint32_t there = catalogue_find(other, path, len), here = catalogue_find(own, path, len);
		if (there != UINT32_MAX && other->entries[there].error != 0)
			return &other->errors[other->entries[there].error - 1];
		e = here == UINT32_MAX ? NULL : &own->entries[here];
	}
	return NULL;
}

/* A path that is on one side only: 1 when it is an item, 0 when it is counted or does not count. */
static int one_sided(struct trees *t, struct item *it, int side, const struct entry *e)
{
	const struct catalogue *own = &t->tree[side].list, *other = &t->tree[!side].list;
	enum above above = look_above(own, other, entry_path(own, e), e->path_len);

	if (above == ABOVE_SETTLED || (side == 1 && (t->config->flags & CORE_COMPARE_ONE_WAY)) ||
	    is_manifest_itself(t, side, e))
		return 0;
	/* Perhaps it stands where the other could not be read any more. */
	if (t->tree[!side].broken.code != 0) {
		if (e->kind == CORE_KIND_DIR && (t->config->flags & CORE_COMPARE_SKIP_EMPTY_DIRS))
			return 0;
		settle_unknown(it, &t->tree[!side].broken, 0);
		return 1;
	}
	const struct err *cut = cut_archive(own, other, e);
	if (cut) {
		settle_unknown(it, cut, 0);
		return 1;
	}
	if (t->config->flags & CORE_COMPARE_COLLAPSE) {
		int skip_dirs = (t->config->flags & CORE_COMPARE_SKIP_EMPTY_DIRS) != 0;
		if (above == ABOVE_MISSING) {
			t->counted[side] += !skip_dirs;
			return 0;
		}
		if (e->kind == CORE_KIND_DIR)
			it->below = count_below(own, e, skip_dirs);
		/* No entry itself, it stands for those below it, which are counted now. */
		if (e->kind == CORE_KIND_DIR && skip_dirs) {
			t->counted[side] += it->below;
			it->uncounted = 1;
			if (it->below == 0)
				return 0;
		}
	}
	if (e->error != 0 && e->kind == CORE_KIND_DIR)
		settle_unknown(it, &own->errors[e->error - 1], 0);
	return 1;
}

/* The trees are a file each, or one of them is: the operands as a pair. */
static int merge_root(struct trees *t, struct item *it, const struct entry *const on[2])
{
	it->name = NULL;
	it->len = 0;
	if (!on[0] || !on[1]) {
		/* The other one is a tree. */
		it->kind[!on[0] ? 0 : 1] = CORE_KIND_DIR;
		for (int s = 0; s < 2; s++)
			t->at[s] = t->tree[s].list.count;
		settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_TYPE_MISMATCH);
	} else if (!settle_flaws(t, it, on) && (on[0]->flags & ENTRY_PAIRED)) {
		it->state = ITEM_DONE;
		it->settled = 1;
		it->out = t->beside.root;
	}
	return 1;
}

static int merge_path(struct trees *t, struct item *it, const struct entry *const on[2])
{
	int first = on[0] ? 0 : 1;
	const struct catalogue *c = &t->tree[first].list;
	int dirs = (!on[0] || on[0]->kind == CORE_KIND_DIR) && (!on[1] || on[1]->kind == CORE_KIND_DIR);

	*it = (struct item){
		.trees = t,
		.entry = {on[0], on[1]},
		.name = (const char *)entry_path(c, on[first]),
		.len = on[first]->path_len,
		.kind = {on[0] ? on[0]->kind : CORE_KIND_NONE, on[1] ? on[1]->kind : CORE_KIND_NONE},
		.below = UINT64_MAX,
		.out = {.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX},
	};
	if (on[first]->path_len == 0)
		return merge_root(t, it, on);
	if (dirs && (t->config->flags & CORE_COMPARE_SKIP_EMPTY_DIRS) &&
	    ((on[0] && on[1]) || !(t->config->flags & CORE_COMPARE_COLLAPSE)))
		return 0;
	if ((!on[0] || !on[1]) && !one_sided(t, it, first, on[first]))
		return 0;
	if (it->settled || settle_flaws(t, it, on))
		return 1;
	if (on[0] && on[1] && ((on[0]->flags ^ on[1]->flags) & ENTRY_UNSAFE))
		settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_UNSAFE_NAME);
	else if (on[0] && on[1] && dirs && t->config->metadata == 0)
		settle(it, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	return 1;
}

/* The next entry of a list that counts, or NULL. */
static const struct entry *next_of(struct trees *t, int side)
{
	const struct catalogue *c = &t->tree[side].list;

	while (t->at[side] < c->count && (c->entries[t->at[side]].flags & ENTRY_HIDDEN))
		t->at[side]++;
	return t->at[side] < c->count ? &c->entries[t->at[side]] : NULL;
}

static int32_t step_merge(struct trees *t, struct item *out, uint32_t room)
{
	uint32_t made = 0;

	for (int i = 0; i < STEP_PATHS && made < room; i++) {
		const struct entry *on[2] = {next_of(t, 0), next_of(t, 1)};
		if (!on[0] && !on[1]) {
			t->stage = TREES_TELL;
			break;
		}
		if (on[0] && on[1]) {
			int order = path_compare(entry_path(&t->tree[0].list, on[0]), on[0]->path_len,
						 entry_path(&t->tree[1].list, on[1]), on[1]->path_len);
			if (order != 0)
				on[order < 0] = NULL;
		}
		for (int s = 0; s < 2; s++)
			t->at[s] += on[s] != NULL;
		made += (uint32_t)merge_path(t, &out[made], on);
	}
	return (int32_t)made;
}

/* Archives and manifests that could not be read to their ends are entries too, with their own names. */
static int32_t tell_broken(struct trees *t, struct item *out)
{
	const struct tree *tree = &t->tree[t->told];

	if (t->told == 2) {
		t->stage = TREES_DONE;
		return 0;
	}
	t->told++;
	if (tree->broken.code == 0)
		return 0;
	const int named = tree->from.kind == CORE_SOURCE_PATH || tree->from.kind == CORE_SOURCE_URL;
	*out = (struct item){
		.name = named ? (const char *)tree->from.data : "-",
		.len = named ? (uint32_t)tree->from.len : 1,
		.below = UINT64_MAX,
		.out = {.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX},
	};
	out->kind[tree->side] = CORE_KIND_FILE;
	settle_unknown(out, &tree->broken, 0);
	return 1;
}

/* ---------------------------------------------------------------- public */

static int32_t step_beside(struct trees *t, struct task *task)
{
	int32_t rc = beside_step(&t->beside, task);

	if (rc == BESIDE_WAIT)
		return TREES_WAIT;
	if (rc == BESIDE_OVER)
		return end_beside(t);
	return rc < 0 ? rc : 0;
}

static int32_t step_nested(struct trees *t, struct task *task)
{
	int32_t rc = nested_step(&t->nested, task, &t->fatal);

	if (rc == BESIDE_WAIT)
		return TREES_WAIT;
	if (rc == BESIDE_OVER)
		return end_nested(t);
	return rc < 0 ? rc : 0;
}

int32_t trees_step(struct trees *t, struct task *task, struct item *out, uint32_t room)
{
	switch (t->stage) {
	case TREES_OPEN:
		return begin_raw(t, out);
	case TREES_RAW:
		return step_raw(t, task, out);
	case TREES_LIST:
		return step_list(t, task);
	case TREES_BESIDE:
		return step_beside(t, task);
	case TREES_NESTED:
		return step_nested(t, task);
	case TREES_MERGE:
		return step_merge(t, out, room);
	case TREES_TELL:
		return tell_broken(t, out);
	default:
		return 0;
	}
}

int32_t trees_compare(const struct trees *t, struct item *it)
{
	return content_compare(it, t->tree, it->entry, t->run, t->config);
}
