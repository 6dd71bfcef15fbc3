/* SPDX-License-Identifier: MIT */
/*
 * Packs that are decoded ahead. In test mode a seed chooses who goes on, and
 * nobody is called again without being woken: a wake that gets lost leaves the
 * consumer standing still, which is seen.
 */
#include "archives.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/xxh.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "pack/stream.h"
#include "plat/plat.h"
#include "pool/pool.h"

#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- consumer */

/** Reads a stream, a bit in each step. */
struct consumer {
	struct task task;
	struct pack_stream *stream;
	uint64_t rng;
	/** Passes some entries, wholly or in the middle. */
	int skips;
	/** Reads through reader_open_pack(). */
	int by_reader;
	/** Closes when it has called so often; 0 never. */
	unsigned close_after;
	/** Does not wait for the decoder to let go. */
	int leaves;
	/* What it has come to. */
	struct listing listing;
	struct pack_entry entry;
	struct reader reader;
	uint64_t hash_input, size;
	struct buf data;
	unsigned calls;
	int reading;
	_Atomic int closing;
	int32_t rc;
	struct err err;
	char failed[64];
	_Atomic int over;
};

static int wants_more(struct consumer *c)
{
	return !c->skips || rng_next(&c->rng) % 4 != 0;
}

/* One call: READER_WAIT, or 0. */
static int32_t read_on(struct consumer *c)
{
	uint8_t piece[3000];
	const uint8_t *data = piece;
	size_t len;
	int32_t rc;

	if (c->by_reader)
		rc = reader_next(&c->reader, &c->task, piece, 1 + rng_next(&c->rng) % sizeof piece, &len, &c->err);
	else
		rc = pack_stream_data(c->stream, &c->task, &data, &len, &c->err);
	if (rc == READER_WAIT)
		return rc;
	if (rc < 0) {
		/* The next call of pack_stream_next() tells whether the archive goes on. */
		CHECK_EQ(c->err.code, rc);
		c->rc = rc;
		c->reading = 0;
		return 0;
	}
	put(&c->data, data, len);
	if (len == 0) {
		listing_add(&c->listing, &c->entry, c->data.len, xxh_64(c->data.data, c->data.len));
		c->reading = 0;
	} else if (!wants_more(c)) {
		c->reading = 0;
	}
	return 0;
}

static int32_t go_on(struct consumer *c)
{
	c->data.len = 0;
	int32_t rc = pack_stream_next(c->stream, &c->task, &c->entry, &c->err);
	if (rc == PACK_STREAM_WAIT)
		return READER_WAIT;
	if (rc == 1) {
		c->reading = wants_more(c);
		reader_open_pack(&c->reader, c->stream, 0);
		CHECK(c->reader.size == c->entry.size);
		return 0;
	}
	uint32_t len;
	const uint8_t *name = pack_stream_failed_name(c->stream, &len);
	snprintf(c->failed, sizeof c->failed, "%.*s", (int)len, (const char *)name);
	/* And again. */
	struct err e;
	CHECK_EQ(pack_stream_next(c->stream, &c->task, &c->entry, &e), rc);
	listing_end(&c->listing, rc, &c->err);
	c->closing = 1;
	return 0;
}

static enum step consumer_step(struct task *t)
{
	struct consumer *c = (struct consumer *)(void *)t;

	if (c->close_after > 0 && ++c->calls > c->close_after)
		c->closing = 1;
	if (c->closing) {
		if (pack_stream_close(c->stream, c->leaves ? NULL : t) == READER_WAIT)
			return STEP_PARK;
		buf_free(&c->data);
		atomic_store(&c->over, 1);
		return STEP_DONE;
	}
	return (c->reading ? read_on(c) : go_on(c)) == READER_WAIT ? STEP_PARK : STEP_MORE;
}

static void start(struct consumer *c, struct reader *r)
{
	struct err e;

	c->task.step = consumer_step;
	CHECK_EQ(pack_stream_start(&c->stream, r, NULL, &e), 0);
	CHECK(r->ops == NULL);
	pool_submit(&c->task);
}

static void start_bytes(struct consumer *c, const struct buf *bytes)
{
	struct reader r;

	reader_open_memory(&r, bytes->data, bytes->len, 0);
	start(c, &r);
}

static void finish(struct consumer *c)
{
	while (pool_test_step())
		;
	if (!atomic_load(&c->over))
		FAIL("the consumer stands still after\n%s", c->listing.text ? c->listing.text : "nothing");
}

static void begin(uint64_t seed)
{
	pool_test_begin(seed);
}

static void end(void)
{
	CHECK_EQ(pool_tasks(), 0);
	pool_test_end();
}

/* --------------------------------------------------------------- schedules */

static struct thing things[40];

/* Many small files and some of several blocks. */
static struct buf mixed_archive(const char *format, const char *filter)
{
	for (unsigned i = 0; i < 40; i++) {
		size_t size = i % 9 == 8 ? 700000 + i : i % 3 == 0 ? 0 : 1000 + i;
		things[i] = (struct thing){check_text("f%02u", i), 'f', NULL, size, i % 2 ? 't' : 'z'};
	}
	return archive_make(format, filter, NULL, things, 40);
}

static const struct {
	const char *format, *filter;
} kinds[] = {{"ustar", "none"}, {"ustar", "zstd"}, {"zip", "none"}, {"newc", "lz4"}, {"7zip", "none"}};
enum { KINDS = 5 };

static void schedules(void)
{
	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = mixed_archive(kinds[k].format, kinds[k].filter);
		struct listing want = listing_of_bytes(bytes.data, bytes.len);
		CHECK_EQ(want.err.code, 0);
		for (uint64_t seed = 0; seed < check_rounds(40); seed++) {
			struct consumer c = {.rng = seed, .by_reader = seed % 2 == 1};
			begin(seed);
			start_bytes(&c, &bytes);
			finish(&c);
			CHECK_TEXT(c.listing.text, want.text);
			listing_free(&c.listing);
			end();
			CHECK(mem_bytes() == bytes.cap);
		}
		listing_free(&want);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* Whatever is passed over, what is read is right, and all that follows. */
static void skipping(void)
{
	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = mixed_archive(kinds[k].format, kinds[k].filter);
		struct listing want = listing_of_bytes(bytes.data, bytes.len);
		unsigned read = 0;
		for (uint64_t seed = 0; seed < check_rounds(60); seed++) {
			struct consumer c = {.rng = seed, .by_reader = seed % 2 == 1, .skips = 1};
			begin(seed);
			start_bytes(&c, &bytes);
			finish(&c);
			CHECK_EQ(c.listing.err.code, 0);
			char *save = NULL;
			for (char *line = strtok_r(c.listing.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
				if (!strstr(want.text, line))
					FAIL("%s, seed %d: %s is not in\n%s", kinds[k].format, (int)seed, line, want.text);
				read++;
			}
			listing_free(&c.listing);
			end();
		}
		CHECK(read > check_rounds(60) * 5);
		listing_free(&want);
		buf_free(&bytes);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* The consumer closes after each number of calls; with and without waiting for the decoder. */
static void closing(void)
{
	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = mixed_archive(kinds[k].format, kinds[k].filter);
		for (unsigned after = 1; after < 120; after += check_rounds(8) >= 8 ? 1 : 7) {
			for (uint64_t seed = 0; seed < 4; seed++) {
				struct consumer c = {.rng = seed, .close_after = after, .leaves = seed % 2 == 1, .skips = seed > 1};
				begin(seed + after);
				start_bytes(&c, &bytes);
				finish(&c);
				listing_free(&c.listing);
				end();
				CHECK(mem_bytes() == bytes.cap);
			}
		}
		buf_free(&bytes);
	}
	/* Before anything was done at all. */
	struct buf bytes = mixed_archive("ustar", "gzip");
	struct reader r;
	struct pack_stream *s;
	struct err e;
	begin(1);
	reader_open_memory(&r, bytes.data, bytes.len, 0);
	CHECK_EQ(pack_stream_start(&s, &r, NULL, &e), 0);
	CHECK_EQ(pack_stream_close(s, NULL), 0);
	while (pool_test_step())
		;
	end();
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* Two archives side by side, as they are compared. */
static void two_at_once(void)
{
	struct buf a = mixed_archive("ustar", "gzip"), b = mixed_archive("newc", "none");
	struct listing want = listing_of_bytes(a.data, a.len);

	for (uint64_t seed = 0; seed < check_rounds(30); seed++) {
		struct consumer c[2] = {{.rng = seed}, {.rng = seed, .by_reader = 1}};
		begin(seed);
		start_bytes(&c[0], &a);
		start_bytes(&c[1], &b);
		finish(&c[0]);
		finish(&c[1]);
		CHECK_TEXT(c[0].listing.text, want.text);
		CHECK_TEXT(c[1].listing.text, want.text);
		listing_free(&c[0].listing);
		listing_free(&c[1].listing);
		end();
	}
	listing_free(&want);
	buf_free(&a);
	buf_free(&b);
	CHECK_EQ(mem_bytes(), 0);
}

/* Waking costs more than a small entry does: the decoder is woken for many of them at once. */
static void batches(void)
{
	enum { FILES = 1000 };
	static struct thing small[FILES];

	for (unsigned i = 0; i < FILES; i++)
		small[i] = (struct thing){check_text("f%03u", i), 'f', NULL, 100, 't'};
	struct buf bytes = archive_make("ustar", "none", NULL, small, FILES);
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct consumer c = {.rng = seed, .close_after = UINT_MAX};
		begin(seed);
		uint64_t before = pool_steps();
		start_bytes(&c, &bytes);
		finish(&c);
		CHECK_EQ(c.listing.entries, FILES);
		uint64_t decoder = pool_steps() - before - c.calls;
		if (decoder > FILES / 8)
			FAIL("seed %d: %d steps of the decoder", (int)seed, (int)decoder);
		listing_free(&c.listing);
		end();
	}
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

static void failures(void)
{
	struct buf bytes = mixed_archive("ustar", "none");
	static const struct {
		size_t cut;
		const char *name;
	} cases[] = {{0, ""}, {100, ""}, {512 + 512 + 700, "f01"}, {900000, "f17"}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf cut = bytes;
		cut.len = cases[i].cut;
		for (uint64_t seed = 0; seed < 10; seed++) {
			struct consumer c = {.rng = seed, .skips = seed % 3 == 2, .by_reader = seed % 2 == 1};
			begin(seed);
			start_bytes(&c, &cut);
			finish(&c);
			CHECK_EQ(c.listing.err.code, CORE_EARCHIVE);
			CHECK_TEXT(c.failed, cases[i].name);
			listing_free(&c.listing);
			end();
		}
	}
	/* An entry that cannot be read, among others that can. */
	buf_free(&bytes);
	bytes = mixed_archive("zip", "none");
	uint8_t *second = memmem(bytes.data + 40, bytes.len - 40, "PK\3\4", 4);
	second[30 + 3 + 24 + 5] ^= 1;
	struct consumer c = {.rng = 1};
	begin(1);
	start_bytes(&c, &bytes);
	finish(&c);
	CHECK_EQ(c.listing.err.code, 0);
	CHECK_EQ(c.rc, CORE_EARCHIVE);
	CHECK_EQ(c.listing.entries, 39);
	listing_free(&c.listing);
	end();
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* However long nobody reads, only so much is decoded. */
static void bounded(void)
{
	static const struct thing big = {"big", 'f', NULL, 40 << 20, 'z'};
	struct buf bytes = archive_make("ustar", "gzip", NULL, &big, 1);

	for (int plain = 0; plain < 2; plain++) {
		struct reader r;
		struct pack_stream *s;
		struct pack_entry entry;
		struct err e;
		struct task none = {0};
		const uint8_t *data;
		size_t len;
		begin(3);
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_stream_start(&s, &r, NULL, &e), 0);
		while (pool_test_step())
			;
		CHECK(mem_bytes() - bytes.cap < 9 * PACK_BLOCK);
		CHECK_EQ(pack_stream_next(s, &none, &entry, &e), 1);
		uint64_t got = 0;
		for (int i = 0; i < 3; i++) {
			CHECK_EQ(pack_stream_data(s, &none, &data, &len, &e), 0);
			got += len;
		}
		while (pool_test_step())
			;
		CHECK(got > 0 && mem_bytes() - bytes.cap < 9 * PACK_BLOCK);
		CHECK_EQ(pack_stream_close(s, NULL), 0);
		while (pool_test_step())
			;
		end();
		CHECK(mem_bytes() == bytes.cap);
		buf_free(&bytes);
		bytes = archive_make("ustar", "none", NULL, &big, 1);
	}
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* A hole of any length costs nothing to whoever does not read it, and is no bomb. */
static void passed_holes(void)
{
	static const char *const huge[] = {"GNU.sparse.size=9000000000000000000", "GNU.sparse.map=8000000000000000000,8", NULL};
	struct buf tar = {0};

	tar_pax(&tar, 'x', huge);
	tar_block(&tar, '0', "holes", 8, "ustar");
	tar_body(&tar, "12345678", 8);
	tar_block(&tar, '0', "next", 0, "ustar");
	struct buf bytes = archive_compress("zstd", tar.data, tar.len);
	for (int reads = 0; reads < 2; reads++) {
		struct reader r;
		struct pack_stream *s;
		struct pack_entry entry;
		struct err e;
		struct task none = {0};
		const uint8_t *data;
		size_t len;
		int32_t rc;
		begin(5);
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		CHECK_EQ(pack_stream_start(&s, &r, NULL, &e), 0);
		for (int i = 0; i < 3; i++) {
			while ((rc = pack_stream_next(s, &none, &entry, &e)) == PACK_STREAM_WAIT)
				CHECK(pool_test_step());
			CHECK_EQ(rc, i < 2);
			while (reads && i == 0 && (rc = pack_stream_data(s, &none, &data, &len, &e)) == READER_WAIT)
				CHECK(pool_test_step());
			CHECK(rc >= 0);
		}
		CHECK_EQ(pack_stream_close(s, NULL), 0);
		while (pool_test_step())
			;
		end();
	}
	buf_free(&tar);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

static void no_memory(void)
{
	struct buf bytes = mixed_archive("ustar", "zstd");
	int32_t code = CORE_EMEMORY;

	for (unsigned n = 1; code != 0; n++) {
		struct reader r;
		struct err e;
		struct consumer c = {.rng = n, .task.step = consumer_step};
		/* So that the test's own memory does not run out. */
		CHECK_EQ(buf_reserve(&c.data, 1 << 20), 0);
		begin(n);
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		mem_fail_at(n);
		code = pack_stream_start(&c.stream, &r, NULL, &e);
		if (code == 0) {
			pool_submit(&c.task);
			finish(&c);
			code = c.listing.err.code;
		} else {
			buf_free(&c.data);
		}
		mem_fail_at(0);
		CHECK(code == 0 || code == CORE_EMEMORY);
		listing_free(&c.listing);
		end();
		CHECK(mem_bytes() == bytes.cap);
		CHECK(n < 500);
	}
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ----------------------------------------------------------------- threads */

static void wait_for(struct consumer *c)
{
	while (!atomic_load(&c->over))
		sched_yield();
}

/* Until the pool has nothing left, and the streams have let go. */
static void settle(uint64_t bytes)
{
	while (pool_tasks() > 0)
		sched_yield();
	while (mem_bytes() != bytes)
		sched_yield();
}

static void on_threads(void)
{
	for (int k = 0; k < KINDS; k++) {
		struct buf bytes = mixed_archive(kinds[k].format, kinds[k].filter);
		struct listing want = listing_of_bytes(bytes.data, bytes.len);
		for (unsigned round = 0; round < check_rounds(40); round++) {
			struct consumer c[2] = {{.rng = round, .by_reader = round % 2 == 0},
						{.rng = round + 1, .skips = 1, .close_after = round % 3 == 0 ? round + 1 : 0,
						 .leaves = round % 2 == 0}};
			start_bytes(&c[0], &bytes);
			start_bytes(&c[1], &bytes);
			wait_for(&c[0]);
			wait_for(&c[1]);
			CHECK_TEXT(c[0].listing.text, want.text);
			settle(bytes.cap);
			listing_free(&c[0].listing);
			listing_free(&c[1].listing);
		}
		listing_free(&want);
		buf_free(&bytes);
	}
	settle(0);
}

/* ------------------------------------------------------------------- feeds */

static void feed_all(core_pump *pump, core_feed *feed, const struct buf *bytes, size_t len, struct consumer *c)
{
	size_t at = 0;

	while (at < len) {
		uint64_t taken, tokens[4];
		uint32_t n;
		size_t piece = len - at < 10007 ? len - at : 10007;
		int32_t rc = core_feed_write(feed, bytes->data + at, piece, &taken);
		if (rc == CORE_ECLOSED)
			return;
		CHECK_EQ(rc, 0);
		at += taken;
		if (taken == 0 && !atomic_load(&c->over)) {
			core_pump_wait(pump, 10);
			core_pump_ready(pump, tokens, 4, &n);
		}
	}
}

static void from_feeds(void)
{
	core_pump *pump;

	CHECK_EQ(core_pump_new(&pump), 0);
	for (int k = 0; k < 4; k++) {
		struct buf bytes = mixed_archive(kinds[k].format, kinds[k].filter);
		struct listing want = listing_of_stream(bytes.data, bytes.len);
		CHECK_EQ(want.err.code, 0);
		for (unsigned round = 0; round < check_rounds(16); round++) {
			struct consumer c = {.rng = round, .by_reader = round % 2 == 0};
			core_feed *feed;
			struct reader r;
			/* Every fourth breaks off, every fourth is given up while it waits for bytes that do not come. */
			size_t len = round % 4 < 2 ? bytes.len : bytes.len / 2;
			c.close_after = round % 4 == 3 ? 20 : 0;
			c.leaves = round % 8 == 7;
			CHECK_EQ(core_feed_new(&feed, pump, 1, 4096), 0);
			CHECK(feed_take(feed));
			reader_open_feed(&r, feed, 0);
			CHECK(r.waits);
			start(&c, &r);
			feed_all(pump, feed, &bytes, len, &c);
			if (round % 4 == 2)
				core_feed_abort(feed);
			else if (round % 4 < 2)
				core_feed_end(feed);
			if (round % 4 == 3) {
				/* What it waits for does not come: it is woken to close, as a run does when it is cancelled. */
				while (!atomic_load(&c.over)) {
					c.closing = 1;
					pool_wake(&c.task);
					sched_yield();
				}
			}
			wait_for(&c);
			core_feed_del(feed);
			if (round % 4 < 2)
				CHECK_TEXT(c.listing.text, want.text);
			if (round % 4 == 2)
				CHECK_EQ(c.listing.err.code, CORE_EREAD);
			while (pool_tasks() > 0 || feed_count() > 0)
				sched_yield();
			listing_free(&c.listing);
		}
		listing_free(&want);
		buf_free(&bytes);
	}
	core_pump_del(pump);
	settle(0);
	CHECK_EQ(plat_descriptors(), 0);
}

/* An archive in an archive, each decoded ahead: the inner one waits for the outer. */
struct nest {
	struct task task;
	struct pack_stream *outer;
	struct consumer inner;
	int state;
	_Atomic int over;
};

static enum step nest_step(struct task *t)
{
	struct nest *n = (struct nest *)(void *)t;
	struct pack_entry entry;
	struct reader r;
	struct err e;
	int32_t rc;

	switch (n->state) {
	case 0:
	case 1:
		rc = pack_stream_next(n->outer, t, &entry, &e);
		if (rc == PACK_STREAM_WAIT)
			return STEP_PARK;
		CHECK_EQ(rc, 1);
		n->state++;
		if (n->state < 2)
			return STEP_MORE;
		reader_open_pack(&r, n->outer, 0);
		start(&n->inner, &r);
		return STEP_MORE;
	case 2:
		/* The other task has the outer stream now. */
		if (!atomic_load(&n->inner.over)) {
			sched_yield();
			return STEP_MORE;
		}
		rc = pack_stream_next(n->outer, t, &entry, &e);
		if (rc == PACK_STREAM_WAIT)
			return STEP_PARK;
		CHECK_EQ(rc, 1);
		CHECK(entry.path_len == 5 && memcmp(entry.path, "after", 5) == 0);
		n->state = 3;
		return STEP_MORE;
	default:
		if (pack_stream_close(n->outer, t) == READER_WAIT)
			return STEP_PARK;
		atomic_store(&n->over, 1);
		return STEP_DONE;
	}
}

static void nested(void)
{
	for (int k = 0; k < 4; k++) {
		struct buf in = mixed_archive(kinds[k].format, kinds[k].filter), outer = {0};
		struct listing want = listing_of_stream(in.data, in.len);
		tar_block(&outer, '0', "before", 3, "ustar");
		tar_body(&outer, "abc", 3);
		tar_block(&outer, '0', "inner", in.len, "ustar");
		tar_body(&outer, in.data, in.len);
		tar_block(&outer, '0', "after", 3, "ustar");
		tar_body(&outer, "xyz", 3);
		struct buf bytes = archive_compress("gzip", outer.data, outer.len);
		uint64_t kept = in.cap + outer.cap + bytes.cap;
		for (unsigned round = 0; round < check_rounds(16); round++) {
			struct nest n = {.task.step = nest_step, .inner = {.rng = round, .close_after = round % 2 ? round * 3 : 0}};
			struct reader r;
			struct err e;
			reader_open_memory(&r, bytes.data, bytes.len, 0);
			CHECK_EQ(pack_stream_start(&n.outer, &r, NULL, &e), 0);
			pool_submit(&n.task);
			while (!atomic_load(&n.over))
				sched_yield();
			if (round % 2 == 0)
				CHECK_TEXT(n.inner.listing.text, want.text);
			settle(kept);
			listing_free(&n.inner.listing);
		}
		listing_free(&want);
		buf_free(&in);
		buf_free(&outer);
		buf_free(&bytes);
	}
	settle(0);
}

int main(void)
{
	TEST("C-21 streams under any schedule", schedules);
	TEST("C-21 streams with entries passed over", skipping);
	TEST("C-21 streams closed at any time", closing);
	TEST("C-21 two streams at once", two_at_once);
	TEST("C-21 a stream is woken for many entries at once", batches);
	TEST("C-21 streams that fail", failures);
	TEST("C-21 a stream that nobody reads is bounded", bounded);
	TEST("C-21 holes that are passed over", passed_holes);
	TEST("C-21 streams without memory", no_memory);
	TEST("C-21 streams on threads", on_threads);
	TEST("C-21 streams from feeds", from_feeds);
	TEST("C-72 streams in streams", nested);
	return check_end();
}
