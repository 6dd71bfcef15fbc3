/* SPDX-License-Identifier: MIT */
/* Blocks of bytes: where two differ, and how many lines one holds. */
#ifndef COMPARE_BYTES_H
#define COMPARE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/** The index of the first byte that differs, `len` where none does. */
size_t bytes_differ_at(const uint8_t *a, const uint8_t *b, size_t len);
/** How many line feeds there are. */
uint64_t bytes_lines(const uint8_t *p, size_t len);

#endif
