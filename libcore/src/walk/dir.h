/* SPDX-License-Identifier: MIT */
/*
 * One directory: opened below another, listed, classified and sorted. Walks
 * of one tree and of two are built from it.
 */
#ifndef WALK_DIR_H
#define WALK_DIR_H

#include "base/buf.h"
#include "base/err.h"
#include "core.h"
#include "plat/plat.h"

#include <stddef.h>
#include <stdint.h>

/**
 * A name in the order of whole paths. A directory stands in it twice: as
 * `name`, for itself, and as `name/`, where the paths below it sort.
 */
struct dir_item {
	/** Eight bytes of the name behind what all names share, for quick ordering. */
	uint64_t key;
	/** Where the NUL-terminated name begins in `names`. */
	uint32_t name;
	uint16_t len;
	/** One of core_kind, never CORE_KIND_UNKNOWN unless the system will not tell. */
	uint8_t kind;
	/** This is the `name/` of a directory; `len` counts the slash. */
	uint8_t below;
	/** It is a symbolic link, and `kind` that of what it leads to. */
	uint8_t link;
	/** For whoever fills a list of its own with dir_add(); 0 in all others. */
	uint32_t tag;
};

struct dir_list {
	struct buf names;
	struct dir_item *items;
	uint32_t count, cap;
};

static inline const char *dir_name(const struct dir_list *l, const struct dir_item *i)
{
	return (const char *)l->names.data + i->name;
}

/**
 * Lists and sorts an open directory.
 * @param follow  symbolic links are what they lead to, unless that is missing
 * @return 0, or the code also in `*e`; the list is then empty
 */
int32_t dir_read(struct dir_list *l, int fd, int follow, int32_t side, struct err *e);
/**
 * A list of given paths, sorted and each once, instead of a directory's
 * names: all of unknown kind.
 * @param data  the paths, each ended by a NUL
 * @return CORE_EUSAGE for a path that is empty, begins with a slash or leads
 *         up with `..`; CORE_ELIMIT, CORE_EMEMORY; the code also in `*e`
 */
int32_t dir_of_paths(struct dir_list *l, const uint8_t *data, size_t len, struct err *e);
void dir_list_free(struct dir_list *l);

/**
 * Adds a name to a list, which is then out of order until dir_sort().
 * @param below  as in dir_item; the slash is added here
 * @return 0, CORE_EMEMORY, CORE_ELIMIT for 65,535 bytes or more and for names of 4 GiB in all
 */
int32_t dir_add(struct dir_list *l, const char *name, size_t len, uint8_t kind, uint8_t below);
void dir_sort(struct dir_list *l);
/** Position of the first item of a sorted list that is not before `name`; `count` when all are. */
uint32_t dir_find(const struct dir_list *l, const char *name, size_t len);
/** Whether an item is of exactly this name. */
int dir_is(const struct dir_list *l, const struct dir_item *i, const char *name, size_t len);

/**
 * Opens a directory below another, piece by piece where its path is longer
 * than the system takes at once.
 * @param path  ends in a slash
 * @param how   plat_open_flag bits
 * @return a descriptor or -errno
 */
int dir_open_path(int root, const uint8_t *path, size_t len, unsigned how);

/** Orders two names as memcmp() does, a name before its extensions. */
int dir_compare(const struct dir_list *a, const struct dir_item *x, const struct dir_list *b,
		const struct dir_item *y);

#endif
