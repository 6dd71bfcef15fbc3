/* SPDX-License-Identifier: MIT */
/*
 * Sources that are opened from afar: a comparison waits until they are ready,
 * for its turn, and for their bytes.
 */
#include "base/alloc.h"
#include "base/digest.h"
#include "check.h"
#include "compare/engine.h"
#include "core.h"
#include "far.h"
#include "files.h"
#include "io/feed.h"

#include <stdlib.h>
#include <string.h>

static struct side far_side(const uint8_t *bytes, size_t len, unsigned delay)
{
	struct far *f = far_new(bytes, len, delay);
	uint8_t *name = mem_alloc(4);

	CHECK(name);
	memcpy(name, "far", 4);
	return (struct side){.kind = CORE_SOURCE_URL, .data = name, .len = 3, .opener = &f->opener};
}

static struct side near_side(const uint8_t *bytes, size_t len)
{
	return (struct side){.kind = CORE_SOURCE_MEMORY, .data = (uint8_t *)(uintptr_t)bytes, .len = len};
}

static core_run *start(struct side left, struct side right, uint32_t flags)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .chunk_bytes = 4096};
	struct side side[2] = {left, right};
	core_run *run;

	CHECK_EQ(engine_start(&run, far_pump, 1, side, &opts), 0);
	return run;
}

/* -------------------------------------------------------------------- tests */

static void verdicts(void)
{
	uint8_t *a = files_noise(1, 60000), *b = files_noise(1, 60000);
	const unsigned rounds = check_rounds(400);

	for (unsigned i = 0; i < rounds; i++) {
		static const size_t lens[] = {0, 1, 4096, 5000, 60000};
		const size_t len = lens[i % 5], other = lens[i / 5 % 5];
		const size_t at = len > 0 ? (size_t)i * 977 % len : 0;
		const uint32_t flags = i % 2 ? CORE_COMPARE_LOCATE : 0;
		const int differs = i % 3 == 0 && at < len && at < other;
		b[at] ^= differs ? 1 : 0;
		far_begin(i);
		struct side left = i % 7 < 2 ? near_side(a, len) : far_side(a, len, i % 9);
		struct side right = far_side(b, other, i % 5);
		for (unsigned f = 0; f < fars; f++)
			far[f].knows_size = (i + f) % 4 != 0;
		struct core_compare_summary sum = far_finish(start(left, right, flags));
		CHECK_EQ(sum.error, 0);
		CHECK_EQ(sum.verdict, differs || len != other ? CORE_VERDICT_DIFFERENT : CORE_VERDICT_EQUAL);
		if (differs && (flags & CORE_COMPARE_LOCATE))
			CHECK_EQ(sum.offset, at);
		if (sum.reasons == CORE_REASON_SIZE_MISMATCH && !(flags & CORE_COMPARE_LOCATE) && left.kind == CORE_SOURCE_URL &&
		    far[0].knows_size && far[1].knows_size)
			CHECK_EQ(sum.bytes_read, 0);
		far_end();
		b[at] ^= differs ? 1 : 0;
	}
	free(a);
	free(b);
}

static void failures(void)
{
	static const uint8_t bytes[20000];
	const unsigned rounds = check_rounds(300);

	for (unsigned i = 0; i < rounds; i++) {
		far_begin(i);
		struct side side[2] = {far_side(bytes, sizeof bytes, i % 4), far_side(bytes, sizeof bytes, i % 6)};
		const unsigned bad = i / 3 % 2;
		const int32_t code = CORE_ETIMEOUT;
		far[bad].open_fails = i % 3 == 0 ? code : 0;
		far[bad].ready_fails = i % 3 == 1 ? code : 0;
		far[bad].breaks = i % 3 == 2;
		core_run *run = start(side[0], side[1], CORE_COMPARE_LOCATE);
		while (!far_has_ended(run))
			CHECK(far_turn());
		uint8_t text[200], path[20];
		uint64_t text_len, path_len;
		int32_t sys;
		CHECK_EQ(core_run_error(run, text, sizeof text, &text_len, path, sizeof path, &path_len, &sys),
			 i % 3 == 2 ? CORE_ENETWORK : code);
		text[text_len] = '\0';
		CHECK(path_len == 3 && memcmp(path, "far", 3) == 0);
		if (i % 3 == 1)
			CHECK_TEXT((char *)text, bad ? "fetch right side: 1500 of 7 in 1.5 s" : "fetch left side: 1500 of 7 in 1.5 s");
		CHECK_EQ(far_finish(run).verdict, CORE_VERDICT_UNKNOWN);
		far_end();
	}
}

/* Nobody is asked for anything when the other side is not there. */
static void near_comes_first(void)
{
	static const uint8_t bytes[10];
	const char *missing = check_text("%s/missing", check_folder());

	for (int s = 0; s < 2; s++) {
		far_begin(1);
		uint8_t *path = mem_alloc(strlen(missing) + 1);
		CHECK(path);
		memcpy(path, missing, strlen(missing) + 1);
		struct side near = {.kind = CORE_SOURCE_PATH, .data = path, .len = strlen(missing)};
		struct side other = far_side(bytes, sizeof bytes, 0);
		struct core_compare_summary sum = far_finish(s ? start(other, near, 0) : start(near, other, 0));
		CHECK_EQ(sum.error, CORE_ENOT_FOUND);
		CHECK(!far[0].opened);
		far_end();
	}
}

static void cancelled(void)
{
	static const uint8_t bytes[50000];
	const unsigned rounds = check_rounds(600);

	for (unsigned i = 0; i < rounds; i++) {
		far_begin(i);
		core_run *run = start(far_side(bytes, sizeof bytes, 5), far_side(bytes, sizeof bytes, 9), CORE_COMPARE_LOCATE);
		for (unsigned steps = i % 60; steps > 0; steps--)
			far_turn();
		if (i % 2)
			core_run_cancel(run);
		core_run *gone = i % 2 ? NULL : run;
		core_run_del(gone);
		if (!gone) {
			struct core_compare_summary sum = far_finish(run);
			CHECK(sum.error == CORE_ECANCELLED || (sum.error == 0 && sum.verdict == CORE_VERDICT_EQUAL));
		}
		/* No step is left to be asked for: the network need not answer any more. */
		while (pool_test_step())
			;
		far_end();
	}
}

static void gate(void)
{
	static const uint8_t bytes[10000];
	const unsigned rounds = check_rounds(20);
	core_run *run[MAX_FAR / 2];

	for (unsigned i = 0; i < rounds; i++) {
		far_begin(i);
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			struct side left = far_side(bytes, sizeof bytes, k % 7);
			/* Some need one place, the others two. */
			struct side right = k % 3 == 0 ? near_side(bytes, sizeof bytes) : far_side(bytes, sizeof bytes, k % 3);
			run[k] = start(left, right, k % 2 ? CORE_COMPARE_LOCATE : 0);
		}
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			if ((k + i) % 10 == 0) {
				core_run_cancel(run[k]);
				far_finish(run[k]);
			}
		}
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			if ((k + i) % 10 != 0)
				CHECK_EQ(far_finish(run[k]).verdict, CORE_VERDICT_EQUAL);
		}
		CHECK(far_most_open <= 64);
		CHECK(far_most_open > 8);
		far_end();
	}
}

static void wants(void)
{
	static const struct {
		uint32_t flags;
		uint64_t skip, limit;
		int feed, size_first, digest;
	} cases[] = {
		{0, 0, 0, 0, 1, 1},
		{CORE_COMPARE_FIRST, 0, 0, 0, 1, 1},
		{CORE_COMPARE_LOCATE, 0, 0, 0, 0, 1},
		{CORE_COMPARE_NO_SIZE_PRECHECK, 0, 0, 0, 0, 1},
		{CORE_COMPARE_RANGES, 0, 0, 0, 0, 0},
		{CORE_COMPARE_PROVE_BYTES, 0, 0, 0, 1, 0},
		{0, 5, 0, 0, 1, 0},
		{0, 0, 9, 0, 1, 0},
		{0, 0, 0, 1, 0, 0},
	};
	static const uint8_t bytes[100];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		far_begin(1);
		struct core_compare_opts opts = {.size = sizeof opts, .flags = cases[i].flags, .skip_left = cases[i].skip,
						 .limit_bytes = cases[i].limit};
		struct side side[2] = {far_side(bytes, sizeof bytes, 0), near_side(bytes, sizeof bytes)};
		core_feed *feed = NULL;
		core_run *run;
		if (cases[i].feed) {
			CHECK_EQ(core_feed_new(&feed, far_pump, 2, 4096), 0);
			CHECK(feed_take(feed));
			side[1] = (struct side){.kind = CORE_SOURCE_FEED, .feed = feed};
			core_feed_end(feed);
		}
		CHECK_EQ(engine_start(&run, far_pump, 1, side, &opts), 0);
		far_finish(run);
		core_feed_del(feed);
		CHECK_EQ(far[0].want.size_first, cases[i].size_first);
		CHECK_EQ(far[0].want.digest, cases[i].digest);
		CHECK_EQ(far[0].want.skip, cases[i].skip);
		CHECK_EQ(far[0].want.limit, cases[i].limit);
		far_end();
	}
}

static void digest_of(struct far *f, enum digest_kind kind, const uint8_t *bytes, size_t len)
{
	struct hasher *h = hasher_new(kind);

	CHECK(h);
	hasher_add(h, bytes, len);
	hasher_end(h, f->digests.bytes[kind]);
	f->digests.have |= 1u << kind;
	hasher_free(h);
}

static void digests(void)
{
	uint8_t *a = files_noise(5, 100000), *b = files_noise(5, 100000);

	b[99999] ^= 1;
	for (unsigned i = 0; i < 60; i++) {
		const enum digest_kind kind = i % DIGEST_KINDS;
		const uint32_t flags = i % 2 ? CORE_COMPARE_LOCATE : 0;
		const int same = i / 6 % 2;
		const uint8_t *there = same ? a : b;
		far_begin(i);
		struct side left = far_side(there, 100000, 1);
		far[0].knows_size = i % 5 != 0;
		digest_of(&far[0], kind, there, 100000);
		struct core_compare_summary sum = far_finish(start(left, near_side(a, 100000), flags));
		CHECK_EQ(sum.verdict, same ? CORE_VERDICT_EQUAL : CORE_VERDICT_DIFFERENT);
		CHECK_EQ(sum.proof, same ? CORE_PROOF_DIGEST : CORE_PROOF_NONE);
		CHECK_EQ(sum.proof_digest, same);
		if (same || !flags)
			CHECK_EQ(far[0].sent > FAR_RING, 0);
		if (!same && flags)
			CHECK_EQ(sum.offset, 99999);
		far_end();
	}
	free(a);
	free(b);
}

int main(void)
{
	TEST("opener verdicts, on seeded schedules", verdicts);
	TEST("opener failures", failures);
	TEST("opener what is near comes first", near_comes_first);
	TEST("opener cancelled at any moment", cancelled);
	TEST("opener no more at once than there are places", gate);
	TEST("opener what is wanted of a source", wants);
	TEST("opener C-75 a digest in place of bytes", digests);
	return check_end();
}
