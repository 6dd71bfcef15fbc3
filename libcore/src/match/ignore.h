/* SPDX-License-Identifier: MIT */
/*
 * The rules of one ignore file, as git reads them (gitignore(5), git 2.39):
 * the last rule that matches decides. Whoever walks a tree asks the files of
 * all directories above a path, the deepest first, and asks nothing about
 * what is below a directory that is ignored.
 */
#ifndef MATCH_IGNORE_H
#define MATCH_IGNORE_H

#include <stddef.h>
#include <stdint.h>

struct ignore;

/** Bytes an ignore file may have; git draws the same line. */
enum { IGNORE_BYTES = 100 << 20 };

/** One rule. */
struct ignore_rule {
	/** Its line, from 1. */
	uint32_t line;
	/** It began with `!`: what matches is kept. */
	uint8_t keeps;
};

/**
 * Reads the rules. Lines that begin with `#` and empty ones are none; a byte
 * order mark, the carriage return at the end of a line and spaces before it
 * do not count.
 * @param fold  ASCII letters match in either case (core.ignoreCase)
 * @return 0, CORE_ELIMIT with the line in `*line` when a pattern is too long
 *         or there are too many, CORE_EMEMORY
 */
int32_t ignore_new(struct ignore **out, const uint8_t *text, size_t len, int fold, uint32_t *line);
void ignore_del(struct ignore *g);
/** How many rules there are. */
uint32_t ignore_count(const struct ignore *g);

/**
 * The last rule that matches a path, or NULL. Any thread.
 * @param path  from the directory of the file on, without a slash at either end
 * @param name  where its last part begins
 */
const struct ignore_rule *ignore_find(const struct ignore *g, const uint8_t *path, size_t len, size_t name,
				      int is_dir);
/** The line of a rule as it stands in the file, without what does not count. Lives as long as `g`. */
const uint8_t *ignore_text(const struct ignore *g, const struct ignore_rule *r, size_t *len);

#endif
