/* SPDX-License-Identifier: MIT */
/* ZIP's directory: where it is, what it says, and that its entries do not lie over each other. */
#include "pack/zip.h"

#include "base/alloc.h"
#include "pack/format.h"
#include "pack/name.h"
#include "pack/zip_directory.h"
#include "pack/zip_record.h"

#include <stdlib.h>
#include <string.h>

/** Read at a time, and most of a directory; 10 million entries with names of 60 bytes are less. */
enum { WINDOW = 256 << 10 };
static const uint64_t MOST_DIRECTORY = 1u << 30;

const char zip_not_found[] = "there is no directory of a ZIP";
static const char DAMAGED[] = "the directory of the ZIP is damaged";
static const char MEMORY[] = "out of memory";

static int32_t fail(const struct zip *z, int32_t code, const char *detail, uint64_t at, struct err *e)
{
	*e = err_of(code, "read the archive", z->from->side, detail);
	e->at = at + 1;
	return code;
}

static int32_t over(const struct zip *z, enum pack_limit which, uint64_t at, struct err *e)
{
	return pack_limit_err(&z->limits, which, z->from->side, at, e);
}

/* Reads just so many bytes. */
static int32_t read_all(const struct zip *z, uint64_t off, uint8_t *buf, size_t len, struct err *e)
{
	size_t got;

	if (zip_stopped(z))
		return fail(z, CORE_ECANCELLED, "cancelled", off, e);
	int32_t rc = reader_at(z->from, off, buf, len, &got, e);
	if (rc == 0 && got < len)
		rc = fail(z, CORE_EARCHIVE, DAMAGED, off + got, e);
	return rc;
}

/* ----------------------------------------------------------------- the end */

/** What the records at the end say. */
struct end {
	uint64_t at, count, dir_len, dir_off, disk, dir_disk, disk_count;
	/** Counts of more than 16 bits are whole. */
	int is_long;
};

static void read_end(const uint8_t *s, uint64_t at, struct end *end)
{
	*end = (struct end){.at = at,
			    .disk = le16(s + 4),
			    .dir_disk = le16(s + 6),
			    .disk_count = le16(s + 8),
			    .count = le16(s + 10),
			    .dir_len = le32(s + 12),
			    .dir_off = le32(s + 16)};
}

/*
 * Finds the end: the record whose comment reaches just to the last byte. A
 * comment that itself holds such a record makes two programs see two archives.
 */
static int32_t find_end(const struct zip *z, struct end *end, struct err *e)
{
	size_t len = z->from->size < END_LEN + UINT16_MAX ? (size_t)z->from->size : END_LEN + UINT16_MAX;
	uint64_t base = z->from->size - len;
	unsigned found = 0;

	if (len < END_LEN)
		return fail(z, CORE_EARCHIVE, zip_not_found, 0, e);
	uint8_t *tail = mem_alloc(len);
	if (!tail)
		return fail(z, CORE_EMEMORY, MEMORY, base, e);
	int32_t rc = read_all(z, base, tail, len, e);
	for (size_t i = len - END_LEN + 1; rc == 0 && i-- > 0;) {
		if (le32(tail + i) != END_MAGIC || i + END_LEN + le16(tail + i + 20) != len)
			continue;
		read_end(tail + i, base + i, end);
		found++;
	}
	mem_free(tail);
	if (rc != 0)
		return rc;
	if (found == 0)
		return fail(z, CORE_EARCHIVE, zip_not_found, z->from->size, e);
	if (found > 1)
		return fail(z, CORE_EARCHIVE, "the ZIP ends in two ways", end->at, e);
	return 0;
}

/* The long form of the end stands before it, and a record that says where. */
static int32_t find_long_end(struct zip *z, struct end *end, struct err *e)
{
	uint8_t s[END64_LEN];

	if (end->at < LOCATOR_LEN + END64_LEN)
		return 0;
	int32_t rc = read_all(z, end->at - LOCATOR_LEN, s, LOCATOR_LEN, e);
	if (rc != 0)
		return rc;
	if (le32(s) != LOCATOR_MAGIC)
		/* A file of just 65535 entries is no damage. */
		return 0;
	uint64_t said = le64(s + 8), at = end->at - LOCATOR_LEN - END64_LEN;
	if (le32(s + 4) != 0 || le32(s + 16) > 1)
		return fail(z, CORE_EARCHIVE, "the ZIP is one of several volumes", end->at, e);
	/* Where it is said to be, or where it always is: then there is something before the archive. */
	rc = said <= at ? read_all(z, said, s, END64_LEN, e) : fail(z, CORE_EARCHIVE, DAMAGED, end->at, e);
	if (rc != 0)
		return rc;
	if (le32(s) == END64_MAGIC)
		at = said;
	else
		rc = read_all(z, at, s, END64_LEN, e);
	if (rc != 0)
		return rc;
	/* It must reach up to the record that leads to it. */
	if (le32(s) != END64_MAGIC || le64(s + 4) != end->at - LOCATOR_LEN - at - 12)
		return fail(z, CORE_EARCHIVE, DAMAGED, at, e);
	struct end whole = {.at = at,
			    .disk = le32(s + 16),
			    .dir_disk = le32(s + 20),
			    .disk_count = le64(s + 24),
			    .count = le64(s + 32),
			    .dir_len = le64(s + 40),
			    .dir_off = le64(s + 48),
			    .is_long = 1};
	/* What the short record holds, it must not hold otherwise. */
	if ((end->count != UINT16_MAX && end->count != whole.count) ||
	    (end->dir_len != UINT32_MAX && end->dir_len != whole.dir_len) ||
	    (end->dir_off != UINT32_MAX && end->dir_off != whole.dir_off))
		return fail(z, CORE_EARCHIVE, "the ZIP ends in two ways", end->at, e);
	*end = whole;
	return 0;
}

/* ------------------------------------------------------------- the entries */

/* Keeps a name and its path in `names`; pointers come later, when it does not move any more. */
static int32_t keep_names(struct zip *z, struct zip_entry *entry, const uint8_t *name, size_t len)
{
	size_t path_len;

	entry->raw = (const uint8_t *)z->names.len;
	entry->raw_len = (uint32_t)len;
	if (buf_append(&z->names, name, len) != 0)
		return CORE_EMEMORY;
	entry->path = (const uint8_t *)z->names.len;
	if (buf_append(&z->names, name, len) != 0)
		return CORE_EMEMORY;
	uint8_t *path = z->names.data + (uintptr_t)entry->path;
	entry->flaws = len > 0 ? name_path(name, len, path, &path_len) : name_path(NULL, 0, NULL, &path_len);
	if (path_len == 0 && entry->kind != CORE_KIND_DIR) {
		memcpy(path, z->names.data + (uintptr_t)entry->raw, len);
		path_len = len;
		entry->flaws |= PACK_FLAW_EMPTY;
	}
	entry->path_len = (uint32_t)path_len;
	/* Most names are their own path, and are kept once. */
	if (path_len == len && memcmp(path, z->names.data + (uintptr_t)entry->raw, len) == 0) {
		entry->path = entry->raw;
		z->names.len -= len;
	} else {
		z->names.len -= len - path_len;
	}
	return 0;
}

static void set_kind(struct zip_entry *entry, const struct zip_head *h, const uint8_t *name)
{
	uint32_t mode = h->attributes >> 16;
	/* Unix and macOS. Others leave these bits empty, or mean something else by them. */
	int is_unix = (h->made_by == 3 || h->made_by == 19) && mode != 0;

	entry->kind = CORE_KIND_FILE;
	if (is_unix) {
		entry->mode = mode & 07777;
		entry->has_mode = 1;
		/* Some set permission bits only. */
		if ((mode & 0170000) != 0)
			entry->kind = kind_of_mode(mode);
	}
	if (h->name_len > 0 && name[h->name_len - 1] == '/')
		entry->kind = CORE_KIND_DIR;
	else if (!is_unix && h->made_by == 0 && (h->attributes & 0x10) != 0 && h->size == 0)
		entry->kind = CORE_KIND_DIR;
}

/* Makes an entry of a record of the directory, which is all there. */
static int32_t add(struct zip *z, const uint8_t *s, struct zip_head *h, uint64_t at, struct err *e)
{
	const uint8_t *name = s + CENTRAL_LEN;
	struct zip_extra extra;
	struct zip_entry entry = {0};

	if (!zip_read_extra(h, 1, name + h->name_len, name, &extra))
		return fail(z, CORE_EARCHIVE, DAMAGED, at, e);
	if (h->disk != 0)
		return fail(z, CORE_EARCHIVE, "the ZIP is one of several volumes", at, e);
	if (h->bits & ZIP_MASKED)
		return fail(z, CORE_EARCHIVE_ENCRYPTED, "the directory of the ZIP is encrypted", at, e);
	if (h->name_len > z->limits.name)
		return over(z, PACK_LIMIT_NAME, at, e);
	if (z->count >= z->limits.entries)
		return over(z, PACK_LIMIT_ENTRIES, at, e);
	entry.method = h->method;
	entry.bits = h->bits;
	entry.crc = h->crc;
	entry.packed = h->packed;
	entry.size = h->size;
	entry.encrypted = (h->bits & (ZIP_ENCRYPTED | ZIP_STRONG)) != 0;
	entry.has_mtime = extra.has_mtime;
	entry.mtime_ns = extra.mtime_ns;
	entry.has_owner = extra.has_owner;
	entry.uid = extra.uid;
	entry.gid = extra.gid;
	if (__builtin_add_overflow(h->header_off, z->prefix, &entry.header_off))
		return fail(z, CORE_EARCHIVE, DAMAGED, at, e);
	entry.data_off = UINT64_MAX;
	set_kind(&entry, h, name);
	if (extra.unicode && !zip_same_ascii(name, h->name_len, extra.unicode, extra.unicode_len))
		entry.differs |= ZIP_DIFFERS_UNICODE;
	if (__builtin_add_overflow(z->total, entry.size, &z->total) || z->total > z->limits.bytes)
		return over(z, PACK_LIMIT_BYTES, at, e);
	if (keep_names(z, &entry, name, h->name_len) != 0)
		return fail(z, CORE_EMEMORY, MEMORY, at, e);
	if (z->count == z->cap) {
		uint64_t cap = z->cap == 0 ? 64 : z->cap * 2;
		struct zip_entry *entries = mem_realloc(z->entries, (size_t)cap * sizeof *entries);
		if (!entries)
			return fail(z, CORE_EMEMORY, MEMORY, at, e);
		z->entries = entries;
		z->cap = cap;
	}
	z->entries[z->count++] = entry;
	return 0;
}

/* Reads the directory from front to back through a window. */
static int32_t read_directory(struct zip *z, uint64_t off, uint64_t len, struct err *e)
{
	uint8_t *window = mem_alloc(WINDOW);
	size_t at = 0, end = 0;
	int32_t rc = window ? 0 : fail(z, CORE_EMEMORY, MEMORY, off, e);

	while (rc == 0 && (len > 0 || at < end)) {
		struct zip_head h;
		size_t have = end - at, whole = CENTRAL_LEN;
		int is = have < CENTRAL_LEN || zip_read_central(window + at, &h);
		if (!is) {
			rc = fail(z, CORE_EARCHIVE, DAMAGED, off - have, e);
			break;
		}
		if (have >= CENTRAL_LEN)
			whole = (size_t)CENTRAL_LEN + h.name_len + h.extra_len + h.comment_len;
		if (have < whole) {
			size_t more = WINDOW - have < len ? WINDOW - have : (size_t)len;
			if (have + more < whole) {
				rc = fail(z, CORE_EARCHIVE, DAMAGED, off, e);
				break;
			}
			memmove(window, window + at, have);
			at = 0;
			end = have + more;
			rc = read_all(z, off, window + have, more, e);
			off += more;
			len -= more;
			continue;
		}
		rc = add(z, window + at, &h, off - have, e);
		at += whole;
	}
	mem_free(window);
	return rc;
}

static void settle_names(struct zip *z)
{
	const uint8_t *base = z->names.data;

	for (uint64_t i = 0; i < z->count; i++) {
		z->entries[i].raw = base + (uintptr_t)z->entries[i].raw;
		z->entries[i].path = base + (uintptr_t)z->entries[i].path;
	}
}

/* ------------------------------------------------------------------- spans */

static int by_offset(const void *a, const void *b)
{
	const struct zip_entry *x = *(struct zip_entry *const *)a, *y = *(struct zip_entry *const *)b;

	return x->header_off < y->header_off ? -1 : x->header_off > y->header_off;
}

/*
 * Looks at the local headers in the order in which they stand, and that no
 * byte belongs to two entries: small archives that decode to terabytes are
 * made by using the same data again and again (Fifield 2019).
 */
static int32_t check_spans(struct zip *z, uint64_t dir_off, struct err *e)
{
	struct zip_entry **order = mem_zalloc((size_t)z->count + 1, sizeof *order);
	uint64_t end = 0;
	int32_t rc = order ? 0 : fail(z, CORE_EMEMORY, MEMORY, 0, e);

	for (uint64_t i = 0; rc == 0 && i < z->count; i++)
		order[i] = &z->entries[i];
	if (rc == 0)
		qsort(order, (size_t)z->count, sizeof *order, by_offset);
	for (uint64_t i = 0; rc == 0 && i < z->count; i++) {
		struct zip_entry *entry = order[i];
		uint64_t span;
		if (entry->header_off < end) {
			rc = fail(z, CORE_EARCHIVE_BOMB, "entries of the ZIP lie over each other", entry->header_off, e);
			break;
		}
		if (zip_stopped(z))
			rc = fail(z, CORE_ECANCELLED, "cancelled", entry->header_off, e);
		else
			rc = zip_check_local(z, entry, dir_off, &span, e);
		if (entry->differs)
			entry->flaws |= PACK_FLAW_DIFFERENTIAL;
		if (rc == 0 && __builtin_add_overflow(entry->header_off, span, &end))
			end = UINT64_MAX;
		if (rc == 0 && end > dir_off)
			rc = fail(z, CORE_EARCHIVE, "an entry of the ZIP reaches into its directory", entry->header_off, e);
	}
	mem_free(order);
	return rc;
}

/* --------------------------------------------------------------- functions */

static int32_t read_zip(struct zip *z, struct err *e)
{
	struct end end = {0};

	if (!z->from->random) {
		*e = err_of(CORE_EUNSUPPORTED, "read the archive", z->from->side, "the source has no offsets");
		return e->code;
	}
	int32_t rc = find_end(z, &end, e);
	if (rc == 0)
		rc = find_long_end(z, &end, e);
	if (rc != 0)
		return rc;
	if (end.disk != 0 || end.dir_disk != 0 || end.disk_count != end.count)
		return fail(z, CORE_EARCHIVE, "the ZIP is one of several volumes", end.at, e);
	/* The directory ends where the records of the end begin; whatever was put before the archive shifts all. */
	if (end.dir_len > end.at || end.dir_off > end.at - end.dir_len)
		return fail(z, CORE_EARCHIVE, DAMAGED, end.at, e);
	if (end.dir_len > MOST_DIRECTORY)
		return fail(z, CORE_EARCHIVE_BOMB, "the directory of the ZIP is too large", end.at, e);
	z->prefix = end.at - end.dir_len - end.dir_off;
	rc = read_directory(z, end.at - end.dir_len, end.dir_len, e);
	if (rc != 0)
		return rc;
	/* Old programs count no further than 65535 and begin anew. */
	if (end.is_long ? z->count != end.count : (z->count & UINT16_MAX) != end.count)
		return fail(z, CORE_EARCHIVE, DAMAGED, end.at, e);
	/* Members hold themselves to the sizes that are said here. */
	if (z->total > RATIO_FLOOR && z->total / z->limits.ratio > z->from->size)
		return over(z, PACK_LIMIT_RATIO, end.at, e);
	settle_names(z);
	return check_spans(z, end.at - end.dir_len, e);
}

int32_t zip_open_with(struct zip **out, struct reader *r, const struct pack_limits *limits,
		      const _Atomic uint32_t *stop, struct err *e)
{
	struct zip *z = mem_zalloc(1, sizeof *z);

	if (!z) {
		*e = err_of(CORE_EMEMORY, "read the archive", r->side, MEMORY);
		return e->code;
	}
	z->from = r;
	z->limits = pack_limits_of(limits);
	z->stop = stop;
	int32_t rc = buf_reserve(&z->names, 1) == 0 ? read_zip(z, e) : fail(z, CORE_EMEMORY, MEMORY, 0, e);
	if (rc != 0) {
		zip_close(z);
		return rc;
	}
	/* The flag may be gone before the zip is. */
	z->stop = NULL;
	*out = z;
	return 0;
}

int32_t zip_open(struct zip **out, struct reader *r, const struct pack_limits *limits, struct err *e)
{
	return zip_open_with(out, r, limits, NULL, e);
}

uint64_t zip_count(const struct zip *z)
{
	return z->count;
}

const struct zip_entry *zip_at(const struct zip *z, uint64_t index)
{
	return &z->entries[index];
}

void zip_close(struct zip *z)
{
	if (!z)
		return;
	buf_free(&z->names);
	mem_free(z->entries);
	mem_free(z);
}
