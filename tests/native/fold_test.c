/* SPDX-License-Identifier: MIT */
/* match/fold: which names are one name where case or normal form does not count. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "match/fold.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { BOTH = FOLD_CASE | FOLD_NORMAL };

static struct buf key_of(const void *name, size_t len, unsigned how)
{
	struct fold f = {.how = how};
	struct buf key = {0};

	CHECK_EQ(fold_key(&f, &key, name, len), 0);
	fold_free(&f);
	return key;
}

static int same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static int same(const char *a, const char *b, unsigned how)
{
	struct buf x = key_of(a, strlen(a), how), y = key_of(b, strlen(b), how);
	int one = same_bytes(&x, &y);

	buf_free(&x);
	buf_free(&y);
	return one;
}

static void case_alone(void)
{
	CHECK(same("README.md", "readme.MD", FOLD_CASE));
	CHECK(!same("README.md", "readme.MD", FOLD_NORMAL));
	CHECK(!same("a[", "A{", FOLD_CASE));
	CHECK(!same("@", "`", FOLD_CASE));
	/* Full folding: one letter may become two. */
	CHECK(same("stra\xc3\x9f" "e", "STRASSE", FOLD_CASE));
	CHECK(same("gro\xe1\xba\x9e", "GROSS", FOLD_CASE));
	CHECK(same("\xef\xac\x81n", "FIN", FOLD_CASE));
	/* The three sigmas; the Kelvin sign; long s. */
	CHECK(same("\xcf\x83\xcf\x82", "\xce\xa3\xce\xa3", FOLD_CASE));
	CHECK(same("\xe2\x84\xaa", "k", FOLD_CASE));
	CHECK(same("\xc5\xbf", "S", FOLD_CASE));
	/* Cherokee folds to its capitals, Georgian to its small letters. */
	CHECK(same("\xea\xad\xb0", "\xe1\x8e\xa0", FOLD_CASE));
	CHECK(same("\xe1\xb2\x90", "\xe1\x83\x90", FOLD_CASE));
	/* Of no language: I is i, and the Turkish letters are others. */
	CHECK(same("I", "i", FOLD_CASE));
	CHECK(!same("\xc4\xb1", "i", FOLD_CASE));
	CHECK(!same("\xc4\xb0", "i", FOLD_CASE));
	/* Normal form counts still. */
	CHECK(!same("\xc3\xa9", "e\xcc\x81", FOLD_CASE));
}

static void normal_form_alone(void)
{
	CHECK(same("caf\xc3\xa9", "cafe\xcc\x81", FOLD_NORMAL));
	CHECK(!same("caf\xc3\x89", "cafe\xcc\x81", FOLD_NORMAL));
	CHECK(same("\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", FOLD_NORMAL));
	/* One character in two places of Unicode: ångström. */
	CHECK(same("\xe2\x84\xab", "\xc3\x85", FOLD_NORMAL));
	/* Marks above and below in any order; two above in theirs. */
	CHECK(same("a\xcc\x80\xcc\xa3", "a\xcc\xa3\xcc\x80", FOLD_NORMAL));
	CHECK(!same("a\xcc\x80\xcc\x81", "a\xcc\x81\xcc\x80", FOLD_NORMAL));
	/* Compatibility is no equivalence: a ligature, a superscript. */
	CHECK(!same("\xef\xac\x81", "fi", FOLD_NORMAL));
	CHECK(!same("x\xc2\xb2", "x2", FOLD_NORMAL));
}

static void both(void)
{
	CHECK(same("CAF\xc3\x89", "cafe\xcc\x81", BOTH));
	CHECK(same("\xe1\xba\x9b", "s\xcc\x87", BOTH));
	/* Iota below becomes a letter when it is folded, wherever it stood among the marks. */
	CHECK(same("\xce\x91\xcd\x85\xcc\x81", "\xce\x91\xcc\x81\xcd\x85", BOTH));
	CHECK(same("\xe1\xbe\xb4", "\xce\x86\xce\x99", BOTH));
}

static void no_text(void)
{
	static const char *const names[] = {
		"\xff", "\xc3", "\x80", "a\377b", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xe2\x82\xc3", "\xff\xff",
	};
	for (unsigned how = 0; how <= BOTH; how++) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			struct buf key = key_of(names[i], strlen(names[i]), how);
			CHECK_EQ(key.len, strlen(names[i]));
			CHECK(memcmp(key.data, names[i], key.len) == 0);
			buf_free(&key);
		}
	}
	/* What is text around them is folded. */
	CHECK(same("\xff" "A\xff\xc3\x89", "\xff" "a\xff\xc3\xa9", FOLD_CASE));
	CHECK(!same("\xff" "A\xff", "\xfe" "a\xff", FOLD_CASE));
	CHECK(same("\xe2\x82\xc3\x89", "\xe2\x82\xc3\xa9", FOLD_CASE));
	/* A mark does not move over them. */
	CHECK(!same("a\xcc\x80\xff\xcc\xa3", "a\xcc\xa3\xff\xcc\x80", FOLD_NORMAL));
	struct buf empty = key_of("", 0, BOTH);
	CHECK_EQ(empty.len, 0);
	buf_free(&empty);
	/* A NUL is a byte like others, though names hold none. */
	struct buf nul = key_of("A\0B", 3, FOLD_CASE);
	CHECK_EQ(nul.len, 3);
	CHECK(memcmp(nul.data, "a\0b", 3) == 0);
	buf_free(&nul);
}

/* The key of each code point is its own key, and that of its decomposition. */
static void every_point(void)
{
	for (unsigned how = 1; how <= BOTH; how++) {
		struct fold f = {.how = how};
		struct buf key = {0}, again = {0}, apart = {0};
		unsigned folded = 0;
		for (int32_t c = 1; c < 0x110000; c++) {
			uint8_t name[8], nul[8] = {0};
			if (!utf8proc_codepoint_valid(c))
				continue;
			size_t len = (size_t)utf8proc_encode_char(c, name);
			key.len = again.len = apart.len = 0;
			CHECK_EQ(fold_key(&f, &key, name, len), 0);
			CHECK(key.len > 0);
			CHECK_EQ(fold_key(&f, &again, key.data, key.len), 0);
			if (!same_bytes(&key, &again))
				FAIL("the key of U+%04X has another key", (unsigned)c);
			folded += key.len != len || memcmp(key.data, name, len) != 0;
			if (!(how & FOLD_NORMAL) || c % 7 != 0)
				continue;
			memcpy(nul, name, len);
			utf8proc_uint8_t *nfd = utf8proc_NFD(nul);
			CHECK(nfd);
			CHECK_EQ(fold_key(&f, &apart, nfd, strlen((char *)nfd)), 0);
			free(nfd);
			if (!same_bytes(&key, &apart))
				FAIL("U+%04X decomposed has another key", (unsigned)c);
		}
		/* CaseFolding.txt of Unicode 17 has over 1,500 that count; some 2,000 decompose, and the syllables of Hangul. */
		CHECK(folded > (how & FOLD_NORMAL ? 12000u : 1450u));
		fold_free(&f);
		buf_free(&key);
		buf_free(&again);
		buf_free(&apart);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* More marks than a name has room for, in any order, come out by their class and otherwise as they were. */
static void many_marks(void)
{
	static const char *const marks[] = {"\xcc\x80", "\xcc\x81", "\xcc\xa3", "\xcc\xb8", "\xd6\xb0", "\xcd\x85", "\xe3\x82\x99"};
	uint64_t rng = 77;
	char a[4096] = "x", b[4096] = "x";

	for (unsigned round = 0; round < check_rounds(200); round++) {
		unsigned count[7] = {0}, n = (unsigned)(rng_next(&rng) % 300);
		size_t len = 1;
		for (unsigned i = 0; i < n; i++) {
			unsigned k = (unsigned)(rng_next(&rng) % 7);
			/* Of one class, so in their order: one of the two alone. */
			k = k == 1 ? 0 : k;
			count[k]++;
			memcpy(a + len, marks[k], strlen(marks[k]));
			len += strlen(marks[k]);
		}
		a[len] = '\0';
		/* In the order of their classes: 1, 8, 10, 220, 230, 240. */
		static const unsigned by_class[] = {3, 6, 4, 2, 0, 5};
		len = 1;
		for (unsigned k = 0; k < 6; k++) {
			for (unsigned i = 0; i < count[by_class[k]]; i++) {
				memcpy(b + len, marks[by_class[k]], strlen(marks[by_class[k]]));
				len += strlen(marks[by_class[k]]);
			}
		}
		b[len] = '\0';
		CHECK(same(a, b, FOLD_NORMAL));
		CHECK(same(a, b, BOTH));
	}
}

static void no_memory(void)
{
	static const char name[] = "Caf\xc3\x89 \xe1\xbe\xb4 \xff";
	unsigned failed = 0;

	for (uint64_t nth = 1;; nth++) {
		struct fold f = {.how = BOTH};
		struct buf key = {0};
		core_test_fail_alloc(nth);
		int32_t rc = fold_key(&f, &key, (const uint8_t *)name, sizeof name - 1);
		core_test_fail_alloc(0);
		fold_free(&f);
		buf_free(&key);
		CHECK_EQ(mem_bytes(), 0);
		if (rc == 0)
			break;
		CHECK_EQ(rc, CORE_EMEMORY);
		failed++;
	}
	CHECK(failed >= 3);
}

int main(void)
{
	TEST("C-77 fold letter case", case_alone);
	TEST("C-77 fold normal form", normal_form_alone);
	TEST("C-77 fold both", both);
	TEST("C-77 fold bytes that are no text", no_text);
	TEST("C-77 fold every code point", every_point);
	TEST("C-77 fold many marks", many_marks);
	TEST("C-77 fold without memory", no_memory);
	return check_end();
}
