/* SPDX-License-Identifier: MIT */
/* A directory against a map of files that are far away, on seeded schedules. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "compare/engine.h"
#include "core.h"
#include "far.h"
#include "files.h"
#include "io/map.h"
#include "plat/plat.h"
#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 60 };

static uint8_t *content;

static size_t len_of(unsigned i)
{
	return i * 997 % 20000;
}

static const char *root(void)
{
	return check_text("%s/tree", check_folder());
}

static const char *name_of(unsigned i)
{
	return check_text(i % 3 ? "f%02u" : "d%u/f%02u", i % 3 ? i : i % 5, i);
}

static void make_tree(void)
{
	files_mkdir(root());
	for (unsigned d = 0; d < 5; d++)
		files_mkdir(check_text("%s/d%u", root(), d));
	content = files_noise(1, 20001);
	for (unsigned i = 0; i < FILES; i++)
		files_write(check_text("%s/%s", root(), name_of(i)), content, len_of(i));
}

static struct far *add(core_map *map, unsigned i, const uint8_t *bytes, size_t len, unsigned delay)
{
	struct far *f = far_new(bytes, len, delay);
	const char *path = name_of(i);
	char *shown = mem_alloc(32);

	CHECK(shown);
	snprintf(shown, 32, "far://%u", i);
	CHECK_EQ(map_add(map, (const uint8_t *)path, strlen(path), &f->opener, shown), 0);
	return f;
}

static core_run *start(core_map *map, uint32_t flags, uint32_t jobs)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .jobs = jobs, .chunk_bytes = 4096};
	struct side side[2] = {{.kind = CORE_SOURCE_PATH}, {.kind = CORE_SOURCE_MAP, .map = map}};
	const char *path = root();
	core_run *run;

	map_ref(map);
	side[0].len = strlen(path);
	side[0].data = mem_alloc(side[0].len + 1);
	CHECK(side[0].data);
	memcpy(side[0].data, path, side[0].len + 1);
	CHECK_EQ(engine_start(&run, far_pump, 1, side, &opts), 0);
	return run;
}

static void verdicts(void)
{
	const unsigned rounds = check_rounds(60);

	for (unsigned i = 0; i < rounds; i++) {
		uint64_t rng = i;
		unsigned missing = 0, different = 0, failed = 0, empty = 0, left[5] = {0};
		core_map *map;
		far_begin(i);
		CHECK_EQ(core_map_new(&map), 0);
		for (unsigned k = 0; k < FILES; k++) {
			unsigned how = (unsigned)(rng_next(&rng) % 8);
			if (how == 0) {
				missing++;
				continue;
			}
			/* One byte more, or other bytes. */
			const size_t len = len_of(k) + (how == 1);
			const uint8_t *bytes = how == 2 ? content + 1 : content;
			struct far *f = add(map, k, bytes, len, (unsigned)(rng_next(&rng) % 20));
			f->knows_size = rng_next(&rng) % 3 != 0;
			f->ready_fails = how == 3 ? CORE_EHTTP_STATUS : 0;
			f->open_fails = how == 4 ? CORE_ENETWORK : 0;
			failed += how == 3 || how == 4;
			different += how == 1 || (how == 2 && len > 0);
			left[k % 5] += k % 3 == 0;
		}
		/* A map has only the directories that its files are in. */
		for (unsigned d = 0; d < 5; d++)
			empty += left[d] == 0;
		core_run *run = start(map, i % 2 ? CORE_COMPARE_NO_SIZE_PRECHECK : 0, i % 7);
		const unsigned most = i % 7 == 0 ? 8 : i % 7;
		core_run_discard(run);
		struct core_compare_summary sum = far_finish(run);
		CHECK_EQ(sum.error, 0);
		CHECK_EQ(sum.tree, 1);
		CHECK_EQ(sum.only_left, missing + empty);
		CHECK_EQ(sum.only_right, 0);
		CHECK_EQ(sum.different, different);
		CHECK_EQ(sum.unknown, failed);
		CHECK_EQ(sum.equal, FILES + 5 - missing - empty - different - failed);
		CHECK(far_most_open <= most);
		map_unref(map);
		far_end();
	}
}

/* In the order of whole paths, each with what it is about. */
static void records(void)
{
	struct records all = {0};
	core_map *map;

	far_begin(3);
	CHECK_EQ(core_map_new(&map), 0);
	for (unsigned k = 0; k < 8; k++)
		add(map, k, content, len_of(k), 20 - k)->ready_fails = k == 4 ? CORE_EHTTP_STATUS : 0;
	core_run *run = start(map, 0, 4);
	while (!far_has_ended(run) || (runs_drain(run, &all) & CORE_RUN_RECORDS)) {
		runs_drain(run, &all);
		CHECK(far_turn() || far_has_ended(run));
	}
	runs_drain(run, &all);
	char *lines = runs_lines(&all);
	CHECK(strncmp(lines, "< d0/f15\n< d0/f30\n", 18) == 0);
	CHECK(strstr(lines, "\n! f04 -401\n< f08\n"));
	CHECK(memmem(all.data, all.len, "fetch right side: far://4: 1500 of 7 in 1.5 s", 45));
	free(lines);
	runs_forget(&all);
	CHECK_EQ(far_finish(run).verdict, CORE_VERDICT_DIFFERENT);
	map_unref(map);
	far_end();
}

static void cancelled(void)
{
	const unsigned rounds = check_rounds(200);

	for (unsigned i = 0; i < rounds; i++) {
		core_map *map;
		far_begin(i);
		CHECK_EQ(core_map_new(&map), 0);
		for (unsigned k = 0; k < FILES; k++)
			add(map, k, content, len_of(k), k % 10);
		core_run *run = start(map, i % 3 ? 0 : CORE_COMPARE_FIRST, i % 5);
		for (unsigned steps = i % 150; steps > 0; steps--)
			far_turn();
		if (i % 2) {
			core_run_del(run);
			/* The network is not needed for the end. */
			while (pool_test_step())
				;
		} else {
			core_run_cancel(run);
			CHECK(far_finish(run).error == CORE_ECANCELLED);
		}
		map_unref(map);
		far_end();
	}
}

/* The first difference ends all. */
static void first(void)
{
	const unsigned rounds = check_rounds(100);

	for (unsigned i = 0; i < rounds; i++) {
		unsigned opened = 0;
		core_map *map;
		far_begin(i);
		CHECK_EQ(core_map_new(&map), 0);
		for (unsigned k = 0; k < FILES; k++)
			add(map, k, k == 30 ? content + 1 : content, len_of(k), k == 30 ? 0 : 200);
		struct core_compare_summary sum = far_finish(start(map, CORE_COMPARE_FIRST, 2));
		CHECK_EQ(sum.verdict, CORE_VERDICT_DIFFERENT);
		CHECK(sum.different == 1);
		for (unsigned k = 0; k < fars; k++)
			opened += (unsigned)far[k].opened;
		CHECK(opened < FILES);
		map_unref(map);
		far_end();
	}
}

static void two_maps(void)
{
	core_map *map[2];

	for (unsigned i = 0; i < 20; i++) {
		far_begin(i);
		for (int s = 0; s < 2; s++) {
			CHECK_EQ(core_map_new(&map[s]), 0);
			for (unsigned k = 0; k < FILES; k++)
				add(map[s], k, content, len_of(k) + (s == 1 && k == 7), (k + i) % 9);
		}
		const struct core_compare_opts opts = {.size = sizeof opts, .jobs = 3};
		struct side side[2] = {{.kind = CORE_SOURCE_MAP, .map = map[0]}, {.kind = CORE_SOURCE_MAP, .map = map[1]}};
		core_run *run;
		map_ref(map[0]);
		map_ref(map[1]);
		CHECK_EQ(engine_start(&run, far_pump, 1, side, &opts), 0);
		struct core_compare_summary sum = far_finish(run);
		CHECK_EQ(sum.different, 1);
		CHECK_EQ(sum.equal, FILES - 1 + 5);
		CHECK(far_most_open <= 6);
		map_unref(map[0]);
		map_unref(map[1]);
		far_end();
	}
}

static void paths(void)
{
	static const char *const right[] = {"a", "a/b", ".a", "..a", "a/...", "a b", "\xff"};
	static const char *const wrong[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "./a", "a/../b", ".."};
	core_map *map;

	far_begin(1);
	CHECK_EQ(core_map_new(&map), 0);
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		CHECK_EQ(map_add(map, (const uint8_t *)right[i], strlen(right[i]), &far_new(content, 1, 0)->opener, mem_alloc(1)), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (map_add(map, (const uint8_t *)wrong[i], strlen(wrong[i]), &far_new(content, 1, 0)->opener, mem_alloc(1)) != CORE_EUSAGE)
			FAIL("%s", wrong[i]);
	}
	CHECK_EQ(map_add(map, (const uint8_t *)"a\0b", 3, &far_new(content, 1, 0)->opener, mem_alloc(1)), CORE_EUSAGE);
	core_map_del(map);
	core_map_del(NULL);
	far_end();
}

int main(void)
{
	make_tree();
	TEST("C-23 away verdicts on seeded schedules", verdicts);
	TEST("C-23 away records in order, with what they are about", records);
	TEST("C-23 away cancelled at any moment", cancelled);
	TEST("C-23 away the first difference ends all", first);
	TEST("C-23 away two maps", two_maps);
	TEST("C-23 away paths of a map", paths);
	free(content);
	return check_end();
}
