/* SPDX-License-Identifier: MIT */
/*
 * An archive as entries, one after another, decoded while it is read and
 * never written anywhere. What is read is a closed list:
 *
 *   formats  tar (v7, ustar, pax, GNU), cpio, ar, zip, 7z
 *   around   gzip, bzip2, xz, zstd, lz4, or nothing; one of them, once
 *
 * Everything else, plain text too, is no archive. Nothing starts a program.
 *
 * A ZIP is read by its directory where the reader has offsets. From a stream it
 * is read by its local headers, which know neither permissions nor links: a
 * ZIP with links then ends with CORE_EUNSUPPORTED. A 7z from a stream is taken
 * into memory, up to 64 MiB.
 *
 * Names are the bytes that are stored, whatever the locale: not converted,
 * not brought into a normal form. Only 7z, which stores UTF-16, is turned
 * into UTF-8. What is damaged is an error and never an end; see pack_next().
 *
 * A pack belongs to one thread at a time, and its calls block as its reader
 * does: a reader that can answer READER_WAIT is refused here and goes through
 * pack/stream.h.
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/err.h"
#include "core.h"
#include "io/reader.h"

#include <stddef.h>
#include <stdint.h>

/** Most of one pack_data(). */
enum { PACK_BLOCK = 256 << 10 };

/**
 * What an archive may cost. 0 stands for the default, which no ordinary
 * archive reaches; beyond is CORE_EARCHIVE_BOMB. Besides, no decoder gets
 * more than 1 GiB of memory for its window or dictionary.
 */
struct pack_limits {
	/** Bytes of all entries together, holes included: 1 TiB. */
	uint64_t bytes;
	/** Decoded bytes for each byte read, looked at once more than 1 GiB was decoded: 2000. Holes of sparse files do not count. */
	uint64_t ratio;
	/** 10 million. */
	uint64_t entries;
	/** Bytes of a name or link target: 64 KiB. */
	uint32_t name;
};

/** One of the limits. */
enum pack_limit {
	PACK_LIMIT_BYTES,
	PACK_LIMIT_RATIO,
	PACK_LIMIT_ENTRIES,
	PACK_LIMIT_NAME,
};

/** What is said when a limit is exceeded: which, its value, and what raises it. Returns CORE_EARCHIVE_BOMB. */
int32_t pack_limit_err(const struct pack_limits *limits, enum pack_limit which, int32_t side, uint64_t at, struct err *e);

/** What is wrong with an entry that is listed all the same. Bits. */
enum pack_flaw {
	/** The name began with a slash. */
	PACK_FLAW_ABSOLUTE = 1,
	/** A component is "..". */
	PACK_FLAW_DOTDOT = 2,
	/** The name holds a NUL. */
	PACK_FLAW_NUL = 4,
	/** There is no name. */
	PACK_FLAW_EMPTY = 8,
	/** The name holds a backslash, which some systems take for a slash. */
	PACK_FLAW_BACKSLASH = 16,
	/** The name begins with a drive letter and a colon. */
	PACK_FLAW_DRIVE = 32,
	/** The name is not UTF-8. */
	PACK_FLAW_UTF8 = 64,
	/** ZIP: the two headers of the entry contradict each other, so readers differ in what they see. */
	PACK_FLAW_DIFFERENTIAL = 128,
	/** Part of its metadata could not be made out, or it is of a kind that no one knows. */
	PACK_FLAW_METADATA = 256,
};

/** The flaws of a name that must not be taken for a path below a root. */
#define PACK_FLAWS_UNSAFE \
	(PACK_FLAW_ABSOLUTE | PACK_FLAW_DOTDOT | PACK_FLAW_NUL | PACK_FLAW_EMPTY | PACK_FLAW_BACKSLASH | PACK_FLAW_DRIVE)

/** An extended attribute, or an access control list as text under the name its format gives it. */
struct pack_attr {
	const uint8_t *name;
	uint32_t name_len;
	uint32_t value_len;
	const uint8_t *value;
};

/** How an archive in an archive ended. */
enum pack_over {
	/** It was read to its proven end. */
	PACK_OVER_WHOLE = 1,
	/** It is damaged, encrypted, or beyond a limit. */
	PACK_OVER_FAILED,
	/** It is no archive. */
	PACK_OVER_NONE,
};

/** One entry. What it points to is valid until the next pack_next() or pack_close(). */
struct pack_entry {
	/**
	 * The name without "." components, leading, doubled and trailing
	 * slashes; ".." stays. Empty for the root itself ("./"). Where nothing
	 * would be left of a name that is no directory, it is as stored.
	 */
	const uint8_t *path;
	/** The name as stored. */
	const uint8_t *raw;
	/** Of a symbolic link: as stored. Of a hard link: the other entry's name, as `path`. Else NULL. */
	const uint8_t *target;
	const struct pack_attr *attrs;
	uint32_t path_len, raw_len, target_len, attr_count;
	/** pack_flaw bits. */
	uint32_t flaws;
	/** core_kind; that of a hard link is CORE_KIND_FILE. */
	uint8_t kind;
	/**
	 * Another name of an entry met before, `target`. It has no data of its
	 * own (`size` 0), except in cpio and sometimes pax, where any of the
	 * names may carry the data of all.
	 */
	uint8_t hardlink;
	/** Its data is encrypted: pack_data() fails with CORE_EARCHIVE_ENCRYPTED. */
	uint8_t encrypted;
	/** Whether the fields below are stored. */
	uint8_t has_mode, has_owner, has_mtime;
	/** Permission bits. */
	uint32_t mode;
	uint32_t uid, gid;
	/** Nanoseconds since 1970. */
	int64_t mtime_ns;
	/** Device number of a device, as plat_stat.rdev. */
	uint64_t rdev;
	/** Bytes of data, UINT64_MAX where only the end will tell. */
	uint64_t size;
	/** From 0, in the order of the archive. */
	uint64_t index;
	/** Of pack/nested.h: bytes of `path` that are the archive it is in, with "!/"; 0 where there is none. */
	uint32_t prefix_len;
	/** Of pack/nested.h: pack_over; where it is set, this is no entry. And why the archive at `path` failed. */
	uint8_t over;
	struct err why;
};

struct pack;

/** Limits with the defaults for those that are 0; of NULL, the defaults. */
struct pack_limits pack_limits_of(const struct pack_limits *l);

/**
 * Begins to read an archive.
 * @param take    becomes the pack's, also on failure; its `ops` is NULL afterwards
 * @param limits  NULL for the defaults
 * @return CORE_EARCHIVE when it is no archive of those above or its beginning
 *         is damaged, CORE_EARCHIVE_BOMB, CORE_EARCHIVE_ENCRYPTED (7z whose
 *         list is encrypted), CORE_EUNSUPPORTED (the reader may have to wait),
 *         CORE_ELIMIT (7z larger than 64 MiB behind a reader without offsets),
 *         CORE_EMEMORY, or what the reader fails with. `e->at` is where in
 *         the reader's bytes, plus 1.
 */
int32_t pack_open(struct pack **out, struct reader *take, const struct pack_limits *limits, struct err *e);

/**
 * Goes to the next entry; what is left of the current one is passed over.
 *
 * The end is given only when the archive says so and the bytes agree: a tar
 * may lack its final zero blocks if it stops right where a header would
 * stand (as GNU tar has it), but what follows them must be zeros; a
 * compressed stream must come to its own end with the right checksum, and
 * nothing but zeros or another such stream may follow.
 * @return 1 with `*entry`, 0 at the end, or the code also in `*e`: as for
 *         pack_open(), and CORE_EUNSUPPORTED as above. After a failure the pack gives that failure only;
 *         pack_failed_name() tells what was being read.
 */
int32_t pack_next(struct pack *p, struct pack_entry *entry, struct err *e);

/**
 * The next bytes of the current entry, at most PACK_BLOCK; holes come as
 * zeros. They are valid until the next call on the pack.
 * @param len  0 at the end, which means that all of them came and the
 *             format's checksum, where it has one, was right
 * @return 0 or the code also in `*e`: as for pack_next(), and
 *         CORE_EUNSUPPORTED for a compression method that is not read and
 *         CORE_EARCHIVE_ENCRYPTED. After these two pack_next() goes on, and in
 *         a ZIP with offsets also after CORE_EARCHIVE.
 */
int32_t pack_data(struct pack *p, const uint8_t **data, size_t *len, struct err *e);

/** The name, as stored, of the entry that was being read last, for messages; empty before the first. */
const uint8_t *pack_failed_name(const struct pack *p, uint32_t *len);

/** Bytes taken from the reader so far. */
uint64_t pack_bytes_read(const struct pack *p);

/** Lets the pack and its reader go; NULL is fine. */
void pack_close(struct pack *p);

/**
 * Whether a reader's bytes begin as one of the archives above: its magic
 * numbers and checksums, and for a compressed stream what is inside. An
 * archive behind a program that extracts it is not looked for.
 * @return 1 or 0; 0 too where the reader has no offsets or cannot be read; CORE_EMEMORY
 */
int32_t pack_sniff(struct reader *r);

/** As pack_sniff(), by the first bytes alone: 4 KiB, or where they are compressed, all of the first block. */
int32_t pack_sniff_bytes(const uint8_t *data, size_t len);

/** Opens a reader (ops next only) on the current entry's data, valid until the next pack_next(): for archives in archives. */
void reader_open_pack_entry(struct reader *r, struct pack *p, int32_t side);

#endif
