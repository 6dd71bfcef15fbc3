/* SPDX-License-Identifier: MIT */
#include "compare/operands.h"

#include "base/alloc.h"
#include "pack/pack.h"

void side_free(struct side *s)
{
	if (s->kind == CORE_SOURCE_PATH || s->kind == CORE_SOURCE_URL)
		mem_free(s->data);
	if (s->feed)
		feed_leave(s->feed);
	if (s->opener)
		s->opener->ops->del(s->opener);
	if (s->map)
		map_unref(s->map);
	mem_free(s->inner);
	*s = (struct side){0};
}

int32_t side_open(struct side *from, int32_t s, struct reader *r, uint8_t *kind, struct err *err)
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
	if (from->kind == CORE_SOURCE_MAP) {
		/* Its files are opened one by one. */
		*r = (struct reader){.side = s};
		*kind = CORE_KIND_DIR;
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

static int32_t open_remote(struct operands *o, int s, struct reader *r, struct err *err)
{
	const struct config *c = o->config;
	const uint32_t bytes_only = CORE_COMPARE_LOCATE | CORE_COMPARE_RANGES | CORE_COMPARE_NO_SIZE_PRECHECK;
	const int streamed = o->side[!s].kind == CORE_SOURCE_FEED, whole = c->skip[s] == 0 && c->limit == 0;
	const struct reader_want want = {
		.skip = c->skip[s],
		.limit = c->limit,
		.size_first = !streamed && !(c->flags & bytes_only),
		.digest = !streamed && whole && !(c->flags & (CORE_COMPARE_RANGES | CORE_COMPARE_PROVE_BYTES)),
	};

	if (!o->side[s].opener) {
		*err = err_of(CORE_EUNSUPPORTED, "open", s, "this library was built without HTTP");
		return err->code;
	}
	return o->side[s].opener->ops->open(o->side[s].opener, r, &want, s, err);
}

/* What is here is opened first: nobody is asked for a side whose other is missing. Streams, which are read once, last. */
static int turn_of(const struct side *s)
{
	return s->kind == CORE_SOURCE_URL ? 1 : s->kind == CORE_SOURCE_FEED ? 2 : 0;
}

int32_t operands_open(struct operands *o, struct task *t, struct err *err)
{
	unsigned remote = 0;
	int32_t rc = 0;

	for (int s = 0; s < 2; s++)
		remote += o->side[s].kind == CORE_SOURCE_URL;
	for (int turn = 0; turn < 3; turn++) {
		if (turn == 1 && remote > 0 && o->pair.places == 0) {
			if (!gate_enter(&o->gate, remote, t))
				return READER_WAIT;
			o->pair.places = remote;
		}
		for (int s = 0; s < 2; s++) {
			if (o->opened[s] || turn_of(&o->side[s]) != turn)
				continue;
			o->kind[s] = CORE_KIND_FILE;
			rc = turn == 1 ? open_remote(o, s, &o->pair.side[s], err)
				       : side_open(&o->side[s], s, &o->pair.side[s], &o->kind[s], err);
			if (rc != 0)
				return rc;
			o->opened[s] = 1;
			if (o->side[s].manifest != 0 && o->kind[s] != CORE_KIND_FILE) {
				*err = err_of(CORE_EUNSUPPORTED, "open", s,
					      o->kind[s] == CORE_KIND_DIR ? "it is a directory, not a manifest" : "it is a device, not a manifest");
				return err->code;
			}
		}
	}
	for (int s = 0; s < 2 && rc == 0; s++) {
		if (o->side[s].kind != CORE_SOURCE_MAP)
			rc = reader_ready(&o->pair.side[s], t, err);
	}
	return rc;
}

int operands_reopen(struct operands *o)
{
	/* A stream is read once, and a server is asked once: neither can be opened again. */
	for (int s = 0; s < 2; s++) {
		if (o->opened[s] && turn_of(&o->side[s]) > 0)
			return 0;
	}
	pair_close(&o->pair);
	o->opened[0] = o->opened[1] = 0;
	return 1;
}

int operands_is_archive(struct operands *o, int s)
{
	const struct side *side = o->side;

	if (o->kind[s] == CORE_KIND_DIR || side[s].manifest != 0)
		return 0;
	if (side[s].archive)
		return 1;
	/* Beside a path in an archive it is a file, whatever is in it. */
	if (side[!s].inner)
		return 0;
	if (o->config->flags & CORE_COMPARE_ARCHIVE)
		return 1;
	if (o->kind[!s] != CORE_KIND_DIR && !side[!s].archive && side[!s].manifest == 0)
		return 0;
	return o->pair.side[s].random && pack_sniff(&o->pair.side[s]) == 1;
}

void operands_close(struct operands *o)
{
	gate_cancel(&o->gate);
	pair_close(&o->pair);
}
