/* SPDX-License-Identifier: MIT */
/*
 * Buffers of one size that several threads hold at once: decoded bytes go
 * from the decoder to the consumer without being copied. A block goes back to
 * its pool when nobody holds it any more.
 */
#ifndef PACK_BLOCK_H
#define PACK_BLOCK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct blocks;

struct block {
	struct blocks *home;
	struct block *next;
	_Atomic uint32_t holders;
	uint32_t unused;
	/** PACK_BLOCK of them. */
	_Alignas(16) uint8_t data[];
};

/** Makes a pool; NULL when memory ran out. */
struct blocks *blocks_new(void);
/** The owner lets go; the pool lasts until its last block is back. NULL is fine. */
void blocks_del(struct blocks *pool);
/** Blocks that somebody holds. Any thread. */
unsigned blocks_out(const struct blocks *pool);

/** A block with one holder; NULL when memory ran out. Any thread. */
struct block *block_new(struct blocks *pool);
/** One more holder. */
void block_hold(struct block *b);
/** One holder fewer; NULL is fine. Any thread. */
void block_drop(struct block *b);

#endif
