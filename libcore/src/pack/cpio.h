/* SPDX-License-Identifier: MIT */
/* What of cpio is told by its bytes alone. */
#ifndef PACK_CPIO_H
#define PACK_CPIO_H

#include <stddef.h>
#include <stdint.h>

/** 1 when the bytes begin with a header of cpio: "newc", "crc", "odc" or one of the two binary forms. */
int cpio_is_header(const uint8_t *data, size_t len);

#endif
