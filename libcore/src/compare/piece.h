/* SPDX-License-Identifier: MIT */
/*
 * The same range of bytes of many sources, sorted by content as they come:
 * each is compared with one representative of every content met so far. Several
 * threads may do so at once. Contents beyond the first few are found by a hash
 * and proven by the bytes; where memory is short they are told apart by the
 * hash alone, and what seems equal then is not proven.
 */
#ifndef COMPARE_PIECE_H
#define COMPARE_PIECE_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/** Contents that are compared one by one, without a hash. */
	PIECE_FIRST = 8,
	/** 128 bits of BLAKE3. */
	PIECE_HASH = 16,
};

/** The label of a source that failed. */
#define PIECE_FAILED UINT32_MAX

/** A content. */
struct content {
	/** NULL where there was no memory to keep it. */
	const uint8_t *data;
	uint32_t len;
	/** `data` is the piece's own. */
	uint8_t owned;
	uint8_t hash[PIECE_HASH];
	/** Sources that have it, where there is no `data`. */
	uint32_t sources;
};

/** Why a source failed. */
struct piece_error {
	struct piece_error *next;
	/** Its place in the job. */
	uint32_t member;
	struct err err;
};

struct piece {
	struct piece *next;
	uint64_t off;
	uint32_t len;
	/** The looks that were done before this one; PIECE_FAILED where it is none. */
	uint32_t look;
	/** Nothing is read: whether the sources stayed what they were is asked. */
	uint8_t check;
	/** Some files were found to share their blocks with the first. */
	uint8_t shared;
	/** One thread does all of it, with what it reads in buffers of its own. */
	uint8_t alone;
	/** Sources of the class taken by threads, and done. */
	uint32_t claimed, done;
	/** Bytes kept by all pieces of the job, and how many there may be. */
	_Atomic uint64_t *kept;
	uint64_t kept_max;
	struct piece_error *errors;

	pthread_mutex_t lock;
	/** Under the lock, but for the first `firsts` contents, which do not change. */
	_Atomic uint32_t firsts;
	struct content first[PIECE_FIRST];
	struct content *more;
	uint32_t mores, mores_cap;
	/** Places in `more` plus 1, by hash; a power of two of them. */
	uint32_t *table;
	uint32_t table_size;

	/** One for each source of the class: contents have the numbers in which they came. */
	uint32_t label[];
};

/** A piece for `n` sources, all zero but for its lock. NULL when memory ran out. */
struct piece *piece_new(uint32_t n);
void piece_free(struct piece *p);

/**
 * The label of a content.
 * @param data  stays as it is as long as the piece is at work, if `lasting` is set
 * @return 0 with the label in `*label`, or CORE_EMEMORY
 */
int32_t piece_label(struct piece *p, const uint8_t *data, size_t len, int lasting, uint32_t *label);

/** Notes why a source failed: 0 or CORE_EMEMORY. */
int32_t piece_fail(struct piece *p, uint32_t member, const struct err *e);

/** Copies what lies in memory that was lasting until now: 0 or CORE_EMEMORY. */
int32_t piece_own(struct piece *p);

/** Gives back the bytes that were kept; labels stay. */
void piece_forget(struct piece *p);

/** Contents that were met. */
uint32_t piece_contents(const struct piece *p);
/** Bytes of the content with a label. */
uint32_t piece_length(const struct piece *p, uint32_t label);
/** 1 when the sources with this label are not proven equal. */
int piece_unproven(const struct piece *p, uint32_t label);

#endif
