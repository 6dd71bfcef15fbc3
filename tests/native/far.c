/* SPDX-License-Identifier: MIT */
#include "far.h"

#include "base/rng.h"
#include "check.h"
#include "io/reader.h"
#include "pool/pool.h"
#include "pool/pump.h"
#include "runs.h"

#include <string.h>

struct far far[MAX_FAR];
unsigned fars, far_most_open;
static unsigned open_now;

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
	if (++open_now > far_most_open)
		far_most_open = open_now;
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
	size_t n = 1 + rng_next(rng) % (2 * FAR_RING);
	uint64_t taken = ring_write(&f->ring, f->bytes + f->sent, n < f->len - f->sent ? n : f->len - f->sent);
	f->sent += taken;
	return taken > 0;
}

struct far *far_new(const uint8_t *bytes, size_t len, unsigned delay)
{
	struct far *f = &far[fars++];

	CHECK(fars <= MAX_FAR);
	*f = (struct far){.opener.ops = &far_opener_ops, .bytes = bytes, .len = len, .delay = delay, .knows_size = 1};
	CHECK_EQ(ring_init(&f->ring, FAR_RING, FAR_RING / 2), 0);
	return f;
}

static void forget_fars(void)
{
	for (unsigned i = 0; i < fars; i++) {
		CHECK(far[i].opened == far[i].closed);
		ring_free(&far[i].ring);
	}
	CHECK_EQ(open_now, 0);
	fars = far_most_open = 0;
}

core_pump *far_pump;
static uint64_t seed;

void far_begin(uint64_t with)
{
	seed = with;
	pool_test_begin(with);
	CHECK_EQ(pool_start(), 0);
	CHECK_EQ(core_pump_new(&far_pump), 0);
}

void far_end(void)
{
	core_pump_del(far_pump);
	pool_test_end();
	forget_fars();
	runs_clean(0);
}

int far_turn(void)
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

int far_has_ended(core_run *run)
{
	struct core_progress p;

	core_run_progress(run, &p);
	return (p.state & CORE_RUN_ENDED) != 0;
}

struct core_compare_summary far_finish(core_run *run)
{
	struct core_compare_summary sum;

	while (!far_has_ended(run)) {
		if (!far_turn())
			FAIL("the run stands still");
	}
	CHECK_EQ(core_compare_result(run, &sum), 0);
	core_run_del(run);
	return sum;
}
