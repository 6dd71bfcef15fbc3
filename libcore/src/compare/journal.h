/* SPDX-License-Identifier: MIT */
/*
 * A manifest on its way to a file: while the tree is read its entries go to
 * FILE.partial, with what it takes to know them again, so that an interrupted
 * run can be resumed. At the end FILE is written whole, and FILE.partial goes.
 */
#ifndef COMPARE_JOURNAL_H
#define COMPARE_JOURNAL_H

#include "io/durable.h"
#include "manifest/source.h"

/** A file by its identity. */
struct journal_file {
	uint64_t dev, ino;
};

struct journal {
	/** Where the manifest is to appear; NUL-terminated, owned. */
	char *path;
	uint32_t format;
	enum digest_kind kind;
	struct durable partial, whole;
	/** An earlier journal, in the order of paths, and the entry of it whose turn it is. */
	struct manifest_source old;
	struct manifest_entry next;
	int has_old, has_next;
	/** The entries again, to be written in the format that was asked for. */
	struct manifest_source again;
	int converting;
	uint64_t written, lines;
	/** Files that are no part of the tree, though they may be in it. */
	struct journal_file own[4];
	unsigned owned;
};

/** Sets it to nothing, for journal_free(). */
void journal_init(struct journal *j);

/**
 * Begins a journal. Takes `path` over, also on failure.
 * @param resume  go on with FILE.partial of an earlier run, if there is one
 * @return 0, or the code also in `*e`: CORE_EWRITE; CORE_EUSAGE for an
 *         earlier run with another digest; CORE_EUNSUPPORTED for a path that
 *         is no file's; CORE_EMEMORY
 */
int32_t journal_begin(struct journal *j, char *path, uint32_t format, enum digest_kind kind, int resume, struct err *e);
/**
 * What an earlier run knew of a path, or NULL. Paths come in their order.
 * Valid until the next call.
 */
const struct manifest_entry *journal_recall(struct journal *j, const uint8_t *path, size_t len);
/** Whether this is a file that the journal itself writes or replaces. */
int journal_owns(const struct journal *j, uint64_t dev, uint64_t ino);
/** Adds an entry. @return 0, or the code also in `*e` */
int32_t journal_add(struct journal *j, const struct manifest_entry *entry, struct err *e);
/** Has what was added lie in the file. @return 0, or the code also in `*e` */
int32_t journal_flush(struct journal *j, struct err *e);
/**
 * Goes on to write the manifest of what was added, for a bounded time.
 * @return 1 when there is more to do, 0 when it is there, or the code also in `*e`
 */
int32_t journal_convert(struct journal *j, struct err *e);
/** Ends it, whatever it came to: FILE.partial stays if it holds something. Harmless when nothing was begun. */
void journal_free(struct journal *j);

#endif
