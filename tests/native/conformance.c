/* SPDX-License-Identifier: MIT */
#include "conformance.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "plat/plat.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct reader_kind *kind;

static enum step no_step(struct task *t)
{
	(void)t;
	return STEP_DONE;
}

static struct task task = {.step = no_step};

static size_t next(struct reader *r, uint8_t *buf, size_t len)
{
	struct err e;
	size_t got;
	int32_t rc;

	while ((rc = reader_next(r, &task, buf, len, &got, &e)) == READER_WAIT) {
		CHECK_EQ(got, 0);
		kind->more();
	}
	CHECK_EQ(rc, 0);
	CHECK(got <= len);
	return got;
}

/* Reads it all in pieces of seeded sizes, then meets the end again and again. */
static void read_through(struct reader *r, const uint8_t *bytes, size_t len, uint64_t rng, size_t most)
{
	uint8_t *buf = malloc(most + 8);
	uint64_t pos = 0;

	CHECK(buf);
	for (;;) {
		size_t want = 1 + rng_next(&rng) % most;
		memset(buf, 0xa5, most + 8);
		size_t got = next(r, buf, want);
		if (got == 0)
			break;
		CHECK(pos + got <= len);
		CHECK(memcmp(buf, bytes + pos, got) == 0);
		for (size_t i = want; i < most + 8; i++)
			CHECK_EQ(buf[i], 0xa5);
		pos += got;
		CHECK_EQ(r->pos, pos);
	}
	CHECK_EQ(pos, len);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(next(r, buf, most), 0);
	free(buf);
}

static void read_anywhere(struct reader *r, const uint8_t *bytes, size_t len, uint64_t rng)
{
	static uint8_t buf[LONGEST + 64];
	struct err e;
	size_t got = 99;

	if (!r->random) {
		CHECK_EQ(reader_at(r, 0, buf, 1, &got, &e), CORE_EUNSUPPORTED);
		CHECK_EQ(e.code, CORE_EUNSUPPORTED);
		CHECK_EQ(e.side, 1);
		CHECK_EQ(got, 0);
		return;
	}
	const uint64_t corners[] = {0, 1, 4095, 4096, 4097, len / 2, len > 0 ? len - 1 : 0, len, len + 1, len + 100000};
	for (unsigned i = 0; i < 200; i++) {
		uint64_t off = i % 2 ? corners[i / 2 % 10] : rng_next(&rng) % (len + 10);
		size_t n = i % 5 == 0 ? len + 20 : i % 5 == 1 ? 1 : i % 7 == 0 ? 0 : rng_next(&rng) % 9000;
		size_t want = off >= len ? 0 : len - off < n ? len - off : n;
		memset(buf, 0xa5, n + 8 < sizeof buf ? n + 8 : sizeof buf);
		CHECK_EQ(reader_at(r, off, buf, n, &got, &e), 0);
		CHECK_EQ(got, want);
		CHECK(got == 0 || memcmp(buf, bytes + off, got) == 0);
		CHECK_EQ(buf[n], 0xa5);
	}
}

void reader_conforms(const struct reader_kind *which)
{
	static const size_t lengths[] = {0, 1, 2, 7, 4095, 4096, 4097, 8191, 65536, 65537, 131072, LONGEST};
	uint8_t *bytes = files_noise(3, LONGEST);
	struct err e;

	kind = which;

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		for (int way = 0; way < 4; way++) {
			struct reader r;
			size_t len = lengths[i];
			memset(&r, 0xee, sizeof r);
			kind->open(&r, bytes, len);
			int32_t rc;
			while ((rc = reader_ready(&r, &task, &e)) == READER_WAIT)
				kind->more();
			CHECK_EQ(rc, 0);
			CHECK_EQ(r.random, kind->random);
			CHECK_EQ(r.side, 1);
			CHECK(r.size == (kind->knows_size ? len : UINT64_MAX));
			CHECK_EQ(reader_check(&r, &e), 0);
			if (way == 1)
				read_anywhere(&r, bytes, len, i);
			if (way < 2)
				read_through(&r, bytes, len, i, i % 2 ? 9000 : LONGEST);
			if (way == 2 && len < 5000)
				read_through(&r, bytes, len, i, 3);
			/* Reading at offsets moves nothing; in the last way nothing is read at all. */
			if (way == 1)
				read_anywhere(&r, bytes, len, i + 100);
			CHECK_EQ(reader_check(&r, &e), 0);
			reader_close(&r);
			reader_close(&r);
			kind->drop();
			CHECK_EQ(plat_descriptors(), kind->descriptors);
		}
	}
	free(bytes);
	if (kind->end)
		kind->end();
	CHECK_EQ(plat_descriptors(), 0);
	CHECK_EQ(mem_bytes(), 0);
	struct reader never = {0};
	reader_close(&never);
}
