/* SPDX-License-Identifier: MIT */
/* An item's outcome as a record in the ring. */
#ifndef COMPARE_RECORD_H
#define COMPARE_RECORD_H

#include "compare/item.h"
#include "compare/renames.h"

/**
 * Writes the record of an item. A pair has no directory: its path is `path`.
 * @return 1, 0 when the ring is full and `t` is to park, CORE_EMEMORY
 */
int32_t record_entry(core_run *run, struct task *t, const struct item *it, const uint8_t *path, uint64_t len);

/**
 * Writes the record of a range; `a` and `b` are its bytes, or NULL.
 * @return as record_entry()
 */
int32_t record_range(core_run *run, struct task *t, uint64_t off, uint64_t len, const uint8_t *a,
		     const uint8_t *b);

/** Writes the record of two names of one content, proven by digest. @return as record_entry() */
int32_t record_rename(core_run *run, struct task *t, const struct rename_pair *p);

/** Some of the members of a group, or all. */
struct group_part {
	uint32_t id;
	/** More of the group follows. */
	uint32_t more;
	/** core_proof. */
	uint32_t proof;
	/** Why the content of the only member is not known; of code 0 where it is. */
	const struct err *err;
	const uint32_t *member;
	uint32_t n;
};

/**
 * Writes the record of a part of a group.
 * @return as record_entry()
 */
int32_t record_group(core_run *run, struct task *t, const struct group_part *g);

struct manifest_entry;

/**
 * Writes the record of an entry of one tree; `err` says why its content is not known.
 * @return as record_entry()
 */
int32_t record_digest(core_run *run, struct task *t, const struct manifest_entry *entry, const struct err *err);

/** Writes a log record if the ring has room for it now. */
void record_log(core_run *run, enum core_level level, int32_t sys, const char *message);

#endif
