/* SPDX-License-Identifier: MIT */
/*
 * One line of JSON that is an object, member by member (RFC 8259). What a
 * manifest holds is flat; values within values are passed over.
 */
#ifndef MANIFEST_JSON_H
#define MANIFEST_JSON_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum json_type {
	JSON_STRING,
	/** A whole number of at most 64 bits, not negative. */
	JSON_NUMBER,
	/** Anything else: it is well-formed, and its value is not told. */
	JSON_OTHER,
};

/** A line that is being read. */
struct json {
	const uint8_t *at, *end;
	/** Names and strings, unescaped: UTF-8, which may hold a NUL. Those of one member at a time. */
	struct buf name, text;
	enum json_type type;
	uint64_t number;
	/** Members read so far. */
	uint32_t members;
};

/** Begins: `line` stays as it is meanwhile. The buffers of `j` are used again. */
void json_begin(struct json *j, const uint8_t *line, size_t len);
/**
 * Reads the next member.
 * @return 1 with `name`, `type` and `text` or `number`; 0 at the end of the
 *         line, with nothing but blanks behind the object; -1 when it is no
 *         JSON object; CORE_EMEMORY
 */
int32_t json_next(struct json *j);
/** Whether the name of the member is this one. */
int json_is(const struct json *j, const char *name);
/** Whether its value is this text. */
int json_says(const struct json *j, const char *text);
void json_free(struct json *j);

/** Appends a string of JSON, in quotes, of bytes that are UTF-8: 0 or CORE_EMEMORY. */
int32_t json_append_text(struct buf *b, const uint8_t *text, size_t len);

#endif
