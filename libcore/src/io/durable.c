/* SPDX-License-Identifier: MIT */
#include "io/durable.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

/** Bytes kept back at most: few calls, and little that is lost when the process is killed. */
enum { BATCH = 64 << 10 };

void durable_init(struct durable *d)
{
	*d = (struct durable){.dir = -1, .fd = -1};
}

static int32_t fail(struct err *e, int64_t rc, const char *op)
{
	*e = err_sys((int)-rc, op, -1);
	/* Whatever kept it from being written, to the caller it is an output that failed. */
	if (e->code != CORE_EMEMORY)
		e->code = CORE_EWRITE;
	return e->code;
}

static void close_all(struct durable *d)
{
	if (d->fd >= 0)
		plat_close(d->fd);
	if (d->dir >= 0)
		plat_close(d->dir);
	mem_free(d->name);
	mem_free(d->other);
	buf_free(&d->buf);
	durable_init(d);
}

/* A copy of `len` bytes with another text behind, NUL-terminated; NULL when memory ran out. */
static char *joined(const char *text, size_t len, const char *more)
{
	size_t n = strlen(more);
	char *out = mem_alloc(len + n + 1);

	if (out) {
		memcpy(out, text, len);
		memcpy(out + len, more, n + 1);
	}
	return out;
}

/*
 * Opens the file for writing, empty. With `lock`, nobody else has it: whoever
 * had it may have taken its name away meanwhile, so that it is another file.
 * @return a descriptor or -errno
 */
static int open_empty(int dir, const char *name, int lock)
{
	struct plat_stat mine, there;

	if (!lock)
		return plat_create_at(dir, name, PLAT_TRUNCATE);
	for (int tries = 0; tries < 100; tries++) {
		int fd = plat_create_at(dir, name, 0);
		if (fd < 0)
			return fd;
		int rc = plat_lock(fd);
		if (rc == 0)
			rc = plat_fstat(fd, &mine);
		if (rc == 0 && plat_stat_at(dir, name, 0, &there) == 0 && mine.ino == there.ino && mine.dev == there.dev)
			rc = plat_truncate(fd);
		else if (rc == 0)
			rc = -ESTALE;
		if (rc == 0)
			return fd;
		plat_close(fd);
		if (rc != -ESTALE)
			return rc;
	}
	return -EWOULDBLOCK;
}

int32_t durable_begin(struct durable *d, const char *path, const char *suffix, int lock, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *parent = slash ? joined(path, (size_t)(name - path), "") : joined(".", 1, "");

	durable_init(d);
	d->name = joined(name, strlen(name), "");
	d->other = joined(name, strlen(name), suffix);
	if (!parent || !d->name || !d->other) {
		mem_free(parent);
		close_all(d);
		*e = err_of(CORE_EMEMORY, "write", -1, "out of memory");
		return e->code;
	}
	int rc = *name ? plat_open_at(PLAT_CWD, parent, PLAT_DIR) : -EISDIR;
	mem_free(parent);
	if (rc >= 0) {
		d->dir = rc;
		rc = open_empty(d->dir, d->other, lock);
	}
	if (rc >= 0) {
		d->fd = rc;
		return 0;
	}
	if (rc == -EWOULDBLOCK)
		*e = err_of(CORE_EWRITE, "write", -1, "another process writes it at this moment");
	else
		fail(e, rc, "write");
	close_all(d);
	return e->code;
}

int32_t durable_flush(struct durable *d, struct err *e)
{
	for (size_t done = 0; done < d->buf.len;) {
		int64_t n = plat_write(d->fd, d->buf.data + done, d->buf.len - done);
		if (n < 0)
			return fail(e, n, "write");
		done += (size_t)n;
		d->written += (uint64_t)n;
	}
	d->buf.len = 0;
	return 0;
}

int32_t durable_write(struct durable *d, const void *data, size_t len, struct err *e)
{
	if (buf_append(&d->buf, data, len) != 0) {
		*e = err_of(CORE_EMEMORY, "write", -1, "out of memory");
		return e->code;
	}
	return d->buf.len >= BATCH ? durable_flush(d, e) : 0;
}

int32_t durable_commit(struct durable *d, struct err *e)
{
	int32_t rc = durable_flush(d, e);

	if (rc == 0) {
		int failed = plat_sync(d->fd);
		if (failed == 0)
			failed = plat_rename_at(d->dir, d->other, d->name);
		/* The name itself lies on the device only after this. */
		if (failed == 0)
			failed = plat_sync(d->dir);
		if (failed != 0)
			rc = fail(e, failed, "write");
	}
	if (rc == 0)
		close_all(d);
	else
		durable_drop(d);
	return rc;
}

int32_t durable_leave(struct durable *d, struct err *e)
{
	if (d->fd < 0)
		return 0;
	int32_t rc = durable_flush(d, e);

	if (rc == 0) {
		int failed = plat_sync(d->fd);
		if (failed != 0)
			rc = fail(e, failed, "write");
	}
	close_all(d);
	return rc;
}

void durable_drop(struct durable *d)
{
	if (d->fd >= 0)
		plat_unlink_at(d->dir, d->other);
	close_all(d);
}
