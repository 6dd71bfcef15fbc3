/* SPDX-License-Identifier: MIT */
/* utf8proc: composes, decomposes and folds, and takes only what is UTF-8. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static void is(utf8proc_uint8_t *have, const char *want)
{
	CHECK(have);
	CHECK_TEXT((const char *)have, want);
	free(have);
}

static void normal_forms(void)
{
	const utf8proc_uint8_t *composed = (const utf8proc_uint8_t *)"\xc3\xa9 \xea\xb0\x81";
	const utf8proc_uint8_t *decomposed = (const utf8proc_uint8_t *)"e\xcc\x81 \xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8";

	is(utf8proc_NFC(decomposed), (const char *)composed);
	is(utf8proc_NFD(composed), (const char *)decomposed);
	is(utf8proc_NFKC((const utf8proc_uint8_t *)"\xef\xac\x81"), "fi");
}

static void folding(void)
{
	utf8proc_uint8_t *out;

	CHECK(utf8proc_map((const utf8proc_uint8_t *)"GRO\xe1\xba\x9e", 0, &out,
			   UTF8PROC_NULLTERM | UTF8PROC_CASEFOLD) > 0);
	is(out, "gross");
}

static void what_is_no_text(void)
{
	utf8proc_int32_t point;

	CHECK_EQ(utf8proc_iterate((const utf8proc_uint8_t *)"\xf0\x9f\x98\x80", 4, &point), 4);
	CHECK_EQ(point, 0x1f600);
	CHECK_EQ(utf8proc_iterate((const utf8proc_uint8_t *)"\xc0\x80", 2, &point), UTF8PROC_ERROR_INVALIDUTF8);
	CHECK_EQ(utf8proc_iterate((const utf8proc_uint8_t *)"\xed\xa0\x80", 3, &point), UTF8PROC_ERROR_INVALIDUTF8);
}

int main(void)
{
	TEST("normal forms", normal_forms);
	TEST("case folding", folding);
	TEST("what is no UTF-8", what_is_no_text);
	return check_end();
}
