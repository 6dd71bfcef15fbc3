/* SPDX-License-Identifier: MIT */
/* What the header of one answer says, as far as it matters to a reader of bytes. */
#ifndef WIRE_ANSWER_H
#define WIRE_ANSWER_H

#include "base/digest.h"
#include "base/err.h"
#include "wire/field.h"

#include <stddef.h>
#include <stdint.h>

enum { ETAG_BYTES = 256, LOCATION_BYTES = 8192, HEADER_BYTES = 64 << 10 };

struct answer {
	/** Bytes of all header lines, interim answers with theirs. */
	size_t bytes;
	unsigned status;
	/** HTTP/2: frames say where the body ends. */
	int framed;
	/** UINT64_MAX where it is not said. */
	uint64_t length;
	int chunked;
	/** The body is not as it is stored. */
	int encoded;
	/** Two fields contradict each other, or one makes no sense. */
	int contradicts;
	int has_range;
	struct content_range range;
	/** A strong entity tag, or empty. */
	char etag[ETAG_BYTES];
	/** Empty where there is none; `long_location` where it is longer than this. */
	char location[LOCATION_BYTES];
	int long_location;
	int has_retry_after;
	/** Seconds from now on. */
	uint64_t retry_after;
	struct digest_set digests;
	/** Digests that contradict each other, and that an object store made of parts. */
	uint32_t conflicts;
	int composite;
};

/**
 * Takes in one line of a header, with or without its line end.
 * @param now  seconds since 1970
 * @return 1 when it was the last line of a final answer, 0 when more follow, -1 when there are too many
 */
int answer_line(struct answer *a, const char *line, size_t len, int64_t now);

#endif
