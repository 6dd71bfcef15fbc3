/* SPDX-License-Identifier: MIT */
#include "manifest/manifest.h"
#include "manifest/text.h"
#include "manifest/words.h"
#include "pack/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum digest_kind manifest_digest(uint32_t format)
{
	switch (format) {
	case CORE_MANIFEST_SHA256SUM:
	case CORE_MANIFEST_HASHDEEP:
		return DIGEST_SHA256;
	case CORE_MANIFEST_B3SUM:
		return DIGEST_BLAKE3;
	default:
		return DIGEST_KINDS;
	}
}

const char *manifest_digest_name(enum digest_kind kind)
{
	return kind == DIGEST_SHA256 ? "sha256" : "blake3";
}

/** Appends to a list, and remembers when that failed. */
struct pen {
	struct buf *to;
	int32_t rc;
};

static void put(struct pen *p, const char *text)
{
	if (p->rc == 0)
		p->rc = buf_append(p->to, text, strlen(text));
}

static void put_number(struct pen *p, const char *before, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, n);
	put(p, before);
	put(p, text);
}

static void put_time(struct pen *p, const char *before, int64_t ns)
{
	char text[TIME_TEXT];

	text_of_time(ns, text);
	put(p, before);
	put(p, text);
	put(p, "\"");
}

/* `"path":"…"`, or `"path_b64":"…"` of bytes that are no text. */
static void put_bytes(struct pen *p, const char *name, const uint8_t *data, size_t len)
{
	int text = name_is_utf8(data, len);

	put(p, "\"");
	put(p, name);
	put(p, text ? "\":" : "_b64\":\"");
	if (p->rc == 0)
		p->rc = text ? json_append_text(p->to, data, len) : text_append_base64(p->to, data, len);
	put(p, text ? "" : "\"");
}

static void put_hex(struct pen *p, const struct manifest_entry *e)
{
	if (p->rc == 0)
		p->rc = text_append_hex(p->to, e->digest, MANIFEST_DIGEST);
}

int32_t manifest_write_begin(struct buf *b, uint32_t format, enum digest_kind kind, int64_t created_ns)
{
	struct pen p = {.to = b};

	if (format == CORE_MANIFEST_SUITE) {
		put(&p, "{\"v\":1,\"type\":\"suite-manifest\",\"algorithm\":\"");
		put(&p, manifest_digest_name(kind));
		put_time(&p, "\",\"created\":\"", created_ns);
		put(&p, ",\"root\":\"dir\"}\n");
	} else if (format == CORE_MANIFEST_HASHDEEP) {
		put(&p, "%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n## Made by suite. Names are below the root.\n##\n");
	}
	return p.rc;
}

static void write_suite(struct pen *p, const struct manifest_entry *e)
{
	put(p, "{");
	put_bytes(p, "path", e->path, e->path_len);
	put(p, ",\"kind\":\"");
	put(p, word_of_kind(e->kind));
	put(p, "\"");
	if (e->known & MANIFEST_SIZE)
		put_number(p, ",\"size\":", e->size);
	if (e->known & MANIFEST_MTIME)
		put_time(p, ",\"mtime\":\"", e->mtime_ns);
	if (e->known & MANIFEST_DEVICE)
		put_number(p, ",\"rdev\":", e->rdev);
	if (e->kind == CORE_KIND_SYMLINK && e->error == 0) {
		put(p, ",");
		put_bytes(p, "target", e->target, e->target_len);
	}
	if (e->known & MANIFEST_CONTENT) {
		put(p, ",\"digest\":\"");
		put_hex(p, e);
		put(p, "\"");
	}
	if (e->error != 0) {
		put(p, ",\"error\":\"");
		put(p, word_of_error(e->error));
		put(p, "\"");
	}
	if (e->known & MANIFEST_IDENTITY) {
		put_time(p, ",\"ctime\":\"", e->ctime_ns);
		put_number(p, ",\"inode\":", e->inode);
	}
	put(p, "}\n");
}

/* A name in a list of sums; one that is escaped has a backslash before its line, which says so. */
static void put_name(struct pen *p, uint32_t format, const struct manifest_entry *e, int escape)
{
	const uint8_t *path = e->path;

	if (!escape) {
		if (p->rc == 0)
			p->rc = buf_append(p->to, path, e->path_len);
		return;
	}
	for (size_t i = 0; i < e->path_len; i++) {
		const char single[2] = {(char)path[i], '\0'};
		int carriage = path[i] == '\r' && (format != CORE_MANIFEST_B3SUM || i + 1 == e->path_len);
		put(p, path[i] == '\n' ? "\\n" : carriage ? "\\r" : path[i] == '\\' ? "\\\\" : single);
	}
}

static int holds(const struct manifest_entry *e, uint8_t c)
{
	return e->path_len > 0 && memchr(e->path, c, e->path_len) != NULL;
}

/*
 * Whether a name is to be escaped. Older versions of b3sum do not know a carriage return that is, which must be only
 * where it would be taken for a part of the line's end.
 */
static int is_escaped(uint32_t format, const struct manifest_entry *e)
{
	int carriage = format == CORE_MANIFEST_B3SUM ? e->path_len > 0 && e->path[e->path_len - 1] == '\r' : holds(e, '\r');

	return holds(e, '\n') || holds(e, '\\') || carriage;
}

/* Whether the format has a line for such an entry. */
static int lists(uint32_t format, const struct manifest_entry *e)
{
	return format == CORE_MANIFEST_SUITE || (e->kind == CORE_KIND_FILE && (e->known & MANIFEST_CONTENT));
}

int manifest_can_hold(uint32_t format, const struct manifest_entry *e)
{
	return format != CORE_MANIFEST_HASHDEEP || !lists(format, e) || (!holds(e, '\n') && !holds(e, '\r'));
}

int32_t manifest_write(struct buf *b, uint32_t format, const struct manifest_entry *e)
{
	struct pen p = {.to = b};
	size_t before = b->len;

	if (!lists(format, e))
		return 0;
	if (!manifest_can_hold(format, e))
		return CORE_EUNSUPPORTED;
	if (format == CORE_MANIFEST_SUITE) {
		write_suite(&p, e);
	} else if (format == CORE_MANIFEST_HASHDEEP) {
		put_number(&p, "", e->size);
		put(&p, ",");
		put_hex(&p, e);
		put(&p, ",");
		put_name(&p, format, e, 0);
		put(&p, "\n");
	} else {
		int escape = is_escaped(format, e);
		put(&p, escape ? "\\" : "");
		put_hex(&p, e);
		put(&p, "  ");
		put_name(&p, format, e, escape);
		put(&p, "\n");
	}
	if (p.rc != 0)
		b->len = before;
	return p.rc != 0 ? p.rc : 1;
}

int32_t manifest_write_end(struct buf *b, uint32_t format, uint64_t entries)
{
	struct pen p = {.to = b};

	if (format == CORE_MANIFEST_SUITE) {
		put_number(&p, "{\"v\":1,\"type\":\"end\",\"entries\":", entries);
		put(&p, "}\n");
	}
	return p.rc;
}
