/* SPDX-License-Identifier: MIT */
/*
 * Sources that are opened from afar: a comparison waits until they are ready,
 * for its turn, and for their bytes; with a made-up network in place of one,
 * and a seed that says when it does what.
 */
#include "base/alloc.h"
#include "base/digest.h"
#include "base/rng.h"
#include "check.h"
#include "compare/engine.h"
#include "core.h"
#include "files.h"
#include "io/gate.h"
#include "io/opener.h"
#include "io/ring.h"
#include "plat/plat.h"
#include "pool/pump.h"
#include "runs.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FAR = 160, RING = 8192 };

/* --------------------------------------------------------- a made-up network */

/* A source far away. The network is the test itself: it goes on when net_step() says so. */
struct far {
	struct opener opener;
	const uint8_t *bytes;
	size_t len, sent;
	/** Steps until it is ready, or has failed. */
	unsigned delay;
	int32_t open_fails, ready_fails, breaks;
	int knows_size, opened, closed, ready, wants_room;
	struct reader_want want;
	struct task *waiter;
	struct ring ring;
	struct digest_set digests;
};

static struct far far[MAX_FAR];
static unsigned fars, open_now, most_open;

static int32_t far_ready(struct reader *r, struct task *t, struct err *e)
{
	struct far *f = r->own;

	if (!f->ready) {
		f->waiter = t;
		return READER_WAIT;
	}
	if (f->ready_fails) {
		*e = err_of(f->ready_fails, "fetch", r->side, "{n} of {m} in {s} s");
		e->n = 1500;
		e->m = 7;
		return e->code;
	}
	r->size = f->knows_size ? f->len : UINT64_MAX;
	r->digests = f->digests.have ? &f->digests : NULL;
	return 0;
}

static int32_t far_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	struct far *f = r->own;
	int32_t rc = ring_read(&f->ring, t, buf, len, got, &f->wants_room);

	CHECK(f->ready);
	if (rc < 0)
		*e = err_of(CORE_ENETWORK, "fetch", r->side, "it broke");
	return rc < 0 ? e->code : rc;
}

static int32_t far_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "fetch", r->side, "no offsets");
	return e->code;
}

static int32_t far_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void far_close(struct reader *r)
{
	struct far *f = r->own;

	CHECK(!f->closed);
	f->closed = 1;
	f->waiter = NULL;
	ring_leave(&f->ring);
	open_now--;
}

static const struct reader_ops far_ops = {
	.at = far_at, .next = far_next, .check = far_check, .close = far_close, .ready = far_ready};

static int32_t far_open(struct opener *o, struct reader *r, const struct reader_want *want, int32_t side, struct err *e)
{
	struct far *f = (struct far *)(void *)o;

	CHECK(!f->opened);
	*r = (struct reader){.side = side};
	if (f->open_fails) {
		*e = err_of(f->open_fails, "fetch", side, "no way");
		return e->code;
	}
	f->opened = 1;
	f->want = *want;
	*r = (struct reader){.ops = &far_ops, .size = UINT64_MAX, .side = side, .own = f};
	if (++open_now > most_open)
		most_open = open_now;
	return 0;
}

static void far_del(struct opener *o)
{
	(void)o;
}

static const struct opener_ops far_opener_ops = {.open = far_open, .del = far_del};

/* Goes on with one source: 0 when it has nothing to do. */
static int far_step(struct far *f, uint64_t *rng)
{
	if (!f->opened || f->closed)
		return 0;
	if (!f->ready) {
		if (f->delay-- > 0)
			return 1;
		f->ready = 1;
		if (f->waiter)
			pool_wake(f->waiter);
		f->waiter = NULL;
		return 1;
	}
	if (f->ready_fails || ring_is_shut(&f->ring))
		return 0;
	if (f->sent == f->len) {
		ring_end(&f->ring, f->breaks ? RING_BROKEN : RING_ENDED);
		return 1;
	}
	size_t n = 1 + rng_next(rng) % (2 * RING);
	uint64_t taken = ring_write(&f->ring, f->bytes + f->sent, n < f->len - f->sent ? n : f->len - f->sent);
	f->sent += taken;
	return taken > 0;
}

static struct side far_side(const uint8_t *bytes, size_t len, unsigned delay)
{
	struct far *f = &far[fars++];

	CHECK(fars <= MAX_FAR);
	*f = (struct far){.opener.ops = &far_opener_ops, .bytes = bytes, .len = len, .delay = delay, .knows_size = 1};
	CHECK_EQ(ring_init(&f->ring, RING, RING / 2), 0);
	uint8_t *name = mem_alloc(4);
	CHECK(name);
	memcpy(name, "far", 4);
	return (struct side){.kind = CORE_SOURCE_URL, .data = name, .len = 3, .opener = &f->opener};
}

static struct side near_side(const uint8_t *bytes, size_t len)
{
	return (struct side){.kind = CORE_SOURCE_MEMORY, .data = (uint8_t *)(uintptr_t)bytes, .len = len};
}

static void forget_fars(void)
{
	for (unsigned i = 0; i < fars; i++) {
		CHECK(far[i].opened == far[i].closed);
		ring_free(&far[i].ring);
	}
	CHECK_EQ(open_now, 0);
	fars = most_open = 0;
}

/* ------------------------------------------------------------------ running */

static core_pump *pump;
static uint64_t seed;

static void begin(uint64_t with)
{
	seed = with;
	pool_test_begin(with);
	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&pump), 0);
}

static void end(void)
{
	core_pump_del(pump);
	pool_test_end();
	forget_fars();
	runs_clean(0);
}

static core_run *start(struct side left, struct side right, uint32_t flags)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .chunk_bytes = 4096};
	struct side side[2] = {left, right};
	core_run *run;

	CHECK_EQ(engine_start(&run, pump, 1, side, &opts), 0);
	return run;
}

/* Lets the pool and the network take turns, as the seed says: 0 when both stand still. */
static int turn(void)
{
	int moved = 0;

	if (rng_next(&seed) % 2)
		moved = pool_test_step();
	for (unsigned i = 0; i < fars; i++) {
		if (rng_next(&seed) % 3 == 0)
			moved |= far_step(&far[i], &seed);
	}
	if (moved || pool_test_step())
		return 1;
	for (unsigned i = 0; i < fars; i++)
		moved |= far_step(&far[i], &seed);
	return moved;
}

static uint32_t state_of(core_run *run)
{
	struct core_progress p;

	core_run_progress(run, &p);
	return p.state;
}

static struct core_compare_summary finish(core_run *run)
{
	struct core_compare_summary sum;

	while (!(state_of(run) & CORE_RUN_ENDED)) {
		if (!turn())
			FAIL("the run stands still");
	}
	CHECK_EQ(core_compare_result(run, &sum), 0);
	core_run_del(run);
	return sum;
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
		begin(i);
		struct side left = i % 7 < 2 ? near_side(a, len) : far_side(a, len, i % 9);
		struct side right = far_side(b, other, i % 5);
		for (unsigned f = 0; f < fars; f++)
			far[f].knows_size = (i + f) % 4 != 0;
		struct core_compare_summary sum = finish(start(left, right, flags));
		CHECK_EQ(sum.error, 0);
		CHECK_EQ(sum.verdict, differs || len != other ? CORE_VERDICT_DIFFERENT : CORE_VERDICT_EQUAL);
		if (differs && (flags & CORE_COMPARE_LOCATE))
			CHECK_EQ(sum.offset, at);
		if (sum.reasons == CORE_REASON_SIZE_MISMATCH && !(flags & CORE_COMPARE_LOCATE) && left.kind == CORE_SOURCE_URL &&
		    far[0].knows_size && far[1].knows_size)
			CHECK_EQ(sum.bytes_read, 0);
		end();
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
		begin(i);
		struct side side[2] = {far_side(bytes, sizeof bytes, i % 4), far_side(bytes, sizeof bytes, i % 6)};
		const unsigned bad = i / 3 % 2;
		const int32_t code = CORE_ETIMEOUT;
		far[bad].open_fails = i % 3 == 0 ? code : 0;
		far[bad].ready_fails = i % 3 == 1 ? code : 0;
		far[bad].breaks = i % 3 == 2;
		core_run *run = start(side[0], side[1], CORE_COMPARE_LOCATE);
		while (!(state_of(run) & CORE_RUN_ENDED))
			CHECK(turn());
		uint8_t text[200], path[20];
		uint64_t text_len, path_len;
		int32_t sys;
		CHECK_EQ(core_run_error(run, text, sizeof text, &text_len, path, sizeof path, &path_len, &sys),
			 i % 3 == 2 ? CORE_ENETWORK : code);
		text[text_len] = '\0';
		CHECK(path_len == 3 && memcmp(path, "far", 3) == 0);
		if (i % 3 == 1)
			CHECK_TEXT((char *)text, bad ? "fetch right side: 1500 of 7 in 1.5 s" : "fetch left side: 1500 of 7 in 1.5 s");
		CHECK_EQ(finish(run).verdict, CORE_VERDICT_UNKNOWN);
		end();
	}
}

/* Nobody is asked for anything when the other side is not there. */
static void near_comes_first(void)
{
	static const uint8_t bytes[10];
	const char *missing = check_text("%s/missing", check_folder());

	for (int s = 0; s < 2; s++) {
		begin(1);
		uint8_t *path = mem_alloc(strlen(missing) + 1);
		CHECK(path);
		memcpy(path, missing, strlen(missing) + 1);
		struct side near = {.kind = CORE_SOURCE_PATH, .data = path, .len = strlen(missing)};
		struct side other = far_side(bytes, sizeof bytes, 0);
		struct core_compare_summary sum = finish(s ? start(other, near, 0) : start(near, other, 0));
		CHECK_EQ(sum.error, CORE_ENOT_FOUND);
		CHECK(!far[0].opened);
		end();
	}
}

static void cancelled(void)
{
	static const uint8_t bytes[50000];
	const unsigned rounds = check_rounds(600);

	for (unsigned i = 0; i < rounds; i++) {
		begin(i);
		core_run *run = start(far_side(bytes, sizeof bytes, 5), far_side(bytes, sizeof bytes, 9), CORE_COMPARE_LOCATE);
		for (unsigned steps = i % 60; steps > 0; steps--)
			turn();
		if (i % 2)
			core_run_cancel(run);
		core_run *gone = i % 2 ? NULL : run;
		core_run_del(gone);
		if (!gone) {
			struct core_compare_summary sum = finish(run);
			CHECK(sum.error == CORE_ECANCELLED || (sum.error == 0 && sum.verdict == CORE_VERDICT_EQUAL));
		}
		/* No step is left to be asked for: the network need not answer any more. */
		while (pool_test_step())
			;
		end();
	}
}

static void gate(void)
{
	static const uint8_t bytes[10000];
	const unsigned rounds = check_rounds(20);
	core_run *run[MAX_FAR / 2];

	for (unsigned i = 0; i < rounds; i++) {
		begin(i);
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			struct side left = far_side(bytes, sizeof bytes, k % 7);
			/* Some need one place, the others two. */
			struct side right = k % 3 == 0 ? near_side(bytes, sizeof bytes) : far_side(bytes, sizeof bytes, k % 3);
			run[k] = start(left, right, k % 2 ? CORE_COMPARE_LOCATE : 0);
		}
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			if ((k + i) % 10 == 0) {
				core_run_cancel(run[k]);
				finish(run[k]);
			}
		}
		for (unsigned k = 0; k < MAX_FAR / 2; k++) {
			if ((k + i) % 10 != 0)
				CHECK_EQ(finish(run[k]).verdict, CORE_VERDICT_EQUAL);
		}
		CHECK(most_open <= 64);
		CHECK(most_open > 8);
		end();
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
		begin(1);
		struct core_compare_opts opts = {.size = sizeof opts, .flags = cases[i].flags, .skip_left = cases[i].skip,
						 .limit_bytes = cases[i].limit};
		struct side side[2] = {far_side(bytes, sizeof bytes, 0), near_side(bytes, sizeof bytes)};
		core_feed *feed = NULL;
		core_run *run;
		if (cases[i].feed) {
			CHECK_EQ(core_feed_new(&feed, pump, 2, 4096), 0);
			CHECK(feed_take(feed));
			side[1] = (struct side){.kind = CORE_SOURCE_FEED, .feed = feed};
			core_feed_end(feed);
		}
		CHECK_EQ(engine_start(&run, pump, 1, side, &opts), 0);
		finish(run);
		core_feed_del(feed);
		CHECK_EQ(far[0].want.size_first, cases[i].size_first);
		CHECK_EQ(far[0].want.digest, cases[i].digest);
		CHECK_EQ(far[0].want.skip, cases[i].skip);
		CHECK_EQ(far[0].want.limit, cases[i].limit);
		end();
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
		begin(i);
		struct side left = far_side(there, 100000, 1);
		far[0].knows_size = i % 5 != 0;
		digest_of(&far[0], kind, there, 100000);
		struct core_compare_summary sum = finish(start(left, near_side(a, 100000), flags));
		CHECK_EQ(sum.verdict, same ? CORE_VERDICT_EQUAL : CORE_VERDICT_DIFFERENT);
		CHECK_EQ(sum.proof, same ? CORE_PROOF_DIGEST : CORE_PROOF_NONE);
		CHECK_EQ(sum.proof_digest, same);
		if (same || !flags)
			CHECK_EQ(far[0].sent > RING, 0);
		if (!same && flags)
			CHECK_EQ(sum.offset, 99999);
		end();
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
