/* SPDX-License-Identifier: MIT */
/*
 * Ignore files in force in a directory: its own, and those above it. Each
 * directory refers to the chain of the one above, and adds to it.
 *
 * git's chain: the `.gitignore` files from the directory up to the top of
 * its repository, then `info/exclude`, then core.excludesFile. A repository
 * inside of another begins a new chain. Above it stands the chain of
 * `.ignore` files, which count everywhere; below it the files that the
 * caller named. The first chain in which a rule matches decides.
 */
#ifndef WALK_RULES_H
#define WALK_RULES_H

#include "base/err.h"
#include "match/ignore.h"
#include "walk/dir.h"

#include <stdatomic.h>

/** One ignore file, and those asked after it. */
struct rules {
	_Atomic uint32_t refs;
	struct rules *next;
	struct ignore *ignore;
	/** Bytes at the front of a whole path that its patterns are not about. */
	size_t base;
	/** `ignore` is somebody else's. */
	int borrowed;
};

/** What is read, for all directories of a walk. */
struct rules_config {
	/** core.excludesFile, or NULL. */
	struct ignore *excludes;
	/** `.gitignore` and its like; `.ignore`. */
	int git, own;
	int fold;
};

/** The chains of one directory. Zero-initialised, none. */
struct rules_place {
	struct rules *git, *own, *named;
	/** It is in a repository. */
	int in_repository;
};

/** The names of a listing that matter here. */
enum rules_seen {
	RULES_GITIGNORE = 1,
	RULES_IGNORE = 2,
	RULES_GIT = 4,
};

/** What a failure to read one of the files is told to: its name below the directory. */
typedef void (*rules_failed)(void *ctx, const char *name, const struct err *e);

/** Which of them a name is, or 0. */
unsigned rules_look(const char *name, size_t len);
/**
 * The chains of a directory that is open. What cannot be read is told and left out.
 * @param above  the chains of the directory above
 * @param seen   rules_seen bits of the names in it
 * @param base   length of its whole path with the slash behind it
 * @return 0 or CORE_EMEMORY
 */
int32_t rules_enter(struct rules_place *out, const struct rules_place *above, const struct rules_config *c, int fd,
		    unsigned seen, size_t base, rules_failed failed, void *ctx);
/** The chains of the directory above a root: those of all directories on the way to it. As rules_enter(). */
int32_t rules_above(struct rules_place *p, const uint8_t *whole, size_t len, const struct rules_config *c,
		    rules_failed failed, void *ctx);
/** Puts a file that the caller named before those named so far. Takes `g` over, also on failure. */
int32_t rules_name(struct rules_place *p, struct ignore *g, size_t base);
void rules_leave(struct rules_place *p);

/**
 * Whether a path is ignored.
 * @param path  the whole one
 * @param name  where its last part begins
 */
int rules_ignore(const struct rules_place *p, const uint8_t *path, size_t len, size_t name, int is_dir);

/**
 * Reads an ignore file: 0 with NULL when there is none, else as ignore_new(),
 * with what went wrong in `*e`.
 * @param follow  0 for files of the tree, which are not read through symbolic links, as git has it
 */
int32_t rules_read(struct ignore **out, int dir, const char *path, int follow, int fold, struct err *e);

#endif
