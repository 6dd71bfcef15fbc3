/* SPDX-License-Identifier: MIT */
/* One entry of one tree: what it is, and the digest of its content, made piece by piece. */
#ifndef COMPARE_HASH_FILE_H
#define COMPARE_HASH_FILE_H

#include "base/digest.h"
#include "compare/item.h"
#include "compare/journal.h"
#include "io/reader.h"

/** What was found out. */
struct hashed {
	/** manifest_known bits. */
	uint8_t known;
	/** core_kind, where the listing did not tell it; 0 where it did. */
	uint8_t kind;
	uint8_t done;
	/** `st` and `digest` are what an earlier run found; then whether that still holds. */
	uint8_t recalled, reused;
	/** A file of the manifest itself, which is no part of the tree. */
	uint8_t left_out;
	struct plat_stat st;
	uint8_t digest[DIGEST_MAX];
	/** Of a symbolic link; owned. */
	uint8_t *target;
	size_t target_len;
	struct err err;
};

/** A file on its way. */
struct hash_file {
	int open;
	struct reader reader;
	struct hasher *hasher;
	/** When it was opened, in nanoseconds since 1970. */
	int64_t since_ns;
};

/**
 * Goes on with an entry for a bounded time.
 * @return 1 when `x` is final, 0 when there is more to read, CORE_ELIMIT also
 *         in `*e` when no descriptor was left, so that trying later may help;
 *         CORE_EMEMORY
 */
int32_t hash_file_step(struct hash_file *f, const struct item *it, struct hashed *x, core_run *run,
		       const struct config *c, const struct journal *journal, enum digest_kind kind, struct err *e);

/** Closes what is open. Harmless when nothing is. */
void hash_file_close(struct hash_file *f);

#endif
