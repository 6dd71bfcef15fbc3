/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include "check.h"
#include "pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *groups_lines(const struct records *records)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	uint32_t groups = 0;
	int open = 0;

	CHECK(f);
	for (size_t at = 0; at < records->len;) {
		struct core_rec_group_part g;
		memcpy(&g.head, records->data + at, sizeof g.head);
		if (g.head.type == CORE_REC_GROUP_PART) {
			memcpy(&g, records->data + at, sizeof g);
			CHECK_EQ(g.id, groups);
			for (uint32_t i = 0; i < g.members.len / 4; i++) {
				uint32_t member;
				memcpy(&member, records->data + at + g.members.off + 4 * (size_t)i, sizeof member);
				fprintf(f, "%s%u", open ? " " : "", member);
				open = 1;
			}
			groups += !g.more;
			open = g.more != 0;
			if (!g.more && g.proof)
				fprintf(f, " =%u", g.proof);
			if (!g.more && g.error)
				fprintf(f, " !%d", g.error);
			if (!g.more)
				fputc('\n', f);
		} else {
			CHECK(!open);
		}
		at += g.head.bytes;
	}
	CHECK(!open);
	fclose(f);
	return out;
}

struct grouped groups_run(core_pump *pump, const struct core_source *sources, uint32_t n, const struct grouping *how)
{
	const struct core_groups_opts opts = {.size = sizeof opts, .flags = how->flags, .jobs = how->jobs,
					      .chunk_bytes = how->chunk};
	struct grouped out;
	struct records records = {0};
	uint64_t tokens[8];
	uint32_t count, state;
	core_run *run;

	CHECK_EQ(core_groups_new(&run, pump, 1, sources, n, &opts), 0);
	for (unsigned steps = 0;; steps++) {
		state = runs_drain(run, &records);
		if ((state & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) == CORE_RUN_ENDED)
			break;
		if (how->meanwhile)
			how->meanwhile(run, steps);
		if ((state & CORE_RUN_RECORDS) || pool_test_step() || how->meanwhile)
			continue;
		if (core_pump_wait(pump, 20000) != 1)
			FAIL("the run stands still");
		core_pump_ready(pump, tokens, 8, &count);
	}
	CHECK_EQ(core_groups_result(run, &out.sum), 0);
	core_run_del(run);
	do
		core_pump_ready(pump, tokens, 8, &count);
	while (count == 8);
	out.text = groups_lines(&records);
	runs_forget(&records);
	return out;
}
