/* SPDX-License-Identifier: MIT */
/*
 * Included before libarchive's 7z reader and nothing else. It changes three things that cannot be set from outside:
 *
 *  - Names do not go through the locale. 7z stores UTF-16; libarchive would make normal form C of it and then whatever
 *    the locale has, with marks for what that lacks, so that two names could become one. Here they become UTF-8 as
 *    they are; half of a surrogate pair, which is no character, becomes the three bytes its number would have.
 *  - No single piece of memory is larger than 1 GiB, whatever the archive says.
 *  - Nor is the memory of the LZMA and PPMd decoders, which is only known from the archive.
 */
#include "archive_platform.h"

#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive_entry.h"
#include "archive_entry_locale.h"
#include "archive_ppmd7_private.h"
#include "archive_private.h"
#include "archive_string.h"

#define SUITE_MOST_MEMORY ((size_t)1 << 30)

static void *suite_realloc(void *p, size_t size)
{
	return size > SUITE_MOST_MEMORY ? NULL : realloc(p, size);
}

static void *suite_calloc(size_t count, size_t size)
{
	return size != 0 && count > SUITE_MOST_MEMORY / size ? NULL : calloc(count, size);
}

static lzma_ret suite_raw_decoder(lzma_stream *z, const lzma_filter *filters)
{
	return lzma_raw_decoder_memusage(filters) > SUITE_MOST_MEMORY ? LZMA_MEMLIMIT_ERROR : lzma_raw_decoder(z, filters);
}

static unsigned suite_unit(const unsigned char *s, size_t bytes, size_t at)
{
	return at + 1 < bytes ? (unsigned)(s[at] | s[at + 1] << 8) : 0;
}

/* Sets the name from UTF-16, the low byte first, up to its end or a NUL: 0 or -1. */
static int suite_set_name(struct archive_entry *entry, const char *utf16, size_t bytes)
{
	const unsigned char *s = (const unsigned char *)utf16;
	unsigned char *out = malloc(bytes / 2 * 3 + 1), *to = out;

	if (!out)
		return -1;
	for (size_t at = 0; suite_unit(s, bytes, at) != 0; at += 2) {
		uint32_t c = suite_unit(s, bytes, at), low = suite_unit(s, bytes, at + 2);
		if ((c & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
			at += 2;
		}
		if (c < 0x80) {
			*to++ = (unsigned char)c;
		} else if (c < 0x800) {
			*to++ = (unsigned char)(0xc0 | c >> 6);
			*to++ = (unsigned char)(0x80 | (c & 0x3f));
		} else {
			if (c < 0x10000) {
				*to++ = (unsigned char)(0xe0 | c >> 12);
			} else {
				*to++ = (unsigned char)(0xf0 | c >> 18);
				*to++ = (unsigned char)(0x80 | (c >> 12 & 0x3f));
			}
			*to++ = (unsigned char)(0x80 | (c >> 6 & 0x3f));
			*to++ = (unsigned char)(0x80 | (c & 0x3f));
		}
	}
	*to = 0;
	archive_entry_copy_pathname(entry, (const char *)out);
	free(out);
	return 0;
}

/* A target with a NUL in it is none; the link is then left without. */
static int suite_set_symlink(struct archive_entry *entry, const char *target, size_t len)
{
	if (memchr(target, 0, len) == NULL)
		archive_entry_copy_symlink(entry, target);
	return 0;
}

#define malloc(size) suite_realloc(NULL, size)
#define realloc(p, size) suite_realloc(p, size)
#define calloc(count, size) suite_calloc(count, size)
#define lzma_raw_decoder(z, filters) suite_raw_decoder(z, filters)
#undef PPMD7_MAX_MEM_SIZE
#define PPMD7_MAX_MEM_SIZE 0x40000000u
#undef archive_entry_copy_pathname_l
#define archive_entry_copy_pathname_l(entry, name, len, conversion) suite_set_name(entry, name, len)
#undef archive_entry_copy_symlink_l
#define archive_entry_copy_symlink_l(entry, target, len, conversion) suite_set_symlink(entry, target, len)
/* Only asked whether it is there. */
#define archive_string_conversion_from_charset(a, charset, best_effort) ((struct archive_string_conv *)(a))
