/* SPDX-License-Identifier: MIT */
#include "compare/range.h"

#include "compare/bytes.h"
#include "compare/record.h"

/* Bytes of one record that carries them. */
enum { RANGE_BYTES = 4096 };

#define NOWHERE UINT64_MAX

int32_t range_send(struct pair *p, struct task *t, size_t at)
{
	int with_bytes = (p->flags & CORE_COMPARE_RANGE_BYTES) != 0;
	size_t from = at - (size_t)p->range_len;
	int32_t rc = 1;

	if (p->limit_records == 0 || p->sent < p->limit_records)
		rc = record_range(p->run, t, p->range_off, p->range_len, with_bytes ? p->buf[0] + from : NULL,
				  with_bytes ? p->buf[1] + from : NULL);
	if (rc == 1) {
		p->sent++;
		p->differing += p->range_len;
		p->range_len = 0;
	}
	return rc;
}

int32_t range_list(struct pair *p, struct segment *s, struct task *t, size_t n)
{
	const uint8_t *a = p->buf[0], *b = p->buf[1];
	int with_bytes = (p->flags & CORE_COMPARE_RANGE_BYTES) != 0;

	for (;;) {
		size_t at = p->listed;
		if (p->range_len == 0) {
			size_t same = bytes_differ_at(a + at, b + at, n - at);
			if (p->first == NOWHERE)
				s->lines += bytes_lines(a + at, same);
			p->listed = at += same;
			if (at == n)
				return 1;
			p->range_off = p->next + at;
			if (p->first == NOWHERE)
				p->first = p->range_off;
		}
		while (at < n && a[at] != b[at] && !(with_bytes && p->range_len == RANGE_BYTES)) {
			at++;
			p->range_len++;
		}
		p->listed = at;
		if (at == n && !with_bytes)
			return 1;
		int32_t rc = range_send(p, t, at);
		if (rc != 1)
			return rc;
	}
}
