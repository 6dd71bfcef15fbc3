/* SPDX-License-Identifier: MIT */
/*
 * Patterns for names and paths. The dialect, which documents call "glob":
 *
 *   ?       one character, not a slash
 *   *       any characters but slashes, or none
 *   [a-z]   one character of a set, not a slash; [!a-z] or [^a-z] one not of it
 *   **      as a whole part of a path: any directories, or none; at the end, all below
 *   \x      x itself
 *
 * Characters are those of UTF-8; a byte that is none counts as one. Matching
 * takes at most (length of pattern) x (length of path) steps, whatever the
 * pattern: all ways to match are followed at once (Thompson 1968).
 */
#ifndef MATCH_GLOB_H
#define MATCH_GLOB_H

#include <stddef.h>
#include <stdint.h>

struct glob;

/** Tokens a pattern may have. */
enum { GLOB_TOKENS = 1024 };

/**
 * Compiles a pattern.
 * @param fold  not 0: letters match in either case, by the simple case folding of Unicode
 * @return CORE_EUSAGE for a set that does not end, a backslash at the end, a
 *         pattern that is empty or too long; CORE_EMEMORY
 */
int32_t glob_new(struct glob **out, const uint8_t *pattern, size_t len, unsigned fold);
void glob_del(struct glob *g);
/** 1 when the whole path matches. Any thread. */
int glob_match(const struct glob *g, const uint8_t *path, size_t len);

#endif
