/* SPDX-License-Identifier: MIT */
/*
 * cpio: SVR4 ("newc", and "crc" with its checksum), POSIX.1-2001 ("odc") and
 * the old binary form of either byte order.
 *
 * libarchive is not used for it: it looks for the next header behind what is
 * damaged, does not verify checksums, and reads a name after its buffer may
 * be gone.
 */
#include "pack/cpio.h"

#include "base/alloc.h"
#include "base/xxh.h"
#include "pack/format.h"

#include <string.h>

enum form { NEWC, CRC, ODC, BINARY_LITTLE, BINARY_BIG };

/** What a header holds, in all forms. */
struct header {
	enum form form;
	/** Of the header, and to which the name and the data are filled up. */
	size_t len, align;
	uint64_t dev, ino, mode, uid, gid, links, rdev_major, rdev_minor, mtime, size, name_len, checksum;
	int has_rdev_parts;
};

/** The entry that is none: the end. */
static const char TRAILER[] = "TRAILER!!!";

enum { NEWC_LEN = 110, ODC_LEN = 76, BINARY_LEN = 26, HEADER_MOST = NEWC_LEN };

/** A file of which more names may come. */
struct linked {
	uint64_t dev, ino;
	/** Where its first name stands in `names`, plus 1; 0 is an empty place. */
	size_t name;
	uint32_t name_len;
};

struct cpio {
	/** A hash table whose size is a power of two. */
	struct linked *table;
	size_t places, used;
	struct buf names;
	/** Of the entry, form "crc": what was said, and what the bytes so far give. */
	int check;
	uint32_t want, sum;
};

/* ----------------------------------------------------------------- headers */

/* Digits of a base that is a power of two: 1, or 0 when there is anything else. */
static int digits(const uint8_t *s, size_t len, unsigned bits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = s[i], letter = c | 0x20;
		unsigned n = c >= '0' && c <= '9' ? (unsigned)(c - '0')
			     : letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10
							      : 99;
		if (n >= 1u << bits)
			return 0;
		*out = *out << bits | n;
	}
	return 1;
}

/* Fields of equal or unequal length, one after another. */
static int text_fields(const uint8_t *s, const uint8_t *lens, size_t count, unsigned bits, uint64_t *const *out)
{
	for (size_t i = 0; i < count; s += lens[i], i++) {
		uint64_t value;
		if (!digits(s, lens[i], bits, &value))
			return 0;
		if (out[i])
			*out[i] = value;
	}
	return 1;
}

static int read_newc(const uint8_t *s, struct header *h)
{
	static const uint8_t lens[] = {8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8};
	uint64_t minor;
	uint64_t *const out[] = {&h->ino,  &h->mode,       &h->uid,        &h->gid,      &h->links,
				 &h->mtime, &h->size,      &h->dev,        &minor,       &h->rdev_major,
				 &h->rdev_minor, &h->name_len, &h->checksum};

	h->form = s[5] == '2' ? CRC : NEWC;
	h->len = NEWC_LEN;
	h->align = 4;
	h->has_rdev_parts = 1;
	if (!text_fields(s + 6, lens, sizeof lens, 4, out))
		return 0;
	h->dev = h->dev << 32 | minor;
	return 1;
}

static int read_odc(const uint8_t *s, struct header *h)
{
	static const uint8_t lens[] = {6, 6, 6, 6, 6, 6, 6, 11, 6, 11};
	uint64_t *const out[] = {&h->dev,        &h->ino,   &h->mode,     &h->uid, &h->gid, &h->links,
				 &h->rdev_minor, &h->mtime, &h->name_len, &h->size};

	h->form = ODC;
	h->len = ODC_LEN;
	h->align = 1;
	return text_fields(s + 6, lens, sizeof lens, 3, out);
}

static uint64_t word(const uint8_t *s, int big)
{
	return big ? (uint64_t)s[0] << 8 | s[1] : (uint64_t)s[1] << 8 | s[0];
}

static void read_binary(const uint8_t *s, int big, struct header *h)
{
	h->form = big ? BINARY_BIG : BINARY_LITTLE;
	h->len = BINARY_LEN;
	h->align = 2;
	h->dev = word(s + 2, big);
	h->ino = word(s + 4, big);
	h->mode = word(s + 6, big);
	h->uid = word(s + 8, big);
	h->gid = word(s + 10, big);
	h->links = word(s + 12, big);
	h->rdev_minor = word(s + 14, big);
	/* Long numbers have their high word first in either order. */
	h->mtime = word(s + 16, big) << 16 | word(s + 18, big);
	h->name_len = word(s + 20, big);
	h->size = word(s + 22, big) << 16 | word(s + 24, big);
}

/* Reads a header: 1, or 0 when the bytes are none or too few. */
static int read_fields(const uint8_t *s, size_t len, struct header *h)
{
	*h = (struct header){0};
	if (len >= NEWC_LEN && (memcmp(s, "070701", 6) == 0 || memcmp(s, "070702", 6) == 0))
		return read_newc(s, h);
	if (len >= ODC_LEN && memcmp(s, "070707", 6) == 0)
		return read_odc(s, h);
	if (len >= BINARY_LEN && (memcmp(s, "\xc7\x71", 2) == 0 || memcmp(s, "\x71\xc7", 2) == 0)) {
		read_binary(s, s[0] == 0x71, h);
		return 1;
	}
	return 0;
}

int cpio_is_header(const uint8_t *data, size_t len)
{
	struct header h;

	if (!read_fields(data, len, &h) || h.name_len < 2)
		return 0;
	/* The trailer alone has no kind. */
	if (kind_of_mode((uint32_t)h.mode) == CORE_KIND_UNKNOWN && h.mode != 0)
		return 0;
	/* Two bytes of magic prove little, so the name has to be one too: it ends with its only NUL. */
	if (h.len + h.name_len > len)
		return h.form != BINARY_LITTLE && h.form != BINARY_BIG;
	return memchr(data + h.len, 0, h.name_len) == data + h.len + h.name_len - 1;
}

/* ------------------------------------------------------------------ links */

static size_t place_of(const struct cpio *c, uint64_t dev, uint64_t ino)
{
	const uint64_t key[2] = {dev, ino};
	size_t at = (size_t)xxh_64(key, sizeof key) & (c->places - 1);

	while (c->table[at].name != 0 && (c->table[at].dev != dev || c->table[at].ino != ino))
		at = (at + 1) & (c->places - 1);
	return at;
}

static int32_t grow_table(struct cpio *c)
{
	struct linked *old = c->table;
	size_t places = c->places;

	c->places = places == 0 ? 64 : places * 2;
	c->table = mem_zalloc(c->places, sizeof *c->table);
	if (!c->table) {
		c->table = old;
		c->places = places;
		return CORE_EMEMORY;
	}
	for (size_t i = 0; i < places; i++) {
		if (old[i].name != 0)
			c->table[place_of(c, old[i].dev, old[i].ino)] = old[i];
	}
	mem_free(old);
	return 0;
}

/* A file with several names: the first is remembered, the others are links to it. */
static int32_t link_up(struct pack *p, const struct header *h, const uint8_t *name, size_t len, struct err *e)
{
	struct cpio *c = p->impl;

	if (c->used * 2 >= c->places && grow_table(c) != 0)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	struct linked *l = &c->table[place_of(c, h->dev, h->ino)];
	if (l->name != 0) {
		p->entry.hardlink = 1;
		return entry_target(p, c->names.data + l->name - 1, l->name_len, 1, e);
	}
	*l = (struct linked){h->dev, h->ino, c->names.len + 1, (uint32_t)len};
	c->used++;
	return buf_append(&c->names, name, len) == 0 ? 0 : pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

/* ---------------------------------------------------------------- entries */

static int32_t cut_short(const struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
}

static uint64_t padding_of(const struct header *h, uint64_t len)
{
	return -len & (h->align - 1);
}

static int32_t read_target(struct pack *p, const struct header *h, struct err *e)
{
	const uint8_t *data;
	size_t avail;

	if (h->size > p->limits.name)
		return pack_over(p, PACK_LIMIT_NAME, e);
	if (h->size > PACK_BLOCK)
		return pack_fail(p, CORE_EARCHIVE_BOMB, "a link target is longer than it may be", e);
	int32_t rc = input_ahead(&p->in, (size_t)h->size, &data, &avail, e);
	if (rc != 0)
		return rc;
	if (avail < h->size)
		return cut_short(p, e);
	rc = entry_target(p, data, (size_t)h->size, 0, e);
	input_take(&p->in, (size_t)h->size);
	p->padding = padding_of(h, h->size);
	p->entry.size = 0;
	return rc;
}

static int32_t read_entry(struct pack *p, const struct header *h, const uint8_t *name, struct err *e)
{
	struct cpio *c = p->impl;
	struct pack_entry *entry = &p->entry;
	size_t len = (size_t)h->name_len - 1;

	entry_mode(p, (uint32_t)h->mode);
	entry->uid = (uint32_t)h->uid;
	entry->gid = (uint32_t)h->gid;
	entry->has_owner = entry->has_mtime = 1;
	entry->mtime_ns = time_ns((int64_t)h->mtime, 0);
	entry->size = 0;
	if (entry->kind == CORE_KIND_BLOCK || entry->kind == CORE_KIND_CHAR)
		/* Where there is one number, it is that of the old systems: a byte each. */
		entry->rdev = h->has_rdev_parts
				      ? plat_device((uint32_t)h->rdev_major, (uint32_t)h->rdev_minor)
				      : plat_device((uint32_t)h->rdev_minor >> 8, (uint32_t)h->rdev_minor & 0xff);
	int32_t rc = entry_name(p, name, len, e);
	if (rc == 0 && entry->kind == CORE_KIND_FILE && h->links > 1)
		rc = link_up(p, h, name, len, e);
	if (rc != 0)
		return rc;
	input_take(&p->in, (size_t)h->name_len);
	rc = input_skip(&p->in, padding_of(h, h->len + h->name_len), e);
	if (rc != 0)
		return rc;
	if (entry->kind == CORE_KIND_SYMLINK)
		return read_target(p, h, e);
	p->padding = padding_of(h, h->size);
	if (entry->kind != CORE_KIND_FILE) {
		p->padding += h->size;
		return 0;
	}
	entry->size = p->left = h->size;
	c->check = h->form == CRC;
	c->want = (uint32_t)h->checksum;
	c->sum = 0;
	return 0;
}

static int32_t cpio_next(struct pack *p, struct err *e)
{
	struct cpio *c = p->impl;
	const uint8_t *data;
	struct header h;
	size_t avail;

	int32_t rc = stored_skip(p, e);
	if (rc != 0)
		return rc;
	entry_begin(p);
	c->check = 0;
	rc = input_ahead(&p->in, HEADER_MOST, &data, &avail, e);
	if (rc != 0)
		return rc;
	if (!read_fields(data, avail, &h) || h.name_len == 0)
		return pack_fail(p, CORE_EARCHIVE, "a header of the cpio is damaged or missing", e);
	input_take(&p->in, h.len);
	if (h.name_len - 1 > p->limits.name && h.name_len != sizeof TRAILER)
		return pack_over(p, PACK_LIMIT_NAME, e);
	if (h.name_len > PACK_BLOCK)
		return pack_fail(p, CORE_EARCHIVE_BOMB, "a name is longer than it may be", e);
	rc = input_ahead(&p->in, (size_t)h.name_len, &data, &avail, e);
	if (rc != 0)
		return rc;
	if (avail < h.name_len)
		return cut_short(p, e);
	if (data[h.name_len - 1] != 0)
		return pack_fail(p, CORE_EARCHIVE, "a name in the cpio does not end", e);
	if (h.name_len == sizeof TRAILER && memcmp(data, TRAILER, sizeof TRAILER) == 0) {
		input_take(&p->in, (size_t)h.name_len);
		return input_finish(&p->in, 1, e);
	}
	rc = read_entry(p, &h, data, e);
	return rc == 0 ? 1 : rc;
}

static int32_t cpio_data(struct pack *p, struct slice *out, struct err *e)
{
	struct cpio *c = p->impl;

	int32_t rc = stored_data(p, out, e);
	if (rc != 0 || !c->check)
		return rc;
	for (size_t i = 0; i < out->len; i++)
		c->sum += out->data[i];
	if (out->len == 0 && c->sum != c->want)
		return pack_fail(p, CORE_EARCHIVE, "the checksum of a file is wrong", e);
	return 0;
}

static int32_t cpio_open(struct pack *p, struct err *e)
{
	p->impl = mem_zalloc(1, sizeof(struct cpio));
	return p->impl ? 0 : pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

static void cpio_close(struct pack *p)
{
	struct cpio *c = p->impl;

	if (!c)
		return;
	mem_free(c->table);
	buf_free(&c->names);
	mem_free(c);
	p->impl = NULL;
}

const struct format format_cpio = {"cpio", cpio_open, cpio_next, cpio_data, stored_pass, cpio_close};
