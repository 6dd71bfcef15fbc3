/* SPDX-License-Identifier: MIT */
/* The records of ZIP (APPNOTE 6.3.10, section 4.3) as bytes. For the files of pack/ only. */
#ifndef PACK_ZIP_RECORD_H
#define PACK_ZIP_RECORD_H

#include "base/buf.h"
#include "pack/zip.h"

#include <stddef.h>
#include <stdint.h>

enum {
	LOCAL_LEN = 30,
	CENTRAL_LEN = 46,
	END_LEN = 22,
	END64_LEN = 56,
	LOCATOR_LEN = 20,
	/** A descriptor behind the data: with its signature and long sizes, or short and bare. */
	DESCRIPTOR_MOST = 24,
	DESCRIPTOR_LEAST = 12,
};

#define LOCAL_MAGIC 0x04034b50u
#define CENTRAL_MAGIC 0x02014b50u
#define END_MAGIC 0x06054b50u
#define END64_MAGIC 0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u
#define DESCRIPTOR_MAGIC 0x08074b50u

/** General purpose bits. */
enum {
	ZIP_ENCRYPTED = 1,
	/** Sizes and checksum stand behind the data. */
	ZIP_DESCRIPTOR = 8,
	ZIP_STRONG = 64,
	ZIP_UTF8 = 2048,
	/** The local header is masked, because the directory is encrypted. */
	ZIP_MASKED = 8192,
};

static inline uint16_t le16(const uint8_t *s)
{
	return (uint16_t)(s[0] | s[1] << 8);
}

static inline uint32_t le32(const uint8_t *s)
{
	return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

static inline uint64_t le64(const uint8_t *s)
{
	return (uint64_t)le32(s) | (uint64_t)le32(s + 4) << 32;
}

/** One header, of either kind. */
struct zip_head {
	uint16_t bits, method;
	uint32_t crc;
	uint64_t packed, size;
	/** Lengths of what follows the fixed part. */
	uint16_t name_len, extra_len, comment_len;
	/** Central only. */
	uint64_t header_off;
	uint32_t attributes, disk;
	uint8_t made_by;
	/** Which of its numbers stand in the extra field instead. */
	unsigned long_size : 1, long_packed : 1, long_off : 1, long_disk : 1;
};

/** Reads the fixed part, LOCAL_LEN or CENTRAL_LEN bytes: 1, or 0 when it is none. */
int zip_read_local(const uint8_t *s, struct zip_head *h);
int zip_read_central(const uint8_t *s, struct zip_head *h);

/** What of the extra fields is of use. */
struct zip_extra {
	uint8_t has_mtime, has_owner, has_zip64;
	int64_t mtime_ns;
	uint32_t uid, gid;
	/** A name in UTF-8 that goes with the other one; NULL when there is none, or it is out of date. */
	const uint8_t *unicode;
	size_t unicode_len;
};

/**
 * Reads the extra fields, and puts long numbers into the head.
 * @param name  of `h->name_len` bytes
 * @return 1, or 0 when they are damaged: a field longer than what is there, or long numbers missing
 */
int zip_read_extra(struct zip_head *h, int central, const uint8_t *extra, const uint8_t *name,
		   struct zip_extra *out);

/** 1 when both names are the same as far as they are ASCII, whatever becomes of other characters. */
int zip_same_ascii(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/**
 * Whether the bytes at `s` are a descriptor of just these values; its form is
 * nowhere told, so each is tried.
 * @return its length, or 0
 */
size_t zip_descriptor(const uint8_t *s, size_t len, uint32_t crc, uint64_t packed, uint64_t size);

#endif
