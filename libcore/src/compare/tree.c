/* SPDX-License-Identifier: MIT */
#include "compare/tree.h"

#include "compare/listed.h"

#include <errno.h>
#include <string.h>

enum {
	/** Names a walk gives at a time. */
	WALK_ITEMS = 128,
	/** Hard links to hard links that are followed. */
	MAX_HOPS = 32,
	/** As in a walk of directories: what a record carries. */
	PATH_BYTES = 16 << 10,
	/** Longest target of a link. */
	TARGET_BYTES = 64 << 10,
	/** Entries of a ZIP file listed in one step. */
	STEP_MEMBERS = 4096,
};

/* ------------------------------------------------------------------ open */

int tree_keeps(const struct tree *t, const uint8_t *path, size_t len, uint8_t kind)
{
	size_t name = 0;

	if (!t->config->filter)
		return 1;
	for (size_t i = 0; i < len; i++) {
		if (path[i] != '/')
			continue;
		if (i > name && filter_decide(t->config->filter, path, i, name, CORE_KIND_DIR) == FILTER_SKIP)
			return 0;
		name = i + 1;
	}
	return filter_decide(t->config->filter, path, len, name, kind) == FILTER_KEEP;
}

static int32_t open_dir(struct tree *t, struct err *e)
{
	int fd = plat_open_at(PLAT_CWD, (const char *)t->from.data, PLAT_DIR);
	int rc = fd < 0 ? fd : plat_fstat(fd, &t->id);

	if (rc < 0) {
		if (fd >= 0)
			plat_close(fd);
		*e = err_sys(-rc, "open", t->side);
		return e->code;
	}
	/* The walk closes its own. */
	int own = plat_open_at(fd, ".", PLAT_DIR);
	if (own < 0) {
		plat_close(fd);
		*e = err_sys(-own, "open", t->side);
		return e->code;
	}
	t->fd = fd;
	t->walk_config = (struct config){
		.flags = t->config->flags & (CORE_COMPARE_FOLLOW | CORE_COMPARE_ONE_FILE_SYSTEM),
		.filter = t->config->filter,
	};
	int fds[2] = {-1, -1};
	struct plat_stat ids[2] = {{0}, {0}};
	fds[t->side] = own;
	ids[t->side] = t->id;
	int32_t code = merge_init(&t->walk, t->run, &t->walk_config, fds, ids);
	if (code != 0) {
		*e = err_of(code, "open", t->side, "out of memory");
		return code;
	}
	t->walking = 1;
	return merge_list_root(&t->walk, e);
}

int32_t tree_open_bytes(const struct tree *t, struct reader *r, struct err *e)
{
	if (t->from.kind == CORE_SOURCE_PATH)
		return reader_open_file(r, PLAT_CWD, (const char *)t->from.data, 0, t->side, e);
	reader_open_memory(r, t->from.data, t->from.len, t->side);
	return 0;
}

static int32_t open_source(struct tree *t, struct err *e)
{
	if (!t->from.once.ops)
		return tree_open_bytes(t, &t->source, e);
	t->source = t->from.once;
	t->from.once.ops = NULL;
	return 0;
}

static struct pack_limits limits_of(const struct config *c)
{
	return (struct pack_limits){
		.bytes = c->max_bytes, .ratio = c->max_ratio, .entries = c->max_entries, .name = c->max_name};
}

/*
 * Opens a ZIP file by its directory.
 * @return 1; 0 when it is none, or holds what only the decoder of streams reads; CORE_EMEMORY
 */
static int32_t open_zip(struct tree *t, const struct pack_limits *limits)
{
	uint8_t magic[4];
	size_t got = 0;
	struct err e;

	if (!t->source.random || reader_at(&t->source, 0, magic, sizeof magic, &got, &e) != 0 || got < sizeof magic ||
	    memcmp(magic, "PK", 2) != 0)
		return 0;
	int32_t rc = zip_open(&t->zip, &t->source, limits, &t->broken);
	if (rc == CORE_EMEMORY)
		return rc;
	if (rc != 0) {
		t->ended = 1;
		return 1;
	}
	for (uint64_t i = 0; i < zip_count(t->zip); i++) {
		const struct zip_entry *z = zip_at(t->zip, i);
		if (zip_is_readable(z) || z->encrypted || z->differs)
			continue;
		zip_close(t->zip);
		t->zip = NULL;
		return 0;
	}
	return 1;
}

static int32_t open_archive(struct tree *t, struct err *e)
{
	const struct pack_limits limits = limits_of(t->config);

	int32_t rc = open_source(t, e);
	if (rc != 0)
		return rc;
	rc = open_zip(t, &limits);
	if (rc == 0) {
		t->streamed = 1;
		rc = pack_stream_start(&t->stream, &t->source, &limits, e);
	} else if (rc < 0)
		*e = err_of(rc, "read archive", t->side, "out of memory");
	return rc < 0 ? rc : 0;
}

/* A file is the only entry of its tree. */
static int32_t open_file(struct tree *t, struct err *e)
{
	struct reader r;
	uint32_t index;

	int32_t rc = tree_open_bytes(t, &r, e);
	if (rc != 0)
		return rc;
	const struct entry file = {.kind = CORE_KIND_FILE, .size = reader_is_pseudo(&r) ? UINT64_MAX : r.size};
	reader_close(&r);
	rc = catalogue_add(&t->list, &file, NULL, 0, NULL, 0, &index);
	if (rc < 0)
		*e = err_of(rc, "open", t->side, "out of memory");
	return rc < 0 ? rc : 0;
}

/* All of it is known at once, but for what is behind the URLs. */
static int32_t open_map(struct tree *t, struct err *e)
{
	const struct entry file = {.kind = CORE_KIND_FILE, .size = UINT64_MAX};

	for (uint32_t i = 0; i < t->from.map->count; i++) {
		const struct map_entry *m = &t->from.map->entry[i];
		struct entry at = file;
		uint32_t index;
		at.place = i;
		if (!tree_keeps(t, m->path, m->path_len, at.kind))
			continue;
		int32_t rc = catalogue_add(&t->list, &at, m->path, m->path_len, NULL, 0, &index);
		if (rc < 0) {
			*e = err_of(rc, "open", t->side, rc == CORE_ELIMIT ? "too many entries" : "out of memory");
			return rc;
		}
	}
	return 0;
}

int32_t tree_open(struct tree *t, struct err *e)
{
	t->fd = -1;
	t->broken = (struct err){0};
	t->has = t->ended = 0;
	t->streamed = 0;
	t->look = NULL;
	t->listed = 0;
	t->met = 0;
	if (t->from.map)
		return open_map(t, e);
	if (tree_is_manifest(t))
		return listed_open(t, e);
	if (t->from.file)
		return open_file(t, e);
	return t->from.archive ? open_archive(t, e) : open_dir(t, e);
}

int32_t tree_stop(struct tree *t, struct task *task)
{
	int32_t rc = t->stream ? pack_stream_close(t->stream, task) : 0;

	if (rc == 0)
		t->stream = NULL;
	return rc;
}

void tree_close(struct tree *t)
{
	if (t->walking)
		merge_free(&t->walk);
	t->walking = 0;
	if (t->fd >= 0)
		plat_close(t->fd);
	t->fd = -1;
	if (t->zip)
		zip_close(t->zip);
	t->zip = NULL;
	tree_stop(t, NULL);
	listed_close(t);
	reader_close(&t->source);
	catalogue_free(&t->list);
	buf_free(&t->path);
	reader_close(&t->from.once);
}

/* ------------------------------------------------------------------ walk */

/* What the walk of the directory made becomes an entry. */
static int32_t add_walked(struct tree *t, const struct item *it)
{
	struct entry from = {.kind = it->kind[t->side], .size = UINT64_MAX};
	uint32_t index;

	t->path.len = 0;
	if (buf_append(&t->path, it->dir->path.data, it->dir->path.len) != 0 ||
	    buf_append(&t->path, it->name, it->len) != 0)
		return CORE_EMEMORY;
	int32_t rc = catalogue_add(&t->list, &from, t->path.data, t->path.len, NULL, 0, &index);
	if (rc >= 0 && it->out.status == CORE_STATUS_UNKNOWN)
		return catalogue_fail(&t->list, index, &it->out.err);
	return rc < 0 ? rc : 0;
}

static int32_t list_dir(struct tree *t)
{
	struct item items[WALK_ITEMS];
	int32_t made = merge_step(&t->walk, items, WALK_ITEMS, 0);
	int32_t rc = made < 0 ? made : 0;

	for (int32_t i = 0; i < made; i++) {
		if (rc == 0)
			rc = add_walked(t, &items[i]);
		dir_pair_unref(&t->walk, items[i].dir);
	}
	return rc != 0 ? rc : !t->walk.done;
}

/* ----------------------------------------------------------------- names */

/*
 * The path of an archive's entry as it counts: below the inner path that is
 * meant, and without the parts that are stripped.
 * @return 1, or 0 when it is outside, or nothing is left of it
 */
static int path_inside(const struct tree *t, const uint8_t **path, size_t *len, uint8_t kind)
{
	const struct tree_origin *from = &t->from;

	if (from->inner_len > 0) {
		if (*len < from->inner_len || memcmp(*path, from->inner, from->inner_len) != 0)
			return 0;
		if (*len == from->inner_len) {
			/* The root of what is meant: an entry only if it is no directory. */
			*path += *len;
			*len = 0;
			return kind != CORE_KIND_DIR;
		}
		if ((*path)[from->inner_len] != '/')
			return 0;
		*path += from->inner_len + 1;
		*len -= from->inner_len + 1;
	}
	for (uint32_t i = 0; i < t->config->strip_components; i++) {
		const uint8_t *slash = memchr(*path, '/', *len);
		if (!slash)
			return 0;
		*len -= (size_t)(slash + 1 - *path);
		*path = slash + 1;
	}
	return *len > 0;
}

/* --------------------------------------------------------------- archive */

static struct entry entry_of(const struct pack_entry *p)
{
	struct entry e = {
		.kind = p->kind,
		.size = p->kind == CORE_KIND_FILE ? p->size : UINT64_MAX,
		.rdev = p->rdev,
		.meta = {.mode = p->mode, .uid = p->uid, .gid = p->gid, .mtime_ns = p->mtime_ns},
	};

	if (!(p->flaws & PACK_FLAW_METADATA))
		e.meta.known = (p->has_mode ? CORE_METADATA_MODE : 0u) | (p->has_owner ? CORE_METADATA_OWNER : 0u) |
			       (p->has_mtime ? CORE_METADATA_MTIME : 0u);
	if (p->hardlink && p->size == 0)
		e.flags |= ENTRY_HARDLINK;
	/* A backslash or a drive letter is a name like any other here. */
	if (p->flaws & (PACK_FLAW_ABSOLUTE | PACK_FLAW_DOTDOT | PACK_FLAW_NUL | PACK_FLAW_EMPTY))
		e.flags |= ENTRY_UNSAFE;
	if (p->flaws & PACK_FLAW_DIFFERENTIAL)
		e.flags |= ENTRY_DIFFERENTIAL;
	return e;
}

/*
 * A hard link that carries the data of all its names, as the last one does in
 * cpio: the name that it leads to has none of its own.
 */
static int32_t turn_link(struct tree *t, uint32_t link, const uint8_t *target, size_t target_len)
{
	uint32_t index = catalogue_find(&t->list, target, target_len);
	struct catalogue *c = &t->list;

	if (index == UINT32_MAX || index == link || c->entries[index].size != 0 ||
	    c->entries[index].kind != CORE_KIND_FILE)
		return 0;
	if (buf_reserve(&c->bytes, c->entries[link].path_len) != 0)
		return CORE_EMEMORY;
	struct entry *first = &c->entries[index];
	first->target = c->bytes.len;
	first->target_len = c->entries[link].path_len;
	buf_append(&c->bytes, entry_path(c, &c->entries[link]), first->target_len);
	first->flags = (uint8_t)((first->flags & ~(ENTRY_PAIRED | ENTRY_DIGEST)) | ENTRY_HARDLINK);
	first->size = UINT64_MAX;
	return 0;
}

/*
 * Adds an entry of an archive.
 * @param place  where its content is found again
 * @return 1 when its content may be wanted, 0 when not, CORE_EMEMORY, CORE_ELIMIT
 */
static int32_t add_packed(struct tree *t, const struct pack_entry *p, uint32_t place, uint32_t *index)
{
	const uint8_t *path = p->path, *target = p->target;
	size_t len = p->path_len, target_len = p->target_len;
	struct entry e = entry_of(p);

	e.place = place;
	/* What is in an archive of another tree has the name that the archive has in the list. */
	const int whole = p->prefix_len > 0 && !t->streamed;
	if (!whole && !path_inside(t, &path, &len, e.kind)) {
		/* The directory itself is met too, but is no entry. */
		t->met |= t->from.inner_len > 0 && len == 0;
		return 0;
	}
	t->met = 1;
	if (p->prefix_len > 0) {
		e.inner = p->prefix_len - (uint32_t)(path - p->path);
		e.level = (uint8_t)t->look->depth;
	}
	/* What a link leads to outside is not found later, and said then. */
	if (p->hardlink && !whole)
		path_inside(t, &target, &target_len, CORE_KIND_FILE);
	if (len > 0 && !tree_keeps(t, path, len, e.kind)) {
		/* Kept all the same: a hard link that does count may lead here. */
		if (e.kind != CORE_KIND_FILE)
			return 0;
		e.flags |= ENTRY_HIDDEN;
	}
	int32_t rc = catalogue_add(&t->list, &e, path, len, target, target_len, index);
	if (rc < 0)
		return rc;
	struct err err = {0};
	if (len > PATH_BYTES)
		err = err_of(CORE_ELIMIT, "compare", t->side, "the path is longer than 16 KiB");
	else if (p->encrypted)
		err = err_of(CORE_EARCHIVE_ENCRYPTED, "read archive", t->side, "the content is encrypted");
	if (err.code != 0 && t->list.entries[*index].error == 0 && catalogue_fail(&t->list, *index, &err) != 0)
		return CORE_EMEMORY;
	if (rc == 1 && p->hardlink && p->size > 0 && turn_link(t, *index, target, target_len) != 0)
		return CORE_EMEMORY;
	return rc == 1 && err.code == 0 && e.kind == CORE_KIND_FILE && !(e.flags & ENTRY_HARDLINK);
}

/* The target of a symbolic link in a ZIP file is its content. */
static int32_t read_target(struct tree *t, uint64_t at, struct buf *target, struct err *e)
{
	struct reader r = {0};
	size_t got = 0;

	target->len = 0;
	int32_t rc = reader_open_zip_member(&r, t->zip, at, t->side, e);
	do {
		if (rc == 0 && buf_reserve(target, TARGET_BYTES) != 0)
			rc = CORE_EMEMORY;
		if (rc == 0)
			rc = reader_next(&r, NULL, target->data + target->len, TARGET_BYTES, &got, e);
		if (rc == 0)
			target->len += got;
		if (rc == 0 && target->len > TARGET_BYTES) {
			*e = err_of(CORE_ELIMIT, "read archive", t->side, "the target of the link is longer than 64 KiB");
			rc = e->code;
		}
	} while (rc == 0 && got > 0);
	reader_close(&r);
	return rc;
}

static int32_t add_member(struct tree *t, uint64_t at)
{
	const struct zip_entry *z = zip_at(t->zip, at);
	struct pack_entry p = {
		.path = z->path, .path_len = z->path_len, .raw = z->raw, .raw_len = z->raw_len, .flaws = z->flaws,
		.kind = z->kind, .encrypted = z->encrypted, .has_mode = z->has_mode, .has_owner = z->has_owner,
		.has_mtime = z->has_mtime, .mode = z->mode, .uid = z->uid, .gid = z->gid, .mtime_ns = z->mtime_ns,
		.size = z->size, .index = at,
	};
	struct buf target = {0};
	struct err e = {0};
	uint32_t index = UINT32_MAX;
	int32_t rc = 0;

	if (z->kind == CORE_KIND_SYMLINK && !z->encrypted && !z->differs)
		rc = read_target(t, at, &target, &e);
	if (rc != CORE_EMEMORY) {
		p.target = target.data;
		p.target_len = rc == 0 ? (uint32_t)target.len : 0;
		int32_t added = add_packed(t, &p, (uint32_t)at, &index);
		if (added < 0)
			rc = added;
		else if (rc != 0 && index != UINT32_MAX)
			rc = catalogue_fail(&t->list, index, &e);
		else
			rc = 0;
	}
	buf_free(&target);
	return rc;
}

static int32_t list_zip(struct tree *t)
{
	uint64_t count = zip_count(t->zip);

	for (int i = 0; i < STEP_MEMBERS && t->listed < count; i++) {
		int32_t rc = add_member(t, t->listed++);
		if (rc != 0)
			return rc;
	}
	return t->listed < count;
}

int32_t tree_list(struct tree *t, struct task *task)
{
	if (t->walking)
		return list_dir(t);
	if (tree_is_manifest(t))
		return listed_go_on(t, task);
	return t->zip ? list_zip(t) : 0;
}

/* ------------------------------------------------- archives in archives */

/* Where a path, or what begins with it, would stand among the sorted ones. */
static uint32_t look_find(const struct look *k, const uint8_t *path, size_t len)
{
	uint32_t low = 0, high = k->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t from = middle == 0 ? 0 : k->ends[middle - 1];
		if (path_compare(k->text.data + from, (size_t)(k->ends[middle] - from), path, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What is to be done with the file at a path; on the thread of a decoder. */
static enum pack_into into(const void *ctx, const uint8_t *path, size_t len)
{
	const struct tree *t = ctx;
	const struct look *k = t->look;
	const uint8_t *own = path;

	if (t->streamed && !path_inside(t, &own, &len, CORE_KIND_FILE))
		return PACK_INTO_NOT;
	for (uint32_t i = look_find(k, own, len); i < k->count; i++) {
		const uint64_t from = i == 0 ? 0 : k->ends[i - 1];
		const size_t has = (size_t)(k->ends[i] - from);
		const uint8_t *at = k->text.data + from;
		if (has < len || memcmp(at, own, len) != 0)
			return PACK_INTO_NOT;
		if (has == len)
			return PACK_INTO_LIST;
		if (has > len + 2 && memcmp(at + len, "!/", 2) == 0)
			return PACK_INTO_PASS;
		/* Such as `a.tar!` or `a.tar!!/b`, and those before "!/" are few. */
		if (at[len] > '!')
			return PACK_INTO_NOT;
	}
	return PACK_INTO_NOT;
}

/* What is left of the limits, which are for all levels together, with what was listed since it was last asked. */
static const struct pack_limits *limits_left(struct tree *t)
{
	struct pack_limits *left = &t->left;

	for (; t->left_at < t->list.count; t->left_at++) {
		const struct entry *e = &t->list.entries[t->left_at];
		/* Files of a directory are in no archive. */
		if (t->fd >= 0 && e->inner == 0)
			continue;
		if (e->kind == CORE_KIND_FILE && e->size != UINT64_MAX && !(e->flags & ENTRY_HARDLINK))
			left->bytes = e->size < left->bytes ? left->bytes - e->size : 1;
		left->entries -= left->entries > 1;
	}
	return left;
}

/* Begins with the next of the archives of a tree that is no stream. */
static int32_t open_container(struct tree *t, struct err *e)
{
	const struct entry *c = &t->list.entries[t->containers[t->container++]];
	struct reader r;

	int32_t rc = tree_read(t, c, &r, e);
	if (rc != 0)
		return rc;
	/* The path moves while the list grows. */
	t->path.len = 0;
	if (buf_append(&t->path, entry_path(&t->list, c), c->path_len) != 0) {
		reader_close(&r);
		*e = err_of(CORE_EMEMORY, "read archive", t->side, "out of memory");
		return e->code;
	}
	const struct pack_look look = {.into = into, .ctx = t, .depth = t->look->depth, .root = t->path.data,
				       .root_len = t->path.len};
	return pack_stream_start_nested(&t->stream, &r, limits_left(t), &look, e);
}

int32_t tree_begin_nested(struct tree *t, const struct look *look, const uint32_t *containers, uint32_t count,
			  struct err *e)
{
	const struct pack_look into_it = {.into = into, .ctx = t, .depth = look->depth};
	const struct pack_limits limits = limits_of(t->config);

	t->left = pack_limits_of(&limits);
	t->left_at = 0;
	tree_stop(t, NULL);
	t->look = look;
	t->containers = containers;
	t->container_count = count;
	t->container = 0;
	t->has = t->ended = 0;
	t->look_err = (struct err){0};
	if (!t->streamed)
		return 0;
	int32_t rc = tree_open_bytes(t, &t->source, e);
	return rc != 0 ? rc : pack_stream_start_nested(&t->stream, &t->source, limits_left(t), &into_it, e);
}

void tree_end_nested(struct tree *t)
{
	tree_stop(t, NULL);
	t->look = NULL;
	t->ended = 1;
}

/* An archive in the tree is over. @return 0 or CORE_EMEMORY */
static int32_t end_container(struct tree *t, const struct pack_entry *p)
{
	const uint8_t *path = p->path;
	size_t len = p->path_len;

	if (t->streamed && !path_inside(t, &path, &len, CORE_KIND_FILE))
		return 0;
	uint32_t index = catalogue_find(&t->list, path, len);
	if (index == UINT32_MAX)
		return 0;
	struct entry *e = &t->list.entries[index];
	e->looked = p->over == PACK_OVER_WHOLE  ? LOOKED_WHOLE
		    : p->over == PACK_OVER_NONE ? LOOKED_NONE
						: LOOKED_FAILED;
	return e->looked == LOOKED_FAILED ? catalogue_fail(&t->list, index, &p->why) : 0;
}

/* An archive of the tree itself failed as a whole. @return 0 or CORE_EMEMORY */
static int32_t fail_container(struct tree *t, uint32_t index, const struct err *why)
{
	struct entry *e = &t->list.entries[index];

	if (e->looked != LOOKED_NOT)
		return 0;
	e->looked = LOOKED_FAILED;
	return catalogue_fail(&t->list, index, why);
}

/* As pack_stream_next(), of all archives one after the other. */
static int32_t next_nested(struct tree *t, struct task *task, struct err *e)
{
	for (;;) {
		int32_t rc = 0;
		if (!t->stream && t->container == t->container_count)
			return 0;
		if (!t->stream)
			rc = open_container(t, e);
		if (rc == 0)
			rc = pack_stream_next(t->stream, task, &t->current, e);
		if (rc == 1 && t->current.over)
			rc = end_container(t, &t->current) == 0 ? 2 : CORE_EMEMORY;
		else if (rc == 1 || rc == PACK_STREAM_WAIT)
			return rc == 1 ? 1 : PACK_STREAM_WAIT;
		if (rc == CORE_EMEMORY)
			return rc;
		if (rc == 2)
			continue;
		/* What could not be read to its end is not marked as whole, and so is not known. */
		if (rc < 0)
			t->look_err = *e;
		if (rc < 0 && t->container > 0 && fail_container(t, t->containers[t->container - 1], e) != 0)
			return CORE_EMEMORY;
		tree_stop(t, NULL);
		if (t->streamed)
			return 0;
	}
}

/* ------------------------------------------------------------------ next */

int32_t tree_next(struct tree *t, struct task *task)
{
	struct err e;

	t->has = 0;
	int32_t rc = t->look ? next_nested(t, task, &e) : pack_stream_next(t->stream, task, &t->current, &e);
	if (rc == PACK_STREAM_WAIT)
		return TREE_WAIT;
	if (rc <= 0) {
		t->ended = 1;
		if (rc == CORE_EMEMORY)
			return rc;
		if (rc < 0)
			t->broken = e;
		return 0;
	}
	rc = add_packed(t, &t->current, 0, &t->index);
	if (rc < 0)
		return rc;
	t->has = rc;
	return 1;
}

const struct entry *tree_content(const struct tree *t, const struct entry *entry)
{
	for (int hops = 0; entry->flags & ENTRY_HARDLINK; hops++) {
		uint32_t index = catalogue_find(&t->list, entry_target(&t->list, entry), entry->target_len);
		if (index == UINT32_MAX || hops == MAX_HOPS)
			return NULL;
		entry = &t->list.entries[index];
	}
	return entry;
}

/* --------------------------------------------------------------- content */

int path_locate(int root, const uint8_t *path, size_t len, char piece[TREE_PIECE])
{
	int dir = root;

	while (len >= TREE_PIECE) {
		size_t n = TREE_PIECE - 1;
		while (n > 0 && path[n - 1] != '/')
			n--;
		if (n == 0)
			return -ENAMETOOLONG;
		memcpy(piece, path, n - 1);
		piece[n - 1] = '\0';
		int fd = plat_open_at(dir, piece, PLAT_DIR);
		if (dir != root)
			plat_close(dir);
		if (fd < 0)
			return fd;
		dir = fd;
		path += n;
		len -= n;
	}
	memcpy(piece, path, len);
	piece[len] = '\0';
	return dir;
}

int tree_stat(const struct tree *t, const struct entry *entry, struct plat_stat *st)
{
	int follow = (t->config->flags & CORE_COMPARE_FOLLOW) && entry->kind != CORE_KIND_SYMLINK;
	char piece[TREE_PIECE];

	int dir = tree_locate(t, entry, piece);
	if (dir < 0)
		return dir;
	int rc = plat_stat_at(dir, piece, follow, st);
	if (dir != t->fd)
		plat_close(dir);
	return rc;
}

int tree_locate(const struct tree *t, const struct entry *entry, char piece[TREE_PIECE])
{
	return path_locate(t->fd, entry_path(&t->list, entry), entry->path_len, piece);
}

static int32_t read_file(const struct tree *t, const struct entry *entry, struct reader *r, struct err *e)
{
	unsigned how = t->config->flags & CORE_COMPARE_FOLLOW ? 0 : PLAT_NOFOLLOW;
	char piece[TREE_PIECE];

	int dir = tree_locate(t, entry, piece);
	if (dir < 0) {
		*e = err_sys(-dir, "open", t->side);
		return e->code;
	}
	int32_t rc = reader_open_file(r, dir, piece, how, t->side, e);
	if (dir != t->fd)
		plat_close(dir);
	if (rc == 0 && r->before.kind != CORE_KIND_FILE) {
		reader_close(r);
		*e = err_of(CORE_ECHANGED, "compare", t->side, "the kind changed while the trees were read");
		return e->code;
	}
	return rc;
}

int32_t tree_read(const struct tree *t, const struct entry *entry, struct reader *r, struct err *e)
{
	if (t->from.file)
		return tree_open_bytes(t, r, e);
	return t->zip ? reader_open_zip_member(r, t->zip, entry->place, t->side, e) : read_file(t, entry, r, e);
}
