/* SPDX-License-Identifier: MIT */
/* Checks what the caller passes, copies it, and starts the engine. */
#include "base/alloc.h"
#include "compare/engine.h"
#include "core.h"
#include "io/feed.h"
#if CORE_NET
#include "http/reader_http.h"
#endif

#include <string.h>

enum { MIN_CHUNK = 4 << 10, MAX_CHUNK = 4 << 20, PATH_LIMIT = 4096 };

static const uint32_t all_flags = CORE_COMPARE_LOCATE | CORE_COMPARE_FIRST | CORE_COMPARE_ALL_ENTRIES |
				  CORE_COMPARE_COLLAPSE | CORE_COMPARE_NO_SIZE_PRECHECK |
				  CORE_COMPARE_NO_QUICK_CHECK | CORE_COMPARE_LOG | CORE_COMPARE_FOLLOW |
				  CORE_COMPARE_PROVE_BYTES | CORE_COMPARE_ONE_WAY |
				  CORE_COMPARE_SKIP_EMPTY_DIRS | CORE_COMPARE_ONE_FILE_SYSTEM |
				  CORE_COMPARE_RANGES | CORE_COMPARE_RANGE_BYTES |
				  CORE_COMPARE_IGNORE_CASE_NAMES | CORE_COMPARE_NORMALIZE_NAMES |
				  CORE_COMPARE_ARCHIVE | CORE_COMPARE_HASH;

static const uint32_t all_metadata = CORE_METADATA_MODE | CORE_METADATA_OWNER | CORE_METADATA_MTIME |
				     CORE_METADATA_XATTR | CORE_METADATA_ACL;

/* Copies the path inside an archive. */
static int32_t take_inner(struct side *to, const struct core_source *from)
{
	to->archive = from->archive != 0;
	if (from->inner_len == 0)
		return 0;
	if (!from->archive || from->inner_len > PATH_LIMIT || memchr(from->inner, 0, from->inner_len))
		return CORE_EUSAGE;
	to->inner = mem_alloc(from->inner_len);
	if (!to->inner)
		return CORE_EMEMORY;
	memcpy(to->inner, from->inner, from->inner_len);
	to->inner_len = from->inner_len;
	return 0;
}

static int32_t take_url(struct side *to, const struct core_source *from)
{
#if CORE_NET
	char *shown;
	int32_t rc = http_opener_new(&to->opener, from->data, from->len, from->remote, &shown);

	if (rc == 0) {
		to->data = (uint8_t *)shown;
		to->len = strlen(shown);
	}
	return rc;
#else
	/* The run says so: whoever asked learns of which side. */
	(void)to;
	(void)from;
	return 0;
#endif
}

static int32_t take_side(struct side *to, const struct core_source *from)
{
	int32_t rc = 0;

	*to = (struct side){0};
	if (!from || from->size != sizeof *from)
		return CORE_EUSAGE;
	switch (from->kind) {
	case CORE_SOURCE_PATH:
		if (from->len == 0 || from->len > PATH_LIMIT || memchr(from->data, 0, from->len))
			return CORE_EUSAGE;
		to->data = mem_alloc(from->len + 1);
		if (!to->data)
			return CORE_EMEMORY;
		memcpy(to->data, from->data, from->len);
		to->data[from->len] = '\0';
		to->len = from->len;
		break;
	case CORE_SOURCE_MEMORY:
		/* Read only, in spite of the type that a side shares with owned paths. */
		to->data = (uint8_t *)(uintptr_t)from->data;
		to->len = from->len;
		break;
	case CORE_SOURCE_FEED:
		if (!from->feed || !feed_take(from->feed))
			return CORE_EUSAGE;
		to->feed = from->feed;
		break;
	case CORE_SOURCE_URL:
		rc = take_url(to, from);
		break;
	default:
		return CORE_EUSAGE;
	}
	to->kind = from->kind;
	if (rc == 0)
		rc = take_inner(to, from);
	if (rc != 0)
		side_free(to);
	return rc;
}

int32_t core_compare_new(core_run **out, core_pump *pump, uint64_t token, const struct core_source *left,
			 const struct core_source *right, const struct core_compare_opts *opts)
{
	const struct core_compare_opts defaults = {.size = sizeof defaults};
	const struct core_compare_opts *o = opts ? opts : &defaults;
	struct side side[2];

	if (o->size != sizeof *o || (o->flags & ~all_flags) || (o->metadata & ~all_metadata) ||
	    (o->chunk_bytes != 0 && (o->chunk_bytes < MIN_CHUNK || o->chunk_bytes > MAX_CHUNK)))
		return CORE_EUSAGE;
	int32_t rc = pool_start();
	if (rc == 0)
		rc = take_side(&side[0], left);
	if (rc != 0)
		return rc;
	rc = take_side(&side[1], right);
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
