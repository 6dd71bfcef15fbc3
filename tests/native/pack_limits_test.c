/* SPDX-License-Identifier: MIT */
/* What an archive may cost; sparse files; encryption; archives in archives; what other programs write. */
#include "archives.h"
#include "base/alloc.h"
#include "base/xxh.h"
#include "check.h"
#include "files.h"
#include "plat/plat.h"

#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static struct listing with_limits(const struct buf *bytes, struct pack_limits limits)
{
	struct reader r;

	reader_open_memory(&r, bytes->data, bytes->len, 0);
	return listing_of(&r, &limits);
}

static void expect_limit(const struct buf *bytes, struct pack_limits limits, int32_t code)
{
	struct listing l = with_limits(bytes, limits);

	if (l.err.code != code)
		FAIL("%d (%s) instead of %d:\n%s", l.err.code, l.err.detail ? l.err.detail : "", code, l.text);
	listing_free(&l);
}

/* ------------------------------------------------------------------ limits */

static void limits(void)
{
	static const char *const kinds[] = {"ustar", "pax", "newc", "zip", "7zip"};

	for (int i = 0; i < 5; i++) {
		struct buf bytes = archive_make(kinds[i], "none", NULL, things_plain, things_plain_count);
		expect_limit(&bytes, (struct pack_limits){.bytes = 370514}, 0);
		expect_limit(&bytes, (struct pack_limits){.bytes = 370513}, CORE_EARCHIVE_BOMB);
		expect_limit(&bytes, (struct pack_limits){.bytes = 100}, CORE_EARCHIVE_BOMB);
		expect_limit(&bytes, (struct pack_limits){.entries = 5}, 0);
		expect_limit(&bytes, (struct pack_limits){.entries = 4}, CORE_EARCHIVE_BOMB);
		expect_limit(&bytes, (struct pack_limits){.name = 5}, 0);
		expect_limit(&bytes, (struct pack_limits){.name = 4}, CORE_EARCHIVE_BOMB);
		/* Less than a gigabyte may come out of nearly nothing. */
		expect_limit(&bytes, (struct pack_limits){.ratio = 1}, 0);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* A tar header that speaks of many zeros, and those, compressed to almost nothing. */
static struct buf zeros_in_zstd(uint64_t size)
{
	struct buf head = {0}, out = {0};
	static uint8_t zeros[1 << 20], room[1 << 17];
	ZSTD_CCtx *c = ZSTD_createCCtx();
	ZSTD_outBuffer to = {room, sizeof room, 0};

	tar_block(&head, '0', "zeros", size, "ustar");
	for (uint64_t at = 0; at <= size; at += at == 0 ? 1 : sizeof zeros) {
		ZSTD_inBuffer from = {at == 0 ? head.data : zeros, at == 0 ? head.len : sizeof zeros, 0};
		while (from.pos < from.size) {
			CHECK(!ZSTD_isError(ZSTD_compressStream2(c, &to, &from, ZSTD_e_continue)));
			put(&out, room, to.pos);
			to.pos = 0;
		}
	}
	ZSTD_inBuffer none = {NULL, 0, 0};
	while (ZSTD_compressStream2(c, &to, &none, ZSTD_e_end) != 0)
		;
	put(&out, room, to.pos);
	ZSTD_freeCCtx(c);
	buf_free(&head);
	return out;
}

static void bombs(void)
{
	struct buf bytes = zeros_in_zstd((uint64_t)1200 << 20);
	struct reader r;
	struct pack *p;
	struct pack_entry entry;
	struct err e;
	uint64_t got = 0;

	CHECK(bytes.len < 300000);
	/* The header does no harm; reading on, and passing over, is stopped soon behind a gigabyte. */
	for (int skip = 0; skip < 2; skip++) {
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		int32_t rc = 0;
		while (!skip && rc == 0) {
			const uint8_t *data;
			size_t len;
			rc = pack_data(p, &data, &len, &e);
			got += len;
			CHECK(rc != 0 || len > 0);
		}
		if (skip)
			rc = pack_next(p, &entry, &e);
		CHECK_EQ(rc, CORE_EARCHIVE_BOMB);
		uint32_t n;
		CHECK(memcmp(pack_failed_name(p, &n), "zeros", 5) == 0 && n == 5);
		pack_close(p);
	}
	CHECK(got <= (uint64_t)1025 << 20);
	/* Whoever allows for more gets all of it. */
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, &(struct pack_limits){.ratio = 1000000}, &e), 0);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* Extended headers that are large, or many. */
static void large_headers(void)
{
	struct buf bytes = {0};
	uint8_t *megabyte = calloc(1, 1 << 20);

	memset(megabyte, 'n', 1 << 20);
	static const char types[] = "xgLK";
	for (int i = 0; i < 4; i++) {
		/* Said to be large: nothing is read. */
		bytes.len = 0;
		tar_block(&bytes, types[i], "h", (uint64_t)7 << 30, "ustar");
		expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_BOMB);
	}
	/* One after another, each not too large. */
	bytes.len = 0;
	for (int i = 0; i < 20; i++) {
		tar_block(&bytes, 'L', "h", 1 << 20, "ustar  ");
		tar_body(&bytes, megabyte, 1 << 20);
	}
	tar_block(&bytes, '0', "x", 0, "ustar  ");
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_BOMB);
	/* Before each entry is another matter, and long names have a limit of their own. */
	bytes.len = 0;
	for (int i = 0; i < 20; i++) {
		tar_block(&bytes, 'L', "h", 1 << 20, "ustar  ");
		tar_body(&bytes, megabyte, 1 << 20);
		tar_block(&bytes, '0', "x", 0, "ustar  ");
	}
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_BOMB);
	expect_limit(&bytes, (struct pack_limits){.name = 2 << 20}, 0);
	/* A map of a sparse file that never ends. */
	struct buf map = {0};
	put(&map, "9999999\n", 8);
	for (int i = 0; i < 9 << 20; i++)
		put(&map, "0\n", 2);
	static const char *const sparse[] = {"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=5", NULL};
	bytes.len = 0;
	tar_pax(&bytes, 'x', sparse);
	tar_block(&bytes, '0', "x", map.len, "ustar");
	tar_body(&bytes, map.data, map.len);
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_BOMB);
	buf_free(&map);
	buf_free(&bytes);
	free(megabyte);
	CHECK_EQ(mem_bytes(), 0);
}

/* What a decoder would take is known from a few bytes, and refused. */
static void large_windows(void)
{
	const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd, 0, (31 - 10) << 3, 1, 0, 0};
	struct buf bytes = {0};

	put(&bytes, zstd, sizeof zstd);
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_BOMB);
	/* A window of 1 GiB is the most; there is no archive in this one, but no other reason either. */
	bytes.data[5] = (30 - 10) << 3;
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE);
	buf_free(&bytes);
	struct buf tar = {0};
	tar_block(&tar, '0', "x", 0, "ustar");
	struct buf xz = archive_compress("xz", tar.data, tar.len);
	/* Block header: size, flags, filter 0x21 with one byte: the dictionary. Its checksum is that of the rest. */
	uint8_t *block = xz.data + 12;
	size_t len = (block[0] + 1u) * 4;
	CHECK(block[2] == 0x21 && block[3] == 1);
	for (int size = 0; size <= 40; size++) {
		block[4] = (uint8_t)size;
		uint32_t crc = (uint32_t)crc32(0, block, (unsigned)len - 4);
		for (int i = 0; i < 4; i++)
			block[len - 4 + (unsigned)i] = (uint8_t)(crc >> 8 * i);
		/* 2^(n/2 + 12), or half as much again: 36 is a gigabyte, and with what else is needed already too much. */
		expect_limit(&xz, (struct pack_limits){0}, size < 36 ? 0 : CORE_EARCHIVE_BOMB);
	}
	buf_free(&xz);
	buf_free(&tar);
	CHECK_EQ(mem_bytes(), 0);
}

static void many_entries(void)
{
	struct buf bytes = {0};
	char name[32];
	enum { COUNT = 100000 };

	for (unsigned i = 0; i < COUNT; i++) {
		snprintf(name, sizeof name, "dir-%03u/file-%06u", i / 1000, i);
		tar_block(&bytes, '0', name, i % 3, "ustar");
		if (i % 3)
			tar_body(&bytes, "ab", i % 3);
	}
	put(&bytes, (const uint8_t[1024]){0}, 1024);
	uint64_t before = mem_bytes();
	struct reader r;
	struct pack *p;
	struct pack_entry entry;
	struct err e;
	uint64_t most = 0, count = 0;
	open_plain_stream(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	int32_t rc;
	while ((rc = pack_next(p, &entry, &e)) == 1) {
		snprintf(name, sizeof name, "dir-%03u/file-%06u", (unsigned)count / 1000, (unsigned)count);
		CHECK(entry.path_len == strlen(name) && memcmp(entry.path, name, entry.path_len) == 0);
		CHECK_EQ(entry.size, count % 3);
		CHECK_EQ(entry.index, count);
		count++;
		most = mem_bytes() - before > most ? mem_bytes() - before : most;
	}
	CHECK_EQ(rc, 0);
	CHECK_EQ(count, COUNT);
	/* Nothing is kept of entries that were given. */
	CHECK(most < 2 * PACK_BLOCK);
	pack_close(p);
	buf_free(&bytes);
}

/* ------------------------------------------------------------ sparse files */

/* The same file in all the ways that GNU tar has had: 5 bytes at 1000, 3 at 2048, and a hole up to 5000. */
static void sparse_in(struct buf *out, int way)
{
	static const char *const v00[] = {"GNU.sparse.size=5000", "GNU.sparse.numblocks=2", "GNU.sparse.offset=1000",
					  "GNU.sparse.numbytes=5", "GNU.sparse.offset=2048", "GNU.sparse.numbytes=3", NULL};
	static const char *const v01[] = {"GNU.sparse.size=5000", "GNU.sparse.numblocks=2", "GNU.sparse.name=sparse",
					  "GNU.sparse.map=1000,5,2048,3", "path=./GNUSparseFile.1/sparse", NULL};
	static const char *const v10[] = {"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=sparse",
					  "GNU.sparse.realsize=5000", "path=./GNUSparseFile.1/sparse", NULL};

	if (way == 0) {
		size_t at = out->len;
		tar_block(out, 'S', "sparse", 8, "ustar  ");
		uint8_t *h = out->data + at;
		snprintf((char *)h + 386, 12, "%011o", 1000);
		snprintf((char *)h + 398, 12, "%011o", 5);
		snprintf((char *)h + 410, 12, "%011o", 2048);
		snprintf((char *)h + 422, 12, "%011o", 3);
		snprintf((char *)h + 483, 12, "%011o", 5000);
		tar_seal(h);
		tar_body(out, "12345678", 8);
		return;
	}
	tar_pax(out, 'x', way == 1 ? v00 : way == 2 ? v01 : v10);
	tar_block(out, '0', way == 1 ? "sparse" : "x", way == 3 ? 520 : 8, "ustar");
	if (way == 3)
		tar_body(out, "2\n1000\n5\n2048\n3\n", 16);
	tar_body(out, "12345678", 8);
}

static void sparse_files(void)
{
	uint8_t whole[5000] = {0};

	memcpy(whole + 1000, "12345", 5);
	memcpy(whole + 2048, "678", 3);
	for (int way = 0; way < 4; way++) {
		struct buf bytes = {0};
		sparse_in(&bytes, way);
		tar_block(&bytes, '0', "next", 0, "ustar");
		struct listing l = listing_of_bytes(bytes.data, bytes.len);
		const char *want = check_text("f sparse size=5000 hash=%llx\nf next size=0 hash=%llx\nend\n",
					      (unsigned long long)xxh_64(whole, 5000), (unsigned long long)xxh_64("", 0));
		CHECK_TEXT(l.text, want);
		listing_free(&l);
		/* Nor does passing over it lose the next one. */
		struct reader r;
		struct pack *p;
		struct pack_entry entry;
		struct err e;
		open_plain_stream(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK_EQ(entry.size, 5000);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK_EQ(pack_next(p, &entry, &e), 0);
		pack_close(p);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* Maps that do not fit what is stored, in each direction. */
static void sparse_damage(void)
{
	static const char *const maps[] = {"1000,5,2048,4", "1000,5,2048,2", "1000,5,1002,3", "2048,3,1000,5", "4999,8",
					   "1000,5,2048", "1000,x", "-1,8", "9223372036854775807,8", "1000,5,18446744073709551615,3"};

	for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
		const char *records[] = {"GNU.sparse.size=5000", check_text("GNU.sparse.map=%s", maps[i]), NULL};
		struct buf bytes = {0};
		tar_pax(&bytes, 'x', records);
		tar_block(&bytes, '0', "x", 8, "ustar");
		tar_body(&bytes, "12345678", 8);
		expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE);
		buf_free(&bytes);
	}
	/* A hole as large as anything: not a bomb until somebody reads that much. */
	static const char *const huge[] = {"GNU.sparse.size=9000000000000000000", "GNU.sparse.map=8000000000000000000,8", NULL};
	struct buf bytes = {0};
	tar_pax(&bytes, 'x', huge);
	tar_block(&bytes, '0', "x", 8, "ustar");
	tar_body(&bytes, "12345678", 8);
	expect_limit(&bytes, (struct pack_limits){.bytes = 100 << 20}, CORE_EARCHIVE_BOMB);
	struct reader r;
	struct pack *p;
	struct pack_entry entry;
	struct err e;
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	CHECK(entry.size == 9000000000000000000u);
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------- archives in others */

static void nested(void)
{
	static const char *const inner[] = {"ustar", "pax", "newc", "zip", "7zip"};
	static const char *const inner_filter[] = {"none", "zstd", "gzip"};

	for (int i = 0; i < 5; i++) {
		for (int f = 0; f < 3; f++) {
			struct buf in = archive_make(inner[i], inner_filter[f], NULL, things_plain, things_plain_count);
			struct buf outer = {0};
			tar_block(&outer, '0', "before", 3, "ustar");
			tar_body(&outer, "abc", 3);
			tar_block(&outer, '0', "inner", in.len, "ustar");
			tar_body(&outer, in.data, in.len);
			tar_block(&outer, '0', "after", 3, "ustar");
			tar_body(&outer, "xyz", 3);
			struct buf zipped = archive_compress("gzip", outer.data, outer.len);
			struct reader r, member;
			struct pack *p;
			struct pack_entry entry;
			struct err e;
			reader_open_memory(&r, zipped.data, zipped.len, 0);
			CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
			CHECK_EQ(pack_next(p, &entry, &e), 1);
			CHECK_EQ(pack_next(p, &entry, &e), 1);
			reader_open_pack_entry(&member, p, 0);
			struct listing have = listing_of(&member, NULL), want = listing_expected(things_plain, things_plain_count);
			listing_sort(&have);
			listing_sort(&want);
			if (strcmp(have.text, want.text) != 0)
				FAIL("%s %s: %s (%s)", inner[i], inner_filter[f], have.text, have.err.detail);
			listing_free(&have);
			listing_free(&want);
			CHECK_EQ(pack_next(p, &entry, &e), 1);
			CHECK(entry.path_len == 5 && memcmp(entry.path, "after", 5) == 0);
			CHECK_EQ(pack_next(p, &entry, &e), 0);
			pack_close(p);
			buf_free(&in);
			buf_free(&outer);
			buf_free(&zipped);
		}
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* A 7z that would have to be taken into memory as a whole, and is too large for that. */
static void large_7z_stream(void)
{
	struct buf bytes = {0};
	size_t len = (size_t)65 << 20;

	CHECK_EQ(buf_reserve(&bytes, len), 0);
	memset(bytes.data, 0, len);
	memcpy(bytes.data, "7z\xbc\xaf\x27\x1c", 6);
	bytes.len = len;
	struct reader r;
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	struct buf packed = archive_compress("zstd", bytes.data, bytes.len);
	buf_free(&bytes);
	struct listing l = listing_of_bytes(packed.data, packed.len);
	CHECK_EQ(l.err.code, CORE_ELIMIT);
	listing_free(&l);
	buf_free(&packed);
	CHECK_EQ(mem_bytes(), 0);
}

/* -------------------------------------------------------------- encryption */

static void encrypted_7z(void)
{
	/* The list of the archive is itself compressed by AES with SHA-256, so nothing can be said of it. */
	static const uint8_t list[] = {0x17, 0x06, 0, 1, 0x09, 16, 0, 0x07, 0x0b, 1,    0,    1,    0x24, 0x06,
				       0xf1, 0x07, 0x01, 2, 0x13, 0, 0x0c, 16, 0, 0};
	struct buf bytes = {0}, start = {0};

	put64(&start, 16);
	put64(&start, sizeof list);
	put32(&start, (uint32_t)crc32(0, list, sizeof list));
	put(&bytes, "7z\xbc\xaf\x27\x1c\0\4", 8);
	put32(&bytes, (uint32_t)crc32(0, start.data, (unsigned)start.len));
	put(&bytes, start.data, start.len);
	put(&bytes, "sixteen bytes...", 16);
	put(&bytes, list, sizeof list);
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE_ENCRYPTED);
	/* Something behind it, and something missing. */
	put(&bytes, "x", 1);
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE);
	bytes.len -= 2;
	expect_limit(&bytes, (struct pack_limits){0}, CORE_EARCHIVE);
	buf_free(&bytes);
	buf_free(&start);
	CHECK_EQ(mem_bytes(), 0);
}

static void names_in_7z(void)
{
	static const struct thing things[] = {{"x", 'f', NULL, 3, 't'}};
	struct buf bytes = archive_make("7zip", "none", "compression=store", things, 1);
	static const struct {
		uint8_t utf16[2];
		const char *utf8;
		uint32_t flaws;
	} cases[] = {{{'x', 0}, "x", 0}, {{0xe9, 0}, "\xc3\xa9", 0}, {{0xe5, 0x65}, "\xe6\x97\xa5", 0},
		     {{0, 0xd8}, "\xed\xa0\x80", PACK_FLAW_UTF8}, {{'\\', 0}, "\\", PACK_FLAW_BACKSLASH},
		     {{0x01, 0x03}, "\xcc\x81", 0}};

	/* The name stands in the list as it is: "x", and the NUL behind it. */
	uint64_t off = 0, len = 0;
	for (int i = 7; i >= 0; i--) {
		off = off << 8 | bytes.data[12 + i];
		len = len << 8 | bytes.data[20 + i];
	}
	uint8_t *list = bytes.data + 32 + off;
	uint8_t *name = memmem(list, len, "\x11\x05\0x\0\0\0", 7);
	CHECK(name);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memcpy(name + 3, cases[i].utf16, 2);
		uint32_t crc = (uint32_t)crc32(0, list, (unsigned)len);
		memcpy(bytes.data + 28, &crc, 4);
		crc = (uint32_t)crc32(0, bytes.data + 12, 20);
		memcpy(bytes.data + 8, &crc, 4);
		struct reader r;
		struct pack *p;
		struct pack_entry entry;
		struct err e;
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK(entry.raw_len == strlen(cases[i].utf8) && memcmp(entry.raw, cases[i].utf8, entry.raw_len) == 0);
		CHECK_EQ(entry.flaws, cases[i].flaws);
		pack_close(p);
	}
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------ other programs */

/* What a shell command writes to its output. Skips the test when the program is not there. */
static struct buf output_of(const char *program, const char *command)
{
	struct buf out = {0};
	char piece[4096];
	size_t n;

	if (system(check_text("command -v %s >/dev/null 2>&1", program)) != 0)
		check_skip("no %s here", program);
	FILE *f = popen(command, "r");
	CHECK(f);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		put(&out, piece, n);
	CHECK_EQ(pclose(f), 0);
	return out;
}

static const char *tree_of_files(const char *name)
{
	const char *tree = check_text("%s/tree-%s", check_folder(), name);

	files_mkdir(tree);
	files_mkdir(check_text("%s/a", tree));
	files_write_text(check_text("%s/a/one", tree), "one\n");
	char longest[201];
	memset(longest, 'n', 200);
	longest[200] = 0;
	files_write_text(check_text("%s/a/%s", tree, longest), "long\n");
	files_link(longest, check_text("%s/a/link", tree));
	CHECK_EQ(link(check_text("%s/a/one", tree), check_text("%s/hard", tree)), 0);
	const char *holes = check_text("%s/holes", tree);
	files_resize(holes, 5 << 20);
	for (int i = 0; i < 60; i++)
		files_patch(holes, (uint64_t)i * 81920, "data", 4);
	return tree;
}

/* Each name of the tree once, with the right bytes of the sparse file. */
static void check_tree(struct buf bytes, const char *what)
{
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	uint8_t *holes = calloc(1, 5 << 20);

	for (int i = 0; i < 60; i++)
		memcpy(holes + i * 81920, "data", 4);
	if (l.err.code != 0)
		FAIL("%s: %s\n%s", what, l.err.detail, l.text);
	CHECK_EQ(l.entries, 7);
	CHECK(strstr(l.text, check_text("f holes size=5242880 hash=%llx\n", (unsigned long long)xxh_64(holes, 5 << 20))));
	CHECK(strstr(l.text, check_text(" size=5 hash=%llx\n", (unsigned long long)xxh_64("long\n", 5))));
	CHECK(strstr(l.text, "l a/link -> nnn"));
	free(holes);
	listing_free(&l);
	buf_free(&bytes);
}

static void gnu_tar(void)
{
	static const char *const options[] = {"--format=gnu", "--format=gnu -S", "--format=posix", "--format=posix -S",
					      "--format=posix -S --sparse-version=0.0", "--format=posix -S --sparse-version=0.1",
					      "--format=posix -S --sparse-version=1.0", "--format=gnu -S -z", "--format=posix --xattrs -S -J"};
	const char *tree = tree_of_files("tar");

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		if (strstr(options[i], "-J") && system("command -v xz >/dev/null 2>&1") != 0)
			continue;
		struct buf bytes = output_of("tar", check_text("tar -c %s -C %s . 2>/dev/null", options[i], tree));
		check_tree(bytes, options[i]);
	}
}

static void gnu_cpio(void)
{
	static const char *const options[] = {"newc", "crc", "odc", "bin"};
	const char *tree = tree_of_files("cpio");

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		check_tree(output_of("cpio", check_text("cd %s && find . | cpio -o -H %s 2>/dev/null", tree, options[i])), options[i]);
}

static void info_zip(void)
{
	const char *tree = tree_of_files("zip");

	for (int i = 0; i < 4; i++) {
		static const char *const options[] = {"", "-0", "-fz", "-Z bzip2"};
		struct buf out = output_of("zip", check_text("cd %s && rm -f ../t.zip && zip -qry %s ../t.zip . && cat ../t.zip", tree, options[i]));
		/* Info-ZIP has no root, and each name of a file is a file. */
		struct listing l = listing_of_bytes(out.data, out.len);
		if (l.err.code != 0)
			FAIL("%s: %s\n%s", options[i], l.err.detail, l.text);
		CHECK_EQ(l.entries, 6);
		CHECK(strstr(l.text, "flaws") == NULL);
		CHECK(strstr(l.text, "l a/link -> nnn"));
		listing_free(&l);
		buf_free(&out);
	}
}

int main(void)
{
	TEST("C-21 limits", limits);
	TEST("C-21 bombs are stopped", bombs);
	TEST("C-21 large extended headers", large_headers);
	TEST("C-21 windows and dictionaries of more than a gigabyte", large_windows);
	TEST("CX-10 nothing is kept of a hundred thousand entries", many_entries);
	TEST("C-21 sparse files of GNU tar", sparse_files);
	TEST("C-21 maps of sparse files that do not fit", sparse_damage);
	TEST("C-72 archives in archives", nested);
	TEST("C-72 a large 7z in a stream", large_7z_stream);
	TEST("C-21 an encrypted 7z", encrypted_7z);
	TEST("C-21 names in 7z", names_in_7z);
	TEST("C-21 what GNU tar writes", gnu_tar);
	TEST("C-21 what GNU cpio writes", gnu_cpio);
	TEST("C-21 what Info-ZIP writes", info_zip);
	return check_end();
}
