/* SPDX-License-Identifier: MIT */
/*
 * Manifests: lists of what is in a tree, with a digest of each file, line by
 * line. The format `suite` says all; the lists of sha256sum, b3sum and
 * hashdeep name files alone. docs/manifests.md describes them.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "core.h"
#include "manifest/json.h"

#include <stddef.h>
#include <stdint.h>

enum {
	/** Bytes of a line at most, without its end: a path of 16 KiB takes 96 KiB at the most. */
	MANIFEST_LINE = 1 << 20,
	/** Bytes of the digests there are: BLAKE3 and SHA-256 have the same. */
	MANIFEST_DIGEST = 32,
};

/** What is known of an entry besides its path: bits. */
enum manifest_known {
	MANIFEST_SIZE = 1,
	MANIFEST_MTIME = 2,
	MANIFEST_CONTENT = 4,
	/** `inode` and `ctime_ns`: only while a manifest is being written. */
	MANIFEST_IDENTITY = 8,
	MANIFEST_DEVICE = 16,
};

struct manifest_entry {
	/** Below the root. Valid until the parser reads on. */
	const uint8_t *path, *target;
	size_t path_len, target_len;
	/** core_kind. */
	uint8_t kind;
	/** manifest_known bits. */
	uint8_t known;
	/** pack_flaw bits of the path. */
	uint32_t flaws;
	/** CORE_E… that kept its content or kind from being known when the manifest was made; 0 for none. */
	int32_t error;
	uint64_t size, rdev, inode;
	int64_t mtime_ns, ctime_ns;
	/** Bits 1 << digest_kind: what `digest` may be. */
	uint32_t digests;
	uint8_t digest[MANIFEST_DIGEST];
};

/* ---------------------------------------------------------------- reading */

/** What a list turned out to be. */
struct manifest_parser {
	/** core_manifest_format; 0 until the first line is read. */
	uint32_t format;
	/** Bits 1 << digest_kind: what the digests may be. */
	uint32_t digests;
	/** It is being written: its end may be missing. */
	int partial;
	/** Lines read. */
	uint64_t line;
	/** Entries read, and whether the end was. */
	uint64_t entries;
	int ended;
	/** hashdeep: the column of the digest, and how many there are before the name. */
	int column, columns;
	struct json json;
	struct buf path, target;
};

/**
 * Begins a list.
 * @param format   core_manifest_format, 0 to find out
 * @param digests  what a list whose lines do not say it may hold: bits 1 << digest_kind
 */
void manifest_begin(struct manifest_parser *p, uint32_t format, uint32_t digests);
/**
 * Reads a line, without its end.
 * @return 1 with an entry, 0 for a line that is none, CORE_EMANIFEST also in `*e`, CORE_EMEMORY
 */
int32_t manifest_line(struct manifest_parser *p, const uint8_t *line, size_t len, struct manifest_entry *out,
		      struct err *e);
/** All lines are read: 0, or CORE_EMANIFEST also in `*e` when some are missing. */
int32_t manifest_end(const struct manifest_parser *p, struct err *e);
void manifest_free(struct manifest_parser *p);

/* ---------------------------------------------------------------- writing */

/**
 * Appends the first lines of a list.
 * @param created_ns  when it is made, in nanoseconds since 1970
 * @return 0 or CORE_EMEMORY
 */
int32_t manifest_write_begin(struct buf *b, uint32_t format, enum digest_kind kind, int64_t created_ns);
/**
 * Appends the line of an entry.
 * @return 1; 0 when the format has no line for such an entry; CORE_EUNSUPPORTED
 *         when it has, but cannot hold this one's name; CORE_EMEMORY
 */
int32_t manifest_write(struct buf *b, uint32_t format, const struct manifest_entry *entry);
/** Whether the format can hold the entry's name, if it holds the entry at all. */
int manifest_can_hold(uint32_t format, const struct manifest_entry *entry);
/** Appends the last lines. @return 0 or CORE_EMEMORY */
int32_t manifest_write_end(struct buf *b, uint32_t format, uint64_t entries);

/** The digest that a format holds where it holds only one: DIGEST_KINDS for one that holds any. */
enum digest_kind manifest_digest(uint32_t format);
/** The name of a digest: "blake3", "sha256". */
const char *manifest_digest_name(enum digest_kind kind);

#endif
