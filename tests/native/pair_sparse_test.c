/* SPDX-License-Identifier: MIT */
/* compare/pair on files with holes. */
#include "check.h"
#include "core.h"
#include "files.h"
#include "pairs.h"
#include "plat/plat.h"

#include <unistd.h>

/* Two sparse files of one size with the same few bytes of data at some places. */
static int make_sparse(uint64_t size, const uint64_t *at, unsigned n)
{
	struct reader r;
	struct err e;

	for (int s = 0; s < 2; s++) {
		unlink(pairs_path(s));
		files_resize(pairs_path(s), size);
		for (unsigned i = 0; i < n; i++)
			files_patch(pairs_path(s), at[i], "some data", 9);
	}
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, pairs_path(0), 0, 0, &e), 0);
	int sparse = r.sparse && (n > 0 || reader_data(&r, 0) == size);
	reader_close(&r);
	return sparse;
}

static struct outcome compare_sparse(uint32_t flags, uint64_t seed)
{
	struct source left = {.how = DISK, .path = pairs_path(0)}, right = {.how = DISK, .path = pairs_path(1)};

	return pairs_compare(&left, &right, flags, 256 << 10, seed);
}

static void holes(void)
{
	const uint64_t big = (5ull << 30) + 17;
	const uint64_t ends[] = {0, big - 9}, middle[] = {3ull << 30}, first[] = {0}, last[] = {big - 9};
	const struct {
		const uint64_t *at;
		unsigned n;
	} shapes[] = {{NULL, 0}, {first, 1}, {middle, 1}, {last, 1}, {ends, 2}};

	for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		if (!make_sparse(big, shapes[i].at, shapes[i].n))
			check_skip("this file system does not tell holes");
		for (unsigned f = 0; f < FLAG_SETS; f++) {
			uint64_t before = atomic_load(&pairs_run.bytes_read);
			struct outcome o = compare_sparse(pairs_flags[f], f);
			CHECK_EQ(o.status, CORE_STATUS_EQUAL);
			CHECK_EQ(o.proof, CORE_PROOF_HOLES);
			CHECK(atomic_load(&pairs_run.bytes_read) - before < 4 << 20);
		}
	}
	/* Data on one side only: bytes that are zero are equal to a hole, others are not. */
	make_sparse(big, first, 1);
	files_patch(pairs_path(1), 1ull << 32, "\0\0\0\0", 4);
	CHECK_EQ(compare_sparse(0, 1).status, CORE_STATUS_EQUAL);
	files_patch(pairs_path(1), (1ull << 32) + 3, "x", 1);
	struct outcome o = compare_sparse(CORE_COMPARE_LOCATE, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.offset, (1ull << 32) + 3);
	/* And on the other. */
	make_sparse(big, first, 1);
	files_patch(pairs_path(0), big - 1, "x", 1);
	o = compare_sparse(CORE_COMPARE_NO_QUICK_CHECK, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.offset, big - 1);
	unlink(pairs_path(0));
	unlink(pairs_path(1));
}

static void large_sparse(void)
{
	const uint64_t big = (4ull << 30) + (3 << 20), at = (1ull << 32) + 12345;

	if (!make_sparse(big, &at, 1))
		check_skip("this file system does not tell holes");
	files_patch(pairs_path(1), at + 4, "!", 1);
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		for (uint64_t seed = 0; seed < 5; seed++) {
			struct outcome o = compare_sparse(pairs_flags[f], seed);
			CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
			CHECK(o.offset == at + 4 || (o.offset == NOWHERE && !(pairs_flags[f] & CORE_COMPARE_LOCATE)));
		}
	}
	/* Without line counting, which reads all before it: quick. */
	CHECK_EQ(compare_sparse(CORE_COMPARE_NO_QUICK_CHECK, 1).offset, at + 4);
	unlink(pairs_path(0));
	unlink(pairs_path(1));
}

static void sizes_of_sparse_differ(void)
{
	const uint64_t at = 5 << 20;

	if (!make_sparse(8 << 20, &at, 1))
		check_skip("this file system does not tell holes");
	files_resize(pairs_path(1), 6 << 20);
	struct outcome o = compare_sparse(CORE_COMPARE_LOCATE, 1);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK_EQ(o.offset, 6 << 20);
	CHECK_EQ(o.line, 1);
	CHECK_EQ(compare_sparse(0, 1).reasons, CORE_REASON_SIZE_MISMATCH);
	unlink(pairs_path(0));
	unlink(pairs_path(1));
}

int main(void)
{
	TEST("C-09 pair holes on both sides", holes);
	TEST("C-09 sparse pair above 4 GiB differs past 2^32", large_sparse);
	TEST("C-09 sparse pair of two sizes", sizes_of_sparse_differ);
	return check_end();
}
