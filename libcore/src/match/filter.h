/* SPDX-License-Identifier: MIT */
/*
 * Which names of a tree count. A rule is a glob: without a slash it is about
 * the name, wherever it stands; with one, about the path from the root; a
 * slash at its end makes it one about directories.
 */
#ifndef MATCH_FILTER_H
#define MATCH_FILTER_H

#include "core.h"

#include <stddef.h>
#include <stdint.h>

enum filter_verdict {
	/** Neither listed nor gone into. */
	FILTER_SKIP,
	FILTER_KEEP,
	/** A directory that is no entry itself, but may hold some. */
	FILTER_WALK,
};

/** Decides about a path, whose last part begins at `name`. Any thread. */
enum filter_verdict filter_decide(const core_filter *f, const uint8_t *path, size_t len, size_t name,
				  uint8_t kind);
/** 1 when every rule is about names alone, so that a name will do for a path. */
int filter_names_only(const core_filter *f);
void filter_ref(core_filter *f);
void filter_unref(core_filter *f);

#endif
