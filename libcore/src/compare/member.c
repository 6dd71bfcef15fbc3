/* SPDX-License-Identifier: MIT */
#include "compare/member.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

static void remember(struct member *m, const struct reader *r)
{
	m->size = r->size;
	m->dev = r->before.dev;
	m->ino = r->before.ino;
	m->mtime_ns = r->before.mtime_ns;
	m->ctime_ns = r->before.ctime_ns;
}

static int32_t changed(struct err *e, const char *what)
{
	*e = err_of(CORE_ECHANGED, "compare", -1, what);
	return e->code;
}

/* Compares what a path leads to now with what it led to at first. */
static int32_t same_file(const struct member *m, const struct plat_stat *now, struct err *e)
{
	if (now->dev != m->dev || now->ino != m->ino)
		return changed(e, "another file has its name now");
	/* Of a block device, the size is not to be had this way. */
	if (now->kind == CORE_KIND_FILE && !m->endless && now->size != m->size)
		return changed(e, "size changed while it was read");
	if (now->mtime_ns != m->mtime_ns)
		return changed(e, "mtime changed while it was read");
	if (now->ctime_ns != m->ctime_ns)
		return changed(e, "ctime changed while it was read");
	return 0;
}

/* A failure to open what was there before. */
static int32_t lost(const struct err *why, struct err *e)
{
	if (why->code == CORE_ENOT_FOUND)
		return changed(e, "its name vanished while it was read");
	*e = *why;
	return e->code;
}

/* Keeps a reader if there is room for it, or closes it. */
static int32_t keep_or_close(struct member *m, struct member_slots *slots, int keep, struct reader *r, struct err *e)
{
	int counted = r->ops && m->src.kind == CORE_SOURCE_PATH;

	if (counted) {
		uint32_t open = atomic_fetch_add(&slots->open, 1);
		if (!keep || open >= atomic_load(&slots->max)) {
			atomic_fetch_sub(&slots->open, 1);
			reader_close(r);
			return 0;
		}
	}
	m->reader = mem_alloc(sizeof *r);
	if (!m->reader) {
		if (counted)
			atomic_fetch_sub(&slots->open, 1);
		reader_close(r);
		*e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
		return e->code;
	}
	*m->reader = *r;
	return 0;
}

int32_t member_look(struct member *m, struct member_slots *slots, int keep, struct err *e)
{
	struct reader r;
	uint8_t kind, byte;
	size_t got = 0;

	if (m->src.archive || m->src.manifest) {
		*e = err_of(CORE_EUNSUPPORTED, "open", -1,
			    m->src.archive ? "what is in an archive cannot be compared with many others"
					   : "what a manifest lists cannot be compared with many others");
		return e->code;
	}
	int32_t rc = side_open(&m->src, -1, &r, &kind, e);
	if (rc != 0)
		return rc;
	if (kind == CORE_KIND_DIR) {
		reader_close(&r);
		*e = err_of(CORE_EUNSUPPORTED, "open", -1, "it is a directory, and only files can be compared with many others");
		return e->code;
	}
	remember(m, &r);
	m->stream = !r.random;
	m->endless = r.size == UINT64_MAX || reader_is_pseudo(&r);
	if (m->src.kind == CORE_SOURCE_PATH && r.size == 0 && !m->endless) {
		/* A size of 0 may mean that nobody knows. */
		rc = reader_at(&r, 0, &byte, 1, &got, e);
		m->endless = got > 0;
	}
	if (rc != 0) {
		reader_close(&r);
		return rc;
	}
	return keep_or_close(m, slots, keep, &r, e);
}

int32_t member_ask(struct member *m, int size_first, struct task *t, struct err *e)
{
	const struct reader_want want = {.size_first = size_first};
	struct opener *o = m->src.opener;
	int32_t rc;

	if (!o || m->src.archive || m->src.manifest) {
		*e = err_of(CORE_EUNSUPPORTED, "open", -1,
			    m->src.manifest ? "what a manifest lists cannot be compared with many others"
			    : o ? "what is in an archive cannot be compared with many others"
			      : "this library was built without HTTP");
		return e->code;
	}
	if (!m->reader) {
		m->reader = mem_zalloc(1, sizeof *m->reader);
		if (!m->reader) {
			*e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
			return e->code;
		}
		rc = o->ops->open(o, m->reader, &want, -1, e);
		if (rc != 0)
			return rc;
	}
	rc = reader_ready(m->reader, t, e);
	if (rc != 0)
		return rc;
	remember(m, m->reader);
	m->stream = !m->reader->random;
	m->endless = m->reader->size == UINT64_MAX;
	return 0;
}

/* Opens a file again: it must be what it was. */
static int32_t open_again(const struct member *m, struct reader *r, struct err *e)
{
	struct err why;

	if (reader_open_file(r, PLAT_CWD, (const char *)m->src.data, 0, -1, &why) != 0)
		return lost(&why, e);
	int32_t rc = same_file(m, &r->before, e);
	if (rc != 0)
		reader_close(r);
	return rc;
}

int32_t member_read(struct member *m, struct member_slots *slots, int keep, uint64_t off, size_t len,
		    uint8_t *into, const uint8_t **at, size_t *got, struct err *e)
{
	uint64_t left = m->size - off;
	struct reader r, *from = m->reader;

	if (!m->endless && len > left)
		len = (size_t)left;
	*at = into;
	*got = 0;
	if (len == 0)
		return 0;
	if (m->src.kind == CORE_SOURCE_MEMORY) {
		*at = m->src.data + off;
		*got = len;
		return 0;
	}
	if (!from) {
		int32_t rc = open_again(m, &r, e);
		if (rc != 0)
			return rc;
		from = &r;
	}
	int32_t rc = reader_at(from, off, into, len, got, e);
	if (rc == 0 && *got < len && !m->endless)
		rc = changed(e, "size changed while it was read");
	if (from == &r) {
		if (rc == 0)
			rc = keep_or_close(m, slots, keep, &r, e);
		else
			reader_close(&r);
	}
	return rc;
}

int32_t member_fill(struct member *m, struct task *t, size_t len, size_t room, size_t *read, struct err *e)
{
	*read = 0;
	if (!m->buf) {
		m->buf = mem_alloc(room);
		if (!m->buf) {
			*e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
			return e->code;
		}
	}
	while (m->have < len && !m->ended) {
		size_t got = 0;
		int32_t rc = reader_next(m->reader, t, m->buf + m->have, len - m->have, &got, e);
		if (rc != 0)
			return rc;
		m->ended = got == 0;
		m->have += (uint32_t)got;
		*read += got;
	}
	return 0;
}

int32_t member_check(struct member *m, struct err *e)
{
	struct plat_stat now;

	if (m->reader)
		return reader_check(m->reader, e);
	if (m->src.kind != CORE_SOURCE_PATH)
		return 0;
	int rc = plat_stat_at(PLAT_CWD, (const char *)m->src.data, 1, &now);
	if (rc != 0) {
		struct err why = err_sys(-rc, "stat", -1);
		return lost(&why, e);
	}
	return same_file(m, &now, e);
}

int member_shut(struct member *m, struct member_slots *slots)
{
	if (m->src.kind != CORE_SOURCE_PATH || !m->reader)
		return 0;
	reader_close(m->reader);
	mem_free(m->reader);
	m->reader = NULL;
	atomic_fetch_sub(&slots->open, 1);
	return 1;
}

void member_leave(struct member *m, struct member_slots *slots)
{
	if (!member_shut(m, slots) && m->reader) {
		reader_close(m->reader);
		mem_free(m->reader);
		m->reader = NULL;
	}
	mem_free(m->buf);
	m->buf = NULL;
	gate_leave(m->placed);
	m->placed = 0;
}
