/* SPDX-License-Identifier: MIT */
/*
 * A ZIP without offsets: its entries by their local headers, in order, and
 * then the directory behind them held against what was met. Permissions are
 * not known here, since only the directory has them. That an entry was no file
 * but a link comes out too late, and is an error.
 */
#include "base/alloc.h"
#include "base/xxh.h"
#include "pack/format.h"
#include "pack/zip_member.h"
#include "pack/zip_record.h"

#include <string.h>
#include <zlib.h>

/** What the directory must say again of an entry. */
struct met {
	struct xxh_128 name;
	uint64_t off, packed, size;
	uint32_t crc;
	uint16_t method;
	uint8_t encrypted, again;
};

struct zip_stream {
	struct met *met;
	size_t count, cap;
	/** Of the current entry: its header, and what was read and made so far. */
	struct zip_head head;
	struct decoder *decoder;
	uint64_t packed, made;
	uint32_t crc;
	/** Its lengths were in the header. */
	int is_sized;
	/** It was read to its end, descriptor and all. */
	int complete;
};

static int32_t damaged(const struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EARCHIVE, "the ZIP is damaged", e);
}

/* At least `n` bytes, which must be there. */
static int32_t need(struct pack *p, size_t n, const uint8_t **data, struct err *e)
{
	size_t avail;

	int32_t rc = input_ahead(&p->in, n, data, &avail, e);
	if (rc == 0 && avail < n)
		rc = pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
	return rc;
}

/* ---------------------------------------------------------------- the data */

/* The bytes are at their end: the descriptor, if there is one, and the checks. */
static int32_t finish_entry(struct pack *p, struct err *e)
{
	struct zip_stream *z = p->impl;
	struct met *m = &z->met[z->count - 1];
	const uint8_t *data;
	size_t avail;

	decoder_del(z->decoder);
	z->decoder = NULL;
	if (z->head.bits & ZIP_DESCRIPTOR) {
		int32_t rc = input_ahead(&p->in, DESCRIPTOR_MOST, &data, &avail, e);
		if (rc != 0)
			return rc;
		size_t n = zip_descriptor(data, avail, z->crc, z->packed, z->made);
		if (n == 0)
			return pack_fail(p, CORE_EARCHIVE, "the checksum or length of the entry is wrong", e);
		input_take(&p->in, n);
	}
	int behind = (z->head.bits & ZIP_DESCRIPTOR) != 0;
	if ((z->head.crc != z->crc && !(behind && z->head.crc == 0)) ||
	    (z->head.size != z->made && !(behind && z->head.size == 0)) ||
	    (z->head.packed != z->packed && !(behind && z->head.packed == 0)))
		return pack_fail(p, CORE_EARCHIVE, "the checksum or length of the entry is wrong", e);
	m->crc = z->crc;
	m->size = z->made;
	m->packed = z->packed;
	z->complete = 1;
	return 0;
}

static int32_t decode(struct pack *p, struct slice *out, struct err *e)
{
	struct zip_stream *z = p->impl;
	struct block *b = block_new(p->blocks);
	size_t room = PACK_BLOCK;
	int32_t rc = 0;

	if (!b)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	uint8_t *to = b->data;
	while (rc == 0 && room > 0) {
		const uint8_t *data;
		const char *why;
		size_t avail, before = room;
		rc = input_ahead(&p->in, 1, &data, &avail, e);
		if (rc != 0)
			break;
		if (z->is_sized && avail > z->head.packed - z->packed)
			avail = (size_t)(z->head.packed - z->packed);
		size_t have = avail;
		rc = decoder_run(z->decoder, &data, &have, &to, &room, &why);
		input_take(&p->in, avail - have);
		z->packed += avail - have;
		if (rc < 0)
			pack_fail(p, rc, why, e);
		else if (rc == 0 && avail == 0 && room == before)
			rc = pack_fail(p, CORE_EARCHIVE, "the compressed data is cut short", e);
	}
	out->len = PACK_BLOCK - room;
	if (rc == DECODER_END) {
		/* The last bytes are given first, and the end with the next call. */
		decoder_del(z->decoder);
		z->decoder = NULL;
		rc = 0;
	}
	if (rc != 0 || out->len == 0) {
		block_drop(b);
		out->len = 0;
		return rc;
	}
	out->data = b->data;
	out->block = b;
	return 0;
}

/* Why the entry cannot be decoded, 0 when it can. */
static int32_t refusal(const struct zip_stream *z, const char **why)
{
	if (z->head.bits & (ZIP_ENCRYPTED | ZIP_STRONG)) {
		*why = "the entry is encrypted";
		return CORE_EARCHIVE_ENCRYPTED;
	}
	*why = "the entry is compressed by a method that is not read";
	return z->head.method == ZIP_STORED || zip_codec(z->head.method) != CODEC_NONE ? 0 : CORE_EUNSUPPORTED;
}

static int32_t zip_stream_data(struct pack *p, struct slice *out, struct err *e)
{
	struct zip_stream *z = p->impl;
	const char *why;

	*out = (struct slice){0};
	int32_t rc = refusal(z, &why);
	if (rc != 0)
		return pack_fail(p, rc, why, e);
	if (z->complete)
		return 0;
	if (z->head.method == ZIP_STORED) {
		rc = stored_data(p, out, e);
		z->packed += out->len;
	} else if (z->decoder) {
		rc = decode(p, out, e);
	}
	if (rc != 0)
		return rc;
	z->made += out->len;
	if (out->len > 0)
		z->crc = (uint32_t)crc32_z(z->crc, out->data, out->len);
	/* Here too, since what is passed over may have to be decoded. */
	if (z->made > p->limits.bytes || (z->made > RATIO_FLOOR && z->made / p->limits.ratio > z->packed)) {
		block_drop(out->block);
		*out = (struct slice){0};
		return pack_over(p, z->made > p->limits.bytes ? PACK_LIMIT_BYTES : PACK_LIMIT_RATIO, e);
	}
	return out->len > 0 ? 0 : finish_entry(p, e);
}

/* 1 when the entry's bytes can be passed by their number. */
static int can_count(const struct zip_stream *z)
{
	return z->complete || (z->is_sized && !(z->head.bits & ZIP_DESCRIPTOR));
}

static int32_t zip_stream_pass(struct pack *p, int *more, struct err *e)
{
	struct zip_stream *z = p->impl;

	if (!can_count(z))
		return decode_pass(p, more, e);
	uint64_t left = z->complete ? 0 : z->head.packed - z->packed, n = left < PACK_BLOCK ? left : PACK_BLOCK;
	*more = 0;
	if (left == 0 || input_can_jump(&p->in))
		return 0;
	z->packed += n;
	p->left = 0;
	*more = left > n;
	return input_skip(&p->in, n, e);
}

/* What zip_stream_pass() has left: all that can be counted, or nothing. */
static int32_t pass_entry(struct pack *p, struct err *e)
{
	struct zip_stream *z = p->impl;

	decoder_del(z->decoder);
	z->decoder = NULL;
	p->left = 0;
	return z->count == 0 || z->complete ? 0 : input_skip(&p->in, z->head.packed - z->packed, e);
}

/* ----------------------------------------------------------------- headers */

/* A stored entry that does not say how long it is can only be empty. */
static int32_t begin_data(struct pack *p, struct err *e)
{
	struct zip_stream *z = p->impl;
	int behind = (z->head.bits & ZIP_DESCRIPTOR) != 0;
	const uint8_t *data;
	const char *why;
	size_t avail;

	z->is_sized = !behind || z->head.packed > 0;
	z->packed = z->made = 0;
	z->crc = 0;
	z->complete = 0;
	p->entry.size = behind && z->head.size == 0 ? UINT64_MAX : z->head.size;
	int32_t rc = refusal(z, &why);
	if (rc != 0)
		/* Passed by its length, or not at all. */
		return z->is_sized && !behind ? 0 : pack_fail(p, rc, why, e);
	if (z->head.method != ZIP_STORED) {
		rc = decoder_new(&z->decoder, zip_codec(z->head.method));
		return rc == 0 ? 0 : pack_fail(p, rc, "out of memory", e);
	}
	p->left = z->head.packed;
	if (z->is_sized)
		return 0;
	rc = input_ahead(&p->in, DESCRIPTOR_MOST, &data, &avail, e);
	if (rc == 0 && zip_descriptor(data, avail, 0, 0, 0) == 0)
		rc = pack_fail(p, CORE_EUNSUPPORTED, "an entry of the ZIP does not say where it ends", e);
	p->entry.size = 0;
	return rc;
}

static int32_t remember(struct pack *p, uint64_t off, const uint8_t *name, struct err *e)
{
	struct zip_stream *z = p->impl;

	if (z->count == z->cap) {
		size_t cap = z->cap == 0 ? 64 : z->cap * 2;
		struct met *met = mem_realloc(z->met, cap * sizeof *met);
		if (!met)
			return pack_fail(p, CORE_EMEMORY, "out of memory", e);
		z->met = met;
		z->cap = cap;
	}
	z->met[z->count++] = (struct met){
		.name = xxh_128(name, z->head.name_len),
		.off = off,
		.packed = z->head.packed,
		.size = z->head.size,
		.crc = z->head.crc,
		.method = z->head.method,
		.encrypted = (z->head.bits & (ZIP_ENCRYPTED | ZIP_STRONG)) != 0,
	};
	return 0;
}

static int32_t read_local(struct pack *p, struct err *e)
{
	struct zip_stream *z = p->impl;
	struct zip_extra extra;
	uint64_t off = p->in.passed;
	const uint8_t *data;

	int32_t rc = need(p, LOCAL_LEN, &data, e);
	if (rc != 0)
		return rc;
	zip_read_local(data, &z->head);
	size_t len = (size_t)LOCAL_LEN + z->head.name_len + z->head.extra_len;
	rc = need(p, len, &data, e);
	if (rc != 0)
		return rc;
	const uint8_t *name = data + LOCAL_LEN;
	if (!zip_read_extra(&z->head, 0, name + z->head.name_len, name, &extra))
		return damaged(p, e);
	if (z->head.bits & ZIP_MASKED)
		return pack_fail(p, CORE_EARCHIVE_ENCRYPTED, "the directory of the ZIP is encrypted", e);
	entry_begin(p);
	p->entry.kind = z->head.name_len > 0 && name[z->head.name_len - 1] == '/' ? CORE_KIND_DIR : CORE_KIND_FILE;
	p->entry.encrypted = (z->head.bits & (ZIP_ENCRYPTED | ZIP_STRONG)) != 0;
	p->entry.has_mtime = extra.has_mtime;
	p->entry.mtime_ns = extra.mtime_ns;
	p->entry.has_owner = extra.has_owner;
	p->entry.uid = extra.uid;
	p->entry.gid = extra.gid;
	if (extra.unicode && !zip_same_ascii(name, z->head.name_len, extra.unicode, extra.unicode_len))
		p->entry.flaws |= PACK_FLAW_DIFFERENTIAL;
	rc = entry_name(p, name, z->head.name_len, e);
	if (rc == 0)
		rc = remember(p, off, name, e);
	if (rc != 0)
		return rc;
	input_take(&p->in, len);
	rc = begin_data(p, e);
	return rc == 0 ? 1 : rc;
}

/* ----------------------------------------------------------- the directory */

static struct met *find(const struct zip_stream *z, uint64_t off)
{
	size_t low = 0, high = z->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (z->met[mid].off == off)
			return &z->met[mid];
		if (z->met[mid].off < off)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Whether a record of the directory says of an entry what was met. */
static int agrees(struct met *m, const struct zip_head *h, const uint8_t *name)
{
	struct xxh_128 hash = xxh_128(name, h->name_len);

	if (!m || m->again)
		return 0;
	m->again = 1;
	return m->name.low == hash.low && m->name.high == hash.high && m->packed == h->packed &&
	       m->size == h->size && m->crc == h->crc && m->method == h->method &&
	       m->encrypted == ((h->bits & (ZIP_ENCRYPTED | ZIP_STRONG)) != 0);
}

/* Whether a record says that an entry, which was taken for a file, is something else. */
static int is_special(const struct zip_head *h)
{
	uint8_t kind = kind_of_mode(h->attributes >> 16);

	return (h->made_by == 3 || h->made_by == 19) && (h->attributes >> 16 & 0170000) != 0 &&
	       kind != CORE_KIND_FILE && kind != CORE_KIND_DIR;
}

static int32_t contradiction(const struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EARCHIVE, "the directory of the ZIP says something else than its entries", e);
}

/* The records behind the directory, and that they fit it. */
static int32_t read_end(struct pack *p, uint64_t dir_off, struct err *e)
{
	const struct zip_stream *z = p->impl;
	uint64_t dir_len = p->in.passed - dir_off, long_off = p->in.passed;
	const uint8_t *s;
	int is_long = 0;

	int32_t rc = need(p, END_LEN, &s, e);
	if (rc == 0 && le32(s) == END64_MAGIC) {
		rc = need(p, END64_LEN, &s, e);
		if (rc != 0)
			return rc;
		if (le64(s + 4) < END64_LEN - 12 || le64(s + 32) != z->count || le64(s + 40) != dir_len ||
		    le64(s + 48) != dir_off)
			return contradiction(p, e);
		rc = input_skip(&p->in, le64(s + 4) + 12, e);
		if (rc == 0)
			rc = need(p, LOCATOR_LEN, &s, e);
		if (rc == 0 && (le32(s) != LOCATOR_MAGIC || le64(s + 8) != long_off))
			rc = damaged(p, e);
		if (rc != 0)
			return rc;
		input_take(&p->in, LOCATOR_LEN);
		is_long = 1;
		rc = need(p, END_LEN, &s, e);
	}
	if (rc != 0)
		return rc;
	if (le32(s) != END_MAGIC)
		return damaged(p, e);
	if (((z->count & UINT16_MAX) != le16(s + 10) && !(is_long && le16(s + 10) == UINT16_MAX)) ||
	    (dir_len != le32(s + 12) && !(is_long && le32(s + 12) == UINT32_MAX)) ||
	    (dir_off != le32(s + 16) && !(is_long && le32(s + 16) == UINT32_MAX)))
		return contradiction(p, e);
	rc = input_skip(&p->in, (uint64_t)END_LEN + le16(s + 20), e);
	return rc == 0 ? input_finish(&p->in, 0, e) : rc;
}

static int32_t read_directory(struct pack *p, struct err *e)
{
	const struct zip_stream *z = p->impl;
	uint64_t dir_off = p->in.passed;
	size_t count = 0;
	const uint8_t *data;

	for (;;) {
		struct zip_head h;
		struct zip_extra extra;
		int32_t rc = need(p, 4, &data, e);
		if (rc != 0)
			return rc;
		if (le32(data) != CENTRAL_MAGIC)
			break;
		rc = need(p, CENTRAL_LEN, &data, e);
		if (rc != 0)
			return rc;
		zip_read_central(data, &h);
		size_t len = (size_t)CENTRAL_LEN + h.name_len + h.extra_len + h.comment_len;
		rc = need(p, len, &data, e);
		if (rc != 0)
			return rc;
		const uint8_t *name = data + CENTRAL_LEN;
		if (!zip_read_extra(&h, 1, name + h.name_len, name, &extra))
			return damaged(p, e);
		if (!agrees(find(z, h.header_off), &h, name))
			return contradiction(p, e);
		if (is_special(&h))
			return pack_fail(p, CORE_EUNSUPPORTED, "the ZIP holds links, which cannot be told in a stream", e);
		input_take(&p->in, len);
		count++;
	}
	return count == z->count ? read_end(p, dir_off, e) : contradiction(p, e);
}

/* --------------------------------------------------------------- functions */

static int32_t zip_stream_next(struct pack *p, struct err *e)
{
	const uint8_t *data;

	int32_t rc = pass_entry(p, e);
	if (rc == 0)
		rc = need(p, 4, &data, e);
	if (rc != 0)
		return rc;
	switch (le32(data)) {
	case LOCAL_MAGIC:
		return read_local(p, e);
	case CENTRAL_MAGIC:
	case END_MAGIC:
	case END64_MAGIC:
		return read_directory(p, e);
	default:
		return pack_fail(p, CORE_EARCHIVE, "a header of the ZIP is damaged or missing", e);
	}
}

static int32_t zip_stream_open(struct pack *p, struct err *e)
{
	p->impl = mem_zalloc(1, sizeof(struct zip_stream));
	return p->impl ? 0 : pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

static void zip_stream_close(struct pack *p)
{
	struct zip_stream *z = p->impl;

	if (!z)
		return;
	decoder_del(z->decoder);
	mem_free(z->met);
	mem_free(z);
	p->impl = NULL;
}

const struct format format_zip_stream = {"ZIP", zip_stream_open, zip_stream_next, zip_stream_data,
					 zip_stream_pass, zip_stream_close};
