/* SPDX-License-Identifier: MIT */
/*
 * One tree that becomes a catalogue: a local directory, an archive, a map of
 * URLs, or what a manifest lists. What it can do differs: a directory and a ZIP file give any content
 * at any time, other archives only in their own order, as a stream, and what
 * is behind a URL has to be waited for.
 */
#ifndef COMPARE_TREE_H
#define COMPARE_TREE_H

#include "compare/catalogue.h"
#include "compare/config.h"
#include "compare/merge.h"
#include "io/map.h"
#include "pack/stream.h"
#include "pack/zip.h"

/** Where a tree comes from. What it points to is the engine's. */
struct tree_origin {
	/** core_source_kind. */
	uint32_t kind;
	/** CORE_SOURCE_PATH: NUL-terminated. CORE_SOURCE_MEMORY: the bytes. */
	const uint8_t *data;
	uint64_t len;
	/** Any other kind: its reader, which is read once; taken over by the first tree_open(). */
	struct reader once;
	/** Not a directory, but an archive, or a file: a tree of one entry, whose path is empty. */
	int archive, file;
	/** The path inside an archive that is meant; `inner_len` 0 for all of it. */
	const uint8_t *inner;
	uint64_t inner_len;
	/** CORE_SOURCE_MAP. */
	const core_map *map;
	/** core_manifest_format; 0 for what is no manifest. The manifest's reader is `once`. */
	uint32_t manifest;
};

struct tree {
	struct tree_origin from;
	int32_t side;
	core_run *run;
	const struct config *config;
	struct catalogue list;
	/** A directory: its descriptor, -1 for anything else, and the walk that lists it. Its identity, or the manifest's. */
	int fd;
	struct plat_stat id;
	struct merge walk;
	struct config walk_config;
	int walking;
	/** A ZIP file, whose members are read in any order, and its bytes. */
	struct zip *zip;
	struct reader source;
	/** The lines of a manifest, until all are read, and the kinds of digests in them: bits 1 << digest_kind. */
	struct manifest_source *manifest;
	uint32_t digests;
	/** How many of its entries are listed. */
	uint64_t listed;
	/** Any other archive is a stream, which `stream` is while it is read. */
	int streamed;
	struct pack_stream *stream;
	/** While archives in it are read: which, and in what order those of a tree that is no stream are opened. */
	const struct look *look;
	const uint32_t *containers;
	uint32_t container_count, container;
	/** What the limits leave for them, after so many entries of the list. */
	struct pack_limits left;
	uint32_t left_at;
	/** Why the last of those streams ended. */
	struct err look_err;
	/** The entry at which the stream stands; `has` while its content may be wanted, then `index` is its place. */
	struct pack_entry current;
	uint32_t index;
	int has, ended;
	/** Something is at the inner path, or below it. */
	int met;
	/** Why the tree is not complete; code 0 when it is. */
	struct err broken;
	/** Scratch for paths. */
	struct buf path;
};

/** Paths of archives in archives that are looked into, sorted. Nothing changes while it is read by decoders. */
struct look {
	/** The paths one behind the other, and where each ends. */
	struct buf text;
	uint64_t *ends;
	uint32_t count;
	/** Archives inside each other, without the outermost. */
	uint32_t depth;
};

/** 1 when its entries come as a stream, in an order of their own. */
static inline int tree_is_stream(const struct tree *t)
{
	return t->streamed || t->look != NULL;
}

/** 1 when only a stream has an entry's content, so that nothing but its digest is there once that was read. */
static inline int tree_is_streamed(const struct tree *t, const struct entry *e)
{
	return t->streamed || e->inner > 0;
}

/** 1 when the file system, and not the list, knows all about an entry. */
static inline int tree_is_on_disk(const struct tree *t, const struct entry *e)
{
	return t->fd >= 0 && e->inner == 0;
}

/** 1 when its contents are digests, and cannot be read. */
static inline int tree_is_manifest(const struct tree *t)
{
	return t->from.manifest != 0;
}

/** 1 unless the filter leaves a path out, of which no directory was asked before. */
int tree_keeps(const struct tree *t, const uint8_t *path, size_t len, uint8_t kind);

/** Opens the bytes of an archive, of a path or memory. @return 0, or the code in `*e` */
int32_t tree_open_bytes(const struct tree *t, struct reader *r, struct err *e);

/**
 * Opens it. An archive that turns out to be none is a tree that is `broken`.
 * @return 0, or the code in `*e`
 */
int32_t tree_open(struct tree *t, struct err *e);

/**
 * Goes on listing a directory, a ZIP file or a manifest, for a bounded time.
 * @return 1 when more is to come, 0 when it is listed (at once for a stream),
 *         TREE_WAIT when `task` is woken, CORE_EMEMORY, CORE_ELIMIT
 */
int32_t tree_list(struct tree *t, struct task *task);

enum { TREE_WAIT = 2 };
/**
 * Moves a stream to its next entry, which is added to the list.
 * @return 1; TREE_WAIT, `task` is then woken; 0 at the end, also when it is `broken`; CORE_EMEMORY, CORE_ELIMIT
 */
int32_t tree_next(struct tree *t, struct task *task);

/**
 * Begins to read what is in archives in the tree; tree_next() then gives the
 * entries of those, under names with "!/", and marks the archives as looked at.
 * @param look        must last until tree_end_nested(), or until a stop is over
 * @param containers  entries of the tree itself that are opened one after the other, where it is no stream
 * @return 0, or the code in `*e`
 */
int32_t tree_begin_nested(struct tree *t, const struct look *look, const uint32_t *containers, uint32_t count,
			  struct err *e);

/** Ends that; the tree is as it was, with more in its list. */
void tree_end_nested(struct tree *t);

/**
 * Opens the content of an entry, of a tree that is neither a stream nor a manifest.
 * @return 0, or the code in `*e`
 */
int32_t tree_read(const struct tree *t, const struct entry *entry, struct reader *r, struct err *e);

enum {
	/** Room for the path that path_locate() gives. */
	TREE_PIECE = 3801,
};

/**
 * Where a path below a directory is, which may be longer than the system
 * takes: its last part, below the result, which is to be closed unless it is
 * `fd`, or -errno.
 */
int path_locate(int fd, const uint8_t *path, size_t len, char piece[TREE_PIECE]);

/** As path_locate(), for an entry of a directory. */
int tree_locate(const struct tree *t, const struct entry *entry, char piece[TREE_PIECE]);

/** What fstatat() says of an entry of a directory: 0 or -errno. */
int tree_stat(const struct tree *t, const struct entry *entry, struct plat_stat *st);

/**
 * The entry that holds the content of this one: itself, or what a hard link
 * leads to; NULL when that is not in the archive.
 */
const struct entry *tree_content(const struct tree *t, const struct entry *entry);

/**
 * Ends a stream before its end, so that nobody reads the origin any more.
 * @return 0, or READER_WAIT when `task` is to call again
 */
int32_t tree_stop(struct tree *t, struct task *task);

/** Closes everything. It may be opened again, unless it was a feed. */
void tree_close(struct tree *t);

#endif
