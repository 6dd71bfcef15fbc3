/* SPDX-License-Identifier: MIT */
/* Checks what the caller passes, copies it, and starts the engine. */
#include "api/sources.h"
#include "compare/engine.h"
#include "core.h"

enum { MIN_CHUNK = 4 << 10, MAX_CHUNK = 4 << 20, MAX_NESTED = 8 };

static const uint32_t all_flags = CORE_COMPARE_LOCATE | CORE_COMPARE_FIRST | CORE_COMPARE_ALL_ENTRIES |
				  CORE_COMPARE_COLLAPSE | CORE_COMPARE_NO_SIZE_PRECHECK |
				  CORE_COMPARE_NO_QUICK_CHECK | CORE_COMPARE_LOG | CORE_COMPARE_FOLLOW |
				  CORE_COMPARE_PROVE_BYTES | CORE_COMPARE_ONE_WAY |
				  CORE_COMPARE_SKIP_EMPTY_DIRS | CORE_COMPARE_ONE_FILE_SYSTEM |
				  CORE_COMPARE_RANGES | CORE_COMPARE_RANGE_BYTES |
				  CORE_COMPARE_IGNORE_CASE_NAMES | CORE_COMPARE_NORMALIZE_NAMES |
				  CORE_COMPARE_ARCHIVE | CORE_COMPARE_HASH | CORE_COMPARE_RENAMES;

/** What CORE_COMPARE_RENAMES does not go with. */
static const uint32_t not_renames = CORE_COMPARE_COLLAPSE | CORE_COMPARE_ONE_WAY | CORE_COMPARE_PROVE_BYTES;

static const uint32_t all_metadata = CORE_METADATA_MODE | CORE_METADATA_OWNER | CORE_METADATA_MTIME |
				     CORE_METADATA_XATTR | CORE_METADATA_ACL;

int32_t core_compare_new(core_run **out, core_pump *pump, uint64_t token, const struct core_source *left,
			 const struct core_source *right, const struct core_compare_opts *opts)
{
	const struct core_compare_opts defaults = {.size = sizeof defaults};
	const struct core_compare_opts *o = opts ? opts : &defaults;
	struct side side[2];

	if (o->size != sizeof *o || (o->flags & ~all_flags) || (o->metadata & ~all_metadata) ||
	    o->nested > MAX_NESTED || ((o->flags & CORE_COMPARE_RENAMES) && (o->flags & not_renames)) ||
	    (o->chunk_bytes != 0 && (o->chunk_bytes < MIN_CHUNK || o->chunk_bytes > MAX_CHUNK)))
		return CORE_EUSAGE;
	int32_t rc = pool_start();
	if (rc == 0)
		rc = source_take(&side[0], left);
	if (rc != 0)
		return rc;
	rc = source_take(&side[1], right);
	if (rc != 0) {
		side_free(&side[0]);
		return rc;
	}
	return engine_start(out, pump, token, side, o);
}

int32_t core_compare_result(core_run *run, struct core_compare_summary *out)
{
	struct core_progress p;

	core_run_progress(run, &p);
	if (!(p.state & CORE_RUN_ENDED))
		return CORE_EUSAGE;
	engine_result(run, out);
	return 0;
}
