/* SPDX-License-Identifier: MIT */
#include "wire/address.h"

#include <string.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* Four numbers with dots: 1, or 0. Leading zeros are refused, since some read them as octal. */
static int parse_v4(const char *text, size_t len, uint8_t out[4])
{
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		unsigned n = 0, digits = 0;
		if (i > 0 && (at >= len || text[at++] != '.'))
			return 0;
		for (; at < len && text[at] >= '0' && text[at] <= '9' && digits < 4; at++, digits++)
			n = n * 10 + (unsigned)(text[at] - '0');
		if (digits == 0 || n > 255 || (digits > 1 && text[at - digits] == '0'))
			return 0;
		out[i] = (uint8_t)n;
	}
	return at == len;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_v6(const char *text, size_t len, uint8_t out[16])
{
	uint8_t byte[16] = {0};
	size_t n = 0, gap = 17, at = 0;

	if (len >= 2 && text[0] == ':' && text[1] == ':') {
		gap = 0;
		at = 2;
	}
	while (at < len && n < 16) {
		size_t start = at;
		unsigned value = 0;
		for (; at < len && hex(text[at]) >= 0 && at - start < 5; at++)
			value = value << 4 | (unsigned)hex(text[at]);
		if (at < len && text[at] == '.') {
			/* The last four bytes may be written as IPv4. */
			if (n > 12 || !parse_v4(text + start, len - start, byte + n))
				return 0;
			n += 4;
			at = len;
			break;
		}
		if (at == start || at - start > 4)
			return 0;
		byte[n++] = (uint8_t)(value >> 8);
		byte[n++] = (uint8_t)value;
		if (at == len)
			break;
		if (text[at++] != ':' || at == len)
			return 0;
		if (text[at] == ':') {
			if (gap != 17)
				return 0;
			gap = n;
			at++;
		}
	}
	if (at != len || (gap == 17) != (n == 16))
		return 0;
	memset(out, 0, 16);
	if (gap == 17) {
		memcpy(out, byte, 16);
	} else {
		memcpy(out, byte, gap);
		memcpy(out + 16 - (n - gap), byte + gap, n - gap);
	}
	return 1;
}

int address_parse(const char *text, size_t len, struct address *out)
{
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	const char *zone = memchr(text, '%', len);
	if (zone)
		len = (size_t)(zone - text);
	if (memchr(text, ':', len))
		return parse_v6(text, len, out->byte);
	memcpy(out->byte, mapped, sizeof mapped);
	return !zone && parse_v4(text, len, out->byte + 12);
}

struct block {
	uint8_t byte[16];
	uint8_t bits;
};

static int is_in(const uint8_t *a, const struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const size_t whole = blocks[i].bits / 8, rest = blocks[i].bits % 8;
		if (memcmp(a, blocks[i].byte, whole) != 0)
			continue;
		if (rest == 0 || ((a[whole] ^ blocks[i].byte[whole]) >> (8 - rest)) == 0)
			return 1;
	}
	return 0;
}

int address_is_private(const struct address *a)
{
	static const struct block v4[] = {
		{{0}, 8},             /* this network */
		{{10}, 8},            /* private */
		{{100, 64}, 10},      /* shared, behind a provider's NAT */
		{{127}, 8},           /* loopback */
		{{169, 254}, 16},     /* link-local, and the metadata services of clouds */
		{{172, 16}, 12},      /* private */
		{{192, 0, 0}, 24},    /* protocol assignments */
		{{192, 0, 2}, 24},    /* documentation */
		{{192, 88, 99}, 24},  /* 6to4 relays */
		{{192, 168}, 16},     /* private */
		{{198, 18}, 15},      /* benchmarks */
		{{198, 51, 100}, 24}, /* documentation */
		{{203, 0, 113}, 24},  /* documentation */
		{{224}, 4},           /* multicast */
		{{240}, 4},           /* reserved, and broadcast */
	};
	/* Global unicast is 2000::/3: all else is of some other scope, or translates. */
	static const struct block global[] = {{{0x20}, 3}};
	static const struct block v6[] = {
		{{0x20, 0x01, 0x00}, 23},       /* protocol assignments, Teredo among them */
		{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
		{{0x20, 0x02}, 16},             /* 6to4 */
		{{0x3f, 0xff, 0x00}, 20},       /* documentation */
	};

	if (memcmp(a->byte, mapped, sizeof mapped) == 0)
		return is_in(a->byte + 12, v4, sizeof v4 / sizeof v4[0]);
	return !is_in(a->byte, global, 1) || is_in(a->byte, v6, sizeof v6 / sizeof v6[0]);
}

int name_is_local(const char *name, size_t len)
{
	static const char local[] = "localhost";
	const size_t own = sizeof local - 1;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len < own || (len > own && name[len - own - 1] != '.'))
		return 0;
	for (size_t i = 0; i < own; i++) {
		if ((name[len - own + i] | 0x20) != local[i])
			return 0;
	}
	return 1;
}
