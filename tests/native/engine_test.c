/* SPDX-License-Identifier: MIT */
/*
 * compare/engine under the seeded scheduler: whatever the order of steps,
 * drains, cancels and deletions, a run ends once, says the same and leaves
 * nothing behind.
 */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "plat/plat.h"
#include "pool/pool.h"
#include "runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096 };

/* ---------------------------------------------------------------- worlds */

/* Two sides made once, before the tests. */
static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

static void both(const char *world, const char *name, const void *left, size_t left_len, const void *right,
		 size_t right_len)
{
	if (left)
		files_write(at(check_text("%s/l/%s", world, name)), left, left_len);
	if (right)
		files_write(at(check_text("%s/r/%s", world, name)), right, right_len);
}

static void begin_world(const char *world)
{
	files_mkdir(at(world));
	files_mkdir(at(check_text("%s/l", world)));
	files_mkdir(at(check_text("%s/r", world)));
}

static void folder_in_both(const char *world, const char *name)
{
	files_mkdir(at(check_text("%s/l/%s", world, name)));
	files_mkdir(at(check_text("%s/r/%s", world, name)));
}

/* A bit of everything: all kinds of outcome, files of several segments, folders within folders. */
static void make_mixed(void)
{
	uint8_t *a = files_noise(1, 20 * CHUNK), *b = files_noise(1, 20 * CHUNK);

	begin_world("mixed");
	both("mixed", "a-large", a, 20 * CHUNK, b, 20 * CHUNK);
	b[17 * CHUNK] ^= 1;
	both("mixed", "b-large", a, 20 * CHUNK, b, 20 * CHUNK);
	b[3 * CHUNK] ^= 1;
	both("mixed", "c-large", a, 20 * CHUNK, b, 20 * CHUNK);
	both("mixed", "c-size", a, 100, b, 101);
	both("mixed", "c-small", "x", 1, "y", 1);
	both("mixed", "c-same", "same", 4, "same", 4);
	both("mixed", "only-left", "l", 1, NULL, 0);
	both("mixed", "only-right", NULL, 0, "r", 1);
	folder_in_both("mixed", "dir");
	both("mixed", "dir-file", "", 0, "", 0);
	folder_in_both("mixed", "dir/deeper");
	both("mixed", "dir/deeper/x", a, 6 * CHUNK, b, 6 * CHUNK);
	both("mixed", "dir/one", a, 5, NULL, 0);
	folder_in_both("mixed", "dir.d");
	both("mixed", "dir.d/two", a, 2 * CHUNK, a, 2 * CHUNK);
	folder_in_both("mixed", "empty");
	files_mkdir(at("mixed/l/gone"));
	both("mixed", "gone/1", "1", 1, NULL, 0);
	files_mkdir(at("mixed/l/gone/2"));
	both("mixed", "gone/2/3", "3", 1, NULL, 0);
	files_mkdir(at("mixed/r/new"));
	both("mixed", "new/1", NULL, 0, "1", 1);
	files_link("a-large", at("mixed/l/link"));
	files_link("b-large", at("mixed/r/link"));
	files_link("a-large", at("mixed/l/link-same"));
	files_link("a-large", at("mixed/r/link-same"));
	both("mixed", "type", "f", 1, NULL, 0);
	files_mkdir(at("mixed/r/type"));
	both("mixed", "type/inner", NULL, 0, "i", 1);
	CHECK_EQ(mkfifo(at("mixed/l/fifo"), 0600), 0);
	CHECK_EQ(mkfifo(at("mixed/r/fifo"), 0600), 0);
	CHECK_EQ(mkfifo(at("mixed/l/zz-fifo"), 0600), 0);
	free(a);
	free(b);
}

/* More records than the ring holds, at little cost: links on one side are not even looked at. */
static void make_wide(void)
{
	char name[200];

	begin_world("wide");
	memset(name, 'w', sizeof name);
	name[sizeof name - 1] = '\0';
	for (unsigned i = 0; i < 450; i++)
		files_link("x", at(check_text("wide/%c/%03u-%s", i % 3 ? 'l' : 'r', i, name)));
}

/*
 * A large file, folders right behind it that need no work, then enough to go
 * around the window of items: a worker that stays behind must not touch items
 * that took the place of those it had taken.
 */
static void make_lapped(void)
{
	uint8_t *a = files_noise(1, 3 * CHUNK);

	begin_world("lapped");
	both("lapped", "000", a, 3 * CHUNK, a, 3 * CHUNK);
	for (unsigned i = 1; i < 16; i++)
		folder_in_both("lapped", check_text("%03u", i));
	for (unsigned i = 0; i < 2600; i++)
		files_link("x", at(check_text("lapped/l/z%04u", i)));
	free(a);
}

/* --------------------------------------------------------------- the drive */

struct result {
	struct records records;
	struct core_compare_summary sum;
};

static void check_same_sum(const struct core_compare_summary *x, const struct core_compare_summary *y)
{
	CHECK_EQ(x->verdict, y->verdict);
	CHECK_EQ(x->tree, y->tree);
	CHECK_EQ(x->error, y->error);
	CHECK_EQ(x->reasons, y->reasons);
	CHECK_EQ(x->proof, y->proof);
	CHECK_EQ(x->offset, y->offset);
	CHECK_EQ(x->line, y->line);
	CHECK_EQ(x->size_left, y->size_left);
	CHECK_EQ(x->size_right, y->size_right);
	CHECK_EQ(x->equal, y->equal);
	CHECK_EQ(x->different, y->different);
	CHECK_EQ(x->only_left, y->only_left);
	CHECK_EQ(x->only_right, y->only_right);
	CHECK_EQ(x->unknown, y->unknown);
	CHECK_EQ(x->proof_bytes, y->proof_bytes);
	CHECK_EQ(x->proof_kind, y->proof_kind);
	CHECK_EQ(x->proof_target, y->proof_target);
}

/* What one worker says, with nothing else going on. */
static struct result alone(struct core_source left, struct core_source right, uint32_t flags)
{
	struct result r = {0};
	core_pump *pump;

	pool_test_begin(0);
	CHECK_EQ(core_pump_new(&pump), 0);
	r.sum = runs_compare(pump, left, right, flags, 1, CHUNK, &r.records);
	core_pump_del(pump);
	pool_test_end();
	runs_clean(0);
	return r;
}

/*
 * Chooses the next step: any queued task (the seed), or for a while always
 * the task queued last, so that the others starve. The pool takes the queue's
 * entry at a random number modulo its length; a number that is -1 modulo all
 * small lengths is the last one.
 */
static uint64_t seed_of_last;

static void find_seed_of_last(void)
{
	for (uint64_t s = 1;; s++) {
		uint64_t state = s;
		if (rng_next(&state) % 840 == 839) {
			seed_of_last = s;
			return;
		}
	}
}

struct schedule {
	uint64_t rng;
	unsigned sticky;
};

static int next_step(struct schedule *s)
{
	if (s->sticky > 0) {
		s->sticky--;
		pool_test_begin(seed_of_last);
	} else {
		if (rng_next(&s->rng) % 40 == 0)
			s->sticky = (unsigned)(rng_next(&s->rng) % 400);
		pool_test_begin(rng_next(&s->rng));
	}
	return pool_test_step();
}

enum act { TO_THE_END, CANCEL, DISCARD, DELETE, DELETE_PUMP, ACTS };

struct side_feed {
	core_feed *feed;
	const uint8_t *bytes;
	size_t len, fed;
	/** Ends it short of its bytes. */
	int aborts;
};

static void feed_some(struct side_feed *f, uint64_t *rng)
{
	uint64_t taken = 0, n = 1 + rng_next(rng) % 9000;

	if (!f->feed || f->fed > f->len)
		return;
	if (f->fed == f->len || (f->aborts && f->fed > f->len / 2)) {
		if (f->aborts)
			core_feed_abort(f->feed);
		else
			core_feed_end(f->feed);
		f->fed = f->len + 1;
		return;
	}
	if (n > f->len - f->fed)
		n = f->len - f->fed;
	if (core_feed_write(f->feed, f->bytes + f->fed, n, &taken) == CORE_ECLOSED)
		f->fed = f->len + 1;
	else
		f->fed += taken;
}

/* Runs one schedule; `want` is NULL where the records depend on the order of steps. */
static void one_schedule(struct core_source left, struct core_source right, uint32_t flags, uint64_t seed, enum act act,
			 struct side_feed feeds[2], const struct result *want, int may_be_equal)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .jobs = 0, .chunk_bytes = CHUNK};
	struct schedule schedule = {.rng = seed};
	struct records records = {0};
	struct core_compare_summary sum;
	uint64_t rng = ~seed, tokens[8], told = 0;
	uint32_t n, state = 0, acted = 0;
	core_pump *pump;
	core_run *run;

	pool_test_begin(seed);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (int s = 0; s < 2; s++) {
		if (!feeds || !feeds[s].bytes)
			continue;
		CHECK_EQ(core_feed_new(&feeds[s].feed, pump, 9, 4096), 0);
		feeds[s].fed = 0;
		*(s ? &right : &left) = runs_feed(feeds[s].feed);
	}
	CHECK_EQ(core_compare_new(&run, pump, 5, &left, &right, &opts), 0);
	/* When to act, in rounds: often early, sometimes never before the end. */
	uint64_t when = act == TO_THE_END ? UINT64_MAX : rng_next(&rng) % (rng_next(&rng) % 2 ? 12 : 200);
	unsigned idle = 0;
	for (uint64_t round = 0; run; round++) {
		unsigned steps = (unsigned)(rng_next(&rng) % 6);
		int stepped = 0;
		while (steps-- > 0 && next_step(&schedule))
			stepped = 1;
		if (feeds && (rng_next(&rng) % 2 || !stepped)) {
			feed_some(&feeds[0], &rng);
			feed_some(&feeds[1], &rng);
		}
		if (round == when) {
			acted = 1;
			if (act == CANCEL)
				core_run_cancel(run);
			if (act == DISCARD)
				core_run_discard(run);
			if (act == DELETE || act == DELETE_PUMP)
				break;
		}
		/* Drains seldom, so that the ring fills; never empties the pump by rule. */
		if (rng_next(&rng) % 7 == 0 || idle > 20)
			state = runs_drain(run, &records);
		if (rng_next(&rng) % 3 == 0) {
			core_pump_ready(pump, tokens, 8, &n);
			for (uint32_t i = 0; i < n; i++) {
				CHECK(tokens[i] == 5 || tokens[i] == 9);
				told += tokens[i] == 5;
			}
		}
		if ((state & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) == CORE_RUN_ENDED)
			break;
		idle = stepped ? 0 : idle + 1;
		if (idle > 2000)
			FAIL("seed %llu: the run stands still", (unsigned long long)seed);
	}
	int over = (state & CORE_RUN_ENDED) != 0;
	if (over) {
		/* Nothing moves after the end, and its news has come, once or with that of records. */
		CHECK_EQ(runs_drain(run, &records), CORE_RUN_ENDED);
		core_pump_ready(pump, tokens, 8, &n);
		for (uint32_t i = 0; i < n; i++)
			told += tokens[i] == 5;
		CHECK(told > 0);
		CHECK_EQ(core_compare_result(run, &sum), 0);
		int whole = act == TO_THE_END || sum.error == 0;
		if (act == CANCEL)
			CHECK(sum.error == 0 || sum.error == CORE_ECANCELLED || sum.error == (want ? want->sum.error : CORE_EREAD));
		if (want && whole)
			check_same_sum(&sum, &want->sum);
		if (want && whole && act != DISCARD)
			CHECK_EQ(records.len, want->records.len);
		if (sum.verdict == CORE_VERDICT_EQUAL)
			CHECK(may_be_equal);
		if (want && want->sum.verdict == CORE_VERDICT_EQUAL)
			CHECK(sum.verdict != CORE_VERDICT_DIFFERENT);
	} else {
		CHECK(acted);
	}
	if (want && (records.len > want->records.len ||
		     (records.len > 0 && memcmp(records.data, want->records.data, records.len) != 0)))
		FAIL("seed %llu: other records than those of one worker", (unsigned long long)seed);
	/* The two handles in either order, before the pump or by it. */
	if (act != DELETE_PUMP) {
		if (seed % 2)
			core_run_del(run);
		for (int s = 0; feeds && s < 2; s++)
			core_feed_del(feeds[s].feed);
		if (seed % 2 == 0)
			core_run_del(run);
	}
	if (seed % 3)
		while (next_step(&schedule))
			;
	core_pump_del(pump);
	while (next_step(&schedule))
		;
	for (int s = 0; feeds && s < 2; s++)
		feeds[s].feed = NULL;
	pool_test_end();
	runs_forget(&records);
	runs_clean(0);
}

/* ------------------------------------------------------------------ tests */

static const uint32_t tree_flags[] = {
	CORE_COMPARE_ALL_ENTRIES,
	0,
	CORE_COMPARE_COLLAPSE,
	CORE_COMPARE_ALL_ENTRIES | CORE_COMPARE_COLLAPSE | CORE_COMPARE_NO_SIZE_PRECHECK,
};

static void says_what_it_should(void)
{
	struct core_source l = runs_path(at("mixed/l")), r = runs_path(at("mixed/r"));
	struct result all = alone(l, r, CORE_COMPARE_ALL_ENTRIES), top = alone(l, r, CORE_COMPARE_COLLAPSE);
	char *lines = runs_lines(&all.records);

	CHECK_TEXT(lines, "= a-large\n* b-large 1\n* c-large 1\n= c-same\n* c-size 2\n* c-small 1\n= dir\n= dir-file\n"
			  "= dir.d\n= dir.d/two\n= dir/deeper\n* dir/deeper/x 1\n< dir/one\n= empty\n= fifo\n< gone\n"
			  "< gone/1\n< gone/2\n< gone/2/3\n* link 16\n= link-same\n> new\n> new/1\n< only-left\n"
			  "> only-right\n* type 8\n< zz-fifo\n");
	free(lines);
	lines = runs_lines(&top.records);
	CHECK_TEXT(lines, "* b-large 1\n* c-large 1\n* c-size 2\n* c-small 1\n* dir/deeper/x 1\n< dir/one\n"
			  "< gone below 3\n* link 16\n> new below 1\n< only-left\n> only-right\n* type 8\n< zz-fifo\n");
	free(lines);
	CHECK_EQ(all.sum.verdict, CORE_VERDICT_DIFFERENT);
	CHECK_EQ(all.sum.equal, 10);
	CHECK_EQ(all.sum.different, 7);
	CHECK_EQ(all.sum.only_left, 7);
	CHECK_EQ(all.sum.only_right, 3);
	CHECK_EQ(all.sum.unknown, 0);
	CHECK_EQ(top.sum.only_left, 7);
	CHECK_EQ(top.sum.only_right, 3);
	runs_forget(&all.records);
	runs_forget(&top.records);
}

static void trees(const char *world, unsigned rounds)
{
	struct core_source l = runs_path(at(check_text("%s/l", world))), r = runs_path(at(check_text("%s/r", world)));

	for (unsigned f = 0; f < 4; f++) {
		struct result want = alone(l, r, tree_flags[f]);
		for (uint64_t seed = f; seed < rounds; seed += 4)
			one_schedule(l, r, tree_flags[f], seed, (enum act)(seed / 4 % (2 * ACTS) % ACTS), NULL, &want, want.sum.verdict == CORE_VERDICT_EQUAL);
		runs_forget(&want.records);
	}
	check_note("%u schedules", rounds);
}

static void mixed_trees(void)
{
	trees("mixed", check_rounds(4000));
}

static void wide_trees(void)
{
	trees("wide", check_rounds(1200));
}

static void equal_trees(void)
{
	struct core_source l = runs_path(at("mixed/l")), dot = runs_path(at("mixed/r/../l/."));
	unsigned rounds = check_rounds(1000);

	struct result want = alone(l, dot, 0);
	CHECK_EQ(want.sum.verdict, CORE_VERDICT_EQUAL);
	CHECK_EQ(want.records.len, 0);
	for (uint64_t seed = 0; seed < rounds; seed++)
		one_schedule(l, dot, 0, seed, (enum act)(seed % ACTS), NULL, &want, want.sum.verdict == CORE_VERDICT_EQUAL);
	check_note("%u schedules", rounds);
}

/* The first difference ends all: which one it was depends on the order, that there is one does not. */
static void first_only(void)
{
	struct core_source l = runs_path(at("mixed/l")), r = runs_path(at("mixed/r"));
	unsigned rounds = check_rounds(1000);

	for (uint64_t seed = 0; seed < rounds; seed++) {
		pool_test_begin(seed);
		core_pump *pump;
		CHECK_EQ(core_pump_new(&pump), 0);
		struct core_compare_summary sum =
			runs_compare(pump, l, r, CORE_COMPARE_FIRST | (seed % 2 ? CORE_COMPARE_COLLAPSE : 0), 0, CHUNK, NULL);
		CHECK_EQ(sum.verdict, CORE_VERDICT_DIFFERENT);
		CHECK_EQ(sum.error, 0);
		CHECK(sum.different + sum.only_left + sum.only_right >= 1);
		core_pump_del(pump);
		pool_test_end();
		runs_clean(0);
		one_schedule(l, r, CORE_COMPARE_FIRST, seed, (enum act)(seed % ACTS), NULL, NULL, 0);
	}
	check_note("%u schedules", 2 * rounds);
}

static void pairs(void)
{
	static const uint32_t flags[] = {0, CORE_COMPARE_LOCATE, CORE_COMPARE_FIRST, CORE_COMPARE_ALL_ENTRIES,
					 CORE_COMPARE_NO_SIZE_PRECHECK};
	static const char *const names[] = {"a-large", "b-large", "c-large", "c-size", "c-small", "type", "dir-file"};
	unsigned rounds = check_rounds(3000), n = 0;

	for (unsigned i = 0; i < 35; i++) {
		struct core_source l = runs_path(at(check_text("mixed/l/%s", names[i % 7])));
		struct core_source r = runs_path(at(check_text("mixed/r/%s", names[i % 7])));
		struct result want = alone(l, r, flags[i / 7]);
		for (uint64_t seed = i; seed < rounds; seed += 35, n++)
			one_schedule(l, r, flags[i / 7], seed, (enum act)(seed / 35 % ACTS), NULL, &want, want.sum.verdict == CORE_VERDICT_EQUAL);
		runs_forget(&want.records);
	}
	/* What cannot be opened ends the run, with its reason. */
	struct core_source l = runs_path(at("mixed/l/a-large")), none = runs_path(at("mixed/none"));
	struct result want = alone(l, none, 0);
	CHECK_EQ(want.sum.error, CORE_ENOT_FOUND);
	CHECK_EQ(want.sum.verdict, CORE_VERDICT_UNKNOWN);
	for (uint64_t seed = 0; seed < rounds / 10; seed++, n++)
		one_schedule(l, none, 0, seed, (enum act)(seed % ACTS), NULL, &want, want.sum.verdict == CORE_VERDICT_EQUAL);
	check_note("%u schedules", n);
}

static void streams(void)
{
	unsigned rounds = check_rounds(3000);
	size_t len = 9 * CHUNK + 77;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);

	for (uint64_t seed = 0; seed < rounds; seed++) {
		int differs = seed % 3 == 1, shorter = seed % 3 == 2, aborts = seed % 11 == 10;
		if (differs)
			b[seed * 7919 % len] ^= 1;
		size_t b_len = shorter ? len - 1 - seed % 5000 : len;
		struct side_feed feeds[2] = {{.bytes = seed % 2 ? a : NULL, .len = len},
					     {.bytes = b, .len = b_len, .aborts = aborts}};
		struct result want = alone(runs_memory(a, len), runs_memory(b, b_len), CORE_COMPARE_LOCATE);
		/* Sizes and record differ from those of memory; the verdict must not. */
		struct core_compare_summary sum = want.sum;
		runs_forget(&want.records);
		enum act act = (enum act)(seed / 66 % ACTS);
		pool_test_begin(seed);
		core_pump *pump;
		if (act == TO_THE_END && !aborts) {
			/* Straight, for the numbers. */
			struct schedule schedule = {.rng = seed};
			const struct core_compare_opts opts = {.size = sizeof opts, .flags = 0, .jobs = 0, .chunk_bytes = CHUNK};
			core_run *run;
			uint64_t rng = seed;
			CHECK_EQ(core_pump_new(&pump), 0);
			struct core_source side[2] = {runs_memory(a, len), runs_memory(b, b_len)};
			for (int s = 0; s < 2; s++) {
				if (!feeds[s].bytes)
					continue;
				CHECK_EQ(core_feed_new(&feeds[s].feed, pump, 9, 4096), 0);
				side[s] = runs_feed(feeds[s].feed);
			}
			CHECK_EQ(core_compare_new(&run, pump, 5, &side[0], &side[1], &opts), 0);
			for (unsigned i = 0; !(runs_drain(run, NULL) & CORE_RUN_ENDED); i++) {
				feed_some(&feeds[0], &rng);
				feed_some(&feeds[1], &rng);
				while (next_step(&schedule))
					;
				if (i > 10000)
					FAIL("seed %llu: the stream stands still", (unsigned long long)seed);
			}
			struct core_compare_summary have;
			CHECK_EQ(core_compare_result(run, &have), 0);
			CHECK_EQ(have.verdict, sum.verdict);
			CHECK_EQ(have.offset, sum.offset);
			CHECK_EQ(have.line, sum.line);
			CHECK_EQ(have.reasons, sum.reasons);
			core_pump_del(pump);
			while (next_step(&schedule))
				;
			pool_test_end();
			feeds[0].feed = feeds[1].feed = NULL;
			runs_clean(0);
		} else {
			pool_test_end();
			one_schedule(runs_memory(a, len), runs_memory(b, b_len), 0, seed, act, feeds, NULL,
				     sum.verdict == CORE_VERDICT_EQUAL && !aborts);
		}
		if (differs)
			b[seed * 7919 % len] ^= 1;
	}
	free(a);
	free(b);
	check_note("%u schedules", rounds);
}

/* One worker left behind at every point it can be, while another goes around the window. */
static void left_behind(void)
{
	struct core_source l = runs_path(at("lapped/l")), r = runs_path(at("lapped/r"));
	struct result want = alone(l, r, CORE_COMPARE_ALL_ENTRIES);
	unsigned rounds = check_rounds(160);

	CHECK_EQ(want.sum.only_left, 2600);
	CHECK_EQ(want.sum.equal, 16);
	for (unsigned round = 0; round < rounds; round++) {
		/* All of them in a plain build; a share of each kind otherwise. */
		unsigned k = round * 160 / rounds;
		const struct core_compare_opts opts = {.size = sizeof opts, .flags = CORE_COMPARE_ALL_ENTRIES, .jobs = 0, .chunk_bytes = CHUNK};
		struct records records = {0};
		struct core_compare_summary sum;
		core_pump *pump;
		core_run *run;
		uint64_t rng = k;
		uint32_t state = 0;
		pool_test_begin(k);
		CHECK_EQ(core_pump_new(&pump), 0);
		CHECK_EQ(core_compare_new(&run, pump, 5, &l, &r, &opts), 0);
		/*
		 * A few steps are anyone's, so that some worker has taken its items. Then always the last of the
		 * queue, for about as long as it takes to go around the window once, and not to the end of all.
		 */
		unsigned from = k % 20, to = from + 80 + k / 20 * 12;
		for (unsigned i = 0; (state & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) != CORE_RUN_ENDED; i++) {
			pool_test_begin(i < from || i > to ? rng_next(&rng) : seed_of_last);
			pool_test_step();
			state = runs_drain(run, &records);
			if (i > 200000)
				FAIL("the run stands still");
		}
		CHECK_EQ(core_compare_result(run, &sum), 0);
		check_same_sum(&sum, &want.sum);
		CHECK_EQ(records.len, want.records.len);
		CHECK(memcmp(records.data, want.records.data, records.len) == 0);
		core_pump_del(pump);
		while (pool_test_step())
			;
		pool_test_end();
		runs_forget(&records);
		runs_clean(0);
	}
	runs_forget(&want.records);
}

/* Many runs of one pump at once: those nobody reads stand still, the others go on. */
static void unread_runs(void)
{
	struct core_source l = runs_path(at("wide/l")), r = runs_path(at("wide/r"));
	enum { UNREAD = 20 };
	core_run *unread[UNREAD];
	core_pump *pump;

	pool_test_begin(1);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (uint64_t i = 0; i < UNREAD; i++)
		CHECK_EQ(core_compare_new(&unread[i], pump, i, &l, &r, NULL), 0);
	while (pool_test_step())
		;
	uint64_t bytes = mem_bytes();
	struct core_compare_summary sum = runs_compare(pump, l, r, 0, 0, 0, NULL);
	CHECK_EQ(sum.only_left + sum.only_right, 450);
	CHECK(mem_bytes() <= bytes);
	for (int i = 0; i < UNREAD; i++) {
		struct core_progress p;
		core_run_progress(unread[i], &p);
		CHECK_EQ(p.state, CORE_RUN_RECORDS | CORE_RUN_FULL);
		CHECK_EQ(core_compare_result(unread[i], &sum), CORE_EUSAGE);
	}
	core_pump_del(pump);
	while (pool_test_step())
		;
	pool_test_end();
	runs_clean(0);
}

static void refusals(void)
{
	struct core_source l = runs_path(at("mixed/l")), bad = l;
	struct core_compare_opts o = {.size = sizeof o};
	core_pump *pump;
	core_run *run;
	core_feed *feed;

	pool_test_begin(1);
	CHECK_EQ(core_pump_new(&pump), 0);
#define REFUSED(left, right, opts) CHECK_EQ(core_compare_new(&run, pump, 1, left, right, opts), CORE_EUSAGE)
	bad.size--;
	REFUSED(&l, &bad, NULL);
	REFUSED(&bad, &l, NULL);
	REFUSED(&l, NULL, NULL);
	bad = l;
	bad.kind = 9;
	REFUSED(&l, &bad, NULL);
	bad = runs_path("");
	REFUSED(&bad, &l, NULL);
	bad = (struct core_source){.size = sizeof bad, .kind = CORE_SOURCE_PATH, .data = (const uint8_t *)"a\0b", .len = 3};
	REFUSED(&bad, &l, NULL);
	bad.len = 4097;
	REFUSED(&l, &bad, NULL);
	bad = runs_feed(NULL);
	REFUSED(&l, &bad, NULL);
	o.size--;
	REFUSED(&l, &l, &o);
	o = (struct core_compare_opts){.size = sizeof o, .flags = 1u << 31, .jobs = 0, .chunk_bytes = 0};
	REFUSED(&l, &l, &o);
	o = (struct core_compare_opts){.size = sizeof o, .flags = 0, .jobs = 0, .chunk_bytes = 4095};
	REFUSED(&l, &l, &o);
	o.chunk_bytes = (4 << 20) + 1;
	REFUSED(&l, &l, &o);
	/* A feed is one side of one run. */
	CHECK_EQ(core_feed_new(&feed, pump, 1, 4096), 0);
	bad = runs_feed(feed);
	REFUSED(&bad, &bad, NULL);
	core_feed_del(feed);
#undef REFUSED
	core_pump_del(pump);
	pool_test_end();
	runs_clean(0);
}

/* ---------------------------------------------------------------- threads */

static void threads(void)
{
	struct core_source l = runs_path(at("mixed/l")), r = runs_path(at("mixed/r"));
	struct result want = alone(l, r, CORE_COMPARE_ALL_ENTRIES);
	unsigned rounds = check_rounds(1000);
	core_pump *pump;

	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (unsigned i = 0; i < rounds; i++) {
		struct records records = {0};
		struct core_compare_summary sum =
			runs_compare(pump, l, r, CORE_COMPARE_ALL_ENTRIES, i % 4, CHUNK, &records);
		check_same_sum(&sum, &want.sum);
		CHECK_EQ(records.len, want.records.len);
		CHECK(memcmp(records.data, want.records.data, records.len) == 0);
		runs_forget(&records);
	}
	core_pump_del(pump);
	runs_settle();
	runs_forget(&want.records);
}

/* Many at once, ended at random moments. */
static void threads_ended(void)
{
	struct core_source l[] = {runs_path(at("mixed/l")), runs_path(at("wide/l")), runs_path(at("mixed/l/a-large"))};
	struct core_source r[] = {runs_path(at("mixed/r")), runs_path(at("wide/r")), runs_path(at("mixed/r/a-large"))};
	enum { AT_ONCE = 16 };
	core_run *runs[AT_ONCE] = {0};
	uint64_t rng = 5, tokens[AT_ONCE];
	uint32_t n;
	core_pump *pump;

	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
	for (unsigned i = 0; i < check_rounds(6000); i++) {
		unsigned k = (unsigned)(rng_next(&rng) % AT_ONCE), what = (unsigned)(rng_next(&rng) % 8);
		if (!runs[k]) {
			const struct core_compare_opts opts = {.size = sizeof opts, .flags = (uint32_t)rng_next(&rng) % 4 * 4, .jobs = 0, .chunk_bytes = CHUNK};
			CHECK_EQ(core_compare_new(&runs[k], pump, k, &l[i % 3], &r[i % 3], &opts), 0);
		} else if (what < 3) {
			runs_drain(runs[k], NULL);
		} else if (what == 3) {
			core_run_cancel(runs[k]);
		} else if (what == 4) {
			core_run_discard(runs[k]);
		} else if (what == 5) {
			core_run_del(runs[k]);
			runs[k] = NULL;
		} else {
			core_pump_wait(pump, what == 6);
			core_pump_ready(pump, tokens, AT_ONCE, &n);
		}
	}
	core_pump_del(pump);
	runs_settle();
}

int main(void)
{
	find_seed_of_last();
	make_mixed();
	make_wide();
	make_lapped();
	TEST("C-20 C-25 tree records in order", says_what_it_should);
	TEST("C-35 seeded schedules, trees", mixed_trees);
	TEST("C-35 seeded schedules, full rings", wide_trees);
	TEST("C-35 seeded schedules, equal trees", equal_trees);
	TEST("C-35 seeded schedules, first difference only", first_only);
	TEST("C-35 seeded schedules, pairs", pairs);
	TEST("C-35 seeded schedules, streams", streams);
	TEST("C-35 a worker left behind", left_behind);
	TEST("unread runs stand still, others go on", unread_runs);
	TEST("compare refuses what does not fit", refusals);
	TEST("C-30 same records on any number of threads", threads);
	TEST("C-35 threads, runs ended at random moments", threads_ended);
	return check_end();
}
