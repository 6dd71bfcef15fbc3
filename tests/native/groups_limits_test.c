/* SPDX-License-Identifier: MIT */
/* compare/groups where something is short: descriptors, memory for contents, room in the ring. */
#include "check.h"
#include "files.h"
#include "groups.h"
#include "pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

static struct grouped once(const struct core_source *sources, uint32_t n, const struct grouping *how)
{
	core_pump *pump;

	CHECK_EQ(core_pump_new(&pump), 0);
	struct grouped out = groups_run(pump, sources, n, how);
	core_pump_del(pump);
	return out;
}

static void descriptors(rlim_t n)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = n;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
}

/* More files than descriptors, of which none can be kept open. */
static void few_descriptors(void)
{
	enum { N = 400 };
	static struct core_source s[N];
	uint8_t *noise = files_noise(2, 3 * CHUNK);

	files_mkdir(at("few"));
	for (unsigned i = 0; i < N; i++) {
		const char *path = at(check_text("few/%u", i));
		noise[2 * CHUNK] = (uint8_t)(i % 7);
		files_write(path, noise, 3 * CHUNK);
		s[i] = runs_path(path);
	}
	free(noise);
	static const rlim_t limits[] = {1024, 64, 24};
	char *want = NULL;
	for (unsigned i = 0; i < 3; i++) {
		descriptors(limits[i]);
		for (uint64_t seed = 1; seed <= check_rounds(10); seed++) {
			pool_test_begin(seed);
			const struct grouping how = {.chunk = CHUNK, .jobs = (uint32_t)(seed % 4)};
			struct grouped g = once(s, N, &how);
			pool_test_end();
			CHECK_EQ(g.sum.groups, 7);
			CHECK_EQ(g.sum.bytes_read, N * 3 * CHUNK);
			if (want)
				CHECK(strcmp(g.text, want) == 0);
			else
				want = strdup(g.text);
			free(g.text);
			runs_clean(0);
		}
	}
	CHECK_EQ(pool_start(), 0);
	for (unsigned i = 0; i < check_rounds(20); i++) {
		const struct grouping how = {.chunk = CHUNK};
		struct grouped g = once(s, N, &how);
		CHECK_TEXT(g.text, want);
		free(g.text);
	}
	free(want);
	runs_settle();
}

/* Descriptors that others hold until the end: what cannot be opened is unknown, and the rest is right. */
static void no_descriptors(void)
{
	struct core_source s[3];
	uint8_t *noise = files_noise(2, 9 * CHUNK);
	int held[64];
	unsigned n = 0;

	files_mkdir(at("none"));
	for (unsigned i = 0; i < 3; i++) {
		const char *path = at(check_text("none/%u", i));
		files_write(path, noise, 9 * CHUNK);
		s[i] = runs_path(path);
	}
	free(noise);
	pool_test_begin(1);
	core_pump *pump;
	CHECK_EQ(core_pump_new(&pump), 0);
	descriptors(60);
	while (n < 64 && (held[n] = dup(1)) >= 0)
		n++;
	CHECK(n > 0 && n < 64);
	const struct grouping how = {.chunk = CHUNK, .jobs = 1};
	struct grouped g = groups_run(pump, s, 3, &how);
	CHECK_TEXT(g.text, "0 !-206\n1 !-206\n2 !-206\n");
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_UNKNOWN);
	free(g.text);
	/* One is enough. */
	close(held[--n]);
	g = groups_run(pump, s, 3, &how);
	CHECK_TEXT(g.text, "0 1 2 =1\n");
	free(g.text);
	while (n > 0)
		close(held[--n]);
	core_pump_del(pump);
	pool_test_end();
	runs_clean(0);
}

/* More contents in one piece than may be kept: told apart by their hashes, proven in a second reading. */
static void many_contents(void)
{
	enum { N = 60, CONTENTS = 20 };
	static struct core_source s[N];
	const uint64_t len = 5 << 20;

	files_mkdir(at("contents"));
	for (unsigned i = 0; i < N; i++) {
		const char *path = at(check_text("contents/%u", i));
		const uint8_t mark = (uint8_t)(1 + i % CONTENTS);
		files_resize(path, len);
		files_patch(path, 1 << 20, &mark, 1);
		s[i] = runs_path(path);
	}
	CHECK_EQ(pool_start(), 0);
	const struct grouping how = {.flags = CORE_COMPARE_PROVE_BYTES | CORE_COMPARE_NO_QUICK_CHECK, .chunk = 4 << 20};
	struct grouped g = once(s, N, &how);
	CHECK_EQ(g.sum.groups, CONTENTS);
	CHECK_EQ(g.sum.equal, N);
	CHECK_EQ(g.sum.proof_bytes, N);
	/* Each once, and those whose first content was not kept once more. */
	CHECK(g.sum.bytes_read > N * len);
	CHECK(g.sum.bytes_read <= N * len + (uint64_t)N * (4 << 20));
	free(g.text);
	runs_settle();
}

/* A group that needs several records, and a ring that is full of them. */
static void large_group(void)
{
	enum { N = 60000 };
	struct core_source *s = malloc(N * sizeof *s);
	char *want = NULL;
	size_t len;

	CHECK(s);
	FILE *f = open_memstream(&want, &len);
	for (int odd = 0; odd < 2; odd++) {
		for (uint32_t i = (uint32_t)odd; i < N; i += 2)
			fprintf(f, "%s%u", i == (uint32_t)odd ? "" : " ", i);
		fprintf(f, " =1\n");
	}
	fclose(f);
	for (uint32_t i = 0; i < N; i++)
		s[i] = runs_memory(i % 2 ? "odd" : "two", 3);
	pool_test_begin(1);
	const struct grouping how = {.chunk = CHUNK};
	struct grouped g = once(s, N, &how);
	CHECK(strcmp(g.text, want) == 0);
	free(g.text);
	free(want);
	free(s);
	pool_test_end();
	runs_clean(0);
}

int main(void)
{
	TEST("C-32 more files than descriptors", few_descriptors);
	TEST("C-32 no descriptor is left", no_descriptors);
	TEST("R-5 more contents than may be kept", many_contents);
	TEST("a group of many records", large_group);
	return check_end();
}
