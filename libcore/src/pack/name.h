/* SPDX-License-Identifier: MIT */
/* Names as archives store them: what is wrong with one, and the path it stands for. */
#ifndef PACK_NAME_H
#define PACK_NAME_H

#include <stddef.h>
#include <stdint.h>

/**
 * Writes the path of a stored name: its components but ".", with one slash
 * between them.
 * @param out  room for `len` bytes; may be `raw` itself
 * @param out_len  bytes written
 * @return pack_flaw bits of the name
 */
uint32_t name_path(const uint8_t *raw, size_t len, uint8_t *out, size_t *out_len);

/** 1 when the bytes are UTF-8 as RFC 3629 has it: shortest forms, no surrogates. */
int name_is_utf8(const uint8_t *s, size_t len);

#endif
