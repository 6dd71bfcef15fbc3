/* SPDX-License-Identifier: MIT */
/* Checks what the caller passes, copies it, and starts to list a tree with digests. */
#include "base/alloc.h"
#include "compare/digests.h"
#include "core.h"
#include "manifest/manifest.h"

#include <string.h>

enum { MIN_CHUNK = 4 << 10, MAX_CHUNK = 4 << 20, PATH_LIMIT = 4096 };

static const uint32_t all_flags = CORE_COMPARE_FOLLOW | CORE_COMPARE_ONE_FILE_SYSTEM | CORE_COMPARE_SKIP_EMPTY_DIRS;

/* A path, NUL-terminated: 0, CORE_EUSAGE, CORE_EMEMORY. */
static int32_t take_path(char **out, const uint8_t *path, uint64_t len)
{
	if (!path || len == 0 || len > PATH_LIMIT || memchr(path, 0, len))
		return CORE_EUSAGE;
	*out = mem_alloc(len + 1);
	if (!*out)
		return CORE_EMEMORY;
	memcpy(*out, path, len);
	(*out)[len] = '\0';
	return 0;
}

/* Whether the format is one to be written, and holds such digests. */
static int fits(const struct core_digest_opts *o)
{
	enum digest_kind kind = o->algorithm == CORE_DIGEST_SHA256 ? DIGEST_SHA256 : DIGEST_BLAKE3;
	enum digest_kind only = manifest_digest(o->format);

	if (!o->output)
		return o->format == 0 && o->resume == 0;
	return o->format >= CORE_MANIFEST_SUITE && o->format <= CORE_MANIFEST_HASHDEEP && (only == DIGEST_KINDS || only == kind);
}

int32_t core_digest_new(core_run **out, core_pump *pump, uint64_t token, const uint8_t *root, uint64_t root_len,
			const struct core_digest_opts *opts)
{
	const struct core_digest_opts defaults = {.size = sizeof defaults};
	const struct core_digest_opts *o = opts ? opts : &defaults;
	char *tree = NULL, *output = NULL;

	if (o->size != sizeof *o || (o->flags & ~all_flags) || o->algorithm > CORE_DIGEST_SHA256 || o->resume > 1 || !fits(o) ||
	    (o->chunk_bytes != 0 && (o->chunk_bytes < MIN_CHUNK || o->chunk_bytes > MAX_CHUNK)))
		return CORE_EUSAGE;
	int32_t rc = pool_start();
	if (rc == 0)
		rc = take_path(&tree, root, root_len);
	if (rc == 0 && o->output)
		rc = take_path(&output, o->output, o->output_len);
	if (rc != 0) {
		mem_free(tree);
		return rc;
	}
	return digests_start(out, pump, token, tree, output, o);
}

int32_t core_digest_result(core_run *run, struct core_digest_summary *out)
{
	struct core_progress p;

	core_run_progress(run, &p);
	if (!(p.state & CORE_RUN_ENDED))
		return CORE_EUSAGE;
	digests_result(run, out);
	return 0;
}
