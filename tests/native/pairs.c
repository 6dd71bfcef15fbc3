/* SPDX-License-Identifier: MIT */
#include "pairs.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "files.h"
#include "io/feed.h"
#include "plat/plat.h"

core_run pairs_run;
struct task pairs_task;

static core_pump *pump;

const uint32_t pairs_flags[FLAG_SETS] = {
	0,
	CORE_COMPARE_LOCATE,
	CORE_COMPARE_NO_SIZE_PRECHECK,
	CORE_COMPARE_NO_QUICK_CHECK,
	CORE_COMPARE_LOCATE | CORE_COMPARE_NO_SIZE_PRECHECK | CORE_COMPARE_NO_QUICK_CHECK,
};

const char *pairs_path(int side)
{
	return check_text("%s/side-%d", check_folder(), side);
}

void pairs_open(struct source *s, int side, struct reader *r)
{
	struct err e;

	switch (s->how) {
	case MEMORY:
		reader_open_memory(r, s->bytes, s->len, side);
		break;
	case DISK:
		if (!s->path) {
			s->path = pairs_path(side);
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

struct outcome pairs_compare(struct source *a, struct source *b, uint32_t flags, uint32_t chunk, uint64_t seed)
{
	struct pair p = {.run = &pairs_run, .flags = flags, .chunk = chunk};
	struct segment out[4];
	int worked[4];
	uint64_t rng = seed;
	unsigned n = 0, stuck = 0;

	pairs_open(a, 0, &p.side[0]);
	pairs_open(b, 1, &p.side[1]);
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
			pair_work(&p, &out[i], &pairs_task);
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

void pairs_end(void)
{
	core_pump_del(pump);
	pump = NULL;
	pool_test_end();
	CHECK_EQ(mem_bytes(), 0);
	CHECK_EQ(plat_descriptors(), 0);
}
