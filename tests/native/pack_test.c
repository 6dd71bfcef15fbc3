/* SPDX-License-Identifier: MIT */
/* C-21, C-26: what is in an archive comes out of it, whatever the format and what it is compressed with. */
#include "archives.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/xxh.h"
#include "check.h"
#include "files.h"
#include "plat/plat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const filters[] = {"none", "gzip", "bzip2", "xz", "zstd", "lz4"};
enum { FILTERS = 6 };

/** Formats of libarchive's writer, and what of things_all they can hold. */
static const struct {
	const char *name, *kinds;
	/** Keeps the order; the hard link says so. */
	int ordered;
} formats[] = {
	{"pax", "dfslhpcb", 1},  {"paxr", "dfslhpcb", 1}, {"gnutar", "dflhpcb", 1}, {"ustar", "dflhpcb", 1},
	{"v7tar", "dflh", 1}, {"newc", "dflpcb", 1},   {"odc", "dflpcb", 1},     {"bin", "dflcb", 1},
	{"zip", "dfl", 1},       {"7zip", "dfl", 0},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static size_t select_things(const char *kinds, struct thing *out)
{
	size_t n = 0;

	for (size_t i = 0; i < things_all_count; i++) {
		if (strchr(kinds, things_all[i].kind))
			out[n++] = things_all[i];
	}
	return n;
}

static void same(struct listing have, struct listing want, int ordered, const char *what)
{
	if (!ordered) {
		listing_sort(&have);
		listing_sort(&want);
	}
	if (strcmp(have.text, want.text) != 0)
		FAIL("%s gives\n%s(%s)\ninstead of\n%s", what, have.text, have.err.detail ? have.err.detail : "", want.text);
	listing_free(&have);
	listing_free(&want);
}

static struct listing of_file(const struct buf *bytes)
{
	const char *path = check_text("%s/archive", check_folder());
	struct reader r;
	struct err e;

	files_write(path, bytes->data, bytes->len);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, path, 0, 0, &e), 0);
	return listing_of(&r, NULL);
}

static void no_leaks(void)
{
	CHECK_EQ(mem_bytes(), 0);
	CHECK_EQ(plat_descriptors(), 0);
}

static void formats_and_filters(void)
{
	struct thing things[32];

	for (int f = 0; f < FORMATS; f++) {
		for (int i = 0; i < FILTERS; i++) {
			const char *what = check_text("%s with %s", formats[f].name, filters[i]);
			/* Only its directory, at the end, knows the links of a ZIP. */
			int no_links = strcmp(formats[f].name, "zip") == 0 && i > 0;
			size_t count = select_things(no_links ? "df" : formats[f].kinds, things);
			struct buf bytes = archive_make(formats[f].name, filters[i], NULL, things, count);
			CHECK(pack_sniff_bytes(bytes.data, bytes.len));
			same(listing_of_bytes(bytes.data, bytes.len), listing_expected(things, count), formats[f].ordered, what);
			same(of_file(&bytes), listing_expected(things, count), formats[f].ordered, what);
			struct listing stream = listing_of_stream(bytes.data, bytes.len);
			if (strcmp(formats[f].name, "zip") == 0 && !no_links) {
				CHECK_EQ(stream.err.code, CORE_EUNSUPPORTED);
				listing_free(&stream);
			} else {
				same(stream, listing_expected(things, count), formats[f].ordered, what);
			}
			buf_free(&bytes);
		}
	}
	no_leaks();
}

static void ar_archives(void)
{
	static const char *const kinds[] = {"arbsd", "argnu"};
	struct thing things[8];

	memcpy(things, things_plain, sizeof things_plain[0] * things_plain_count);
	/* Longer than what a header holds, and with a space. */
	things[2].path = "a name of more than sixteen bytes";
	for (int i = 0; i < 2; i++) {
		struct buf bytes = archive_make(kinds[i], "none", NULL, things, i == 0 ? things_plain_count : 2);
		same(listing_of_bytes(bytes.data, bytes.len), listing_expected(things, i == 0 ? things_plain_count : 2), 1,
		     kinds[i]);
		buf_free(&bytes);
	}
	no_leaks();
}

static void metadata(void)
{
	static const char *const kinds[] = {"pax", "gnutar", "ustar", "v7tar", "newc", "odc", "bin"};
	static const struct thing one = {"dir/file", 'f', NULL, 10, 't'};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct buf bytes = archive_make(kinds[i], "none", NULL, &one, 1);
		struct pack_entry entry;
		struct reader r;
		struct pack *p;
		struct err e;
		reader_open_memory(&r, bytes.data, bytes.len, 1);
		CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK(entry.has_mode && entry.has_owner && entry.has_mtime);
		CHECK_EQ(entry.mode, 0640);
		CHECK_EQ(entry.uid, 1001);
		CHECK_EQ(entry.gid, 1002);
		CHECK_EQ(entry.mtime_ns, 1234567890000000000);
		CHECK_EQ(entry.size, 10);
		CHECK_EQ(entry.index, 0);
		CHECK_EQ(entry.flaws, 0);
		/* The data is passed over. */
		CHECK_EQ(pack_next(p, &entry, &e), 0);
		CHECK(pack_bytes_read(p) > 0);
		pack_close(p);
		buf_free(&bytes);
	}
	pack_close(NULL);
	no_leaks();
}

/* A file of pax records, then what they speak of, then the end. */
static struct buf pax_archive(const char *const *records, uint64_t size)
{
	struct buf out = {0};
	uint8_t *data = calloc(1, size + 1);

	tar_pax(&out, 'x', records);
	tar_block(&out, '0', "plain-name", size, "ustar");
	memset(data, 'd', size);
	tar_body(&out, data, size);
	tar_body(&out, "", 0);
	put(&out, (const uint8_t[1024]){0}, 1024);
	free(data);
	return out;
}

static void pax_attributes(void)
{
	static const char *const records[] = {"path=long/name",
					      "mtime=-1.5",
					      "uid=4000000000",
					      "gid=70000",
					      "comment=nothing",
					      "SCHILY.xattr.user.one=1\n2",
					      "LIBARCHIVE.xattr.user.t%3Dwo=YWJj",
					      "LIBARCHIVE.xattr.user.one=MQoy",
					      "SCHILY.acl.access=user::rw-,group::r--",
					      "RHT.security.selinux=label",
					      NULL};
	struct buf bytes = pax_archive(records, 3);
	struct pack_entry entry;
	struct reader r;
	struct pack *p;
	struct err e;

	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	CHECK(entry.path_len == 9 && memcmp(entry.path, "long/name", 9) == 0);
	CHECK_EQ(entry.mtime_ns, -1500000000);
	CHECK(entry.uid == 4000000000u);
	CHECK_EQ(entry.gid, 70000);
	/* The attribute that is there in two forms is one. */
	CHECK_EQ(entry.attr_count, 4);
	static const char *const want[][2] = {{"user.one", "1\n2"},
					      {"user.t=wo", "abc"},
					      {"SCHILY.acl.access", "user::rw-,group::r--"},
					      {"security.selinux", "label"}};
	for (int i = 0; i < 4; i++) {
		CHECK(entry.attrs[i].name_len == strlen(want[i][0]) &&
		      memcmp(entry.attrs[i].name, want[i][0], entry.attrs[i].name_len) == 0);
		CHECK(entry.attrs[i].value_len == strlen(want[i][1]) &&
		      memcmp(entry.attrs[i].value, want[i][1], entry.attrs[i].value_len) == 0);
	}
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
	buf_free(&bytes);
	no_leaks();
}

/* What a global header says holds for all that follows, until an entry says otherwise. */
static void pax_globals(void)
{
	static const char *const global[] = {"mtime=100", "uid=5", "comment=0123", NULL};
	static const char *const own[] = {"mtime=200.25", NULL};
	static const char *const wrong[] = {"path=all/the/same", NULL};
	struct buf bytes = {0};
	struct pack_entry entry;
	struct reader r;
	struct pack *p;
	struct err e;

	tar_pax(&bytes, 'g', global);
	tar_block(&bytes, '0', "one", 0, "ustar");
	tar_pax(&bytes, 'x', own);
	tar_block(&bytes, '0', "two", 0, "ustar");
	tar_block(&bytes, '0', "three", 0, "ustar");
	put(&bytes, (const uint8_t[1024]){0}, 1024);
	static const int64_t times[] = {100000000000, 200250000000, 100000000000};
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK_EQ(entry.mtime_ns, times[i]);
		CHECK_EQ(entry.uid, 5);
		CHECK_EQ(entry.gid, 01751);
	}
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
	bytes.len = 0;
	tar_pax(&bytes, 'g', wrong);
	tar_block(&bytes, '0', "one", 0, "ustar");
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	CHECK_EQ(l.err.code, CORE_EARCHIVE);
	listing_free(&l);
	buf_free(&bytes);
	no_leaks();
}

/* ------------------------------------------------------------------- names */

/* The one entry of an archive of one, whose name is checked. */
static void check_name(const struct buf *bytes, const void *raw, size_t raw_len, const char *path, uint32_t flaws)
{
	struct pack_entry entry;
	struct reader r;
	struct pack *p;
	struct err e;

	reader_open_memory(&r, bytes->data, bytes->len, 0);
	CHECK_EQ(pack_open(&p, &r, NULL, &e), 0);
	CHECK_EQ(pack_next(p, &entry, &e), 1);
	if (entry.raw_len != raw_len || memcmp(entry.raw, raw, raw_len) != 0)
		FAIL("the raw name is \"%.*s\" (%u)", (int)entry.raw_len, (const char *)entry.raw, entry.raw_len);
	if (path && (entry.path_len != strlen(path) || memcmp(entry.path, path, entry.path_len) != 0))
		FAIL("the path is \"%.*s\", not \"%s\"", (int)entry.path_len, (const char *)entry.path, path);
	CHECK_EQ(entry.flaws, flaws);
	CHECK_EQ(pack_next(p, &entry, &e), 0);
	pack_close(p);
}

static void names(void)
{
	static const struct {
		const char *raw, *path;
		uint32_t flaws;
	} cases[] = {
		{"a", "a", 0},
		{"./a/b", "a/b", 0},
		{"a//b/./c", "a/b/c", 0},
		{"a/b//", "a/b", 0},
		{"/etc/passwd", "etc/passwd", PACK_FLAW_ABSOLUTE},
		{"//x", "x", PACK_FLAW_ABSOLUTE},
		{"../up", "../up", PACK_FLAW_DOTDOT},
		{"a/../b", "a/../b", PACK_FLAW_DOTDOT},
		{"a/..", "a/..", PACK_FLAW_DOTDOT},
		{"..a/b..", "..a/b..", 0},
		{"a\\b", "a\\b", PACK_FLAW_BACKSLASH},
		{"C:/x", "C:/x", PACK_FLAW_DRIVE},
		{"c:", "c:", PACK_FLAW_DRIVE},
		{"1:2", "1:2", 0},
		/* What they stand in is no file. */
		{".", ".", PACK_FLAW_EMPTY},
		{"././.", "././.", PACK_FLAW_EMPTY},
		{"line\nbreak", "line\nbreak", 0},
		{"\033[31mred\033[0m", "\033[31mred\033[0m", 0},
		{"latin-\xe9", "latin-\xe9", PACK_FLAW_UTF8},
		{"\xc0\xaf", "\xc0\xaf", PACK_FLAW_UTF8},
		{"\xed\xa0\x80", "\xed\xa0\x80", PACK_FLAW_UTF8},
		{"\xf4\x90\x80\x80", "\xf4\x90\x80\x80", PACK_FLAW_UTF8},
		/* Two ways to write the same letter stay two names. */
		{"caf\xc3\xa9", "caf\xc3\xa9", 0},
		{"cafe\xcc\x81", "cafe\xcc\x81", 0},
		{"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 0},
		{"\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x89", 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *raw = cases[i].raw;
		size_t len = strlen(raw);
		struct buf bytes = {0};
		/* In the header itself, in GNU's, in pax, and in cpio. */
		tar_block(&bytes, '0', raw, 0, "ustar");
		if (raw[len - 1] != '/')
			check_name(&bytes, raw, len, cases[i].path, cases[i].flaws);
		bytes.len = 0;
		tar_block(&bytes, 'L', "././@LongLink", len + 1, "ustar  ");
		tar_body(&bytes, raw, len + 1);
		tar_block(&bytes, '0', "cut", 0, "ustar  ");
		check_name(&bytes, raw, len, cases[i].path, cases[i].flaws);
		bytes.len = 0;
		struct buf body = {0};
		tar_pax_bytes(&body, "path", raw, len);
		tar_block(&bytes, 'x', "pax", body.len, "ustar");
		tar_body(&bytes, body.data, body.len);
		tar_block(&bytes, '0', "cut", 0, "ustar");
		check_name(&bytes, raw, len, cases[i].path, cases[i].flaws);
		buf_free(&body);
		buf_free(&bytes);
		const struct thing thing = {raw, 'f', NULL, 0, 'z'};
		bytes = archive_make("newc", "none", NULL, &thing, 1);
		check_name(&bytes, raw, len, cases[i].path, cases[i].flaws);
		buf_free(&bytes);
	}
	no_leaks();
}

static void odd_names(void)
{
	struct buf bytes = {0}, body = {0};
	char prefixed[256];

	/* A NUL is in the name, not its end. */
	tar_pax_bytes(&body, "path", "a\0b", 3);
	tar_block(&bytes, 'x', "pax", body.len, "ustar");
	tar_body(&bytes, body.data, body.len);
	tar_block(&bytes, '0', "cut", 0, "ustar");
	check_name(&bytes, "a\0b", 3, NULL, PACK_FLAW_NUL);
	/* No name at all. */
	bytes.len = 0;
	tar_block(&bytes, '0', "", 0, "ustar");
	check_name(&bytes, "", 0, "", PACK_FLAW_EMPTY);
	/* The root itself; and a slash that makes a directory. */
	bytes.len = 0;
	tar_block(&bytes, '5', "./", 0, "ustar");
	check_name(&bytes, "./", 2, "", 0);
	bytes.len = 0;
	tar_block(&bytes, '0', "old-dir/", 0, "");
	check_name(&bytes, "old-dir/", 8, "old-dir", 0);
	/* 100 bytes without a NUL, and a prefix of 155 before them; GNU's header has none. */
	bytes.len = 0;
	memset(prefixed, 'p', 155);
	prefixed[155] = '/';
	memset(prefixed + 156, 'n', 100);
	tar_block(&bytes, '0', "", 0, "ustar");
	memset(bytes.data, 'n', 100);
	memset(bytes.data + 345, 'p', 155);
	tar_seal(bytes.data);
	check_name(&bytes, prefixed, 256, NULL, 0);
	memcpy(bytes.data + 257, "ustar  ", 8);
	tar_seal(bytes.data);
	check_name(&bytes, prefixed + 156, 100, NULL, 0);
	/* Later records go before earlier ones, and an empty one takes them back. */
	static const char *const records[] = {"path=first", "path=second", "linkpath=x", "linkpath=", NULL};
	bytes.len = 0;
	tar_pax(&bytes, 'x', records);
	tar_block(&bytes, '0', "plain", 0, "ustar");
	check_name(&bytes, "second", 6, "second", 0);
	static const char *const taken_back[] = {"path=first", "path=", NULL};
	bytes.len = 0;
	tar_pax(&bytes, 'x', taken_back);
	tar_block(&bytes, '0', "plain", 0, "ustar");
	check_name(&bytes, "plain", 5, "plain", 0);
	buf_free(&bytes);
	buf_free(&body);
	no_leaks();
}

static void duplicates(void)
{
	static const struct thing things[] = {
		{"same", 'f', NULL, 5, 't'}, {"other", 'f', NULL, 1, 't'}, {"same", 'f', NULL, 9, 'n'}};
	static const char *const kinds[] = {"pax", "zip", "newc", "7zip"};

	for (int i = 0; i < 4; i++) {
		struct buf bytes = archive_make(kinds[i], "none", NULL, things, 3);
		same(listing_of_bytes(bytes.data, bytes.len), listing_expected(things, 3), 1, kinds[i]);
		buf_free(&bytes);
	}
	no_leaks();
}

/* ------------------------------------------------------------------- links */

static void links(void)
{
	struct buf bytes = {0};
	static const char *const pax_link[] = {"linkpath=./a//b", NULL};

	/* The target of a hard link is a path, that of a symbolic one is its text. */
	tar_block(&bytes, '2', "soft", 0, "ustar");
	memcpy(bytes.data + 157, ".//x/", 5);
	tar_seal(bytes.data);
	size_t second = bytes.len;
	tar_block(&bytes, '1', "hard", 0, "ustar");
	memcpy(bytes.data + second + 157, ".//x/", 5);
	tar_seal(bytes.data + second);
	tar_pax(&bytes, 'x', pax_link);
	tar_block(&bytes, '1', "by-pax", 0, "ustar");
	tar_block(&bytes, 'K', "././@LongLink", 5, "ustar  ");
	tar_body(&bytes, "long", 5);
	tar_block(&bytes, '2', "by-gnu", 0, "ustar  ");
	/* A size that means the other file's, and data that pax stores with the link. */
	tar_block(&bytes, '1', "sized", 700, "");
	static const char *const any[] = {"mtime=1", NULL};
	tar_pax(&bytes, 'x', any);
	tar_block(&bytes, '1', "data", 3, "ustar");
	tar_body(&bytes, "abc", 3);
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	CHECK_TEXT(l.text, check_text("l soft -> .//x/ size=0 hash=%llx\n"
				      "h hard -> x size=0 hash=%llx\n"
				      "h by-pax -> a/b size=0 hash=%llx\n"
				      "l by-gnu -> long size=0 hash=%llx\n"
				      "h sized ->  size=0 hash=%llx\n"
				      "h data ->  size=3 hash=%llx\nend\n",
				      (unsigned long long)xxh_64("", 0), (unsigned long long)xxh_64("", 0),
				      (unsigned long long)xxh_64("", 0), (unsigned long long)xxh_64("", 0),
				      (unsigned long long)xxh_64("", 0), (unsigned long long)xxh_64("abc", 3)));
	listing_free(&l);
	buf_free(&bytes);
	no_leaks();
}

/* cpio: names of one inode; the last of them has the data in newc, each of them in odc. */
static void cpio_links(void)
{
	static const char *const headers[] = {
		"0707010000000700008124000000010000000200000003499602D2%08X0000000000000000000000000000000000000002"
		"00000000",
		"070707" "000000" "000007" "100644" "000001" "000002" "000003" "000000" "11145401322" "000002" "%011o"};
	const unsigned long long nothing = xxh_64("", 0), abc = xxh_64("abc", 3);

	for (int odc = 0; odc < 2; odc++) {
		struct buf bytes = {0};
		for (int i = 0; i < 3; i++) {
			char head[256];
			unsigned size = i == 2 || odc ? 3 : 0;
			int n = snprintf(head, sizeof head, headers[odc], size);
			/* 110 and 76 bytes: the field of links has to be more than one. */
			if (!odc)
				memcpy(head + 6 + 32, "00000003", 8);
			else
				memcpy(head + 36, "000003", 6);
			CHECK_EQ(n, odc ? 76 : 110);
			put(&bytes, head, (size_t)n);
			put(&bytes, i == 0 ? "a" : i == 1 ? "b" : "c", 2);
			put(&bytes, "abc", size);
			if (!odc && size)
				put(&bytes, "", 1);
		}
		const struct buf trailer = archive_make(odc ? "odc" : "newc", "none", NULL, NULL, 0);
		put(&bytes, trailer.data, trailer.len);
		struct listing l = listing_of_bytes(bytes.data, bytes.len);
		CHECK_TEXT(l.text, odc ? check_text("f a size=3 hash=%llx\nh b -> a size=3 hash=%llx\n"
						    "h c -> a size=3 hash=%llx\nend\n", abc, abc, abc)
				       : check_text("f a size=0 hash=%llx\nh b -> a size=0 hash=%llx\n"
						    "h c -> a size=3 hash=%llx\nend\n", nothing, nothing, abc));
		listing_free(&l);
		buf_free(&bytes);
		struct buf end = trailer;
		buf_free(&end);
	}
	no_leaks();
}

int main(void)
{
	TEST("C-21 C-26 every format with every filter", formats_and_filters);
	TEST("C-21 ar of BSD and GNU", ar_archives);
	TEST("C-21 metadata of entries", metadata);
	TEST("C-21 pax attributes", pax_attributes);
	TEST("C-21 pax global headers", pax_globals);
	TEST("C-21 names as they are stored", names);
	TEST("C-21 names at the edges of a format", odd_names);
	TEST("CX-05 duplicate names are all listed", duplicates);
	TEST("CX-01 links of tar", links);
	TEST("CX-01 links of cpio", cpio_links);
	return check_end();
}
