/* SPDX-License-Identifier: MIT */
/*
 * ZIP by its central directory, over a reader with offsets (APPNOTE 6.3.10).
 * Every entry's local header is read too and held against it, so that what
 * two programs would read differently is told; spans that overlap are
 * refused. After zip_open() a zip does not change: any number of threads may
 * read members of it at once, each through a reader of its own.
 */
#ifndef PACK_ZIP_H
#define PACK_ZIP_H

#include "base/err.h"
#include "io/reader.h"
#include "pack/pack.h"

#include <stdint.h>

/** Compression methods (APPNOTE 4.4.5) that are read. */
enum zip_method {
	ZIP_STORED = 0,
	ZIP_DEFLATE = 8,
	ZIP_BZIP2 = 12,
	ZIP_ZSTD = 93,
	ZIP_XZ = 95,
};

/** What of the two headers of an entry does not agree. Bits. */
enum zip_differential {
	ZIP_DIFFERS_NAME = 1,
	ZIP_DIFFERS_METHOD = 2,
	ZIP_DIFFERS_SIZE = 4,
	ZIP_DIFFERS_CRC = 8,
	/** Encryption, UTF-8, data descriptor. */
	ZIP_DIFFERS_FLAGS = 16,
	/** There is no local header where it should be. */
	ZIP_DIFFERS_MISSING = 32,
	/** A Unicode name (extra field 0x7075) that is valid and another one than the name. */
	ZIP_DIFFERS_UNICODE = 64,
};

/** An entry as the central directory has it; valid as long as the zip. */
struct zip_entry {
	/** As in struct pack_entry. */
	const uint8_t *path, *raw;
	uint32_t path_len, raw_len;
	/** pack_flaw bits; PACK_FLAW_DIFFERENTIAL when `differs` is not 0. */
	uint32_t flaws;
	/** zip_differential bits. */
	uint32_t differs;
	uint32_t crc;
	uint16_t method;
	/** General purpose bits. */
	uint16_t bits;
	/** core_kind. The target of a symbolic link is its data. */
	uint8_t kind;
	uint8_t encrypted;
	uint8_t has_mode, has_owner, has_mtime;
	uint32_t mode, uid, gid;
	/** Nanoseconds since 1970. Only from the Unix extra fields: DOS times are in no known time zone. */
	int64_t mtime_ns;
	/** Bytes in the archive, and decoded. */
	uint64_t packed, size;
	/** Where in the reader the local header and the data begin; UINT64_MAX where ZIP_DIFFERS_MISSING. */
	uint64_t header_off, data_off;
};

struct zip;

/**
 * Reads the whole directory.
 * @param r       with offsets; must stay open and where it is until zip_close(), which does not close it
 * @param limits  NULL for the defaults
 * @return CORE_EARCHIVE for no ZIP, a damaged or overlapping one or one of
 *         several volumes, CORE_EARCHIVE_BOMB, CORE_EARCHIVE_ENCRYPTED (the
 *         directory itself), CORE_EMEMORY, or what the reader fails with
 */
int32_t zip_open(struct zip **out, struct reader *r, const struct pack_limits *limits, struct err *e);

/** How many entries there are; names may occur more than once. */
uint64_t zip_count(const struct zip *z);
/** One of them, in the order of the directory. */
const struct zip_entry *zip_at(const struct zip *z, uint64_t index);
/** Lets the zip go, after its readers; NULL is fine. */
void zip_close(struct zip *z);

/** 1 when a member's method is read and it is not encrypted. */
int zip_is_readable(const struct zip_entry *z);

/**
 * Opens a reader (ops next; size known) on a member's decoded bytes. Its end
 * comes only after as many bytes as the directory says, with the right CRC;
 * else reading fails with CORE_EARCHIVE.
 * @return CORE_EUNSUPPORTED for a method that is not read,
 *         CORE_EARCHIVE_ENCRYPTED, CORE_EARCHIVE where the member has no
 *         place, CORE_EMEMORY
 */
int32_t reader_open_zip_member(struct reader *r, const struct zip *z, uint64_t index, int32_t side,
			       struct err *e);

/**
 * Opens a reader with offsets on the bytes of a member as they are stored:
 * the same method and the same bytes are the same content. It does not close
 * the zip's reader. As above, but any method will do; not for encrypted ones.
 */
int32_t reader_open_zip_raw(struct reader *r, const struct zip *z, uint64_t index, int32_t side,
			    struct err *e);

#endif
