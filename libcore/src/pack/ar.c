/* SPDX-License-Identifier: MIT */
/*
 * ar, as GNU and SVR4 write it (long names in a table of their own) and as BSD
 * does (before the data). The tables of symbols that linkers read are entries
 * like others.
 *
 * libarchive is not used for it: it takes a header that is cut short for the
 * end, and any text for a number.
 */
#include "base/alloc.h"
#include "pack/format.h"

#include <string.h>

enum { MAGIC_LEN = 8, HEADER_LEN = 60, NAME_LEN = 16, MOST_NAMES = 16 << 20 };

struct ar {
	/** GNU's long names, each ended by "/\n". */
	struct buf names;
	int has_names;
};

static int32_t damaged(const struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EARCHIVE, "a header of the ar is damaged", e);
}

/* Digits and then spaces; nothing but spaces is 0 and not `*has`. 1, or 0 when there is anything else. */
static int number(const uint8_t *s, size_t len, uint64_t base, uint64_t *out, uint8_t *has)
{
	size_t i = 0;

	*out = 0;
	for (; i < len && s[i] >= '0' && s[i] < (uint8_t)('0' + base); i++)
		*out = *out * base + (uint64_t)(s[i] - '0');
	*has = i > 0;
	for (; i < len; i++) {
		if (s[i] != ' ')
			return 0;
	}
	return 1;
}

/* Takes bytes of the input into a buffer. */
static int32_t read_text(struct pack *p, struct buf *to, uint64_t len, struct err *e)
{
	to->len = 0;
	if (len > MOST_NAMES)
		return pack_fail(p, CORE_EARCHIVE_BOMB, "the names in the ar are longer than they may be", e);
	while (to->len < len) {
		const uint8_t *data;
		size_t avail, want = (size_t)len - to->len;
		int32_t rc = input_ahead(&p->in, 1, &data, &avail, e);
		if (rc != 0)
			return rc;
		if (avail == 0)
			return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
		avail = avail < want ? avail : want;
		if (buf_append(to, data, avail) != 0)
			return pack_fail(p, CORE_EMEMORY, "out of memory", e);
		input_take(&p->in, avail);
	}
	return 0;
}

/* What fills an odd member up to even; the last one may lack it. */
static int32_t skip_padding(struct pack *p, struct err *e)
{
	const uint8_t *data;
	size_t avail;

	int32_t rc = p->left > 0 ? input_skip(&p->in, p->left, e) : 0;
	p->left = 0;
	if (rc != 0 || p->padding == 0)
		return rc;
	p->padding = 0;
	rc = input_ahead(&p->in, 1, &data, &avail, e);
	if (rc == 0 && avail > 0)
		input_take(&p->in, 1);
	return rc;
}

static int32_t long_name(struct pack *p, uint64_t at, struct err *e)
{
	const struct ar *a = p->impl;

	if (at >= a->names.len)
		return damaged(p, e);
	const uint8_t *name = a->names.data + at, *end = memchr(name, '\n', a->names.len - (size_t)at);
	if (!end || end == name || end[-1] != '/')
		return damaged(p, e);
	return entry_name(p, name, (size_t)(end - name) - 1, e);
}

/* BSD: the name stands before the data, filled up with NULs. */
static int32_t name_before_data(struct pack *p, uint64_t len, struct err *e)
{
	struct buf name = {0};

	if (len > p->left)
		return damaged(p, e);
	if (len > p->limits.name)
		return pack_over(p, PACK_LIMIT_NAME, e);
	int32_t rc = read_text(p, &name, len, e);
	if (rc == 0) {
		p->left -= len;
		while (name.len > 0 && name.data[name.len - 1] == 0)
			name.len--;
		rc = entry_name(p, name.data, name.len, e);
	}
	buf_free(&name);
	return rc;
}

static int32_t read_name(struct pack *p, const uint8_t *h, struct err *e)
{
	size_t len = NAME_LEN;
	uint64_t n;
	uint8_t has;

	while (len > 0 && h[len - 1] == ' ')
		len--;
	if (len > 1 && h[0] == '/' && number(h + 1, NAME_LEN - 1, 10, &n, &has) && has)
		return long_name(p, n, e);
	if (len > 3 && memcmp(h, "#1/", 3) == 0) {
		if (!number(h + 3, NAME_LEN - 3, 10, &n, &has))
			return damaged(p, e);
		return name_before_data(p, n, e);
	}
	/* GNU ends names with a slash, so that they may end with spaces. "/" and "/SYM64/" are its own. */
	if (len > 1 && h[0] != '/' && h[len - 1] == '/')
		len--;
	return entry_name(p, h, len, e);
}

/* One member: 1 when it is an entry, 0 when it was the table of names, or a code. */
static int32_t read_member(struct pack *p, const uint8_t *h, struct err *e)
{
	struct ar *a = p->impl;
	struct pack_entry *entry = &p->entry;
	uint64_t size, mtime, uid, gid, mode;
	uint8_t has, has_uid, has_gid;

	if (memcmp(h + 58, "`\n", 2) != 0 || !number(h + 16, 12, 10, &mtime, &entry->has_mtime) ||
	    !number(h + 28, 6, 10, &uid, &has_uid) || !number(h + 34, 6, 10, &gid, &has_gid) ||
	    !number(h + 40, 8, 8, &mode, &entry->has_mode) || !number(h + 48, 10, 10, &size, &has) || !has)
		return damaged(p, e);
	p->padding = size & 1;
	if (memcmp(h, "//              ", NAME_LEN) == 0) {
		if (a->has_names)
			return damaged(p, e);
		a->has_names = 1;
		return read_text(p, &a->names, size, e);
	}
	entry->kind = CORE_KIND_FILE;
	entry->mode = (uint32_t)mode & 07777;
	entry->uid = (uint32_t)uid;
	entry->gid = (uint32_t)gid;
	entry->has_owner = has_uid && has_gid;
	entry->mtime_ns = time_ns((int64_t)mtime, 0);
	p->left = size;
	int32_t rc = read_name(p, h, e);
	entry->size = p->left;
	return rc == 0 ? 1 : rc;
}

static int32_t ar_next(struct pack *p, struct err *e)
{
	int32_t rc = 0;

	while (rc == 0) {
		const uint8_t *data;
		uint8_t header[HEADER_LEN];
		size_t avail;
		rc = skip_padding(p, e);
		if (rc != 0)
			break;
		entry_begin(p);
		rc = input_ahead(&p->in, HEADER_LEN, &data, &avail, e);
		if (rc != 0)
			break;
		if (avail == 0)
			return input_finish(&p->in, 0, e);
		if (avail < HEADER_LEN)
			return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
		memcpy(header, data, HEADER_LEN);
		input_take(&p->in, HEADER_LEN);
		rc = read_member(p, header, e);
	}
	return rc;
}

static int32_t ar_open(struct pack *p, struct err *e)
{
	p->impl = mem_zalloc(1, sizeof(struct ar));
	if (!p->impl)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	input_take(&p->in, MAGIC_LEN);
	return 0;
}

static void ar_close(struct pack *p)
{
	struct ar *a = p->impl;

	if (!a)
		return;
	buf_free(&a->names);
	mem_free(a);
	p->impl = NULL;
}

const struct format format_ar = {"ar", ar_open, ar_next, stored_data, stored_pass, ar_close};
