/* SPDX-License-Identifier: MIT */
/* C-72, C-74: whole comparisons of archives in archives and of moved files, on one thread and on several. */
#include "archives.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "runs.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t zeros[1024];

static void add_file(struct buf *tar, const char *name, const void *data, size_t len)
{
	tar_block(tar, '0', name, len, "ustar");
	tar_body(tar, data, len);
}

/* A tree with an archive in each of some files, and others that have other names on the other side. */
static struct buf make_side(int side)
{
	struct buf outer = {0};

	for (int i = 0; i < 12; i++) {
		struct buf inner = {0}, core = {0};
		uint8_t *noise = files_noise((uint64_t)i, 90000);
		add_file(&core, "deep", noise, 5000);
		put(&core, zeros, sizeof zeros);
		/* The same entries, in another order. */
		for (int k = 0; k < 2; k++) {
			if (k == side)
				add_file(&inner, "noise", noise, 90000);
			else
				add_file(&inner, "core", core.data, core.len);
		}
		put(&inner, zeros, sizeof zeros);
		struct buf packed = side ? archive_compress("gzip", inner.data, inner.len) : inner;
		add_file(&outer, check_text("in%02d", i), packed.data, packed.len);
		add_file(&outer, check_text("%s%02d", side ? "to" : "from", i), noise, 70000 + (size_t)i);
		if (side)
			buf_free(&packed);
		buf_free(&inner);
		buf_free(&core);
		free(noise);
	}
	put(&outer, zeros, sizeof zeros);
	return outer;
}

static struct core_compare_summary compare(struct core_source left, struct core_source right, uint32_t jobs, uint32_t flags)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .jobs = jobs, .nested = 2};
	struct core_compare_summary sum;
	struct records records = {0};
	core_pump *pump;
	core_run *run;
	uint64_t tokens[4];
	uint32_t count;

	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_compare_new(&run, pump, 1, &left, &right, &opts), 0);
	for (uint32_t state; (state = runs_drain(run, &records)) != CORE_RUN_ENDED;) {
		if (state & CORE_RUN_RECORDS)
			continue;
		CHECK_EQ(core_pump_wait(pump, 20000), 1);
		CHECK_EQ(core_pump_ready(pump, tokens, 4, &count), 0);
	}
	CHECK_EQ(core_compare_result(run, &sum), 0);
	core_run_del(run);
	core_pump_del(pump);
	runs_forget(&records);
	runs_settle();
	return sum;
}

static void archives(void)
{
	struct buf left = make_side(0), right = make_side(1);
	const uint32_t flags = CORE_COMPARE_ARCHIVE | CORE_COMPARE_RENAMES;

	for (unsigned round = 0; round < check_rounds(10); round++) {
		struct core_compare_summary s = compare(runs_memory(left.data, left.len), runs_memory(right.data, right.len),
							round % 2 ? 8 : 1, flags);
		CHECK_EQ(s.error, 0);
		CHECK_EQ(s.equal, 12 * 3);
		CHECK_EQ(s.only_left, 12);
		CHECK_EQ(s.only_right, 12);
		CHECK_EQ(s.renamed, 12);
		CHECK_EQ(s.renames_skipped, 0);
		CHECK_EQ(s.unknown + s.different, 0);
	}
	buf_free(&left);
	buf_free(&right);
}

static void directories(void)
{
	const char *root[2] = {check_text("%s/L", check_folder()), check_text("%s/R", check_folder())};
	struct buf inner = make_side(0);
	struct buf packed = archive_compress("zstd", inner.data, inner.len);

	for (int s = 0; s < 2; s++) {
		files_mkdir(root[s]);
		for (int i = 0; i < 40; i++) {
			uint8_t *noise = files_noise((uint64_t)i % 20, 150000);
			files_write(check_text("%s/%s%02d", root[s], s ? "b" : "a", i), noise, 150000);
			free(noise);
		}
		files_write(check_text("%s/archive", root[s]), s ? packed.data : inner.data, s ? packed.len : inner.len);
	}
	for (unsigned round = 0; round < check_rounds(10); round++) {
		struct core_compare_summary s =
			compare(runs_path(root[0]), runs_path(root[1]), round % 2 ? 8 : 1, CORE_COMPARE_RENAMES);
		CHECK_EQ(s.error, 0);
		CHECK_EQ(s.equal, 1 + 24);
		CHECK_EQ(s.only_left + s.only_right, 80);
		CHECK_EQ(s.renamed, 40);
		CHECK_EQ(s.unknown + s.different, 0);
	}
	buf_free(&inner);
	buf_free(&packed);
}

int main(void)
{
	TEST("C-72 C-74 archives in archives, and files that moved in them", archives);
	TEST("C-72 C-74 archives in directories, and files that moved", directories);
	return check_end();
}
