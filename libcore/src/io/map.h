/* SPDX-License-Identifier: MIT */
/* A tree whose files are far away, as paths and what opens each. Nothing of it changes once a run has it. */
#ifndef IO_MAP_H
#define IO_MAP_H

#include "core.h"
#include "io/opener.h"

#include <stdint.h>

struct map_entry {
	uint8_t *path;
	uint32_t path_len;
	/** Used by several threads at once: opening changes nothing in it. */
	struct opener *opener;
	/** Its name for messages. */
	char *shown;
};

struct core_map {
	_Atomic uint32_t refs;
	struct map_entry *entry;
	uint32_t count, cap;
};

void map_ref(core_map *m);
/** Lets go of it; NULL is fine. */
void map_unref(core_map *m);
/**
 * Adds a file, and takes over the opener and the name, also on failure.
 * @return CORE_EUSAGE for a path that is none, CORE_ELIMIT, CORE_EMEMORY
 */
int32_t map_add(core_map *m, const uint8_t *path, uint64_t len, struct opener *opener, char *shown);

#endif
