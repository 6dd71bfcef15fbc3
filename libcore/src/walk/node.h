/* SPDX-License-Identifier: MIT */
/* A piece of a walk: a directory that is to be listed, or what came of those that were. */
#ifndef WALK_NODE_H
#define WALK_NODE_H

#include "base/buf.h"
#include "base/err.h"
#include "walk/place.h"

enum node_kind {
	/** A directory that is to be listed. */
	NODE_WAITING,
	/** One that is being listed. */
	NODE_BUSY,
	/** What entries made. */
	NODE_TEXT,
	/** A failure. */
	NODE_ERROR,
};

struct node {
	struct node *prev, *next;
	/** Neighbours among directories. */
	struct node *dir_prev, *dir_next;
	uint8_t kind;
	/** WAITING, BUSY: the directory above; NULL for a root, which is then this one. */
	struct place *above;
	uint32_t root;
	/** TEXT: what is to be sent, from `sent` on; of how many entries, and where each ends when that matters. */
	struct buf text, ends;
	size_t sent;
	uint64_t entries;
	/** ERROR. */
	struct err err;
	/** Name of the directory; path that the failure is about. NUL-terminated. */
	uint32_t len;
	uint8_t name[];
};

/** NULL when memory ran out. */
struct node *node_new(enum node_kind kind, const uint8_t *name, size_t len);
void node_free(struct node *n);
/** What it holds. */
size_t node_bytes(const struct node *n);

static inline int node_is_dir(const struct node *n)
{
	return n->kind == NODE_WAITING || n->kind == NODE_BUSY;
}

#endif
