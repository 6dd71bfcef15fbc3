/* SPDX-License-Identifier: MIT */
/* compare/pair where a side changes, breaks or is made up while it is read: never equal, and no place that is not proven. */
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "pairs.h"
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum change { CUT_LEFT, CUT_RIGHT, GROWN, REWRITTEN };

static void changed_meanwhile(void)
{
	size_t len = 3 * SEGMENT;
	uint8_t *a = files_noise(1, len);

	for (unsigned change = CUT_LEFT; change <= REWRITTEN; change++) {
		struct pair p = {.run = &pairs_run, .flags = CORE_COMPARE_LOCATE, .chunk = CHUNK};
		struct segment s;
		struct err e;
		for (int side = 0; side < 2; side++) {
			files_write(pairs_path(side), a, len);
			CHECK_EQ(reader_open_file(&p.side[side], PLAT_CWD, pairs_path(side), 0, side, &e), 0);
		}
		usleep(20000);
		CHECK_EQ(pair_begin(&p), 0);
		CHECK_EQ(pair_claim(&p, &s), 1);
		pair_work(&p, &s, &pairs_task);
		CHECK_EQ(pair_complete(&p, &s), 0);
		/* Between two reads. */
		if (change == CUT_LEFT || change == CUT_RIGHT)
			files_resize(pairs_path(change == CUT_RIGHT), SEGMENT + 100);
		if (change == GROWN)
			files_resize(pairs_path(0), len + 1);
		if (change == REWRITTEN)
			files_patch(pairs_path(1), 0, a, 1);
		int over = 0;
		while (!over) {
			CHECK_EQ(pair_claim(&p, &s), 1);
			pair_work(&p, &s, &pairs_task);
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
	struct pair p = {.run = &pairs_run, .chunk = CHUNK};
	struct segment first, second;
	struct err e;
	a[SEGMENT + 5] ^= 1;
	files_write(pairs_path(1), a, len);
	for (int side = 0; side < 2; side++)
		CHECK_EQ(reader_open_file(&p.side[side], PLAT_CWD, pairs_path(side), 0, side, &e), 0);
	a[SEGMENT + 5] ^= 1;
	files_write(pairs_path(0), a, len);
	reader_close(&p.side[0]);
	CHECK_EQ(reader_open_file(&p.side[0], PLAT_CWD, pairs_path(0), 0, 0, &e), 0);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first) && pair_claim(&p, &second));
	pair_work(&p, &second, &pairs_task);
	files_resize(pairs_path(0), 10);
	pair_work(&p, &first, &pairs_task);
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
	struct pair p = {.run = &pairs_run, .chunk = CHUNK};
	struct source feed = {.how = FEED, .bytes = a, .len = len};
	struct segment s;
	struct err e;
	uint64_t taken;
	int over = 0;

	files_write(pairs_path(0), a, len);
	CHECK_EQ(reader_open_file(&p.side[0], PLAT_CWD, pairs_path(0), 0, 0, &e), 0);
	pairs_open(&feed, 1, &p.side[1]);
	CHECK_EQ(core_feed_write(feed.feed, a, CHUNK, &taken), 0);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK_EQ(pair_claim(&p, &s), 1);
	pair_work(&p, &s, &pairs_task);
	CHECK_EQ(pair_complete(&p, &s), 0);
	usleep(20000);
	files_resize(pairs_path(0), CHUNK + 100);
	for (feed.fed = CHUNK; !over;) {
		if (feed.fed < len && core_feed_write(feed.feed, a + feed.fed, len - feed.fed, &taken) == 0)
			feed.fed += taken;
		CHECK_EQ(pair_claim(&p, &s), 1);
		pair_work(&p, &s, &pairs_task);
		CHECK(!s.wait);
		over = pair_complete(&p, &s);
	}
	CHECK_EQ(p.out.status, CORE_STATUS_UNKNOWN);
	CHECK_EQ(p.out.err.code, CORE_ECHANGED);
	pair_close(&p);
	core_feed_del(feed.feed);
	free(a);
	pairs_end();
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
				struct pair p = {.run = &pairs_run, .flags = seed % 2 ? CORE_COMPARE_LOCATE : 0, .chunk = CHUNK};
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
					pair_work(&p, &s, &pairs_task);
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
					CHECK_TEXT(text, check_text("read %s side at byte %llu: %s",
								    broken_side ? "right" : "left",
								    (unsigned long long)places[i],
								    strerror(EIO)));
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
	struct pair p = {.run = &pairs_run, .flags = CORE_COMPARE_NO_QUICK_CHECK, .chunk = CHUNK};
	struct segment first, second;

	b[10] ^= 1;
	b[SEGMENT + 10] ^= 1;
	reader_open_memory(&p.side[0], a, len, 0);
	reader_open_memory(&p.side[1], b, len, 1);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first) && pair_claim(&p, &second));
	pair_work(&p, &second, &pairs_task);
	pair_stop(&p);
	pair_work(&p, &first, &pairs_task);
	int over = pair_complete(&p, &second) | pair_complete(&p, &first);
	CHECK(over);
	CHECK_EQ(p.out.status, CORE_STATUS_DIFFERENT);
	CHECK(p.out.offset == NOWHERE);
	pair_close(&p);
	/* Stopped before anything was found: nothing is known. */
	p = (struct pair){.run = &pairs_run, .flags = CORE_COMPARE_NO_QUICK_CHECK, .chunk = CHUNK};
	reader_open_memory(&p.side[0], a, len, 0);
	reader_open_memory(&p.side[1], a, len, 1);
	CHECK_EQ(pair_begin(&p), 0);
	CHECK(pair_claim(&p, &first));
	pair_stop(&p);
	CHECK(!pair_claim(&p, &second));
	pair_work(&p, &first, &pairs_task);
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
			struct outcome o = pairs_compare(&made_up, &copy, pairs_flags[f], CHUNK, 1);
			CHECK_EQ(o.status, CORE_STATUS_EQUAL);
			CHECK_EQ(o.size[0], n);
			bytes[n / 2] ^= 1;
			struct source other = {.how = MEMORY, .bytes = bytes, .len = (size_t)n};
			o = pairs_compare(&made_up, &other, pairs_flags[f], CHUNK, 1);
			CHECK_EQ(o.status, CORE_STATUS_DIFFERENT);
			CHECK_EQ(o.offset, n / 2);
			bytes[n / 2] ^= 1;
			other.len--;
			o = pairs_compare(&other, &made_up, pairs_flags[f], CHUNK, 1);
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
		struct pair p = {.run = &pairs_run, .chunk = CHUNK};
		struct source feed = {.how = FEED, .bytes = a, .len = 3 * CHUNK};
		struct segment s;
		uint64_t taken;
		int over = 0;
		reader_open_memory(&p.side[0], a, 3 * CHUNK, 0);
		pairs_open(&feed, 1, &p.side[1]);
		CHECK_EQ(core_feed_write(feed.feed, a, after * 1000, &taken), 0);
		CHECK_EQ(core_feed_abort(feed.feed), 0);
		CHECK_EQ(pair_begin(&p), 0);
		while (!over) {
			CHECK_EQ(pair_claim(&p, &s), 1);
			pair_work(&p, &s, &pairs_task);
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
	pairs_end();
}

int main(void)
{
	TEST("C-03 pair changed between two reads", changed_meanwhile);
	TEST("C-03 file cut while compared with a stream", cut_against_stream);
	TEST("pair read errors carry their place", read_errors);
	TEST("pair stopped tells no place it cannot prove", stopped_tells_no_place);
	TEST("pair made-up files are read to their end", made_up_files);
	TEST("pair broken stream is unknown", broken_stream);
	return check_end();
}
