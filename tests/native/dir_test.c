/* SPDX-License-Identifier: MIT */
/* walk/dir: one directory listed and sorted as `LC_ALL=C sort` sorts whole paths. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "files.h"
#include "plat/plat.h"
#include "pool/pool.h"
#include "walk/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A name as it was made: what the sorted list must hold. */
struct made {
	const char *text;
	size_t len;
	uint8_t kind, below;
};

static struct made *made;
static size_t made_count, made_cap;

static void note(const char *text, size_t len, uint8_t kind, uint8_t below)
{
	if (made_count == made_cap) {
		made_cap = made_cap ? 2 * made_cap : 64;
		made = realloc(made, made_cap * sizeof *made);
		CHECK(made);
	}
	made[made_count++] = (struct made){text, len, kind, below};
}

static int by_bytes(const void *x, const void *y)
{
	const struct made *a = x, *b = y;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->text, b->text, n);

	return c != 0 ? c : a->len < b->len ? -1 : a->len > b->len;
}

static int folder = -1;
static unsigned folders;

static void begin_folder(void)
{
	const char *path = check_text("%s/dir-%u-%d", check_folder(), folders++, (int)getpid());

	files_mkdir(path);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(folder >= 0);
	made_count = 0;
}

/* Makes a name unless it is there. */
static void add(const char *name, uint8_t kind)
{
	int rc = 0;

	switch (kind) {
	case CORE_KIND_DIR:
		rc = mkdirat(folder, name, 0700);
		break;
	case CORE_KIND_SYMLINK:
		rc = symlinkat("nowhere", folder, name);
		break;
	case CORE_KIND_FIFO:
		rc = mkfifoat(folder, name, 0600);
		break;
	default: {
		/* One inode with many names costs less than many files. */
		static const char *const shared = "../shared";
		if (linkat(folder, shared, folder, name, 0) != 0 && errno != EEXIST) {
			int fd = openat(folder, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
			rc = fd < 0 ? -1 : 0;
			if (fd >= 0)
				close(fd);
			unlinkat(folder, shared, 0);
			linkat(folder, name, folder, shared, 0);
		}
	}
	}
	if (rc != 0)
		FAIL("cannot make %.40s: %s", name, strerror(errno));
	note(check_text("%s", name), strlen(name), kind, 0);
	if (kind == CORE_KIND_DIR)
		note(check_text("%s/", name), strlen(name) + 1, kind, 1);
}

/* Lists the folder and compares with a plain sort of what was made. */
static void check_list(void)
{
	struct dir_list l;
	struct err e = {0};

	CHECK_EQ(dir_read(&l, folder, 0, 0, &e), 0);
	CHECK_EQ(l.count, made_count);
	if (made_count > 0)
		qsort(made, made_count, sizeof *made, by_bytes);
	for (uint32_t i = 0; i < l.count; i++) {
		const struct dir_item *x = &l.items[i];
		if (x->len != made[i].len || memcmp(dir_name(&l, x), made[i].text, x->len) != 0)
			FAIL("place %u holds \"%.60s\", not \"%.60s\"", i, dir_name(&l, x), made[i].text);
		CHECK_EQ(dir_name(&l, x)[x->len], '\0');
		CHECK_EQ(x->kind, made[i].kind);
		CHECK_EQ(x->below, made[i].below);
		CHECK(i == 0 || dir_compare(&l, x - 1, &l, x) < 0);
		CHECK(i == 0 || dir_compare(&l, x, &l, x - 1) > 0);
		CHECK_EQ(dir_compare(&l, x, &l, x), 0);
	}
	dir_list_free(&l);
	CHECK(!l.items && l.count == 0);
	close(folder);
	pool_test_end();
	CHECK_EQ(mem_bytes(), 0);
}

static void few_names(void)
{
	begin_folder();
	check_list();
	begin_folder();
	add("only", CORE_KIND_FILE);
	check_list();
	begin_folder();
	add("only", CORE_KIND_DIR);
	check_list();
	begin_folder();
	add("b", CORE_KIND_FILE);
	add("a", CORE_KIND_SYMLINK);
	check_list();
}

/* What sorts between a directory and the paths below it: bytes below '/'. */
static void names_around_slash(void)
{
	static const char *const tails[] = {"", "!", "-", ".", "..", ".x", "/", "0", "a", " ", "\x01", "\xff", "-b", "0/"};

	for (unsigned mask = 0; mask < 64; mask++) {
		begin_folder();
		for (unsigned i = 0; i < sizeof tails / sizeof tails[0]; i++) {
			if (!strchr(tails[i], '/'))
				add(check_text("x%s", tails[i]), mask >> (i % 6) & 1 ? CORE_KIND_DIR : CORE_KIND_FILE);
		}
		check_list();
	}
}

static void every_byte(void)
{
	begin_folder();
	for (unsigned byte = 1; byte < 256; byte++) {
		if (byte == '/')
			continue;
		const char one[] = {(char)byte, '\0'};
		if (byte != '.')
			add(one, byte % 3 ? CORE_KIND_FILE : CORE_KIND_DIR);
		add(check_text("prefix-%s", one), byte % 5 ? CORE_KIND_FILE : CORE_KIND_DIR);
		add(check_text("%sz", one), CORE_KIND_FILE);
	}
	check_list();
}

static void long_names(void)
{
	char name[256];

	begin_folder();
	for (unsigned len = 1; len <= 255; len++) {
		memset(name, 'n', len);
		name[len] = '\0';
		add(name, len % 4 ? CORE_KIND_FILE : CORE_KIND_DIR);
		/* The same up to the last byte. */
		name[len - 1] = '!';
		add(name, CORE_KIND_FILE);
	}
	check_list();
}

static void shared_prefixes(void)
{
	/* What all share is skipped, whatever its length; the key covers eight bytes behind it. */
	for (unsigned prefix = 0; prefix <= 24; prefix += 3) {
		begin_folder();
		for (unsigned i = 0; i < 300; i++) {
			/* Differ only behind the eight bytes of the key, or within. */
			const char *name = i % 2 ? check_text("%.*stail-%08u-%u", (int)prefix, "pppppppppppppppppppppppp", i / 50, i)
						 : check_text("%.*s%u", (int)prefix, "pppppppppppppppppppppppp", i);
			add(name, i % 11 ? CORE_KIND_FILE : CORE_KIND_DIR);
		}
		check_list();
	}
}

static void kinds(void)
{
	begin_folder();
	add("file", CORE_KIND_FILE);
	add("folder", CORE_KIND_DIR);
	add("link", CORE_KIND_SYMLINK);
	add("fifo", CORE_KIND_FIFO);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_EQ(fchdir(folder), 0);
	snprintf(at.sun_path, sizeof at.sun_path, "socket");
	if (s >= 0 && bind(s, (const struct sockaddr *)&at, sizeof at) == 0)
		note("socket", 6, CORE_KIND_SOCKET, 0);
	if (mknodat(folder, "char", S_IFCHR | 0600, 1 << 8 | 3) == 0)
		note("char", 4, CORE_KIND_CHAR, 0);
	if (mknodat(folder, "block", S_IFBLK | 0600, 7 << 8) == 0)
		note("block", 5, CORE_KIND_BLOCK, 0);
	check_list();
	close(s);
}

static void many_names(void)
{
	unsigned count = check_rounds(25000);

	begin_folder();
	for (unsigned i = 0; i < count; i++) {
		uint64_t rng = i;
		add(check_text("%llx-%u", (unsigned long long)(rng_next(&rng) % 5000), i),
		    i % 1000 ? CORE_KIND_FILE : CORE_KIND_DIR);
	}
	check_list();
	check_note("%u names", count);
}

static void fails(void)
{
	struct dir_list l;
	struct err e;
	const char *path = check_text("%s/plain", check_folder());

	files_write_text(path, "x");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK_EQ(dir_read(&l, fd, 0, 1, &e), CORE_ENOT_FOUND);
	CHECK_EQ(e.sys, ENOTDIR);
	CHECK_EQ(e.side, 1);
	CHECK(!l.items && l.count == 0 && !l.names.data);
	close(fd);
	begin_folder();
	for (unsigned i = 0; i < 500; i++)
		add(check_text("a-name-of-some-length-%u", i), CORE_KIND_FILE);
	unsigned n = 1;
	for (;; n++) {
		int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		mem_fail_at(n);
		int32_t rc = dir_read(&l, again, 0, 1, &e);
		mem_fail_at(0);
		close(again);
		pool_test_end();
		if (rc == 0)
			break;
		CHECK_EQ(rc, CORE_EMEMORY);
		CHECK_EQ(e.code, CORE_EMEMORY);
		CHECK_EQ(e.sys, 0);
		CHECK(!l.items && l.count == 0 && !l.names.data);
		CHECK_EQ(mem_bytes(), 0);
	}
	CHECK(n > 8);
	dir_list_free(&l);
	check_list();
}

/* -------------------------------------------- the sort, without a file system */

/* walk/dir.c again, for the parts of its sort; its public functions are those of the library. */
#define dir_read second_dir_read
#define dir_list_free second_dir_list_free
#define dir_compare second_dir_compare
#define dir_of_paths second_dir_of_paths
#define dir_add second_dir_add
#define dir_sort second_dir_sort
#define dir_find second_dir_find
#define dir_is second_dir_is
#define dir_open_path second_dir_open_path
int32_t second_dir_read(struct dir_list *l, int fd, int follow, int32_t side, struct err *e);
int32_t second_dir_of_paths(struct dir_list *l, const uint8_t *data, size_t len, struct err *e);
void second_dir_list_free(struct dir_list *l);
int second_dir_compare(const struct dir_list *a, const struct dir_item *x, const struct dir_list *b,
		       const struct dir_item *y);
int32_t second_dir_add(struct dir_list *l, const char *name, size_t len, uint8_t kind, uint8_t below);
void second_dir_sort(struct dir_list *l);
uint32_t second_dir_find(const struct dir_list *l, const char *name, size_t len);
int second_dir_is(const struct dir_list *l, const struct dir_item *i, const char *name, size_t len);
int second_dir_open_path(int root, const uint8_t *path, size_t len, unsigned how);
#define listing second_listing
#include "../../libcore/src/walk/dir.c"
#undef dir_read
#undef dir_list_free
#undef dir_compare
#undef dir_of_paths
#undef dir_add
#undef dir_sort
#undef dir_find
#undef dir_is
#undef dir_open_path

static void check_sorted(struct dir_list *l)
{
	uint64_t sum = 0, sum_after = 0;

	for (uint32_t i = 0; i < l->count; i++)
		sum += l->items[i].name;
	dir_sort(l);
	for (uint32_t i = 0; i < l->count; i++) {
		sum_after += l->items[i].name;
		if (i > 0)
			CHECK(dir_compare(l, &l->items[i - 1], l, &l->items[i]) <= 0);
	}
	CHECK(sum == sum_after);
}

static void fill_list(struct dir_list *l, uint32_t n, const uint32_t *value, const char *prefix, const char *tail)
{
	char name[128];

	*l = (struct dir_list){0};
	for (uint32_t i = 0; i < n; i++) {
		int len = snprintf(name, sizeof name, "%s%08u%s", prefix, value[i], tail);
		CHECK_EQ(dir_add(l, name, (size_t)len, CORE_KIND_FILE, 0), 0);
	}
}

/*
 * An order made against quicksort by the median of three: the middle of each
 * part that is left over holds one of its smallest values, so that each
 * partition takes off only a few. Without the heap sort, 200000 take minutes.
 */
static void killer(uint32_t *value, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		value[i] = i;
	/* From the inside out: undoes the swap that the partition would do. */
	for (uint32_t len = 2; len <= n; len++) {
		uint32_t low = n - len, mid = low + len / 2;
		uint32_t t = value[mid];
		value[mid] = value[low];
		value[low] = t;
	}
}

static void orders(void)
{
	enum { N = 20000 };
	uint32_t *value = malloc(N * sizeof *value);
	static const char *const prefix[] = {"", "a-long-prefix-that-all-share-", "p"}, *const tail[] = {"", ".o", "/x"};
	unsigned tried = 0;

	CHECK(value);
	for (int order = 0; order < 9; order++) {
		for (uint32_t n = 0; n <= N; n = n < 70 ? n + 1 : n * 5 / 2) {
			uint64_t rng = n;
			for (uint32_t i = 0; i < n; i++) {
				switch (order) {
				case 0: /* sorted */
					value[i] = i;
					break;
				case 1: /* reversed */
					value[i] = n - i;
					break;
				case 2: /* organ pipe */
					value[i] = i < n / 2 ? i : n - i;
					break;
				case 3: /* saw */
					value[i] = i % 37;
					break;
				case 4: /* all the same */
					value[i] = 5;
					break;
				case 5: /* two values */
					value[i] = (uint32_t)(rng_next(&rng) & 1);
					break;
				case 6: /* random */
					value[i] = (uint32_t)(rng_next(&rng) % 90000000);
					break;
				case 7: /* sorted but for the ends */
					value[i] = i == 0 ? n : i == n - 1 ? 0 : i;
					break;
				default:
					break;
				}
			}
			if (order == 8)
				killer(value, n);
			struct dir_list l;
			fill_list(&l, n, value, prefix[n % 3], tail[n % 3]);
			check_sorted(&l);
			second_dir_list_free(&l);
			tried++;
		}
	}
	free(value);
	CHECK_EQ(mem_bytes(), 0);
	check_note("%u orders", tried);
}

/* Each depth of recursion at which the heap sort may take over. */
static void heap_takes_over(void)
{
	uint32_t value[3000];
	uint64_t rng = 3;

	for (unsigned depth = 0; depth < 14; depth++) {
		for (uint32_t n = 17; n < 3000; n = n * 3 / 2) {
			struct dir_list l;
			for (uint32_t i = 0; i < n; i++)
				value[i] = (uint32_t)(rng_next(&rng) % (depth % 2 ? 100000 : 7));
			fill_list(&l, n, value, "", "");
			for (uint32_t i = 0; i < n; i++)
				l.items[i].key = key_at(&l, &l.items[i], 0);
			sort(&l, l.items, n, depth);
			for (uint32_t i = 1; i < n; i++)
				CHECK(dir_compare(&l, &l.items[i - 1], &l, &l.items[i]) <= 0);
			second_dir_list_free(&l);
		}
	}
}

/* What this thread has worked, in seconds: a machine that does something else meanwhile adds nothing. */
static long worked(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (long)t.tv_sec;
}

/* No order costs more than a few times n log n: a quadratic one would take minutes. */
static void no_order_is_quadratic(void)
{
	enum { N = 200000 };
	uint32_t *value = malloc(N * sizeof *value);
	struct dir_list l;

	CHECK(value);
	for (int order = 0; order < 3; order++) {
		for (uint32_t i = 0; i < N; i++)
			value[i] = order == 0 ? i : order == 1 ? i < N / 2 ? i : N - i : 0;
		if (order == 2)
			killer(value, N);
		fill_list(&l, N, value, "", "");
		long start = worked();
		check_sorted(&l);
		CHECK(worked() - start < 30);
		second_dir_list_free(&l);
	}
	free(value);
}

int main(void)
{
	TEST("C-19 dir none, one and two names", few_names);
	TEST("C-19 dir names around the slash", names_around_slash);
	TEST("C-19 dir names of every byte", every_byte);
	TEST("C-19 dir long names", long_names);
	TEST("C-19 dir names that share a prefix", shared_prefixes);
	TEST("C-26 dir kinds", kinds);
	TEST("C-19 dir many names", many_names);
	TEST("dir failures leave an empty list", fails);
	TEST("C-19 sort of adversarial orders", orders);
	TEST("C-19 sort by heap at every depth", heap_takes_over);
	TEST("C-19 sort 200000 names, no order is quadratic", no_order_is_quadratic);
	return check_end();
}
