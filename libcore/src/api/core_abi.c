/* SPDX-License-Identifier: MIT */
/* What a caller asks of the library as a whole. */
#include "api/build_info.h"
#include "api/structs.gen.h"
#include "base/alloc.h"
#include "core.h"
#if CORE_NET
#include "http/reader_http.h"
#endif
#include "io/feed.h"
#include "plat/plat.h"
#include "pool/pool.h"
#include "pool/pump.h"
#include "pool/run.h"

#include <string.h>

uint32_t core_abi_version(void)
{
	return CORE_ABI_VERSION;
}

uint32_t core_struct_sizes(uint32_t *sizes, uint32_t cap)
{
#define SIZE(name) (uint32_t)sizeof(struct name),
	static const uint32_t all[] = {CORE_STRUCTS(SIZE)};
#undef SIZE
	const uint32_t n = sizeof all / sizeof all[0];

	memcpy(sizes, all, (cap < n ? cap : n) * sizeof all[0]);
	return n;
}

int32_t core_build_info(uint8_t *buf, uint64_t cap, uint64_t *needed)
{
	char text[2048];
	const uint64_t len = build_info(text, sizeof text);

	memcpy(buf, text, len < cap ? len : cap);
	*needed = len;
	return 0;
}

int32_t core_counters_get(struct core_counters *out)
{
	*out = (struct core_counters){
		.runs = run_count(),
		.rings = run_ring_count(),
		.feeds = feed_count(),
		.pumps = pump_count(),
		.descriptors = plat_descriptors(),
		.tasks = pool_tasks(),
		.bytes = mem_bytes(),
		.threads = pool_threads(),
		.steps = pool_steps(),
#if CORE_NET
		.transfers = http_count(),
#endif
	};
	return 0;
}

int32_t core_test_fail_alloc(uint64_t nth)
{
	mem_fail_at(nth);
	return 0;
}
