/* SPDX-License-Identifier: MIT */
/*
 * compare/groups: many sources against what they are known to be, whatever
 * the schedule, the kind of source, the number of descriptors and the memory.
 */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "files.h"
#include "groups.h"
#include "plat/plat.h"
#include "pool/pool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096, MOST = 24 };

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

/* ------------------------------------------------------- random partitions */

enum kind { MEMORY, FILE_, LINKED, FEED, KINDS };

/* Sources of which some are equal: which content each has, and what that is. */
struct world {
	uint32_t n;
	uint32_t content[MOST];
	enum kind kind[MOST];
	uint8_t *bytes[MOST];
	size_t len[MOST];
	struct core_source source[MOST];
	core_feed *feed[MOST];
	size_t fed[MOST];
};

static struct world world;

/* Contents that differ late, early, in a byte, in their length; of sizes around those where something changes. */
static void make_world(uint64_t seed, int kinds)
{
	static const size_t sizes[] = {0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 20000, 70000, (1 << 20) + 5};
	uint64_t rng = seed;
	struct world *w = &world;

	*w = (struct world){.n = 1 + (uint32_t)(rng_next(&rng) % MOST)};
	/* Large files are for few worlds: they cost most of the time. */
	size_t size = sizes[rng_next(&rng) % (seed % 8 ? 9 : 10)];
	uint32_t contents = 1 + (uint32_t)(rng_next(&rng) % w->n);
	for (uint32_t c = 0; c < contents; c++) {
		size_t len = size;
		if (rng_next(&rng) % 4 == 0)
			len = rng_next(&rng) % 2 ? size + 1 : size / 2;
		w->len[c] = len;
		w->bytes[c] = files_noise(7, len + 1);
		/* At the start, near the end, or anywhere. */
		size_t where = rng_next(&rng) % 3 == 0 ? 0 : rng_next(&rng) % 2 && len > 0 ? len - 1 : rng_next(&rng) % (len + 1);
		if (c > 0)
			w->bytes[c][where] ^= (uint8_t)(1 + rng_next(&rng) % 3);
	}
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t c = w->content[i] = (uint32_t)(rng_next(&rng) % contents);
		enum kind kind = w->kind[i] = (enum kind)(rng_next(&rng) % (unsigned)kinds);
		const char *path = at(check_text("world-%u", i));
		switch (kind) {
		case FILE_:
			files_write(path, w->bytes[c], w->len[c]);
			break;
		case LINKED:
			files_write(path, w->bytes[c], w->len[c]);
			/* A second name of an earlier file with that content. */
			for (uint32_t k = 0; k < i; k++) {
				if (w->content[k] != c || w->kind[k] == MEMORY || w->kind[k] == FEED)
					continue;
				unlink(path);
				CHECK_EQ(link(at(check_text("world-%u", k)), path), 0);
				break;
			}
			break;
		default:
			w->source[i] = runs_memory(w->bytes[c], w->len[c]);
			continue;
		}
		w->source[i] = runs_path(path);
	}
}

static void free_world(void)
{
	for (uint32_t i = 0; i < world.n; i++) {
		unlink(at(check_text("world-%u", i)));
		core_feed_del(world.feed[i]);
	}
	for (uint32_t c = 0; c < MOST; c++)
		free(world.bytes[c]);
	world = (struct world){0};
}

/* What two sources of the world are: by their bytes, as contents may have come out the same. */
static int same(uint32_t a, uint32_t b)
{
	uint32_t x = world.content[a], y = world.content[b];

	return world.len[x] == world.len[y] && memcmp(world.bytes[x], world.bytes[y], world.len[x]) == 0;
}

/* The lines that are wanted, without proofs. */
static char *wanted(uint32_t *groups)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	uint8_t done[MOST] = {0};

	*groups = 0;
	for (uint32_t i = 0; i < world.n; i++) {
		if (done[i])
			continue;
		fprintf(f, "%u", i);
		for (uint32_t k = i + 1; k < world.n; k++) {
			if (done[k] || !same(i, k))
				continue;
			fprintf(f, " %u", k);
			done[k] = 1;
		}
		fputc('\n', f);
		++*groups;
	}
	fclose(f);
	return out;
}

static void without_proofs(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++) {
		if (from[0] == ' ' && from[1] == '=')
			from += 2;
		else
			*to++ = *from;
	}
	*to = '\0';
}

static void feed_all(core_run *run, unsigned steps)
{
	uint64_t rng = steps + 1, taken;

	(void)run;
	for (uint32_t i = 0; i < world.n; i++) {
		if (!world.feed[i])
			continue;
		size_t len = world.len[world.content[i]], left = len - world.fed[i];
		size_t some = left > 0 ? 1 + rng_next(&rng) % left : 0;
		if (left > 0 && core_feed_write(world.feed[i], world.bytes[world.content[i]] + world.fed[i], some, &taken) == 0)
			world.fed[i] += taken;
		if (world.fed[i] == len)
			core_feed_end(world.feed[i]);
	}
}

static void check_world(uint64_t seed, const struct grouping *how)
{
	core_pump *pump;
	uint32_t groups;
	struct grouping with = *how;
	uint64_t sizes = 0;

	CHECK_EQ(core_pump_new(&pump), 0);
	for (uint32_t i = 0; i < world.n; i++) {
		sizes += world.len[world.content[i]];
		if (world.kind[i] != FEED)
			continue;
		CHECK_EQ(core_feed_new(&world.feed[i], pump, 100 + i, 4096), 0);
		world.source[i] = runs_feed(world.feed[i]);
		world.fed[i] = 0;
		with.meanwhile = feed_all;
	}
	struct grouped have = groups_run(pump, world.source, world.n, &with);
	char *want = wanted(&groups);
	if (!(how->flags & CORE_COMPARE_FIRST)) {
		without_proofs(have.text);
		if (strcmp(have.text, want) != 0)
			FAIL("seed %llu: groups are\n%s, not\n%s", (unsigned long long)seed, have.text, want);
		CHECK_EQ(have.sum.groups, groups);
		CHECK_EQ(have.sum.equal + have.sum.different, world.n);
	}
	CHECK_EQ(have.sum.verdict, groups > 1 ? CORE_VERDICT_DIFFERENT : CORE_VERDICT_EQUAL);
	CHECK_EQ(have.sum.error, 0);
	CHECK_EQ(have.sum.unknown, 0);
	if ((how->flags & CORE_COMPARE_FIRST) && groups > 1)
		CHECK(!same(have.sum.left, have.sum.right));
	/* Each source once, and a few looks at large ones. */
	CHECK(have.sum.bytes_read <= sizes + (uint64_t)world.n * 8 * 4096 + world.n);
	free(have.text);
	free(want);
	for (uint32_t i = 0; i < world.n; i++) {
		core_feed_del(world.feed[i]);
		world.feed[i] = NULL;
	}
	core_pump_del(pump);
}

static const uint32_t some_flags[] = {
	0,
	CORE_COMPARE_PROVE_BYTES,
	CORE_COMPARE_NO_QUICK_CHECK,
	CORE_COMPARE_NO_SIZE_PRECHECK,
	CORE_COMPARE_FIRST,
	CORE_COMPARE_FIRST | CORE_COMPARE_NO_SIZE_PRECHECK | CORE_COMPARE_PROVE_BYTES,
};

static void partitions(int kinds)
{
	for (uint64_t seed = 1; seed <= check_rounds(300); seed++) {
		pool_test_begin(seed);
		make_world(seed, kinds);
		for (unsigned f = 0; f < 6; f++) {
			const struct grouping how = {.flags = some_flags[f], .jobs = (uint32_t)(seed % 4), .chunk = CHUNK};
			check_world(seed, &how);
		}
		free_world();
		pool_test_end();
		runs_clean(0);
	}
}

static void partitions_of_files(void)
{
	partitions(FEED);
}

static void partitions_with_streams(void)
{
	partitions(KINDS);
}

static void partitions_on_threads(void)
{
	CHECK_EQ(pool_start(), 0);
	for (uint64_t seed = 1; seed <= check_rounds(150); seed++) {
		make_world(seed, KINDS);
		for (unsigned f = 0; f < 6; f++) {
			const struct grouping how = {.flags = some_flags[f], .chunk = CHUNK};
			check_world(seed, &how);
		}
		free_world();
		runs_settle();
	}
}

/* ------------------------------------------------------------------- reads */

static void write_equal(const char *world_name, unsigned n, size_t len, struct core_source *sources)
{
	uint8_t *bytes = files_noise(3, len);

	files_mkdir(at(world_name));
	for (unsigned i = 0; i < n; i++) {
		const char *path = at(check_text("%s/%u", world_name, i));
		files_write(path, bytes, len);
		sources[i] = runs_path(path);
	}
	free(bytes);
}

/* C-69, CX-12: what is read of n equal files. */
static void reads(void)
{
	static struct core_source sources[64];
	const uint64_t len = (2 << 20) + 77;

	CHECK_EQ(pool_start(), 0);
	write_equal("equal", 64, len, sources);
	for (uint32_t n = 2; n <= 64; n *= 2) {
		struct grouping how = {.flags = CORE_COMPARE_NO_QUICK_CHECK};
		struct grouped g = once(sources, n, &how);
		CHECK_EQ(g.sum.verdict, CORE_VERDICT_EQUAL);
		CHECK_EQ(g.sum.bytes_read, n * len);
		CHECK_EQ(g.sum.proof_bytes, n);
		CHECK_EQ(g.sum.bytes_avoided, 0);
		free(g.text);
		/* The looks before: seven of 16 KiB. */
		how.flags = 0;
		g = once(sources, n, &how);
		CHECK_EQ(g.sum.bytes_read, n * (len + 7 * (16 << 10)));
		free(g.text);
	}
	/* What differs early is read no further; those of its size that do not, are. */
	files_patch(at("equal/5"), 3, "x", 1);
	struct grouping how = {.flags = CORE_COMPARE_NO_QUICK_CHECK};
	struct grouped g = once(sources, 8, &how);
	CHECK_TEXT(g.text, "0 1 2 3 4 6 7 =1\n5\n");
	CHECK_EQ(g.sum.bytes_read, 7 * len + (16 << 10));
	CHECK_EQ(g.sum.bytes_avoided, len - (16 << 10));
	free(g.text);
	/* Sizes that nothing else has: not a byte. */
	for (unsigned i = 0; i < 8; i++)
		files_resize(at(check_text("equal/%u", i)), len - i);
	g = once(sources, 8, &how);
	CHECK_EQ(g.sum.different, 8);
	CHECK_EQ(g.sum.bytes_read, 0);
	free(g.text);
	/* And with early exit, no more than the start of all. */
	for (unsigned i = 0; i < 64; i++)
		files_resize(at(check_text("equal/%u", i)), len);
	how.flags = CORE_COMPARE_FIRST;
	g = once(sources, 64, &how);
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_DIFFERENT);
	CHECK_EQ(g.sum.left, 0);
	CHECK_EQ(g.sum.right, 5);
	CHECK_EQ(g.sum.reasons, CORE_REASON_CONTENT_MISMATCH);
	CHECK(g.sum.bytes_read <= 64 * (2 * (16 << 10)));
	CHECK_TEXT(g.text, "");
	free(g.text);
	runs_settle();
}

/* Whatever the number of threads, the same two are said to differ. */
static void first_difference(void)
{
	static struct core_source sources[16];
	const uint64_t len = 1500000;

	write_equal("late", 16, len, sources);
	/* Two differences that no look sees, the later one in the earlier file. */
	files_patch(at("late/4"), 1200077, "abcd", 4);
	files_patch(at("late/9"), 700077, "abcd", 4);
	CHECK_EQ(pool_start(), 0);
	for (unsigned i = 0; i < check_rounds(40); i++) {
		const struct grouping how = {.flags = CORE_COMPARE_FIRST | CORE_COMPARE_NO_QUICK_CHECK, .jobs = i % 5,
					     .chunk = (uint32_t)CHUNK << i % 3};
		struct grouped g = once(sources, 16, &how);
		CHECK_EQ(g.sum.left, 0);
		CHECK_EQ(g.sum.right, 9);
		CHECK_EQ(g.sum.verdict, CORE_VERDICT_DIFFERENT);
		free(g.text);
	}
	runs_settle();
}

/* ------------------------------------------------------------------ proofs */

static void proofs(void)
{
	struct core_source s[6];
	struct grouping how = {0};
	uint8_t *noise = files_noise(5, 300000);

	CHECK_EQ(pool_start(), 0);
	files_mkdir(at("proofs"));
	files_write(at("proofs/a"), noise, 300000);
	files_write(at("proofs/b"), noise, 300000);
	CHECK_EQ(link(at("proofs/a"), at("proofs/a2")), 0);
	CHECK_EQ(link(at("proofs/a"), at("proofs/a3")), 0);
	for (unsigned i = 0; i < 3; i++)
		s[i] = runs_path(at(check_text("proofs/a%s", i ? check_text("%u", i + 1) : "")));
	s[3] = runs_path(at("proofs/b"));
	s[4] = runs_memory(noise, 300000);
	struct grouped g = once(s, 3, &how);
	CHECK_TEXT(g.text, "0 1 2 =2\n");
	CHECK_EQ(g.sum.bytes_read, 0);
	CHECK_EQ(g.sum.proof_same_inode, 3);
	free(g.text);
	g = once(s, 5, &how);
	CHECK_TEXT(g.text, "0 1 2 3 4 =1\n");
	CHECK_EQ(g.sum.bytes_read, 3 * 300000);
	CHECK_EQ(g.sum.bytes_avoided, 2 * 300000);
	CHECK_EQ(g.sum.proof_bytes, 3);
	CHECK_EQ(g.sum.proof_same_inode, 2);
	free(g.text);
	how.flags = CORE_COMPARE_PROVE_BYTES;
	g = once(s, 4, &how);
	CHECK_TEXT(g.text, "0 1 2 3 =1\n");
	CHECK_EQ(g.sum.bytes_read, 4 * 300000);
	free(g.text);
	g = once(s, 1, &how);
	CHECK_TEXT(g.text, "0\n");
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_EQUAL);
	free(g.text);
	free(noise);
	runs_settle();
}

static void holes(void)
{
	struct core_source s[4];
	struct grouping how = {0};

	CHECK_EQ(pool_start(), 0);
	files_mkdir(at("holes"));
	for (unsigned i = 0; i < 4; i++) {
		const char *path = at(check_text("holes/%u", i));
		files_resize(path, (uint64_t)1 << 33);
		files_patch(path, (uint64_t)5 << 30, i == 3 ? "b" : "a", 1);
		s[i] = runs_path(path);
	}
	struct stat st;
	CHECK_EQ(stat(at("holes/0"), &st), 0);
	if (st.st_blocks * 512 > 1 << 24)
		check_skip("the file system of the temporary folder keeps no holes");
	struct grouped g = once(s, 4, &how);
	CHECK_TEXT(g.text, "0 1 2 =3\n3\n");
	CHECK(g.sum.bytes_read < 16 << 20);
	CHECK_EQ(g.sum.proof_holes, 3);
	free(g.text);
	runs_settle();
}

/* ---------------------------------------------------------------- failures */

static void unknown(void)
{
	struct core_source s[8];
	struct grouping how = {0};

	CHECK_EQ(pool_start(), 0);
	files_mkdir(at("bad"));
	files_mkdir(at("bad/dir"));
	CHECK_EQ(mkfifo(at("bad/fifo"), 0600), 0);
	files_write_text(at("bad/a"), "a");
	files_write_text(at("bad/b"), "b");
	files_link("loop", at("bad/loop"));
	static const char *const names[] = {"a", "none", "dir", "fifo", "loop", "a", "b", "a"};
	for (unsigned i = 0; i < 8; i++)
		s[i] = runs_path(at(check_text("bad/%s", names[i])));
	struct grouped g = once(s, 8, &how);
	CHECK_TEXT(g.text, "0 5 7 =2\n1 !-201\n2 !-104\n3 !-104\n4 !-207\n6\n");
	CHECK_EQ(g.sum.unknown, 4);
	CHECK_EQ(g.sum.unreadable, 4);
	CHECK_EQ(g.sum.groups, 2);
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_DIFFERENT);
	free(g.text);
	/* All that can be read is equal, but not all is known. */
	g = once(s, 6, &how);
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_UNKNOWN);
	free(g.text);
	how.flags = CORE_COMPARE_FIRST;
	g = once(s, 6, &how);
	CHECK_TEXT(g.text, "1 !-201\n2 !-104\n3 !-104\n4 !-207\n");
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_UNKNOWN);
	free(g.text);
	g = once(s, 8, &how);
	CHECK_EQ(g.sum.verdict, CORE_VERDICT_DIFFERENT);
	CHECK(g.sum.left == 0 && g.sum.right == 6);
	free(g.text);
	runs_settle();
}

static unsigned change_at;
static const char *change_path;
static unsigned change_how;

static void change(core_run *run, unsigned steps)
{
	(void)run;
	if (steps != change_at)
		return;
	switch (change_how) {
	case 0:
		files_patch(change_path, 10, "!", 1);
		break;
	case 1:
		files_resize(change_path, 5000);
		break;
	case 2:
		unlink(change_path);
		break;
	default:
		files_write_text(check_text("%s.new", change_path), "another file");
		CHECK_EQ(rename(check_text("%s.new", change_path), change_path), 0);
		break;
	}
}

/* A file that changes between any two steps: its old content, or that it changed, but never anything else. */
static void changes(void)
{
	struct core_source s[4];
	unsigned changed = 0, before = 0;
	uint8_t *noise = files_noise(9, 3000000);

	files_mkdir(at("change"));
	for (unsigned keep = 0; keep < 2; keep++) {
		descriptors(keep ? 1024 : 24);
		for (change_how = 0; change_how < 4; change_how++) {
			int ended_before = 0;
			for (change_at = 1; !ended_before; change_at++) {
				for (unsigned i = 0; i < 4; i++) {
					const char *path = at(check_text("change/%u", i));
					unlink(path);
					files_write(path, noise, 3000000);
					s[i] = runs_path(path);
				}
				change_path = at("change/2");
				/* Old enough that the next change has another time. */
				struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
				CHECK_EQ(utimensat(AT_FDCWD, change_path, old, 0), 0);
				pool_test_begin(change_at);
				const struct grouping how = {.meanwhile = change, .chunk = 32 * CHUNK, .jobs = 2};
				struct grouped g = once(s, 4, &how);
				pool_test_end();
				const char *old_text = "0 1 2 3 =1\n";
				ended_before = strcmp(g.text, old_text) == 0;
				if (ended_before) {
					before++;
				} else {
					CHECK(g.sum.verdict != CORE_VERDICT_EQUAL);
					if (strcmp(g.text, "0 1 3 =1\n2 !-205\n") != 0 && strcmp(g.text, "0 1 3 =1\n2\n") != 0 &&
					    !(change_how == 2 && strcmp(g.text, "0 1 3 =1\n2 !-201\n") == 0))
						FAIL("changed at step %u in way %u: %s", change_at, change_how, g.text);
					changed += strstr(g.text, "!-205") != NULL;
				}
				free(g.text);
				CHECK(change_at < 10000);
			}
		}
	}
	check_note("%u said that it changed, %u were over before", changed, before);
	CHECK(changed > 20);
	free(noise);
}

/* ------------------------------------------------------------------- cancel */

static unsigned cancel_at;

static void cancel(core_run *run, unsigned steps)
{
	if (steps == cancel_at)
		core_run_cancel(run);
}

static void cancelled(void)
{
	unsigned ended = 0;

	for (uint64_t seed = 1; seed <= check_rounds(200); seed++) {
		make_world(seed, FEED);
		for (cancel_at = 0; cancel_at < 12; cancel_at++) {
			pool_test_begin(seed + cancel_at);
			const struct grouping how = {.meanwhile = cancel, .chunk = CHUNK};
			struct grouped g = once(world.source, world.n, &how);
			CHECK(g.sum.error == 0 || g.sum.error == CORE_ECANCELLED);
			CHECK(g.sum.error == 0 || g.sum.verdict != CORE_VERDICT_EQUAL);
			ended += g.sum.error == 0;
			free(g.text);
			pool_test_end();
			runs_clean(0);
		}
		free_world();
	}
	check_note("%u of %u were over before", ended, 12 * check_rounds(200));
}

/* ------------------------------------------------------------------- memory */

static void no_memory(void)
{
	unsigned refused = 0, failed = 0, right = 0;

	for (uint64_t seed = 3; seed <= 3 + check_rounds(6); seed++) {
		make_world(seed, FEED);
		uint32_t groups;
		char *want = wanted(&groups);
		for (uint64_t n = 1, late = 0; !late; n++) {
			const struct core_groups_opts opts = {.size = sizeof opts, .chunk_bytes = CHUNK};
			struct core_groups_summary sum;
			struct records records = {0};
			core_pump *pump;
			core_run *run;
			pool_test_begin(n);
			CHECK_EQ(core_pump_new(&pump), 0);
			mem_fail_at(n);
			int32_t rc = core_groups_new(&run, pump, 1, world.source, world.n, &opts);
			if (rc == 0) {
				while ((runs_drain(run, &records) & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) != CORE_RUN_ENDED)
					pool_test_step();
				CHECK_EQ(core_groups_result(run, &sum), 0);
				core_run_del(run);
				CHECK(sum.error == 0 || sum.error == CORE_EMEMORY);
				char *text = groups_lines(&records);
				if (sum.error == 0 && sum.unknown == 0) {
					without_proofs(text);
					CHECK_TEXT(text, want);
					right++;
				} else {
					CHECK(sum.verdict != CORE_VERDICT_EQUAL);
					failed++;
				}
				free(text);
			} else {
				CHECK_EQ(rc, CORE_EMEMORY);
				refused++;
			}
			void *probe = mem_alloc(1);
			late = probe != NULL && sum.error == 0 && rc == 0 && sum.unknown == 0;
			mem_free(probe);
			mem_fail_at(0);
			core_pump_del(pump);
			runs_forget(&records);
			pool_test_end();
			runs_clean(0);
			CHECK(n < 100000);
		}
		free(want);
		free_world();
	}
	check_note("%u refused, %u failed, %u right", refused, failed, right);
	CHECK(refused > 0 && failed > 0);
}

static void wrong_options(void)
{
	const struct core_source bad = {.size = 3}, good = runs_memory("x", 1);
	struct core_groups_opts o = {.size = sizeof o, .flags = CORE_COMPARE_LOCATE};
	core_pump *pump;
	core_run *run;

	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_groups_new(&run, pump, 1, &good, 0, NULL), CORE_EUSAGE);
	CHECK_EQ(core_groups_new(&run, pump, 1, &bad, 1, NULL), CORE_EUSAGE);
	CHECK_EQ(core_groups_new(&run, pump, 1, &good, 1, &o), CORE_EUSAGE);
	o = (struct core_groups_opts){.size = sizeof o, .chunk_bytes = 100};
	CHECK_EQ(core_groups_new(&run, pump, 1, &good, 1, &o), CORE_EUSAGE);
	o = (struct core_groups_opts){.size = 1};
	CHECK_EQ(core_groups_new(&run, pump, 1, &good, 1, &o), CORE_EUSAGE);
	core_pump_del(pump);
}

int main(void)
{
	TEST("C-29 random partitions of files and memory", partitions_of_files);
	TEST("C-29 random partitions with streams", partitions_with_streams);
	TEST("C-29 random partitions on threads", partitions_on_threads);
	TEST("C-69 CX-12 n equal files are n reads", reads);
	TEST("C-28 the same difference whatever the threads", first_difference);
	TEST("C-68 proofs of groups", proofs);
	TEST("C-73 holes of many files", holes);
	TEST("R-1 what cannot be read is unknown", unknown);
	TEST("R-1 a file that changes between two steps", changes);
	TEST("C-35 cancel at any step", cancelled);
	TEST("allocation fails at the n-th call", no_memory);
	TEST("options and sources that do not fit", wrong_options);
	return check_end();
}
