/* SPDX-License-Identifier: MIT */
/* compare/catalogue: entries found by path while the list grows, in the order of whole paths when it is sorted. */
#include "compare/catalogue.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"

#include <string.h>

static int32_t add(struct catalogue *c, const char *path, uint8_t kind, uint32_t *index)
{
	const struct entry e = {.kind = kind, .size = strlen(path)};

	return catalogue_add(c, &e, (const uint8_t *)path, strlen(path), (const uint8_t *)"target", 6, index);
}

static uint32_t find(const struct catalogue *c, const char *path)
{
	return catalogue_find(c, (const uint8_t *)path, strlen(path));
}

static void check_order(const struct catalogue *c)
{
	for (uint32_t i = 1; i < c->count; i++) {
		const struct entry *a = &c->entries[i - 1], *b = &c->entries[i];
		CHECK(path_compare(entry_path(c, a), a->path_len, entry_path(c, b), b->path_len) < 0);
	}
}

static void grows(void)
{
	struct catalogue c = {0};
	uint32_t index;

	for (int i = 0; i < 5000; i++) {
		CHECK_EQ(add(&c, check_text("f%d", i * 7919 % 5000), CORE_KIND_FILE, &index), 1);
		CHECK_EQ(index, i);
	}
	for (int i = 0; i < 5000; i++)
		CHECK_EQ(find(&c, check_text("f%d", i * 7919 % 5000)), i);
	CHECK_EQ(find(&c, "f5000"), UINT32_MAX);
	CHECK_EQ(find(&c, ""), UINT32_MAX);
	CHECK_EQ(catalogue_sort(&c), 0);
	CHECK_EQ(c.count, 5000);
	check_order(&c);
	for (int i = 0; i < 5000; i++) {
		const struct entry *e = &c.entries[find(&c, check_text("f%d", i))];
		CHECK_EQ(e->size, strlen(check_text("f%d", i)));
		CHECK_EQ(memcmp(entry_target(&c, e), "target", 6), 0);
	}
	CHECK_EQ(find(&c, "f5000"), UINT32_MAX);
	catalogue_free(&c);
	CHECK_EQ(mem_bytes(), 0);
}

static void implied(void)
{
	struct catalogue c = {0};
	uint32_t index;

	add(&c, "a/b/c", CORE_KIND_FILE, &index);
	add(&c, "a/b", CORE_KIND_DIR, &index);
	add(&c, "a-b", CORE_KIND_FILE, &index);
	add(&c, "x/y", CORE_KIND_FILE, &index);
	/* Names that are no paths below the root imply what they can. */
	add(&c, "/abs", CORE_KIND_FILE, &index);
	add(&c, "../up", CORE_KIND_FILE, &index);
	CHECK_EQ(catalogue_sort(&c), 0);
	static const char *const order[] = {"..", "../up", "/abs", "a", "a-b", "a/b", "a/b/c", "x", "x/y"};
	CHECK_EQ(c.count, sizeof order / sizeof *order);
	for (uint32_t i = 0; i < c.count; i++) {
		CHECK_EQ(find(&c, order[i]), i);
		CHECK_EQ(c.entries[i].path_len, strlen(order[i]));
	}
	CHECK(c.entries[find(&c, "a")].flags & ENTRY_IMPLIED);
	CHECK(!(c.entries[find(&c, "a/b")].flags & ENTRY_IMPLIED));
	CHECK_EQ(c.entries[find(&c, "x")].kind, CORE_KIND_DIR);
	catalogue_free(&c);
}

static void again(void)
{
	struct catalogue c = {0};
	uint32_t index;

	CHECK_EQ(add(&c, "f", CORE_KIND_FILE, &index), 1);
	CHECK_EQ(add(&c, "d", CORE_KIND_DIR, &index), 1);
	CHECK_EQ(add(&c, "d", CORE_KIND_DIR, &index), 0);
	CHECK_EQ(index, 1);
	CHECK(!(c.entries[1].flags & ENTRY_DUPLICATE));
	CHECK_EQ(add(&c, "d", CORE_KIND_FILE, &index), 0);
	CHECK(c.entries[1].flags & ENTRY_DUPLICATE);
	CHECK_EQ(add(&c, "f", CORE_KIND_FILE, &index), 0);
	CHECK_EQ(index, 0);
	CHECK(c.entries[0].flags & ENTRY_DUPLICATE);
	CHECK_EQ(c.count, 2);
	catalogue_free(&c);
}

/* An empty path is one as any other: that of a tree that is a file. */
static void root(void)
{
	struct catalogue c = {0};
	uint32_t index;

	CHECK_EQ(find(&c, ""), UINT32_MAX);
	CHECK_EQ(add(&c, "", CORE_KIND_FILE, &index), 1);
	CHECK_EQ(find(&c, ""), 0);
	CHECK_EQ(catalogue_sort(&c), 0);
	CHECK_EQ(find(&c, ""), 0);
	catalogue_free(&c);
}

static void random_paths(void)
{
	static const char alphabet[] = "ab/.-";
	uint64_t seed = 20261121;

	for (unsigned round = check_rounds(300); round > 0; round--) {
		struct catalogue c = {0};
		uint32_t index, added = 0;
		for (unsigned i = 0; i < 200; i++) {
			char path[12];
			size_t len = 1 + rng_next(&seed) % 10;
			for (size_t k = 0; k < len; k++)
				path[k] = alphabet[rng_next(&seed) % 5];
			path[len] = '\0';
			added += (uint32_t)add(&c, path, rng_next(&seed) % 2 ? CORE_KIND_FILE : CORE_KIND_DIR, &index);
		}
		CHECK_EQ(c.count, added);
		CHECK_EQ(catalogue_sort(&c), 0);
		check_order(&c);
		/* Whatever stands below something stands below something that is there. */
		for (uint32_t i = 0; i < c.count; i++) {
			const uint8_t *path = entry_path(&c, &c.entries[i]);
			for (uint32_t at = 1; at < c.entries[i].path_len; at++)
				CHECK(path[at] != '/' || catalogue_find(&c, path, at) != UINT32_MAX);
		}
		catalogue_free(&c);
	}
	CHECK_EQ(mem_bytes(), 0);
}

static void no_memory(void)
{
	for (uint64_t nth = 1;; nth++) {
		struct catalogue c = {0};
		const struct err e = err_of(CORE_EREAD, "read", 0, NULL);
		uint32_t index = 0;
		int32_t rc = 0;
		mem_fail_at(nth);
		for (int i = 0; i < 200 && rc >= 0; i++)
			rc = add(&c, check_text("dir%d/f%d", 200 - i, i), CORE_KIND_FILE, &index);
		if (rc >= 0)
			rc = catalogue_fail(&c, index, &e);
		if (rc >= 0)
			rc = catalogue_sort(&c);
		mem_fail_at(0);
		int ended = rc == 0;
		CHECK(ended || rc == CORE_EMEMORY);
		catalogue_free(&c);
		CHECK_EQ(mem_bytes(), 0);
		if (ended)
			break;
	}
}

int main(void)
{
	TEST("found while it grows and when it is sorted", grows);
	TEST("directories that only paths imply", implied);
	TEST("a path again", again);
	TEST("an empty path", root);
	TEST("random paths", random_paths);
	TEST("no memory", no_memory);
	return check_end();
}
