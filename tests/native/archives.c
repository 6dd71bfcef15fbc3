/* SPDX-License-Identifier: MIT */
#include "archives.h"

#include "base/rng.h"
#include "base/xxh.h"
#include "check.h"
#include "files.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

const struct thing things_all[] = {
	{"top", 'd', NULL, 0, 'z'},
	{"top/empty-dir", 'd', NULL, 0, 'z'},
	{"top/empty", 'f', NULL, 0, 'z'},
	{"top/text.txt", 'f', NULL, 30000, 't'},
	{"top/sub/deep/noise", 'f', NULL, 70001, 'n'},
	{"top/sub/zeros", 'f', NULL, 600000, 'z'},
	{"top/link", 'l', "../elsewhere", 0, 'z'},
	{"top/hard", 'h', "top/text.txt", 0, 'z'},
	{"top/fifo", 'p', NULL, 0, 'z'},
	{"top/null", 'c', NULL, 0, 'z'},
	{"top/disk", 'b', NULL, 0, 'z'},
	{"top/sparse", 's', NULL, 700000, 'z'},
	{"top/last", 'f', NULL, 511, 't'},
};
const size_t things_all_count = sizeof things_all / sizeof things_all[0];

const struct thing things_plain[] = {
	{"a.txt", 'f', NULL, 1, 't'},
	{"b", 'f', NULL, 0, 'z'},
	{"c", 'f', NULL, 70000, 'n'},
	{"d", 'f', NULL, 512, 't'},
	{"e", 'f', NULL, 300001, 't'},
};
const size_t things_plain_count = sizeof things_plain / sizeof things_plain[0];

/* ------------------------------------------------------------------- bytes */

void put(struct buf *out, const void *data, size_t len)
{
	CHECK_EQ(buf_append(out, data, len), 0);
}

void put16(struct buf *out, unsigned n)
{
	const uint8_t s[] = {(uint8_t)n, (uint8_t)(n >> 8)};
	put(out, s, 2);
}

void put32(struct buf *out, uint32_t n)
{
	put16(out, n & 0xffff);
	put16(out, n >> 16);
}

void put64(struct buf *out, uint64_t n)
{
	put32(out, (uint32_t)n);
	put32(out, (uint32_t)(n >> 32));
}

static size_t sparse_data_at(const struct thing *t)
{
	return t->size / 2 / 4096 * 4096;
}

uint8_t *thing_bytes(const struct thing *t)
{
	uint8_t *data = t->bytes == 'n' ? files_noise(t->size, t->size) : calloc(1, t->size + 1);

	CHECK(data);
	if (t->bytes == 'd' && t->size > 0)
		memcpy(data, t->target, t->size);
	for (size_t i = 0; t->bytes == 't' && i < t->size; i++)
		data[i] = (uint8_t)"a line of text\n"[i % 15];
	if (t->kind == 's')
		memset(data + sparse_data_at(t), 'x', 4096);
	return data;
}

/* ----------------------------------------------------------------- writing */

static unsigned type_of(char kind)
{
	switch (kind) {
	case 'd':
		return AE_IFDIR;
	case 'l':
		return AE_IFLNK;
	case 'p':
		return AE_IFIFO;
	case 'c':
		return AE_IFCHR;
	case 'b':
		return AE_IFBLK;
	default:
		return AE_IFREG;
	}
}

static void write_thing(struct archive *a, const struct thing *t, unsigned number)
{
	struct archive_entry *entry = archive_entry_new();

	CHECK(entry);
	archive_entry_set_pathname(entry, t->path);
	archive_entry_set_filetype(entry, type_of(t->kind));
	archive_entry_set_perm(entry, t->kind == 'd' ? 0755 : 0640);
	archive_entry_set_mtime(entry, 1234567890, 0);
	archive_entry_set_uid(entry, 1001);
	archive_entry_set_gid(entry, 1002);
	archive_entry_set_ino(entry, number + 1);
	archive_entry_set_nlink(entry, 1);
	if (t->kind == 'l')
		archive_entry_set_symlink(entry, t->target);
	if (t->kind == 'h')
		archive_entry_set_hardlink(entry, t->target);
	if (t->kind == 'c' || t->kind == 'b')
		archive_entry_set_rdev(entry, makedev(1, 3));
	archive_entry_set_size(entry, (la_int64_t)t->size);
	if (t->kind == 's')
		archive_entry_sparse_add_entry(entry, (la_int64_t)sparse_data_at(t), 4096);
	if (archive_write_header(a, entry) != ARCHIVE_OK)
		FAIL("%s: %s", t->path, archive_error_string(a));
	if (t->kind == 'f' || t->kind == 's') {
		uint8_t *data = thing_bytes(t);
		if (t->size > 0)
			CHECK_EQ(archive_write_data(a, data, t->size), t->size);
		free(data);
	}
	archive_entry_free(entry);
}

static la_ssize_t to_buf(struct archive *a, void *ctx, const void *data, size_t len)
{
	(void)a;
	put(ctx, data, len);
	return (la_ssize_t)len;
}

static void begin_archive(struct archive *a, const char *filter, struct buf *out)
{
	CHECK(a);
	if (strcmp(filter, "none") != 0)
		CHECK_EQ(archive_write_add_filter_by_name(a, filter), ARCHIVE_OK);
	archive_write_set_bytes_in_last_block(a, 1);
	CHECK_EQ(archive_write_open(a, out, NULL, to_buf, NULL), ARCHIVE_OK);
}

struct buf archive_make(const char *format, const char *filter, const char *options, const struct thing *things,
			size_t count)
{
	struct archive *a = archive_write_new();
	struct buf out = {0};

	CHECK_EQ(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
	if (options)
		CHECK_EQ(archive_write_set_options(a, options), ARCHIVE_OK);
	begin_archive(a, filter, &out);
	for (size_t i = 0; i < count; i++)
		write_thing(a, &things[i], (unsigned)i);
	CHECK_EQ(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return out;
}

struct buf archive_compress(const char *filter, const void *data, size_t len)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	struct buf out = {0};

	CHECK_EQ(archive_write_set_format_raw(a), ARCHIVE_OK);
	begin_archive(a, filter, &out);
	archive_entry_set_pathname(entry, "-");
	archive_entry_set_filetype(entry, AE_IFREG);
	CHECK_EQ(archive_write_header(a, entry), ARCHIVE_OK);
	if (len > 0)
		CHECK_EQ(archive_write_data(a, data, len), len);
	CHECK_EQ(archive_write_close(a), ARCHIVE_OK);
	archive_entry_free(entry);
	archive_write_free(a);
	return out;
}

/* ----------------------------------------------------------------- listing */

static void add_text(struct listing *l, const char *text)
{
	size_t more = strlen(text);

	if (l->len + more + 1 > l->cap) {
		l->cap = 2 * (l->len + more) + 64;
		l->text = realloc(l->text, l->cap);
		CHECK(l->text);
	}
	memcpy(l->text + l->len, text, more + 1);
	l->len += more;
}

void listing_add(struct listing *l, const struct pack_entry *entry, uint64_t size, uint64_t hash)
{
	static const char kinds[] = "?fdlpsbc?";
	char line[8192], flags[128] = "";

	if (entry->flaws)
		snprintf(flags, sizeof flags, " flaws=%u", entry->flaws);
	if (entry->encrypted)
		strcat(flags, " encrypted");
	if (entry->kind == CORE_KIND_CHAR || entry->kind == CORE_KIND_BLOCK)
		snprintf(flags + strlen(flags), 60, " device=%llx", (unsigned long long)entry->rdev);
	snprintf(line, sizeof line, "%c %.*s%s%.*s size=%llu hash=%llx%s\n",
		 entry->hardlink ? 'h' : kinds[entry->kind], (int)entry->path_len, (const char *)entry->path,
		 entry->target ? " -> " : "", (int)entry->target_len, (const char *)entry->target,
		 (unsigned long long)size, (unsigned long long)hash, flags);
	add_text(l, line);
	l->entries++;
}

void listing_end(struct listing *l, int32_t rc, const struct err *e)
{
	char line[512] = "end\n";

	if (rc != 0) {
		l->err = *e;
		CHECK_EQ(rc, e->code);
		snprintf(line, sizeof line, "error %d\n", rc);
	}
	add_text(l, line);
}

struct listing listing_of(struct reader *take, const struct pack_limits *limits)
{
	struct listing l = {0};
	struct pack *p = NULL;
	struct pack_entry entry;
	struct err e = {0};

	int32_t rc = pack_open(&p, take, limits, &e), broken = 0;
	CHECK(take->ops == NULL);
	while (rc == 0 && (rc = pack_next(p, &entry, &e)) > 0) {
		struct buf all = {0};
		const uint8_t *data;
		size_t len;
		while ((rc = pack_data(p, &data, &len, &e)) == 0 && len > 0) {
			CHECK(len <= PACK_BLOCK);
			put(&all, data, len);
		}
		if (rc == 0 || rc == CORE_EUNSUPPORTED || rc == CORE_EARCHIVE_ENCRYPTED) {
			listing_add(&l, &entry, all.len, xxh_64(all.data, all.len));
		} else if (broken == 0) {
			/* The archive may go on. */
			broken = rc;
			l.err = e;
		}
		rc = 0;
		buf_free(&all);
	}
	int stays = rc < 0;
	if (rc == 0 && broken != 0) {
		rc = broken;
		e = l.err;
	}
	listing_end(&l, rc, &e);
	if (p && stays) {
		/* The failure stays. */
		struct err again;
		CHECK_EQ(pack_next(p, &entry, &again), rc);
		CHECK(again.detail == e.detail && again.at == e.at);
	} else if (p) {
		CHECK_EQ(pack_next(p, &entry, &e), 0);
	}
	pack_close(p);
	return l;
}

struct listing listing_of_bytes(const void *data, size_t len)
{
	struct reader r;

	reader_open_memory(&r, data, len, 0);
	return listing_of(&r, NULL);
}

struct listing listing_of_stream(const void *data, size_t len)
{
	struct reader r;

	open_plain_stream(&r, data, len, 0);
	return listing_of(&r, NULL);
}

struct listing listing_expected(const struct thing *things, size_t count)
{
	static const struct {
		char kind;
		uint8_t core;
	} kinds[] = {{'d', CORE_KIND_DIR},  {'f', CORE_KIND_FILE}, {'s', CORE_KIND_FILE}, {'l', CORE_KIND_SYMLINK},
		     {'h', CORE_KIND_FILE}, {'p', CORE_KIND_FIFO}, {'c', CORE_KIND_CHAR}, {'b', CORE_KIND_BLOCK}};
	struct listing l = {0};
	struct err none = {0};

	for (size_t i = 0; i < count; i++) {
		const struct thing *t = &things[i];
		struct pack_entry entry = {.path = (const uint8_t *)t->path, .path_len = (uint32_t)strlen(t->path),
					   .target = (const uint8_t *)t->target, .hardlink = t->kind == 'h',
					   .target_len = t->target ? (uint32_t)strlen(t->target) : 0,
					   .rdev = makedev(1, 3)};
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
			entry.kind = kinds[k].kind == t->kind ? kinds[k].core : entry.kind;
		uint8_t *data = thing_bytes(t);
		listing_add(&l, &entry, t->size, xxh_64(data, t->size));
		free(data);
	}
	listing_end(&l, 0, &none);
	return l;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void listing_sort(struct listing *l)
{
	size_t count = 0, len = strlen(l->text);
	char **lines = calloc(len + 1, sizeof *lines), *copy = malloc(len + 1), *save = NULL;

	CHECK(lines && copy);
	memcpy(copy, l->text, len + 1);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		lines[count++] = line;
	/* The last one stays where it is. */
	qsort(lines, count - 1, sizeof *lines, by_text);
	char *at = l->text;
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s\n", lines[i]);
	free(lines);
	free(copy);
}

void listing_free(struct listing *l)
{
	free(l->text);
	l->text = NULL;
}

/* ----------------------------------------------------------------- streams */

static int32_t stream_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "no offsets");
	return e->code;
}

static int32_t stream_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	uint64_t left = r->base - r->pos;
	/* In pieces of no particular size. */
	size_t most = (size_t)(r->pos * 7919 % 5000) + 1;

	(void)t;
	(void)e;
	*got = left < len ? (size_t)left : len;
	if (*got > most)
		*got = most;
	if (*got > 0)
		memcpy(buf, r->data + r->pos, *got);
	r->pos += *got;
	return 0;
}

static int32_t stream_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void stream_close(struct reader *r)
{
	(void)r;
}

void open_plain_stream(struct reader *r, const void *data, size_t len, int32_t side)
{
	static const struct reader_ops ops = {stream_at, stream_next, stream_check, stream_close, NULL};

	*r = (struct reader){.ops = &ops, .size = UINT64_MAX, .base = len, .side = side, .data = data};
}

/* --------------------------------------------------------------------- tar */

void tar_seal(uint8_t *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += block[i];
	snprintf((char *)block + 148, 8, "%06o", sum);
}

void tar_block(struct buf *out, char type, const char *name, uint64_t size, const char *magic)
{
	uint8_t block[512] = {0};
	size_t len = strlen(name);

	memcpy(block, name, len < 100 ? len : 100);
	memcpy(block + 100, "0000644", 7);
	memcpy(block + 108, "0001750", 7);
	memcpy(block + 116, "0001751", 7);
	snprintf((char *)block + 124, 12, "%011llo", (unsigned long long)size);
	memcpy(block + 136, "11145401322", 11);
	block[156] = (uint8_t)type;
	memcpy(block + 257, magic, strcmp(magic, "ustar") == 0 ? 6 : strlen(magic));
	if (strcmp(magic, "ustar") == 0)
		memcpy(block + 263, "00", 2);
	tar_seal(block);
	put(out, block, 512);
}

void tar_body(struct buf *out, const void *data, size_t len)
{
	static const uint8_t zeros[512];

	put(out, data, len);
	put(out, zeros, -len & 511);
}

void tar_pax_bytes(struct buf *out, const char *key, const void *value, size_t len)
{
	size_t body = 1 + strlen(key) + 1 + len + 1, digits = 1;
	char head[32];

	/* The length counts itself. */
	for (size_t n = 10; body + digits >= n; n *= 10)
		digits++;
	snprintf(head, sizeof head, "%zu ", body + digits);
	put(out, head, strlen(head));
	put(out, key, strlen(key));
	put(out, "=", 1);
	put(out, value, len);
	put(out, "\n", 1);
}

void tar_pax(struct buf *out, char type, const char *const *records)
{
	struct buf body = {0};

	for (; *records; records++) {
		const char *equals = strchr(*records, '=');
		char key[200] = "";
		memcpy(key, *records, (size_t)(equals - *records));
		tar_pax_bytes(&body, key, equals + 1, strlen(equals + 1));
	}
	tar_block(out, type, "pax", body.len, "ustar");
	tar_body(out, body.data, body.len);
	buf_free(&body);
}
