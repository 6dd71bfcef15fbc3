/* SPDX-License-Identifier: MIT */
/*
 * The lock-free parts of run.c, feed.c and ring.c, with one side interrupted before
 * each of its atomic operations in turn while the other side does a whole
 * step there. What threads meet once in a million times is met here each time.
 *
 * The files are compiled again under other names, with a hook before every
 * atomic operation.
 */
#define run_new hooked_run_new
#define run_unref hooked_run_unref
#define run_reserve hooked_run_reserve
#define run_commit hooked_run_commit
#define run_end hooked_run_end
#define run_count hooked_run_count
#define run_ring_count hooked_run_ring_count
#define core_run_drain hooked_run_drain
#define core_run_discard hooked_run_discard
#define core_run_cancel hooked_run_cancel
#define core_run_progress hooked_run_progress
#define core_run_error hooked_run_error
#define core_run_del hooked_run_del
#define core_feed_new hooked_feed_new
#define core_feed_write hooked_feed_write
#define core_feed_end hooked_feed_end
#define core_feed_abort hooked_feed_abort
#define core_feed_del hooked_feed_del
#define feed_take hooked_feed_take
#define feed_leave hooked_feed_leave
#define feed_read hooked_feed_read
#define feed_count hooked_feed_count
#define ring_init hooked_ring_init
#define ring_drop hooked_ring_drop
#define ring_free hooked_ring_free
#define ring_is_shut hooked_ring_is_shut
#define ring_has_room hooked_ring_has_room
#define ring_write hooked_ring_write
#define ring_end hooked_ring_end
#define ring_read hooked_ring_read
#define ring_leave hooked_ring_leave

#include "base/alloc.h"
#include "check.h"
#include "core.h"
#include "pool/run.h"

#include <stdatomic.h>
#include <string.h>

static void hook(void);

#undef atomic_load
#undef atomic_store
#undef atomic_exchange
#define atomic_load(p) (hook(), atomic_load_explicit(p, memory_order_seq_cst))
#define atomic_store(p, v) (hook(), atomic_store_explicit(p, v, memory_order_seq_cst))
#define atomic_exchange(p, v) (hook(), atomic_exchange_explicit(p, v, memory_order_seq_cst))

/* NOLINTBEGIN: the sources themselves. */
#include "../../libcore/src/pool/run.c"
#define unref(f) feed_unref(f)
#define ready_ref feed_ready_ref
#define ready_unref feed_ready_unref
#define owned_close feed_owned_close
#include "../../libcore/src/io/ring.c"
#include "../../libcore/src/io/feed.c"
#undef unref
/* NOLINTEND */

/* What the other side does, before which of the atomic operations to come. */
static void (*interruption)(void);
static unsigned countdown, interrupted;

static void hook(void)
{
	if (countdown == 0 || --countdown > 0)
		return;
	interrupted++;
	interruption();
}

/* Does `outer`, with `inner` in the middle: 0 when `outer` has fewer operations than that. */
static int interleave(void (*outer)(void), void (*inner)(void), unsigned before)
{
	interrupted = 0;
	interruption = inner;
	countdown = before;
	outer();
	countdown = 0;
	return interrupted > 0;
}

static core_pump *pump;

static unsigned told(void)
{
	uint64_t tokens[8];
	uint32_t n;

	CHECK_EQ(core_pump_ready(pump, tokens, 8, &n), 0);
	return n;
}

/* ------------------------------------------------------------------- runs */

struct writer {
	struct task task;
	core_run *run;
	uint32_t sent, count, bytes;
	/** After each record it parks until it is asked for the next. */
	int one_by_one;
	uint32_t asked;
	int over;
};

static struct writer writer;
static core_run *run;
static uint32_t received;
static uint32_t state;
static int drained, discarded, cancelled;

static void no_free(void *job)
{
	(void)job;
}

static enum step writer_step(struct task *t)
{
	struct writer *w = (struct writer *)(void *)t;
	uint8_t *at;

	if (run_cancelled(w->run) || w->sent == w->count) {
		core_run *mine = w->run;
		w->over = 1;
		run_end(mine, NULL, NULL, 0);
		run_unref(mine);
		return STEP_DONE;
	}
	if (w->one_by_one && w->sent == w->asked)
		return STEP_PARK;
	int32_t rc = run_reserve(w->run, t, w->bytes, &at);
	CHECK(rc >= 0);
	if (rc == 0)
		return STEP_PARK;
	if (at) {
		const struct {
			struct core_rec head;
			uint64_t number;
		} r = {{w->bytes, 5}, w->sent};
		memcpy(at, &r, sizeof r);
		run_commit(w->run, w->bytes);
	}
	w->sent++;
	return STEP_MORE;
}

static uint64_t drain_once(void)
{
	static _Alignas(8) uint8_t buf[RING_BYTES];
	uint64_t used;

	CHECK_EQ(core_run_drain(run, buf, sizeof buf, &used, &state), 0);
	for (uint64_t i = 0; i < used;) {
		struct core_rec head;
		uint64_t number;
		memcpy(&head, buf + i, sizeof head);
		memcpy(&number, buf + i + sizeof head, sizeof number);
		CHECK_EQ(head.type, 5);
		CHECK_EQ(number, received);
		received++;
		i += head.bytes;
	}
	return used;
}

/* As the caller does at first and when it is told: until nothing is left. From then on it relies on being told. */
static void drain_all(void)
{
	while (drain_once() > 0)
		;
	drained = 1;
}

static void step(void)
{
	pool_test_step();
}

static void all_steps(void)
{
	while (pool_test_step())
		;
}

static void discard(void)
{
	discarded = 1;
	core_run_discard(run);
}

static void cancel(void)
{
	cancelled = 1;
	core_run_cancel(run);
}

static void begin_run(uint32_t count, uint32_t bytes, int one_by_one)
{
	pool_test_begin(1);
	CHECK_EQ(core_pump_new(&pump), 0);
	writer = (struct writer){.task.step = writer_step, .count = count, .bytes = bytes, .one_by_one = one_by_one,
				 .asked = 1};
	/* What cancel wakes first is another task of the job, unless it waits for more than room. */
	static struct task lead;
	CHECK_EQ(run_new(&writer.run, pump, 1, one_by_one ? &writer.task : &lead, &writer, no_free), 0);
	run = writer.run;
	received = state = 0;
	drained = discarded = cancelled = 0;
	pool_submit(&writer.task);
}

/* From here on nothing is done unless someone was told or woken: all must come to its end all the same. */
static void end_run(void)
{
	if (!drained && !discarded)
		drain_all();
	for (unsigned rounds = 0;; rounds++) {
		CHECK(rounds < 10000);
		int moved = pool_test_step();
		if (told() > 0) {
			moved = 1;
			if (!discarded)
				drain_all();
		}
		/* Who has the record asks for the next. */
		if (writer.one_by_one && !writer.over && (discarded || received == writer.asked) &&
		    writer.asked == writer.sent && writer.asked < writer.count) {
			writer.asked++;
			pool_wake(&writer.task);
			moved = 1;
		} else if (writer.one_by_one && !writer.over && writer.sent == writer.count) {
			pool_wake(&writer.task);
		}
		if (!moved)
			break;
	}
	struct core_progress p;
	core_run_progress(run, &p);
	if (!(p.state & CORE_RUN_ENDED))
		FAIL("the run stands still: %u of %u records sent, %u received", writer.sent, writer.count, received);
	if (!discarded)
		CHECK_EQ(p.state & CORE_RUN_RECORDS, 0);
	if (!discarded && !cancelled)
		CHECK_EQ(received, writer.count);
	core_run_del(run);
	core_pump_del(pump);
	pool_test_end();
	CHECK_EQ(mem_bytes(), 0);
}

static void runs(void)
{
	static void (*const mine[])(void) = {drain_all, discard, cancel};
	static const uint32_t sizes[] = {16, 9000, 16384, 32768};
	unsigned cases = 0;

	for (unsigned size = 0; size < 4; size++) {
		for (unsigned way = 0; way < 12; way++) {
			void (*caller)(void) = mine[way / 4];
			int one_by_one = (way & 1) != 0, caller_outside = (way & 2) != 0;
			for (unsigned done = 0; done < 14; done++) {
				for (unsigned before = 1, more = 1; more; before++) {
					begin_run(12, sizes[size], one_by_one);
					for (unsigned i = 0; i < done; i++)
						step();
					/* Also when the caller has been there before and armed the run. */
					if (done % 3 == 2)
						drain_all();
					more = (unsigned)interleave(caller_outside ? caller : step,
								    caller_outside ? step : caller, before);
					end_run();
					cases++;
				}
			}
		}
	}
	check_note("%u interleavings", cases);
}

static void drain_and_look(void)
{
	/* Callers take an end without bytes for the end of the records too. */
	if (drain_once() == 0 && (state & CORE_RUN_ENDED))
		CHECK_EQ(received, writer.count);
}

/* All that is left is written, and the run ends, while its caller drains it. */
static void end_comes_last(void)
{
	for (unsigned done = 0; done < 6; done++) {
		for (unsigned before = 1, more = 1; more; before++) {
			begin_run(4, 64, 0);
			for (unsigned i = 0; i < done; i++)
				step();
			if (done % 2)
				drain_all();
			more = (unsigned)interleave(drain_and_look, all_steps, before);
			end_run();
		}
	}
}

/* ------------------------------------------------------------------ feeds */

enum { FEED_BYTES = 10000, FEED_CAP = 4096 };

static core_feed *feed;
static struct {
	struct task task;
	uint64_t got, leave_at;
	int over;
} reader;
static uint64_t written;
static int ended, closed;

static enum step reader_step(struct task *t)
{
	static uint8_t buf[3000];
	size_t n;
	int32_t rc = feed_read(feed, t, buf, sizeof buf, &n);

	for (size_t i = 0; i < n; i++)
		CHECK_EQ(buf[i], (uint8_t)(reader.got + i));
	reader.got += n;
	if (rc == READER_WAIT)
		return STEP_PARK;
	if (rc == 0 && n > 0 && reader.got < reader.leave_at)
		return STEP_MORE;
	reader.over = rc < 0 ? rc : 1;
	feed_leave(feed);
	return STEP_DONE;
}

static void write_some(void)
{
	static uint8_t bytes[FEED_BYTES];
	uint64_t taken = 0;

	for (uint64_t i = 0; i < FEED_BYTES; i++)
		bytes[i] = (uint8_t)i;
	/* Until less is taken than was offered: only then the writer is told of room. */
	while (!closed && written < FEED_BYTES) {
		uint64_t want = FEED_BYTES - written < FEED_CAP ? FEED_BYTES - written : FEED_CAP;
		closed = core_feed_write(feed, bytes + written, want, &taken) == CORE_ECLOSED;
		if (closed)
			return;
		written += taken;
		if (taken < want)
			return;
	}
}

static void end_feed(void)
{
	if (!ended)
		core_feed_end(feed);
	ended = 1;
}

static void abort_feed(void)
{
	if (!ended)
		core_feed_abort(feed);
	ended = 2;
}

static void feeds(void)
{
	static void (*const mine[])(void) = {write_some, end_feed, abort_feed};
	unsigned cases = 0;

	for (unsigned way = 0; way < 24; way++) {
		void (*caller)(void) = mine[way % 3], (*work)(void) = way >= 12 ? all_steps : step;
		int caller_outside = (int)(way / 3 & 1), leaves = way / 6 % 2 != 0;
		for (unsigned writes = 0; writes < 4; writes++) {
			for (unsigned steps = 0; steps < 6; steps++) {
				for (unsigned before = 1, more = 1; more; before++) {
					pool_test_begin(1);
					CHECK_EQ(core_pump_new(&pump), 0);
					CHECK_EQ(core_feed_new(&feed, pump, 1, FEED_CAP), 0);
					CHECK(feed_take(feed));
					memset(&reader, 0, sizeof reader);
					reader.task.step = reader_step;
					reader.leave_at = leaves ? 2500 : UINT64_MAX;
					written = 0;
					ended = closed = 0;
					pool_submit(&reader.task);
					for (unsigned i = 0; i < writes; i++) {
						write_some();
						step();
					}
					for (unsigned i = 0; i < steps; i++)
						step();
					if (steps == 5)
						write_some();
					if (told() > 0)
						write_some();
					more = (unsigned)interleave(caller_outside ? caller : work,
								    caller_outside ? work : caller, before);
					/* The writer was refused room, or had less to write: then it ends. */
					for (unsigned rounds = 0;; rounds++) {
						CHECK(rounds < 1000);
						int moved = pool_test_step();
						if (told() > 0 && !ended) {
							write_some();
							moved = 1;
						}
						if (!ended && written == FEED_BYTES) {
							end_feed();
							moved = 1;
						}
						/* The first write is the writer's own idea. */
						if (!moved && written == 0 && !ended && !closed) {
							write_some();
							moved = 1;
						}
						if (!moved)
							break;
					}
					if (!reader.over)
						FAIL("the reader stands still at %llu of %llu bytes, end %d",
						     (unsigned long long)reader.got, (unsigned long long)written, ended);
					if (!leaves)
						CHECK_EQ(reader.got, written);
					if (!leaves)
						CHECK_EQ(reader.over, ended == 2 ? CORE_EREAD : 1);
					core_feed_del(feed);
					core_pump_del(pump);
					pool_test_end();
					CHECK_EQ(mem_bytes(), 0);
					cases++;
				}
			}
		}
	}
	check_note("%u interleavings", cases);
}

int main(void)
{
	TEST("C-35 run and caller meet at every atomic operation", runs);
	TEST("C-35 the end of a run is not told before its records", end_comes_last);
	TEST("C-35 feed reader and writer meet at every atomic operation", feeds);
	return check_end();
}
