/* SPDX-License-Identifier: MIT */
#include "compare/operand.h"

#include "core.h"

static int32_t open_path(const char *path, int s, struct reader *r, uint8_t *kind, struct err *e)
{
	struct plat_stat st;

	/* Asked before it is opened: a FIFO would wait for a writer, a device may do anything. */
	int rc = plat_stat_at(PLAT_CWD, path, 1, &st);
	if (rc != 0) {
		*e = err_sys(-rc, "open", s);
		return e->code;
	}
	*kind = st.kind;
	if (st.kind != CORE_KIND_FILE && st.kind != CORE_KIND_DIR && st.kind != CORE_KIND_BLOCK) {
		*e = err_of(CORE_EUNSUPPORTED, "open", s,
			    st.kind == CORE_KIND_FIFO   ? "it is a FIFO"
			    : st.kind == CORE_KIND_CHAR ? "it is a character device"
			                                : "it is a socket");
		return e->code;
	}
	int32_t code = reader_open_file(r, PLAT_CWD, path, st.kind == CORE_KIND_DIR ? PLAT_DIR : 0, s, e);
	if (code == 0 && r->before.kind != st.kind) {
		reader_close(r);
		*e = err_of(CORE_ECHANGED, "open", s, "the kind changed while it was opened");
		return e->code;
	}
	return code;
}

int32_t operands_open(struct side side[2], struct reader reader[2], uint8_t kind[2], struct err *e)
{
	for (int s = 0; s < 2; s++) {
		kind[s] = CORE_KIND_FILE;
		if (side[s].kind == CORE_SOURCE_MEMORY)
			reader_open_memory(&reader[s], side[s].data, side[s].len, s);
		if (side[s].kind != CORE_SOURCE_PATH)
			continue;
		int32_t rc = open_path((const char *)side[s].data, s, &reader[s], &kind[s], e);
		if (rc != 0)
			return rc;
	}
	for (int s = 0; s < 2; s++) {
		if (side[s].kind != CORE_SOURCE_FEED)
			continue;
		reader_open_feed(&reader[s], side[s].feed, s);
		side[s].feed = NULL;
	}
	return 0;
}
