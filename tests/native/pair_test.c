/* SPDX-License-Identifier: MIT */
/* compare/pair: two sources, compared at once, in segments by several workers, or as streams. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "compare/pair.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 4096, SEGMENT = 4 * CHUNK, NO_LINE = 0 };
#define NOWHERE UINT64_MAX

static core_run run;
static struct task task;

/* How a source is opened. */
enum how { MEMORY, DISK, FEED };

static core_pump *pump;

struct source {
	enum how how;
	const uint8_t *bytes;
	size_t len;
	const char *path;
	core_feed *feed;
	size_t fed;
};

static const char *path_of(int side)
{
	return check_text("%s/side-%d", check_folder(), side);
}

static void open_source(struct source *s, int side, struct reader *r)
{
	struct err e;

	switch (s->how) {
	case MEMORY:
		reader_open_memory(r, s->bytes, s->len, side);
		break;
	case DISK:
		if (!s->path) {
			s->path = path_of(side);
			files_write(s->path, s->bytes, s->len);
		}
		CHECK_EQ(reader_open_file(r, PLAT_CWD, s->path, 0, side, &e), 0);
		break;
	default:
		if (!pump)
			CHECK_EQ(core_pump_new(&pump), 0);
		CHECK_EQ(core_feed_new(&s->feed, pump, (uint64_t)side, 4096), 0);
		CHECK(feed_take(s->feed));
		reader_open_feed(r, s->feed, side);
	}
}

/* Feeds the streams a little: 0 when there is nothing left to feed. */
static int feed_more(struct source *s, uint64_t *rng)
{
	uint64_t taken = 0, n = s->len - s->fed;

	if (s->how != FEED || s->fed > s->len)
		return 0;
	if (n == 0) {
		CHECK_EQ(core_feed_end(s->feed), 0);
		s->fed++;
		return 1;
	}
	if (rng_next(rng) % 2)
		n = 1 + rng_next(rng) % n;
	CHECK_EQ(core_feed_write(s->feed, s->bytes + s->fed, n, &taken), 0);
	s->fed += taken;
	return taken > 0;
}

/*
 * Compares as the engine does: up to four segments are out at a time, worked
 * on and booked in an order the seed decides.
 */
static struct outcome compare(struct source *a, struct source *b, uint32_t flags, uint32_t chunk, uint64_t rng)
{
	struct pair p = {.run = &run, .flags = flags, .chunk = chunk};
	struct segment out[4];
	int worked[4];
	unsigned n = 0, stuck = 0;

	open_source(a, 0, &p.side[0]);
	open_source(b, 1, &p.side[1]);
	int over = pair_begin(&p);
	while (!over) {
		if (n < 4 && rng_next(&rng) % 3 && pair_claim(&p, &out[n])) {
			worked[n++] = 0;
			stuck = 0;
			continue;
		}
		if (n == 0) {
			if (++stuck > 1000)
				FAIL("no segment to claim, none out, and no outcome");
			continue;
		}
		/* Worked on and booked at different times: others come in between. */
		unsigned i = (unsigned)(rng_next(&rng) % n);
		if (!worked[i]) {
			pair_work(&p, &out[i], &task);
			worked[i] = 1;
			continue;
		}
		struct segment s = out[i];
		out[i] = out[--n];
		worked[i] = worked[n];
		if (s.wait) {
			pair_wait(&p, &s);
			int first = feed_more(a, &rng), second = feed_more(b, &rng);
			if (!first && !second && ++stuck > 1000)
				FAIL("a stream waits for ever");
			continue;
		}
		over = pair_complete(&p, &s);
	}
	CHECK_EQ(p.phase, PAIR_DONE);
	struct outcome o = p.out;
	pair_close(&p);
	core_feed_del(a->feed);
	core_feed_del(b->feed);
	a->feed = b->feed = NULL;
	a->fed = b->fed = 0;
	CHECK_EQ(n, 0);
	if (pump) {
		uint64_t tokens[8];
		uint32_t got;
		core_pump_ready(pump, tokens, 8, &got);
	}
	return o;
}

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
	struct outcome have = compare(a, b, flags, chunk, seed);
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

static const uint32_t flag_sets[] = {
	0,
	CORE_COMPARE_LOCATE,
	CORE_COMPARE_NO_SIZE_PRECHECK,
	CORE_COMPARE_NO_QUICK_CHECK,
	CORE_COMPARE_LOCATE | CORE_COMPARE_NO_SIZE_PRECHECK | CORE_COMPARE_NO_QUICK_CHECK,
};
enum { FLAG_SETS = sizeof flag_sets / sizeof flag_sets[0] };

static void check_all_ways(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint64_t seed)
{
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		for (unsigned how = 0; how < 3; how++) {
			struct source left = {.how = how == 2 ? FEED : MEMORY, .bytes = a, .len = a_len};
			struct source right = {.how = how >= 1 ? FEED : MEMORY, .bytes = b, .len = b_len};
			check_outcome(&left, &right, flag_sets[f], CHUNK, seed + f);
		}
	}
}

static void done_with_pump(void)
{
	core_pump_del(pump);
	pump = NULL;
	pool_test_end();
	CHECK_EQ(mem_bytes(), 0);
	CHECK_EQ(plat_descriptors(), 0);
}

/* ------------------------------------------------------------------ tests */

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
	done_with_pump();
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
	done_with_pump();
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
	done_with_pump();
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
	done_with_pump();
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
		check_outcome(&left, &right, flag_sets[rng_next(&rng) % FLAG_SETS], chunk, seed);
		free(a);
		free(b);
	}
	check_note("%u pairs", rounds);
	done_with_pump();
}

static void sampling_proves_no_equality(void)
{
	/* Big enough to be sampled; the one difference is where no sample looks, then anywhere. */
	size_t len = (1 << 20) + 123;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);
	unsigned rounds = check_rounds(200);
	uint64_t rng = 9;

	struct source left = {.how = MEMORY, .bytes = a, .len = len}, right = {.how = MEMORY, .bytes = b, .len = len};
	uint64_t before = atomic_load(&run.bytes_read);
	check_outcome(&left, &right, 0, 256 << 10, 1);
	/* All was read, and what the samples read on top. */
	CHECK(atomic_load(&run.bytes_read) - before >= 2 * len);
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
		before = atomic_load(&run.bytes_read);
		struct outcome o = compare(&left, &right, 0, 256 << 10, 1);
		CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
		CHECK(o.offset == (end ? NOWHERE : 0));
		CHECK(atomic_load(&run.bytes_read) - before <= 4 << 20);
		CHECK(atomic_load(&run.bytes_read) - before <= 64 << 10);
		b[at] ^= 1;
	}
	free(a);
	free(b);
	done_with_pump();
}

static void size_precheck(void)
{
	uint8_t *a = files_noise(1, 100000);
	struct source left = {.how = MEMORY, .bytes = a, .len = 100000}, right = {.how = MEMORY, .bytes = a, .len = 99999};
	uint64_t before = atomic_load(&run.bytes_read);

	struct outcome o = compare(&left, &right, 0, CHUNK, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK(o.offset == NOWHERE);
	CHECK_EQ(o.size[0], 100000);
	CHECK_EQ(o.size[1], 99999);
	CHECK_EQ(atomic_load(&run.bytes_read), before);
	o = compare(&left, &right, CORE_COMPARE_NO_SIZE_PRECHECK, CHUNK, 1);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK_EQ(o.offset, 99999);
	CHECK(atomic_load(&run.bytes_read) - before >= 2 * 99999);
	free(a);
}

static void same_inode(void)
{
	uint8_t *a = files_noise(1, 100000);
	struct source left = {.how = DISK, .bytes = a, .len = 100000};
	struct source right = {.how = DISK, .path = check_text("%s/hard", check_folder())};
	const char *path = path_of(0);
	uint64_t before = atomic_load(&run.bytes_read), avoided = atomic_load(&run.bytes_avoided);

	files_write(path, a, 100000);
	CHECK_EQ(link(path, right.path), 0);
	left.path = path;
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		struct outcome o = compare(&left, &right, flag_sets[f], CHUNK, 1);
		CHECK_EQ(o.status, CORE_STATUS_EQUAL);
		CHECK_EQ(o.proof, CORE_PROOF_SAME_INODE);
	}
	CHECK_EQ(atomic_load(&run.bytes_read), before);
	CHECK_EQ(atomic_load(&run.bytes_avoided) - avoided, FLAG_SETS * 200000);
	unlink(right.path);
	unlink(path);
	free(a);
}

/* Two sparse files of one size with the same few bytes of data at some places. */
static int make_sparse(uint64_t size, const uint64_t *at, unsigned n)
{
	struct reader r;
	struct err e;

	for (int s = 0; s < 2; s++) {
		unlink(path_of(s));
		files_resize(path_of(s), size);
		for (unsigned i = 0; i < n; i++)
			files_patch(path_of(s), at[i], "some data", 9);
	}
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, path_of(0), 0, 0, &e), 0);
	int sparse = r.sparse && (n > 0 || reader_data(&r, 0) == size);
	reader_close(&r);
	return sparse;
}

static struct outcome compare_sparse(uint32_t flags, uint64_t seed)
{
	struct source left = {.how = DISK, .path = path_of(0)}, right = {.how = DISK, .path = path_of(1)};

	return compare(&left, &right, flags, 256 << 10, seed);
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
			uint64_t before = atomic_load(&run.bytes_read);
			struct outcome o = compare_sparse(flag_sets[f], f);
			CHECK_EQ(o.status, CORE_STATUS_EQUAL);
			CHECK_EQ(o.proof, CORE_PROOF_HOLES);
			CHECK(atomic_load(&run.bytes_read) - before < 4 << 20);
		}
	}
	/* Data on one side only: bytes that are zero are equal to a hole, others are not. */
	make_sparse(big, first, 1);
	files_patch(path_of(1), 1ull << 32, "\0\0\0\0", 4);
	CHECK_EQ(compare_sparse(0, 1).status, CORE_STATUS_EQUAL);
	files_patch(path_of(1), (1ull << 32) + 3, "x", 1);
	struct outcome o = compare_sparse(CORE_COMPARE_LOCATE, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.offset, (1ull << 32) + 3);
	/* And on the other. */
	make_sparse(big, first, 1);
	files_patch(path_of(0), big - 1, "x", 1);
	o = compare_sparse(CORE_COMPARE_NO_QUICK_CHECK, 1);
	CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
	CHECK_EQ(o.offset, big - 1);
	unlink(path_of(0));
	unlink(path_of(1));
}

static void large_sparse(void)
{
	const uint64_t big = (4ull << 30) + (3 << 20), at = (1ull << 32) + 12345;

	if (!make_sparse(big, &at, 1))
		check_skip("this file system does not tell holes");
	files_patch(path_of(1), at + 4, "!", 1);
	for (unsigned f = 0; f < FLAG_SETS; f++) {
		for (uint64_t seed = 0; seed < 5; seed++) {
			struct outcome o = compare_sparse(flag_sets[f], seed);
			CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
			CHECK(o.offset == at + 4 || (o.offset == NOWHERE && !(flag_sets[f] & CORE_COMPARE_LOCATE)));
		}
	}
	/* Without line counting, which reads all before it: quick. */
	CHECK_EQ(compare_sparse(CORE_COMPARE_NO_QUICK_CHECK, 1).offset, at + 4);
	unlink(path_of(0));
	unlink(path_of(1));
}

static void sizes_of_sparse_differ(void)
{
	const uint64_t at = 5 << 20;

	if (!make_sparse(8 << 20, &at, 1))
		check_skip("this file system does not tell holes");
	files_resize(path_of(1), 6 << 20);
	struct outcome o = compare_sparse(CORE_COMPARE_LOCATE, 1);
	CHECK_EQ(o.reasons, CORE_REASON_SIZE_MISMATCH);
	CHECK_EQ(o.offset, 6 << 20);
	CHECK_EQ(o.line, 1);
	CHECK_EQ(compare_sparse(0, 1).reasons, CORE_REASON_SIZE_MISMATCH);
	unlink(path_of(0));
	unlink(path_of(1));
}

/* -------------------------------------------------------- changes and faults */

enum change { CUT_LEFT, CUT_RIGHT, GROWN, REWRITTEN };

static void changed_meanwhile(void)
{
	size_t len = 3 * SEGMENT;
	uint8_t *a = files_noise(1, len);

	for (unsigned change = CUT_LEFT; change <= REWRITTEN; change++) {
		struct pair p = {.run = &run, .flags = CORE_COMPARE_LOCATE, .chunk = CHUNK};
		struct segment s;
		struct err e;
		for (int side = 0; side < 2; side++) {
			files_write(path_of(side), a, len);
			CHECK_EQ(reader_open_file(&p.side[side], PLAT_CWD, path_of(side), 0, side, &e), 0);
		}
		usleep(20000);
		CHECK_EQ(pair_begin(&p), 0);
		CHECK_EQ(pair_claim(&p, &s), 1);
		pair_work(&p, &s, &task);
		CHECK_EQ(pair_complete(&p, &s), 0);
		/* Between two reads. */
		if (change == CUT_LEFT || change == CUT_RIGHT)
			files_resize(path_of(change == CUT_RIGHT), SEGMENT + 100);
		if (change == GROWN)
			files_resize(path_of(0), len + 1);
		if (change == REWRITTEN)
			files_patch(path_of(1), 0, a, 1);
		int over = 0;
		while (!over) {
			CHECK_EQ(pair_claim(&p, &s), 1);
			pair_work(&p, &s, &task);
			over = pair_complete(&p, &s);
		}
		CHECK_EQ(p.out.status, CORE_STATUS_UNKNOWN);
		CHECK_EQ(p.out.err.code, CORE_ECHANGED);
		CHECK_EQ(p.out.err.side, change == CUT_RIGHT || change == REWRITTEN);
		CHECK_EQ(p.out.reasons, CORE_REASON_READ_ERROR);
		CHECK_EQ(p.out.proof, CORE_PROOF_NONE);
		pair_close(&p);
	}
	/* A difference that was proven before holds. */
	struct pair p = {.run = &run, .chunk = CHUNK};
	struct segment first, second;
	struct err e;
	a[SEGMENT + 5] ^= 1;
	files_write(path_of(1), a, len);
	for (int side = 0; side < 2; side++)
		CHECK_EQ(reader_open_file(&p.side[side], PLAT_CWD, path_of(side), 0, side, &e), 0);
	a[SEGMENT + 5] ^= 1;
	files_write(path_of(0), a, len);
	reader_close(&p.side[0]);
	CHECK_EQ(reader_open_file(&p.side[0], PLAT_CWD, path_of(0), 0, 0, &e), 0);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first) && pair_claim(&p, &second));
	pair_work(&p, &second, &task);
	files_resize(path_of(0), 10);
	pair_work(&p, &first, &task);
	int over = pair_complete(&p, &second);
	over |= pair_complete(&p, &first);
	CHECK(over);
	CHECK_EQ(p.out.status, CORE_STATUS_DIFFERENT);
	/* Perhaps not the first place, so none is told. */
	CHECK(p.out.offset == NOWHERE);
	pair_close(&p);
	free(a);
}

/* A file whose content is compared with a stream and is cut meanwhile ends early: that proves nothing. */
static void cut_against_stream(void)
{
	size_t len = 5 * CHUNK;
	uint8_t *a = files_noise(1, len);
	struct pair p = {.run = &run, .chunk = CHUNK};
	struct source feed = {.how = FEED, .bytes = a, .len = len};
	struct segment s;
	struct err e;
	uint64_t taken;
	int over = 0;

	files_write(path_of(0), a, len);
	CHECK_EQ(reader_open_file(&p.side[0], PLAT_CWD, path_of(0), 0, 0, &e), 0);
	open_source(&feed, 1, &p.side[1]);
	CHECK_EQ(core_feed_write(feed.feed, a, CHUNK, &taken), 0);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK_EQ(pair_claim(&p, &s), 1);
	pair_work(&p, &s, &task);
	CHECK_EQ(pair_complete(&p, &s), 0);
	usleep(20000);
	files_resize(path_of(0), CHUNK + 100);
	for (feed.fed = CHUNK; !over;) {
		if (feed.fed < len && core_feed_write(feed.feed, a + feed.fed, len - feed.fed, &taken) == 0)
			feed.fed += taken;
		CHECK_EQ(pair_claim(&p, &s), 1);
		pair_work(&p, &s, &task);
		CHECK(!s.wait);
		over = pair_complete(&p, &s);
	}
	CHECK_EQ(p.out.status, CORE_STATUS_UNKNOWN);
	CHECK_EQ(p.out.err.code, CORE_ECHANGED);
	pair_close(&p);
	core_feed_del(feed.feed);
	free(a);
	done_with_pump();
}

/* A reader that fails at one place. */
static uint64_t broken_at;
static int32_t broken_side;

static int32_t broken_read(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	*got = 0;
	if (off <= broken_at && off + len > broken_at) {
		*e = (struct err){.code = CORE_EREAD, .sys = EIO, .op = "read", .side = broken_side, .at = broken_at + 1};
		return e->code;
	}
	memcpy(buf, r->data + off, len);
	*got = len;
	return 0;
}

static int32_t broken_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void broken_close(struct reader *r)
{
	(void)r;
}

static const struct reader_ops broken_ops = {.at = broken_read, .check = broken_check, .close = broken_close};

static void read_errors(void)
{
	size_t len = 3 * SEGMENT + 10;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);
	const uint64_t places[] = {0, CHUNK - 1, CHUNK, SEGMENT - 1, SEGMENT, 2 * SEGMENT + 5, len - 1};

	for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
		for (unsigned k = 0; k <= sizeof places / sizeof places[0]; k++) {
			/* The other side differs at `at`, or nowhere. */
			uint64_t at = k < sizeof places / sizeof places[0] ? places[k] : NOWHERE;
			for (uint64_t seed = 0; seed < 6; seed++) {
				struct pair p = {.run = &run, .flags = seed % 2 ? CORE_COMPARE_LOCATE : 0, .chunk = CHUNK};
				struct segment out[4];
				unsigned n = 0;
				uint64_t rng = seed;
				broken_at = places[i];
				broken_side = (int32_t)(seed % 2);
				for (int s = 0; s < 2; s++) {
					reader_open_memory(&p.side[s], s ? b : a, len, s);
					if (s == broken_side)
						p.side[s].ops = &broken_ops;
				}
				if (at != NOWHERE)
					b[at] ^= 1;
				int over = pair_begin(&p);
				while (!over) {
					if (n < 4 && rng_next(&rng) % 2 && pair_claim(&p, &out[n])) {
						n++;
						continue;
					}
					if (n == 0)
						continue;
					unsigned take = (unsigned)(rng_next(&rng) % n);
					struct segment s = out[take];
					out[take] = out[--n];
					pair_work(&p, &s, &task);
					over = pair_complete(&p, &s);
				}
				if (at != NOWHERE)
					b[at] ^= 1;
				CHECK(p.out.status != CORE_STATUS_EQUAL);
				if (p.out.status == CORE_STATUS_UNKNOWN) {
					CHECK_EQ(p.out.err.code, CORE_EREAD);
					CHECK_EQ(p.out.err.at, places[i] + 1);
					CHECK_EQ(p.out.err.side, broken_side);
					char text[100];
					err_text(&p.out.err, text, sizeof text);
					CHECK_TEXT(text, check_text("read %s side at byte %llu: Input/output error",
								    broken_side ? "right" : "left",
								    (unsigned long long)places[i]));
				} else {
					CHECK(at != NOWHERE);
					CHECK(p.out.offset == at || p.out.offset == NOWHERE);
					/* The place is told only where all before it was read. */
					if (p.out.offset != NOWHERE)
						CHECK(places[i] / CHUNK >= at / CHUNK || p.phase == PAIR_DONE);
				}
				pair_close(&p);
			}
		}
	}
	free(a);
	free(b);
}

/* Workers that are stopped leave gaps: what they had found is a difference, but perhaps not the first. */
static void stopped_tells_no_place(void)
{
	size_t len = 3 * SEGMENT;
	uint8_t *a = files_noise(1, len), *b = files_noise(1, len);
	struct pair p = {.run = &run, .flags = CORE_COMPARE_NO_QUICK_CHECK, .chunk = CHUNK};
	struct segment first, second;

	b[10] ^= 1;
	b[SEGMENT + 10] ^= 1;
	reader_open_memory(&p.side[0], a, len, 0);
	reader_open_memory(&p.side[1], b, len, 1);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first) && pair_claim(&p, &second));
	pair_work(&p, &second, &task);
	pair_stop(&p);
	pair_work(&p, &first, &task);
	int over = pair_complete(&p, &second) | pair_complete(&p, &first);
	CHECK(over);
	CHECK_EQ(p.out.status, CORE_STATUS_DIFFERENT);
	CHECK(p.out.offset == NOWHERE);
	pair_close(&p);
	/* Stopped before anything was found: nothing is known. */
	p = (struct pair){.run = &run, .flags = CORE_COMPARE_NO_QUICK_CHECK, .chunk = CHUNK};
	reader_open_memory(&p.side[0], a, len, 0);
	reader_open_memory(&p.side[1], a, len, 1);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first));
	pair_stop(&p);
	CHECK(!pair_claim(&p, &second));
	pair_work(&p, &first, &task);
	CHECK(pair_complete(&p, &first));
	CHECK_EQ(p.out.status, CORE_STATUS_UNKNOWN);
	CHECK_EQ(p.out.err.code, CORE_ECANCELLED);
	pair_close(&p);
	free(a);
	free(b);
}

static void made_up_files(void)
{
	/* Their size is 0 or a page, their bytes come all the same. */
	static const char *const paths[] = {"/proc/version", "/proc/filesystems", "/sys/kernel/mm/transparent_hugepage/enabled"};

	for (unsigned i = 0; i < 3; i++) {
		if (access(paths[i], R_OK) != 0)
			continue;
		uint8_t bytes[65536];
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, bytes, sizeof bytes);
		close(fd);
		CHECK(n > 0);
		struct source made_up = {.how = DISK, .path = paths[i]};
		struct source copy = {.how = DISK, .bytes = bytes, .len = (size_t)n};
		for (unsigned f = 0; f < FLAG_SETS; f++) {
			struct outcome o = compare(&made_up, &copy, flag_sets[f], CHUNK, 1);
			CHECK_EQ(o.status, CORE_STATUS_EQUAL);
			CHECK_EQ(o.size[0], n);
			bytes[n / 2] ^= 1;
			struct source other = {.how = MEMORY, .bytes = bytes, .len = (size_t)n};
			o = compare(&made_up, &other, flag_sets[f], CHUNK, 1);
			CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
			CHECK_EQ(o.offset, n / 2);
			bytes[n / 2] ^= 1;
			other.len--;
			o = compare(&other, &made_up, flag_sets[f], CHUNK, 1);
			CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
			CHECK_EQ(o.offset, n - 1);
		}
	}
	pool_test_end();
}

static void broken_stream(void)
{
	uint8_t *a = files_noise(1, 3 * CHUNK);

	for (unsigned after = 0; after < 3; after++) {
		struct pair p = {.run = &run, .chunk = CHUNK};
		struct source feed = {.how = FEED, .bytes = a, .len = 3 * CHUNK};
		struct segment s;
		uint64_t taken;
		int over = 0;
		reader_open_memory(&p.side[0], a, 3 * CHUNK, 0);
		open_source(&feed, 1, &p.side[1]);
		CHECK_EQ(core_feed_write(feed.feed, a, after * 1000, &taken), 0);
		CHECK_EQ(core_feed_abort(feed.feed), 0);
		CHECK_EQ(pair_begin(&p), 0);
		while (!over) {
			CHECK_EQ(pair_claim(&p, &s), 1);
			pair_work(&p, &s, &task);
			CHECK(!s.wait);
			over = pair_complete(&p, &s);
		}
		CHECK_EQ(p.out.status, CORE_STATUS_UNKNOWN);
		CHECK_EQ(p.out.err.code, CORE_EREAD);
		CHECK_EQ(p.out.err.side, 1);
		pair_close(&p);
		core_feed_del(feed.feed);
	}
	free(a);
	done_with_pump();
}

int main(void)
{
	TEST("C-09 pair same, sizes around chunks and segments", equal_sizes);
	TEST("C-09 pair prefix, line_start", prefixes);
	TEST("C-09 pair first difference at every edge", first_difference_at);
	TEST("C-01 pair lines are counted", lines);
	TEST("C-09 pair against a plain loop, seeded", property);
	TEST("CX-16 sampling proves no equality", sampling_proves_no_equality);
	TEST("C-01 size pre-check reads nothing, and can be turned off", size_precheck);
	TEST("C-09 pair same inode", same_inode);
	TEST("C-09 pair holes on both sides", holes);
	TEST("C-09 sparse pair above 4 GiB differs past 2^32", large_sparse);
	TEST("C-09 sparse pair of two sizes", sizes_of_sparse_differ);
	TEST("C-03 pair changed between two reads", changed_meanwhile);
	TEST("C-03 file cut while compared with a stream", cut_against_stream);
	TEST("pair read errors carry their place", read_errors);
	TEST("pair stopped tells no place it cannot prove", stopped_tells_no_place);
	TEST("pair made-up files are read to their end", made_up_files);
	TEST("pair broken stream is unknown", broken_stream);
	return check_end();
}
