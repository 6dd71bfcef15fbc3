/* SPDX-License-Identifier: MIT */
/*
 * Values of header fields: read from bytes that a server chose. Nothing here
 * allocates, and no value is trusted further than it was understood.
 */
#ifndef WIRE_FIELD_H
#define WIRE_FIELD_H

#include "base/digest.h"

#include <stddef.h>
#include <stdint.h>

/** Content-Range: RFC 9110, section 14.4. */
struct content_range {
	/** 0 where a star stands for the range, as a range beyond the end is answered: only `total` counts then. */
	int satisfied;
	uint64_t first, last;
	/** UINT64_MAX where the server does not say. */
	uint64_t total;
};

/** 1 when it is `bytes` with sensible numbers: first <= last < total. */
int field_content_range(const char *value, size_t len, struct content_range *out);
/** Content-Length: digits alone. 1, or 0. */
int field_length(const char *value, size_t len, uint64_t *out);
/**
 * Retry-After: seconds, or a date in the form of RFC 9110, section 5.6.7.
 * @param now  seconds since 1970
 * @param out  seconds from now on, 0 for a date that has passed
 * @return 1, or 0 when it is neither
 */
int field_retry_after(const char *value, size_t len, int64_t now, uint64_t *out);
/** Content-Encoding: 1 when the body is as it is. */
int field_is_identity(const char *value, size_t len);
/** An entity tag in quotes that is not weak, and so stands for the bytes. */
int field_is_strong(const char *value, size_t len);
/**
 * Repr-Digest (RFC 9530): adds the digests it holds to `out`. A field that is
 * no dictionary of byte sequences (RFC 9651) adds nothing. Two digests of one
 * kind that differ are both dropped, now and later.
 */
void field_repr_digest(const char *value, size_t len, struct digest_set *out, uint32_t *conflicts);
/** A checksum as object stores give it, in base64: added like those above. */
void field_checksum(enum digest_kind kind, const char *value, size_t len, struct digest_set *out,
		    uint32_t *conflicts);

#endif
