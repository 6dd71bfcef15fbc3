/* SPDX-License-Identifier: MIT */
/* ZIP by its directory: what it says, what contradicts it, and its members on any thread. */
#include "archives.h"
#include "base/alloc.h"
#include "base/xxh.h"
#include "check.h"
#include "files.h"
#include "pack/zip.h"
#include "plat/plat.h"

#include <bzlib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ----------------------------------------------------------------- building */

/** A member as it is to be written, and what is to be wrong with it. */
struct member {
	const char *name;
	/** The bytes when decoded, and those that stand in the archive; NULL for the same. */
	const void *data;
	size_t len;
	const void *packed;
	size_t packed_len;
	unsigned method, bits;
	/** Unix mode, 0 for none. */
	unsigned mode;
	/** 0 none, 1 with signature, 2 bare, 3 and 4 with long sizes. */
	int descriptor;
	/** Sizes in extra fields only. */
	int is_long;
	/** In the local header something else: its name, method, and what is added to checksum and size. */
	const char *local_name;
	unsigned local_method, local_bits, crc_off, size_off;
	/** Extra fields, in both headers. */
	const void *extra;
	size_t extra_len;
	/** Written to the directory instead of where it is, when not 0. */
	uint32_t header_off;
};

/** How the archive as a whole is written. */
struct form {
	const char *prefix, *comment;
	/** Offsets count from the prefix on. */
	int shifted;
	/** With the long records of the end; with 16-bit counts that went round. */
	int is_long;
	unsigned disk;
	/** Added to what the end says. */
	int count_off, len_off;
};

static void put_extra(struct buf *out, const struct member *m, size_t packed_len)
{
	if (m->is_long) {
		put16(out, 1);
		put16(out, 16);
		put64(out, m->len);
		put64(out, packed_len);
	}
	put(out, m->extra, m->extra_len);
}

static struct buf build(const struct member *members, size_t count, const struct form *form)
{
	static const struct form plain;
	struct buf out = {0};
	uint32_t *offs = calloc(count + 1, sizeof *offs);

	form = form ? form : &plain;
	if (form->prefix)
		put(&out, form->prefix, strlen(form->prefix));
	uint32_t base = form->shifted ? (uint32_t)out.len : 0;
	for (size_t i = 0; i < count; i++) {
		const struct member *m = &members[i];
		const void *packed = m->packed ? m->packed : m->data;
		size_t packed_len = m->packed ? m->packed_len : m->len;
		uint32_t crc = (uint32_t)crc32_z(0, m->data, m->len);
		const char *name = m->local_name ? m->local_name : m->name;
		int behind = m->descriptor != 0;
		offs[i] = (uint32_t)out.len - base;
		put32(&out, 0x04034b50);
		put16(&out, 20);
		put16(&out, (m->bits ^ m->local_bits) | (behind ? 8 : 0));
		put16(&out, m->local_method ? m->local_method : m->method);
		put32(&out, 0);
		put32(&out, behind ? 0 : crc + m->crc_off);
		put32(&out, m->is_long ? UINT32_MAX : behind ? 0 : (uint32_t)packed_len);
		put32(&out, m->is_long ? UINT32_MAX : behind ? 0 : (uint32_t)m->len + m->size_off);
		put16(&out, (unsigned)strlen(name));
		put16(&out, (unsigned)m->extra_len + (m->is_long ? 20 : 0));
		put(&out, name, strlen(name));
		put_extra(&out, m, packed_len);
		put(&out, packed, packed_len);
		if (!behind)
			continue;
		if (m->descriptor % 2 == 1)
			put32(&out, 0x08074b50);
		put32(&out, crc + m->crc_off);
		if (m->descriptor < 3) {
			put32(&out, (uint32_t)packed_len);
			put32(&out, (uint32_t)m->len + m->size_off);
		} else {
			put64(&out, packed_len);
			put64(&out, m->len + m->size_off);
		}
	}
	uint32_t dir = (uint32_t)out.len;
	for (size_t i = 0; i < count; i++) {
		const struct member *m = &members[i];
		size_t packed_len = m->packed ? m->packed_len : m->len;
		put32(&out, 0x02014b50);
		put16(&out, m->mode ? 3 << 8 | 20 : 20);
		put16(&out, 20);
		put16(&out, m->bits | (m->descriptor ? 8 : 0));
		put16(&out, m->method);
		put32(&out, 0);
		put32(&out, (uint32_t)crc32_z(0, m->data, m->len));
		put32(&out, m->is_long ? UINT32_MAX : (uint32_t)packed_len);
		put32(&out, m->is_long ? UINT32_MAX : (uint32_t)m->len);
		put16(&out, (unsigned)strlen(m->name));
		put16(&out, (unsigned)m->extra_len + (m->is_long ? 20 : 0));
		put16(&out, 0);
		put16(&out, 0);
		put16(&out, 0);
		put32(&out, m->mode << 16);
		put32(&out, m->header_off ? m->header_off : offs[i]);
		put(&out, m->name, strlen(m->name));
		put_extra(&out, m, packed_len);
	}
	uint32_t end = (uint32_t)out.len;
	if (form->is_long) {
		put32(&out, 0x06064b50);
		put64(&out, 44);
		put16(&out, 45);
		put16(&out, 45);
		put32(&out, 0);
		put32(&out, 0);
		put64(&out, count);
		put64(&out, count);
		put64(&out, end - dir);
		put64(&out, dir - base);
		put32(&out, 0x07064b50);
		put32(&out, 0);
		put64(&out, end - base);
		put32(&out, 1);
	}
	put32(&out, 0x06054b50);
	put16(&out, form->disk);
	put16(&out, form->disk);
	put16(&out, form->is_long ? 0xffff : (unsigned)count + (unsigned)form->count_off);
	put16(&out, form->is_long ? 0xffff : (unsigned)count + (unsigned)form->count_off);
	put32(&out, form->is_long ? UINT32_MAX : end - dir + (unsigned)form->len_off);
	put32(&out, form->is_long ? UINT32_MAX : dir - base);
	put16(&out, form->comment ? (unsigned)strlen(form->comment) : 0);
	if (form->comment)
		put(&out, form->comment, strlen(form->comment));
	free(offs);
	return out;
}

/** An open zip over bytes. */
struct opened {
	struct reader r;
	struct zip *zip;
	struct err err;
};

static int32_t open_bytes(struct opened *o, const struct buf *bytes, const struct pack_limits *limits)
{
	memset(o, 0, sizeof *o);
	reader_open_memory(&o->r, bytes->data, bytes->len, 1);
	return zip_open(&o->zip, &o->r, limits, &o->err);
}

static void close_zip(struct opened *o)
{
	zip_close(o->zip);
	reader_close(&o->r);
}

static void expect_open(struct buf bytes, int32_t code, const char *what)
{
	struct opened o;
	int32_t rc = open_bytes(&o, &bytes, NULL);

	if (rc != code)
		FAIL("%s: %d (%s), not %d", what, rc, rc ? o.err.detail : "", code);
	if (rc != 0)
		CHECK(o.err.side == 1 && o.err.at > 0);
	close_zip(&o);
	buf_free(&bytes);
}

/* Reads a member: its bytes, or the error it ends with. */
static int32_t read_member(const struct zip *z, uint64_t index, struct buf *out)
{
	struct reader r;
	struct err e;
	uint8_t piece[1000];
	size_t got;

	out->len = 0;
	int32_t rc = reader_open_zip_member(&r, z, index, 0, &e);
	while (rc == 0 && (rc = reader_next(&r, NULL, piece, sizeof piece, &got, &e)) == 0 && got > 0)
		put(out, piece, got);
	if (rc != 0)
		CHECK(e.code == rc && e.detail);
	reader_close(&r);
	return rc;
}

/* -------------------------------------------------------------------- tests */

static const struct member three[] = {{.name = "a.txt", .data = "hello", .len = 5, .mode = 0100644},
				      {.name = "dir/", .data = "", .mode = 040755},
				      {.name = "dir/b", .data = "other bytes", .len = 11, .mode = 0100600}};

static void directory(void)
{
	struct buf bytes = archive_make("zip", "none", NULL, things_all, 6), content = {0};
	struct opened o;

	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	CHECK_EQ(zip_count(o.zip), 6);
	for (int i = 0; i < 6; i++) {
		const struct zip_entry *z = zip_at(o.zip, (uint64_t)i);
		CHECK(z->path_len == strlen(things_all[i].path) && memcmp(z->path, things_all[i].path, z->path_len) == 0);
		CHECK_EQ(z->kind, things_all[i].kind == 'd' ? CORE_KIND_DIR : CORE_KIND_FILE);
		CHECK_EQ(z->size, things_all[i].size);
		CHECK_EQ(z->flaws, 0);
		CHECK_EQ(z->mode, z->kind == CORE_KIND_DIR ? 0755 : 0640);
		CHECK(z->has_mtime && z->mtime_ns == 1234567890000000000);
		CHECK(z->has_owner && z->uid == 1001 && z->gid == 1002);
		CHECK(zip_is_readable(z));
		uint8_t *want = thing_bytes(&things_all[i]);
		CHECK_EQ(read_member(o.zip, (uint64_t)i, &content), 0);
		CHECK(content.len == z->size && (z->size == 0 || memcmp(content.data, want, content.len) == 0));
		CHECK_EQ(z->crc, crc32_z(0, want, content.len));
		free(want);
		/* The bytes as they are stored. */
		struct reader r;
		struct err e;
		uint8_t *raw = malloc(z->packed + 10);
		size_t got;
		CHECK_EQ(reader_open_zip_raw(&r, o.zip, (uint64_t)i, 0, &e), 0);
		CHECK(r.random && r.size == z->packed);
		CHECK_EQ(reader_at(&r, 0, raw, z->packed + 10, &got, &e), 0);
		CHECK_EQ(got, z->packed);
		CHECK(got == 0 || memcmp(raw, bytes.data + z->data_off, got) == 0);
		CHECK_EQ(reader_at(&r, z->packed, raw, 1, &got, &e), 0);
		CHECK_EQ(got, 0);
		free(raw);
		reader_close(&r);
	}
	close_zip(&o);
	buf_free(&bytes);
	buf_free(&content);
	CHECK_EQ(mem_bytes(), 0);
}

static void kinds(void)
{
	static const uint8_t times[] = {0x55, 0x54, 5, 0, 1, 0xd2, 2, 0x96, 0x49};
	static const uint8_t ntfs[] = {10, 0, 32, 0, 0, 0, 0, 0, 1, 0, 24, 0, 0x80, 0x52, 0x83, 0x7d, 0x13, 0x8d, 0xc9, 1,
				       0,  0, 0,  0, 0, 0, 0, 0, 0, 0, 0,  0, 0,    0,    0,    0};
	static const struct member members[] = {
		{.name = "link", .data = "target", .len = 6, .mode = 0120777},
		{.name = "fifo", .data = "", .mode = 010600},
		{.name = "no-mode", .data = "x", .len = 1},
		{.name = "perms-only", .data = "x", .len = 1, .mode = 0600},
		{.name = "slash/", .data = ""},
		{.name = "time", .data = "", .extra = times, .extra_len = sizeof times},
		{.name = "ntfs", .data = "", .extra = ntfs, .extra_len = sizeof ntfs},
		{.name = "../up", .data = ""},
		{.name = "b\\a", .data = ""},
		{.name = "caf\xe9", .data = ""},
	};
	static const uint8_t want[] = {CORE_KIND_SYMLINK, CORE_KIND_FIFO, CORE_KIND_FILE, CORE_KIND_FILE, CORE_KIND_DIR,
				       CORE_KIND_FILE,    CORE_KIND_FILE, CORE_KIND_FILE, CORE_KIND_FILE, CORE_KIND_FILE};
	static const uint32_t flaws[] = {0, 0, 0, 0, 0, 0, 0, PACK_FLAW_DOTDOT, PACK_FLAW_BACKSLASH, PACK_FLAW_UTF8};
	struct buf bytes = build(members, 10, NULL);
	struct opened o;

	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	for (int i = 0; i < 10; i++) {
		const struct zip_entry *z = zip_at(o.zip, (uint64_t)i);
		CHECK_EQ(z->kind, want[i]);
		CHECK_EQ(z->flaws, flaws[i]);
		CHECK_EQ(z->has_mode, members[i].mode != 0);
		CHECK_EQ(z->has_mtime, i == 5 || i == 6);
	}
	CHECK_EQ(zip_at(o.zip, 5)->mtime_ns, 1234567890000000000);
	CHECK(zip_at(o.zip, 6)->mtime_ns / 1000000000 == 1233934567 || zip_at(o.zip, 6)->mtime_ns > 0);
	close_zip(&o);
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	CHECK(strstr(l.text, "l link -> target size=0"));
	CHECK_EQ(l.err.code, 0);
	listing_free(&l);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* CX-06: what one program reads and another does not is told with the entry. */
static void differentials(void)
{
	static const uint8_t unicode[] = {'b', '.', 't', 'x', 't'};
	struct buf extra = {0};
	const struct {
		struct member m;
		uint32_t differs;
	} cases[] = {
		{{.name = "a.txt", .data = "hello", .len = 5}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .local_name = "b.txt"}, ZIP_DIFFERS_NAME},
		{{.name = "a.txt", .data = "hello", .len = 5, .local_name = "a.txt2"}, ZIP_DIFFERS_NAME},
		{{.name = "a.txt", .data = "hello", .len = 5, .local_method = 8}, ZIP_DIFFERS_METHOD},
		{{.name = "a.txt", .data = "hello", .len = 5, .size_off = 1}, ZIP_DIFFERS_SIZE},
		{{.name = "a.txt", .data = "hello", .len = 5, .crc_off = 1}, ZIP_DIFFERS_CRC},
		{{.name = "a.txt", .data = "hello", .len = 5, .local_bits = 1}, ZIP_DIFFERS_FLAGS},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 1}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 2}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 3}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 4}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 1, .crc_off = 1}, ZIP_DIFFERS_SIZE | ZIP_DIFFERS_CRC},
		{{.name = "a.txt", .data = "hello", .len = 5, .descriptor = 2, .size_off = 1}, ZIP_DIFFERS_SIZE | ZIP_DIFFERS_CRC},
		{{.name = "a.txt", .data = "hello", .len = 5, .is_long = 1}, 0},
		{{.name = "a.txt", .data = "hello", .len = 5, .header_off = 1}, ZIP_DIFFERS_MISSING},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf bytes = build(&cases[i].m, 1, NULL), content = {0};
		struct opened o;
		CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
		const struct zip_entry *z = zip_at(o.zip, 0);
		if (z->differs != cases[i].differs)
			FAIL("case %zu differs by %u", i, z->differs);
		CHECK_EQ(z->flaws, z->differs ? PACK_FLAW_DIFFERENTIAL : 0);
		/* The directory's view can be read all the same, if there is anything where it says. */
		CHECK_EQ(read_member(o.zip, 0, &content), cases[i].differs & ZIP_DIFFERS_MISSING ? CORE_EARCHIVE : 0);
		close_zip(&o);
		/* In a stream, the contradiction is found at the end at the latest. */
		struct listing l = listing_of_stream(bytes.data, bytes.len);
		int is_stored_blind = cases[i].m.descriptor != 0;
		if (cases[i].differs != 0 || is_stored_blind)
			CHECK(l.err.code != 0);
		else
			CHECK_EQ(l.err.code, 0);
		listing_free(&l);
		buf_free(&bytes);
		buf_free(&content);
	}
	/* The Unicode name of Info-ZIP: one that says the same, one that is out of date, and one that lies. */
	for (int way = 0; way < 3; way++) {
		const char *name = way == 0 ? "?.txt" : "a.txt";
		const uint8_t *utf8 = way == 0 ? (const uint8_t *)"\xc3\xa9.txt" : unicode;
		size_t len = way == 0 ? 6 : 5;
		extra.len = 0;
		put16(&extra, 0x7075);
		put16(&extra, (unsigned)(5 + len));
		put(&extra, "\1", 1);
		put32(&extra, (uint32_t)crc32_z(0, (const uint8_t *)name, 5) + (way == 1));
		put(&extra, utf8, len);
		struct member m = {.name = name, .data = "", .extra = extra.data, .extra_len = extra.len};
		struct buf bytes = build(&m, 1, NULL);
		struct opened o;
		CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
		CHECK_EQ(zip_at(o.zip, 0)->differs, way == 2 ? ZIP_DIFFERS_UNICODE : 0);
		close_zip(&o);
		buf_free(&bytes);
	}
	buf_free(&extra);
	CHECK_EQ(mem_bytes(), 0);
}

static void overlaps(void)
{
	struct member m[3];

	memcpy(m, three, sizeof m);
	/* Two records of one local header. */
	m[2] = m[0];
	m[2].header_off = 0;
	struct buf bytes = build(m, 3, NULL);
	/* header_off 0 means where it is, so the second record is changed by hand. */
	uint8_t *last = memmem(bytes.data + bytes.len - 120, 120, "PK\1\2", 4);
	for (uint8_t *next; (next = memmem(last + 1, (size_t)(bytes.data + bytes.len - last - 1), "PK\1\2", 4));)
		last = next;
	memset(last + 42, 0, 4);
	expect_open(bytes, CORE_EARCHIVE_BOMB, "the same header twice");
	/* One that begins in the data of another. */
	memcpy(m, three, sizeof m);
	static char inside[200];
	struct buf inner = build(three, 1, NULL);
	memcpy(inside, inner.data, inner.len);
	m[0].data = inside;
	m[0].len = inner.len;
	m[2].header_off = 30 + 5;
	expect_open(build(m, 3, NULL), CORE_EARCHIVE_BOMB, "a header in data");
	buf_free(&inner);
	/* A span that would reach into the directory. */
	memcpy(m, three, sizeof m);
	m[2].packed = "other bytes";
	m[2].packed_len = 11;
	bytes = build(m, 3, NULL);
	uint8_t *record = memmem(bytes.data + 150, bytes.len - 150, "PK\1\2", 4);
	for (uint8_t *next; (next = memmem(record + 1, (size_t)(bytes.data + bytes.len - record - 1), "PK\1\2", 4));)
		record = next;
	record[20] = 200;
	struct opened o;
	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	CHECK(zip_at(o.zip, 2)->differs & ZIP_DIFFERS_MISSING);
	close_zip(&o);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

static void ends(void)
{
	static const char fake[] = "PK\5\6\0\0\0\0\1\0\1\0\1\0\0\0\1\0\0\0\0\0";
	struct member odd = {.name = "x", .data = fake, .len = 22};

	expect_open(build(three, 3, NULL), 0, "plain");
	expect_open(build(three, 0, NULL), 0, "empty");
	expect_open(build(three, 3, &(struct form){.comment = "a comment"}), 0, "comment");
	expect_open(build(three, 3, &(struct form){.is_long = 1}), 0, "long records");
	expect_open(build(three, 3, &(struct form){.prefix = "#!/bin/sh\nexit\n"}), 0, "behind a program");
	expect_open(build(three, 3, &(struct form){.prefix = "#!/bin/sh\nexit\n", .shifted = 1}), 0, "put behind a program");
	expect_open(build(three, 3, &(struct form){.prefix = "MZ and so on", .shifted = 1, .is_long = 1}), 0,
		    "put behind a program, long records");
	expect_open(build(three, 3, &(struct form){.disk = 1}), CORE_EARCHIVE, "second volume");
	expect_open(build(three, 3, &(struct form){.count_off = 1}), CORE_EARCHIVE, "one entry too many");
	expect_open(build(three, 3, &(struct form){.count_off = -1}), CORE_EARCHIVE, "one entry too few");
	expect_open(build(three, 3, &(struct form){.len_off = 1}), CORE_EARCHIVE, "a directory too long");
	expect_open(build(three, 3, &(struct form){.len_off = -1}), CORE_EARCHIVE, "a directory too short");
	/* Data that looks like an end is none; a comment that does is another archive for some. */
	expect_open(build(&odd, 1, NULL), 0, "an end in data");
	struct buf bytes = build(three, 3, &(struct form){.comment = "1234567890123456789012"});
	memcpy(bytes.data + bytes.len - 22, fake, 22);
	expect_open(bytes, CORE_EARCHIVE, "an end in the comment");
	/* A pack finds it behind a program too, though its first bytes are none of a ZIP. */
	bytes = build(three, 3, &(struct form){.prefix = "#!/bin/sh\nexit\n"});
	CHECK(!pack_sniff_bytes(bytes.data, bytes.len));
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	CHECK_EQ(l.err.code, 0);
	CHECK_EQ(l.entries, 3);
	listing_free(&l);
	l = listing_of_stream(bytes.data, bytes.len);
	CHECK_EQ(l.err.code, CORE_EARCHIVE);
	listing_free(&l);
	buf_free(&bytes);
	/* The long records, in a stream. */
	bytes = build(three, 3, &(struct form){.is_long = 1, .comment = "c"});
	l = listing_of_stream(bytes.data, bytes.len);
	CHECK_EQ(l.err.code, 0);
	CHECK_EQ(l.entries, 3);
	listing_free(&l);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* Counts of 16 bits went round in old programs. */
static void many(void)
{
	enum { COUNT = 70000 };
	struct member *m = calloc(COUNT, sizeof *m);

	for (unsigned i = 0; i < COUNT; i++)
		m[i] = (struct member){.name = check_text("%05u", i), .data = "", .len = 0};
	for (int is_long = 0; is_long < 2; is_long++) {
		struct buf bytes = build(m, COUNT, &(struct form){.is_long = is_long});
		struct opened o;
		CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
		CHECK_EQ(zip_count(o.zip), COUNT);
		CHECK(memcmp(zip_at(o.zip, 69999)->path, "69999", 5) == 0);
		close_zip(&o);
		CHECK_EQ(open_bytes(&o, &bytes, &(struct pack_limits){.entries = COUNT - 1}), CORE_EARCHIVE_BOMB);
		close_zip(&o);
		struct listing l = listing_of_stream(bytes.data, bytes.len);
		CHECK_EQ(l.err.code, 0);
		CHECK_EQ(l.entries, COUNT);
		listing_free(&l);
		buf_free(&bytes);
	}
	free(m);
	CHECK_EQ(mem_bytes(), 0);
}

static void limits(void)
{
	struct buf bytes = build(three, 3, NULL);
	struct opened o;

	CHECK_EQ(open_bytes(&o, &bytes, &(struct pack_limits){.bytes = 16, .entries = 3, .name = 5}), 0);
	close_zip(&o);
	CHECK_EQ(open_bytes(&o, &bytes, &(struct pack_limits){.bytes = 15}), CORE_EARCHIVE_BOMB);
	close_zip(&o);
	CHECK_EQ(open_bytes(&o, &bytes, &(struct pack_limits){.name = 4}), CORE_EARCHIVE_BOMB);
	close_zip(&o);
	/* A member that says it is a terabyte is believed only as far as it goes, but counts. */
	struct member big = {.name = "big", .data = "hello", .len = 5, .is_long = 1};
	buf_free(&bytes);
	bytes = build(&big, 1, NULL);
	uint8_t *extra = memmem(bytes.data + 80, bytes.len - 80, "\1\0\20\0\5", 5);
	CHECK(extra);
	extra[4 + 4] = 0xff;
	CHECK_EQ(open_bytes(&o, &bytes, NULL), CORE_EARCHIVE_BOMB);
	close_zip(&o);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* Raw deflate. */
static struct buf deflated(const void *data, size_t len)
{
	struct buf out = {0};
	z_stream z = {0};

	CHECK_EQ(deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	CHECK_EQ(buf_reserve(&out, deflateBound(&z, len) + 100), 0);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (unsigned)len;
	z.next_out = out.data;
	z.avail_out = (unsigned)out.cap;
	CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = z.total_out;
	deflateEnd(&z);
	return out;
}

static void methods_and_damage(void)
{
	struct thing text = {"x", 'f', NULL, 300000, 't'};
	uint8_t *data = thing_bytes(&text);
	struct buf packed[5] = {deflated(data, text.size), {0}, archive_compress("zstd", data, text.size),
				archive_compress("xz", data, text.size), {0}};
	static const unsigned methods[] = {8, 12, 93, 95, 0};
	struct buf content = {0};
	unsigned len = 400000;

	CHECK_EQ(buf_reserve(&packed[1], len), 0);
	CHECK_EQ(BZ2_bzBuffToBuffCompress((char *)packed[1].data, &len, (char *)data, (unsigned)text.size, 9, 0, 0), BZ_OK);
	packed[1].len = len;
	put(&packed[4], data, text.size);
	for (int i = 0; i < 5; i++) {
		for (int damage = 0; damage < 6; damage++) {
			/* Each: what is said to be stored; one byte less, one more; another length; another checksum. */
			struct buf stored = {0};
			put(&stored, packed[i].data, packed[i].len);
			put(&stored, "x", 1);
			struct member m = {.name = "x", .data = data, .len = text.size, .packed = stored.data,
					   .packed_len = packed[i].len, .method = methods[i]};
			m.packed_len -= damage == 1;
			m.packed_len += damage == 2;
			m.len -= damage == 3;
			uint8_t *other = malloc(text.size + 1);
			memcpy(other, data, text.size);
			other[5] ^= damage == 4;
			other[text.size] = 0;
			m.data = other;
			m.len += damage == 5;
			struct buf bytes = build(&m, 1, NULL);
			struct opened o;
			CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
			CHECK(zip_is_readable(zip_at(o.zip, 0)));
			int32_t rc = read_member(o.zip, 0, &content);
			if (damage == 0) {
				CHECK_EQ(rc, 0);
				CHECK(content.len == text.size && memcmp(content.data, data, text.size) == 0);
			} else {
				if (rc != CORE_EARCHIVE)
					FAIL("method %u, damage %d: %d", methods[i], damage, rc);
			}
			close_zip(&o);
			for (int way = 0; way < 2; way++) {
				struct listing l = way ? listing_of_stream(bytes.data, bytes.len)
						       : listing_of_bytes(bytes.data, bytes.len);
				CHECK_EQ(l.err.code, damage ? CORE_EARCHIVE : 0);
				listing_free(&l);
			}
			buf_free(&bytes);
			buf_free(&stored);
			free(other);
		}
	}
	for (int i = 0; i < 5; i++)
		buf_free(&packed[i]);
	buf_free(&content);
	free(data);
	CHECK_EQ(mem_bytes(), 0);
}

/* Entries that cannot be read are listed, and those behind them are read. */
static void unreadable(void)
{
	static const struct member members[] = {
		{.name = "secret", .data = "hello", .len = 5, .bits = 1},
		{.name = "aes", .data = "hello", .len = 5, .method = 99, .bits = 1},
		{.name = "ppmd", .data = "hello", .len = 5, .method = 98},
		{.name = "after", .data = "hello", .len = 5},
	};
	static const int32_t codes[] = {CORE_EARCHIVE_ENCRYPTED, CORE_EARCHIVE_ENCRYPTED, CORE_EUNSUPPORTED, 0};
	struct buf bytes = build(members, 4, NULL), content = {0};
	struct opened o;
	struct reader r;
	struct err e;

	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	for (int i = 0; i < 4; i++) {
		const struct zip_entry *z = zip_at(o.zip, (uint64_t)i);
		CHECK_EQ(z->encrypted, i < 2);
		CHECK_EQ(zip_is_readable(z), i == 3);
		CHECK_EQ(read_member(o.zip, (uint64_t)i, &content), codes[i]);
		/* The stored bytes of what is encrypted say nothing; of an unknown method they do. */
		CHECK_EQ(reader_open_zip_raw(&r, o.zip, (uint64_t)i, 0, &e), i < 2 ? CORE_EARCHIVE_ENCRYPTED : 0);
		reader_close(&r);
	}
	close_zip(&o);
	for (int way = 0; way < 2; way++) {
		struct pack *p;
		struct pack_entry entry;
		const uint8_t *data;
		size_t len;
		if (way)
			open_plain_stream(&r, bytes.data, bytes.len, 0);
		else
			reader_open_memory(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
		for (int i = 0; i < 4; i++) {
			CHECK_EQ(pack_next(p, &entry, &e), 1);
			CHECK_EQ(entry.encrypted, i < 2);
			for (int again = 0; again < 2; again++)
				CHECK_EQ(pack_data(p, &data, &len, &e), codes[i]);
		}
		CHECK_EQ(pack_next(p, &entry, &e), 0);
		pack_close(p);
	}
	buf_free(&bytes);
	buf_free(&content);
	CHECK_EQ(mem_bytes(), 0);
}

/* One damaged member does not keep the others from being read. */
static void damage_stays_where_it_is(void)
{
	struct buf bytes = build(three, 3, NULL);
	struct reader r;
	struct pack *p;
	struct pack_entry entry;
	struct err e;
	const uint8_t *data;
	size_t len;

	bytes.data[30 + 5] ^= 1;
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	int32_t rc;
	while ((rc = pack_data(p, &data, &len, &e)) == 0 && len > 0)
		;
	CHECK_EQ(rc, CORE_EARCHIVE);
	CHECK_EQ(pack_data(p, &data, &len, &e), CORE_EARCHIVE);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	CHECK_EQ(pack_data(p, &data, &len, &e), 0);
	CHECK(len == 11 && memcmp(data, "other bytes", 11) == 0);
	CHECK_EQ(pack_data(p, &data, &len, &e), 0);
	CHECK_EQ(len, 0);
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* Of small members there are many: what each takes is its decoder and its own size, not a buffer for large ones. */
static void small_members(void)
{
	static struct thing one[] = {{"f", 'f', NULL, 1000, 't'}};
	struct buf bytes = archive_make("zip", "none", NULL, one, 1);
	struct opened o;
	struct reader r;
	struct err e;

	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	CHECK_EQ(zip_at(o.zip, 0)->method, 8);
	uint64_t before = mem_bytes();
	CHECK_EQ(reader_open_zip_member(&r, o.zip, 0, 0, &e), 0);
	uint64_t taken = mem_bytes() - before;
	if (taken > 64 << 10)
		FAIL("a member of 1000 bytes takes %d", (int)taken);
	reader_close(&r);
	close_zip(&o);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------------ threads */

static struct zip *shared;
static uint64_t hashes[200];

static void *read_some_members(void *arg)
{
	struct buf content = {0};

	for (uint64_t i = (uint64_t)(uintptr_t)arg; i < zip_count(shared); i += 3) {
		if (read_member(shared, i, &content) != 0)
			return shared;
		hashes[i] = xxh_64(content.data, content.len);
	}
	buf_free(&content);
	return NULL;
}

static void threads(void)
{
	static struct thing things[150];

	for (unsigned i = 0; i < 150; i++)
		things[i] = (struct thing){check_text("f%03u", i), 'f', NULL, i * 777, i % 2 ? 't' : 'n'};
	struct buf bytes = archive_make("zip", "none", NULL, things, 150);
	struct opened o;
	pthread_t thread[3];
	CHECK_EQ(open_bytes(&o, &bytes, NULL), 0);
	shared = o.zip;
	for (uintptr_t i = 0; i < 3; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, read_some_members, (void *)i), 0);
	for (int i = 0; i < 3; i++) {
		void *failed;
		pthread_join(thread[i], &failed);
		CHECK(!failed);
	}
	for (int i = 0; i < 150; i++) {
		uint8_t *want = thing_bytes(&things[i]);
		CHECK(hashes[i] == xxh_64(want, things[i].size));
		free(want);
	}
	close_zip(&o);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

static void no_memory(void)
{
	struct buf bytes = build(three, 3, NULL), content = {0};
	int32_t rc = CORE_EMEMORY;

	CHECK_EQ(buf_reserve(&content, 100), 0);
	for (unsigned n = 1; rc == CORE_EMEMORY; n++) {
		struct opened o;
		mem_fail_at(n);
		rc = open_bytes(&o, &bytes, NULL);
		for (uint64_t i = 0; rc == 0 && i < 3; i++)
			rc = read_member(o.zip, i, &content);
		close_zip(&o);
		CHECK(n < 200);
	}
	mem_fail_at(0);
	CHECK_EQ(rc, 0);
	buf_free(&bytes);
	buf_free(&content);
	CHECK_EQ(mem_bytes(), 0);
}

int main(void)
{
	TEST("C-79 the directory of a ZIP", directory);
	TEST("C-79 kinds, modes and times", kinds);
	TEST("CX-06 headers that contradict the directory", differentials);
	TEST("C-79 entries over each other", overlaps);
	TEST("C-79 how a ZIP ends", ends);
	TEST("C-79 more entries than 16 bits count", many);
	TEST("C-79 limits", limits);
	TEST("C-79 methods, and members that are not as they say", methods_and_damage);
	TEST("C-79 members that cannot be read", unreadable);
	TEST("C-79 a damaged member among others", damage_stays_where_it_is);
	TEST("C-79 small members take little memory", small_members);
	TEST("C-79 members on several threads", threads);
	TEST("C-79 memory runs out", no_memory);
	return check_end();
}
