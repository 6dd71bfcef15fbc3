/* SPDX-License-Identifier: MIT */
#include "compare/operand.h"

#include "base/alloc.h"
#include "io/feed.h"
#include "pack/pack.h"

int32_t operand_open(struct side *from, int s, struct reader *r, uint8_t *kind, struct err *err)
{
	struct plat_stat st;

	*kind = CORE_KIND_FILE;
	if (from->kind == CORE_SOURCE_MEMORY) {
		reader_open_memory(r, from->data, from->len, s);
		return 0;
	}
	if (from->kind == CORE_SOURCE_FEED) {
		reader_open_feed(r, from->feed, s);
		from->feed = NULL;
		return 0;
	}
	const char *path = (const char *)from->data;
	/* Asked before it is opened: a FIFO would wait for a writer, a device may do anything. */
	int rc = plat_stat_at(PLAT_CWD, path, 1, &st);
	if (rc != 0) {
		*err = err_sys(-rc, "open", s);
		return err->code;
	}
	*kind = st.kind;
	if (st.kind != CORE_KIND_FILE && st.kind != CORE_KIND_DIR && st.kind != CORE_KIND_BLOCK) {
		*err = err_of(CORE_EUNSUPPORTED, "open", s,
			      st.kind == CORE_KIND_FIFO   ? "it is a FIFO"
			      : st.kind == CORE_KIND_CHAR ? "it is a character device"
			                                  : "it is a socket");
		return err->code;
	}
	int32_t code = reader_open_file(r, PLAT_CWD, path, st.kind == CORE_KIND_DIR ? PLAT_DIR : 0, s, err);
	if (code == 0 && r->before.kind != st.kind) {
		reader_close(r);
		*err = err_of(CORE_ECHANGED, "open", s, "the kind changed while it was opened");
		return err->code;
	}
	return code;
}

int operand_is_archive(const struct side side[2], uint32_t flags, int s, const uint8_t kind[2], struct reader *r)
{
	if (kind[s] == CORE_KIND_DIR)
		return 0;
	if (side[s].archive)
		return 1;
	/* Beside a path in an archive it is a file, whatever is in it. */
	if (side[!s].inner)
		return 0;
	if (flags & CORE_COMPARE_ARCHIVE)
		return 1;
	return (kind[!s] == CORE_KIND_DIR || side[!s].archive) && r->random && pack_sniff(r);
}

void side_release(struct side *s)
{
	if (s->kind == CORE_SOURCE_PATH)
		mem_free(s->data);
	if (s->feed)
		feed_leave(s->feed);
	mem_free(s->inner);
	*s = (struct side){0};
}
