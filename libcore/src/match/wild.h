/* SPDX-License-Identifier: MIT */
/*
 * Patterns of ignore files as git matches them (git 2.39, gitignore(5)):
 *
 *   ?        one byte, not a slash
 *   *        any bytes but slashes, or none
 *   [a-z]    one byte of a set, not a slash; [!…] and [^…] one not of it; [:alpha:] and its like
 *   **       as a whole part of a path: any directories, or none; at the end, all below
 *   \x       x itself
 *
 * Everything counts in bytes, braces are letters, and a set that does not
 * end, a class that does not exist and a backslash at the end match nothing.
 * Matching takes at most (length of pattern) x (length of path) steps: all
 * ways to match are followed at once (Thompson 1968).
 */
#ifndef MATCH_WILD_H
#define MATCH_WILD_H

#include <stddef.h>
#include <stdint.h>

struct wild;

/** Tokens a pattern may have: more than a path has bytes that the system takes. */
enum { WILD_TOKENS = 8192 };

enum wild_flag {
	/** ASCII letters match in either case. */
	WILD_FOLD = 1,
	/** A run of stars is one star, wherever it stands: for patterns without a slash. */
	WILD_NAME = 2,
};

/**
 * Compiles a pattern, or NULL in `*out` for one that matches nothing.
 * @return 0, CORE_ELIMIT for more than WILD_TOKENS tokens, CORE_EMEMORY
 */
int32_t wild_new(struct wild **out, const uint8_t *pattern, size_t len, unsigned flags);
void wild_del(struct wild *w);
/** 1 when all of `text` matches. Any thread. */
int wild_match(const struct wild *w, const uint8_t *text, size_t len);

#endif
