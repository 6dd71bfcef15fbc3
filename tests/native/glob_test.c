/* SPDX-License-Identifier: MIT */
/* match/glob and match/filter: the dialect, against a matcher too simple to be wrong. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "match/filter.h"
#include "match/glob.h"

#include <string.h>

static int match(const char *pattern, const char *path)
{
	struct glob *g;

	CHECK_EQ(glob_new(&g, (const uint8_t *)pattern, strlen(pattern), 0), 0);
	int yes = glob_match(g, (const uint8_t *)path, strlen(path));
	glob_del(g);
	return yes;
}

static void vectors(void)
{
	static const struct {
		const char *pattern, *path;
		int yes;
	} v[] = {
		{"a", "a", 1}, {"a", "b", 0}, {"a", "", 0}, {"a", "ab", 0},
		{"*", "", 1}, {"*", "abc", 1}, {"*", "a/b", 0}, {"*.c", "x.c", 1}, {"*.c", ".c", 1}, {"*.c", "x.cc", 0},
		{"?", "a", 1}, {"?", "", 0}, {"?", "/", 0}, {"?", "ab", 0}, {"?", "\xc3\xa4", 1}, {"??", "\xc3\xa4", 0},
		/* Bytes that are no UTF-8 count one each. */
		{"??", "\xc3/", 0}, {"??", "\xff\xfe", 1}, {"?", "\xf0\x9f\x98\x80", 1}, {"*\xff", "a\xff", 1},
		{"[abc]", "b", 1}, {"[abc]", "d", 0}, {"[a-c]x", "bx", 1}, {"[!a-c]", "d", 1}, {"[^a-c]", "b", 0},
		{"[]]", "]", 1}, {"[!]]", "]", 0}, {"[!]]", "a", 1}, {"[a-]", "-", 1}, {"[-a]", "-", 1}, {"[\\]]", "]", 1},
		{"[/]", "/", 0}, {"[!a]", "/", 0}, {"[\xc3\xa4-\xc3\xb6]", "\xc3\xb5", 1}, {"[z-a]", "m", 0},
		{"\\*", "*", 1}, {"\\*", "a", 0}, {"a\\?b", "a?b", 1}, {"a\\b", "ab", 1}, {"\\\\", "\\", 1},
		{"**", "a/b/c", 1}, {"**", "a", 1}, {"**/a", "a", 1}, {"**/a", "x/a", 1}, {"**/a", "x/y/a", 1},
		{"**/a", "xa", 0}, {"**/a", "x/ya", 0}, {"a/**", "a/b", 1}, {"a/**", "a/b/c", 1}, {"a/**", "a", 0},
		{"a/**", "a/", 0}, {"a/**/b", "a/b", 1}, {"a/**/b", "a/x/b", 1}, {"a/**/b", "a/x/y/b", 1},
		{"a/**/b", "ab", 0}, {"a/**/b", "a/xb", 0}, {"a/**/*.c", "a/x/y.c", 1}, {"a/**/*.c", "a/y.c", 1},
		{"**/x/**/y", "x/y", 1}, {"**/x/**/y", "a/x/b/c/y", 1}, {"**/x/**/y", "a/x/b/c/z", 0},
		/* Only as a whole part: elsewhere they are one star. */
		{"a**b", "axxb", 1}, {"a**b", "a/b", 0}, {"a**/b", "ax/b", 1}, {"a**/b", "a/x/b", 0}, {"***", "a/b", 1},
		{"a/*/b", "a/x/b", 1}, {"a/*/b", "a/b", 0}, {"a/*/b", "a//b", 1},
		{"\n", "\n", 1}, {"a b", "a b", 1},
	};

	for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
		if (match(v[i].pattern, v[i].path) != v[i].yes)
			FAIL("'%s' and '%s' should%s match", v[i].pattern, v[i].path, v[i].yes ? "" : " not");
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* The same dialect by trying everything, for letters, slashes and the signs * ? alone. */
static int naive(const char *p, const char *s, int part_start)
{
	if (part_start && p[0] == '*' && p[1] == '*' && (p[2] == '/' || p[2] == '\0')) {
		if (p[2] == '\0')
			return *s != '\0';
		if (naive(p + 3, s, 1))
			return 1;
		const char *slash = strchr(s, '/');
		return slash && slash != s && naive(p, slash + 1, 1);
	}
	if (*p == '\0')
		return *s == '\0';
	if (*p == '*')
		return naive(p + 1, s, 0) || (*s != '\0' && *s != '/' && naive(p, s + 1, 0));
	if (*s == '\0' || (*p == '?' ? *s == '/' : *p != *s))
		return 0;
	return naive(p + 1, s + 1, *p == '/');
}

static void against_naive(void)
{
	static const char signs[] = "aab**?//";
	unsigned rounds = check_rounds(300000);
	unsigned matched = 0;

	for (uint64_t seed = 1; seed <= rounds; seed++) {
		uint64_t rng = seed;
		char pattern[13], path[13];
		size_t n = 1 + rng_next(&rng) % 12, m = rng_next(&rng) % 13;
		for (size_t i = 0; i < n; i++)
			pattern[i] = signs[rng_next(&rng) % 8];
		pattern[n] = '\0';
		for (size_t i = 0; i < m; i++)
			path[i] = "aab/"[rng_next(&rng) % 4];
		path[m] = '\0';
		/* Three stars and more, and a part that is empty before `**`, are where the two differ in words only. */
		if (strstr(pattern, "***") || strstr(pattern, "//") || strstr(path, "//") || path[0] == '/')
			continue;
		int want = naive(pattern, path, 1);
		matched += (unsigned)want;
		if (match(pattern, path) != want)
			FAIL("seed %llu: '%s' and '%s' should%s match", (unsigned long long)seed, pattern, path,
			     want ? "" : " not");
	}
	check_note("%u patterns, %u matched", rounds, matched);
	CHECK(matched > rounds / 50);
}

static void refuses(void)
{
	static const char *const wrong[] = {"", "[", "[a", "[!", "[]", "a\\", "[\\", "[a-\\"};
	struct glob *g = NULL;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		CHECK_EQ(glob_new(&g, (const uint8_t *)wrong[i], strlen(wrong[i]), 0), CORE_EUSAGE);
	uint8_t longest[GLOB_TOKENS * 4 + 1];
	memset(longest, 'a', sizeof longest);
	CHECK_EQ(glob_new(&g, longest, GLOB_TOKENS, 0), 0);
	glob_del(g);
	CHECK_EQ(glob_new(&g, longest, GLOB_TOKENS + 1, 0), CORE_EUSAGE);
	CHECK_EQ(glob_new(&g, longest, sizeof longest, 0), CORE_EUSAGE);
	for (uint64_t n = 1; n <= 3; n++) {
		mem_fail_at(n);
		CHECK_EQ(glob_new(&g, (const uint8_t *)"a*", 2, 0), CORE_EMEMORY);
	}
	mem_fail_at(0);
	CHECK_EQ(mem_bytes(), 0);
}

/* A backtracking matcher would not end within the time limit of the test. */
static void never_explodes(void)
{
	char pattern[513], path[4097];

	for (size_t i = 0; i < 256; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	pattern[512] = '\0';
	memset(path, 'a', 4096);
	path[4095] = 'b';
	path[4096] = '\0';
	CHECK_EQ(match(pattern, path), 0);
	for (size_t i = 0; i + 5 <= 500; i += 5)
		memcpy(pattern + i, "**/a/", 5);
	pattern[500] = 'b';
	pattern[501] = '\0';
	for (size_t i = 0; i < 4096; i++)
		path[i] = i % 2 ? '/' : 'a';
	CHECK_EQ(match(pattern, path), 0);
}

static int add(core_filter *f, uint32_t include, const char *pattern)
{
	return core_filter_add(f, include, (const uint8_t *)pattern, strlen(pattern));
}

static enum filter_verdict decide(const core_filter *f, const char *path, uint8_t kind)
{
	const char *slash = strrchr(path, '/');

	return filter_decide(f, (const uint8_t *)path, strlen(path), slash ? (size_t)(slash + 1 - path) : 0, kind);
}

static void filters(void)
{
	core_filter *f;

	CHECK_EQ(core_filter_new(&f), 0);
	CHECK_EQ(decide(f, "a/b", CORE_KIND_FILE), FILTER_KEEP);
	CHECK_EQ(add(f, 0, "*.o"), 0);
	CHECK_EQ(filter_names_only(f), 1);
	CHECK_EQ(add(f, 0, "/build"), 0);
	CHECK_EQ(add(f, 0, "tmp/"), 0);
	CHECK_EQ(add(f, 0, "doc/*.txt"), 0);
	CHECK_EQ(filter_names_only(f), 0);
	CHECK_EQ(decide(f, "x/y.o", CORE_KIND_FILE), FILTER_SKIP);
	CHECK_EQ(decide(f, "build", CORE_KIND_DIR), FILTER_SKIP);
	CHECK_EQ(decide(f, "x/build", CORE_KIND_DIR), FILTER_KEEP);
	CHECK_EQ(decide(f, "x/tmp", CORE_KIND_DIR), FILTER_SKIP);
	CHECK_EQ(decide(f, "x/tmp", CORE_KIND_FILE), FILTER_KEEP);
	CHECK_EQ(decide(f, "doc/a.txt", CORE_KIND_FILE), FILTER_SKIP);
	CHECK_EQ(decide(f, "x/doc/a.txt", CORE_KIND_FILE), FILTER_KEEP);
	CHECK_EQ(add(f, 1, "*.c"), 0);
	CHECK_EQ(decide(f, "x/a.c", CORE_KIND_FILE), FILTER_KEEP);
	CHECK_EQ(decide(f, "x/a.h", CORE_KIND_FILE), FILTER_SKIP);
	CHECK_EQ(decide(f, "x", CORE_KIND_DIR), FILTER_WALK);
	CHECK_EQ(add(f, 0, "[a"), CORE_EUSAGE);
	CHECK_EQ(add(f, 0, ""), CORE_EUSAGE);
	core_filter_del(f);
	core_filter_del(NULL);
	CHECK_EQ(mem_bytes(), 0);
}

static void filter_limit(void)
{
	core_filter *f;

	CHECK_EQ(core_filter_new(&f), 0);
	for (int i = 0; i < 10000; i++)
		CHECK_EQ(add(f, 0, "a"), 0);
	CHECK_EQ(add(f, 0, "a"), CORE_ELIMIT);
	core_filter_del(f);
}

int main(void)
{
	TEST("C-64 glob vectors", vectors);
	TEST("C-64 glob agrees with a naive matcher", against_naive);
	TEST("C-64 glob refuses what is none", refuses);
	TEST("C-64 glob takes no more than pattern times path steps", never_explodes);
	TEST("C-64 filter rules", filters);
	TEST("C-64 filter limit", filter_limit);
	return check_end();
}
