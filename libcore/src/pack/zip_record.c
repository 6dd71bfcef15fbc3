/* SPDX-License-Identifier: MIT */
#include "pack/zip_record.h"

#include "pack/format.h"

#include <string.h>
#include <zlib.h>

int zip_read_local(const uint8_t *s, struct zip_head *h)
{
	*h = (struct zip_head){
		.bits = le16(s + 6),
		.method = le16(s + 8),
		.crc = le32(s + 14),
		.packed = le32(s + 18),
		.size = le32(s + 22),
		.name_len = le16(s + 26),
		.extra_len = le16(s + 28),
		.long_packed = le32(s + 18) == UINT32_MAX,
		.long_size = le32(s + 22) == UINT32_MAX,
	};
	return le32(s) == LOCAL_MAGIC;
}

int zip_read_central(const uint8_t *s, struct zip_head *h)
{
	*h = (struct zip_head){
		.made_by = s[5],
		.bits = le16(s + 8),
		.method = le16(s + 10),
		.crc = le32(s + 16),
		.packed = le32(s + 20),
		.size = le32(s + 24),
		.name_len = le16(s + 28),
		.extra_len = le16(s + 30),
		.comment_len = le16(s + 32),
		.disk = le16(s + 34),
		.attributes = le32(s + 38),
		.header_off = le32(s + 42),
		.long_packed = le32(s + 20) == UINT32_MAX,
		.long_size = le32(s + 24) == UINT32_MAX,
		.long_off = le32(s + 42) == UINT32_MAX,
		.long_disk = le16(s + 34) == UINT16_MAX,
	};
	return le32(s) == CENTRAL_MAGIC;
}

/* ------------------------------------------------------------ extra fields */

/* The long numbers, in this order, of those that did not fit: 1, or 0 when some are missing. */
static int read_zip64(struct zip_head *h, const uint8_t *s, size_t len)
{
	uint64_t *const out[] = {h->long_size ? &h->size : NULL, h->long_packed ? &h->packed : NULL,
				 h->long_off ? &h->header_off : NULL};

	for (size_t i = 0; i < 3; i++) {
		if (!out[i])
			continue;
		if (len < 8)
			return 0;
		*out[i] = le64(s);
		s += 8;
		len -= 8;
	}
	if (h->long_disk) {
		if (len < 4)
			return 0;
		h->disk = le32(s);
	}
	return 1;
}

/* Info-ZIP's owner: how many bytes each number has stands before it. */
static void read_owner(const uint8_t *s, size_t len, struct zip_extra *out)
{
	uint32_t *const to[] = {&out->uid, &out->gid};
	size_t at = 1;

	if (len < 1 || s[0] != 1)
		return;
	for (int i = 0; i < 2; i++) {
		size_t n = at < len ? s[at++] : 0;
		uint64_t value = 0;
		if (n == 0 || n > len - at)
			return;
		for (size_t k = n; k-- > 0;) {
			if (value >> 24 != 0)
				return;
			value = value << 8 | s[at + k];
		}
		*to[i] = (uint32_t)value;
		at += n;
	}
	out->has_owner = 1;
}

static void read_times(uint16_t id, const uint8_t *s, size_t len, struct zip_extra *out)
{
	/* Info-ZIP: seconds, when the first bit says that they are there. */
	if (id == 0x5455 && len >= 5 && (s[0] & 1) != 0) {
		out->mtime_ns = time_ns((int32_t)le32(s + 1), 0);
		out->has_mtime = 1;
	}
	/* NTFS: a list of attributes, of which the first has times in units of 100 ns since 1601. */
	if (id == 0x000a && len >= 4 + 4 + 8 && le16(s + 4) == 1 && le16(s + 6) >= 8) {
		int64_t units = (int64_t)(le64(s + 8) - 116444736000000000u);
		out->mtime_ns = time_ns(units / 10000000, units % 10000000 * 100);
		out->has_mtime = 1;
	}
	/* The Unix fields before those: access and modification, and the owner in the local header only. */
	if ((id == 0x5855 || id == 0x000d) && len >= 8 && !out->has_mtime) {
		out->mtime_ns = time_ns((int32_t)le32(s + 4), 0);
		out->has_mtime = 1;
	}
}

int zip_read_extra(struct zip_head *h, int central, const uint8_t *extra, const uint8_t *name,
		   struct zip_extra *out)
{
	size_t len = h->extra_len;

	memset(out, 0, sizeof *out);
	/* Fewer than four bytes at the end are padding: some programs align data so. */
	while (len >= 4) {
		uint16_t id = le16(extra), n = le16(extra + 2);
		const uint8_t *s = extra + 4;
		if (n > len - 4)
			return 0;
		if (id == 0x0001 && !out->has_zip64) {
			if (!read_zip64(h, s, n))
				return 0;
			out->has_zip64 = 1;
		}
		read_times(id, s, n, out);
		if (id == 0x7875)
			read_owner(s, n, out);
		/* It goes with one name only, whose checksum it holds. */
		if (id == 0x7075 && n > 5 && s[0] == 1 && le32(s + 1) == crc32(0, name, h->name_len)) {
			out->unicode = s + 5;
			out->unicode_len = n - 5u;
		}
		extra = s + n;
		len -= 4u + n;
	}
	int needs = h->long_size || h->long_packed || (central && (h->long_off || h->long_disk));
	return !needs || out->has_zip64;
}

/* --------------------------------------------------------------- the others */

/* The next character that is ASCII and no stand-in for one that is not. */
static int next_ascii(const uint8_t *s, size_t len, size_t *at)
{
	while (*at < len && (s[*at] >= 0x80 || s[*at] == '?' || s[*at] == '_'))
		(*at)++;
	return *at < len ? s[(*at)++] : -1;
}

int zip_same_ascii(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t i = 0, k = 0;

	for (;;) {
		int x = next_ascii(a, a_len, &i), y = next_ascii(b, b_len, &k);
		if (x != y)
			return 0;
		if (x < 0)
			return 1;
	}
}

size_t zip_descriptor(const uint8_t *s, size_t len, uint32_t crc, uint64_t packed, uint64_t size)
{
	for (size_t form = 0; form < 4; form++) {
		/* With the signature first, as nearly all write it. */
		size_t head = form < 2 ? 4 : 0, wide = form % 2 == 0 ? 4 : 8;
		if (len < head + 4 + 2 * wide || (head && le32(s) != DESCRIPTOR_MAGIC) || le32(s + head) != crc)
			continue;
		const uint8_t *at = s + head + 4;
		if (wide == 4 ? le32(at) == packed && le32(at + 4) == size : le64(at) == packed && le64(at + 8) == size)
			return head + 4 + 2 * wide;
	}
	return 0;
}
