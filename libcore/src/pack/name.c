/* SPDX-License-Identifier: MIT */
#include "pack/name.h"

#include "pack/pack.h"

#include <string.h>

/* Bytes of the character at `s`, 0 when it is none. */
static size_t character(const uint8_t *s, size_t len)
{
	static const struct {
		uint8_t first, last, low, high;
		size_t bytes;
	} forms[] = {
		{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].bytes > len)
			return 0;
		if (forms[i].bytes > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
			return 0;
		for (size_t k = 2; k < forms[i].bytes; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		}
		return forms[i].bytes;
	}
	return 0;
}

int name_is_utf8(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = s[i] < 0x80 ? 1 : character(s + i, len - i);
		if (n == 0)
			return 0;
		i += n;
	}
	return 1;
}

uint32_t name_path(const uint8_t *raw, size_t len, uint8_t *out, size_t *out_len)
{
	uint32_t flaws = len == 0 ? PACK_FLAW_EMPTY : 0;
	size_t to = 0;

	if (len == 0) {
		*out_len = 0;
		return flaws;
	}
	if (raw[0] == '/')
		flaws |= PACK_FLAW_ABSOLUTE;
	if (memchr(raw, 0, len))
		flaws |= PACK_FLAW_NUL;
	if (memchr(raw, '\\', len))
		flaws |= PACK_FLAW_BACKSLASH;
	if (len > 1 && raw[1] == ':' && ((raw[0] | 0x20) >= 'a' && (raw[0] | 0x20) <= 'z'))
		flaws |= PACK_FLAW_DRIVE;
	if (!name_is_utf8(raw, len))
		flaws |= PACK_FLAW_UTF8;
	for (size_t at = 0; at < len;) {
		const uint8_t *slash = memchr(raw + at, '/', len - at);
		size_t n = slash ? (size_t)(slash - raw) - at : len - at;
		if (n == 2 && raw[at] == '.' && raw[at + 1] == '.')
			flaws |= PACK_FLAW_DOTDOT;
		if (n > 0 && !(n == 1 && raw[at] == '.')) {
			if (to > 0)
				out[to++] = '/';
			/* Never ahead of what is still to be read, so `out` may be `raw`. */
			memmove(out + to, raw + at, n);
			to += n;
		}
		at += n + 1;
	}
	*out_len = to;
	return flaws;
}
