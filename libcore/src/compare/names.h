/* SPDX-License-Identifier: MIT */
/*
 * Which names of two directories are one name, where letter case or normal
 * form does not count. Names of the same bytes go together first. What is
 * then left of a name that each side has once goes together too; where a side
 * has it in several spellings, nobody knows which belong together.
 */
#ifndef COMPARE_NAMES_H
#define COMPARE_NAMES_H

#include "compare/config.h"
#include "match/filter.h"
#include "match/fold.h"
#include "walk/dir.h"

#define NAMES_NONE UINT32_MAX

/** What is said about CORE_ENAME_COLLISION. */
#define NAMES_COLLISION_TEXT "several spellings of one name: which belong together is not known"

enum names_clash {
	/** The only one of its name that is left on its side. */
	NAMES_ALONE,
	/** One of several spellings on its side, none of them on the other: sure to be missing there. */
	NAMES_SPELLINGS,
	/** One of several spellings on a side; what it is on the other is not known. */
	NAMES_UNDECIDED,
};

/** What is known about the names of two sorted lists, by their positions. Zero-initialised, it is nothing. */
struct names {
	/** Position of the same name on the other side, NAMES_NONE where there is none. Only of names, not of `name/`. */
	uint32_t *partner[2];
	/** names_clash. */
	uint8_t *clash[2];
	/** The keys of all names that count, sorted: `tag` is the position, `below` 0, `link` the side. */
	struct dir_list keys;
	/** 1 when this is anything but names of the same bytes going together. */
	int folded;
};

/** Where the two lists stand. */
struct names_scope {
	const struct config *config;
	/** The paths of the directories on each side: empty, or ending in a slash. */
	const struct buf *path[2];
	/** Memory for a path. */
	struct buf *scratch;
};

/**
 * What the filter says of a name, by its path on its own side.
 * @return filter_verdict or CORE_EMEMORY
 */
int32_t names_verdict(const struct names_scope *at, int side, const char *name, size_t len, uint8_t kind);

/** Whether every name of either list is in the other too, byte for byte, and all there is to do is to go through both. */
int names_go_along(const struct names_scope *at, const struct dir_list list[2]);

/**
 * Finds out. A name that the filter passes over, and that has none of the
 * same bytes on the other side that it does not, takes no part.
 * @return 0, CORE_EMEMORY, CORE_ELIMIT; on failure there is nothing to free
 */
int32_t names_match(struct names *n, struct fold *fold, const struct names_scope *at, const struct dir_list list[2]);
void names_free(struct names *n);

/** A name of one side or both, as the walk meets it. */
struct name_pair {
	/** Positions in the two lists, NAMES_NONE on a side that lacks it. */
	uint32_t at[2];
	/** names_clash. */
	uint32_t clash;
	/** 0, or 1 plus the position of what is known to be wrong with it, in the owner's list. */
	uint32_t err;
};

/** The names of two lists in the order in which they are told: that of the left spelling, where there is one. */
struct name_order {
	struct name_pair *pairs;
	uint32_t count;
};

/** Puts all names of both lists in order. @return 0 or CORE_EMEMORY */
int32_t names_order(struct name_order *o, const struct names *n, const struct dir_list list[2]);

#endif
