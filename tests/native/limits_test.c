/* SPDX-License-Identifier: MIT */
/* Few descriptors, deep trees, and directories that change while their descriptors are given back. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "compare/item.h"
#include "compare/merge.h"
#include "core.h"
#include "files.h"
#include "plat/plat.h"
#include "pool/pool.h"
#include "runs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

static void begin_trees(const char *world)
{
	files_mkdir(at(world));
	files_mkdir(at(check_text("%s/l", world)));
	files_mkdir(at(check_text("%s/r", world)));
}

static void descriptors(rlim_t n)
{
	struct rlimit lim;

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = n;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
}

static struct core_compare_summary compare_world(const char *world, uint32_t flags, uint32_t jobs,
						 struct records *records)
{
	core_pump *pump;

	CHECK_EQ(core_pump_new(&pump), 0);
	struct core_compare_summary sum = runs_compare(pump, runs_path(at(check_text("%s/l", world))),
						       runs_path(at(check_text("%s/r", world))), flags, jobs, 4096, records);
	core_pump_del(pump);
	runs_settle();
	return sum;
}

/* A limit, on threads and under seeded schedules; what one says without a limit is what all must say. */
static void same_under_limits(const char *world, unsigned schedules)
{
	static const rlim_t limits[] = {64, 40, 24};
	struct records all = {0};

	pool_test_begin(1);
	struct core_compare_summary want = compare_world(world, CORE_COMPARE_ALL_ENTRIES, 0, &all);
	CHECK_EQ(want.unknown, 0);
	CHECK_EQ(want.error, 0);
	for (unsigned i = 0; i < 3; i++) {
		descriptors(limits[i]);
		for (uint64_t seed = 1; seed <= schedules + 20; seed++) {
			struct records records = {0};
			if (seed <= schedules)
				pool_test_begin(seed);
			else
				pool_test_end();
			CHECK_EQ(pool_start(), 0);
			struct core_compare_summary have =
				compare_world(world, CORE_COMPARE_ALL_ENTRIES, (uint32_t)(seed % 4), &records);
			if (have.unknown != 0 || have.error != 0) {
				char *lines = runs_lines(&records), *bad = strstr(lines, "\n! ");
				if (bad)
					bad[1 + strcspn(bad + 1, "\n")] = '\0';
				FAIL("limit %u, seed %llu: %llu unknown, error %d, first \"%s\"", (unsigned)limits[i],
				     (unsigned long long)seed, (unsigned long long)have.unknown, have.error,
				     bad ? bad + 1 : lines);
			}
			CHECK_EQ(have.verdict, want.verdict);
			CHECK_EQ(have.equal, want.equal);
			CHECK_EQ(records.len, all.len);
			CHECK(memcmp(records.data, all.data, all.len) == 0);
			runs_forget(&records);
		}
		/* The threads of the pool stay: test mode is for before them. */
		schedules = 0;
	}
	runs_forget(&all);
}

static void many_files(void)
{
	begin_trees("many");
	for (int s = 0; s < 2; s++) {
		/* One inode a side, with many names: as much to open and read, less to make. */
		const char *first = at(check_text("many-%c", "lr"[s]));
		files_write_text(first, "the same on both sides");
		for (unsigned i = 0; i < 1000; i++) {
			if (i % 50 == 0)
				files_mkdir(at(check_text("many/%c/d%02u", "lr"[s], i / 50)));
			CHECK_EQ(link(first, at(check_text("many/%c/d%02u/%04u", "lr"[s], i / 50, i))), 0);
		}
	}
	same_under_limits("many", check_rounds(10));
}

static void deep_chain(void)
{
	const char *path = "";

	begin_trees("chain");
	for (unsigned level = 0; level < 40; level++) {
		for (int s = 0; s < 2; s++) {
			for (unsigned k = 0; k < 4; k++) {
				/* Before and behind the folder, so that each level is come back to. */
				const char *name = check_text("chain/%c%s/%c-file-%u", "lr"[s], path, "az"[k % 2], k);
				files_write_text(at(name), level == 30 && k == 3 && s ? "other" : "same!");
			}
		}
		path = check_text("%s/down", path);
		files_mkdir(at(check_text("chain/l%s", path)));
		files_mkdir(at(check_text("chain/r%s", path)));
	}
	same_under_limits("chain", check_rounds(60));
}

/* Folders whose names begin each other: all of them are listed before the first is gone into. */
static void listed_ahead(void)
{
	char name[64] = "a";

	begin_trees("ahead");
	for (unsigned i = 0; i < 60; i++) {
		for (int s = 0; s < 2; s++) {
			files_mkdir(at(check_text("ahead/%c/%s", "lr"[s], name)));
			files_write_text(at(check_text("ahead/%c/%s/file", "lr"[s], name)), "x");
		}
		strcat(name, "!");
	}
	same_under_limits("ahead", check_rounds(40));
}

/* Many folders, so that the walk waits for items again and again while they end on other threads. */
static void many_folders(void)
{
	begin_trees("folders");
	for (int s = 0; s < 2; s++) {
		const char *first = at(check_text("folders-%c", "lr"[s]));
		files_write_text(first, "x");
		for (unsigned i = 0; i < 150; i++) {
			files_mkdir(at(check_text("folders/%c/%03u", "lr"[s], i)));
			files_mkdir(at(check_text("folders/%c/%03u/in", "lr"[s], i)));
			CHECK_EQ(link(first, at(check_text("folders/%c/%03u/in/x", "lr"[s], i))), 0);
			CHECK_EQ(link(first, at(check_text("folders/%c/%03u/y", "lr"[s], i))), 0);
		}
	}
	same_under_limits("folders", check_rounds(20));
	for (unsigned i = 0; i < check_rounds(100); i++) {
		struct core_compare_summary sum = compare_world("folders", 0, 0, NULL);
		CHECK_EQ(sum.verdict, CORE_VERDICT_EQUAL);
		CHECK_EQ(sum.equal, 600);
	}
}

/* On the way up, each folder that holds one is opened again by its whole path. */
enum { FILE_EVERY = 10 };

/* Makes `levels` folders below one another, with names of `len` bytes, and now and then a link to a file. */
static void dig(const char *root, unsigned levels, unsigned len, const char *file)
{
	char name[256];
	int dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'd', len);
	name[len] = '\0';
	for (unsigned i = 0; i < levels; i++) {
		CHECK(dir >= 0);
		CHECK_EQ(mkdirat(dir, name, 0700), 0);
		int next = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (i % FILE_EVERY == 0)
			CHECK_EQ(linkat(AT_FDCWD, file, dir, "z", 0), 0);
		close(dir);
		dir = next;
	}
	close(dir);
}

static void deep_tree(unsigned levels, unsigned len)
{
	const char *world = check_text("deep-%u", len);
	struct records records = {0};

	begin_trees(world);
	for (int s = 0; s < 2; s++) {
		const char *file = at(check_text("%s/file-%d", world, s));
		files_write_text(file, "same");
		dig(at(check_text("%s/%c", world, "lr"[s])), levels, len, file);
	}
	/* Levels whose folder still has a path of at most 16 KiB; in the last, not even the file has. */
	unsigned fit = 16384 / (len + 1);
	pool_test_begin(1);
	struct core_compare_summary sum = compare_world(world, CORE_COMPARE_ALL_ENTRIES, 0, &records);
	CHECK_EQ(sum.verdict, levels > fit ? CORE_VERDICT_UNKNOWN : CORE_VERDICT_EQUAL);
	CHECK_EQ(sum.different + sum.only_left + sum.only_right, 0);
	CHECK_EQ(sum.error, 0);
	if (levels > fit) {
		CHECK(sum.unknown >= 1 && sum.unknown <= 2);
		unsigned names = fit + fit / FILE_EVERY;
		CHECK(sum.equal >= names - 2 && sum.equal <= names + 2);
	} else {
		CHECK_EQ(sum.equal, levels + levels / FILE_EVERY);
	}
	unsigned limits = 0;
	for (size_t i = 0; i < records.len;) {
		struct core_rec_entry r;
		memcpy(&r, records.data + i, sizeof r);
		/* A name that is refused is told all the same. */
		CHECK(r.path.len <= 16384 + 255);
		limits += r.error == CORE_ELIMIT;
		i += r.head.bytes;
	}
	CHECK_EQ(limits, sum.unknown);
	runs_forget(&records);
	/* One-sided, counted and uncounted. */
	for (unsigned f = 0; f < 2; f++) {
		core_pump *pump;
		files_mkdir(at(check_text("%s/none-%u", world, f)));
		CHECK_EQ(core_pump_new(&pump), 0);
		sum = runs_compare(pump, runs_path(at(check_text("%s/l", world))),
				   runs_path(at(check_text("%s/none-%u", world, f))), f ? CORE_COMPARE_COLLAPSE : 0, 0, 0,
				   NULL);
		CHECK_EQ(sum.verdict, CORE_VERDICT_DIFFERENT);
		CHECK(levels <= fit || sum.unknown > 0);
		core_pump_del(pump);
	}
	pool_test_end();
	descriptors(64);
	CHECK_EQ(pool_start(), 0);
	sum = compare_world(world, 0, 0, NULL);
	CHECK_EQ(sum.verdict, levels > fit ? CORE_VERDICT_UNKNOWN : CORE_VERDICT_EQUAL);
	runs_settle();
}

static void deep_short_names(void)
{
	deep_tree(3000, 6);
}

static void deep_long_names(void)
{
	deep_tree(100, 200);
}

static void deep_but_fitting(void)
{
	deep_tree(500, 30);
}

/* ------------------------------------------------------- shed and reopened */

/* Walks in one thread; `hook` is called with each path before its item is looked at. */
struct seen {
	char path[200];
	uint8_t status;
	int32_t error;
};

static unsigned walk(const char *world, struct seen *seen, unsigned cap, void (*hook)(const char *path))
{
	static core_run run;
	const struct config config = {.chunk = 4096};
	struct merge m;
	struct err e;
	int fd[2];
	struct plat_stat id[2];
	unsigned count = 0;

	for (int s = 0; s < 2; s++) {
		fd[s] = plat_open_at(PLAT_CWD, at(check_text("%s/%c", world, "lr"[s])), PLAT_DIR);
		CHECK(fd[s] >= 0);
		CHECK_EQ(plat_fstat(fd[s], &id[s]), 0);
	}
	CHECK_EQ(merge_init(&m, &run, &config, fd, id), 0);
	CHECK_EQ(merge_list_root(&m, &e), 0);
	while (!m.done) {
		struct item it;
		int32_t n = merge_step(&m, &it, 1, 0);
		CHECK(n == 0 || n == 1);
		if (n == 0)
			continue;
		CHECK(count < cap);
		struct seen *x = &seen[count++];
		snprintf(x->path, sizeof x->path, "%.*s%.*s", (int)it.dir->path.len,
			 it.dir->path.data ? (const char *)it.dir->path.data : "", (int)it.len, it.name);
		hook(x->path);
		if (!it.settled)
			CHECK_EQ(item_compare(&it, &run, &config), 1);
		x->status = it.out.status;
		x->error = it.out.err.code;
		dir_pair_unref(&m, it.dir);
	}
	merge_free(&m);
	pool_test_end();
	CHECK_EQ(plat_descriptors(), 0);
	CHECK_EQ(mem_bytes(), 0);
	return count;
}

static const char *hook_at;
static int how;
static const char *hook_world;

/* Puts something else in the place of b/c on the left. */
static void replace(const char *path)
{
	if (strcmp(path, hook_at) != 0)
		return;
	const char *place = at(check_text("%s/l/b/c", hook_world));
	CHECK_EQ(rename(place, at(check_text("%s/moved", hook_world))), 0);
	if (how == 1) {
		files_mkdir(place);
		files_write_text(check_text("%s/z", place), "same");
		files_mkdir(check_text("%s/y", place));
	}
	if (how == 2)
		files_link("../../../moved", place);
	if (how == 3)
		files_write_text(place, "a file");
}

static void no_hook(const char *path)
{
	(void)path;
}

/* b/c/d/e/f/g, with a file and a folder behind the way down on each level. */
static void make_way(const char *world)
{
	static const char *const way[] = {"b", "b/c", "b/c/d", "b/c/d/e", "b/c/d/e/f", "b/c/d/e/f/g"};

	begin_trees(world);
	for (int s = 0; s < 2; s++) {
		for (unsigned i = 0; i < 6; i++) {
			const char *dir = at(check_text("%s/%c/%s", world, "lr"[s], way[i]));
			files_mkdir(dir);
			files_write_text(check_text("%s/z", dir), "same");
			files_mkdir(check_text("%s/y", dir));
			files_write_text(check_text("%s/y/in", dir), "same");
		}
	}
}

static void shed_and_reopened(void)
{
	static struct seen plain[100], few[100];

	make_way("way");
	unsigned n = walk("way", plain, 100, no_hook);
	CHECK_EQ(n, 24);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(plain[i].status, CORE_STATUS_EQUAL);
	descriptors(64);
	CHECK_EQ(walk("way", few, 100, no_hook), n);
	CHECK(memcmp(plain, few, sizeof few) == 0);
}

static void replaced_while_shed(void)
{
	static struct seen seen[100];

	/* Gone, another folder, a link to what was there, a file. */
	for (how = 0; how < 4; how++) {
		rlim_t limit = how % 2 ? 64 : 50;
		hook_world = check_text("replaced-%d", how);
		/* At the bottom, when the folders on the way are given back. */
		hook_at = "b/c/d/e/f/g/z";
		make_way(hook_world);
		descriptors(limit);
		unsigned n = walk(hook_world, seen, 100, replace), lost = 0;
		CHECK(n <= 24 && n >= 20);
		for (unsigned i = 0; i < n; i++) {
			int inside = strncmp(seen[i].path, "b/c/", 4) == 0;
			if (seen[i].status == CORE_STATUS_EQUAL)
				continue;
			/* What was not looked at before is unknown, as changed: nothing is said to differ or be gone. */
			if (!inside || seen[i].status != CORE_STATUS_UNKNOWN || seen[i].error != CORE_ECHANGED)
				FAIL("case %d: %s has status %d, error %d", how, seen[i].path, seen[i].status, seen[i].error);
			lost++;
		}
		CHECK(lost >= 2);
	}
}

int main(void)
{
	TEST("C-32 many files, few descriptors", many_files);
	TEST("C-32 chain of 40 folders, few descriptors", deep_chain);
	TEST("C-32 folders listed ahead, few descriptors", listed_ahead);
	TEST("C-32 the walk waits for items, few descriptors", many_folders);
	TEST("tree of 3000 levels is unknown where paths are too long", deep_short_names);
	TEST("tree of 100 levels of long names", deep_long_names);
	TEST("tree of 500 levels that fits", deep_but_fitting);
	TEST("C-26 folders shed and opened again", shed_and_reopened);
	TEST("C-03 folder replaced while it was shed", replaced_while_shed);
	return check_end();
}
