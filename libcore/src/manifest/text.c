/* SPDX-License-Identifier: MIT */
#include "manifest/text.h"

#include "core.h"

#include <stdio.h>
#include <string.h>

static const int64_t second = 1000000000;

int32_t text_append_hex(struct buf *b, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (buf_reserve(b, 2 * len) != 0)
		return CORE_EMEMORY;
	for (size_t i = 0; i < len; i++) {
		b->data[b->len++] = (uint8_t)digits[data[i] >> 4];
		b->data[b->len++] = (uint8_t)digits[data[i] & 15];
	}
	return 0;
}

static int digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int text_read_hex(const uint8_t *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 1;
}

/* ----------------------------------------------------------------- base64 */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int32_t text_append_base64(struct buf *b, const uint8_t *data, size_t len)
{
	if (buf_reserve(b, len / 3 * 4 + 4) != 0)
		return CORE_EMEMORY;
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
				(left > 2 ? data[i + 2] : 0u);
		for (size_t k = 0; k < 4; k++)
			b->data[b->len++] = k > left ? '=' : (uint8_t)letters[bits >> (18 - 6 * k) & 63];
	}
	return 0;
}

int32_t text_read_base64(struct buf *b, const uint8_t *text, size_t len)
{
	if (len % 4 != 0)
		return 0;
	if (buf_reserve(b, len / 4 * 3) != 0)
		return CORE_EMEMORY;
	for (size_t i = 0; i < len; i += 4) {
		size_t have = 4;
		/* Only the last four may be padded. */
		while (i + 4 == len && have > 2 && text[i + have - 1] == '=')
			have--;
		uint32_t bits = 0;
		for (size_t k = 0; k < 4; k++) {
			const char *letter = k < have && text[i + k] ? strchr(letters, text[i + k]) : letters;
			if (!letter)
				return 0;
			bits = bits << 6 | (k < have ? (uint32_t)(letter - letters) : 0);
		}
		/* Bits that stand for nothing are zero: there is one text for each sequence of bytes. */
		if ((have == 2 && (bits & 0xffff)) || (have == 3 && (bits & 0xff)))
			return 0;
		for (size_t k = 0; k + 1 < have; k++)
			b->data[b->len++] = (uint8_t)(bits >> (16 - 8 * k));
	}
	return 1;
}

/* ------------------------------------------------------------------ times */

/* Days since 1970 of a date in the proleptic Gregorian calendar; years are counted from March. */
static int64_t days_of(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t of_era = days - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = y + era * 400 + (*month <= 2);
}

size_t text_of_time(int64_t ns, char out[TIME_TEXT])
{
	int64_t seconds = ns / second, rest = ns % second, year;
	int month, day;

	if (rest < 0) {
		rest += second;
		seconds--;
	}
	int64_t days = seconds / 86400, of_day = seconds % 86400;
	if (of_day < 0) {
		of_day += 86400;
		days--;
	}
	date_of(days, &year, &month, &day);
	int n = snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", (int)year, month, day, (int)(of_day / 3600),
			 (int)(of_day / 60 % 60), (int)(of_day % 60), (int)rest);
	return n > 0 ? (size_t)n : 0;
}

/* Reads `count` decimal digits: their value, or -1. */
static int64_t number(const uint8_t *text, size_t count)
{
	int64_t value = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int text_read_time(const uint8_t *text, size_t len, int64_t *ns)
{
	static const char form[] = "0000-00-00T00:00:00";
	const size_t fixed = sizeof form - 1;
	int64_t part[6], rest = 0;
	static const uint8_t at[6] = {0, 5, 8, 11, 14, 17}, count[6] = {4, 2, 2, 2, 2, 2};

	if (len < fixed + 1 || text[len - 1] != 'Z')
		return 0;
	for (size_t i = 0; i < fixed; i++) {
		if (form[i] != '0' && text[i] != (uint8_t)form[i])
			return 0;
	}
	for (size_t i = 0; i < 6; i++) {
		part[i] = number(text + at[i], count[i]);
		if (part[i] < 0)
			return 0;
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 || part[4] > 59 || part[5] > 60)
		return 0;
	if (len > fixed + 1) {
		size_t digits = len - fixed - 2;
		if (text[fixed] != '.' || digits < 1 || digits > 9)
			return 0;
		rest = number(text + fixed + 1, digits);
		if (rest < 0)
			return 0;
		for (; digits < 9; digits++)
			rest *= 10;
	}
	int64_t days = days_of(part[0], (int)part[1], (int)part[2]), year;
	int month, day;
	date_of(days, &year, &month, &day);
	if (day != (int)part[2])
		return 0;
	int64_t seconds = days * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
	/* Nanoseconds in 64 bits reach from 1677 to 2262; the first of those seconds only with its fraction. */
	if (seconds < 0) {
		seconds++;
		rest -= second;
	}
	return !__builtin_mul_overflow(seconds, second, ns) && !__builtin_add_overflow(*ns, rest, ns);
}
