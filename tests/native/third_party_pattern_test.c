/* SPDX-License-Identifier: MIT */
/* PCRE2: a pattern that is compiled to machine code finds what the interpreter finds. */
#include "check.h"

#include <pcre2.h>
#include <string.h>

static const char subject[] = "xx \xc5\xbc\xc3\xb3\xc5\x82w 2026-11-20 abc";

static pcre2_code *compile(const char *pattern)
{
	PCRE2_SIZE at;
	int error;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &at,
					 NULL);

	CHECK(code);
	return code;
}

static void jit(void)
{
	pcre2_code *code = compile("(?<year>\\d{4})-(\\d\\d)-(\\d\\d)");
	pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
	uint32_t available = 0;
	size_t size = 0;

	CHECK_EQ(pcre2_config(PCRE2_CONFIG_JIT, &available), 0);
	CHECK_EQ(available, 1);
	CHECK(match);
	CHECK_EQ(pcre2_match(code, (PCRE2_SPTR)subject, sizeof subject - 1, 0, PCRE2_NO_JIT, match, NULL), 4);
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(match);
	CHECK_EQ(found[0], strstr(subject, "2026") - subject);
	CHECK_EQ(found[1] - found[0], 10);

	CHECK_EQ(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE), 0);
	CHECK_EQ(pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &size), 0);
	CHECK(size > 0);
	CHECK_EQ(pcre2_jit_match(code, (PCRE2_SPTR)subject, sizeof subject - 1, 0, 0, match, NULL), 4);
	CHECK_EQ(found[0], strstr(subject, "2026") - subject);
	CHECK_EQ(found[5] - found[4], 2);
	CHECK_EQ(pcre2_jit_match(code, (PCRE2_SPTR)"none", 4, 0, 0, match, NULL), PCRE2_ERROR_NOMATCH);
	pcre2_match_data_free(match);
	pcre2_code_free(code);
}

/* \w with Unicode properties, and a letter beyond ASCII in the other case. */
static void unicode(void)
{
	pcre2_code *code = compile("(?i)\\b\xc5\xbb\\w+\\b");
	pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);

	CHECK(match);
	CHECK_EQ(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE), 0);
	CHECK_EQ(pcre2_jit_match(code, (PCRE2_SPTR)subject, sizeof subject - 1, 0, 0, match, NULL), 1);
	CHECK_EQ(pcre2_get_ovector_pointer(match)[0], 3);
	CHECK_EQ(pcre2_get_ovector_pointer(match)[1], 10);
	pcre2_match_data_free(match);
	pcre2_code_free(code);
}

int main(void)
{
	TEST("just in time", jit);
	TEST("Unicode", unicode);
	return check_end();
}
