/* SPDX-License-Identifier: MIT */
#include "runs.h"

#include "check.h"
#include "plat/plat.h"
#include "pool/pool.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP = 64 << 10 };

struct core_source runs_path(const char *path)
{
	return (struct core_source){.size = sizeof(struct core_source), .kind = CORE_SOURCE_PATH,
				    .data = (const uint8_t *)path, .len = strlen(path)};
}

struct core_source runs_memory(const void *data, size_t len)
{
	return (struct core_source){.size = sizeof(struct core_source), .kind = CORE_SOURCE_MEMORY, .data = data, .len = len};
}

struct core_source runs_feed(core_feed *feed)
{
	return (struct core_source){.size = sizeof(struct core_source), .kind = CORE_SOURCE_FEED, .feed = feed};
}

static void check_str(struct core_str s, uint32_t bytes)
{
	CHECK(s.off <= bytes && s.len <= bytes - s.off);
}

uint32_t runs_drain(core_run *run, struct records *into)
{
	static _Alignas(8) uint8_t buf[CAP];
	uint64_t used = 0;
	uint32_t state = 0;

	CHECK_EQ(core_run_drain(run, buf, CAP, &used, &state), 0);
	for (uint64_t at = 0; at < used;) {
		struct core_rec_entry r;
		memcpy(&r.head, buf + at, sizeof r.head);
		CHECK(r.head.bytes >= sizeof(struct core_rec_found) && r.head.bytes % 8 == 0 && r.head.bytes <= used - at);
		if (r.head.type == CORE_REC_ENTRY) {
			CHECK(r.head.bytes >= sizeof r);
			memcpy(&r, buf + at, sizeof r);
			check_str(r.path, r.head.bytes);
			check_str(r.message, r.head.bytes);
			CHECK(r.status >= CORE_STATUS_EQUAL && r.status <= CORE_STATUS_UNKNOWN);
			CHECK((r.status == CORE_STATUS_EQUAL) == (r.proof != CORE_PROOF_NONE));
			CHECK((r.status == CORE_STATUS_UNKNOWN) == (r.error != 0));
		} else if (r.head.type == CORE_REC_GROUP_PART) {
			struct core_rec_group_part g;
			memcpy(&g, buf + at, sizeof g);
			check_str(g.members, g.head.bytes);
			check_str(g.message, g.head.bytes);
			CHECK(g.members.len >= 4 && g.members.len % 4 == 0 && g.members.off % 4 == 0);
			CHECK((g.error != 0) == (g.message.len > 0));
			CHECK(g.error == 0 || g.members.len == 4);
		} else if (r.head.type == CORE_REC_FOUND) {
			struct core_rec_found f;
			memcpy(&f, buf + at, sizeof f);
			check_str(f.entries, f.head.bytes);
		} else if (r.head.type == CORE_REC_ERROR) {
			struct core_rec_error e;
			memcpy(&e, buf + at, sizeof e);
			check_str(e.path, e.head.bytes);
			check_str(e.message, e.head.bytes);
			CHECK(e.code < 0 && e.path.len > 0 && e.message.len > 0);
		} else if (r.head.type == CORE_REC_RENAME) {
			struct core_rec_rename m;
			memcpy(&m, buf + at, sizeof m);
			check_str(m.from, m.head.bytes);
			check_str(m.to, m.head.bytes);
			CHECK(m.from.len > 0 && m.to.len > 0 && m.size > 0 && m.candidates_left > 0 && m.candidates_right > 0);
		} else {
			CHECK(r.head.type == CORE_REC_LOG || r.head.type == CORE_REC_DIGEST);
		}
		at += r.head.bytes;
	}
	if (!into)
		return state;
	if (into->cap - into->len < used) {
		into->cap = 2 * into->cap + used;
		into->data = realloc(into->data, into->cap);
		CHECK(into->data);
	}
	if (used > 0)
		memcpy(into->data + into->len, buf, used);
	into->len += used;
	return state;
}

struct core_compare_summary runs_compare(core_pump *pump, struct core_source left, struct core_source right,
					 uint32_t flags, uint32_t jobs, uint32_t chunk, struct records *records)
{
	const struct core_compare_opts opts = {.size = sizeof opts, .flags = flags, .jobs = jobs, .chunk_bytes = chunk};
	struct core_compare_summary sum;
	uint64_t tokens[8];
	uint32_t n, state;
	core_run *run;

	CHECK_EQ(core_compare_new(&run, pump, 1, &left, &right, &opts), 0);
	while (((state = runs_drain(run, records)) & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) != CORE_RUN_ENDED) {
		if (state & CORE_RUN_RECORDS)
			continue;
		if (pool_test_step())
			continue;
		/* Not in test mode, or nothing is left to be stepped: then this says so after its time. */
		if (core_pump_wait(pump, 20000) != 1)
			FAIL("the run stands still");
		core_pump_ready(pump, tokens, 8, &n);
	}
	CHECK_EQ(core_compare_result(run, &sum), 0);
	core_run_del(run);
	do
		core_pump_ready(pump, tokens, 8, &n);
	while (n == 8);
	return sum;
}

char *runs_lines(const struct records *records)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	static const char sigil[] = "?=*<>!";

	CHECK(f);
	for (size_t at = 0; at < records->len;) {
		struct core_rec_entry r;
		memcpy(&r.head, records->data + at, sizeof r.head);
		if (r.head.type == CORE_REC_ENTRY) {
			memcpy(&r, records->data + at, sizeof r);
			fprintf(f, "%c %.*s", sigil[r.status], (int)r.path.len, records->data + at + r.path.off);
			if (r.path_right.len > 0)
				fprintf(f, " (%.*s)", (int)r.path_right.len, records->data + at + r.path_right.off);
			if (r.status == CORE_STATUS_DIFFERENT || (r.reasons & CORE_REASON_NAME_COLLISION))
				fprintf(f, " %u", r.reasons);
			if (r.below != UINT64_MAX)
				fprintf(f, " below %llu", (unsigned long long)r.below);
			if (r.error)
				fprintf(f, " %d", r.error);
			fputc('\n', f);
		}
		at += r.head.bytes;
	}
	fclose(f);
	return out;
}

void runs_forget(struct records *records)
{
	free(records->data);
	*records = (struct records){0};
}

void runs_clean(uint64_t bytes)
{
	struct core_counters c;

	core_counters_get(&c);
	CHECK_EQ(c.runs, 0);
	CHECK_EQ(c.rings, 0);
	CHECK_EQ(c.feeds, 0);
	CHECK_EQ(c.pumps, 0);
	CHECK_EQ(c.tasks, 0);
	CHECK_EQ(c.descriptors, 0);
	CHECK_EQ(c.bytes, bytes);
}

void runs_settle(void)
{
	struct core_counters c;

	for (uint64_t start = plat_now(); plat_now() - start < 20000000000u; sched_yield()) {
		core_counters_get(&c);
		if (!c.runs && !c.rings && !c.feeds && !c.pumps && !c.tasks && !c.descriptors)
			return;
	}
	FAIL("runs %llu, rings %llu, feeds %llu, pumps %llu, tasks %llu, descriptors %llu stay", (unsigned long long)c.runs,
	     (unsigned long long)c.rings, (unsigned long long)c.feeds, (unsigned long long)c.pumps,
	     (unsigned long long)c.tasks, (unsigned long long)c.descriptors);
}
