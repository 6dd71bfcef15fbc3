/* SPDX-License-Identifier: MIT */
/* Any bytes as the structs that callers pass, except for the addresses in them. */
#include "core.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t *take(const uint8_t **data, size_t *len, void *to, size_t n)
{
	memset(to, 0, n);
	size_t have = n < *len ? n : *len;
	memcpy(to, *data, have);
	*data += have;
	*len -= have;
	return *data;
}

static void source(struct core_source *s, const uint8_t *bytes, size_t len)
{
	/* Paths of the fuzzer's choice would read the machine it runs on. */
	if (s->kind == CORE_SOURCE_PATH)
		s->kind = CORE_SOURCE_MEMORY;
	s->data = bytes;
	s->len = len;
	s->feed = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static core_pump *pump;
	struct core_source left, right;
	struct core_compare_opts opts;
	core_run *run;

	if (!pump && core_pump_new(&pump) != 0)
		abort();
	take(&data, &len, &left, sizeof left);
	take(&data, &len, &right, sizeof right);
	take(&data, &len, &opts, sizeof opts);
	source(&left, data, len / 2);
	source(&right, data + len / 2, len - len / 2);
	opts.filter = NULL;
	opts.paths = NULL;
	opts.paths_len = 0;
	if (core_compare_new(&run, pump, 1, &left, &right, &opts) != 0)
		return 0;
	core_run_discard(run);
	struct core_progress p;
	uint64_t token;
	uint32_t n;
	do {
		core_pump_wait(pump, 1000);
		core_pump_ready(pump, &token, 1, &n);
		core_run_progress(run, &p);
	} while (!(p.state & CORE_RUN_ENDED));
	struct core_compare_summary s;
	if (core_compare_result(run, &s) != 0)
		abort();
	int same = left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
	/* Without parts passed over, equal is exactly equal. */
	if (s.error == 0 && !opts.skip_left && !opts.skip_right && !opts.limit_bytes &&
	    (s.verdict == CORE_VERDICT_EQUAL) != same)
		abort();
	core_run_del(run);
	return 0;
}
