/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as an archive, with offsets and as a stream: each entry keeps
 * what pack.h promises of it, limits hold, and twice the same is the same.
 *
 * An input is one byte, 0 for a reader with offsets, else a stream that gives
 * that many bytes at a time; then the archive.
 */
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CHECK(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

/* What an archive may cost here: little, so that an input takes no time. */
static const struct pack_limits limits = {.bytes = 4 << 20, .entries = 2000, .name = 4096};

static int32_t stream_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	uint64_t left = r->base - r->pos;

	(void)t;
	(void)e;
	*got = left < len ? (size_t)left : len;
	if (*got > (size_t)r->fd)
		*got = (size_t)r->fd;
	if (*got > 0)
		memcpy(buf, r->data + r->pos, *got);
	r->pos += *got;
	return 0;
}

static int32_t stream_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void stream_close(struct reader *r)
{
	(void)r;
}

/* A reader without offsets, which gives `step` bytes at a time. */
static void open_stream(struct reader *r, const uint8_t *data, size_t len, int step)
{
	static const struct reader_ops ops = {.next = stream_next, .check = stream_check, .close = stream_close};

	*r = (struct reader){.ops = &ops, .size = UINT64_MAX, .base = len, .data = data, .fd = step};
}

/* All that was told, as one number; reads each byte that an entry points to. */
struct seen {
	uint64_t hash, bytes;
	uint32_t entries;
};

static void see(struct seen *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		s->hash = (s->hash ^ p[i]) * 0x100000001b3u;
	s->hash = (s->hash ^ len) * 0x100000001b3u;
}

/* A name that is told to be safe is one: no way leads out of where it is put. */
static void check_name(const struct pack_entry *entry)
{
	const uint8_t *path = entry->path;
	size_t len = entry->path_len;

	CHECK(entry->raw_len <= limits.name && len <= entry->raw_len && entry->target_len <= limits.name);
	if (entry->flaws & PACK_FLAWS_UNSAFE)
		return;
	CHECK(len == 0 || (path[0] != '/' && path[len - 1] != '/'));
	for (size_t at = 0; at < len;) {
		const uint8_t *slash = memchr(path + at, '/', len - at);
		size_t part = slash ? (size_t)(slash - path) - at : len - at;
		CHECK(part > 0 && !(part == 1 && path[at] == '.') && !(part == 2 && memcmp(path + at, "..", 2) == 0));
		at += part + 1;
	}
	CHECK(len == 0 || !memchr(path, 0, len));
}

static void check_entry(struct seen *s, const struct pack_entry *entry)
{
	CHECK(entry->index == s->entries && entry->kind >= CORE_KIND_FILE && entry->kind <= CORE_KIND_UNKNOWN);
	CHECK(entry->path && entry->raw);
	check_name(entry);
	see(s, entry->path, entry->path_len);
	see(s, entry->raw, entry->raw_len);
	if (entry->target)
		see(s, entry->target, entry->target_len);
	for (uint32_t i = 0; i < entry->attr_count; i++) {
		see(s, entry->attrs[i].name, entry->attrs[i].name_len);
		see(s, entry->attrs[i].value, entry->attrs[i].value_len);
	}
	see(s, &entry->size, sizeof entry->size);
	s->entries++;
}

/* Reads an entry's data: 0, or the code it failed with. */
static int32_t read_data(struct seen *s, struct pack *p, const struct pack_entry *entry)
{
	struct err e = {0};
	uint64_t sum = 0;

	for (;;) {
		const uint8_t *data = NULL;
		size_t len = 0;
		int32_t rc = pack_data(p, &data, &len, &e);
		CHECK(rc == 0 || (rc < 0 && rc == e.code));
		if (rc != 0)
			return rc;
		if (len == 0)
			break;
		CHECK(len <= PACK_BLOCK && data);
		see(s, data, len);
		sum += len;
		s->bytes += len;
		CHECK(s->bytes <= limits.bytes);
	}
	/* More bytes than the entry says may come before it fails for them, but it never ends well with others. */
	CHECK(entry->size == UINT64_MAX || sum == entry->size);
	return 0;
}

static struct seen read_archive(struct reader *r, int skips)
{
	struct seen s = {.hash = 0xcbf29ce484222325u};
	struct err e = {0};
	struct pack_entry entry;
	struct pack *p = NULL;
	uint32_t len;

	int32_t rc = pack_open(&p, r, &limits, &e);
	CHECK((rc == 0 || rc == e.code) && !r->ops && (rc == 0) == (p != NULL));
	while (p && (rc = pack_next(p, &entry, &e)) == 1) {
		CHECK(s.entries < limits.entries);
		check_entry(&s, &entry);
		/* Some entries are passed over, wholly. */
		if (skips && s.entries % 2 == 0)
			continue;
		int32_t failed = read_data(&s, p, &entry);
		see(&s, &failed, sizeof failed);
	}
	CHECK(rc == 0 || rc == e.code);
	if (p) {
		/* A failure, and the end, stay what they are. */
		struct err again = {0};
		CHECK(pack_next(p, &entry, &again) == rc && (rc == 0 || again.code == rc));
		const uint8_t *name = pack_failed_name(p, &len);
		see(&s, name, len);
	}
	see(&s, &rc, sizeof rc);
	pack_close(p);
	return s;
}

static struct seen read_as(const uint8_t *data, size_t len, int step, int skips)
{
	struct reader r;

	if (step == 0)
		reader_open_memory(&r, data, len, 0);
	else
		open_stream(&r, data, len, step);
	return read_archive(&r, skips);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	int step = data[0];
	data++;
	len--;
	struct reader r;
	reader_open_memory(&r, data, len, 0);
	int looks = pack_sniff(&r);
	CHECK(looks == 0 || looks == 1);
	reader_close(&r);
	pack_sniff_bytes(data, len < 4096 ? len : 4096);

	struct seen first = read_as(data, len, step, 0), again = read_as(data, len, step, 0);
	CHECK(first.hash == again.hash && first.bytes == again.bytes && first.entries == again.entries);
	read_as(data, len, step, 1);
	return 0;
}
