/* SPDX-License-Identifier: MIT */
/* Allocation fails at the n-th call, for every n: the answer is right or a clean error, and nothing is left behind. */
#include "base/alloc.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "pool/pool.h"
#include "runs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

/* Whether the failure that was asked for has not come yet; turns it off. */
static int still_to_come(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		void *p = mem_alloc(1);
		if (!p)
			return 1;
		mem_free(p);
	}
	mem_fail_at(0);
	return 0;
}

struct trial {
	struct core_source side[2];
	uint32_t flags;
	/** The side that is a feed of these bytes, or -1. */
	int feed;
	const uint8_t *bytes;
	size_t len;
	struct core_compare_summary want;
	struct records records;
	/** Paths that alone are compared, as in the options. */
	const char *paths;
	size_t paths_len;
};

enum { REFUSED = 1, FAILED, RIGHT };

/* One run with the n-th allocation failing: one of the above. */
static int try_once(struct trial *t, uint64_t n, uint64_t seed, struct core_compare_summary *sum, struct records *records)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = t->flags, .jobs = 0, .chunk_bytes = CHUNK,
					      .paths = (const uint8_t *)t->paths, .paths_len = t->paths_len};
	struct core_source side[2] = {t->side[0], t->side[1]};
	core_pump *pump = NULL;
	core_feed *feed = NULL;
	core_run *run = NULL;
	uint64_t fed = 0, taken, tokens[4];
	uint32_t count, state = 0;
	int ends = 0;

	pool_test_begin(seed);
	mem_fail_at(n);
	int32_t rc = core_pump_new(&pump);
	if (rc == 0 && t->feed >= 0) {
		rc = core_feed_new(&feed, pump, 2, 4096);
		side[t->feed] = runs_feed(feed);
	}
	if (rc == 0)
		rc = core_compare_new(&run, pump, 1, &side[0], &side[1], &opts);
	if (rc != 0) {
		CHECK_EQ(rc, CORE_EMEMORY);
		core_feed_del(feed);
		core_pump_del(pump);
		while (pool_test_step())
			;
		return REFUSED;
	}
	for (unsigned idle = 0; (state & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) != CORE_RUN_ENDED; idle++) {
		if (pool_test_step())
			idle = 0;
		if (feed && !ends && core_feed_write(feed, t->bytes + fed, t->len - fed, &taken) == 0) {
			fed += taken;
			if (fed == t->len)
				ends = core_feed_end(feed) == 0;
		}
		state = runs_drain(run, records);
		core_pump_ready(pump, tokens, 4, &count);
		if (idle > 100)
			FAIL("with allocation %llu failing the run stands still", (unsigned long long)n);
	}
	CHECK_EQ(core_compare_result(run, sum), 0);
	uint8_t text[200], path[200];
	uint64_t text_len, path_len;
	int32_t sys;
	CHECK_EQ(core_run_error(run, text, 200, &text_len, path, 200, &path_len, &sys), sum->error);
	CHECK((text_len > 0) == (sum->error != 0));
	core_run_del(run);
	core_feed_del(feed);
	core_pump_del(pump);
	while (pool_test_step())
		;
	return sum->error != 0 ? FAILED : RIGHT;
}

static void check_right(const struct trial *t, const struct core_compare_summary *sum, const struct records *records,
			uint64_t n)
{
	if (sum->verdict != t->want.verdict || sum->equal != t->want.equal || sum->different != t->want.different ||
	    sum->only_left != t->want.only_left || sum->only_right != t->want.only_right || sum->unknown != t->want.unknown ||
	    sum->reasons != t->want.reasons || records->len != t->records.len ||
	    (records->len > 0 && memcmp(records->data, t->records.data, records->len) != 0))
		FAIL("with allocation %llu failing the run says it is complete and is not", (unsigned long long)n);
}

/* What a run that failed did say is part of the whole answer, but for the entry it failed at. */
static void check_true(const struct trial *t, const struct records *records, uint64_t n)
{
	char *have = runs_lines(records), *all = runs_lines(&t->records);
	const char *whole = check_text("\n%s", all);

	for (char *line = have, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (!strstr(line, " -901") && !strstr(whole, check_text("\n%s\n", line)))
			FAIL("with allocation %llu failing the run says \"%s\"", (unsigned long long)n, line);
	}
	free(have);
	free(all);
}

static void try_all(struct trial *t)
{
	unsigned seen[4] = {0};
	uint64_t n;

	CHECK_EQ(try_once(t, 0, 1, &t->want, &t->records), RIGHT);
	pool_test_end();
	runs_clean(0);
	for (uint64_t seed = 1; seed <= 3; seed++) {
		for (n = 1;; n++) {
			struct core_compare_summary sum = {0};
			struct records records = {0};
			int how = try_once(t, n, seed, &sum, &records);
			int late = still_to_come(n);
			pool_test_end();
			runs_clean(0);
			seen[how]++;
			if (how == FAILED) {
				CHECK_EQ(sum.error, CORE_EMEMORY);
				CHECK(sum.verdict != CORE_VERDICT_EQUAL);
				CHECK(sum.verdict == CORE_VERDICT_UNKNOWN || t->want.verdict == CORE_VERDICT_DIFFERENT);
				check_true(t, &records, n);
			} else if (how == RIGHT) {
				check_right(t, &sum, &records, n);
			}
			runs_forget(&records);
			if (late)
				break;
			CHECK(n < 100000);
		}
		CHECK(n > 5);
	}
	check_note("%llu allocations, %u refused, %u failed, %u right all the same", (unsigned long long)n, seen[REFUSED],
		   seen[FAILED], seen[RIGHT]);
	runs_forget(&t->records);
}

static void trees(void)
{
	static const uint32_t flags[] = {CORE_COMPARE_ALL_ENTRIES, CORE_COMPARE_COLLAPSE,
					 CORE_COMPARE_ALL_ENTRIES | CORE_COMPARE_LOG};

	for (unsigned i = 0; i < 3; i++) {
		struct trial t = {{runs_path(at("tree/l")), runs_path(at("tree/r"))}, flags[i], .feed = -1};
		try_all(&t);
	}
}

/* Names spelled differently, and paths that are looked for part by part. */
static void spelled_trees(void)
{
	static const char paths[] = "DIR/DEEPER/X\0gone\0LINK\0nowhere/at/all\0clash/A\0Small";
	const uint32_t flags = CORE_COMPARE_IGNORE_CASE_NAMES | CORE_COMPARE_NORMALIZE_NAMES | CORE_COMPARE_ALL_ENTRIES;

	struct trial whole = {{runs_path(at("tree/l")), runs_path(at("spelled"))}, flags, .feed = -1};
	try_all(&whole);
	struct trial named = {{runs_path(at("tree/l")), runs_path(at("spelled"))},
			      flags,
			      .feed = -1,
			      .paths = paths,
			      .paths_len = sizeof paths};
	try_all(&named);
}

static void equal_trees(void)
{
	struct trial t = {{runs_path(at("tree/l")), runs_path(at("tree/l/.."
								 "/l"))},
			  0,
			  .feed = -1};
	try_all(&t);
}

static void pairs(void)
{
	static const char *const names[] = {"small", "medium", "large", "prefix"};
	static const uint32_t flags[] = {0, CORE_COMPARE_LOCATE, CORE_COMPARE_ALL_ENTRIES};

	for (unsigned i = 0; i < 12; i++) {
		struct trial t = {{runs_path(at(check_text("tree/l/%s", names[i % 4]))),
				   runs_path(at(check_text("tree/r/%s", names[i % 4])))},
				  flags[i / 4],
				  .feed = -1};
		try_all(&t);
	}
}

static void streams(void)
{
	uint8_t *bytes = files_noise(1, 5 * CHUNK);

	for (int side = 0; side < 2; side++) {
		struct trial t = {{runs_memory(bytes, 5 * CHUNK), runs_memory(bytes, 5 * CHUNK)}, CORE_COMPARE_ALL_ENTRIES,
				  side, bytes, (size_t)(5 * CHUNK - side), .records = {0}};
		try_all(&t);
		struct trial file = {{runs_path(at("tree/l/medium")), runs_path(at("tree/l/medium"))},
				     0, side, bytes, 5 * CHUNK, .records = {0}};
		try_all(&file);
	}
	free(bytes);
}

static void make_tree(void)
{
	const size_t large = (1 << 20) + 5000;
	uint8_t *a = files_noise(1, large);

	files_mkdir(at("tree"));
	for (int s = 0; s < 2; s++) {
		const char *root = at(s ? "tree/r" : "tree/l");
		files_mkdir(root);
		files_write(check_text("%s/small", root), "small", 5);
		files_write(check_text("%s/medium", root), a, 5 * CHUNK);
		/* Differs where no sample looks. */
		a[large / 2 + 77] ^= (uint8_t)s;
		files_write(check_text("%s/large", root), a, large);
		a[large / 2 + 77] ^= (uint8_t)s;
		files_write(check_text("%s/prefix", root), a, (size_t)(3 * CHUNK - s));
		files_mkdir(check_text("%s/dir", root));
		files_mkdir(check_text("%s/dir/deeper", root));
		files_write(check_text("%s/dir/deeper/x", root), a, 3 * CHUNK);
		files_mkdir(check_text("%s/%s", root, s ? "new" : "gone"));
		files_write(check_text("%s/%s/y", root, s ? "new" : "gone"), "y", 1);
		files_link("small", check_text("%s/link", root));
		for (unsigned i = 0; i < 40; i++)
			files_link("small", check_text("%s/a-name-that-is-rather-long-%02u", root, i));
	}
	/* As the left, but for spelling: é in one character there and in two here, and more than one of a name. */
	files_write(at("tree/l/caf\xc3\xa9"), a, 7);
	files_mkdir(at("tree/l/clash"));
	files_write(at("tree/l/clash/a"), a, 7);
	files_mkdir(at("spelled"));
	files_write(at("spelled/SMALL"), "small", 5);
	files_write(at("spelled/CAFE\xcc\x81"), a, 7);
	files_mkdir(at("spelled/Dir"));
	files_mkdir(at("spelled/Dir/Deeper"));
	files_write(at("spelled/Dir/Deeper/X"), a, 3 * CHUNK);
	files_mkdir(at("spelled/CLASH"));
	files_write(at("spelled/CLASH/A"), a, 7);
	files_write(at("spelled/CLASH/a"), a, 7);
	files_link("small", at("spelled/LINK"));
	free(a);
}

int main(void)
{
	make_tree();
	TEST("allocation fails at the n-th call, trees", trees);
	TEST("C-77 allocation fails at the n-th call, names spelled differently", spelled_trees);
	TEST("allocation fails at the n-th call, equal trees", equal_trees);
	TEST("allocation fails at the n-th call, pairs", pairs);
	TEST("allocation fails at the n-th call, streams", streams);
	return check_end();
}
