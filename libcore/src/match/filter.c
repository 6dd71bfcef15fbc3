/* SPDX-License-Identifier: MIT */
#include "match/filter.h"

#include "base/alloc.h"
#include "match/glob.h"

#include <stdatomic.h>

enum { MAX_RULES = 10000 };

struct rule {
	struct glob *glob;
	uint8_t include, dirs_only, whole_path;
};

struct core_filter {
	_Atomic uint32_t refs;
	struct rule *rules;
	uint32_t count, cap, includes, whole_paths;
};

int32_t core_filter_new(core_filter **out)
{
	core_filter *f = mem_zalloc(1, sizeof *f);

	if (!f)
		return CORE_EMEMORY;
	atomic_init(&f->refs, 1);
	*out = f;
	return 0;
}

int32_t core_filter_add(core_filter *f, uint32_t flags, const uint8_t *pattern, uint64_t len)
{
	struct rule r = {.include = flags & CORE_FILTER_INCLUDE};

	if (flags & ~(uint32_t)(CORE_FILTER_INCLUDE | CORE_FILTER_FOLD))
		return CORE_EUSAGE;
	if (f->count == MAX_RULES)
		return CORE_ELIMIT;
	if (f->count == f->cap) {
		uint32_t cap = f->cap ? f->cap * 2 : 8;
		struct rule *rules = mem_realloc(f->rules, cap * sizeof *rules);
		if (!rules)
			return CORE_EMEMORY;
		f->rules = rules;
		f->cap = cap;
	}
	if (len > 1 && pattern[len - 1] == '/') {
		r.dirs_only = 1;
		len--;
	}
	for (uint64_t i = 0; i < len; i++)
		r.whole_path |= pattern[i] == '/';
	if (len > 1 && pattern[0] == '/') {
		pattern++;
		len--;
	}
	int32_t rc = glob_new(&r.glob, pattern, len, flags & CORE_FILTER_FOLD);
	if (rc != 0)
		return rc;
	f->rules[f->count++] = r;
	f->includes += r.include;
	f->whole_paths += r.whole_path;
	return 0;
}

void core_filter_del(core_filter *f)
{
	if (f)
		filter_unref(f);
}

void filter_ref(core_filter *f)
{
	atomic_fetch_add(&f->refs, 1);
}

void filter_unref(core_filter *f)
{
	if (atomic_fetch_sub(&f->refs, 1) != 1)
		return;
	for (uint32_t i = 0; i < f->count; i++)
		glob_del(f->rules[i].glob);
	mem_free(f->rules);
	mem_free(f);
}

int filter_names_only(const core_filter *f)
{
	return f->whole_paths == 0;
}

static int matches(const struct rule *r, const uint8_t *path, size_t len, size_t name, int is_dir)
{
	if (r->dirs_only && !is_dir)
		return 0;
	return r->whole_path ? glob_match(r->glob, path, len) : glob_match(r->glob, path + name, len - name);
}

enum filter_verdict filter_decide(const core_filter *f, const uint8_t *path, size_t len, size_t name,
				  uint8_t kind)
{
	int is_dir = kind == CORE_KIND_DIR, included = f->includes == 0;

	for (uint32_t i = 0; i < f->count; i++) {
		const struct rule *r = &f->rules[i];
		/* An include that matched already need not be looked for again. */
		if ((r->include && included) || !matches(r, path, len, name, is_dir))
			continue;
		if (!r->include)
			return FILTER_SKIP;
		included = 1;
	}
	if (included)
		return FILTER_KEEP;
	return is_dir ? FILTER_WALK : FILTER_SKIP;
}
