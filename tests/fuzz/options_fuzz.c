/* SPDX-License-Identifier: MIT */
/*
 * Any options and two small sources, from memory or streams: what is refused
 * leaves nothing behind, and every answer is that of a plain look at both.
 *
 * An input is little-endian fields, then the bytes of both sides, half and
 * half; what is missing at the end counts as zeros:
 *
 *   what is wrong (1): 1, 2, 4 the size field of left, right, options; 8 no options at all
 *   kind of left, of right (1 each): 2 memory, 3 stream, 1 counts as 2
 *   flags (4), jobs (1), chunk (4), metadata (1), time window, skip left, skip right, most bytes (8 each),
 *   most records (1), drain (1): 0 drops the records, else they are read
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { DRAIN_BYTES = 64 << 10, FEED_BYTES = 64 << 10 };

#define CHECK(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

struct input {
	const uint8_t *data;
	size_t len;
};

static uint64_t take(struct input *in, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && in->len > 0; i++, in->data++, in->len--)
		value |= (uint64_t)*in->data << (8 * i);
	return value;
}

/* What is compared of a side: past what is skipped, and no more than the limit. */
static struct input part_of(const struct core_source *s, uint64_t skip, uint64_t limit)
{
	struct input part = {s->data, s->len};

	skip = skip < part.len ? skip : part.len;
	part.data += skip;
	part.len -= skip;
	if (limit > 0 && limit < part.len)
		part.len = limit;
	return part;
}

static void fill_source(struct core_source *s, core_pump *pump, struct input bytes)
{
	/* Paths of the fuzzer's choice would read the machine it runs on. */
	if (s->kind == CORE_SOURCE_PATH)
		s->kind = CORE_SOURCE_MEMORY;
	s->data = bytes.data;
	s->len = bytes.len;
	if (s->kind != CORE_SOURCE_FEED)
		return;
	uint64_t taken;
	CHECK(core_feed_new(&s->feed, pump, 2, FEED_BYTES) == 0);
	CHECK(core_feed_write(s->feed, bytes.data, bytes.len, &taken) == 0 && taken == bytes.len);
	CHECK(core_feed_end(s->feed) == 0);
}

/* Reads what waits: how many bytes its ranges are in all. */
static uint64_t drain(core_run *run)
{
	static _Alignas(8) uint8_t buf[DRAIN_BYTES];
	uint64_t used = 0, sum = 0;
	uint32_t state;

	CHECK(core_run_drain(run, buf, sizeof buf, &used, &state) == 0);
	for (uint64_t at = 0; at < used;) {
		struct core_rec_range r;
		memcpy(&r.head, buf + at, sizeof r.head);
		CHECK(r.head.bytes >= sizeof r.head && r.head.bytes <= used - at);
		if (r.head.type == CORE_REC_RANGE) {
			CHECK(r.head.bytes >= sizeof r);
			memcpy(&r, buf + at, sizeof r);
			sum += r.length;
		}
		at += r.head.bytes;
	}
	return sum;
}

/* Runs it to its end: the bytes of all ranges that came. */
static uint64_t finish(core_run *run, core_pump *pump, int drains)
{
	struct core_progress p;
	uint64_t token, sum = 0;
	uint32_t n;

	if (!drains)
		core_run_discard(run);
	do {
		if (drains)
			sum += drain(run);
		core_pump_wait(pump, 1000);
		core_pump_ready(pump, &token, 1, &n);
		core_run_progress(run, &p);
	} while (!(p.state & CORE_RUN_ENDED));
	for (uint64_t more = 1; drains && more > 0; sum += more)
		more = drain(run);
	return sum;
}

static uint64_t lines_before(const uint8_t *data, uint64_t end)
{
	uint64_t lines = 1;

	for (uint64_t i = 0; i < end; i++)
		lines += data[i] == '\n';
	return lines;
}

/* The answer against one by a plain look at both sides. */
static void check(const struct core_compare_summary *s, const struct core_compare_opts *o, struct input a,
		  struct input b)
{
	uint64_t common = a.len < b.len ? a.len : b.len, first = common, differing = 0;

	/* What could not be done proves nothing. */
	if (s->error != 0) {
		CHECK(s->verdict == CORE_VERDICT_UNKNOWN);
		return;
	}
	/* As archives these bytes are trees, or none at all: that is for the target of archives. */
	if (o->flags & CORE_COMPARE_ARCHIVE) {
		CHECK(s->tree && (s->verdict != CORE_VERDICT_EQUAL || s->proof == CORE_PROOF_NONE));
		return;
	}
	for (uint64_t i = common; i-- > 0;) {
		if (a.data[i] != b.data[i]) {
			first = i;
			differing++;
		}
	}
	int same = a.len == b.len && first == common;
	CHECK(s->verdict == (same ? CORE_VERDICT_EQUAL : CORE_VERDICT_DIFFERENT));
	CHECK((s->proof != CORE_PROOF_NONE) == same);
	CHECK(s->reasons == 0 || !same);
	if (o->flags & CORE_COMPARE_LOCATE)
		CHECK(same ? s->offset == UINT64_MAX : s->offset == first && s->line == lines_before(a.data, first));
	CHECK(s->offset == UINT64_MAX || s->offset == first);
	if (o->flags & CORE_COMPARE_RANGES)
		CHECK(s->differing == differing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static core_pump *pump;
	struct input in = {data, len};
	core_run *run;

	if (!pump)
		CHECK(core_pump_new(&pump) == 0);
	unsigned wrong = (unsigned)take(&in, 1);
	struct core_source left = {.size = sizeof left - ((wrong & 1) != 0), .kind = (uint32_t)take(&in, 1)};
	struct core_source right = {.size = sizeof right + ((wrong & 2) != 0), .kind = (uint32_t)take(&in, 1)};
	struct core_compare_opts opts = {.size = sizeof opts - ((wrong & 4) != 0)};
	opts.flags = (uint32_t)take(&in, 4);
	opts.jobs = (uint32_t)take(&in, 1);
	opts.chunk_bytes = (uint32_t)take(&in, 4);
	opts.metadata = (uint32_t)take(&in, 1);
	opts.modify_window_ns = take(&in, 8);
	opts.skip_left = take(&in, 8);
	opts.skip_right = take(&in, 8);
	opts.limit_bytes = take(&in, 8);
	opts.limit_records = take(&in, 1);
	int drains = take(&in, 1) != 0;
	if (in.len > FEED_BYTES)
		in.len = FEED_BYTES;
	fill_source(&left, pump, (struct input){in.data, in.len / 2});
	fill_source(&right, pump, (struct input){in.data + in.len / 2, in.len - in.len / 2});
	if (wrong & 8)
		opts = (struct core_compare_opts){.size = sizeof opts};
	if (core_compare_new(&run, pump, 1, &left, &right, wrong & 8 ? NULL : &opts) == 0) {
		CHECK(!(wrong & 3) && (wrong & 12) != 4);
		uint64_t listed = finish(run, pump, drains);
		struct core_compare_summary s;
		CHECK(core_compare_result(run, &s) == 0);
		check(&s, &opts, part_of(&left, opts.skip_left, opts.limit_bytes),
		      part_of(&right, opts.skip_right, opts.limit_bytes));
		if (drains && opts.limit_records == 0)
			CHECK(listed == s.differing);
		core_run_del(run);
	}
	core_feed_del(left.feed);
	core_feed_del(right.feed);
	return 0;
}
