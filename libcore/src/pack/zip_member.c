/* SPDX-License-Identifier: MIT */
/* One member of a ZIP: decoded and held to its size and checksum, or as its bytes are stored. */
#include "pack/zip_member.h"

#include "base/alloc.h"
#include "pack/zip_directory.h"
#include "pack/zip_record.h"

#include <string.h>
#include <zlib.h>

/** Stored bytes read at a time, at most. */
enum { STORED_BYTES = 64 << 10 };

struct zip_member {
	const struct zip *zip;
	const struct zip_entry *entry;
	int32_t side;
	/** Of the member's stored and decoded bytes, those that were read and given. */
	uint64_t taken, given;
	uint32_t crc;
	struct decoder *decoder;
	/** The stream is complete. */
	int over;
	struct err err;
	size_t at, end;
	/** How many fit. */
	size_t room;
	uint8_t stored[];
};

static int32_t fail(struct zip_member *m, int32_t code, const char *detail, struct err *e)
{
	*e = err_of(code, "read the archive", m->side, detail);
	e->at = m->entry->data_off + m->taken - (m->end - m->at) + 1;
	m->err = *e;
	return code;
}

enum codec zip_codec(uint16_t method)
{
	switch (method) {
	case ZIP_DEFLATE:
		return CODEC_DEFLATE;
	case ZIP_BZIP2:
		return CODEC_BZIP2;
	case ZIP_ZSTD:
		return CODEC_ZSTD;
	case ZIP_XZ:
		return CODEC_XZ;
	default:
		return CODEC_NONE;
	}
}

int zip_is_readable(const struct zip_entry *entry)
{
	return !entry->encrypted && (entry->method == ZIP_STORED || zip_codec(entry->method) != CODEC_NONE);
}

/* Why a member cannot be read, if it cannot. */
static int32_t refusal(const struct zip_entry *entry, int any_method, int32_t side, struct err *e)
{
	*e = err_of(0, "read the archive", side, NULL);
	if (entry->encrypted) {
		e->code = CORE_EARCHIVE_ENCRYPTED;
		e->detail = "the entry is encrypted";
	} else if (entry->data_off == UINT64_MAX) {
		e->code = CORE_EARCHIVE;
		e->detail = "the entry has no local header";
	} else if (!any_method && !zip_is_readable(entry)) {
		e->code = CORE_EUNSUPPORTED;
		e->detail = "the entry is compressed by a method that is not read";
	}
	e->at = e->code ? entry->header_off + 1 : 0;
	return e->code;
}

int32_t zip_member_open(struct zip_member **out, const struct zip *z, uint64_t index, int32_t side,
			struct err *e)
{
	const struct zip_entry *entry = zip_at(z, index);

	int32_t rc = refusal(entry, 0, side, e);
	if (rc != 0)
		return rc;
	/* Most members are small, and there may be many. */
	size_t room = entry->packed < STORED_BYTES ? (size_t)entry->packed : STORED_BYTES;
	if (entry->method == ZIP_STORED)
		room = 0;
	struct zip_member *m = mem_alloc(sizeof *m + room);
	if (!m) {
		*e = err_of(CORE_EMEMORY, "read the archive", side, "out of memory");
		return e->code;
	}
	*m = (struct zip_member){.zip = z, .entry = entry, .side = side, .room = room};
	if (entry->method != ZIP_STORED && decoder_new(&m->decoder, zip_codec(entry->method)) != 0) {
		rc = fail(m, CORE_EMEMORY, "out of memory", e);
		mem_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

void zip_member_close(struct zip_member *m)
{
	if (!m)
		return;
	decoder_del(m->decoder);
	mem_free(m);
}

uint64_t zip_member_taken(const struct zip_member *m)
{
	return m->taken;
}

/* Reads stored bytes on. */
static int32_t pull(struct zip_member *m, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	uint64_t left = m->entry->packed - m->taken;

	*got = 0;
	if (left < len)
		len = (size_t)left;
	if (len == 0)
		return 0;
	int32_t rc = reader_at(m->zip->from, m->entry->data_off + m->taken, buf, len, got, e);
	m->taken += *got;
	if (rc != 0) {
		e->side = m->side;
		m->err = *e;
	} else if (*got < len) {
		rc = fail(m, CORE_EARCHIVE, "the archive is cut short", e);
	}
	return rc;
}

static int32_t decode(struct zip_member *m, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	uint8_t *out = buf;
	size_t room = len;

	*got = 0;
	while (room > 0 && !m->over) {
		const char *why;
		if (m->at == m->end) {
			m->at = 0;
			m->end = 0;
			int32_t rc = pull(m, m->stored, m->room, &m->end, e);
			if (rc != 0)
				return rc;
		}
		const uint8_t *from = m->stored + m->at;
		size_t have = m->end - m->at, before = room;
		int32_t rc = decoder_run(m->decoder, &from, &have, &out, &room, &why);
		m->at = m->end - have;
		m->over = rc == DECODER_END;
		if (rc < 0)
			return fail(m, rc, why, e);
		if (rc == 0 && m->end == 0 && room == before)
			return fail(m, CORE_EARCHIVE, "the compressed data is cut short", e);
	}
	*got = len - room;
	return 0;
}

/* The end: everything has to be as the directory says. */
static int32_t finish(struct zip_member *m, struct err *e)
{
	if (m->given != m->entry->size)
		return fail(m, CORE_EARCHIVE, "the entry is not as long as it is said to be", e);
	if (m->at != m->end || m->taken != m->entry->packed)
		return fail(m, CORE_EARCHIVE, "there is something behind the compressed data", e);
	if (m->crc != m->entry->crc)
		return fail(m, CORE_EARCHIVE, "the checksum of the entry is wrong", e);
	return 0;
}

int32_t zip_member_read(struct zip_member *m, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	int32_t rc = m->err.code;

	*got = 0;
	if (rc != 0)
		*e = m->err;
	else if (len == 0)
		return 0;
	else if (m->decoder)
		rc = decode(m, buf, len, got, e);
	else
		rc = pull(m, buf, len, got, e);
	if (rc != 0) {
		*got = 0;
		return rc;
	}
	m->given += *got;
	if (m->given > m->entry->size)
		rc = fail(m, CORE_EARCHIVE, "the entry is not as long as it is said to be", e);
	else if (*got > 0)
		m->crc = (uint32_t)crc32_z(m->crc, buf, *got);
	else
		rc = finish(m, e);
	if (rc != 0)
		*got = 0;
	return rc;
}

/* ----------------------------------------------------------------- readers */

static int32_t no_offsets(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "an archive's entry has no offsets");
	return e->code;
}

static int32_t member_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			   struct err *e)
{
	(void)t;
	int32_t rc = zip_member_read(r->impl, buf, len, got, e);
	r->pos += *got;
	return rc;
}

/* A member is what it was as long as the archive is. */
static int32_t member_check(struct reader *r, struct err *e)
{
	const struct zip_member *m = r->impl;

	return reader_check(m->zip->from, e);
}

static void member_close(struct reader *r)
{
	zip_member_close(r->impl);
}

static const struct reader_ops member_ops = {no_offsets, member_next, member_check, member_close, NULL};

int32_t reader_open_zip_member(struct reader *r, const struct zip *z, uint64_t index, int32_t side,
			       struct err *e)
{
	struct zip_member *m;

	*r = (struct reader){.side = side};
	int32_t rc = zip_member_open(&m, z, index, side, e);
	if (rc == 0)
		*r = (struct reader){.ops = &member_ops, .size = zip_at(z, index)->size, .side = side, .impl = m};
	return rc;
}

static int32_t raw_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	/* Reading at r->base, which is where the member begins, keeps reader_clip() right. */
	uint64_t left = off - r->base < r->size ? r->size - (off - r->base) : 0;

	int32_t rc = reader_at(r->impl, off, buf, left < len ? (size_t)left : len, got, e);
	if (rc != 0)
		e->side = r->side;
	return rc;
}

static int32_t raw_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			struct err *e)
{
	(void)t;
	int32_t rc = raw_at(r, r->base + r->pos, buf, len, got, e);
	if (rc == 0)
		r->pos += *got;
	return rc;
}

static int32_t raw_check(struct reader *r, struct err *e)
{
	return reader_check(r->impl, e);
}

static void raw_close(struct reader *r)
{
	(void)r;
}

static const struct reader_ops raw_ops = {raw_at, raw_next, raw_check, raw_close, NULL};

int32_t reader_open_zip_raw(struct reader *r, const struct zip *z, uint64_t index, int32_t side,
			    struct err *e)
{
	const struct zip_entry *entry = zip_at(z, index);

	*r = (struct reader){.side = side};
	int32_t rc = refusal(entry, 1, side, e);
	if (rc == 0)
		*r = (struct reader){.ops = &raw_ops, .size = entry->packed, .random = 1, .base = entry->data_off,
				     .side = side, .impl = z->from};
	return rc;
}
