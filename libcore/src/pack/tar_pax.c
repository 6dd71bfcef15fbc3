/* SPDX-License-Identifier: MIT */
#include "pack/tar.h"

#include "base/alloc.h"
#include "core.h"
#include "pack/format.h"

#include <string.h>

static const char MALFORMED[] = "an extended header of the tar is malformed";

int tar_decimal(const uint8_t *s, size_t len, int64_t *out)
{
	int64_t n = 0;

	if (len == 0)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(n, (int64_t)10, &n) ||
		    __builtin_add_overflow(n, (int64_t)(s[i] - '0'), &n))
			return 0;
	}
	*out = n;
	return 1;
}

static int signed_decimal(const uint8_t *s, size_t len, int64_t *out)
{
	int minus = len > 0 && s[0] == '-';

	if (!tar_decimal(s + minus, len - (size_t)minus, out))
		return 0;
	*out = minus ? -*out : *out;
	return 1;
}

/* "SECONDS.FRACTION", of which nine digits count. */
static int decimal_time(const uint8_t *s, size_t len, int64_t *out)
{
	const uint8_t *dot = memchr(s, '.', len);
	size_t whole = dot ? (size_t)(dot - s) : len;
	int64_t seconds, fraction = 0, unit = 100000000;

	if (!signed_decimal(s, whole, &seconds))
		return 0;
	for (size_t i = whole + 1; i < len; i++, unit /= 10) {
		if (s[i] < '0' || s[i] > '9')
			return 0;
		fraction += (s[i] - '0') * unit;
	}
	*out = time_ns(seconds, s[0] == '-' ? -fraction : fraction);
	return 1;
}

int32_t tar_pax_map(struct tar_pax *pax, uint64_t value)
{
	if (pax->map_len == pax->map_cap) {
		size_t cap = pax->map_cap == 0 ? 64 : pax->map_cap * 2;
		uint64_t *map = mem_realloc(pax->map, cap * sizeof *map);
		if (!map)
			return CORE_EMEMORY;
		pax->map = map;
		pax->map_cap = cap;
	}
	pax->map[pax->map_len++] = value;
	return 0;
}

void tar_pax_free(struct tar_pax *pax)
{
	mem_free(pax->map);
	*pax = (struct tar_pax){0};
}

/* A list of numbers between commas. */
static int32_t read_map(struct tar_pax *pax, const uint8_t *s, size_t len)
{
	pax->map_len = 0;
	for (size_t at = 0; at < len;) {
		const uint8_t *comma = memchr(s + at, ',', len - at);
		size_t n = comma ? (size_t)(comma - s) - at : len - at;
		int64_t value;
		if (!tar_decimal(s + at, n, &value))
			return CORE_EARCHIVE;
		if (tar_pax_map(pax, (uint64_t)value) != 0)
			return CORE_EMEMORY;
		at += n + 1;
	}
	return 0;
}

/* What follows a prefix of a key, or NULL. */
static const uint8_t *after(const uint8_t *key, size_t *len, const char *prefix)
{
	size_t n = strlen(prefix);

	if (*len < n || memcmp(key, prefix, n) != 0)
		return NULL;
	*len -= n;
	return key + n;
}

static int is(const uint8_t *key, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(key, name, len) == 0;
}

static int32_t sparse_record(struct tar_pax *pax, const uint8_t *key, size_t key_len, const uint8_t *value,
			     size_t len, const struct tar_pax_sink *sink)
{
	int64_t n = 0;
	int number = tar_decimal(value, len, &n);

	pax->has |= TAR_PAX_SPARSE;
	if (is(key, key_len, "name")) {
		pax->has |= TAR_PAX_SPARSE_PATH;
		return sink->name(sink->ctx, TAR_PAX_SPARSE_PATH, value, len);
	}
	if (is(key, key_len, "map")) {
		pax->has |= TAR_PAX_SPARSE_MAP;
		return read_map(pax, value, len);
	}
	if (!number)
		return CORE_EARCHIVE;
	if (is(key, key_len, "major")) {
		pax->sparse_major = n;
		pax->has |= TAR_PAX_SPARSE_MAJOR;
	} else if (is(key, key_len, "minor")) {
		pax->sparse_minor = n;
	} else if (is(key, key_len, "realsize") || is(key, key_len, "size")) {
		pax->sparse_size = n;
		pax->has |= TAR_PAX_SPARSE_SIZE;
	} else if (is(key, key_len, "offset") || is(key, key_len, "numbytes")) {
		/* An offset always stands before its length. */
		if ((pax->map_len % 2 == 0) != is(key, key_len, "offset"))
			return CORE_EARCHIVE;
		pax->has |= TAR_PAX_SPARSE_MAP;
		return tar_pax_map(pax, (uint64_t)n);
	} else if (!is(key, key_len, "numblocks")) {
		return CORE_EARCHIVE;
	}
	return 0;
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int base64(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* libarchive's form of an attribute: the name with %XX, the value in base 64. */
static int32_t libarchive_attr(struct tar_pax *pax, const uint8_t *name, size_t name_len,
			       const uint8_t *value, size_t len, const struct tar_pax_sink *sink)
{
	uint8_t *room = mem_alloc(name_len + len + 1);
	size_t n = 0, v = 0;
	uint32_t bits = 0;
	unsigned held = 0;
	int32_t rc = 0;

	if (!room)
		return CORE_EMEMORY;
	for (size_t i = 0; i < name_len; i++) {
		int encoded = name[i] == '%' && i + 2 < name_len && hex(name[i + 1]) >= 0 && hex(name[i + 2]) >= 0;
		room[n++] = encoded ? (uint8_t)(hex(name[i + 1]) * 16 + hex(name[i + 2])) : name[i];
		i += encoded ? 2 : 0;
	}
	for (size_t i = 0; i < len && value[i] != '='; i++) {
		int digit = base64(value[i]);
		if (digit < 0) {
			pax->unclear = 1;
			goto out;
		}
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			room[name_len + v++] = (uint8_t)(bits >> held);
		}
	}
	rc = sink->attr(sink->ctx, room, n, room + name_len, v);
out:
	mem_free(room);
	return rc;
}

static int32_t record(struct tar_pax *pax, const uint8_t *key, size_t key_len, const uint8_t *value,
		      size_t len, const struct tar_pax_sink *sink)
{
	static const struct {
		const char *key;
		uint32_t has;
	} names[] = {{"path", TAR_PAX_PATH}, {"linkpath", TAR_PAX_LINK}};
	const uint8_t *rest;
	size_t n = key_len;

	for (size_t i = 0; i < 2; i++) {
		if (!is(key, key_len, names[i].key))
			continue;
		/* An empty value takes an earlier one back. */
		pax->has = len > 0 ? pax->has | names[i].has : pax->has & ~names[i].has;
		return sink->name(sink->ctx, names[i].has, value, len);
	}
	if (is(key, key_len, "size")) {
		pax->has |= TAR_PAX_SIZE;
		return tar_decimal(value, len, &pax->size) ? 0 : CORE_EARCHIVE;
	}
	if (is(key, key_len, "mtime")) {
		pax->has |= TAR_PAX_MTIME;
		pax->unclear |= !decimal_time(value, len, &pax->mtime_ns);
		return 0;
	}
	if (is(key, key_len, "uid") || is(key, key_len, "gid")) {
		int user = key[0] == 'u';
		pax->has |= user ? TAR_PAX_UID : TAR_PAX_GID;
		pax->unclear |= !signed_decimal(value, len, user ? &pax->uid : &pax->gid);
		return 0;
	}
	if ((rest = after(key, &n, "GNU.sparse.")) != NULL)
		return sparse_record(pax, rest, n, value, len, sink);
	if ((rest = after(key, &n, "SCHILY.xattr.")) != NULL && n > 0)
		return sink->attr(sink->ctx, rest, n, value, len);
	if ((rest = after(key, &n, "LIBARCHIVE.xattr.")) != NULL && n > 0)
		return libarchive_attr(pax, rest, n, value, len, sink);
	if (is(key, key_len, "RHT.security.selinux"))
		/* GNU tar stores the label with its final NUL or without. */
		return sink->attr(sink->ctx, (const uint8_t *)"security.selinux", 16, value,
				  len > 0 && value[len - 1] == 0 ? len - 1 : len);
	if (after(key, &n, "SCHILY.acl.") != NULL)
		return sink->attr(sink->ctx, key, key_len, value, len);
	/* Times of access, names of users, comments and what else there is do not matter here. */
	return 0;
}

int32_t tar_pax_read(struct tar_pax *pax, const uint8_t *body, size_t len, const struct tar_pax_sink *sink,
		     const char **why)
{
	*why = MALFORMED;
	while (len > 0) {
		int64_t whole;
		const uint8_t *space = memchr(body, ' ', len < 20 ? len : 20);
		size_t digits = space ? (size_t)(space - body) : 0;
		if (!space || !tar_decimal(body, digits, &whole) || (uint64_t)whole > len ||
		    (uint64_t)whole < digits + 3 || body[whole - 1] != '\n')
			return CORE_EARCHIVE;
		const uint8_t *key = space + 1, *end = body + whole - 1;
		const uint8_t *equals = memchr(key, '=', (size_t)(end - key));
		if (!equals || equals == key)
			return CORE_EARCHIVE;
		int32_t rc = record(pax, key, (size_t)(equals - key), equals + 1, (size_t)(end - equals - 1), sink);
		if (rc != 0)
			return rc;
		body += whole;
		len -= (size_t)whole;
	}
	return 0;
}
