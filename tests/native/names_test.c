/* SPDX-License-Identifier: MIT */
/* C-77: trees whose names are spelled differently: what goes together, what collides, and in which order it is told. */
#include "base/alloc.h"
#include "check.h"
#include "compare/names.h"
#include "core.h"
#include "files.h"
#include "plat/plat.h"
#include "pool/pool.h"
#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CASE = CORE_COMPARE_IGNORE_CASE_NAMES,
	NORMAL = CORE_COMPARE_NORMALIZE_NAMES,
	ALL = CORE_COMPARE_ALL_ENTRIES,
};

static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

/* Makes the files of a side: paths between blanks, each `same` inside, or what stands behind `=`; folders end in a slash. */
static void make_side(const char *world, const char *side, const char *paths)
{
	files_mkdir(at(check_text("%s/%s", world, side)));
	while (*paths) {
		size_t n = strcspn(paths, " ");
		char path[256];
		snprintf(path, sizeof path, "%.*s", (int)n, paths);
		char *text = strchr(path, '=');
		if (text)
			*text++ = '\0';
		for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			mkdir(at(check_text("%s/%s/%s", world, side, path)), 0700);
			*slash = '/';
		}
		if (n == 0 || path[strlen(path) - 1] != '/')
			files_write_text(at(check_text("%s/%s/%s", world, side, path)), text ? text : "same");
		paths += n + (paths[n] == ' ');
	}
}

static struct core_compare_summary compare_world(const char *world, uint32_t flags, uint32_t jobs, struct records *into)
{
	core_pump *pump;

	CHECK_EQ(core_pump_new(&pump), 0);
	struct core_compare_summary sum = runs_compare(pump, runs_path(at(check_text("%s/l", world))),
						       runs_path(at(check_text("%s/r", world))), flags, jobs, 4096, into);
	core_pump_del(pump);
	runs_settle();
	return sum;
}

/* Puts a word in place of the reason and the error code of a collision. */
static void name_collisions(char *lines)
{
	const char *code = check_text("%d %d\n", CORE_REASON_NAME_COLLISION, CORE_ENAME_COLLISION);

	for (char *at; (at = strstr(lines, code)); lines = at) {
		size_t rest = strlen(at + strlen(code)) + 1;
		memcpy(at, "collides\n", 9);
		memmove(at + 9, at + strlen(code), rest);
	}
}

/* Compares two lists of paths as trees: the entries as lines. */
static struct core_compare_summary says(const char *left, const char *right, uint32_t flags, const char *want)
{
	static unsigned worlds;
	const char *world = check_text("says-%d-%u", (int)getpid(), worlds++);
	struct core_compare_summary sum = {0};

	files_mkdir(at(world));
	make_side(world, "l", left);
	make_side(world, "r", right);
	for (uint32_t jobs = 1; jobs <= 4; jobs += 3) {
		struct records records = {0};
		sum = compare_world(world, flags, jobs, &records);
		char *lines = runs_lines(&records);
		name_collisions(lines);
		CHECK_TEXT(lines, want);
		free(lines);
		runs_forget(&records);
	}
	return sum;
}

static void spelled_pairs(void)
{
	says("README.md", "readme.MD", CASE | ALL, "= README.md (readme.MD)\n");
	says("README.md", "readme.MD", ALL, "< README.md\n> readme.MD\n");
	says("README.md", "readme.MD", NORMAL | ALL, "< README.md\n> readme.MD\n");
	says("caf\xc3\xa9", "cafe\xcc\x81", NORMAL | ALL, "= caf\xc3\xa9 (cafe\xcc\x81)\n");
	says("caf\xc3\x89", "cafe\xcc\x81", NORMAL | ALL, "> cafe\xcc\x81\n< caf\xc3\x89\n");
	says("caf\xc3\x89", "cafe\xcc\x81", CASE | ALL, "> cafe\xcc\x81\n< caf\xc3\x89\n");
	says("caf\xc3\x89", "cafe\xcc\x81", CASE | NORMAL | ALL, "= caf\xc3\x89 (cafe\xcc\x81)\n");
	says("a\xff" "b", "A\xff" "B", CASE | ALL, "= a\xff" "b (A\xff" "B)\n");
	says("a\xff", "A\xfe", CASE | ALL, "> A\xfe\n< a\xff\n");
	says("a=1", "A=22", CASE, "* a (A) 2\n");
	says("a=1", "A=2", CASE, "* a (A) 1\n");
}

static void spelled_folders(void)
{
	says("Foo/x Foo/Sub/y Foo/only", "foo/X foo/sub/Y foo/new", CASE | ALL,
	     "= Foo (foo)\n= Foo/Sub (foo/sub)\n= Foo/Sub/y (foo/sub/Y)\n> Foo/new (foo/new)\n< Foo/only\n"
	     "= Foo/x (foo/X)\n");
	/* Of the same spelling inside: its path on the right is another all the same. */
	says("Foo/x=1", "foo/x=2", CASE, "* Foo/x (foo/x) 1\n");
	/* Of another kind: one entry, and nothing below it. */
	says("Foo/x", "foo", CASE, "* Foo (foo) 8\n");
	says("foo", "Foo/x", CASE, "* foo (Foo) 8\n");
	says("Foo/gone/a Foo/gone/b/", "foo/", CASE | CORE_COMPARE_COLLAPSE, "< Foo/gone below 2\n");
	says("Foo/", "foo/new/a foo/new/b/", CASE | CORE_COMPARE_COLLAPSE, "> Foo/new (foo/new) below 2\n");
	says("Foo/", "foo/", CASE | CORE_COMPARE_SKIP_EMPTY_DIRS | ALL, "");
}

/* Entries stand where their left spelling sorts, and what is below a folder with it. */
static void order(void)
{
	says("a.c A-b a/x B/y b.d", "B.D b/Y a/X A.C a-b C", CASE | ALL,
	     "= A-b (a-b)\n= B (b)\n= B/y (b/Y)\n> C\n= a\n= a.c (A.C)\n= a/x (a/X)\n= b.d (B.D)\n");
	/* Names around the slash, folders spelled so that they sort elsewhere on the other side. */
	says("z/1 Z-/2 Z.x/3 m", "Z/1 z-/2 z.X/3 M", CASE | ALL,
	     "= Z- (z-)\n= Z-/2 (z-/2)\n= Z.x (z.X)\n= Z.x/3 (z.X/3)\n= m (M)\n= z (Z)\n= z/1 (Z/1)\n");
	says("b", "A a c C B", CASE | ALL, "> A 2052\n> C 2052\n> a 2052\n= b (B)\n> c 2052\n");
}

static void collisions(void)
{
	struct core_compare_summary sum;

	/* The same bytes go together; what is left over is undecided, on whichever side. */
	sum = says("a A", "a", CASE | ALL, "! A collides\n= a\n");
	CHECK_EQ(sum.verdict, CORE_VERDICT_UNKNOWN);
	CHECK_EQ(sum.unknown, 1);
	says("a", "a A", CASE | ALL, "! A collides\n= a\n");
	says("a", "A b B", CASE | ALL, "> B 2052\n= a (A)\n> b 2052\n");
	sum = says("Abc", "abc ABC", CASE | ALL, "! ABC collides\n! Abc collides\n! abc collides\n");
	CHECK_EQ(sum.equal, 0);
	says("ab aB Ab", "ab Ab AB", CASE | ALL, "! AB collides\n= Ab\n! aB collides\n= ab\n");
	/* Trees that are the same bytewise are equal, whatever spellings they hold. */
	sum = says("a A d/X d/x", "A a d/x d/X", CASE | ALL, "= A\n= a\n= d\n= d/X\n= d/x\n");
	CHECK_EQ(sum.verdict, CORE_VERDICT_EQUAL);
	/* A difference that is proven stays one. */
	sum = says("a=1 A=1", "a=2", CASE, "! A collides\n* a 1\n");
	CHECK_EQ(sum.verdict, CORE_VERDICT_DIFFERENT);
	/* Folders: not gone into, unless they are of the same bytes. */
	says("D/x d/y", "D/x d/Y", CASE | ALL, "= D\n= D/x\n= d\n= d/y (d/Y)\n");
	says("D/x d/y", "d/y dd/", CASE | ALL, "! D collides\n= d\n= d/y\n> dd\n");
	says("D/x d/y e/z", "E/z E.f", CASE | ALL, "< D 2052\n< D/x\n> E.f\n< d 2052\n< d/y\n= e (E)\n= e/z (E/z)\n");
	/* With nothing on the other side they are missing there, for sure. */
	says("a A", "", CASE, "< A 2052\n< a 2052\n");
	says("d/a d/A D/x", "", CASE | CORE_COMPARE_COLLAPSE, "< D 2052 below 1\n< d 2052 below 2\n");
	/* In one direction, names that are only on the right do not exist; those of the left may collide with them. */
	says("a", "a A b B", CASE | CORE_COMPARE_ONE_WAY | ALL, "= a\n");
	says("Ab", "ab AB b B", CASE | CORE_COMPARE_ONE_WAY | ALL, "! Ab collides\n");
	/* By normal form. */
	says("\xc3\xa9", "e\xcc\x81 \xc3\xa9", NORMAL | ALL, "! e\xcc\x81 collides\n= \xc3\xa9\n");
}

/* Names of the same bytes on both sides need no keys, and are never anything but themselves. */
static void of_the_same_bytes(void)
{
	struct dir_list list[2] = {0};
	struct buf scratch = {0}, path = {0};
	struct config config = {0};
	struct names_scope scope = {&config, {&path, &path}, &scratch};
	struct fold fold = {.how = FOLD_CASE};
	struct names n;

	for (int s = 0; s < 2; s++) {
		CHECK_EQ(dir_add(&list[s], "a", 1, CORE_KIND_FILE, 0), 0);
		CHECK_EQ(dir_add(&list[s], "A", 1, CORE_KIND_DIR, 0), 0);
		CHECK_EQ(dir_add(&list[s], "A", 1, CORE_KIND_DIR, 1), 0);
		dir_sort(&list[s]);
	}
	CHECK(names_go_along(&scope, list));
	CHECK_EQ(names_match(&n, &fold, &scope, list), 0);
	CHECK_EQ(n.folded, 0);
	names_free(&n);
	CHECK_EQ(dir_add(&list[1], "b", 1, CORE_KIND_FILE, 0), 0);
	dir_sort(&list[1]);
	CHECK(!names_go_along(&scope, list));
	CHECK_EQ(names_match(&n, &fold, &scope, list), 0);
	CHECK_EQ(n.folded, 0);
	names_free(&n);
	for (int s = 0; s < 2; s++)
		dir_list_free(&list[s]);
	fold_free(&fold);
	CHECK_EQ(mem_bytes(), 0);
}

/* Folders that are given back and opened again are found under their spelling on each side. */
static void few_descriptors(void)
{
	char path[2][600] = {"", ""};
	struct rlimit lim;
	struct records plain = {0}, few = {0};

	files_mkdir(at("deep"));
	files_mkdir(at("deep/l"));
	files_mkdir(at("deep/r"));
	for (unsigned i = 0; i < 40; i++) {
		for (int s = 0; s < 2; s++) {
			size_t n = strlen(path[s]);
			snprintf(path[s] + n, sizeof path[s] - n, "/%s%u", s ? "DIR" : "dir", i);
			const char *dir = at(check_text("deep/%c%s", "lr"[s], path[s]));
			files_mkdir(dir);
			files_write_text(check_text("%s/%s", dir, s ? "FILE" : "file"), i % 7 ? "same" : s ? "one" : "two");
			files_mkdir(check_text("%s/%s", dir, s ? "zz" : "ZZ"));
			files_write_text(check_text("%s/%s/in", dir, s ? "zz" : "ZZ"), "same");
		}
	}
	struct core_compare_summary sum = compare_world("deep", CASE | ALL, 0, &plain);
	CHECK_EQ(sum.equal, 40 * 4 - 6);
	CHECK_EQ(sum.different, 6);
	CHECK_EQ(sum.unknown, 0);
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = 40;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
	for (uint64_t seed = 0; seed < 10; seed++) {
		if (seed > 0)
			pool_test_begin(seed);
		CHECK_EQ(pool_start(), 0);
		compare_world("deep", CASE | ALL, 2, &few);
		CHECK_EQ(few.len, plain.len);
		CHECK(memcmp(few.data, plain.data, few.len) == 0);
		runs_forget(&few);
		pool_test_end();
	}
	runs_forget(&plain);
}

/* Both spellings of a path have to fit into a record; what does not is unknown, and the run ends. */
static void long_paths(void)
{
	char name[2][201];
	struct records records = {0};
	unsigned unknown = 0, longest = 0;

	memset(name[0], 'a', 200);
	memset(name[1], 'A', 200);
	name[0][200] = name[1][200] = '\0';
	files_mkdir(at("long"));
	for (int s = 0; s < 2; s++) {
		const char *root = at(check_text("long/%c", "lr"[s]));
		files_mkdir(root);
		/* From the bottom up: the path itself is longer than the system takes. */
		const char *below = NULL;
		for (unsigned i = 0; i < 90; i++) {
			const char *above = at(check_text("long/%c-%u", "lr"[s], i));
			files_mkdir(above);
			if (below)
				CHECK_EQ(rename(below, check_text("%s/%s", above, name[s])), 0);
			files_write_text(check_text("%s/%c", above, "fF"[s]), "same");
			below = above;
		}
		CHECK_EQ(rename(below, check_text("%s/%s", root, name[s])), 0);
	}
	struct core_compare_summary sum = compare_world("long", CASE | ALL, 0, &records);
	CHECK_EQ(sum.error, 0);
	CHECK(sum.unknown > 0 && sum.unknown < 4);
	CHECK_EQ(sum.only_left + sum.only_right + sum.different, 0);
	CHECK(sum.equal > 2 * 70);
	for (size_t i = 0; i < records.len;) {
		struct core_rec_entry r;
		memcpy(&r, records.data + i, sizeof r);
		unknown += r.status == CORE_STATUS_UNKNOWN && r.error == CORE_ELIMIT;
		if (r.path_right.len > longest)
			longest = r.path_right.len;
		i += r.head.bytes;
	}
	CHECK_EQ(unknown, sum.unknown);
	CHECK(longest > 14000);
	runs_forget(&records);
	files_remove(at("long"));
}

int main(void)
{
	TEST("C-77 names spelled differently are one", spelled_pairs);
	TEST("C-77 folders spelled differently are one", spelled_folders);
	TEST("C-77 the order is that of the left spelling", order);
	TEST("C-77 name collisions", collisions);
	TEST("C-77 names of the same bytes are not folded", of_the_same_bytes);
	TEST("C-77 few descriptors, folders spelled differently", few_descriptors);
	TEST("C-77 long paths in two spellings", long_paths);
	return check_end();
}
