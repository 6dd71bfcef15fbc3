/* SPDX-License-Identifier: MIT */
/* Any bytes as a list of paths: what is taken is sorted, each once, and never leads out of its root. */
#include "core.h"
#include "walk/dir.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dir_list l;
	struct err e;

	if (dir_of_paths(&l, data, len, &e) != 0)
		return 0;
	for (uint32_t i = 0; i < l.count; i++) {
		const char *name = dir_name(&l, &l.items[i]);
		size_t n = l.items[i].len;
		if (n == 0 || strlen(name) != n || name[0] == '/' || strcmp(name, "..") == 0 ||
		    strncmp(name, "../", 3) == 0 || strstr(name, "/../") ||
		    (n >= 3 && strcmp(name + n - 3, "/..") == 0))
			abort();
		if (i > 0 && dir_compare(&l, &l.items[i - 1], &l, &l.items[i]) >= 0)
			abort();
	}
	dir_list_free(&l);
	return 0;
}
