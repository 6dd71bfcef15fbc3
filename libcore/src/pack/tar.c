/* SPDX-License-Identifier: MIT */
/*
 * tar: v7, ustar, pax (POSIX.1-2017) and GNU, with the sparse files of GNU in
 * all four forms. Stricter than programs that extract: those go on behind a
 * damaged header or stop at a lone block of zeros, and either would make an
 * archive look like one that holds less.
 *
 * libarchive is not used for it: it brings the names of pax headers into
 * normal form C or the locale's, so that two names become one, ends them at a
 * NUL, and knows nothing of global headers.
 */
#include "pack/tar.h"

#include "base/alloc.h"
#include "pack/format.h"

#include <string.h>

/** Bytes of extended headers before one entry; the largest seen in the wild is about 4 MiB. */
enum { MOST_HEAD = 16 << 20 };

/** How the fields of a header lie; offset and length. */
enum {
	NAME = 0, NAME_LEN = 100,
	MODE = 100, UID = 108, GID = 116, ID_LEN = 8,
	SIZE = 124, SIZE_LEN = 12,
	MTIME = 136, MTIME_LEN = 12,
	CHECKSUM = 148, CHECKSUM_LEN = 8,
	TYPE = 156,
	LINK = 157, LINK_LEN = 100,
	MAGIC = 257,
	MAJOR = 329, MINOR = 337, DEVICE_LEN = 8,
	PREFIX = 345, PREFIX_LEN = 155,
	/* GNU's sparse files. */
	SPARSE = 386, SPARSE_COUNT = 4, SPARSE_LEN = 24,
	EXTENDED = 482,
	REAL_SIZE = 483,
	MORE_COUNT = 21, MORE_EXTENDED = 504,
};

struct tar {
	struct tar_pax pax, global;
	/** Body of the extended header that is read, and bytes of those of this entry. */
	struct buf body;
	uint64_t head_bytes;
	/** Names of extended headers: those of pax in `has`, and GNU's. */
	struct buf path, link, sparse_path, long_path, long_link;
	int has_long_path, has_long_link;
	/** An extended header was read, of which an entry must follow. */
	int pending;
	/** A pax header was met, so links may carry data. */
	int is_pax;
	/** The entry is sparse: the map is that of `pax`, what stands before `pos` was given out. */
	int sparse;
	size_t segment;
	uint64_t pos, real_size;
};

/* ---------------------------------------------------------------- headers */

int tar_number(const uint8_t *field, size_t len, int64_t *out)
{
	size_t i = 0;
	int64_t n = 0;

	if (field[0] & 0x80) {
		/* Two's complement over all of the field, without its first bit. */
		uint64_t value = field[0] & 0x40 ? UINT64_MAX : 0;
		uint8_t fill = field[0] & 0x40 ? 0xff : 0;
		for (i = 0; i < len; i++) {
			uint8_t c = i == 0 ? (uint8_t)((field[0] & 0x7f) | (fill & 0x80)) : field[i];
			if (len - i > 8 && c != fill)
				return 0;
			value = value << 8 | c;
		}
		*out = (int64_t)value;
		return (*out < 0) == (fill != 0);
	}
	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++) {
		if (n >> 60)
			return 0;
		n = n * 8 + (field[i] - '0');
	}
	for (size_t end = i; end < len; end++) {
		if (field[end] == 0)
			break;
		if (field[end] != ' ')
			return 0;
	}
	*out = n;
	return 1;
}

int tar_is_header(const uint8_t *b, size_t len)
{
	int64_t want, sum = 0, signed_sum = 0;

	if (len < TAR_BLOCK || !tar_number(b + CHECKSUM, CHECKSUM_LEN, &want))
		return 0;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		uint8_t c = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LEN ? ' ' : b[i];
		sum += c;
		/* Some old programs took bytes for signed. */
		signed_sum += c - (c & 0x80) * 2;
	}
	return want == sum || want == signed_sum;
}

static int is_zeros(const uint8_t *b)
{
	return b[0] == 0 && memcmp(b, b + 1, TAR_BLOCK - 1) == 0;
}

static size_t text_len(const uint8_t *field, size_t len)
{
	const uint8_t *nul = memchr(field, 0, len);

	return nul ? (size_t)(nul - field) : len;
}

static uint64_t padding_of(uint64_t size)
{
	return -size & (TAR_BLOCK - 1);
}

/* Reads what stands behind a header to `body`. */
static int32_t read_body(struct pack *p, uint64_t size, struct err *e)
{
	struct tar *t = p->impl;

	t->body.len = 0;
	t->head_bytes += size;
	if (size > MOST_HEAD || t->head_bytes > MOST_HEAD)
		return pack_fail(p, CORE_EARCHIVE_BOMB, "the extended headers of the tar are too large", e);
	while (t->body.len < size) {
		const uint8_t *data;
		size_t avail, want = (size_t)size - t->body.len;
		int32_t rc = input_ahead(&p->in, 1, &data, &avail, e);
		if (rc != 0)
			return rc;
		if (avail == 0)
			return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
		avail = avail < want ? avail : want;
		if (buf_append(&t->body, data, avail) != 0)
			return pack_fail(p, CORE_EMEMORY, "out of memory", e);
		input_take(&p->in, avail);
	}
	return input_skip(&p->in, padding_of(size), e);
}

static int32_t keep_name(void *ctx, uint32_t what, const uint8_t *value, size_t len)
{
	struct tar *t = ((struct pack *)ctx)->impl;
	struct buf *to = what == TAR_PAX_PATH ? &t->path : what == TAR_PAX_LINK ? &t->link : &t->sparse_path;

	to->len = 0;
	return buf_append(to, value, len);
}

static int32_t keep_attr(void *ctx, const uint8_t *name, size_t name_len, const uint8_t *value, size_t len)
{
	struct err e;

	return entry_attr(ctx, name, name_len, value, len, &e);
}

/* A global header has no business with single names and attributes. */
static int32_t refuse_name(void *ctx, uint32_t what, const uint8_t *value, size_t len)
{
	(void)ctx;
	(void)what;
	(void)value;
	(void)len;
	return CORE_EARCHIVE;
}

static int32_t refuse_attr(void *ctx, const uint8_t *name, size_t name_len, const uint8_t *value, size_t len)
{
	(void)name;
	(void)name_len;
	(void)value;
	(void)len;
	((struct tar *)((struct pack *)ctx)->impl)->global.unclear = 1;
	return 0;
}

static int32_t read_pax(struct pack *p, int global, uint64_t size, struct err *e)
{
	struct tar *t = p->impl;
	const struct tar_pax_sink sink = {p, global ? refuse_name : keep_name, global ? refuse_attr : keep_attr};
	const char *why;

	int32_t rc = read_body(p, size, e);
	if (rc != 0)
		return rc;
	t->is_pax = 1;
	t->pending |= !global;
	rc = tar_pax_read(global ? &t->global : &t->pax, t->body.data, t->body.len, &sink, &why);
	if (rc == 0 && global && (t->global.has & (TAR_PAX_SIZE | TAR_PAX_SPARSE)) != 0)
		rc = CORE_EARCHIVE;
	if (rc == CORE_EMEMORY)
		why = "out of memory";
	return rc == 0 ? 0 : pack_fail(p, rc, why, e);
}

/* GNU's headers for a long name or link target: a text that ends with a NUL. */
static int32_t read_long(struct pack *p, struct buf *to, int *has, uint64_t size, struct err *e)
{
	struct tar *t = p->impl;

	int32_t rc = read_body(p, size, e);
	if (rc != 0)
		return rc;
	size_t len = t->body.len;
	while (len > 0 && t->body.data[len - 1] == 0)
		len--;
	to->len = 0;
	*has = 1;
	t->pending = 1;
	return buf_append(to, t->body.data, len) == 0 ? 0 : pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

/* ----------------------------------------------------------- sparse files */

/* Takes offsets and lengths out of a GNU header: 0 or a code. Stops at the first that is empty. */
static int32_t old_map(struct tar *t, const uint8_t *at, unsigned count)
{
	for (; count > 0 && at[0] != 0 && at[12] != 0; count--, at += SPARSE_LEN) {
		int64_t off, len;
		if (!tar_number(at, 12, &off) || !tar_number(at + 12, 12, &len) || off < 0 || len < 0)
			return CORE_EARCHIVE;
		if (tar_pax_map(&t->pax, (uint64_t)off) != 0 || tar_pax_map(&t->pax, (uint64_t)len) != 0)
			return CORE_EMEMORY;
	}
	return 0;
}

static int32_t read_old_sparse(struct pack *p, const uint8_t *header, struct err *e)
{
	struct tar *t = p->impl;
	int64_t real;
	int more = header[EXTENDED] != 0;

	t->pax.map_len = 0;
	if (!tar_number(header + REAL_SIZE, 12, &real) || real < 0)
		return pack_fail(p, CORE_EARCHIVE, "the map of a sparse file is damaged", e);
	t->real_size = (uint64_t)real;
	int32_t rc = old_map(t, header + SPARSE, SPARSE_COUNT);
	while (rc == 0 && more) {
		const uint8_t *block;
		size_t avail;
		t->head_bytes += TAR_BLOCK;
		if (t->head_bytes > MOST_HEAD)
			return pack_fail(p, CORE_EARCHIVE_BOMB, "the extended headers of the tar are too large", e);
		rc = input_ahead(&p->in, TAR_BLOCK, &block, &avail, e);
		if (rc != 0)
			return rc;
		if (avail < TAR_BLOCK)
			return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
		rc = old_map(t, block, MORE_COUNT);
		more = block[MORE_EXTENDED] != 0;
		input_take(&p->in, TAR_BLOCK);
	}
	return rc == 0 ? 0 : pack_fail(p, rc, "the map of a sparse file is damaged", e);
}

/* One number on a line of its own, before the data of the file. */
static int32_t map_line(struct pack *p, int64_t *out, struct err *e)
{
	const uint8_t *data;
	size_t avail, most = p->left < 21 ? (size_t)p->left : 21;

	int32_t rc = input_ahead(&p->in, most, &data, &avail, e);
	if (rc != 0)
		return rc;
	const uint8_t *end = memchr(data, '\n', avail < most ? avail : most);
	if (!end || !tar_decimal(data, (size_t)(end - data), out))
		return pack_fail(p, CORE_EARCHIVE, "the map of a sparse file is damaged", e);
	size_t n = (size_t)(end - data) + 1;
	input_take(&p->in, n);
	p->left -= n;
	return 0;
}

/* Version 1.0: the map stands before the data, filled up to whole blocks. */
static int32_t read_data_map(struct pack *p, struct err *e)
{
	struct tar *t = p->impl;
	uint64_t before = p->left;
	int64_t count, value;

	t->pax.map_len = 0;
	int32_t rc = map_line(p, &count, e);
	for (int64_t i = 0; rc == 0 && i / 2 < count; i++) {
		rc = map_line(p, &value, e);
		if (rc == 0 && before - p->left > MOST_HEAD)
			return pack_fail(p, CORE_EARCHIVE_BOMB, "the map of a sparse file is too large", e);
		if (rc == 0 && tar_pax_map(&t->pax, (uint64_t)value) != 0)
			return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	}
	if (rc != 0)
		return rc;
	uint64_t fill = padding_of(before - p->left);
	if (fill > p->left)
		return pack_fail(p, CORE_EARCHIVE, "the map of a sparse file is damaged", e);
	p->left -= fill;
	return input_skip(&p->in, fill, e);
}

/* Whether the map is in order and speaks of just the bytes that are stored. */
static int map_fits(const struct tar *t, uint64_t stored)
{
	uint64_t end = 0, sum = 0;

	if (t->pax.map_len % 2 != 0)
		return 0;
	for (size_t i = 0; i < t->pax.map_len; i += 2) {
		uint64_t off = t->pax.map[i], len = t->pax.map[i + 1];
		if (off < end || __builtin_add_overflow(off, len, &end) || end > t->real_size)
			return 0;
		sum += len;
	}
	return sum == stored;
}

static int32_t begin_sparse(struct pack *p, const uint8_t *header, struct err *e)
{
	struct tar *t = p->impl;
	int32_t rc = 0;

	t->sparse = 1;
	t->segment = 0;
	t->pos = 0;
	if (header[TYPE] == 'S') {
		rc = read_old_sparse(p, header, e);
	} else {
		t->real_size = (uint64_t)t->pax.sparse_size;
		if (!(t->pax.has & TAR_PAX_SPARSE_SIZE) || t->pax.sparse_major > 1 || t->pax.sparse_minor > 1)
			return pack_fail(p, CORE_EARCHIVE, "a sparse file is stored in an unknown way", e);
		if (t->pax.sparse_major == 1)
			rc = read_data_map(p, e);
	}
	if (rc == 0 && !map_fits(t, p->left))
		rc = pack_fail(p, CORE_EARCHIVE, "the map of a sparse file is damaged", e);
	p->entry.size = t->real_size;
	return rc;
}

static int32_t tar_data(struct pack *p, struct slice *out, struct err *e)
{
	struct tar *t = p->impl;

	if (!t->sparse)
		return stored_data(p, out, e);
	*out = (struct slice){0};
	while (t->segment < t->pax.map_len) {
		uint64_t off = t->pax.map[t->segment], len = t->pax.map[t->segment + 1];
		if (t->pos < off)
			break;
		if (t->pos < off + len) {
			int32_t rc = stored_some(p, off + len - t->pos, out, e);
			t->pos += out->len;
			return rc;
		}
		t->segment += 2;
	}
	uint64_t hole = (t->segment < t->pax.map_len ? t->pax.map[t->segment] : t->real_size) - t->pos;
	out->data = zero_bytes();
	out->len = hole < PACK_BLOCK ? (size_t)hole : PACK_BLOCK;
	t->pos += out->len;
	return 0;
}

/* ---------------------------------------------------------------- entries */

/* A number that is not worth failing for: 0 when it cannot be made out, which is noted. */
static int64_t plain_number(struct pack *p, const uint8_t *field, size_t len, uint8_t *has)
{
	int64_t n = 0;

	*has = field[0] != 0;
	if (!tar_number(field, len, &n))
		p->entry.flaws |= PACK_FLAW_METADATA;
	return n;
}

static uint32_t id_of(struct pack *p, int64_t n)
{
	if (n < 0 || n > UINT32_MAX)
		p->entry.flaws |= PACK_FLAW_METADATA;
	return (uint32_t)n;
}

static void read_metadata(struct pack *p, const uint8_t *h)
{
	struct tar *t = p->impl;
	struct pack_entry *entry = &p->entry;
	const struct tar_pax *x = &t->pax, *g = &t->global;
	uint8_t has_uid, has_gid;

	entry->mode = (uint32_t)plain_number(p, h + MODE, ID_LEN, &entry->has_mode) & 07777;
	entry->uid = id_of(p, plain_number(p, h + UID, ID_LEN, &has_uid));
	entry->gid = id_of(p, plain_number(p, h + GID, ID_LEN, &has_gid));
	entry->mtime_ns = time_ns(plain_number(p, h + MTIME, MTIME_LEN, &entry->has_mtime), 0);
	if ((x->has | g->has) & TAR_PAX_UID) {
		entry->uid = id_of(p, x->has & TAR_PAX_UID ? x->uid : g->uid);
		has_uid = 1;
	}
	if ((x->has | g->has) & TAR_PAX_GID) {
		entry->gid = id_of(p, x->has & TAR_PAX_GID ? x->gid : g->gid);
		has_gid = 1;
	}
	if ((x->has | g->has) & TAR_PAX_MTIME) {
		entry->mtime_ns = x->has & TAR_PAX_MTIME ? x->mtime_ns : g->mtime_ns;
		entry->has_mtime = 1;
	}
	entry->has_owner = has_uid && has_gid;
	if (x->unclear || g->unclear)
		entry->flaws |= PACK_FLAW_METADATA;
}

static int32_t read_name(struct pack *p, const uint8_t *h, struct err *e)
{
	struct tar *t = p->impl;
	uint8_t whole[PREFIX_LEN + 1 + NAME_LEN];
	size_t n = 0;

	if (t->pax.has & TAR_PAX_SPARSE_PATH)
		return entry_name(p, t->sparse_path.data, t->sparse_path.len, e);
	if (t->pax.has & TAR_PAX_PATH)
		return entry_name(p, t->path.data, t->path.len, e);
	if (t->has_long_path)
		return entry_name(p, t->long_path.data, t->long_path.len, e);
	/* GNU's own headers have other things where the prefix is, and a space behind the magic. */
	if (memcmp(h + MAGIC, "ustar\0", 6) == 0 && h[PREFIX] != 0) {
		n = text_len(h + PREFIX, PREFIX_LEN);
		memcpy(whole, h + PREFIX, n);
		whole[n++] = '/';
	}
	size_t len = text_len(h + NAME, NAME_LEN);
	memcpy(whole + n, h + NAME, len);
	return entry_name(p, whole, n + len, e);
}

static int32_t read_target(struct pack *p, const uint8_t *h, int hard, struct err *e)
{
	const struct tar *t = p->impl;

	if (t->pax.has & TAR_PAX_LINK)
		return entry_target(p, t->link.data, t->link.len, hard, e);
	if (t->has_long_link)
		return entry_target(p, t->long_link.data, t->long_link.len, hard, e);
	return entry_target(p, h + LINK, text_len(h + LINK, LINK_LEN), hard, e);
}

/*
 * Whether bytes follow a hard link that has a size. POSIX lets pax archives
 * store them; elsewhere the size is mostly that of the file linked to. What
 * follows tells, unless it is pax itself.
 */
static int32_t link_has_data(struct pack *p, const uint8_t *h, int *has, struct err *e)
{
	const struct tar *t = p->impl;
	const uint8_t *next;
	size_t avail;

	int is_posix = memcmp(h + MAGIC, "ustar\0", 6) == 0;
	*has = is_posix && t->is_pax;
	if (!is_posix || t->is_pax)
		return 0;
	int32_t rc = input_ahead(&p->in, TAR_BLOCK, &next, &avail, e);
	if (rc == 0)
		*has = avail >= TAR_BLOCK && !is_zeros(next) && !tar_is_header(next, avail);
	return rc;
}

static int32_t read_entry(struct pack *p, const uint8_t *h, struct err *e)
{
	struct tar *t = p->impl;
	struct pack_entry *entry = &p->entry;
	int64_t size;
	uint8_t has;
	int32_t rc = 0;

	if (!tar_number(h + SIZE, SIZE_LEN, &size))
		return pack_fail(p, CORE_EARCHIVE, "a header of the tar holds a size that is none", e);
	if (t->pax.has & TAR_PAX_SIZE)
		size = t->pax.size;
	if (size < 0)
		return pack_fail(p, CORE_EARCHIVE, "a header of the tar holds a size that is none", e);
	entry->kind = CORE_KIND_FILE;
	switch (h[TYPE]) {
	case '1':
		entry->hardlink = 1;
		if (size > 0) {
			int with_data;
			rc = link_has_data(p, h, &with_data, e);
			size = with_data ? size : 0;
		}
		break;
	case '2':
		entry->kind = CORE_KIND_SYMLINK;
		break;
	case '3':
	case '4':
		entry->kind = h[TYPE] == '3' ? CORE_KIND_CHAR : CORE_KIND_BLOCK;
		entry->rdev = plat_device((uint32_t)plain_number(p, h + MAJOR, DEVICE_LEN, &has),
					  (uint32_t)plain_number(p, h + MINOR, DEVICE_LEN, &has));
		break;
	case '5':
		entry->kind = CORE_KIND_DIR;
		break;
	case '6':
		entry->kind = CORE_KIND_FIFO;
		break;
	case 'D':
		/* GNU's directory with a list of its names, which are no content. */
		entry->kind = CORE_KIND_DIR;
		p->padding = (uint64_t)size + padding_of((uint64_t)size);
		break;
	case 0:
	case '0':
	case '7':
	case 'S':
		break;
	default:
		/* POSIX has unknown kinds taken for files. */
		entry->flaws |= PACK_FLAW_METADATA;
		break;
	}
	if (rc == 0)
		rc = read_name(p, h, e);
	if (rc == 0 && (entry->hardlink || entry->kind == CORE_KIND_SYMLINK))
		rc = read_target(p, h, entry->hardlink, e);
	if (rc != 0)
		return rc;
	/* Before there was a kind for directories, a slash told. */
	if (entry->kind == CORE_KIND_FILE && !entry->hardlink && p->raw.len > 0 &&
	    p->text.data[p->raw.off + p->raw.len - 1] == '/')
		entry->kind = CORE_KIND_DIR;
	read_metadata(p, h);
	if (entry->kind != CORE_KIND_FILE) {
		/* A size here says nothing of the archive, but for 'D' above. */
		entry->size = 0;
		return 0;
	}
	entry->size = (uint64_t)size;
	p->left = (uint64_t)size;
	p->padding = padding_of(p->left);
	/* The map is in the way of the data, so it is read now; what stands is counted before. */
	return h[TYPE] == 'S' || (t->pax.has & TAR_PAX_SPARSE) ? begin_sparse(p, h, e) : 0;
}

static int32_t tar_open(struct pack *p, struct err *e)
{
	p->impl = mem_zalloc(1, sizeof(struct tar));
	return p->impl ? 0 : pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

static void forget_entry(struct tar *t)
{
	uint64_t *map = t->pax.map;
	size_t cap = t->pax.map_cap;

	t->pax = (struct tar_pax){.map = map, .map_cap = cap};
	t->head_bytes = 0;
	t->has_long_path = t->has_long_link = 0;
	t->pending = 0;
	t->sparse = 0;
}

/* One header: 1 when it was that of an entry, 0 when more are to be read, or a code. */
static int32_t read_header(struct pack *p, const uint8_t *h, struct err *e)
{
	struct tar *t = p->impl;
	int64_t size;

	switch (h[TYPE]) {
	case 'x':
	case 'X':
	case 'g':
	case 'L':
	case 'K':
	case 'V':
	case 'A':
	case 'E':
		if (!tar_number(h + SIZE, SIZE_LEN, &size) || size < 0)
			return pack_fail(p, CORE_EARCHIVE, "a header of the tar holds a size that is none", e);
		if (h[TYPE] == 'L')
			return read_long(p, &t->long_path, &t->has_long_path, (uint64_t)size, e);
		if (h[TYPE] == 'K')
			return read_long(p, &t->long_link, &t->has_long_link, (uint64_t)size, e);
		if (h[TYPE] == 'V')
			/* The volume's label, and nothing else. */
			return read_body(p, (uint64_t)size, e);
		if (h[TYPE] == 'A' || h[TYPE] == 'E') {
			/* Solaris stores lists of rights in its own way. */
			t->pax.unclear = 1;
			t->pending = 1;
			return read_body(p, (uint64_t)size, e);
		}
		return read_pax(p, h[TYPE] == 'g', (uint64_t)size, e);
	case 'M':
	case 'N':
		return pack_fail(p, CORE_EARCHIVE, "the tar is part of a set of volumes, or of a kind long out of use", e);
	default: {
		int32_t rc = read_entry(p, h, e);
		return rc == 0 ? 1 : rc;
	}
	}
}

static int32_t tar_next(struct pack *p, struct err *e)
{
	struct tar *t = p->impl;
	uint8_t header[TAR_BLOCK];

	int32_t rc = stored_skip(p, e);
	if (rc != 0)
		return rc;
	entry_begin(p);
	forget_entry(t);
	while (rc == 0) {
		const uint8_t *block;
		size_t avail;
		rc = input_ahead(&p->in, TAR_BLOCK, &block, &avail, e);
		if (rc != 0)
			break;
		int zeros = avail >= TAR_BLOCK && is_zeros(block);
		if (t->pending && (avail == 0 || zeros))
			return pack_fail(p, CORE_EARCHIVE, "the tar ends where an entry should follow", e);
		if (avail == 0 || zeros)
			return input_finish(&p->in, 1, e);
		if (avail < TAR_BLOCK)
			return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
		if (!tar_is_header(block, avail))
			return pack_fail(p, CORE_EARCHIVE, "a header of the tar is damaged", e);
		memcpy(header, block, TAR_BLOCK);
		input_take(&p->in, TAR_BLOCK);
		rc = read_header(p, header, e);
	}
	return rc;
}

static void tar_close(struct pack *p)
{
	struct tar *t = p->impl;

	if (!t)
		return;
	tar_pax_free(&t->pax);
	tar_pax_free(&t->global);
	buf_free(&t->body);
	buf_free(&t->path);
	buf_free(&t->link);
	buf_free(&t->sparse_path);
	buf_free(&t->long_path);
	buf_free(&t->long_link);
	mem_free(t);
	p->impl = NULL;
}

const struct format format_tar = {"tar", tar_open, tar_next, tar_data, stored_pass, tar_close};
