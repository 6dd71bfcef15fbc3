/* SPDX-License-Identifier: MIT */
/* Any bytes as the header of an answer, as single fields, and as addresses. */
#include "wire/address.h"
#include "wire/answer.h"
#include "wire/field.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* A copy of its own, so that a byte too far is seen. */
static char *copy(const uint8_t *data, size_t len)
{
	char *out = malloc(len > 0 ? len : 1);

	check(out != NULL);
	memcpy(out, data, len);
	return out;
}

static void fields(const char *text, size_t len)
{
	struct content_range r;
	struct digest_set digests = {0};
	struct address a;
	uint32_t conflicts = 0;
	uint64_t n;

	if (field_content_range(text, len, &r)) {
		check(r.satisfied ? r.first <= r.last && r.last < r.total : r.total != UINT64_MAX);
		check(!r.satisfied || r.last - r.first + 1 > 0);
	}
	if (field_length(text, len, &n))
		check(n < 1000000000000000000u);
	if (field_retry_after(text, len, 0, &n))
		check(n < 1000000000000000000u);
	field_is_identity(text, len);
	if (field_is_strong(text, len))
		check(len >= 2);
	field_repr_digest(text, len, &digests, &conflicts);
	field_checksum(DIGEST_CRC64NVME, text, len, &digests, &conflicts);
	check(digests.have < 1u << DIGEST_KINDS && (digests.have & conflicts) == 0);
	/* The same again changes nothing. */
	const struct digest_set before = digests;
	field_repr_digest(text, len, &digests, &conflicts);
	check(digests.have == before.have);
	if (address_parse(text, len, &a))
		address_is_private(&a);
	name_is_local(text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct answer a;
	const uint8_t *at = data, *end = data + len;

	a = (struct answer){.length = UINT64_MAX};
	while (at < end) {
		const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
		const size_t n = (size_t)((line ? line + 1 : end) - at);
		char *text = copy(at, n);
		int rc = answer_line(&a, text, n, 0);
		check(memchr(a.etag, 0, sizeof a.etag) && memchr(a.location, 0, sizeof a.location));
		check(rc <= 0 || a.status >= 200);
		const char *colon = memchr(text, ':', n);
		if (colon)
			fields(colon + 1, n - (size_t)(colon + 1 - text));
		free(text);
		at += n;
		if (rc != 0)
			break;
	}
	char *whole = copy(data, len);
	fields(whole, len);
	free(whole);
	return 0;
}
