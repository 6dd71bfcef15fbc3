/* SPDX-License-Identifier: MIT */
#include "compare/hash_file.h"

#include "base/alloc.h"
#include "compare/merge.h"

#include <errno.h>
#include <string.h>

enum {
	/** Bytes hashed in one step. */
	STEP_BYTES = 8 << 20,
	TARGET_BYTES = 4096,
};

/*
 * A file that was written so shortly before it was read may be written again
 * without its times changing: the clock of file times ticks, and some file
 * systems keep whole seconds. Such a file is not known again.
 */
static const int64_t settled_ns = 2000000000;

void hash_file_close(struct hash_file *f)
{
	if (f->open)
		reader_close(&f->reader);
	hasher_free(f->hasher);
	*f = (struct hash_file){.open = 0};
}

static int32_t failed(struct hash_file *f, struct hashed *x, const struct err *e)
{
	hash_file_close(f);
	x->err = *e;
	return 1;
}

static int32_t failed_sys(struct hash_file *f, struct hashed *x, int sys, const char *op)
{
	struct err e = err_sys(sys, op, -1);

	if (sys == ENOENT || sys == ENOTDIR)
		e = err_of(CORE_ECHANGED, op, -1, "the name vanished while the tree was read");
	else if (sys == ELOOP)
		e = err_of(CORE_ECHANGED, op, -1, "the kind changed while the tree was read");
	return failed(f, x, &e);
}

/* ------------------------------------------------------------------ files */

static int is_recalled(const struct hashed *x, const struct plat_stat *now)
{
	return x->recalled && x->st.size == now->size && x->st.ino == now->ino && x->st.mtime_ns == now->mtime_ns &&
	       x->st.ctime_ns == now->ctime_ns;
}

/* Opens a file: 0 when it is to be read, or as hash_file_step(). */
static int32_t begin(struct hash_file *f, const struct item *it, struct hashed *x, core_run *run,
		     const struct config *c, const struct journal *journal, enum digest_kind kind, struct err *e)
{
	unsigned how = c->flags & CORE_COMPARE_FOLLOW ? 0 : PLAT_NOFOLLOW;

	f->since_ns = plat_time();
	if (reader_open_file(&f->reader, it->dir->fd[0], it->name, how, -1, e) != 0) {
		if (e->sys == EMFILE || e->sys == ENFILE)
			return CORE_ELIMIT;
		return failed_sys(f, x, e->sys, e->op);
	}
	f->open = 1;
	const struct plat_stat *st = &f->reader.before;
	if (st->kind != CORE_KIND_FILE) {
		*e = err_of(CORE_ECHANGED, "open", -1, "the kind changed while the tree was read");
		return failed(f, x, e);
	}
	if (journal_owns(journal, st->dev, st->ino)) {
		x->left_out = 1;
		hash_file_close(f);
		return 1;
	}
	atomic_fetch_add_explicit(&run->bytes_total, st->size, memory_order_relaxed);
	int same = is_recalled(x, st);
	x->st = *st;
	x->known = MANIFEST_SIZE | MANIFEST_MTIME;
	if (same) {
		x->known |= MANIFEST_CONTENT | MANIFEST_IDENTITY;
		x->reused = 1;
		atomic_fetch_add_explicit(&run->bytes_avoided, st->size, memory_order_relaxed);
		hash_file_close(f);
		return 1;
	}
	f->hasher = hasher_new(kind);
	if (!f->hasher) {
		hash_file_close(f);
		return CORE_EMEMORY;
	}
	return 0;
}

/* All is read: the digest holds if the file is still what it was. */
static int32_t end(struct hash_file *f, struct hashed *x, uint64_t read)
{
	struct err e;

	/* Of a file that the system makes up while it is read, only its end tells the size. */
	int pseudo = reader_is_pseudo(&f->reader);
	if (!pseudo && read != x->st.size) {
		e = err_of(CORE_ECHANGED, "read", -1, "size changed while it was read");
		return failed(f, x, &e);
	}
	if (reader_check(&f->reader, &e) != 0)
		return failed(f, x, &e);
	hasher_end(f->hasher, x->digest);
	x->st.size = read;
	x->known |= MANIFEST_CONTENT;
	if (!pseudo && x->st.ctime_ns < f->since_ns - settled_ns)
		x->known |= MANIFEST_IDENTITY;
	hash_file_close(f);
	return 1;
}

static int32_t read_on(struct hash_file *f, struct hashed *x, core_run *run, const struct config *c)
{
	uint8_t *buf = pool_scratch(c->chunk);
	struct err e;

	if (!buf) {
		hash_file_close(f);
		return CORE_EMEMORY;
	}
	for (size_t done = 0; done < STEP_BYTES;) {
		size_t got = 0;
		if (run_cancelled(run))
			return 0;
		if (reader_next(&f->reader, NULL, buf, c->chunk, &got, &e) != 0)
			return failed(f, x, &e);
		if (got == 0)
			return end(f, x, f->reader.pos);
		hasher_add(f->hasher, buf, got);
		atomic_fetch_add_explicit(&run->bytes_read, got, memory_order_relaxed);
		done += got;
	}
	return 0;
}

/* ------------------------------------------------------------------ others */

static int32_t read_link(const struct item *it, struct hashed *x, struct hash_file *f)
{
	/* One byte more than any target, so that a longer one is seen. */
	uint8_t target[TARGET_BYTES + 1];
	int64_t len = plat_readlink_at(it->dir->fd[0], it->name, target, sizeof target);

	if (len == -EINVAL)
		return failed_sys(f, x, ELOOP, "read link");
	if (len < 0 || len > TARGET_BYTES)
		return failed_sys(f, x, len < 0 ? (int)-len : ENAMETOOLONG, "read link");
	x->target = mem_alloc((size_t)len + 1);
	if (!x->target)
		return CORE_EMEMORY;
	memcpy(x->target, target, (size_t)len);
	x->target_len = (size_t)len;
	return 1;
}

/* What is no file, or not yet known to be one: 0 when it is a file. */
static int32_t look(const struct item *it, struct hashed *x, struct hash_file *f, const struct config *c)
{
	/* What was followed to be listed is followed again; a link that stayed one is not. */
	int follow = (c->flags & CORE_COMPARE_FOLLOW) && it->kind[0] != CORE_KIND_SYMLINK;
	struct plat_stat st;

	if (it->kind[0] == CORE_KIND_FILE)
		return 0;
	int rc = plat_stat_at(it->dir->fd[0], it->name, follow, &st);
	/* A path that was given may be missing. */
	if (rc == -ENOENT && it->named) {
		struct err e = err_of(CORE_ENOT_FOUND, "stat", -1, "it is not in the tree");
		return failed(f, x, &e);
	}
	if (rc != 0)
		return failed_sys(f, x, -rc, "stat");
	if (it->kind[0] == CORE_KIND_UNKNOWN) {
		if (st.kind == CORE_KIND_FILE) {
			x->kind = st.kind;
			return 0;
		}
	} else if (it->kind[0] != st.kind) {
		return failed_sys(f, x, ELOOP, "stat");
	}
	x->kind = st.kind;
	x->st = st;
	x->recalled = 0;
	x->known = MANIFEST_MTIME;
	if (st.kind == CORE_KIND_BLOCK || st.kind == CORE_KIND_CHAR)
		x->known |= MANIFEST_DEVICE;
	return st.kind == CORE_KIND_SYMLINK ? read_link(it, x, f) : 1;
}

int32_t hash_file_step(struct hash_file *f, const struct item *it, struct hashed *x, core_run *run,
		       const struct config *c, const struct journal *journal, enum digest_kind kind, struct err *e)
{
	if (!f->open) {
		int32_t rc = look(it, x, f, c);
		if (rc == 0)
			rc = begin(f, it, x, run, c, journal, kind, e);
		if (rc != 0)
			return rc;
	}
	return read_on(f, x, run, c);
}
