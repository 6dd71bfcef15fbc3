/* SPDX-License-Identifier: MIT */
#include "writers.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "check.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

uint8_t numbered_byte(uint32_t number, size_t i)
{
	return (uint8_t)(number * 31 + i * 7);
}

void writer_free(void *job)
{
	struct writer *w = job;

	if (w->freed)
		++*w->freed;
	mem_free(w);
}

static enum step writer_over(struct writer *w, const struct err *e)
{
	core_run *run = w->run;

	run_end(run, e, (const uint8_t *)"some/path", 9);
	run_unref(run);
	return STEP_DONE;
}

enum step writer_step(struct task *t)
{
	struct writer *w = (struct writer *)(void *)t;

	for (uint32_t i = 0; i < w->per_step; i++) {
		if (run_cancelled(w->run)) {
			struct err e = err_of(CORE_ECANCELLED, "write", -1, "cancelled");
			return writer_over(w, &e);
		}
		if (w->idles)
			return STEP_PARK;
		if (w->next == w->count)
			return writer_over(w, NULL);
		if (!w->pending) {
			uint64_t wild = rng_next(&w->rng);
			uint32_t largest = wild % 8 == 0 ? w->largest : wild % 2 ? 64 : 1024;
			if (largest > w->largest)
				largest = w->largest;
			w->pending = 16 + 8 * (uint32_t)(rng_next(&w->rng) % ((largest - 16) / 8 + 1));
		}
		uint8_t *at;
		int32_t rc = run_reserve(w->run, t, w->pending, &at);
		if (rc == 0)
			return STEP_PARK;
		if (rc < 0) {
			struct err e = err_of(rc, "write", -1, "out of memory");
			return writer_over(w, &e);
		}
		if (at) {
			struct numbered n = {{w->pending, 77}, w->next, w->pending};
			memcpy(at, &n, sizeof n);
			for (size_t k = sizeof n; k < w->pending; k++)
				at[k] = numbered_byte(w->next, k);
			run_commit(w->run, w->pending);
		}
		w->pending = 0;
		w->next++;
	}
	return STEP_MORE;
}

struct writer *writer_start(core_pump *pump, uint64_t token, uint32_t count, uint32_t largest, uint64_t seed,
			    core_run **run)
{
	struct writer *w = mem_zalloc(1, sizeof *w);

	CHECK(w);
	*w = (struct writer){.task.step = writer_step, .rng = seed, .count = count, .per_step = 5, .largest = largest};
	CHECK_EQ(run_new(&w->run, pump, token, &w->task, w, writer_free), 0);
	*run = w->run;
	return w;
}

static _Alignas(8) uint8_t drained[RING_BYTES];

static void writer_check(const uint8_t *buf, uint64_t used, uint32_t *expected)
{
	for (uint64_t at = 0; at < used;) {
		struct numbered n;
		memcpy(&n, buf + at, sizeof n);
		CHECK_EQ(n.head.type, 77);
		CHECK(n.head.bytes >= 16 && n.head.bytes % 8 == 0 && at + n.head.bytes <= used);
		CHECK_EQ(n.number, *expected);
		CHECK_EQ(n.seed, n.head.bytes);
		for (size_t k = sizeof n; k < n.head.bytes; k++) {
			if (buf[at + k] != numbered_byte(n.number, k))
				FAIL("record %u is damaged at byte %zu", n.number, k);
		}
		++*expected;
		at += n.head.bytes;
	}
}

void writer_drain(core_run *run, struct reading *r)
{
	CHECK_EQ(core_run_drain(run, drained, sizeof drained, &r->used, &r->state), 0);
	writer_check(drained, r->used, &r->expected);
}

void writer_wait(core_pump *pump)
{
	if (core_pump_wait(pump, 10000) != 1)
		FAIL("nothing was ready for ten seconds");
}

void writer_poll(core_pump *pump)
{
	struct pollfd fd = {.fd = core_pump_fd(pump), .events = POLLIN};
	char bytes[512];

	if (poll(&fd, 1, 10000) != 1)
		FAIL("the descriptor was not readable for ten seconds");
	while (read(fd.fd, bytes, sizeof bytes) > 0)
		;
	close(fd.fd);
}

void writer_consume(core_pump *pump, core_run *run, struct reading *r, void (*wait)(core_pump *))
{
	for (;;) {
		uint64_t tokens[16];
		uint32_t n;
		/* Until nothing is left: only then the run promises to tell of more. */
		do
			writer_drain(run, r);
		while (r->used > 0);
		if (r->state & CORE_RUN_ENDED)
			return;
		wait(pump);
		do
			CHECK_EQ(core_pump_ready(pump, tokens, 16, &n), 0);
		while (n == 16);
	}
}
