/* SPDX-License-Identifier: MIT */
/*
 * Compressed streams: gzip, bzip2, xz, zstd, lz4 and the bare deflate of ZIP,
 * each through its own library. Checksums are verified, memory is bounded
 * before it is taken, and all of it is counted. libarchive's filters do
 * neither: its gzip skips the checksum, its xz takes what the header asks for.
 */
#ifndef PACK_DECODER_H
#define PACK_DECODER_H

#include <stddef.h>
#include <stdint.h>

enum codec {
	CODEC_NONE,
	CODEC_GZIP,
	CODEC_BZIP2,
	CODEC_XZ,
	CODEC_ZSTD,
	CODEC_LZ4,
	/** Without a head; never found by codec_of(). */
	CODEC_DEFLATE,
};

/** Most memory for a window or dictionary: 1 GiB. A power of two. */
enum { DECODER_WINDOW_LOG = 30 };

/** decoder_run(): a stream is complete, its checksum right. */
enum { DECODER_END = 1 };

struct decoder;

/** What the first bytes of a stream say, of which 6 are enough. */
enum codec codec_of(const uint8_t *data, size_t len);

/** Makes a decoder for one stream: 0 or CORE_EMEMORY. */
int32_t decoder_new(struct decoder **out, enum codec codec);
/** Begins another stream after DECODER_END: 0 or CORE_EMEMORY. */
int32_t decoder_again(struct decoder *d);
/**
 * Decodes as much as there is input and room for, and moves `*in` and `*out`
 * along. With input and room left it never does nothing.
 * @param why  on failure what is wrong, a static string
 * @return 0 when it wants more input or room, DECODER_END, CORE_EARCHIVE,
 *         CORE_EARCHIVE_BOMB (window), CORE_EMEMORY
 */
int32_t decoder_run(struct decoder *d, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len,
		    const char **why);
/** NULL is fine. */
void decoder_del(struct decoder *d);

#endif
