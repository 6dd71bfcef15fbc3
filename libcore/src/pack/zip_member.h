/* SPDX-License-Identifier: MIT */
/* Decoding one member of a ZIP. For the files of pack/ only; others have reader_open_zip_member(). */
#ifndef PACK_ZIP_MEMBER_H
#define PACK_ZIP_MEMBER_H

#include "pack/decoder.h"
#include "pack/zip.h"

struct zip_member;

/** As reader_open_zip_member(). */
int32_t zip_member_open(struct zip_member **out, const struct zip *z, uint64_t index, int32_t side,
			struct err *e);
/** The next decoded bytes; `*got` 0 is the end, where size and checksum were right. 0 or the code also in `*e`. */
int32_t zip_member_read(struct zip_member *m, uint8_t *buf, size_t len, size_t *got, struct err *e);
/** Stored bytes that were read so far. */
uint64_t zip_member_taken(const struct zip_member *m);
/** The decoder's kind for a method, CODEC_NONE for stored bytes and for methods that are not read. */
enum codec zip_codec(uint16_t method);
/** NULL is fine. */
void zip_member_close(struct zip_member *m);

#endif
