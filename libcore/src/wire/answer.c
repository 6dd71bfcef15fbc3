/* SPDX-License-Identifier: MIT */
#include "wire/answer.h"

#include <string.h>

static int is_named(const char *name, size_t len, const char *lower)
{
	size_t i = 0;

	for (; i < len && lower[i]; i++) {
		if ((name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]) != lower[i])
			return 0;
	}
	return i == len && lower[i] == '\0';
}

static void take_length(struct answer *a, const char *value, size_t len)
{
	uint64_t n;

	if (!field_length(value, len, &n) || (a->length != UINT64_MAX && a->length != n))
		a->contradicts = 1;
	else
		a->length = n;
}

static void take_range(struct answer *a, const char *value, size_t len)
{
	if (a->has_range || !field_content_range(value, len, &a->range))
		a->contradicts = 1;
	a->has_range = 1;
}

static void take_field(struct answer *a, const char *name, size_t name_len, const char *value, size_t len, int64_t now)
{
	if (is_named(name, name_len, "content-length")) {
		take_length(a, value, len);
	} else if (is_named(name, name_len, "content-range")) {
		take_range(a, value, len);
	} else if (is_named(name, name_len, "content-encoding")) {
		a->encoded |= !field_is_identity(value, len);
	} else if (is_named(name, name_len, "transfer-encoding")) {
		/* Anything but chunked was not asked for. */
		a->chunked |= is_named(value, len, "chunked");
		a->encoded |= !is_named(value, len, "chunked");
	} else if (is_named(name, name_len, "etag")) {
		if (len < sizeof a->etag && field_is_strong(value, len)) {
			memcpy(a->etag, value, len);
			a->etag[len] = '\0';
		}
	} else if (is_named(name, name_len, "location")) {
		a->long_location = len >= sizeof a->location || memchr(value, 0, len);
		if (!a->long_location) {
			memcpy(a->location, value, len);
			a->location[len] = '\0';
		}
	} else if (is_named(name, name_len, "retry-after")) {
		a->has_retry_after = field_retry_after(value, len, now, &a->retry_after);
	} else if (is_named(name, name_len, "repr-digest")) {
		field_repr_digest(value, len, &a->digests, &a->conflicts);
	} else if (is_named(name, name_len, "x-amz-checksum-crc64nvme")) {
		field_checksum(DIGEST_CRC64NVME, value, len, &a->digests, &a->conflicts);
	} else if (is_named(name, name_len, "x-amz-checksum-sha256")) {
		field_checksum(DIGEST_SHA256, value, len, &a->digests, &a->conflicts);
	} else if (is_named(name, name_len, "x-amz-checksum-type")) {
		a->composite = !is_named(value, len, "full_object");
	}
}

/* A status line: `HTTP/1.1 200 OK`, `HTTP/2 200`. It begins an answer. */
static void take_status(struct answer *a, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	const size_t bytes = a->bytes;

	memset(a, 0, sizeof *a);
	a->bytes = bytes;
	a->length = UINT64_MAX;
	a->framed = len > 5 && line[5] != '1';
	for (int i = 1; i <= 3 && space && space + i < line + len && space[i] >= '0' && space[i] <= '9'; i++)
		a->status = a->status * 10 + (unsigned)(space[i] - '0');
}

int answer_line(struct answer *a, const char *line, size_t len, int64_t now)
{
	a->bytes += len;
	if (a->bytes > HEADER_BYTES)
		return -1;
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len == 0) {
		if (a->composite)
			a->digests.have &= ~(1u << DIGEST_CRC64NVME | 1u << DIGEST_SHA256);
		return a->status >= 200;
	}
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0) {
		take_status(a, line, len);
		return 0;
	}
	const char *colon = memchr(line, ':', len);
	if (!colon)
		return 0;
	const char *value = colon + 1;
	size_t value_len = len - (size_t)(value - line);
	while (value_len > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		value_len--;
	}
	while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
		value_len--;
	take_field(a, line, (size_t)(colon - line), value, value_len, now);
	return 0;
}
