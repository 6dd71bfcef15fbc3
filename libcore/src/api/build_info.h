/* SPDX-License-Identifier: MIT */
/* What the library was built from, as text. */
#ifndef API_BUILD_INFO_H
#define API_BUILD_INFO_H

#include <stddef.h>

/**
 * Writes `key=value` lines: version, ABI, compiler, half, SIMD level in use, and
 * each third-party library under its name in deps.toml, with the version that
 * the linked library itself reports.
 * @return the length of the text, without its NUL, cut to what `cap` has room for
 */
size_t build_info(char *text, size_t cap);

#endif
