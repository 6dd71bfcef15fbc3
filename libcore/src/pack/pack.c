/* SPDX-License-Identifier: MIT */
#include "pack/format.h"

#include "base/alloc.h"
#include "pack/name.h"
#include "pack/nested.h"

#include <string.h>

/* ----------------------------------------------------------------- limits */

int32_t pack_limit_err(const struct pack_limits *limits, enum pack_limit which, int32_t side, uint64_t at, struct err *e)
{
	static const char *const words[] = {
		[PACK_LIMIT_BYTES] = "its content is more than {n} bytes, the limit; --max-bytes raises it",
		[PACK_LIMIT_RATIO] = "it decodes to more than {n} times its size, the limit; --max-ratio raises it",
		[PACK_LIMIT_ENTRIES] = "its entries are more than {n}, the limit; --max-entries raises it",
		[PACK_LIMIT_NAME] = "a name or link target in it is longer than {n} bytes, the limit; --max-name raises it",
	};
	const uint64_t value[] = {limits->bytes, limits->ratio, limits->entries, limits->name};

	*e = err_of(CORE_EARCHIVE_BOMB, "read the archive", side, words[which]);
	e->n = value[which];
	e->at = at + 1;
	return e->code;
}

int32_t pack_over(const struct pack *p, enum pack_limit which, struct err *e)
{
	return pack_limit_err(&p->limits, which, p->in.from.side, input_where(&p->in), e);
}

/* ------------------------------------------------------------------ entry */

void entry_begin(struct pack *p)
{
	p->entry = (struct pack_entry){.index = p->entries, .size = UINT64_MAX};
	p->text.len = 0;
	p->attrs.len = 0;
	p->raw = p->path = p->target = (struct piece){0};
	p->left = 0;
	p->padding = 0;
	p->entry_given = 0;
	p->data_over = 0;
	p->entry_err = (struct err){0};
}

static int32_t no_memory(const struct pack *p, struct err *e)
{
	return pack_fail(p, CORE_EMEMORY, "out of memory", e);
}

static int32_t put(struct pack *p, struct piece *piece, const void *data, size_t len, struct err *e)
{
	*piece = (struct piece){p->text.len, (uint32_t)len, 1};
	return buf_append(&p->text, data, len) == 0 ? 0 : no_memory(p, e);
}

int32_t entry_name(struct pack *p, const uint8_t *raw, size_t len, struct err *e)
{
	size_t path_len;

	if (len > p->limits.name)
		return pack_over(p, PACK_LIMIT_NAME, e);
	int32_t rc = put(p, &p->raw, raw, len, e);
	if (rc == 0)
		rc = put(p, &p->path, raw, len, e);
	if (rc != 0)
		return rc;
	uint8_t *path = p->text.data + p->path.off;
	if (len > 0)
		p->entry.flaws |= name_path(raw, len, path, &path_len);
	else
		p->entry.flaws |= name_path(NULL, 0, NULL, &path_len);
	if (path_len == 0 && p->entry.kind != CORE_KIND_DIR) {
		/* "/" is what ar calls its table of symbols; "." and "./" name what they stand in, which is no file. */
		memcpy(path, p->text.data + p->raw.off, len);
		p->entry.flaws |= PACK_FLAW_EMPTY;
	} else {
		p->path.len = (uint32_t)path_len;
	}
	return 0;
}

int32_t entry_target(struct pack *p, const uint8_t *raw, size_t len, int hard, struct err *e)
{
	if (len > p->limits.name)
		return pack_over(p, PACK_LIMIT_NAME, e);
	int32_t rc = put(p, &p->target, raw, len, e);
	if (rc == 0 && hard && len > 0) {
		size_t path_len;
		name_path(raw, len, p->text.data + p->target.off, &path_len);
		p->target.len = (uint32_t)path_len;
	}
	return rc;
}

int32_t entry_attr(struct pack *p, const void *name, size_t name_len, const void *value, size_t len,
		   struct err *e)
{
	const struct pack_attr *old = (const struct pack_attr *)(const void *)p->attrs.data;
	struct piece n, v;

	/* Some programs store each attribute in two ways; many that are all different are not searched. */
	size_t count = p->attrs.len / sizeof *old;
	for (size_t i = count > 64 ? count - 64 : 0; i < count; i++) {
		if (old[i].name_len == name_len && old[i].value_len == len &&
		    memcmp(p->text.data + (uintptr_t)old[i].name, name, name_len) == 0 &&
		    (len == 0 || memcmp(p->text.data + (uintptr_t)old[i].value, value, len) == 0))
			return 0;
	}
	int32_t rc = put(p, &n, name, name_len, e);
	if (rc == 0)
		rc = put(p, &v, value, len, e);
	if (rc != 0)
		return rc;
	const struct pack_attr attr = {.name = (const uint8_t *)n.off, .name_len = n.len, .value_len = v.len,
				       .value = (const uint8_t *)v.off};
	return buf_append(&p->attrs, &attr, sizeof attr) == 0 ? 0 : no_memory(p, e);
}

uint8_t kind_of_mode(uint32_t mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return CORE_KIND_FILE;
	case 0040000:
		return CORE_KIND_DIR;
	case 0120000:
		return CORE_KIND_SYMLINK;
	case 0010000:
		return CORE_KIND_FIFO;
	case 0140000:
		return CORE_KIND_SOCKET;
	case 0060000:
		return CORE_KIND_BLOCK;
	case 0020000:
		return CORE_KIND_CHAR;
	default:
		return CORE_KIND_UNKNOWN;
	}
}

void entry_mode(struct pack *p, uint32_t mode)
{
	p->entry.kind = kind_of_mode(mode);
	p->entry.mode = mode & 07777;
	p->entry.has_mode = 1;
}

int64_t time_ns(int64_t seconds, int64_t nanoseconds)
{
	int64_t ns;

	if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &ns) ||
	    __builtin_add_overflow(ns, nanoseconds, &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

/* The entry is complete and its text stays where it is: offsets become pointers. */
static void entry_done(struct pack *p)
{
	struct pack_attr *attr = (struct pack_attr *)(void *)p->attrs.data;
	const uint8_t *text = p->text.data;

	p->entry.raw = text + p->raw.off;
	p->entry.raw_len = p->raw.len;
	p->entry.path = text + p->path.off;
	p->entry.path_len = p->path.len;
	p->entry.target = p->target.set ? text + p->target.off : NULL;
	p->entry.target_len = p->target.len;
	p->entry.attr_count = (uint32_t)(p->attrs.len / sizeof *attr);
	p->entry.attrs = attr;
	for (uint32_t i = 0; i < p->entry.attr_count; i++) {
		attr[i].name = text + (uintptr_t)attr[i].name;
		attr[i].value = text + (uintptr_t)attr[i].value;
	}
}

/* ------------------------------------------------------------ stored bytes */

const uint8_t *zero_bytes(void)
{
	/* Not const: those would be a quarter of a megabyte in the library's file. */
	static uint8_t zeros[PACK_BLOCK];

	return zeros;
}

int32_t stored_pass(struct pack *p, int *more, struct err *e)
{
	uint64_t n = p->left < PACK_BLOCK ? p->left : PACK_BLOCK;

	*more = 0;
	if (input_can_jump(&p->in) || p->left == 0)
		return 0;
	p->left -= n;
	*more = p->left > 0;
	return input_skip(&p->in, n, e);
}

int32_t decode_pass(struct pack *p, int *more, struct err *e)
{
	struct slice s;

	int32_t rc = pack_take(p, &s, e);
	block_drop(s.block);
	*more = rc == 0 && s.len > 0;
	return rc;
}

int32_t stored_some(struct pack *p, uint64_t most, struct slice *out, struct err *e)
{
	uint64_t want = most < p->left ? most : p->left;
	size_t avail;

	*out = (struct slice){0};
	if (want == 0)
		return 0;
	int32_t rc = input_ahead(&p->in, 1, &out->data, &avail, e);
	if (rc != 0)
		return rc;
	if (avail == 0)
		return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
	out->len = avail < want ? avail : (size_t)want;
	out->block = p->in.block;
	block_hold(out->block);
	input_take(&p->in, out->len);
	p->left -= out->len;
	return 0;
}

int32_t stored_data(struct pack *p, struct slice *out, struct err *e)
{
	return stored_some(p, UINT64_MAX, out, e);
}

int32_t stored_skip(struct pack *p, struct err *e)
{
	uint64_t all;

	if (__builtin_add_overflow(p->left, p->padding, &all))
		return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
	p->left = 0;
	p->padding = 0;
	return input_skip(&p->in, all, e);
}

/* -------------------------------------------------------------------- pack */

int32_t pack_fail(const struct pack *p, int32_t code, const char *detail, struct err *e)
{
	return input_fail(&p->in, code, detail, e);
}

struct pack_limits pack_limits_of(const struct pack_limits *l)
{
	struct pack_limits all = l ? *l : (struct pack_limits){0};

	if (all.bytes == 0)
		all.bytes = (uint64_t)1 << 40;
	if (all.ratio == 0)
		all.ratio = 2000;
	if (all.entries == 0)
		all.entries = 10000000;
	if (all.name == 0)
		all.name = 64 << 10;
	return all;
}

static int32_t begin(struct pack *p, struct err *e)
{
	const uint8_t *head;
	size_t len;

	int32_t rc = input_ahead(&p->in, FORMAT_HEAD, &head, &len, e);
	if (rc != 0)
		return rc;
	p->format = format_of(head, len);
	if (p->format == &format_zip_stream && input_can_jump(&p->in))
		p->format = &format_zip;
	if (!p->format && input_can_jump(&p->in)) {
		/* A ZIP is found from its end, whatever stands before it. */
		p->format = &format_zip;
		rc = p->format->open(p, e);
		if (rc != CORE_EARCHIVE || e->detail != zip_not_found)
			return rc;
		p->format->close(p);
		p->impl = NULL;
		p->format = NULL;
	}
	if (!p->format)
		return pack_fail(p, CORE_EARCHIVE, "this is not an archive", e);
	return p->format->open(p, e);
}

int32_t pack_open_with(struct pack **out, struct reader *take, const struct pack_limits *limits,
		       struct blocks *blocks, const _Atomic uint32_t *stop, struct err *e)
{
	int32_t side = take->side;
	struct pack *p = mem_zalloc(1, sizeof *p);

	if (!p || take->waits) {
		reader_close(take);
		mem_free(p);
		*e = p ? err_of(CORE_EUNSUPPORTED, "read the archive", side, "the source may have to wait")
		       : err_of(CORE_EMEMORY, "read the archive", side, "out of memory");
		return e->code;
	}
	p->limits = pack_limits_of(limits);
	p->blocks = blocks;
	p->side = side;
	entry_begin(p);
	int32_t rc = input_open(&p->in, take, blocks, p->limits.ratio, stop, e);
	/* So that there is memory even where there is no text. */
	if (rc == 0 && buf_reserve(&p->text, 256) != 0)
		rc = pack_fail(p, CORE_EMEMORY, "out of memory", e);
	if (rc == 0)
		rc = begin(p, e);
	if (rc != 0) {
		pack_close(p);
		return rc;
	}
	*out = p;
	return 0;
}

int32_t pack_open(struct pack **out, struct reader *take, const struct pack_limits *limits, struct err *e)
{
	int32_t side = take->side;
	struct blocks *blocks = blocks_new();

	if (!blocks) {
		reader_close(take);
		*e = err_of(CORE_EMEMORY, "read the archive", side, "out of memory");
		return e->code;
	}
	int32_t rc = pack_open_with(out, take, limits, blocks, NULL, e);
	if (rc != 0)
		blocks_del(blocks);
	else
		(*out)->own_blocks = 1;
	return rc;
}

/* The failure that all later calls give. */
static int32_t broken(struct pack *p, const struct err *e)
{
	p->err = *e;
	p->in_entry = 0;
	return e->code;
}

int32_t pack_next(struct pack *p, struct pack_entry *entry, struct err *e)
{
	block_drop(p->held.block);
	p->held.block = NULL;
	if (p->err.code != 0) {
		*e = p->err;
		return e->code;
	}
	if (p->ended)
		return 0;
	int32_t rc;
	while ((rc = pack_pass(p, e)) > 0)
		;
	if (rc == 0)
		rc = p->format->next(p, e);
	/* What is behind it must be what it was when it was opened. */
	if (rc == 0 && reader_check(&p->in.from, e) != 0)
		rc = e->code;
	if (rc < 0)
		return broken(p, e);
	p->in_entry = rc;
	p->ended = !rc;
	if (rc == 0)
		return 0;
	if (p->entries >= p->limits.entries) {
		pack_over(p, PACK_LIMIT_ENTRIES, e);
		return broken(p, e);
	}
	p->entries++;
	entry_done(p);
	*entry = p->entry;
	return 1;
}

/* Input that was jumped over gave nothing, so what was read is what counts. */
static int is_too_much(struct pack *p)
{
	if (p->format == &format_nested && nested_is_too_much(p))
		return 1;
	return p->produced > p->limits.bytes ||
	       (p->decoded > RATIO_FLOOR && p->decoded / p->limits.ratio > pack_bytes_read(p));
}

/* 1 for failures that are about this entry alone. */
static int is_of_entry(struct pack *p, int32_t code)
{
	if (code == CORE_EUNSUPPORTED || code == CORE_EARCHIVE_ENCRYPTED)
		return 1;
	/* What ails the archive it is in is told at that one's end. */
	if (p->format == &format_nested)
		return code != CORE_EMEMORY && code != CORE_ECANCELLED && !is_too_much(p);
	/* Members of a ZIP do not depend on each other. */
	return p->format == &format_zip && code == CORE_EARCHIVE;
}

int32_t pack_take(struct pack *p, struct slice *out, struct err *e)
{
	*out = (struct slice){0};
	if (p->err.code != 0 || p->entry_err.code != 0) {
		*e = p->err.code != 0 ? p->err : p->entry_err;
		return e->code;
	}
	if (p->data_over || !p->in_entry)
		return 0;
	int32_t rc = p->format->data(p, out, e);
	if (rc == 0) {
		p->entry_given += out->len;
		p->produced += out->len;
		p->decoded += out->block ? out->len : 0;
		p->data_over = out->len == 0;
		if (is_too_much(p)) {
			block_drop(out->block);
			*out = (struct slice){0};
			rc = pack_over(p, p->produced > p->limits.bytes ? PACK_LIMIT_BYTES : PACK_LIMIT_RATIO, e);
		}
	}
	if (rc == 0)
		return 0;
	if (is_of_entry(p, rc)) {
		p->entry_err = *e;
		return rc;
	}
	return broken(p, e);
}

int32_t pack_data(struct pack *p, const uint8_t **data, size_t *len, struct err *e)
{
	block_drop(p->held.block);
	int32_t rc = pack_take(p, &p->held, e);
	*data = p->held.data;
	*len = p->held.len;
	return rc;
}

int32_t pack_pass(struct pack *p, struct err *e)
{
	int more = 0;

	if (p->err.code != 0) {
		*e = p->err;
		return e->code;
	}
	if (!p->in_entry || p->data_over || p->entry_err.code != 0)
		return 0;
	int32_t rc = p->format->pass(p, &more, e);
	/* What is only about this entry does not matter to whoever passes it. */
	if (rc != 0 && p->entry_err.code != 0)
		rc = 0;
	if (rc != 0 && p->err.code == 0)
		broken(p, e);
	p->data_over |= !more;
	return rc == 0 ? more : rc;
}

const uint8_t *pack_failed_name(const struct pack *p, uint32_t *len)
{
	*len = p->raw.len;
	return p->raw.set ? p->text.data + p->raw.off : p->text.data;
}

uint64_t pack_bytes_read(const struct pack *p)
{
	return atomic_load_explicit(&p->in.taken, memory_order_relaxed);
}

void pack_close(struct pack *p)
{
	if (!p)
		return;
	block_drop(p->held.block);
	if (p->format)
		p->format->close(p);
	input_close(&p->in);
	if (p->own_blocks)
		blocks_del(p->blocks);
	buf_free(&p->text);
	buf_free(&p->attrs);
	mem_free(p);
}

/* ------------------------------------------------- readers over the entry */

static int32_t member_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "an archive's entry has no offsets");
	return e->code;
}

static int32_t member_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			   struct err *e)
{
	struct pack *p = r->impl;

	(void)t;
	*got = 0;
	if (len == 0)
		return 0;
	if (p->member.len == 0) {
		size_t n;
		int32_t rc = pack_data(p, &p->member.data, &n, e);
		if (rc != 0) {
			e->side = r->side;
			return rc;
		}
		p->member.len = n;
	}
	size_t n = p->member.len < len ? p->member.len : len;
	if (n > 0)
		memcpy(buf, p->member.data, n);
	p->member.data += n;
	p->member.len -= n;
	r->pos += n;
	*got = n;
	return 0;
}

static int32_t member_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void member_close(struct reader *r)
{
	(void)r;
}

static const struct reader_ops member_ops = {member_at, member_next, member_check, member_close, NULL};

void reader_open_pack_entry(struct reader *r, struct pack *p, int32_t side)
{
	p->member = (struct slice){0};
	*r = (struct reader){.ops = &member_ops, .size = p->entry.size, .side = side, .impl = p};
}
