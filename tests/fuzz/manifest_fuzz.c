/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a manifest: the first says in which format, 0 for whichever it
 * looks like, and whether its end may be missing. What is read has a name, and
 * written in the format that says all it is read again as the same.
 */
#include "manifest/source.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { BOTH = 1 << DIGEST_SHA256 | 1 << DIGEST_BLAKE3 };

static void check(int holds)
{
	if (!holds)
		abort();
}

static int same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

/* Reads the first lines of a list that was written here, up to an entry. */
static void next_line(struct manifest_parser *p, const struct buf *b, size_t *at, struct manifest_entry *out, int32_t want)
{
	struct err e;
	const uint8_t *end = memchr(b->data + *at, '\n', b->len - *at);

	check(end != NULL);
	check(manifest_line(p, b->data + *at, (size_t)(end - b->data) - *at, out, &e) == want);
	*at = (size_t)(end - b->data) + 1;
}

static void write_again(const struct manifest_entry *m)
{
	enum digest_kind kind = m->digests & 1u << DIGEST_BLAKE3 ? DIGEST_BLAKE3 : DIGEST_SHA256;
	struct manifest_parser p;
	struct manifest_entry again;
	struct buf b = {0};
	size_t at = 0;

	check(manifest_write_begin(&b, CORE_MANIFEST_SUITE, kind, 0) == 0);
	check(manifest_write(&b, CORE_MANIFEST_SUITE, m) == 1);
	check(manifest_write_end(&b, CORE_MANIFEST_SUITE, 1) == 0);
	manifest_begin(&p, CORE_MANIFEST_SUITE, 0);
	next_line(&p, &b, &at, &again, 0);
	next_line(&p, &b, &at, &again, 1);
	check(same(again.path, again.path_len, m->path, m->path_len));
	check(again.kind == m->kind && again.known == m->known && again.error == m->error);
	check(!(m->known & MANIFEST_SIZE) || again.size == m->size);
	check(!(m->known & MANIFEST_MTIME) || again.mtime_ns == m->mtime_ns);
	check(!(m->known & MANIFEST_CONTENT) || memcmp(again.digest, m->digest, sizeof m->digest) == 0);
	check(m->kind != CORE_KIND_SYMLINK || m->error != 0 || same(again.target, again.target_len, m->target, m->target_len));
	next_line(&p, &b, &at, &again, 0);
	check(at == b.len && p.ended);
	manifest_free(&p);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct manifest_source s;
	struct manifest_entry m;
	struct reader r = {0};
	struct err e;
	int32_t rc;

	if (len == 0)
		return 0;
	const unsigned how = (unsigned)(data[0] - '0') % 12;
	reader_open_memory(&r, data + 1, len - 1, 0);
	manifest_source_begin(&s, &r, how % 6, BOTH);
	s.parser.partial = how >= 6;
	while ((rc = manifest_next(&s, NULL, &m, &e)) == 1) {
		check(m.path_len > 0 && m.path_len < len);
		check(m.kind >= CORE_KIND_FILE && m.kind <= CORE_KIND_UNKNOWN);
		check(!(m.known & MANIFEST_CONTENT) || (m.digests & BOTH) != 0);
		/* Without a flaw it leads nowhere but down. */
		if (!(m.flaws & PACK_FLAW_NUL))
			check(!memchr(m.path, 0, m.path_len));
		if (!(m.flaws & (PACK_FLAW_ABSOLUTE | PACK_FLAW_DOTDOT)))
			check(m.path[0] != '/' && !(m.path_len >= 2 && memcmp(m.path, "..", 2) == 0 && (m.path_len == 2 || m.path[2] == '/')));
		write_again(&m);
	}
	check(rc == 0 || rc == CORE_EMANIFEST);
	manifest_source_end(&s);
	return 0;
}
