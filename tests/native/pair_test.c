/* SPDX-License-Identifier: MIT */
/* compare/pair against a plain loop: at once, in segments by several workers, or as streams. */
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "pairs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a plain loop over both sides says. */
struct plain {
	uint8_t status, line_start;
	uint32_t reasons;
	uint64_t offset, line;
};

static struct plain plainly(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len, i = 0;
	uint64_t line = 1;

	while (i < n && a[i] == b[i])
		line += a[i++] == '\n';
	if (i < n)
		return (struct plain){CORE_STATUS_DIFFERENT, 0, CORE_REASON_CONTENT_MISMATCH, i, line};
	if (a_len != b_len)
		return (struct plain){CORE_STATUS_DIFFERENT, i > 0 && a[i - 1] == '\n', CORE_REASON_SIZE_MISMATCH, i,
				      line};
	return (struct plain){CORE_STATUS_EQUAL, 0, 0, NOWHERE, 0};
}

static void check_outcome(struct source *a, struct source *b, uint32_t flags, uint32_t chunk, uint64_t seed)
{
	struct plain want = plainly(a->bytes, a->len, b->bytes, b->len);
	struct outcome have = pairs_compare(a, b, flags, chunk, seed);
	int streams = a->how == FEED || b->how == FEED;

#define SAME(what)                                                                                                    \
	do {                                                                                                          \
		if ((uint64_t)have.what != (uint64_t)want.what)                                                       \
			FAIL("seed %llu, sizes %zu and %zu, flags %u, chunk %u: " #what " is %llu, not %llu",         \
			     (unsigned long long)seed, a->len, b->len, flags, chunk, (unsigned long long)have.what,   \
			     (unsigned long long)want.what);                                                          \
	} while (0)
	SAME(status);
	if (want.status == CORE_STATUS_EQUAL) {
		CHECK(have.proof == CORE_PROOF_BYTES || (have.proof == CORE_PROOF_HOLES && a->how == DISK));
		CHECK_EQ(have.reasons, 0);
		CHECK(have.offset == NOWHERE);
		return;
	}
	CHECK_EQ(have.proof, CORE_PROOF_NONE);
	if (streams || (flags & CORE_COMPARE_LOCATE)) {
		SAME(reasons);
		SAME(offset);
		SAME(line);
		if (want.reasons == CORE_REASON_SIZE_MISMATCH)
			SAME(line_start);
		return;
	}
	/* Not looked for: absent, or right all the same. */
	if (have.offset != NOWHERE)
		SAME(offset);
	if (have.line != 0)
		SAME(line);
	if (a->len == b->len || (flags & CORE_COMPARE_NO_SIZE_PRECHECK))
		SAME(reasons);
	else
		CHECK(have.reasons == CORE_REASON_SIZE_MISMATCH);
#undef SAME
}

static void check_all_ways(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint64_t seed)
{
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		for (unsigned how = 0; how < 3; how++) {
			struct source left = {.how = how == 2 ? FEED : MEMORY, .bytes = a, .len = a_len};
			struct source right = {.how = how >= 1 ? FEED : MEMORY, .bytes = b, .len = b_len};
			check_outcome(&left, &right, pairs_flags[f], CHUNK, seed + f);
		}
	}
}

static const size_t lengths[] = {0,       1,           2,           63,          64,          65,
				 CHUNK - 1, CHUNK,     CHUNK + 1,   2 * CHUNK,   SEGMENT - 1, SEGMENT,
				 SEGMENT + 1, 3 * SEGMENT - 1, 3 * SEGMENT, 3 * SEGMENT + CHUNK + 1};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static void equal_sizes(void)
{
	uint8_t *a = files_noise(1, 4 * SEGMENT), *b = files_noise(1, 4 * SEGMENT);

	for (unsigned i = 0; i < LENGTHS; i++)
		check_all_ways(a, lengths[i], b, lengths[i], i);
	free(a);
	free(b);
	pairs_end();
}

static void prefixes(void)
{
	uint8_t *a = files_noise(1, 4 * SEGMENT), *b = files_noise(1, 4 * SEGMENT);

	for (unsigned i = 0; i < LENGTHS; i++) {
		for (unsigned k = 0; k < LENGTHS; k++) {
			/* With and without a line end right before the end of the shorter. */
			size_t end = lengths[i] < lengths[k] ? lengths[i] : lengths[k];
			if (end > 0)
				a[end - 1] = b[end - 1] = (i + k) % 2 ? '\n' : 'x';
			check_all_ways(a, lengths[i], b, lengths[k], i * LENGTHS + k);
		}
	}
	free(a);
	free(b);
	pairs_end();
}

static void first_difference_at(void)
{
	size_t len = 3 * SEGMENT + CHUNK + 7;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);
	const size_t at[] = {0,           1,           63,          64,          CHUNK - 1,   CHUNK,       CHUNK + 1,
			     2 * CHUNK - 1, SEGMENT - 1, SEGMENT,   SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT, len - 8,
			     len - 2,     len - 1};

	for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
		b[at[i]] ^= 0x80;
		check_all_ways(a, len, b, len, i);
		check_all_ways(a, at[i] + 1, b, at[i] + 1, i);
		check_all_ways(a, len, b, at[i] + 1, i);
		/* Others behind it change nothing. */
		for (unsigned k = i + 1; k < sizeof at / sizeof at[0]; k++)
			b[at[k]] ^= 0x40;
		check_all_ways(a, len, b, len, i + 100);
		for (unsigned k = i + 1; k < sizeof at / sizeof at[0]; k++)
			b[at[k]] ^= 0x40;
		b[at[i]] ^= 0x80;
	}
	free(a);
	free(b);
	pairs_end();
}

static void lines(void)
{
	size_t len = 2 * SEGMENT + 1000;
	uint8_t *a = malloc(len), *b = malloc(len);

	CHECK(a && b);
	for (int style = 0; style < 3; style++) {
		/* Nothing but line ends, one every 80, none. */
		for (size_t i = 0; i < len; i++)
			a[i] = style == 0 || (style == 1 && i % 80 == 79) ? '\n' : 'x';
		for (size_t at = 0; at < len; at += 977) {
			memcpy(b, a, len);
			b[at] = 'y';
			check_all_ways(a, len, b, len, at);
		}
	}
	free(a);
	free(b);
	pairs_end();
}

static void property(void)
{
	unsigned rounds = check_rounds(4000);

	for (uint64_t seed = 1; seed <= rounds; seed++) {
		uint64_t rng = seed;
		size_t most = seed % 4 == 0 ? 5 * SEGMENT : seed % 4 == 1 ? 3 * CHUNK : 300;
		size_t a_len = rng_next(&rng) % most, b_len = rng_next(&rng) % 3 ? a_len : rng_next(&rng) % most;
		uint8_t *a = malloc(a_len + 1), *b = malloc(b_len + 1);
		CHECK(a && b);
		uint64_t text = rng_next(&rng);
		for (size_t i = 0; i < a_len; i++)
			a[i] = (uint8_t)(rng_next(&text) % 20 == 0 ? '\n' : 'a' + i % 7);
		for (size_t i = 0; i < b_len; i++)
			b[i] = i < a_len ? a[i] : (uint8_t)i;
		for (uint64_t k = rng_next(&rng) % 4; k > 0 && b_len > 0; k--)
			b[rng_next(&rng) % b_len] ^= (uint8_t)rng_next(&rng);
		struct source left = {.how = (enum how)(rng_next(&rng) % 3), .bytes = a, .len = a_len};
		struct source right = {.how = (enum how)(rng_next(&rng) % 3), .bytes = b, .len = b_len};
		uint32_t chunk = rng_next(&rng) % 2 ? CHUNK : 8 * CHUNK;
		check_outcome(&left, &right, pairs_flags[rng_next(&rng) % FLAG_SETS], chunk, seed);
		free(a);
		free(b);
	}
	check_note("%u pairs", rounds);
	pairs_end();
}

static void sampling_proves_no_equality(void)
{
	/* Big enough to be sampled; the one difference is where no sample looks, then anywhere. */
	size_t len = (1 << 20) + 123;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);
	unsigned rounds = check_rounds(200);
	uint64_t rng = 9;

	struct source left = {.how = MEMORY, .bytes = a, .len = len}, right = {.how = MEMORY, .bytes = b, .len = len};
	uint64_t before = atomic_load(&pairs_run.bytes_read);
	check_outcome(&left, &right, 0, 256 << 10, 1);
	/* All was read, and what the samples read on top. */
	CHECK(atomic_load(&pairs_run.bytes_read) - before >= 2 * len);
	for (unsigned i = 0; i < rounds; i++) {
		size_t at = rng_next(&rng) % len;
		b[at] ^= 1;
		check_outcome(&left, &right, 0, 256 << 10, i);
		b[at] ^= 1;
	}
	/* A difference at either end is seen without reading the rest. */
	for (int end = 0; end < 2; end++) {
		size_t at = end ? len - 1 : 0;
		b[at] ^= 1;
		before = atomic_load(&pairs_run.bytes_read);
		struct outcome o = pairs_compare(&left, &right, 0, 256 << 10, 1);
		CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
		CHECK(o.offset == (end ? NOWHERE : 0));
		CHECK(atomic_load(&pairs_run.bytes_read) - before <= 4 << 20);
		CHECK(atomic_load(&pairs_run.bytes_read) - before <= 64 << 10);
		b[at] ^= 1;
	}
	free(a);
	free(b);
	pairs_end();
}

static void size_precheck(void)
{
	uint8_t *a = files_noise(1, 100000);
	struct source left = {.how = MEMORY, .bytes = a, .len = 100000}, right = {.how = MEMORY, .bytes = a, .len = 99999};
	uint64_t before = atomic_load(&pairs_run.bytes_read);

	struct outcome o = pairs_compare(&left, &right, 0, CHUNK, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK(o.offset == NOWHERE);
	CHECK_EQ(o.size[0], 100000);
	CHECK_EQ(o.size[1], 99999);
	CHECK_EQ(atomic_load(&pairs_run.bytes_read), before);
	o = pairs_compare(&left, &right, CORE_COMPARE_NO_SIZE_PRECHECK, CHUNK, 1);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK_EQ(o.offset, 99999);
	CHECK(atomic_load(&pairs_run.bytes_read) - before >= 2 * 99999);
	free(a);
}

static void same_inode(void)
{
	uint8_t *a = files_noise(1, 100000);
	struct source left = {.how = DISK, .bytes = a, .len = 100000};
	struct source right = {.how = DISK, .path = check_text("%s/hard", check_folder())};
	const char *path = pairs_path(0);
	uint64_t before = atomic_load(&pairs_run.bytes_read), avoided = atomic_load(&pairs_run.bytes_avoided);

	files_write(path, a, 100000);
	CHECK_EQ(link(path, right.path), 0);
	left.path = path;
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		struct outcome o = pairs_compare(&left, &right, pairs_flags[f], CHUNK, 1);
		CHECK_EQ(o.status, CORE_STATUS_EQUAL);
		CHECK_EQ(o.proof, CORE_PROOF_SAME_INODE);
	}
	CHECK_EQ(atomic_load(&pairs_run.bytes_read), before);
	CHECK_EQ(atomic_load(&pairs_run.bytes_avoided) - avoided, FLAG_SETS * 200000);
	unlink(right.path);
	unlink(path);
	free(a);
}

/* As much at a time as two contents need, and never more than was asked for. */
static void chunks_for_sizes(void)
{
	enum { MOST = 256 << 10 };

	CHECK_EQ(pair_chunk(MOST, 0, 0), PAIR_SMALLEST_CHUNK);
	CHECK_EQ(pair_chunk(MOST, 100, 9000), 9001);
	CHECK_EQ(pair_chunk(MOST, 9000, 100), 9001);
	CHECK_EQ(pair_chunk(MOST, MOST - 1, 0), MOST);
	CHECK_EQ(pair_chunk(MOST, MOST, 0), MOST);
	CHECK_EQ(pair_chunk(MOST, 5, UINT64_MAX), MOST);
	CHECK_EQ(pair_chunk(PAIR_SMALLEST_CHUNK, 1, 1), PAIR_SMALLEST_CHUNK);
}

int main(void)
{
	TEST("C-09 pair same, sizes around chunks and segments", equal_sizes);
	TEST("C-09 pair prefix, line_start", prefixes);
	TEST("C-09 pair first difference at every edge", first_difference_at);
	TEST("C-72 pair chunk for small contents", chunks_for_sizes);
	TEST("C-01 pair lines are counted", lines);
	TEST("C-09 pair against a plain loop, seeded", property);
	TEST("CX-16 sampling proves no equality", sampling_proves_no_equality);
	TEST("C-01 size pre-check reads nothing, and can be turned off", size_precheck);
	TEST("C-09 pair same inode", same_inode);
	return check_end();
}
