/* SPDX-License-Identifier: MIT */
/* Any bytes as a glob, or as filter rules, against any bytes as a path: the first NUL parts them. */
#include "core.h"
#include "match/filter.h"
#include "match/glob.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *nul = len > 0 ? memchr(data, 0, len) : NULL;
	size_t pattern = nul ? (size_t)(nul - data) : len;
	const uint8_t *path = nul ? nul + 1 : data;
	size_t path_len = nul ? len - pattern - 1 : 0;
	struct glob *g;

	if (glob_new(&g, data, pattern, 0) == 0) {
		int first = glob_match(g, path, path_len);
		if (glob_match(g, path, path_len) != first)
			abort();
		glob_del(g);
	}
	core_filter *f;
	if (core_filter_new(&f) != 0)
		return 0;
	core_filter_add(f, 0, data, pattern);
	core_filter_add(f, 1, data, pattern);
	enum filter_verdict v = filter_decide(f, path, path_len, 0, CORE_KIND_FILE);
	/* Excluded by the rule that includes it, or matched by neither. */
	if (v == FILTER_WALK)
		abort();
	core_filter_del(f);
	return 0;
}
