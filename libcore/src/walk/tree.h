/* SPDX-License-Identifier: MIT */
/*
 * The walk of a tree, by several threads: every entry once, in the order of
 * whole paths whatever their number. What is made of an entry, and whether
 * it counts, its user says.
 *
 * Directories that have been listed are replaced, in one long list, by what
 * came of them: pieces of output, and the directories below. Whoever looks
 * for work takes the first directory that nobody has; output leaves from the
 * front. So what waits for its turn stays small, and where it does not, only
 * the directory at the front is gone on with.
 */
#ifndef WALK_TREE_H
#define WALK_TREE_H

#include "base/buf.h"
#include "match/filter.h"
#include "pool/crew.h"
#include "walk/rules.h"

enum walk_flag {
	/** Names that begin with a dot count. */
	WALK_HIDDEN = 1,
	/** Symbolic links are what they lead to. */
	WALK_FOLLOW = 2,
	WALK_ONE_FILE_SYSTEM = 4,
	/** Entries come as they are found. */
	WALK_UNORDERED = 8,
};

/** Where a walk begins. */
struct walk_root {
	/** As the caller named it; ends with a slash unless it is empty, which is the working directory. */
	uint8_t *given;
	size_t given_len;
	/** The absolute path without symbolic links, and a slash: what ignore files are asked about. */
	uint8_t *whole;
	size_t whole_len;
	/** Ignore files of the directories above. */
	struct rules_place above;
};

/** One name, while it is looked at. */
struct walk_entry {
	const struct walk_root *root;
	/** Which root, from 0. */
	uint32_t number;
	/** Directories between it and the root, and itself: 1 for names in the root. */
	uint32_t depth;
	/** Path below the root, and where its last part begins. NUL-terminated. */
	const uint8_t *path;
	size_t len, name;
	/** One of core_kind. */
	uint8_t kind;
	/** It is a symbolic link, and `kind` that of what it leads to. */
	uint8_t link;
	/** The directory that it is in. */
	int dir;
	/** What it is, once walk_stat() was called. */
	struct plat_stat stat;
	int has_stat;
};

/** Asks the system about an entry, once: 0 or -errno. */
int walk_stat(struct walk_entry *e);

struct tree;

/** What a walk is for: who looks at entries, and where they go. */
struct walk_ops {
	/** The run there is now; before all others. */
	void (*begin)(void *ctx, core_run *run);
	/**
	 * By any thread, with no lock held: looks at an entry and appends what is to be sent of it.
	 * @return 1 when it counts, 0 when it does not, -errno when it could not be looked at, CORE_EMEMORY
	 */
	int32_t (*entry)(void *ctx, struct walk_entry *e, struct buf *out);
	/**
	 * Sends some of what entries have made, in order. The lock of the crew is held.
	 * @param used  how much was taken
	 * @return 1, 0 when there is no room: `t` was noted or a writer is to go on first; an error
	 */
	int32_t (*send)(void *ctx, struct task *t, const uint8_t *data, size_t len, size_t *used);
	/** Sends an error about a path: as `send`. */
	int32_t (*failed)(void *ctx, struct task *t, const struct err *e, const uint8_t *path, size_t len);
	/** Whether flush() has something to do. The lock is held. NULL, as are the two below, where `send` leaves nothing. */
	int (*pending)(void *ctx, int idle);
	/** Takes what flush() is to write. The lock is held. */
	void (*take)(void *ctx);
	/** Writes it. With no lock held, one thread at a time; 0 or an error. */
	int32_t (*flush)(void *ctx, struct err *e);
};

struct walk_config {
	/** walk_flag bits. */
	unsigned flags;
	/** Threads, 0 for as many as there are. */
	uint32_t jobs;
	/** How far down names count. */
	uint32_t max_depth;
	/** Ends after so many entries that count; 0 for all. */
	uint64_t max_results;
	/** Names that do not exist for the walk; or NULL. */
	core_filter *exclude;
	struct rules_config rules;
};

/** What a walk came to. */
struct walk_tally {
	/** Entries that counted; all that were looked at; directories that were listed. */
	uint64_t results, entries, dirs;
	/** Names that were passed over, with what is below them. */
	uint64_t hidden, ignored, excluded;
	/** Failures that were told. */
	uint64_t errors;
	/** Roots that are no directories. */
	uint32_t roots_failed;
	/** max_results was reached. */
	int truncated;
	/** Why the walk could not finish. */
	struct err fatal;
};

/**
 * Begins a walk.
 * @param roots  taken over with all they own, also on failure
 * @param ctx    given to the ops, and to `free` when nobody needs it any more, also on failure
 * @return CORE_EMEMORY
 */
int32_t walk_start(core_run **out, core_pump *pump, uint64_t token, const struct walk_config *c,
		   struct walk_root *roots, uint32_t roots_count, const struct walk_ops *ops, void *ctx,
		   void (*free)(void *ctx));
/** Releases roots that no walk was begun with. */
void walk_roots_free(struct walk_root *roots, uint32_t count);
/** What came of a run that has ended. */
const struct walk_tally *walk_result(const core_run *run);

#endif
