/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an ignore file, and a path to hold against it: what the rules
 * do does not depend on the order in which they are looked for, and a rule
 * that is told is one of the text.
 *
 * An input is a byte of flags, the length of the path, the path, the file.
 */
#include "match/ignore.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHECK(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ignore *g;
	uint32_t line;

	if (len < 2 || len > 1 << 16 || data[1] == 0 || data[1] > len - 2)
		return 0;
	int fold = data[0] & 1, is_dir = data[0] >> 1 & 1;
	const uint8_t *path = data + 2, *text = path + data[1];
	size_t path_len = data[1], name = path_len, text_len = len - 2 - path_len, rule_len;
	while (name > 0 && path[name - 1] != '/')
		name--;
	if (name == path_len)
		return 0;
	if (ignore_new(&g, text, text_len, fold, &line) != 0) {
		CHECK(line > 0);
		return 0;
	}
	const struct ignore_rule *r = ignore_find(g, path, path_len, name, is_dir);
	CHECK(r == ignore_find(g, path, path_len, name, is_dir));
	if (r) {
		const uint8_t *rule = ignore_text(g, r, &rule_len);
		CHECK(rule_len > 0 && rule_len <= text_len && r->line > 0);
		CHECK(r->keeps == (rule[0] == '!'));
		/* What matches a file matches a directory of that name too. */
		CHECK(is_dir || ignore_find(g, path, path_len, name, 1) != NULL);
		/* Alone, the rule does the same. */
		struct ignore *one;
		CHECK(ignore_new(&one, rule, rule_len, fold, &line) == 0);
		/* A byte order mark or spaces in front were part of a line once. */
		const struct ignore_rule *alone = ignore_find(one, path, path_len, name, is_dir);
		CHECK((alone && alone->keeps == r->keeps) || (rule_len >= 3 && memcmp(rule, "\xef\xbb\xbf", 3) == 0) ||
		      rule[rule_len - 1] == '\r' || rule[0] == '#');
		ignore_del(one);
	}
	ignore_del(g);
	return 0;
}
