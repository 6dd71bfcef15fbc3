/* SPDX-License-Identifier: MIT */
/* io/feed: a bounded byte ring from the caller's thread to the one task that reads it. */
#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "io/reader.h"
#include "plat/plat.h"
#include "pool/pump.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static core_pump *pump;

static core_feed *open_feed(uint32_t capacity)
{
	core_feed *f;

	if (!pump)
		CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_feed_new(&f, pump, 7, capacity), 0);
	return f;
}

static unsigned told(void)
{
	uint64_t tokens[8];
	uint32_t n;

	CHECK_EQ(core_pump_ready(pump, tokens, 8, &n), 0);
	for (uint32_t i = 0; i < n; i++)
		CHECK_EQ(tokens[i], 7);
	return n;
}

static void close_pump(void)
{
	core_pump_del(pump);
	pump = NULL;
	CHECK_EQ(feed_count(), 0);
	CHECK_EQ(mem_bytes(), 0);
	CHECK_EQ(plat_descriptors(), 0);
}

static void limits(void)
{
	core_feed *f;

	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_feed_new(&f, pump, 1, 4095), CORE_EUSAGE);
	CHECK_EQ(core_feed_new(&f, pump, 1, (16 << 20) + 1), CORE_EUSAGE);
	for (uint64_t n = 1; n <= 2; n++) {
		mem_fail_at(n);
		CHECK_EQ(core_feed_new(&f, pump, 1, 4096), CORE_EMEMORY);
	}
	CHECK_EQ(core_feed_new(&f, pump, 1, 16 << 20), 0);
	CHECK_EQ(feed_count(), 1);
	core_feed_del(f);
	core_feed_del(NULL);
	close_pump();
}

static enum step no_step(struct task *t)
{
	(void)t;
	return STEP_DONE;
}

static struct task reader_task = {.step = no_step};

static void bounded_and_in_order(void)
{
	uint8_t *bytes = files_noise(1, 100000), got[10000];

	for (uint64_t seed = 1; seed <= check_rounds(300); seed++) {
		core_feed *f = open_feed(4096 + (uint32_t)(seed % 3) * 1001);
		uint32_t cap = 4096 + (uint32_t)(seed % 3) * 1001;
		uint64_t rng = seed, written = 0, read = 0;
		CHECK(feed_take(f));
		while (read < 100000) {
			uint64_t taken = 99, len = rng_next(&rng) % 7000;
			if (len > 100000 - written)
				len = 100000 - written;
			if (rng_next(&rng) % 2) {
				uint64_t room = cap - (written - read);
				CHECK_EQ(core_feed_write(f, bytes + written, len, &taken), 0);
				CHECK_EQ(taken, len < room ? len : room);
				written += taken;
				continue;
			}
			size_t n = 99;
			int32_t rc = feed_read(f, &reader_task, got, 1 + rng_next(&rng) % sizeof got, &n);
			CHECK_EQ(rc, written == read ? READER_WAIT : 0);
			CHECK(n > 0 || rc == READER_WAIT);
			CHECK(memcmp(got, bytes + read, n) == 0);
			read += n;
		}
		size_t n;
		CHECK_EQ(feed_read(f, &reader_task, got, 10, &n), READER_WAIT);
		CHECK_EQ(core_feed_end(f), 0);
		for (int i = 0; i < 3; i++) {
			CHECK_EQ(feed_read(f, &reader_task, got, 10, &n), 0);
			CHECK_EQ(n, 0);
		}
		feed_leave(f);
		core_feed_del(f);
		told();
	}
	free(bytes);
	close_pump();
}

static void end_and_abort(void)
{
	for (int abort = 0; abort < 2; abort++) {
		core_feed *f = open_feed(4096);
		uint64_t taken = 99;
		uint8_t got[10];
		size_t n;
		CHECK(feed_take(f));
		CHECK_EQ(core_feed_write(f, (const uint8_t *)"abc", 3, &taken), 0);
		CHECK_EQ(taken, 3);
		CHECK_EQ(abort ? core_feed_abort(f) : core_feed_end(f), 0);
		CHECK_EQ(core_feed_write(f, (const uint8_t *)"d", 1, &taken), CORE_ECLOSED);
		CHECK_EQ(core_feed_end(f), CORE_ECLOSED);
		CHECK_EQ(core_feed_abort(f), CORE_ECLOSED);
		/* What was written before is still there. */
		CHECK_EQ(feed_read(f, &reader_task, got, 2, &n), 0);
		CHECK_EQ(n, 2);
		CHECK_EQ(feed_read(f, &reader_task, got, 10, &n), 0);
		CHECK_EQ(n, 1);
		CHECK_EQ(got[0], 'c');
		CHECK_EQ(feed_read(f, &reader_task, got, 10, &n), abort ? CORE_EREAD : 0);
		CHECK_EQ(n, 0);
		core_feed_del(f);
		feed_leave(f);
		told();
	}
	close_pump();
}

static void del_is_abort(void)
{
	core_feed *f = open_feed(4096);
	uint8_t got[4];
	size_t n;

	CHECK(feed_take(f));
	CHECK_EQ(feed_read(f, &reader_task, got, 4, &n), READER_WAIT);
	core_feed_del(f);
	CHECK_EQ(feed_count(), 1);
	CHECK_EQ(feed_read(f, &reader_task, got, 4, &n), CORE_EREAD);
	feed_leave(f);
	told();
	close_pump();
}

static void writer_told_of_room(void)
{
	core_feed *f = open_feed(4096);
	static uint8_t block[8192];
	uint64_t taken;
	size_t n;

	CHECK(feed_take(f));
	CHECK_EQ(core_feed_write(f, block, 4096, &taken), 0);
	CHECK_EQ(taken, 4096);
	/* It fitted: nobody waits for room. */
	CHECK_EQ(feed_read(f, &reader_task, block, 100, &n), 0);
	CHECK_EQ(told(), 0);
	CHECK_EQ(core_feed_write(f, block, 101, &taken), 0);
	CHECK_EQ(taken, 100);
	CHECK_EQ(told(), 0);
	CHECK_EQ(core_feed_write(f, block, 1, &taken), 0);
	CHECK_EQ(taken, 0);
	CHECK_EQ(feed_read(f, &reader_task, block, 1, &n), 0);
	CHECK_EQ(told(), 1);
	CHECK_EQ(feed_read(f, &reader_task, block, 1, &n), 0);
	CHECK_EQ(told(), 0);
	core_feed_del(f);
	feed_leave(f);
	told();
	close_pump();
}

static void reader_gone(void)
{
	core_feed *f = open_feed(4096);
	static uint8_t block[8192];
	uint64_t taken = 99;

	CHECK(feed_take(f));
	CHECK(!feed_take(f));
	CHECK_EQ(core_feed_write(f, block, 8192, &taken), 0);
	CHECK_EQ(taken, 4096);
	feed_leave(f);
	CHECK_EQ(told(), 1);
	CHECK_EQ(core_feed_write(f, block, 1, &taken), CORE_ECLOSED);
	CHECK_EQ(core_feed_end(f), 0);
	CHECK(!feed_take(f));
	core_feed_del(f);
	close_pump();
}

/* ------------------------------------------------------ with a real task */

/* A task that reads a feed to its end and checks each byte. */
struct sink {
	struct task task;
	core_feed *feed;
	uint64_t pos, leave_at;
	uint64_t rng;
	_Atomic int result;
};

enum { RUNNING = 0, AT_END, BROKEN, LEFT, DAMAGED };

static uint8_t byte_at(uint64_t pos)
{
	return (uint8_t)(pos * 13 + (pos >> 8) * 7);
}

static enum step sink_over(struct sink *s, int result)
{
	feed_leave(s->feed);
	atomic_store(&s->result, result);
	return STEP_DONE;
}

static enum step sink_step(struct task *t)
{
	struct sink *s = (struct sink *)(void *)t;
	uint8_t buf[3000];

	for (int i = 0; i < 4; i++) {
		size_t n, want = 1 + rng_next(&s->rng) % sizeof buf;
		int32_t rc = feed_read(s->feed, t, buf, want, &n);
		for (size_t k = 0; k < n; k++) {
			if (buf[k] != byte_at(s->pos + k))
				return sink_over(s, DAMAGED);
		}
		s->pos += n;
		if (rc == READER_WAIT)
			return STEP_PARK;
		if (rc < 0)
			return sink_over(s, BROKEN);
		if (n == 0)
			return sink_over(s, AT_END);
		if (s->pos >= s->leave_at)
			return sink_over(s, LEFT);
	}
	return STEP_MORE;
}

static struct sink *start_sink(core_feed *f, uint64_t seed, uint64_t leave_at)
{
	struct sink *s = mem_zalloc(1, sizeof *s);

	CHECK(s);
	CHECK(feed_take(f));
	s->task.step = sink_step;
	s->feed = f;
	s->rng = seed;
	s->leave_at = leave_at;
	pool_submit(&s->task);
	return s;
}

static void await(struct sink *s)
{
	for (uint64_t start = plat_now(); pool_tasks() > 0; sched_yield()) {
		if (plat_now() - start > 20000000000u)
			FAIL("the reader stays at byte %llu", (unsigned long long)s->pos);
	}
}

/* Writes `len` bytes, waiting for room where there is none: the bytes taken. */
static uint64_t fill(core_feed *f, uint64_t len, uint64_t *rng, int in_test_mode)
{
	static uint8_t block[70000];
	uint64_t pos = 0;

	while (pos < len) {
		uint64_t want = 1 + rng_next(rng) % sizeof block, taken = 0;
		if (want > len - pos)
			want = len - pos;
		for (uint64_t i = 0; i < want; i++)
			block[i] = byte_at(pos + i);
		int32_t rc = core_feed_write(f, block, want, &taken);
		if (rc == CORE_ECLOSED)
			return pos;
		CHECK_EQ(rc, 0);
		pos += taken;
		if (taken == want)
			continue;
		if (in_test_mode) {
			while (told() == 0)
				if (!pool_test_step())
					FAIL("a full feed whose reader stands still at byte %llu",
					     (unsigned long long)pos);
			continue;
		}
		if (core_pump_wait(pump, 10000) != 1)
			FAIL("no room for ten seconds at byte %llu", (unsigned long long)pos);
		told();
	}
	return pos;
}

static void schedules(void)
{
	unsigned rounds = check_rounds(1000);

	for (uint64_t seed = 1; seed <= rounds; seed++) {
		uint64_t rng = seed, len = rng_next(&rng) % 50000;
		int how = (int)(seed % 3);
		pool_test_begin(seed);
		core_feed *f = open_feed(4096 + (uint32_t)(seed % 5000));
		struct sink *s = start_sink(f, seed, how == 2 ? len / 2 : UINT64_MAX);
		uint64_t wrote = fill(f, len, &rng, 1);
		if (how != 2)
			CHECK_EQ(wrote, len);
		if (how == 1)
			core_feed_abort(f);
		else
			core_feed_end(f);
		while (pool_test_step())
			;
		CHECK_EQ(pool_tasks(), 0);
		int want = how == 1 ? BROKEN : how == 0 || len == 0 ? AT_END : LEFT;
		if (how == 2 && len / 2 == 0)
			want = s->pos > 0 ? LEFT : AT_END;
		CHECK_EQ(atomic_load(&s->result), want);
		if (how != 2)
			CHECK_EQ(s->pos, len);
		core_feed_del(f);
		told();
		CHECK_EQ(feed_count(), 0);
		mem_free(s);
		pool_test_end();
	}
	close_pump();
	check_note("%u schedules", rounds);
}

static void stress(void)
{
	uint64_t rng = 5;

	CHECK_EQ(pool_start(), 0);
	for (int round = 0; round < 6; round++) {
		static const uint32_t caps[] = {4096, 5003, 65536, 1 << 20, 4096, 4096};
		uint64_t len = check_rounds(16u << 20);
		core_feed *f = open_feed(caps[round]);
		/* To the end, broken off, and left half-way. */
		struct sink *s = start_sink(f, (uint64_t)round, round == 5 ? len / 2 : UINT64_MAX);
		uint64_t wrote = fill(f, round == 4 ? len / 3 : len, &rng, 0);
		if (round == 4)
			core_feed_del(f);
		else
			core_feed_end(f);
		await(s);
		CHECK_EQ(atomic_load(&s->result), round == 4 ? BROKEN : round == 5 ? LEFT : AT_END);
		if (round != 5)
			CHECK_EQ(s->pos, wrote);
		if (round != 4)
			core_feed_del(f);
		mem_free(s);
		told();
	}
	/* Many short ones: the end, the deletion and the reader's leaving meet. */
	for (unsigned i = 0; i < check_rounds(5000); i++) {
		core_feed *f = open_feed(4096);
		struct sink *s = start_sink(f, i, i % 5 == 4 ? 1 : UINT64_MAX);
		uint64_t taken;
		uint8_t first = byte_at(0);
		core_feed_write(f, &first, i % 2, &taken);
		if (i % 3 == 0)
			core_feed_end(f);
		else if (i % 3 == 1)
			core_feed_abort(f);
		core_feed_del(f);
		await(s);
		CHECK(atomic_load(&s->result) != DAMAGED && atomic_load(&s->result) != RUNNING);
		mem_free(s);
		if (i % 64 == 0)
			while (told() == 8)
				;
	}
	while (told() == 8)
		;
	close_pump();
}

int main(void)
{
	TEST("feed limits", limits);
	TEST("feed is bounded and keeps the order", bounded_and_in_order);
	TEST("feed end and abort come after the bytes", end_and_abort);
	TEST("feed deleted unended is broken off", del_is_abort);
	TEST("feed writer is told of room", writer_told_of_room);
	TEST("feed reader gone closes it", reader_gone);
	TEST("feed seeded schedules", schedules);
	TEST("feed stress with the reader on the pool", stress);
	return check_end();
}
