/* SPDX-License-Identifier: MIT */
/* match/ignore and match/wild: the rules of gitignore(5), as git 2.39 was seen to apply them. */
#include "base/alloc.h"
#include "check.h"
#include "core.h"
#include "match/ignore.h"
#include "match/wild.h"

#include <stdlib.h>
#include <string.h>

/* What the last rule that matches does with a path: '-' ignored, '+' kept, ' ' nothing. A slash at its end: a directory. */
static char decide(const char *text, size_t text_len, int fold, const char *path)
{
	struct ignore *g;
	uint32_t line;
	size_t len = strlen(path);
	int is_dir = len > 0 && path[len - 1] == '/';

	len -= (size_t)is_dir;
	CHECK_EQ(ignore_new(&g, (const uint8_t *)text, text_len, fold, &line), 0);
	size_t name = len;
	while (name > 0 && path[name - 1] != '/')
		name--;
	const struct ignore_rule *r = ignore_find(g, (const uint8_t *)path, len, name, is_dir);
	char out = !r ? ' ' : r->keeps ? '+' : '-';
	ignore_del(g);
	return out;
}

static void vectors(void)
{
	static const struct {
		const char *text, *path;
		char want;
	} v[] = {
		{"a", "a", '-'}, {"a", "x/a", '-'}, {"a", "ab", ' '}, {"a/", "a", ' '}, {"a/", "a/", '-'}, {"/a", "a", '-'},
		{"/a", "x/a", ' '}, {"x/a", "x/a", '-'}, {"x/a", "y/x/a", ' '}, {"*.c", "x/y.c", '-'}, {"*.c", ".c", '-'},
		{"*.c", "c", ' '}, {"a*", "abc", '-'}, {"?", "\xc3\xa4", ' '}, {"??", "\xc3\xa4", '-'},
		/* Comments, spaces, line ends, byte order marks. */
		{"#a", "#a", ' '}, {"\\#a", "#a", '-'}, {"\\!a", "!a", '-'}, {"a ", "a", '-'}, {"a\\ ", "a ", '-'},
		{"a\t", "a", ' '}, {"a\t", "a\t", '-'}, {"a\r\nb\r", "a", '-'}, {"a\r\nb\r", "b", '-'}, {"\xef\xbb\xbf" "a", "a", '-'},
		{"a \\", "a ", ' '}, {"\n\n  \n", "a", ' '}, {"!", "a", ' '}, {"/", "a/", ' '},
		/* The last one that matches. */
		{"a\n!a", "a", '+'}, {"!a\na", "a", '-'}, {"*\n!a\nb", "a", '+'}, {"*\n!a\nb", "b", '-'}, {"a\n!a/", "a", '-'},
		{"a\n!a/", "a/", '+'}, {"a\n*.a\n!b.a\nb.a", "b.a", '-'},
		/* Stars. */
		{"**/a", "a", '-'}, {"**/a", "x/y/a", '-'}, {"a/**", "a/", ' '}, {"a/**", "a/x/y", '-'}, {"a/**/b", "a/b", '-'},
		{"a/**/b", "a/x/y/b", '-'}, {"a**b", "axb", '-'}, {"x/a**b", "x/a/b", ' '}, {"*/a", "x/a", '-'}, {"*/a", "a", ' '},
		{"a/*", "a/b/c", ' '}, {"**", "a", '-'}, {"/**", "a/b", '-'}, {"a**/b", "a/b", '-'}, {"a**/b", "ax/b", '-'},
		/* Behind the fixed part of a pattern two stars begin it: so git sees `a` and then any directories. */
		{"a**/b", "axx/y/b", '-'}, {"*a**/b", "xa/y/b", ' '},
		/* Sets. */
		{"[ab]", "a", '-'}, {"[!ab]", "c", '-'}, {"[^ab]", "a", ' '}, {"[a", "[a", ' '}, {"[]]", "]", '-'},
		{"[!]]", "]", ' '}, {"[b-a]", "b", '-'}, {"[b-a]", "a", ' '}, {"[[:alpha:]]", "x", '-'}, {"[[:foo:]x]", "x", ' '},
		{"[[:alpha]", ":", '-'}, {"[\\]]", "]", '-'}, {"[\\a-c]", "b", '-'}, {"[a-\\c]", "c", '-'}, {"[--0]", "/", ' '},
		{"[--0]", ".", '-'}, {"[[:space:]]", "\v", ' '}, {"[[:cntrl:]]", "\177", '-'}, {"[[:punct:]]", "~", '-'},
		{"x[/]a", "x/a", ' '}, {"x/[!a]", "x/b", '-'}, {"[[:upper:]]", "a", ' '},
		/* Braces are letters; a backslash at the end matches nothing. */
		{"{a,b}", "a", ' '}, {"{a,b}", "{a,b}", '-'}, {"a\\", "a", ' '}, {"a\\", "a\\", ' '}, {"a\\*", "a*", '-'},
		{"a\\*", "ab", ' '},
	};

	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		char have = decide(v[i].text, strlen(v[i].text), 0, v[i].path);
		if (have != v[i].want)
			FAIL("\"%s\" does '%c' with %s, not '%c'", v[i].text, have, v[i].path, v[i].want);
	}
	/* A line ends at a NUL. */
	CHECK_EQ(decide("a\0b\nc", 5, 0, "a"), '-');
	CHECK_EQ(decide("a\0b\nc", 5, 0, "c"), '-');
	CHECK_EQ(mem_bytes(), 0);
}

static void folded(void)
{
	CHECK_EQ(decide("FOO", 3, 1, "foo"), '-');
	CHECK_EQ(decide("*.C", 3, 1, "x.c"), '-');
	CHECK_EQ(decide("x/A", 3, 1, "X/a"), '-');
	CHECK_EQ(decide("[A-C]", 5, 1, "b"), '-');
	CHECK_EQ(decide("[[:upper:]]", 11, 1, "b"), '-');
	/* A capital that stands alone in a set, or behind a backslash, matches nothing. */
	CHECK_EQ(decide("[A]", 3, 1, "a"), ' ');
	CHECK_EQ(decide("\\A?", 3, 1, "ab"), ' ');
	CHECK_EQ(decide("FOO", 3, 0, "foo"), ' ');
}

static void rule_and_line(void)
{
	static const char text[] = "# none\n\n  \n!keep  \n/x/*.o/\n";
	struct ignore *g;
	uint32_t line;
	size_t len;

	CHECK_EQ(ignore_new(&g, (const uint8_t *)text, sizeof text - 1, 0, &line), 0);
	const struct ignore_rule *r = ignore_find(g, (const uint8_t *)"x/a.o", 5, 2, 1);
	CHECK(r && r->line == 5 && !r->keeps);
	CHECK(memcmp(ignore_text(g, r, &len), "/x/*.o/", 7) == 0 && len == 7);
	r = ignore_find(g, (const uint8_t *)"keep", 4, 0, 0);
	CHECK(r && r->line == 4 && r->keeps);
	CHECK(memcmp(ignore_text(g, r, &len), "!keep", 5) == 0 && len == 5);
	ignore_del(g);
}

static void limits(void)
{
	const size_t len = 4 * WILD_TOKENS;
	uint8_t *text = malloc(len);
	struct ignore *g;
	uint32_t line;

	CHECK(text);
	memset(text, '?', len);
	memcpy(text, "a\n*", 3);
	CHECK_EQ(ignore_new(&g, text, len, 0, &line), CORE_ELIMIT);
	CHECK_EQ(line, 2);
	/* The longest pattern there may be, against the worst text. */
	for (size_t i = 0; i < WILD_TOKENS; i++)
		text[i] = i % 2 ? 'a' : '*';
	CHECK_EQ(ignore_new(&g, text, WILD_TOKENS, 0, &line), 0);
	memset(text + WILD_TOKENS, 'a', 4096);
	CHECK(!ignore_find(g, text + WILD_TOKENS, 4095, 0, 0));
	CHECK(ignore_find(g, text + WILD_TOKENS, 4096, 0, 0) != NULL);
	ignore_del(g);
	/* Many directories, or none, in a row. */
	for (size_t i = 0; i < 3000; i++)
		text[i] = (uint8_t)"**/"[i % 3];
	text[3000] = 'y';
	CHECK_EQ(ignore_new(&g, text, 3001, 0, &line), 0);
	CHECK(ignore_find(g, (const uint8_t *)"x/y", 3, 2, 1) != NULL);
	ignore_del(g);
	free(text);
}

/* 16,000 rules cost what they hold, and no more. */
static void many_rules(void)
{
	enum { RULES = 16000 };
	char *text = malloc(RULES * 16);
	struct ignore *g;
	uint32_t line;
	size_t len = 0;

	CHECK(text);
	for (int i = 0; i < RULES; i++) {
		const char *rule = check_text(i % 2 ? "name-%d\n" : "dir/*-%d\n", i);
		memcpy(text + len, rule, strlen(rule));
		len += strlen(rule);
	}
	CHECK_EQ(ignore_new(&g, (const uint8_t *)text, len, 0, &line), 0);
	CHECK_EQ(ignore_count(g), RULES);
	CHECK(mem_bytes() < 8 << 20);
	CHECK(ignore_find(g, (const uint8_t *)"x/name-777", 10, 2, 0) != NULL);
	CHECK(ignore_find(g, (const uint8_t *)"dir/x-778", 9, 4, 0) != NULL);
	CHECK(!ignore_find(g, (const uint8_t *)"name-778", 8, 0, 0));
	ignore_del(g);
	free(text);
}

static void without_memory(void)
{
	static const char text[] = "a\n*.c\nx/[a-z]*\n?b\n";
	struct ignore *g;
	uint32_t line;

	for (uint64_t n = 1;; n++) {
		mem_fail_at(n);
		int32_t rc = ignore_new(&g, (const uint8_t *)text, sizeof text - 1, 0, &line);
		mem_fail_at(0);
		if (rc == 0)
			break;
		CHECK_EQ(rc, CORE_EMEMORY);
		CHECK_EQ(mem_bytes(), 0);
	}
	ignore_del(g);
	CHECK_EQ(mem_bytes(), 0);
}

int main(void)
{
	TEST("FX-05 ignore rules as git has them", vectors);
	TEST("ignore rules where case does not count", folded);
	TEST("ignore rules by line and text", rule_and_line);
	TEST("FX-09 ignore patterns at their limits", limits);
	TEST("FX-12 ignore files with many rules", many_rules);
	TEST("ignore without memory", without_memory);
	return check_end();
}
