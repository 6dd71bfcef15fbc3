/* SPDX-License-Identifier: MIT */
/*
 * Files by pread into the caller's buffer. No mapping: a file that another
 * process cuts short then ends a mapping reader with SIGBUS, and reading into
 * buffers that stay in the cache measured within a fifth of mapping or better.
 */
#include "io/reader.h"

#include <errno.h>

static int32_t fail(struct reader *r, struct err *e, int64_t rc, const char *op)
{
	*e = err_sys((int)-rc, op, r->side);
	return e->code;
}

static int32_t file_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got,
		       struct err *e)
{
	size_t done = 0;

	while (done < len) {
		int64_t n = plat_pread(r->fd, buf + done, len - done, off + done);
		if (n < 0) {
			*e = (struct err){.code = CORE_EREAD, .sys = (int)-n, .op = "read",
					  .side = r->side, .at = off + done + 1};
			return e->code;
		}
		if (n == 0)
			break;
		done += (size_t)n;
	}
	*got = done;
	return 0;
}

static int32_t file_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			 struct err *e)
{
	(void)t;
	int32_t rc = file_at(r, r->pos, buf, len, got, e);
	if (rc == 0)
		r->pos += *got;
	return rc;
}

static int32_t file_check(struct reader *r, struct err *e)
{
	struct plat_stat now;
	const char *what = NULL;

	int rc = plat_fstat(r->fd, &now);
	if (rc != 0)
		return fail(r, e, rc, "stat");
	if (now.size != r->before.size)
		what = "size changed while it was read";
	else if (now.mtime_ns != r->before.mtime_ns)
		what = "mtime changed while it was read";
	else if (now.ctime_ns != r->before.ctime_ns)
		what = "ctime changed while it was read";
	if (!what)
		return 0;
	*e = err_of(CORE_ECHANGED, "compare", r->side, what);
	return e->code;
}

static void file_close(struct reader *r)
{
	plat_close(r->fd);
}

static const struct reader_ops file_ops = {file_at, file_next, file_check, file_close};

int32_t reader_open_file(struct reader *r, int dir, const char *path, unsigned flags, int32_t side,
			 struct err *e)
{
	*r = (struct reader){.side = side};
	int fd = plat_open_at(dir, path, flags);
	if (fd < 0)
		return fail(r, e, fd, "open");
	r->fd = fd;
	int64_t rc = plat_fstat(fd, &r->before);
	r->size = r->before.size;
	if (rc == 0 && r->before.kind == CORE_KIND_BLOCK) {
		/* Not into `before`: fstat() goes on to say 0. */
		rc = plat_device_size(fd);
		if (rc >= 0)
			r->size = (uint64_t)rc;
	}
	if (rc < 0) {
		plat_close(fd);
		return fail(r, e, rc, "stat");
	}
	r->ops = &file_ops;
	r->random = 1;
	r->sparse = r->before.kind == CORE_KIND_FILE && r->before.allocated < r->size;
	return 0;
}

uint64_t reader_data(struct reader *r, uint64_t off)
{
	int64_t at = plat_seek(r->fd, off, 0);

	if (at == -ENXIO)
		return r->size;
	/* A file system that cannot tell calls everything data. */
	return at < 0 ? off : (uint64_t)at;
}

uint64_t reader_hole(struct reader *r, uint64_t off)
{
	int64_t at = plat_seek(r->fd, off, 1);

	return at < 0 ? r->size : (uint64_t)at;
}

int reader_is_pseudo(const struct reader *r)
{
	return r->ops == &file_ops && plat_is_pseudo(r->fd);
}

int reader_same(const struct reader *a, const struct reader *b)
{
	return a->ops == &file_ops && b->ops == &file_ops && a->before.dev == b->before.dev &&
	       a->before.ino == b->before.ino;
}

int reader_same_extents(const struct reader *a, const struct reader *b)
{
	return a->ops == &file_ops && b->ops == &file_ops && a->before.kind == CORE_KIND_FILE &&
	       b->before.kind == CORE_KIND_FILE && a->before.dev == b->before.dev &&
	       plat_same_extents(a->fd, b->fd);
}

void reader_clip(struct reader *r, uint64_t skip, uint64_t limit)
{
	if (skip == 0 && limit == 0)
		return;
	if (r->data)
		r->data += skip < r->size ? skip : r->size;
	else
		r->base += skip;
	r->size -= skip < r->size ? skip : r->size;
	if (limit > 0 && limit < r->size)
		r->size = limit;
	r->clipped = 1;
	/* Holes are told by the offsets of the whole file. */
	r->sparse = 0;
}
