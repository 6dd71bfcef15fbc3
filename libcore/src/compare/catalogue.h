/* SPDX-License-Identifier: MIT */
/*
 * A tree as a list of its entries, found by path while it grows and sorted
 * when it is complete: for trees that do not come in order, as archives do.
 */
#ifndef COMPARE_CATALOGUE_H
#define COMPARE_CATALOGUE_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "compare/pair.h"

#include <stddef.h>
#include <stdint.h>

/** Bytes of the digest of an entry's content. */
enum { ENTRY_DIGEST_BYTES = 32 };

/** What is known of an entry's metadata: core_metadata bits in `known`. */
struct entry_meta {
	int64_t mtime_ns;
	uint32_t mode, uid, gid;
	uint32_t known;
};

enum entry_flag {
	/** A directory that no entry names, only entries below it. */
	ENTRY_IMPLIED = 1,
	/** Another name of the file at `target`. */
	ENTRY_HARDLINK = 2,
	/** `digest` is that of its content. */
	ENTRY_DIGEST = 4,
	/** Its content was read beside that of the same path of the other tree; the left one keeps the outcome. */
	ENTRY_PAIRED = 8,
	ENTRY_DIFFERENTIAL = 16,
	/** It leads out of the tree, or is no name at all. */
	ENTRY_UNSAFE = 32,
	/** Its other entries are of the same name, and nothing tells which one counts. */
	ENTRY_DUPLICATE = 64,
	/** The filter leaves it out; it is kept for hard links that lead to it. */
	ENTRY_HIDDEN = 128,
};

/** Whether an archive was looked into. */
enum entry_looked {
	LOOKED_NOT,
	/** All in it is listed. */
	LOOKED_WHOLE,
	/** It is no archive. */
	LOOKED_NONE,
	/** It could not be read to its end. */
	LOOKED_FAILED,
};

struct entry {
	/** Where path and target begin in `bytes`. */
	uint64_t path, target;
	uint32_t path_len, target_len;
	/** UINT64_MAX where only reading tells. */
	uint64_t size;
	/** Device number of a device node. */
	uint64_t rdev;
	struct entry_meta meta;
	/** core_kind, entry_flag bits. */
	uint8_t kind, flags;
	/** ENTRY_PAIRED: what came of it. */
	uint8_t status, proof;
	uint32_t reasons;
	/** Where the content is found again: the tree's own business. */
	uint32_t place;
	/** Index plus 1 into `errors`: why nothing is known of its content. */
	uint32_t error;
	/** ENTRY_DIGEST: bits 1 << digest_kind of what it may be; several where a manifest does not say which. */
	uint32_t digests;
	/** Bytes of the path that are the archive it is in, with "!/"; 0 for entries of the tree itself. */
	uint32_t inner;
	/** How many archives of the tree it is in, and entry_looked. */
	uint8_t level, looked;
	uint8_t digest[ENTRY_DIGEST_BYTES];
};

struct catalogue {
	/** Paths and targets. */
	struct buf bytes;
	struct entry *entries;
	uint32_t count, cap;
	/** Indices plus 1 by the hash of the path; a power of two. Gone once it is sorted. */
	uint32_t *table, table_cap;
	struct err *errors;
	uint32_t error_count;
};

static inline const uint8_t *entry_path(const struct catalogue *c, const struct entry *e)
{
	return c->bytes.data + e->path;
}

static inline const uint8_t *entry_target(const struct catalogue *c, const struct entry *e)
{
	return c->bytes.data + e->target;
}

/**
 * Adds an entry; path and target are copied. A directory that is there
 * already is the same one, anything else makes both ENTRY_DUPLICATE.
 * @param from   all but path, target and place in `bytes`
 * @param index  where it is, also when it was there
 * @return 1 when it is new, 0 when the path was there, CORE_EMEMORY, CORE_ELIMIT beyond 2^31 entries
 */
int32_t catalogue_add(struct catalogue *c, const struct entry *from, const uint8_t *path, size_t path_len,
		      const uint8_t *target, size_t target_len, uint32_t *index);

/** Index of a path, UINT32_MAX where it is not. Before or after sorting. */
uint32_t catalogue_find(const struct catalogue *c, const uint8_t *path, size_t len);

/** Has an entry fail with `e`. @return CORE_EMEMORY */
int32_t catalogue_fail(struct catalogue *c, uint32_t index, const struct err *e);

/**
 * Adds the directories that only entries below them imply, and sorts all by
 * their whole paths. Indices change; nothing is added afterwards.
 * @return CORE_EMEMORY, CORE_ELIMIT
 */
int32_t catalogue_sort(struct catalogue *c);

/** Orders two paths as memcmp() does, a path before its extensions. */
int path_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

void catalogue_free(struct catalogue *c);

#endif
