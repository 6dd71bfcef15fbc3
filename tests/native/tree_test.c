/* SPDX-License-Identifier: MIT */
/* walk/tree and walk/find: the same lines in the same order, whatever the schedule, the descriptors and the memory. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
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

static const struct core_find_opts defaults = {
	.size = sizeof defaults, .output = -1, .max_size = INT64_C(9007199254740991),
	.changed_after = -INT64_C(9007199254740991), .changed_before = INT64_C(9007199254740991),
};

/* What a run came to: the paths, each ended by a line feed. */
struct found {
	char *text;
	size_t len;
	struct core_find_summary sum;
	int32_t rc;
	uint32_t errors;
};

static void take(struct found *f, struct records *r)
{
	for (size_t at = 0; at < r->len;) {
		struct core_rec_found rec;
		memcpy(&rec, r->data + at, sizeof rec);
		const uint8_t *data = r->data + at;
		at += rec.head.bytes;
		f->errors += rec.head.type == CORE_REC_ERROR;
		if (rec.head.type != CORE_REC_FOUND)
			continue;
		for (uint32_t i = 0; i < rec.entries.len;) {
			uint16_t len;
			memcpy(&len, data + rec.entries.off + i, sizeof len);
			f->text = realloc(f->text, f->len + len + 2u);
			CHECK(f->text);
			memcpy(f->text + f->len, data + rec.entries.off + i + 8, len);
			f->len += len;
			f->text[f->len++] = '\n';
			f->text[f->len] = '\0';
			i += 8u + len;
		}
	}
	r->len = 0;
}

/* With `nth`, that allocation fails. */
static struct found find_failing(const char *root, const struct core_find_opts *o, int test_mode, uint64_t nth)
{
	struct found f = {.text = calloc(1, 1)};
	struct records r = {0};
	core_pump *pump;
	core_run *run;

	CHECK(f.text);
	CHECK_EQ(core_pump_new(&pump), 0);
	if (nth > 0)
		mem_fail_at(nth);
	f.rc = core_find_new(&run, pump, 1, (const uint8_t *)root, strlen(root) + 1, o);
	if (f.rc == 0) {
		while (!(runs_drain(run, &r) & CORE_RUN_ENDED)) {
			take(&f, &r);
			if (test_mode)
				pool_test_step();
			else
				core_pump_wait(pump, 100);
		}
		runs_drain(run, &r);
		take(&f, &r);
		CHECK_EQ(core_find_result(run, &f.sum), 0);
		core_run_del(run);
		while (test_mode && pool_test_step())
			;
	}
	core_pump_del(pump);
	runs_forget(&r);
	return f;
}

static struct found find(const char *root, const struct core_find_opts *o, int test_mode)
{
	return find_failing(root, o, test_mode, 0);
}

static const char *put(const char *path, const char *text)
{
	const char *at = check_text("%s/%s", check_folder(), path);
	char dir[4096];

	snprintf(dir, sizeof dir, "%s", at);
	for (char *p = dir + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(dir, 0755);
		*p = '/';
	}
	if (!text)
		return at;
	FILE *out = fopen(at, "w");
	CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0);
	return at;
}

/* Directories of all shapes, with names that sort around slashes. */
static const char *make_tree(uint64_t seed)
{
	static const char *const names[] = {"a", "a-", "a.b", "a0", "b", "a/x", "a-/y", "b/c/d", "b/c.d", "b/c-/e", "z/z/z/z"};
	uint64_t rng = seed;

	for (int i = 0; i < 60; i++) {
		const char *x = names[rng_next(&rng) % 11], *y = names[rng_next(&rng) % 11];
		put(check_text("tree%d/%s-d/%s-d/f%d", (int)seed, x, y, i), "");
		put(check_text("tree%d/%s-d/%d", (int)seed, x, i), "");
	}
	return check_text("%s/tree%d", check_folder(), (int)seed);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines, sorted as bytes: what they should have been. */
static int is_sorted(const struct found *f)
{
	char *copy = strdup(f->text), *line[4096], *save = NULL;
	unsigned n = 0;
	int ok = 1;

	CHECK(copy);
	for (char *p = strtok_r(copy, "\n", &save); p && n < 4096; p = strtok_r(NULL, "\n", &save))
		line[n++] = p;
	char *sorted[4096];
	memcpy(sorted, line, n * sizeof *line);
	qsort(sorted, n, sizeof *sorted, by_path);
	for (unsigned i = 0; i < n; i++)
		ok &= sorted[i] == line[i];
	free(copy);
	return ok && n > 60;
}

static void schedules(void)
{
	const char *root = make_tree(1);
	struct core_find_opts o = defaults;
	const unsigned rounds = check_rounds(300);

	pool_test_begin(1);
	struct found want = find(root, &o, 1);
	/* What the thread keeps for its next listing. */
	const uint64_t kept = mem_bytes();
	pool_test_end();
	CHECK(is_sorted(&want));
	for (uint64_t seed = 1; seed <= rounds; seed++) {
		o.jobs = 1 + (uint32_t)(seed % 8);
		o.flags = 0;
		pool_test_begin(seed);
		struct found have = find(root, &o, 1);
		CHECK_TEXT(have.text, want.text);
		CHECK_EQ(have.sum.results, want.sum.results);
		free(have.text);
		o.flags = CORE_FIND_UNORDERED;
		o.max_results = seed % 3 ? 0 : 1 + seed % 50;
		have = find(root, &o, 1);
		CHECK_EQ(have.sum.results, o.max_results ? o.max_results : want.sum.results);
		CHECK(o.max_results || have.len == want.len);
		free(have.text);
		/* The first ones in order, whoever was quickest. */
		o.flags = 0;
		have = find(root, &o, 1);
		CHECK(strncmp(have.text, want.text, have.len) == 0);
		CHECK_EQ(have.sum.results, o.max_results ? o.max_results : want.sum.results);
		free(have.text);
		o.max_results = 0;
		runs_clean(kept);
		pool_test_end();
	}
	free(want.text);
}

static void few_descriptors(void)
{
	struct rlimit lim;
	const char *root = make_tree(2);
	struct found want = find(root, NULL, 0);

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = 24;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
	struct core_find_opts o = defaults;
	o.jobs = 2;
	struct found have = find(root, &o, 0);
	CHECK_EQ(have.errors, 0);
	CHECK_TEXT(have.text, want.text);
	free(have.text);
	free(want.text);
	runs_settle();
}

static void without_memory(void)
{
	const char *root = make_tree(3);
	put("tree3/.gitignore", "*.none\n");
	put("tree3/.git/info/exclude", "none\n");
	struct core_find_opts o = defaults;
	unsigned failed = 0;

	pool_test_begin(1);
	free(find(root, &o, 1).text);
	const uint64_t kept = mem_bytes();
	for (uint64_t n = 1; failed < 400; n += 1 + n / 50) {
		struct found have = find_failing(root, &o, 1, n);
		mem_fail_at(0);
		int broke = have.rc != 0 || have.sum.error != 0;
		CHECK(have.rc == 0 || have.rc == CORE_EMEMORY);
		CHECK(!broke || have.rc != 0 || have.sum.error == CORE_EMEMORY);
		free(have.text);
		runs_clean(kept);
		if (!broke)
			break;
		failed++;
	}
	CHECK(failed > 20);
	pool_test_end();
}

/* FX-10: what is ignored is not opened: its directories would be counted. */
static void ignored_is_not_listed(void)
{
	for (int i = 0; i < 50; i++)
		put(check_text("pruned/build/d%d/f", i), "");
	put("pruned/.git/config", "");
	put("pruned/.gitignore", "build/\n");
	put("pruned/main.c", "");
	struct found f = find(check_text("%s/pruned", check_folder()), NULL, 0);
	CHECK_TEXT(f.text, "main.c\n");
	CHECK_EQ(f.sum.dirs, 1);
	CHECK_EQ(f.sum.ignored, 1);
	free(f.text);
}

/* A reader that stops: the walk stands still, and goes on. */
static void slow_reader(void)
{
	const char *root = make_tree(4);
	struct core_find_opts o = defaults;
	struct found want = find(root, NULL, 0);
	int fds[2];
	core_pump *pump;
	core_run *run;

	runs_settle();
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	/* Full but for a few bytes. */
	char fill[4096] = {0};
	long full = 0, n;
	while ((n = write(fds[1], fill, sizeof fill)) > 0)
		full += n;
	o.output = fds[1];
	o.flags = CORE_FIND_RELATIVE;
	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_find_new(&run, pump, 1, (const uint8_t *)root, strlen(root) + 1, &o), 0);
	for (; full > 0; full -= n)
		CHECK((n = read(fds[0], fill, full < (long)sizeof fill ? (size_t)full : sizeof fill)) > 0);
	char *text = malloc(want.len + 1);
	CHECK(text);
	for (size_t got = 0; got < want.len; got += (size_t)n)
		CHECK((n = read(fds[0], text + got, want.len - got)) > 0);
	text[want.len] = '\0';
	CHECK_TEXT(text, want.text);
	struct core_progress p;
	do {
		core_pump_wait(pump, 100);
		core_run_progress(run, &p);
	} while (!(p.state & CORE_RUN_ENDED));
	core_run_del(run);
	/* One that nobody reads is left when it is cancelled; one whose reader is gone fails. */
	while (write(fds[1], fill, sizeof fill) > 0)
		;
	CHECK_EQ(core_find_new(&run, pump, 2, (const uint8_t *)root, strlen(root) + 1, &o), 0);
	core_run_cancel(run);
	do {
		core_pump_wait(pump, 100);
		core_run_progress(run, &p);
	} while (!(p.state & CORE_RUN_ENDED));
	struct core_find_summary sum;
	CHECK_EQ(core_find_result(run, &sum), 0);
	CHECK_EQ(sum.error, CORE_ECANCELLED);
	core_run_del(run);
	close(fds[0]);
	CHECK_EQ(core_find_new(&run, pump, 3, (const uint8_t *)root, strlen(root) + 1, &o), 0);
	do {
		core_pump_wait(pump, 100);
		core_run_progress(run, &p);
	} while (!(p.state & CORE_RUN_ENDED));
	CHECK_EQ(core_find_result(run, &sum), 0);
	CHECK_EQ(sum.error, CORE_EWRITE);
	core_run_del(run);
	close(fds[1]);
	core_pump_del(pump);
	free(text);
	free(want.text);
	runs_settle();
}

/* F-31: paths as deep as a file system lets them be; as records, one that is longer than a record is told. */
static void long_paths(void)
{
	enum { LEVELS = 160, NAME = 250 };
	int fd[LEVELS + 1];
	char name[NAME + 1];
	uint64_t bottom = 0;

	memset(name, 'n', NAME);
	name[NAME] = '\0';
	put("long/x", "");
	fd[0] = open(check_text("%s/long", check_folder()), O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < LEVELS; i++) {
		CHECK_EQ(mkdirat(fd[i], name, 0755), 0);
		CHECK((fd[i + 1] = openat(fd[i], name, O_RDONLY | O_DIRECTORY)) >= 0);
		bottom += (uint64_t)(i + 1) * (NAME + 1) - 1 <= (30 << 10) - 8;
	}
	CHECK(bottom > 100 && bottom < LEVELS);
	struct found f = find(check_text("%s/long", check_folder()), NULL, 0);
	CHECK_EQ(f.sum.entries, LEVELS + 1);
	CHECK_EQ(f.sum.results, bottom + 1);
	CHECK_EQ(f.errors, LEVELS - bottom);
	CHECK_EQ(f.sum.errors, LEVELS - bottom);
	free(f.text);
	for (int i = LEVELS; i > 0; i--) {
		close(fd[i]);
		CHECK_EQ(unlinkat(fd[i - 1], name, AT_REMOVEDIR), 0);
	}
	close(fd[0]);
}

int main(void)
{
	TEST("F-31 find paths longer than a record", long_paths);
	TEST("F-50 find the same lines under any schedule", schedules);
	TEST("F-32 find with few descriptors", few_descriptors);
	TEST("find without memory", without_memory);
	TEST("FX-10 find does not list what is ignored", ignored_is_not_listed);
	TEST("R-4 find waits for its reader", slow_reader);
	return check_end();
}
