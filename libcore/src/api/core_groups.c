/* SPDX-License-Identifier: MIT */
/* Checks what the caller passes, copies it, and starts the comparison of many sources. */
#include "api/sources.h"
#include "base/alloc.h"
#include "compare/groups.h"
#include "compare/member.h"
#include "core.h"

enum { MIN_CHUNK = 4 << 10, MAX_CHUNK = 4 << 20, MAX_SOURCES = 1 << 24 };

static const uint32_t all_flags = CORE_COMPARE_FIRST | CORE_COMPARE_NO_SIZE_PRECHECK |
				  CORE_COMPARE_NO_QUICK_CHECK | CORE_COMPARE_PROVE_BYTES | CORE_COMPARE_LOG;

int32_t core_groups_new(core_run **out, core_pump *pump, uint64_t token, const struct core_source *sources,
			uint32_t count, const struct core_groups_opts *opts)
{
	const struct core_groups_opts defaults = {.size = sizeof defaults};
	const struct core_groups_opts *o = opts ? opts : &defaults;

	if (o->size != sizeof *o || (o->flags & ~all_flags) || count == 0 || count > MAX_SOURCES ||
	    (o->chunk_bytes != 0 && (o->chunk_bytes < MIN_CHUNK || o->chunk_bytes > MAX_CHUNK)))
		return CORE_EUSAGE;
	int32_t rc = pool_start();
	if (rc != 0)
		return rc;
	struct member *member = mem_zalloc(count, sizeof *member);
	if (!member)
		return CORE_EMEMORY;
	for (uint32_t i = 0; i < count; i++) {
		rc = source_take(&member[i].src, &sources[i]);
		if (rc == 0)
			continue;
		while (i-- > 0)
			side_free(&member[i].src);
		mem_free(member);
		return rc;
	}
	return groups_start(out, pump, token, member, count, o);
}

int32_t core_groups_result(core_run *run, struct core_groups_summary *out)
{
	struct core_progress p;

	core_run_progress(run, &p);
	if (!(p.state & CORE_RUN_ENDED))
		return CORE_EUSAGE;
	groups_result(run, out);
	return 0;
}
