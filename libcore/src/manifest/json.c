/* SPDX-License-Identifier: MIT */
#include "manifest/json.h"

#include "core.h"
#include "pack/name.h"

#include <stdio.h>
#include <string.h>

enum { MAX_DEPTH = 64, BAD = -1 };

void json_begin(struct json *j, const uint8_t *line, size_t len)
{
	j->at = line;
	j->end = line + len;
	j->members = 0;
}

void json_free(struct json *j)
{
	buf_free(&j->name);
	buf_free(&j->text);
}

int json_is(const struct json *j, const char *name)
{
	return j->name.len == strlen(name) && memcmp(j->name.data, name, j->name.len) == 0;
}

int json_says(const struct json *j, const char *text)
{
	return j->type == JSON_STRING && j->text.len == strlen(text) &&
	       (j->text.len == 0 || memcmp(j->text.data, text, j->text.len) == 0);
}

static void blanks(struct json *j)
{
	while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\r' || *j->at == '\n'))
		j->at++;
}

/* Passes a character, with blanks before it: whether it is there. */
static int pass(struct json *j, uint8_t c)
{
	blanks(j);
	if (j->at == j->end || *j->at != c)
		return 0;
	j->at++;
	return 1;
}

/* ---------------------------------------------------------------- strings */

/* Four hexadecimal digits: their value, or -1. */
static int32_t four_digits(struct json *j)
{
	int32_t value = 0;

	if (j->end - j->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		uint8_t c = *j->at++;
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static int32_t append_point(struct buf *b, uint32_t c)
{
	uint8_t bytes[4];
	size_t n = 0;

	if (c < 0x80) {
		bytes[n++] = (uint8_t)c;
	} else if (c < 0x800) {
		bytes[n++] = (uint8_t)(0xc0 | c >> 6);
		bytes[n++] = (uint8_t)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		bytes[n++] = (uint8_t)(0xe0 | c >> 12);
		bytes[n++] = (uint8_t)(0x80 | (c >> 6 & 63));
		bytes[n++] = (uint8_t)(0x80 | (c & 63));
	} else {
		bytes[n++] = (uint8_t)(0xf0 | c >> 18);
		bytes[n++] = (uint8_t)(0x80 | (c >> 12 & 63));
		bytes[n++] = (uint8_t)(0x80 | (c >> 6 & 63));
		bytes[n++] = (uint8_t)(0x80 | (c & 63));
	}
	return buf_append(b, bytes, n);
}

/* What follows a backslash: 1, BAD, CORE_EMEMORY. */
static int32_t escaped(struct json *j, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (j->at == j->end)
		return BAD;
	uint8_t c = *j->at++;
	const char *known = c ? strchr(from, c) : NULL;
	if (known)
		return append_point(out, (uint8_t)to[known - from]) != 0 ? CORE_EMEMORY : 1;
	if (c != 'u')
		return BAD;
	int32_t point = four_digits(j);
	if (point >= 0xd800 && point < 0xdc00) {
		/* The other half must follow. */
		if (j->end - j->at < 2 || j->at[0] != '\\' || j->at[1] != 'u')
			return BAD;
		j->at += 2;
		int32_t low = four_digits(j);
		if (low < 0xdc00 || low > 0xdfff)
			return BAD;
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
	} else if (point < 0 || (point >= 0xdc00 && point < 0xe000)) {
		return BAD;
	}
	return append_point(out, (uint32_t)point) != 0 ? CORE_EMEMORY : 1;
}

/* A string whose first quote is passed: 1, BAD, CORE_EMEMORY. */
static int32_t string(struct json *j, struct buf *out)
{
	out->len = 0;
	while (j->at < j->end && *j->at != '"') {
		const uint8_t *plain = j->at;
		while (j->at < j->end && *j->at != '"' && *j->at != '\\' && *j->at >= 0x20)
			j->at++;
		size_t n = (size_t)(j->at - plain);
		if (n > 0 && (!name_is_utf8(plain, n)))
			return BAD;
		if (n > 0 && buf_append(out, plain, n) != 0)
			return CORE_EMEMORY;
		if (j->at == j->end || *j->at == '"')
			break;
		if (*j->at++ != '\\')
			return BAD;
		int32_t rc = escaped(j, out);
		if (rc != 1)
			return rc;
	}
	return pass(j, '"') ? 1 : BAD;
}

/* ----------------------------------------------------------------- values */

/* A number: 1 or BAD. `whole` is set when it is one that j->number can say. */
static int32_t number(struct json *j, int *whole)
{
	const uint8_t *from = j->at;

	*whole = 1;
	j->number = 0;
	if (*j->at == '-') {
		*whole = 0;
		j->at++;
	}
	const uint8_t *digits = j->at;
	while (j->at < j->end && *j->at >= '0' && *j->at <= '9') {
		if (__builtin_mul_overflow(j->number, (uint64_t)10, &j->number) ||
		    __builtin_add_overflow(j->number, (uint64_t)(*j->at - '0'), &j->number))
			*whole = 0;
		j->at++;
	}
	if (j->at == digits || (*digits == '0' && j->at - digits > 1))
		return BAD;
	if (j->at < j->end && *j->at == '.') {
		*whole = 0;
		digits = ++j->at;
		while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
			j->at++;
		if (j->at == digits)
			return BAD;
	}
	if (j->at < j->end && (*j->at | 32) == 'e') {
		*whole = 0;
		j->at++;
		if (j->at < j->end && (*j->at == '+' || *j->at == '-'))
			j->at++;
		digits = j->at;
		while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
			j->at++;
		if (j->at == digits)
			return BAD;
	}
	return j->at > from ? 1 : BAD;
}

static int32_t word(struct json *j)
{
	static const char *const words[] = {"true", "false", "null"};

	for (int i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(j->end - j->at) >= n && memcmp(j->at, words[i], n) == 0) {
			j->at += n;
			return 1;
		}
	}
	return BAD;
}

static int32_t value(struct json *j, int depth);

/* An object or array, whose first bracket is passed: 1, BAD, CORE_EMEMORY. */
static int32_t within(struct json *j, uint8_t close, int depth)
{
	/* The names and strings in it are of no interest, so one buffer does. */
	if (depth == MAX_DEPTH)
		return BAD;
	if (pass(j, close))
		return 1;
	do {
		if (close == '}') {
			if (!pass(j, '"'))
				return BAD;
			int32_t rc = string(j, &j->text);
			if (rc != 1)
				return rc;
			if (!pass(j, ':'))
				return BAD;
		}
		int32_t rc = value(j, depth + 1);
		if (rc != 1)
			return rc;
	} while (pass(j, ','));
	return pass(j, close) ? 1 : BAD;
}

static int32_t value(struct json *j, int depth)
{
	int whole;
	int32_t rc;

	blanks(j);
	j->type = JSON_OTHER;
	if (j->at == j->end)
		return BAD;
	switch (*j->at) {
	case '"':
		j->at++;
		rc = string(j, &j->text);
		j->type = JSON_STRING;
		return rc;
	case '{':
	case '[':
		rc = within(j, *j->at++ == '{' ? '}' : ']', depth);
		j->type = JSON_OTHER;
		return rc;
	case 't':
	case 'f':
	case 'n':
		return word(j);
	default:
		rc = number(j, &whole);
		j->type = whole ? JSON_NUMBER : JSON_OTHER;
		return rc;
	}
}

int32_t json_next(struct json *j)
{
	if (j->members == 0 ? !pass(j, '{') : 0)
		return BAD;
	if (pass(j, '}')) {
		blanks(j);
		return j->at == j->end ? 0 : BAD;
	}
	if ((j->members > 0 && !pass(j, ',')) || !pass(j, '"'))
		return BAD;
	j->members++;
	int32_t rc = string(j, &j->name);
	if (rc != 1)
		return rc;
	return pass(j, ':') ? value(j, 0) : BAD;
}

int32_t json_append_text(struct buf *b, const uint8_t *text, size_t len)
{
	/* Six for a control character, which is the most, and the quotes. */
	if (buf_reserve(b, 6 * len + 2) != 0)
		return CORE_EMEMORY;
	b->data[b->len++] = '"';
	for (size_t i = 0; i < len; i++) {
		uint8_t c = text[i];
		if (c < 0x20) {
			char code[8];
			snprintf(code, sizeof code, "\\u%04x", c);
			memcpy(b->data + b->len, code, 6);
			b->len += 6;
			continue;
		}
		if (c == '"' || c == '\\')
			b->data[b->len++] = '\\';
		b->data[b->len++] = c;
	}
	b->data[b->len++] = '"';
	return 0;
}
