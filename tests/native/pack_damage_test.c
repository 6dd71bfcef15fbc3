/* SPDX-License-Identifier: MIT */
/* CX-02: what is cut, changed or put behind an archive is told, and never looks like an end. */
#include "archives.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

static const struct thing few[] = {{"dir", 'd', NULL, 0, 'z'},
				   {"dir/first.txt", 'f', NULL, 70, 't'},
				   {"dir/second", 'f', NULL, 300, 'n'},
				   {"third", 'f', NULL, 0, 'z'},
				   {"zeros", 'f', NULL, 600, 'z'}};
enum { FEW = sizeof few / sizeof few[0] };

/** How much a change of one bit can hide. */
enum guard {
	/** Anything: there is no checksum. */
	NOTHING,
	/** Nothing that matters: all is under a checksum. */
	ALL,
	/** Each entry is right or says that something is wrong with it. */
	ENTRIES,
};

static const struct {
	const char *format, *filter, *options;
	enum guard guard;
} kinds[] = {
	{"pax", "none", NULL, NOTHING},    {"gnutar", "none", NULL, NOTHING}, {"ustar", "gzip", NULL, ALL},
	{"ustar", "bzip2", NULL, ALL},     {"ustar", "xz", NULL, ALL},        {"ustar", "lz4", NULL, ALL},
	{"ustar", "zstd", NULL, NOTHING},  {"newc", "none", NULL, NOTHING},   {"odc", "none", NULL, NOTHING},
	{"bin", "none", NULL, NOTHING},    {"arbsd", "none", NULL, NOTHING},  {"zip", "none", NULL, ENTRIES},
	{"zip", "none", "compression=store", ENTRIES}, {"zip", "gzip", NULL, ALL}, {"7zip", "none", NULL, ALL},
	{"7zip", "none", "compression=store", ALL},    {"newc", "zstd", NULL, NOTHING},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *what_of(int kind)
{
	return check_text("%s %s %s", kinds[kind].format, kinds[kind].filter, kinds[kind].options ? kinds[kind].options : "");
}

static struct buf make_kind(int kind)
{
	/* ar knows no directories. */
	int is_ar = strcmp(kinds[kind].format, "arbsd") == 0;

	return archive_make(kinds[kind].format, kinds[kind].filter, kinds[kind].options, few + (is_ar ? 3 : 0),
			    is_ar ? 2 : FEW);
}

/* How many ways there are to read a kind: stored entries of this ZIP only say behind them where they end. */
static int ways_of(int kind)
{
	return kinds[kind].options && strcmp(kinds[kind].format, "zip") == 0 ? 1 : 2;
}

static struct listing list(const uint8_t *data, size_t len, int way)
{
	return way ? listing_of_stream(data, len) : listing_of_bytes(data, len);
}

/* ------------------------------------------------------------------- cuts */

/*
 * All of it; or as much as a tar that is not compressed holds up to a header,
 * which GNU tar takes for an archive without its end. An ar has no end at all.
 */
static int is_allowed(int kind, size_t cut, const char *have, const char *whole)
{
	int is_tar = strcmp(kinds[kind].filter, "none") == 0 &&
		     (strcmp(kinds[kind].format, "pax") == 0 || strcmp(kinds[kind].format, "gnutar") == 0);
	int is_ar = strcmp(kinds[kind].format, "arbsd") == 0;

	return strcmp(have, whole) == 0 ||
	       (((is_tar && cut % 512 == 0) || is_ar) && strncmp(have, whole, strlen(have) - strlen("end\n")) == 0);
}

static void cut_anywhere(void)
{
	unsigned complete = 0, errors = 0;

	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = make_kind(k);
		struct listing whole = listing_of_bytes(bytes.data, bytes.len);
		CHECK_EQ(whole.err.code, 0);
		for (int way = 0; way < ways_of(k); way++) {
			/* Everything in a plain build; steps that meet all remainders under a sanitizer. */
			size_t step = check_rounds(8) >= 8 ? 1 : 7;
			for (size_t cut = 0; cut < bytes.len; cut += step) {
				/* In memory of its own, so that a sanitizer sees reading behind it. */
				uint8_t *copy = malloc(cut + 1);
				memcpy(copy, bytes.data, cut);
				copy = realloc(copy, cut > 0 ? cut : 1);
				struct listing l = list(copy, cut, way);
				if (l.err.code == 0) {
					complete++;
					if (!is_allowed(k, cut, l.text, whole.text))
						FAIL("%s cut at %zu of %zu ends well with\n%s", what_of(k), cut, bytes.len, l.text);
				} else {
					errors++;
					if (l.err.code != CORE_EARCHIVE)
						FAIL("%s cut at %zu: %d %s", what_of(k), cut, l.err.code, l.err.detail);
				}
				listing_free(&l);
				free(copy);
			}
		}
		listing_free(&whole);
		buf_free(&bytes);
	}
	check_note("%u cuts are errors, %u leave everything", errors, complete);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------------- flips */

/* Whether each line of `have` is one of `want`, or says of itself that something is wrong. */
static int lines_are_known(const char *have, const char *want)
{
	char *copy = strdup(have), *save = NULL;
	int known = 1;

	for (char *line = strtok_r(copy, "\n", &save); line && known; line = strtok_r(NULL, "\n", &save))
		known = strstr(want, line) != NULL || strstr(line, "flaws=") != NULL || strstr(line, "encrypted") != NULL ||
			line[0] != 'f';
	free(copy);
	return known;
}

static void flip_anywhere(void)
{
	unsigned hidden = 0, seen = 0;

	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = make_kind(k);
		struct listing whole = listing_of_bytes(bytes.data, bytes.len);
		for (size_t at = 0; at < bytes.len; at++) {
			/* One bit of each byte, and a second one of small archives. */
			unsigned bits = bytes.len < 2000 && check_rounds(8) >= 8 ? 2 : 1;
			for (unsigned bit = 0; bit < bits; bit++) {
				uint8_t mask = (uint8_t)(1u << (at + 3 * bit) % 8);
				for (int way = 0; way < ways_of(k); way++) {
					bytes.data[at] ^= mask;
					struct listing l = list(bytes.data, bytes.len, way);
					bytes.data[at] ^= mask;
					int same = strcmp(l.text, whole.text) == 0;
					hidden += l.err.code == 0;
					seen += l.err.code != 0;
					if (l.err.code != 0 || kinds[k].guard == NOTHING || same) {
						listing_free(&l);
						continue;
					}
					if (kinds[k].guard == ALL || !lines_are_known(l.text, whole.text))
						FAIL("%s, byte %zu changed by %u, way %d, goes unseen:\n%s", what_of(k), at, mask, way,
						     l.text);
					listing_free(&l);
				}
			}
		}
		listing_free(&whole);
		buf_free(&bytes);
	}
	check_note("%u changes are errors, %u are not", seen, hidden);
	CHECK_EQ(mem_bytes(), 0);
}

/* Several bytes at once, at places of a seed's choice. */
static void shuffle_anywhere(void)
{
	uint64_t rng = 11;

	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = make_kind(k);
		uint8_t *copy = malloc(bytes.len);
		for (unsigned round = 0; round < check_rounds(2000); round++) {
			memcpy(copy, bytes.data, bytes.len);
			for (uint64_t n = rng_next(&rng) % 6 + 1; n > 0; n--) {
				size_t at = rng_next(&rng) % bytes.len;
				static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, '0', '7', ' '};
				copy[at] = n % 2 ? values[rng_next(&rng) % 8] : (uint8_t)rng_next(&rng);
				if (n == 5)
					memcpy(copy + at, bytes.data + rng_next(&rng) % (at + 1), bytes.len - at < 8 ? bytes.len - at : 8);
			}
			struct listing l = list(copy, bytes.len, (int)(round & 1));
			listing_free(&l);
		}
		free(copy);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* ---------------------------------------------------------------- headers */

static void expect(const struct buf *bytes, int32_t code, const char *what)
{
	for (int way = 0; way < 2; way++) {
		struct listing l = list(bytes->data, bytes->len, way);
		if (l.err.code != code)
			FAIL("%s: %d (%s) instead of %d, way %d:\n%s", what, l.err.code, l.err.detail ? l.err.detail : "", code,
			     way, l.text);
		if (code != 0)
			CHECK(l.err.at > 0 && l.err.detail && l.err.side == 0);
		listing_free(&l);
	}
}

/* CX-02: the second header of three, changed in each of its bytes, wiped out, or with an end before it. */
static void second_header(void)
{
	struct buf bytes = {0};

	for (const char *name = "a"; *name <= 'c'; name = *name == 'a' ? "b" : *name == 'b' ? "c" : "d") {
		tar_block(&bytes, '0', name, 5, "ustar");
		tar_body(&bytes, "hello", 5);
	}
	put(&bytes, (const uint8_t[1024]){0}, 1024);
	expect(&bytes, 0, "whole");
	for (size_t at = 1024; at < 1536; at++) {
		/* What stands behind the end of the checksum is of no meaning. */
		if (at == 1024 + 155)
			continue;
		bytes.data[at] ^= 1;
		expect(&bytes, CORE_EARCHIVE, check_text("byte %zu", at));
		bytes.data[at] ^= 1;
	}
	uint8_t header[512];
	memcpy(header, bytes.data + 1024, 512);
	memset(bytes.data + 1024, 0, 512);
	expect(&bytes, CORE_EARCHIVE, "wiped out");
	memset(bytes.data + 1536, 0, 512);
	expect(&bytes, CORE_EARCHIVE, "wiped out with its data");
	memcpy(bytes.data + 1024, header, 512);
	memset(bytes.data + 2048, 0, bytes.len - 2048);
	expect(&bytes, 0, "the third wiped out is an end");
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

static void tar_ends(void)
{
	struct buf bytes = {0}, twice = {0};

	tar_block(&bytes, '0', "a", 5, "ustar");
	tar_body(&bytes, "hello", 5);
	/* Without any end, as GNU tar has it, and with less than one. */
	expect(&bytes, 0, "no end");
	put(&bytes, (const uint8_t[512]){0}, 512);
	expect(&bytes, 0, "one block of zeros");
	put(&bytes, (const uint8_t[700]){0}, 700);
	expect(&bytes, 0, "an odd number of zeros");
	put(&bytes, "x", 1);
	expect(&bytes, CORE_EARCHIVE, "something behind them");
	bytes.len = 1024;
	put(&bytes, (const uint8_t[100]){0}, 100);
	expect(&bytes, CORE_EARCHIVE, "less than a block");
	/* Two tars in one file: who reads the first does not see the second. */
	bytes.len = 1024;
	put(&bytes, (const uint8_t[1024]){0}, 1024);
	put(&twice, bytes.data, bytes.len);
	put(&twice, bytes.data, bytes.len);
	expect(&twice, CORE_EARCHIVE, "two tars");
	/* An extended header, and then nothing it could be about. */
	static const char *const records[] = {"path=x", NULL};
	twice.len = 0;
	tar_pax(&twice, 'x', records);
	expect(&twice, CORE_EARCHIVE, "nothing behind a pax header");
	put(&twice, (const uint8_t[1024]){0}, 1024);
	expect(&twice, CORE_EARCHIVE, "an end behind a pax header");
	/* Nothing but zeros is an empty tar, but too little to be told from anything else. */
	twice.len = 0;
	put(&twice, (const uint8_t[10240]){0}, 10240);
	expect(&twice, 0, "an empty tar");
	CHECK(!pack_sniff_bytes(twice.data, twice.len));
	buf_free(&bytes);
	buf_free(&twice);
	CHECK_EQ(mem_bytes(), 0);
}

static void pax_damage(void)
{
	static const char *const bodies[] = {"9 path=x\n\n", "path=x\n", "0 \n", "99 path=x\n", "10 path=x", "8 =x\n\n\n\n",
					     "7 path\n", "11 path=x\n", "a path=x\n", "10 size=-1\n", "12 size=12x\n",
					     "99999999999999999999 path=x\n", " path=x\n", "10  path=x"};

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		struct buf bytes = {0};
		tar_block(&bytes, 'x', "pax", strlen(bodies[i]), "ustar");
		tar_body(&bytes, bodies[i], strlen(bodies[i]));
		tar_block(&bytes, '0', "a", 0, "ustar");
		put(&bytes, (const uint8_t[1024]){0}, 1024);
		expect(&bytes, CORE_EARCHIVE, bodies[i]);
		buf_free(&bytes);
	}
	/* What is only strange is told with the entry. */
	static const char *const strange[] = {"mtime=yesterday", "uid=someone", "LIBARCHIVE.xattr.x=***", NULL};
	struct buf bytes = {0};
	tar_pax(&bytes, 'x', strange);
	tar_block(&bytes, '0', "a", 0, "ustar");
	struct listing l = listing_of_bytes(bytes.data, bytes.len);
	CHECK(strstr(l.text, "flaws=256") != NULL);
	CHECK_EQ(l.err.code, 0);
	listing_free(&l);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* --------------------------------------------------- what follows a stream */

static void behind_streams(void)
{
	static const char *const filters[] = {"gzip", "bzip2", "xz", "zstd", "lz4"};
	struct buf tar = archive_make("ustar", "none", NULL, few, FEW);

	for (int i = 0; i < 5; i++) {
		/* Two streams, one after another, are one. */
		struct buf bytes = archive_compress(filters[i], tar.data, 1000);
		struct buf second = archive_compress(filters[i], tar.data + 1000, tar.len - 1000);
		struct buf nothing = {0};
		/* Of nothing, libarchive makes an lz4 by using what it has not got. */
		if (i < 4)
			nothing = archive_compress(filters[i], "", 0);
		expect(&bytes, CORE_EARCHIVE, check_text("%s, half of the tar", filters[i]));
		put(&bytes, second.data, second.len);
		expect(&bytes, 0, check_text("%s, two streams", filters[i]));
		put(&bytes, nothing.data, nothing.len);
		expect(&bytes, 0, check_text("%s, an empty third one", filters[i]));
		size_t whole = bytes.len;
		put(&bytes, (const uint8_t[512]){0}, 512);
		expect(&bytes, 0, check_text("%s, zeros behind", filters[i]));
		put(&bytes, "garbage", 7);
		expect(&bytes, CORE_EARCHIVE, check_text("%s, garbage behind zeros", filters[i]));
		/* Only xz fills up between streams; elsewhere programs stop at the zeros. */
		bytes.len = whole + 512;
		put(&bytes, nothing.data, nothing.len);
		if (i < 4)
			expect(&bytes, i == 2 ? 0 : CORE_EARCHIVE, check_text("%s, a stream behind zeros", filters[i]));
		bytes.len = whole;
		put(&bytes, "garbage", 7);
		expect(&bytes, CORE_EARCHIVE, check_text("%s, garbage behind", filters[i]));
		bytes.len = whole;
		put(&bytes, second.data, second.len - 1);
		expect(&bytes, CORE_EARCHIVE, check_text("%s, a stream cut short behind", filters[i]));
		buf_free(&bytes);
		buf_free(&second);
		buf_free(&nothing);
	}
	/* A frame to be skipped, before and behind, as pzstd writes them. */
	struct buf bytes = {0}, frame = archive_compress("zstd", tar.data, tar.len);
	const uint8_t skip[] = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
	put(&bytes, skip, sizeof skip);
	put(&bytes, frame.data, frame.len);
	put(&bytes, skip, sizeof skip);
	expect(&bytes, 0, "frames to be skipped");
	buf_free(&bytes);
	buf_free(&frame);
	buf_free(&tar);
	CHECK_EQ(mem_bytes(), 0);
}

/* zstd with a checksum of its own, which libarchive does not write. */
static void zstd_checksum(void)
{
	struct buf tar = archive_make("ustar", "none", NULL, few, FEW);
	size_t room = ZSTD_compressBound(tar.len);
	uint8_t *out = malloc(room);
	ZSTD_CCtx *c = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	size_t len = ZSTD_compress2(c, out, room, tar.data, tar.len);
	CHECK(!ZSTD_isError(len));
	struct listing whole = listing_of_bytes(out, len);
	CHECK_EQ(whole.err.code, 0);
	for (size_t at = 0; at < len; at++) {
		out[at] ^= (uint8_t)(1 << at % 8);
		struct listing l = listing_of_bytes(out, len);
		CHECK(l.err.code != 0 || strcmp(l.text, whole.text) == 0);
		out[at] ^= (uint8_t)(1 << at % 8);
		listing_free(&l);
	}
	listing_free(&whole);
	ZSTD_freeCCtx(c);
	free(out);
	buf_free(&tar);
	CHECK_EQ(mem_bytes(), 0);
}

/* cpio with checksums: the sum of the bytes. */
static void cpio_checksum(void)
{
	struct thing one = {"file", 'f', NULL, 1000, 't'};
	struct buf bytes = archive_make("newc", "none", NULL, &one, 1);
	uint8_t *data = thing_bytes(&one);
	unsigned sum = 0;
	char text[9];

	for (int i = 0; i < 1000; i++)
		sum += data[i];
	free(data);
	CHECK(memcmp(bytes.data, "070701", 6) == 0);
	bytes.data[5] = '2';
	snprintf(text, sizeof text, "%08X", sum);
	memcpy(bytes.data + 102, text, 8);
	expect(&bytes, 0, "right");
	bytes.data[200] ^= 1;
	expect(&bytes, CORE_EARCHIVE, "wrong");
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------- memory running out */

static void no_memory(void)
{
	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = make_kind(k);
		for (int way = 0; way < ways_of(k); way++) {
			int32_t code = CORE_EMEMORY;
			unsigned n = 1;
			for (; code == CORE_EMEMORY; n++) {
				mem_fail_at(n);
				struct reader r;
				if (way)
					open_plain_stream(&r, bytes.data, bytes.len, 0);
				else
					reader_open_memory(&r, bytes.data, bytes.len, 0);
				struct pack *p = NULL;
				struct pack_entry entry;
				struct err e;
				code = pack_open(&p, &r, NULL, &e);
				while (code == 0 && (code = pack_next(p, &entry, &e)) > 0) {
					const uint8_t *data;
					size_t len;
					while ((code = pack_data(p, &data, &len, &e)) == 0 && len > 0)
						;
				}
				pack_close(p);
				CHECK(n < 5000);
			}
			mem_fail_at(0);
			CHECK_EQ(code, 0);
			CHECK(n > 4);
		}
		uint64_t kept = bytes.cap;
		CHECK(mem_bytes() == kept);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------- what is not an archive */

static void not_archives(void)
{
	static const char *const texts[] = {"", "a", "plain text\nof two lines\n", "#mtree\n. type=dir\n", "Rar!\x1a\x07\x01",
					    "!<thin>\n", "070707 is not octal enough for a header of cpio, which takes 76 bytes....",
					    ("070701 and so on and so on and so on and so on and so on and so on and so on and so on and "
					     "so on and so on and so on"), "xar!", "MSCF", "\xc7\x71 is a magic of two bytes only, and no name follows"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct buf bytes = {0};
		put(&bytes, texts[i], strlen(texts[i]));
		CHECK(!pack_sniff_bytes(bytes.data, bytes.len));
		expect(&bytes, CORE_EARCHIVE, texts[i]);
		/* Nor when it is compressed. */
		struct buf zipped = archive_compress("gzip", texts[i], strlen(texts[i]));
		CHECK(!pack_sniff_bytes(zipped.data, zipped.len));
		expect(&zipped, CORE_EARCHIVE, texts[i]);
		buf_free(&zipped);
		buf_free(&bytes);
	}
	uint8_t *noise = files_noise(5, 1 << 20);
	for (size_t at = 0; at + 4096 < 1 << 20; at += 512)
		CHECK(!pack_sniff_bytes(noise + at, 4096));
	free(noise);
	/* Only one layer: a compressed stream in another is no archive. */
	struct buf tar = archive_make("ustar", "gzip", NULL, few, FEW);
	struct buf twice = archive_compress("xz", tar.data, tar.len);
	expect(&twice, CORE_EARCHIVE, "compressed twice");
	buf_free(&tar);
	buf_free(&twice);
	CHECK_EQ(mem_bytes(), 0);
}

int main(void)
{
	TEST("CX-02 cut at every byte", cut_anywhere);
	TEST("CX-02 every byte changed", flip_anywhere);
	TEST("CX-02 many bytes changed", shuffle_anywhere);
	TEST("CX-02 a damaged second header", second_header);
	TEST("CX-02 the end of a tar", tar_ends);
	TEST("CX-02 damaged pax headers", pax_damage);
	TEST("CX-02 what follows a compressed stream", behind_streams);
	TEST("CX-02 zstd with a checksum", zstd_checksum);
	TEST("CX-02 cpio with a checksum", cpio_checksum);
	TEST("C-21 memory runs out at every place", no_memory);
	TEST("CX-14 text and noise are no archives", not_archives);
	return check_end();
}
