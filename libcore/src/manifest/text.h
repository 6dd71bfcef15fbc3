/* SPDX-License-Identifier: MIT */
/* Bytes and times as text, and back. */
#ifndef MANIFEST_TEXT_H
#define MANIFEST_TEXT_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

/** Room for what text_of_time() writes, with its NUL. */
enum { TIME_TEXT = 40 };

/** Appends hexadecimal digits, in lower case: 0 or CORE_EMEMORY. */
int32_t text_append_hex(struct buf *b, const uint8_t *data, size_t len);
/** Reads `2 * len` hexadecimal digits of either case: 1, or 0 when some are none. */
int text_read_hex(const uint8_t *text, uint8_t *out, size_t len);

/** Appends base64 with padding (RFC 4648, section 4): 0 or CORE_EMEMORY. */
int32_t text_append_base64(struct buf *b, const uint8_t *data, size_t len);
/** Appends what base64 stands for: 1; 0 when it is none; CORE_EMEMORY. */
int32_t text_read_base64(struct buf *b, const uint8_t *text, size_t len);

/** `2026-11-21T06:23:09.123456789Z` (ISO 8601, UTC), NUL-terminated, of nanoseconds since 1970: its length. */
size_t text_of_time(int64_t ns, char out[TIME_TEXT]);
/** Reads such a text, with no or up to 9 digits of the second's fraction: 1, or 0 when it is none or out of range. */
int text_read_time(const uint8_t *text, size_t len, int64_t *ns);

#endif
