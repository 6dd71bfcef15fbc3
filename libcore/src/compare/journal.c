/* SPDX-License-Identifier: MIT */
#include "compare/journal.h"

#include "base/alloc.h"
#include "compare/catalogue.h"

#include <errno.h>
#include <string.h>

static const char partial[] = ".partial", before[] = ".partial.old", whole[] = ".new";

enum {
	/** Entries converted in one step. */
	STEP_ENTRIES = 2000,
};

void journal_init(struct journal *j)
{
	*j = (struct journal){.path = NULL};
	durable_init(&j->partial);
	durable_init(&j->whole);
}

static int32_t no_memory(struct err *e)
{
	*e = err_of(CORE_EMEMORY, "write", -1, "out of memory");
	return e->code;
}

static int32_t cannot_write(struct err *e, int sys)
{
	*e = err_sys(sys, "write", -1);
	if (e->code != CORE_EMEMORY)
		e->code = CORE_EWRITE;
	return e->code;
}

/* The manifest's path with another end, NULL when memory ran out. */
static char *beside(const struct journal *j, const char *suffix)
{
	size_t len = strlen(j->path), more = strlen(suffix);
	char *out = mem_alloc(len + more + 1);

	if (out) {
		memcpy(out, j->path, len);
		memcpy(out + len, suffix, more + 1);
	}
	return out;
}

static void own(struct journal *j, const struct plat_stat *st)
{
	j->own[j->owned++] = (struct journal_file){.dev = st->dev, .ino = st->ino};
}

int journal_owns(const struct journal *j, uint64_t dev, uint64_t ino)
{
	for (unsigned i = 0; i < j->owned; i++) {
		if (j->own[i].dev == dev && j->own[i].ino == ino)
			return 1;
	}
	return 0;
}

/* ----------------------------------------------------------------- resume */

/* Whether a file begins as a journal does, or not at all: 1, 0 or -errno. */
static int is_journal(int fd)
{
	static const char first[] = "{\"v\":1,\"type\":\"suite-manifest\"";
	char there[sizeof first - 1];
	int64_t n = plat_pread(fd, there, sizeof there, 0);

	return n < 0 ? (int)n : n == 0 || (n == (int64_t)sizeof there && memcmp(there, first, sizeof there) == 0);
}

/* Refuses to take a file for a journal that is somebody else's. */
static int32_t check_own(const char *path, struct err *e)
{
	int fd = plat_open_at(PLAT_CWD, path, PLAT_NOFOLLOW);

	if (fd == -ENOENT)
		return 0;
	int rc = fd < 0 ? fd : is_journal(fd);
	if (fd >= 0)
		plat_close(fd);
	if (rc == 0) {
		*e = err_of(CORE_EWRITE, "write", -1, "beside it, the name with .partial behind it has a file that is not suite's");
		return e->code;
	}
	return rc < 0 ? cannot_write(e, -rc) : 0;
}

/*
 * Puts the journal of an earlier run where this one will not write: the longer
 * of the two that a run which resumed itself may have left.
 * @return 0, or the code also in `*e`
 */
static int32_t set_aside(const char *from, const char *to, struct err *e)
{
	struct plat_stat last, older;
	int fd = plat_open_at(PLAT_CWD, from, PLAT_NOFOLLOW);

	if (fd == -ENOENT)
		return 0;
	int rc = fd < 0 ? fd : plat_lock(fd);
	if (rc == 0)
		rc = plat_fstat(fd, &last);
	if (rc == 0 && (plat_stat_at(PLAT_CWD, to, 0, &older) != 0 || older.size < last.size))
		rc = plat_rename_at(PLAT_CWD, from, to);
	if (fd >= 0)
		plat_close(fd);
	if (rc == -EWOULDBLOCK) {
		*e = err_of(CORE_EWRITE, "write", -1, "another process writes it at this moment");
		return e->code;
	}
	return rc < 0 ? cannot_write(e, -rc) : 0;
}

/* Reads the next entry of the earlier journal; one that is damaged ends it. */
static int32_t recall_next(struct journal *j)
{
	struct err e;
	int32_t rc = manifest_next(&j->old, NULL, &j->next, &e);

	j->has_next = rc == 1;
	if (rc == 1)
		return 0;
	manifest_source_end(&j->old);
	j->has_old = 0;
	return rc == CORE_EMEMORY ? rc : 0;
}

static int32_t open_old(struct journal *j, const char *path, struct err *e)
{
	struct reader r;
	struct plat_stat st;

	if (plat_stat_at(PLAT_CWD, path, 0, &st) != 0)
		return 0;
	int32_t rc = reader_open_file(&r, PLAT_CWD, path, PLAT_NOFOLLOW, -1, e);
	if (rc != 0)
		return rc;
	own(j, &r.before);
	manifest_source_begin(&j->old, &r, CORE_MANIFEST_SUITE, 0);
	j->old.parser.partial = 1;
	j->has_old = 1;
	if (recall_next(j) != 0)
		return no_memory(e);
	if (j->has_next && j->old.parser.digests != 1u << j->kind) {
		*e = err_of(CORE_EUSAGE, "write", -1, "beside it, .partial is of a run that made digests of another kind: go on with that, or remove it");
		return e->code;
	}
	return 0;
}

const struct manifest_entry *journal_recall(struct journal *j, const uint8_t *path, size_t len)
{
	while (j->has_next) {
		int order = path_compare(j->next.path, j->next.path_len, path, len);
		if (order == 0)
			return &j->next;
		if (order > 0)
			return NULL;
		/* Without memory it is as if nothing were known: the rest is read anew. */
		if (recall_next(j) != 0)
			return NULL;
	}
	return NULL;
}

/* ------------------------------------------------------------------ begin */

int32_t journal_begin(struct journal *j, char *path, uint32_t format, enum digest_kind kind, int resume, struct err *e)
{
	struct plat_stat st;

	j->path = path;
	j->format = format;
	j->kind = kind;
	char *now = beside(j, partial), *old = beside(j, before), *last = beside(j, whole);
	int32_t rc = now && old && last ? 0 : no_memory(e);
	if (rc == 0 && plat_stat_at(PLAT_CWD, path, 0, &st) == 0) {
		/* What has the name is replaced: a link by the file, anything that is no file not at all. */
		if (st.kind != CORE_KIND_FILE && st.kind != CORE_KIND_SYMLINK) {
			*e = err_of(CORE_EUNSUPPORTED, "write", -1, "a manifest is written to a file, and this is none");
			rc = e->code;
		} else {
			own(j, &st);
		}
	}
	/* What a run that was killed at its very end has left. */
	if (rc == 0 && plat_stat_at(PLAT_CWD, last, 0, &st) == 0)
		own(j, &st);
	if (rc == 0)
		rc = check_own(now, e);
	if (rc == 0 && resume)
		rc = set_aside(now, old, e);
	if (rc == 0 && resume)
		rc = open_old(j, old, e);
	if (rc == 0)
		rc = durable_begin(&j->partial, path, partial, 1, e);
	if (rc == 0) {
		if (plat_fstat(j->partial.fd, &st) == 0)
			own(j, &st);
		rc = manifest_write_begin(&j->partial.buf, CORE_MANIFEST_SUITE, kind, plat_time());
		if (rc != 0)
			no_memory(e);
	}
	mem_free(now);
	mem_free(old);
	mem_free(last);
	return rc;
}

/* ---------------------------------------------------------------- entries */

int32_t journal_add(struct journal *j, const struct manifest_entry *entry, struct err *e)
{
	int32_t rc = manifest_write(&j->partial.buf, CORE_MANIFEST_SUITE, entry);

	if (rc != 1)
		return no_memory(e);
	j->written++;
	/* Writes when enough is waiting. */
	return durable_write(&j->partial, NULL, 0, e);
}

int32_t journal_flush(struct journal *j, struct err *e)
{
	return durable_flush(&j->partial, e);
}

/* ---------------------------------------------------------------- convert */

static int32_t begin_convert(struct journal *j, struct err *e)
{
	struct reader r;
	char *now = beside(j, partial);
	int32_t rc = now ? durable_flush(&j->partial, e) : no_memory(e);

	/* Nobody else writes it: the lock is held until the journal ends. */
	if (rc == 0)
		rc = reader_open_file(&r, PLAT_CWD, now, PLAT_NOFOLLOW, -1, e);
	mem_free(now);
	if (rc != 0)
		return rc;
	manifest_source_begin(&j->again, &r, CORE_MANIFEST_SUITE, 0);
	j->again.parser.partial = 1;
	j->converting = 1;
	rc = durable_begin(&j->whole, j->path, whole, 0, e);
	if (rc == 0 && manifest_write_begin(&j->whole.buf, j->format, j->kind, plat_time()) != 0)
		rc = no_memory(e);
	return rc;
}

/* All is written: the manifest appears, and what it was made from goes. */
static int32_t end_convert(struct journal *j, struct err *e)
{
	if (j->again.parser.entries != j->written) {
		*e = err_of(CORE_EWRITE, "write", -1, "what was written is not what is read again");
		return e->code;
	}
	if (manifest_write_end(&j->whole.buf, j->format, j->lines) != 0)
		return no_memory(e);
	int32_t rc = durable_commit(&j->whole, e);
	if (rc != 0)
		return rc;
	durable_drop(&j->partial);
	/* Of the earlier run, nothing is wanted any more. */
	char *old = beside(j, before);
	if (old)
		plat_unlink_at(PLAT_CWD, old);
	mem_free(old);
	return 0;
}

int32_t journal_convert(struct journal *j, struct err *e)
{
	struct manifest_entry entry;

	if (!j->converting) {
		int32_t rc = begin_convert(j, e);
		return rc != 0 ? rc : 1;
	}
	for (int i = 0; i < STEP_ENTRIES; i++) {
		int32_t rc = manifest_next(&j->again, NULL, &entry, e);
		if (rc == 0)
			return end_convert(j, e);
		if (rc == CORE_EMEMORY)
			return no_memory(e);
		if (rc < 0)
			return rc;
		/* How a file is known again means nothing once the tree is read. */
		entry.known &= (uint8_t)~MANIFEST_IDENTITY;
		rc = manifest_write(&j->whole.buf, j->format, &entry);
		if (rc == CORE_EMEMORY)
			return no_memory(e);
		if (rc < 0) {
			*e = err_of(rc, "write", -1, "this format cannot hold a name with a line end");
			return rc;
		}
		j->lines += (unsigned)rc;
		rc = durable_write(&j->whole, NULL, 0, e);
		if (rc != 0)
			return rc;
	}
	return 1;
}

void journal_free(struct journal *j)
{
	struct err e;

	if (j->has_old)
		manifest_source_end(&j->old);
	if (j->converting)
		manifest_source_end(&j->again);
	durable_drop(&j->whole);
	/* What was found out is worth keeping; whether that works changes nothing any more. */
	if (j->written > 0)
		durable_leave(&j->partial, &e);
	else
		durable_drop(&j->partial);
	mem_free(j->path);
	journal_init(j);
}
