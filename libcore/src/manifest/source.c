/* SPDX-License-Identifier: MIT */
#include "manifest/source.h"

#include <string.h>

enum { READ_BYTES = 64 << 10 };

void manifest_source_begin(struct manifest_source *s, const struct reader *r, uint32_t format, uint32_t digests)
{
	*s = (struct manifest_source){.reader = *r};
	manifest_begin(&s->parser, format, digests);
}

void manifest_source_end(struct manifest_source *s)
{
	reader_close(&s->reader);
	manifest_free(&s->parser);
	buf_free(&s->buf);
}

/* Reads on, behind what is not yet parsed: 0, READER_WAIT, CORE_EMEMORY, or the code also in `*e`. */
static int32_t read_on(struct manifest_source *s, struct task *t, struct err *e)
{
	size_t got = 0;

	if (s->at > 0) {
		s->buf.len -= s->at;
		memmove(s->buf.data, s->buf.data + s->at, s->buf.len);
		s->at = 0;
	}
	if (buf_reserve(&s->buf, READ_BYTES) != 0)
		return CORE_EMEMORY;
	int32_t rc = reader_next(&s->reader, t, s->buf.data + s->buf.len, READ_BYTES, &got, e);
	if (rc != 0)
		return rc;
	s->buf.len += got;
	s->ended = got == 0;
	/* What was read is all there was, if nobody changed it meanwhile. */
	return s->ended ? reader_check(&s->reader, e) : 0;
}

int32_t manifest_next(struct manifest_source *s, struct task *t, struct manifest_entry *out, struct err *e)
{
	for (;;) {
		size_t left = s->buf.len - s->at;
		const uint8_t *from = left > 0 ? s->buf.data + s->at : NULL;
		const uint8_t *end = left > s->seen ? memchr(from + s->seen, '\n', left - s->seen) : NULL;
		size_t len = end ? (size_t)(end - from) : left;
		if (len > MANIFEST_LINE) {
			*e = err_of(CORE_EMANIFEST, "read manifest", s->reader.side, "line {n} is longer than 1 MiB");
			e->n = s->parser.line + 1;
			return e->code;
		}
		if (!end && !s->ended) {
			s->seen = left;
			int32_t rc = read_on(s, t, e);
			if (rc != 0)
				return rc == READER_WAIT ? MANIFEST_WAIT : rc;
			continue;
		}
		s->seen = 0;
		/* A line without its end: of what is being written, it is cut off; else it is the last. */
		if (!end && (left == 0 || s->parser.partial)) {
			int32_t rc = manifest_end(&s->parser, e);
			e->side = s->reader.side;
			return rc;
		}
		s->at += len + (end != NULL);
		int32_t rc = manifest_line(&s->parser, from, len, out, e);
		if (rc < 0 && rc != CORE_EMEMORY)
			e->side = s->reader.side;
		if (rc != 0)
			return rc;
	}
}
