/* SPDX-License-Identifier: MIT */
/* manifest/: every format is written and read again, and what is damaged is refused with its line. */
#include "manifest/manifest.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "manifest/source.h"
#include "manifest/text.h"
#include "manifest/words.h"
#include "pack/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define H1 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define H2 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

enum {
	BLAKE3 = 1 << DIGEST_BLAKE3,
	SHA256 = 1 << DIGEST_SHA256,
	/** What keeps a name from being looked for in a tree. */
	UNSAFE = PACK_FLAW_ABSOLUTE | PACK_FLAW_DOTDOT | PACK_FLAW_NUL,
};

/* ------------------------------------------------------------------- text */

static void hex(void)
{
	struct buf b = {0};
	uint8_t out[3];
	const uint8_t in[3] = {0x00, 0xfe, 0x1a};

	CHECK_EQ(text_append_hex(&b, in, 3), 0);
	CHECK_EQ(b.len, 6);
	CHECK(memcmp(b.data, "00fe1a", 6) == 0);
	CHECK_EQ(text_read_hex((const uint8_t *)"00FE1a", out, 3), 1);
	CHECK(memcmp(in, out, 3) == 0);
	CHECK_EQ(text_read_hex((const uint8_t *)"00fg1a", out, 3), 0);
	buf_free(&b);
}

static void base64(void)
{
	static const char *const pairs[][2] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},
					       {"foo", "Zm9v"},  {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
					       {"\xff\xfe", "//4="}};
	static const char *const wrong[] = {"Zg", "Zg=", "Zg===", "Z===", "Zm9v=", "Z*==", "=Zg=", "Zg==Zg==", "Zh=="};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *plain = pairs[i][0], *text = pairs[i][1];
		b.len = 0;
		CHECK_EQ(text_append_base64(&b, (const uint8_t *)plain, strlen(plain)), 0);
		CHECK_EQ(b.len, strlen(text));
		CHECK(b.len == 0 || memcmp(b.data, text, b.len) == 0);
		b.len = 0;
		CHECK_EQ(text_read_base64(&b, (const uint8_t *)text, strlen(text)), 1);
		CHECK_EQ(b.len, strlen(plain));
		CHECK(b.len == 0 || memcmp(b.data, plain, b.len) == 0);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		b.len = 0;
		if (text_read_base64(&b, (const uint8_t *)wrong[i], strlen(wrong[i])) != 0)
			FAIL("%s is read", wrong[i]);
	}
	uint64_t rng = 5;
	for (unsigned i = 0; i < 200; i++) {
		uint8_t bytes[64];
		struct buf again = {0};
		size_t len = rng_next(&rng) % sizeof bytes;
		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)rng_next(&rng);
		b.len = 0;
		CHECK_EQ(text_append_base64(&b, bytes, len), 0);
		CHECK_EQ(text_read_base64(&again, b.data, b.len), 1);
		CHECK(again.len == len && (len == 0 || memcmp(again.data, bytes, len) == 0));
		buf_free(&again);
	}
	buf_free(&b);
}

static int64_t time_of(const char *text)
{
	int64_t ns = -1;

	if (!text_read_time((const uint8_t *)text, strlen(text), &ns))
		FAIL("%s is no time", text);
	return ns;
}

static void times(void)
{
	static const char *const wrong[] = {"", "2026", "2026-11-21", "2026-11-21T06:23:09", "2026-13-21T06:23:09Z",
					    "2026-02-29T06:23:09Z", "2026-11-21T24:00:00Z", "2026-11-21T06:60:09Z",
					    "2026-11-21T06:23:61Z", "2026-11-21 06:23:09Z", "2026-11-21T06:23:09.Z",
					    "2026-11-21T06:23:09.1234567891Z", "9999-11-21T06:23:09Z"};
	char text[TIME_TEXT];
	int64_t ns;

	CHECK_EQ(time_of("1970-01-01T00:00:00Z"), 0);
	CHECK_EQ(time_of("1970-01-01T00:00:00.5Z"), 500000000);
	CHECK_EQ(time_of("1969-12-31T23:59:59.999999999Z"), -1);
	CHECK_EQ(time_of("2026-11-21T06:23:09.123456789Z"), 1795242189123456789);
	CHECK_EQ(time_of("2000-02-29T00:00:00Z"), 951782400000000000);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (text_read_time((const uint8_t *)wrong[i], strlen(wrong[i]), &ns))
			FAIL("%s is a time", wrong[i]);
	}
	uint64_t rng = 3;
	for (unsigned i = 0; i < 20000; i++) {
		int64_t want = i == 0 ? INT64_MAX : i == 1 ? INT64_MIN + 1 : (int64_t)rng_next(&rng);
		size_t len = text_of_time(want, text);
		CHECK_EQ(strlen(text), len);
		CHECK_EQ(text_read_time((const uint8_t *)text, len, &ns), 1);
		CHECK_EQ(ns, want);
	}
}

/* ------------------------------------------------------------------- JSON */

/* The members as `name=value`, strings in quotes, other values as `?`; "bad" for what is no object. */
static const char *members(const char *line)
{
	struct json j = {0};
	char *out;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	int32_t rc;

	json_begin(&j, (const uint8_t *)line, strlen(line));
	while ((rc = json_next(&j)) == 1) {
		fprintf(f, "%.*s=", (int)j.name.len, (const char *)j.name.data);
		if (j.type == JSON_STRING)
			fprintf(f, "'%.*s'", (int)j.text.len, (const char *)j.text.data);
		else if (j.type == JSON_NUMBER)
			fprintf(f, "%llu", (unsigned long long)j.number);
		else
			fputc('?', f);
		fputc(' ', f);
	}
	fclose(f);
	json_free(&j);
	const char *text = rc == 0 ? check_text("%s", out) : "bad";
	free(out);
	return text;
}

static void json(void)
{
	static const char *const wrong[] = {
		"", "[]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":1}x", "{a:1}",
		"{\"a\":01}", "{\"a\":-}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
		"{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\t\"}", "{\"a\":\"b}",
		"{\"a\":tru}", "{\"a\":[1,]}", "{\"a\":[1}", "{\"a\":{\"b\":}}", "{\"a\":\"\xff\"}", "{\"a\":\"\\",
	};

	CHECK_TEXT(members("{}"), "");
	CHECK_TEXT(members(" { \"a\" : \"b\" , \"c\":12 } \r"), "a='b' c=12 ");
	CHECK_TEXT(members("{\"\\u0061\\n\":\"\\u00e9\\ud83d\\ude00\\/\\\\\\\"\"}"), "a\n='\xc3\xa9\xf0\x9f\x98\x80/\\\"' ");
	CHECK_TEXT(members("{\"a\":18446744073709551615,\"b\":18446744073709551616,\"c\":-1,\"d\":1.5,\"e\":1e3}"),
		   "a=18446744073709551615 b=? c=? d=? e=? ");
	CHECK_TEXT(members("{\"a\":[1,{\"x\":[\"y\",null]},{}],\"b\":true,\"c\":null,\"d\":[],\"e\":0}"), "a=? b=? c=? d=? e=0 ");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (strcmp(members(wrong[i]), "bad") != 0)
			FAIL("%s is taken", wrong[i]);
	}
	/* As deep as nobody writes it: refused, without a deep stack. */
	char deep[400] = "{\"a\":";
	memset(deep + 5, '[', 300);
	CHECK_TEXT(members(deep), "bad");
}

/* ---------------------------------------------------------------- reading */

/* What a list says, a line for each entry, then what was wrong with it. */
static const char *read_list(const char *data, size_t size, uint32_t format)
{
	struct manifest_source s;
	struct manifest_entry e;
	struct reader r = {0};
	struct err err = {0};
	char *out;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	int32_t rc;

	reader_open_memory(&r, (const uint8_t *)data, size, 1);
	manifest_source_begin(&s, &r, format, SHA256 | BLAKE3);
	while ((rc = manifest_next(&s, NULL, &e, &err)) == 1) {
		fprintf(f, "%s ", word_of_kind(e.kind));
		fwrite(e.path, 1, e.path_len, f);
		if (e.flaws & UNSAFE)
			fprintf(f, " flaws");
		if (e.known & MANIFEST_SIZE)
			fprintf(f, " size %llu", (unsigned long long)e.size);
		if (e.known & MANIFEST_MTIME)
			fprintf(f, " mtime %lld", (long long)e.mtime_ns);
		if (e.known & MANIFEST_DEVICE)
			fprintf(f, " rdev %llu", (unsigned long long)e.rdev);
		if (e.known & MANIFEST_CONTENT)
			fprintf(f, " %s%s%02x%02x", e.digests & SHA256 ? "s" : "", e.digests & BLAKE3 ? "b" : "", e.digest[0],
				e.digest[31]);
		if (e.known & MANIFEST_IDENTITY)
			fprintf(f, " ctime %lld inode %llu", (long long)e.ctime_ns, (unsigned long long)e.inode);
		if (e.target) {
			fprintf(f, " -> ");
			fwrite(e.target, 1, e.target_len, f);
		}
		if (e.error)
			fprintf(f, " !%d", e.error);
		fputc('\n', f);
	}
	if (rc != 0) {
		char text[200];
		CHECK_EQ(rc, CORE_EMANIFEST);
		CHECK_EQ(err.side, 1);
		err_text(&err, text, sizeof text);
		fprintf(f, "! %s\n", text);
	}
	fclose(f);
	manifest_source_end(&s);
	const char *text = check_text("%s", out);
	free(out);
	return text;
}

static const char *read_text(const char *text)
{
	return read_list(text, strlen(text), 0);
}

static void sums(void)
{
	CHECK_TEXT(read_text(H1 "  a\n" H2 " *b c\n"), "file a sb01ef\nfile b c sbffff\n");
	CHECK_TEXT(read_text(H1 "  a"), "file a sb01ef\n");
	CHECK_TEXT(read_text("\xef\xbb\xbf" H1 "  a\r\n\n# note\n" H2 "  ./b//c/\n"), "file a sb01ef\nfile b/c sbffff\n");
	CHECK_TEXT(read_text("\\" H1 "  a\\nb\\\\c\\rd\n"), "file a\nb\\c\rd sb01ef\n");
	CHECK_TEXT(read_text("SHA256 (a (b) = c) = " H1 "\nBLAKE3 (d) = " H2 "\n"), "file a (b) = c s01ef\nfile d bffff\n");
	CHECK_TEXT(read_text("\\SHA256 (a\\nb) = " H1 "\n"), "file a\nb s01ef\n");
	CHECK_TEXT(read_text(H1 "  ../up\n"), "file ../up flaws sb01ef\n");
	CHECK_TEXT(read_text(H1 "  /abs\n"), "file abs flaws sb01ef\n");
	static const char *const wrong[] = {"no list", H1, H1 "  ", H1 " a", "0" H1 "  a", "MD5 (a) = " H1, "\\" H1 "  a\\",
					    "\\" H1 "  a\\q", "g" H1 "  a", H1 "  ./", H1 "  /"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *said = read_text(check_text(H1 "  a\n%s\n", wrong[i]));
		if (strncmp(said, "file a sb01ef\n! read manifest right side: line 2 ", 49) != 0)
			FAIL("%s: %s", wrong[i], said);
	}
	CHECK(strstr(read_text("MD5 (a) = 00\n"), "line 1 has a digest of an algorithm that is not read"));
	CHECK(strstr(read_text("d41d8cd98f00b204e9800998ecf8427e  a\n"), "line 1 has a digest of 32 digits"));
	CHECK_TEXT(read_text(""), "! read manifest right side: it is empty\n");
	CHECK_TEXT(read_list(H1 "  a\n", strlen(H1 "  a\n"), CORE_MANIFEST_SHA256SUM), "file a sb01ef\n");
}

static void hashdeep(void)
{
	static const char head[] = "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## note\n";

	CHECK_TEXT(read_text(check_text("%s12,aa," H1 ",./a,b\n", head)), "file a,b size 12 s01ef\n");
	CHECK_TEXT(read_text(check_text("%s12,aa," H1 "\n", head)), "! read manifest right side: line 4 has too few columns\n");
	CHECK_TEXT(read_text(check_text("%sx,aa," H1 ",a\n", head)), "! read manifest right side: line 4 has a size that is none\n");
	CHECK_TEXT(read_text(check_text("%s99999999999999999999,aa," H1 ",a\n", head)),
		   "! read manifest right side: line 4 has a size that is none\n");
	CHECK_TEXT(read_text(check_text("%s1,aa,zz,a\n", head)), "! read manifest right side: line 4 has a digest that is none\n");
	CHECK_TEXT(read_text(check_text("%s1,aa," H1 ",\n", head)), "! read manifest right side: line 4 has no name\n");
	CHECK_TEXT(read_text("%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n"),
		   "! read manifest right side: a list of hashdeep without SHA-256: hashdeep -c sha256 makes one\n");
	CHECK_TEXT(read_text("%%%% HASHDEEP-1.0\n1,a,b\n"),
		   "! read manifest right side: line 2 stands before the line that names the columns\n");
	CHECK_TEXT(read_text("%%%% HASHDEEP-1.0\n"), "! read manifest right side: it is cut off: no line names its columns\n");
}

#define HEAD "{\"v\":1,\"type\":\"suite-manifest\",\"algorithm\":\"sha256\"}\n"
#define END(n) "{\"v\":1,\"type\":\"end\",\"entries\":" #n "}\n"

static void suite(void)
{
	CHECK_TEXT(read_text(HEAD END(0)), "");
	CHECK_TEXT(read_text(HEAD "{\"path\":\"a\",\"kind\":\"file\",\"size\":3,\"mtime\":\"1970-01-01T00:00:01Z\",\"digest\":\"" H1
				  "\",\"new\":{\"x\":1}}\n" END(1)),
		   "file a size 3 mtime 1000000000 s01ef\n");
	CHECK_TEXT(read_text(HEAD "{\"path_b64\":\"/w==\",\"kind\":\"symlink\",\"target_b64\":\"/g==\"}\n"
				  "{\"v\":1,\"type\":\"note\"}\n"
				  "{\"path\":\"d\",\"kind\":\"char\",\"rdev\":5}\n{\"path\":\"e\",\"kind\":\"door\"}\n"
				  "{\"path\":\"f\",\"kind\":\"file\",\"error\":\"E_PERMISSION\"}\n" END(4)),
		   check_text("symlink \xff -> \xfe\nchar d rdev 5\nunknown e\nfile f !%d\n", CORE_EPERMISSION));
	static const char *const wrong[] = {
		"{}", "{\"path\":\"a\"}", "{\"kind\":\"file\"}", "{\"path\":\"\",\"kind\":\"file\"}", "x", "",
		"{\"path\":\"a\",\"path\":\"b\",\"kind\":\"file\"}", "{\"path\":\"a\",\"path_b64\":\"YQ==\",\"kind\":\"file\"}",
		"{\"path\":1,\"kind\":\"file\"}", "{\"path_b64\":\"Y\",\"kind\":\"file\"}", "{\"path\":\"a\",\"kind\":1}",
		"{\"path\":\"a\",\"kind\":\"file\",\"size\":-1}", "{\"path\":\"a\",\"kind\":\"file\",\"digest\":\"00\"}",
		"{\"path\":\"a\",\"kind\":\"file\",\"mtime\":\"now\"}", END(7), "{\"v\":1,\"type\":\"end\"}",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *said = read_text(check_text(HEAD "{\"path\":\"a\",\"kind\":\"dir\"}\n%s\n" END(2), wrong[i]));
		if (strncmp(said, "dir a\n! read manifest right side: line 3", 40) != 0)
			FAIL("%s: %s", wrong[i], said);
	}
	CHECK_TEXT(read_text(HEAD), "! read manifest right side: it is cut off: its end is missing behind line 1\n");
	CHECK_TEXT(read_text(HEAD END(0) "{\"path\":\"a\",\"kind\":\"dir\"}\n"),
		   "! read manifest right side: line 3 stands behind the end\n");
	CHECK_TEXT(read_text("{\"v\":2,\"type\":\"suite-manifest\",\"algorithm\":\"sha256\"}\n"),
		   "! read manifest right side: a manifest of a version that is not known\n");
	CHECK_TEXT(read_text("{\"v\":1,\"type\":\"suite-manifest\",\"algorithm\":\"md5\"}\n"),
		   "! read manifest right side: digests of a kind that is not known: blake3 or sha256\n");
	CHECK_TEXT(read_text("{\"v\":1,\"type\":\"entry\"}\n"),
		   "! read manifest right side: it is no manifest: its first line does not say so\n");
}

static void long_lines(void)
{
	enum { LONG = MANIFEST_LINE };
	char *text = malloc(LONG + 200);

	CHECK(text);
	memcpy(text, H1 "  ", 66);
	memset(text + 66, 'x', LONG - 66);
	text[LONG] = '\n';
	memcpy(text + LONG + 1, H2 "  b\n", 68);
	const char *said = read_list(text, LONG + 69, 0);
	CHECK(strstr(said, "xxx sb01ef\nfile b sbffff\n"));
	memset(text + LONG, 'y', 1);
	CHECK_TEXT(read_list(text, LONG + 69, 0), "! read manifest right side: line 1 is longer than 1 MiB\n");
	free(text);
}

/* ---------------------------------------------------------------- writing */

static struct manifest_entry file(const char *path)
{
	struct manifest_entry e = {.path = (const uint8_t *)path, .path_len = strlen(path), .kind = CORE_KIND_FILE,
				   .known = MANIFEST_SIZE | MANIFEST_MTIME | MANIFEST_CONTENT, .size = 5,
				   .mtime_ns = 1000000001};

	for (int i = 0; i < MANIFEST_DIGEST; i++)
		e.digest[i] = (uint8_t)(i + 1);
	return e;
}

static const char *written(uint32_t format, const struct manifest_entry *e)
{
	struct buf b = {0};
	int32_t rc = manifest_write(&b, format, e);
	const char *text = rc == 1 ? check_text("%.*s", (int)b.len, (const char *)b.data) : rc == 0 ? "nothing" : "cannot";

	buf_free(&b);
	return text;
}

#define D "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

static void writing(void)
{
	struct manifest_entry e = file("a \"b\"\\\n");

	CHECK_TEXT(written(CORE_MANIFEST_SUITE, &e),
		   "{\"path\":\"a \\\"b\\\"\\\\\\u000a\",\"kind\":\"file\",\"size\":5,\"mtime\":\"1970-01-01T00:00:01.000000001Z\","
		   "\"digest\":\"" D "\"}\n");
	CHECK_TEXT(written(CORE_MANIFEST_SHA256SUM, &e), "\\" D "  a \"b\"\\\\\\n\n");
	CHECK_TEXT(written(CORE_MANIFEST_HASHDEEP, &e), "cannot");
	CHECK(!manifest_can_hold(CORE_MANIFEST_HASHDEEP, &e) && manifest_can_hold(CORE_MANIFEST_B3SUM, &e));
	e = file("b,c");
	CHECK_TEXT(written(CORE_MANIFEST_B3SUM, &e), D "  b,c\n");
	CHECK_TEXT(written(CORE_MANIFEST_HASHDEEP, &e), "5," D ",b,c\n");
	e = file("\xff");
	CHECK(strstr(written(CORE_MANIFEST_SUITE, &e), "{\"path_b64\":\"/w==\","));
	e = (struct manifest_entry){.path = (const uint8_t *)"l", .path_len = 1, .kind = CORE_KIND_SYMLINK,
				    .target = (const uint8_t *)"../x", .target_len = 4};
	CHECK_TEXT(written(CORE_MANIFEST_SUITE, &e), "{\"path\":\"l\",\"kind\":\"symlink\",\"target\":\"../x\"}\n");
	CHECK_TEXT(written(CORE_MANIFEST_SHA256SUM, &e), "nothing");
	e = (struct manifest_entry){.path = (const uint8_t *)"f", .path_len = 1, .kind = CORE_KIND_FILE,
				    .error = CORE_EPERMISSION};
	CHECK_TEXT(written(CORE_MANIFEST_SUITE, &e), "{\"path\":\"f\",\"kind\":\"file\",\"error\":\"E_PERMISSION\"}\n");
	CHECK_TEXT(written(CORE_MANIFEST_HASHDEEP, &e), "nothing");
}

/* Any names at all, in every format that holds them, come back as they were. */
static void round_trips(void)
{
	static const uint32_t formats[] = {CORE_MANIFEST_SUITE, CORE_MANIFEST_SHA256SUM, CORE_MANIFEST_B3SUM,
					   CORE_MANIFEST_HASHDEEP};
	static const char odd[] = "\n\r\\\"\xff\xc3\xa9 *#(),=%\x01\x7f";
	uint64_t rng = 11;
	unsigned held = 0;

	for (unsigned round = 0; round < check_rounds(4000); round++) {
		uint8_t path[24];
		size_t len = 1 + rng_next(&rng) % (sizeof path - 1);
		for (size_t i = 0; i < len; i++)
			path[i] = rng_next(&rng) % 2 ? (uint8_t)odd[rng_next(&rng) % (sizeof odd - 1)]
						     : (uint8_t)('a' + rng_next(&rng) % 26);
		struct manifest_entry e = file("");
		e.path = path;
		e.path_len = len;
		for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
			struct buf b = {0};
			struct manifest_source s;
			struct manifest_entry again;
			struct reader r = {0};
			struct err err;
			if (!manifest_can_hold(formats[k], &e))
				continue;
			held++;
			CHECK_EQ(manifest_write_begin(&b, formats[k], DIGEST_SHA256, 0), 0);
			CHECK_EQ(manifest_write(&b, formats[k], &e), 1);
			CHECK_EQ(manifest_write_end(&b, formats[k], 1), 0);
			reader_open_memory(&r, b.data, b.len, 0);
			manifest_source_begin(&s, &r, 0, SHA256);
			CHECK_EQ(manifest_next(&s, NULL, &again, &err), 1);
			CHECK_EQ(again.path_len, len);
			CHECK(memcmp(again.path, path, len) == 0);
			CHECK_EQ(again.flaws & UNSAFE, 0);
			CHECK(memcmp(again.digest, e.digest, sizeof e.digest) == 0);
			CHECK_EQ(again.digests, SHA256);
			CHECK_EQ(manifest_next(&s, NULL, &again, &err), 0);
			CHECK_EQ(s.parser.format == CORE_MANIFEST_SUMS ? formats[k] : s.parser.format, formats[k]);
			manifest_source_end(&s);
			buf_free(&b);
		}
	}
	CHECK(held > 0);
	CHECK_EQ(mem_bytes(), 0);
}

/* Whatever bytes come, in whatever pieces: an answer, and the same one however they are cut. */
static void any_bytes(void)
{
	static const char *const seeds[] = {HEAD "{\"path\":\"a\",\"kind\":\"file\",\"digest\":\"" H1 "\"}\n" END(1),
					    H1 "  a\n\\" H2 "  b\\nc\n", "SHA256 (a) = " H1 "\n",
					    "%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n1," H1 ",a\n"};
	uint64_t rng = 17;

	for (unsigned round = 0; round < check_rounds(20000); round++) {
		char text[400];
		const char *seed = seeds[rng_next(&rng) % 4];
		size_t len = strlen(seed);
		memcpy(text, seed, len);
		for (uint64_t n = rng_next(&rng) % 4; n > 0; n--)
			text[rng_next(&rng) % len] = (char)rng_next(&rng);
		if (rng_next(&rng) % 4 == 0)
			len = rng_next(&rng) % len;
		read_list(text, len, 0);
	}
}

int main(void)
{
	TEST("hexadecimal digits", hex);
	TEST("base64", base64);
	TEST("times", times);
	TEST("a line of JSON", json);
	TEST("sums", sums);
	TEST("hashdeep", hashdeep);
	TEST("the own format", suite);
	TEST("long lines", long_lines);
	TEST("what is written", writing);
	TEST("what is written is read", round_trips);
	TEST("any bytes", any_bytes);
	return check_end();
}
