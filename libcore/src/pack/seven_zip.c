/* SPDX-License-Identifier: MIT */
/*
 * 7z through libarchive, with the changes of third_party/config/libarchive/
 * 7zip.h. Its list stands at the end, so a reader without offsets is taken
 * into memory first.
 */
#include "base/alloc.h"
#include "pack/format.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	/** Most of an archive that is taken into memory. */
	MOST_MEMORY = 64 << 20,
	/** Read at a time: after each jump, what was read ahead is of no use. */
	CHUNK = 64 << 10,
};

struct seven_zip {
	struct archive *archive;
	/** Where the archive is read: the pack's own reader, or the bytes taken from it. */
	struct reader *from, memory;
	struct buf bytes;
	uint64_t off;
	/** What is left of a piece that libarchive gave, which may be large. */
	const uint8_t *rest;
	size_t rest_len;
	uint64_t given;
	struct err err;
	uint8_t chunk[CHUNK];
};

/* ------------------------------------------------- what libarchive reads by */

static la_ssize_t read_chunk(struct archive *a, void *ctx, const void **out)
{
	struct pack *p = ctx;
	struct seven_zip *z = p->impl;
	size_t got = 0;

	*out = z->chunk;
	if (p->in.stop && atomic_load_explicit(p->in.stop, memory_order_relaxed))
		pack_fail(p, CORE_ECANCELLED, "cancelled", &z->err);
	else if (reader_at(z->from, z->off, z->chunk, CHUNK, &got, &z->err) == 0)
		z->err.code = 0;
	if (z->err.code != 0) {
		archive_set_error(a, EIO, "reading failed");
		return -1;
	}
	z->off += got;
	atomic_fetch_add_explicit(&p->in.taken, got, memory_order_relaxed);
	return (la_ssize_t)got;
}

static la_int64_t jump(struct archive *a, void *ctx, la_int64_t off, int whence)
{
	struct seven_zip *z = ((struct pack *)ctx)->impl;
	const uint64_t size = z->from->size;
	uint64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? z->off : size;

	(void)a;
	/* Modulo 2^64, a negative distance goes back. */
	base += (uint64_t)off;
	if (base > size)
		return ARCHIVE_FATAL;
	z->off = base;
	return (la_int64_t)base;
}

/* ------------------------------------------------------------------ errors */

/* What libarchive's failure means. */
static int32_t failure(struct pack *p, const char *detail, struct err *e)
{
	struct seven_zip *z = p->impl;

	if (z->err.code != 0) {
		*e = z->err;
		return e->code;
	}
	int32_t code = CORE_EARCHIVE;
	if (archive_errno(z->archive) == ENOMEM) {
		code = CORE_EARCHIVE_BOMB;
		detail = "the 7z asks for more memory than it may have";
	} else if (archive_read_has_encrypted_entries(z->archive) == 1) {
		code = CORE_EARCHIVE_ENCRYPTED;
		detail = "the list of the 7z is encrypted";
	}
	pack_fail(p, code, detail, e);
	e->at = z->off + 1;
	return code;
}

/* -------------------------------------------------------------------- open */

/* Takes the whole input into memory. */
static int32_t take_all(struct pack *p, struct err *e)
{
	struct seven_zip *z = p->impl;

	for (;;) {
		const uint8_t *data;
		size_t avail;
		int32_t rc = input_ahead(&p->in, 1, &data, &avail, e);
		if (rc != 0)
			return rc;
		if (avail == 0)
			break;
		if (z->bytes.len + avail > MOST_MEMORY)
			return pack_fail(p, CORE_ELIMIT, "a 7z larger than 64 MiB cannot be read from a stream", e);
		if (buf_append(&z->bytes, data, avail) != 0)
			return pack_fail(p, CORE_EMEMORY, "out of memory", e);
		input_take(&p->in, avail);
	}
	reader_open_memory(&z->memory, z->bytes.data, z->bytes.len, p->side);
	z->from = &z->memory;
	return 0;
}

static uint64_t le64(const uint8_t *s)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | s[i];
	return n;
}

/* The head says where the list is; nothing may be behind it. libarchive does not look. */
static int32_t check_length(struct pack *p, struct err *e)
{
	struct seven_zip *z = p->impl;
	uint8_t head[32];
	uint64_t end;
	size_t got;

	int32_t rc = reader_at(z->from, 0, head, sizeof head, &got, e);
	if (rc != 0)
		return rc;
	if (got < sizeof head || __builtin_add_overflow(le64(head + 12), le64(head + 20), &end) ||
	    __builtin_add_overflow(end, sizeof head, &end) || end > z->from->size)
		return pack_fail(p, CORE_EARCHIVE, "the archive is cut short", e);
	if (end < z->from->size)
		return pack_fail(p, CORE_EARCHIVE, "there is something behind the end of the archive", e);
	return 0;
}

static int32_t seven_zip_open(struct pack *p, struct err *e)
{
	struct seven_zip *z = p->impl = mem_zalloc(1, sizeof *z);

	if (!z)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	int32_t rc = 0;
	if (input_can_jump(&p->in))
		z->from = &p->in.from;
	else
		rc = take_all(p, e);
	if (rc == 0)
		rc = check_length(p, e);
	if (rc != 0)
		return rc;
	struct archive *a = z->archive = archive_read_new();
	if (!a)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	archive_read_support_format_7zip(a);
	archive_read_set_callback_data(a, p);
	archive_read_set_read_callback(a, read_chunk);
	archive_read_set_seek_callback(a, jump);
	return archive_read_open1(a) == ARCHIVE_OK ? 0 : failure(p, "the 7z is damaged", e);
}

/* ----------------------------------------------------------------- entries */

static int32_t build(struct pack *p, struct archive_entry *a, struct err *e)
{
	struct pack_entry *entry = &p->entry;
	const char *name = archive_entry_pathname(a);

	entry->kind = kind_of_mode((uint32_t)archive_entry_filetype(a));
	entry->encrypted = archive_entry_is_data_encrypted(a) == 1;
	/* Where no permissions are stored, it makes these up. */
	uint32_t mode = (uint32_t)archive_entry_perm(a);
	entry->has_mode = mode != (entry->kind == CORE_KIND_DIR ? 0777 : 0666);
	entry->mode = mode;
	entry->has_mtime = archive_entry_mtime_is_set(a) != 0;
	entry->mtime_ns = time_ns(archive_entry_mtime(a), archive_entry_mtime_nsec(a));
	entry->size = entry->kind == CORE_KIND_FILE ? (uint64_t)archive_entry_size(a) : 0;
	int32_t rc = entry_name(p, (const uint8_t *)(name ? name : ""), name ? strlen(name) : 0, e);
	if (rc != 0 || entry->kind != CORE_KIND_SYMLINK || entry->encrypted)
		return rc;
	const char *target = archive_entry_symlink(a);
	if (!target)
		return pack_fail(p, CORE_EARCHIVE, "a symbolic link in the 7z has no target", e);
	return entry_target(p, (const uint8_t *)target, strlen(target), 0, e);
}

static int32_t seven_zip_next(struct pack *p, struct err *e)
{
	struct seven_zip *z = p->impl;
	struct archive_entry *a;

	z->rest_len = 0;
	z->given = 0;
	entry_begin(p);
	int r = archive_read_next_header(z->archive, &a);
	if (r == ARCHIVE_EOF)
		return 0;
	/* The checksum of a link's target, which it reads here, is only told by its message. */
	if (r != ARCHIVE_OK || archive_errno(z->archive) != 0)
		return failure(p, "the 7z is damaged", e);
	int32_t rc = build(p, a, e);
	return rc == 0 ? 1 : rc;
}

static int32_t seven_zip_data(struct pack *p, struct slice *out, struct err *e)
{
	struct seven_zip *z = p->impl;

	*out = (struct slice){0};
	if (p->entry.encrypted)
		return pack_fail(p, CORE_EARCHIVE_ENCRYPTED, "the entry is encrypted", e);
	if (p->entry.kind != CORE_KIND_FILE)
		return 0;
	if (z->rest_len == 0) {
		const void *data;
		size_t len;
		la_int64_t off;
		int r = archive_read_data_block(z->archive, &data, &len, &off);
		if (r == ARCHIVE_EOF)
			return z->given == p->entry.size ? 0 : failure(p, "an entry of the 7z is cut short", e);
		/* A wrong checksum is a warning to it. */
		if (r != ARCHIVE_OK || len == 0)
			return failure(p, "the data of the 7z is damaged", e);
		z->rest = data;
		z->rest_len = len;
	}
	struct block *b = block_new(p->blocks);
	if (!b)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	out->len = z->rest_len < PACK_BLOCK ? z->rest_len : PACK_BLOCK;
	memcpy(b->data, z->rest, out->len);
	out->data = b->data;
	out->block = b;
	z->rest += out->len;
	z->rest_len -= out->len;
	z->given += out->len;
	return 0;
}

static void seven_zip_close(struct pack *p)
{
	struct seven_zip *z = p->impl;

	if (!z)
		return;
	if (z->archive)
		archive_read_free(z->archive);
	buf_free(&z->bytes);
	mem_free(z);
	p->impl = NULL;
}

const struct format format_7z = {"7z", seven_zip_open, seven_zip_next, seven_zip_data, decode_pass, seven_zip_close};
