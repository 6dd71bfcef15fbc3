/* SPDX-License-Identifier: MIT */
/* Checks what the caller passes, copies it, and starts the walk. */
#include "base/alloc.h"
#include "core.h"
#include "walk/find.h"

#include <errno.h>
#include <string.h>

enum { MAX_ROOTS = 1 << 16, PATH_BYTES = 4096 };

/* What a caller's number holds exactly. */
#define MOST INT64_C(9007199254740991)

static const uint32_t all_flags = CORE_FIND_HIDDEN | CORE_FIND_FOLLOW | CORE_FIND_ONE_FILE_SYSTEM | CORE_FIND_UNORDERED |
				  CORE_FIND_NO_GIT | CORE_FIND_NO_IGNORE | CORE_FIND_FOLD_RULES | CORE_FIND_NUL |
				  CORE_FIND_RELATIVE;

/* How many strings there are, each ended by a NUL; -1 when the last one is not. */
static int64_t count_strings(const uint8_t *data, uint64_t len)
{
	int64_t n = 0;

	if (len > 0 && data[len - 1] != '\0')
		return -1;
	for (uint64_t i = 0; i < len; i++)
		n += data[i] == '\0';
	return n;
}

static int32_t take_root(struct walk_root *r, const char *path)
{
	size_t len = strlen(path);
	uint8_t real[PATH_BYTES];
	int64_t n = plat_real_path(len > 0 ? path : ".", real, sizeof real - 1);

	/* One that is not there is told when it is opened. */
	if (n < 0)
		n = 0;
	/* Its paths begin with it and one slash. */
	int slash = len > 0 && path[len - 1] != '/';
	int whole_slash = n == 0 || real[n - 1] != '/';
	r->given = mem_alloc(len + 2);
	r->whole = mem_alloc((size_t)n + 1);
	if (!r->given || !r->whole)
		return CORE_EMEMORY;
	memcpy(r->given, path, len + 1);
	if (slash)
		memcpy(r->given + len, "/", 2);
	r->given_len = len + (unsigned)slash;
	memcpy(r->whole, real, (size_t)n);
	if (whole_slash)
		r->whole[n] = '/';
	r->whole_len = (size_t)n + (unsigned)whole_slash;
	return 0;
}

/* Reads an ignore file that the caller named, which has to be there. */
static int32_t read_named(struct ignore **out, const char *path, int fold)
{
	struct err e;
	struct plat_stat st;

	if (plat_stat_at(PLAT_CWD, path, 1, &st) != 0)
		return CORE_EIGNORE;
	return rules_read(out, PLAT_CWD, path, 1, fold, &e);
}

static int32_t name_rules(struct walk_root *r, const struct core_find_opts *o)
{
	int32_t rc = 0;

	for (uint64_t at = 0; at < o->ignore_files_len && rc == 0;) {
		const char *path = (const char *)o->ignore_files + at;
		struct ignore *g;
		rc = read_named(&g, path, (o->flags & CORE_FIND_FOLD_RULES) != 0);
		if (rc == 0 && g)
			rc = rules_name(&r->above, g, r->whole_len);
		at += strlen(path) + 1;
	}
	return rc;
}

/* A point in time in nanoseconds; what does not fit is as far away as can be told. */
static int64_t nanoseconds(int64_t s, uint32_t ns)
{
	const int64_t most = INT64_MAX / 1000000000 - 1;

	return s > most ? INT64_MAX : s < -most ? INT64_MIN : s * 1000000000 + ns;
}

static void take_query(struct query *q, const struct core_find_opts *o)
{
	*q = (struct query){.match = o->match, .kinds = o->kinds, .min_depth = o->min_depth, .min_size = o->min_size,
			    .max_size = o->max_size >= MOST ? UINT64_MAX : o->max_size,
			    .changed_after = nanoseconds(o->changed_after, o->changed_after_ns),
			    .changed_before = nanoseconds(o->changed_before, o->changed_before_ns)};
	q->stats = q->min_size > 0 || q->max_size < UINT64_MAX || q->changed_after > INT64_MIN ||
		   q->changed_before < INT64_MAX;
	if (q->match)
		filter_ref(q->match);
}

static int32_t read_excludes(struct ignore **out, const struct core_find_opts *o)
{
	char path[PATH_BYTES];

	*out = NULL;
	if (o->excludes_file_len == 0 || o->flags & CORE_FIND_NO_GIT)
		return 0;
	if (o->excludes_file_len >= sizeof path)
		return CORE_EUSAGE;
	memcpy(path, o->excludes_file, o->excludes_file_len);
	path[o->excludes_file_len] = '\0';
	struct err e;
	int32_t rc = rules_read(out, PLAT_CWD, path, 1, (o->flags & CORE_FIND_FOLD_RULES) != 0, &e);
	/* Somebody else's home: git goes on without the file, too. */
	return rc != 0 && e.sys == EACCES ? 0 : rc;
}

int32_t core_find_new(core_run **out, core_pump *pump, uint64_t token, const uint8_t *roots, uint64_t roots_len,
		      const struct core_find_opts *opts)
{
	const struct core_find_opts defaults = {.size = sizeof defaults, .output = -1, .max_size = MOST,
						.changed_after = -MOST, .changed_before = MOST};
	const struct core_find_opts *o = opts ? opts : &defaults;
	int64_t count = count_strings(roots, roots_len);

	if (o->size != sizeof *o || (o->flags & ~all_flags) || count < 1 || count > MAX_ROOTS ||
	    count_strings(o->ignore_files, o->ignore_files_len) < 0)
		return CORE_EUSAGE;
	int32_t rc = pool_start();
	if (rc != 0)
		return rc;
	struct walk_root *root = mem_zalloc((size_t)count, sizeof *root);
	if (!root)
		return CORE_EMEMORY;
	struct find_config f = {.flags = o->flags, .output = o->output};
	rc = read_excludes(&f.excludes, o);
	for (uint64_t at = 0, i = 0; at < roots_len && rc == 0; i++) {
		const char *path = (const char *)roots + at;
		rc = take_root(&root[i], path);
		if (rc == 0)
			rc = name_rules(&root[i], o);
		at += strlen(path) + 1;
	}
	if (rc != 0) {
		ignore_del(f.excludes);
		walk_roots_free(root, (uint32_t)count);
		return rc;
	}
	take_query(&f.query, o);
	const struct walk_config c = {
		.flags = (o->flags & CORE_FIND_HIDDEN ? WALK_HIDDEN : 0u) | (o->flags & CORE_FIND_FOLLOW ? WALK_FOLLOW : 0u) |
			 (o->flags & CORE_FIND_ONE_FILE_SYSTEM ? WALK_ONE_FILE_SYSTEM : 0u) |
			 (o->flags & CORE_FIND_UNORDERED ? WALK_UNORDERED : 0u),
		.jobs = o->jobs,
		.max_depth = o->max_depth ? o->max_depth : UINT32_MAX,
		.max_results = o->max_results,
		.exclude = o->exclude,
		.rules = {.excludes = f.excludes, .git = !(o->flags & CORE_FIND_NO_GIT), .own = !(o->flags & CORE_FIND_NO_IGNORE),
			  .fold = (o->flags & CORE_FIND_FOLD_RULES) != 0},
	};
	return find_start(out, pump, token, &f, &c, root, (uint32_t)count);
}

int32_t core_find_result(core_run *run, struct core_find_summary *out)
{
	struct core_progress p;

	core_run_progress(run, &p);
	if (!(p.state & CORE_RUN_ENDED))
		return CORE_EUSAGE;
	const struct walk_tally *t = walk_result(run);
	*out = (struct core_find_summary){
		.error = t->fatal.code, .truncated = (uint32_t)t->truncated, .results = t->results, .entries = t->entries,
		.dirs = t->dirs, .hidden = t->hidden, .ignored = t->ignored, .excluded = t->excluded, .errors = t->errors,
		.roots_failed = t->roots_failed, .elapsed_ns = p.elapsed_ns,
	};
	return 0;
}
