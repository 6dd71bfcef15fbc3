/* SPDX-License-Identifier: MIT */
#include "pack/decoder.h"

#include "base/alloc.h"
#include "core.h"

/* Allocators of our own for zstd and lz4: both libraries are linked in, never shared. */
#define ZSTD_STATIC_LINKING_ONLY
#define LZ4F_STATIC_LINKING_ONLY
#include <bzlib.h>
#include <limits.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct decoder {
	enum codec codec;
	/** The library's state is made. */
	int open;
	union {
		z_stream zlib;
		bz_stream bzip2;
		lzma_stream xz;
		ZSTD_DCtx *zstd;
		LZ4F_dctx *lz4;
	} as;
};

static const char DAMAGED[] = "the compressed data is damaged";
static const char MEMORY[] = "out of memory";
static const char WINDOW[] = "the compressed data asks for more than 1 GiB of memory";

/* ------------------------------------------------------------- allocators */

static void *alloc_items(void *opaque, unsigned items, unsigned size)
{
	(void)opaque;
	return mem_alloc((size_t)items * size);
}

static void *alloc_ints(void *opaque, int items, int size)
{
	(void)opaque;
	return mem_alloc((size_t)items * (size_t)size);
}

static void *alloc_sizes(void *opaque, size_t items, size_t size)
{
	size_t total;

	(void)opaque;
	return __builtin_mul_overflow(items, size, &total) ? NULL : mem_alloc(total);
}

static void *alloc_one(void *opaque, size_t size)
{
	(void)opaque;
	return mem_alloc(size);
}

static void *alloc_zeros(void *opaque, size_t size)
{
	(void)opaque;
	return mem_zalloc(1, size);
}

static void release(void *opaque, void *p)
{
	(void)opaque;
	mem_free(p);
}

/* ------------------------------------------------------------ open, close */

enum codec codec_of(const uint8_t *data, size_t len)
{
	static const struct {
		enum codec codec;
		uint8_t bytes[6];
		uint8_t count;
	} magics[] = {
		{CODEC_GZIP, {0x1f, 0x8b, 8}, 3},
		{CODEC_BZIP2, {'B', 'Z', 'h'}, 3},
		{CODEC_XZ, {0xfd, '7', 'z', 'X', 'Z', 0}, 6},
		{CODEC_ZSTD, {0x28, 0xb5, 0x2f, 0xfd}, 4},
		{CODEC_LZ4, {0x04, 0x22, 0x4d, 0x18}, 4},
	};

	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
		if (len >= magics[i].count && memcmp(data, magics[i].bytes, magics[i].count) == 0)
			return magics[i].codec;
	}
	/* A frame to be skipped, as zstd and lz4 both have it; pzstd begins with one. */
	if (len >= 4 && (data[0] & 0xf0) == 0x50 && memcmp(data + 1, "\x2a\x4d\x18", 3) == 0)
		return CODEC_ZSTD;
	return CODEC_NONE;
}

static int32_t open_stream(struct decoder *d)
{
	static const lzma_allocator xz_memory = {alloc_sizes, release, NULL};
	static const LZ4F_CustomMem lz4_memory = {alloc_one, alloc_zeros, release, NULL};
	int failed = 1;

	memset(&d->as, 0, sizeof d->as);
	switch (d->codec) {
	case CODEC_NONE:
		return CORE_EUSAGE;
	case CODEC_GZIP:
	case CODEC_DEFLATE:
		d->as.zlib.zalloc = alloc_items;
		d->as.zlib.zfree = release;
		failed = inflateInit2(&d->as.zlib, d->codec == CODEC_GZIP ? 15 + 16 : -15) != Z_OK;
		break;
	case CODEC_BZIP2:
		d->as.bzip2.bzalloc = alloc_ints;
		d->as.bzip2.bzfree = release;
		failed = BZ2_bzDecompressInit(&d->as.bzip2, 0, 0) != BZ_OK;
		break;
	case CODEC_XZ:
		d->as.xz = (lzma_stream)LZMA_STREAM_INIT;
		d->as.xz.allocator = &xz_memory;
		failed = lzma_stream_decoder(&d->as.xz, 1u << DECODER_WINDOW_LOG, LZMA_TELL_UNSUPPORTED_CHECK) !=
			 LZMA_OK;
		break;
	case CODEC_ZSTD:
		d->as.zstd = ZSTD_createDCtx_advanced((ZSTD_customMem){alloc_one, release, NULL});
		if (d->as.zstd)
			failed = ZSTD_isError(ZSTD_DCtx_setParameter(d->as.zstd, ZSTD_d_windowLogMax,
								     DECODER_WINDOW_LOG)) != 0;
		break;
	case CODEC_LZ4:
		d->as.lz4 = LZ4F_createDecompressionContext_advanced(lz4_memory, LZ4F_VERSION);
		failed = !d->as.lz4;
		break;
	}
	d->open = 1;
	return failed ? CORE_EMEMORY : 0;
}

static void close_stream(struct decoder *d)
{
	if (!d->open)
		return;
	d->open = 0;
	switch (d->codec) {
	case CODEC_NONE:
		break;
	case CODEC_GZIP:
	case CODEC_DEFLATE:
		inflateEnd(&d->as.zlib);
		break;
	case CODEC_BZIP2:
		BZ2_bzDecompressEnd(&d->as.bzip2);
		break;
	case CODEC_XZ:
		lzma_end(&d->as.xz);
		break;
	case CODEC_ZSTD:
		ZSTD_freeDCtx(d->as.zstd);
		break;
	case CODEC_LZ4:
		LZ4F_freeDecompressionContext(d->as.lz4);
		break;
	}
}

int32_t decoder_new(struct decoder **out, enum codec codec)
{
	struct decoder *d = mem_zalloc(1, sizeof *d);

	if (!d)
		return CORE_EMEMORY;
	d->codec = codec;
	int32_t rc = open_stream(d);
	if (rc != 0) {
		decoder_del(d);
		return rc;
	}
	*out = d;
	return 0;
}

int32_t decoder_again(struct decoder *d)
{
	/* These begin anew by themselves. */
	if (d->codec == CODEC_ZSTD || d->codec == CODEC_LZ4)
		return 0;
	close_stream(d);
	return open_stream(d);
}

void decoder_del(struct decoder *d)
{
	if (!d)
		return;
	close_stream(d);
	mem_free(d);
}

/* -------------------------------------------------------------------- run */

/* What the libraries with 32-bit counts are given at once. */
static unsigned some(size_t len)
{
	return len > 1u << 30 ? 1u << 30 : (unsigned)len;
}

static int32_t run_zlib(z_stream *z, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len)
{
	unsigned have = some(*in_len), room = some(*out_len);

	z->next_in = (z_const Bytef *)(uintptr_t)*in;
	z->avail_in = have;
	z->next_out = *out;
	z->avail_out = room;
	int rc = inflate(z, Z_NO_FLUSH);
	*in += have - z->avail_in;
	*in_len -= have - z->avail_in;
	*out += room - z->avail_out;
	*out_len -= room - z->avail_out;
	if (rc == Z_STREAM_END)
		return DECODER_END;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return 0;
	return rc == Z_MEM_ERROR ? CORE_EMEMORY : CORE_EARCHIVE;
}

static int32_t run_bzip2(bz_stream *z, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len)
{
	unsigned have = some(*in_len), room = some(*out_len);

	z->next_in = (char *)(uintptr_t)*in;
	z->avail_in = have;
	z->next_out = (char *)*out;
	z->avail_out = room;
	int rc = BZ2_bzDecompress(z);
	*in += have - z->avail_in;
	*in_len -= have - z->avail_in;
	*out += room - z->avail_out;
	*out_len -= room - z->avail_out;
	if (rc == BZ_STREAM_END)
		return DECODER_END;
	if (rc == BZ_OK)
		return 0;
	return rc == BZ_MEM_ERROR ? CORE_EMEMORY : CORE_EARCHIVE;
}

static int32_t run_xz(lzma_stream *z, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len,
		      const char **why)
{
	z->next_in = *in;
	z->avail_in = *in_len;
	z->next_out = *out;
	z->avail_out = *out_len;
	lzma_ret rc = lzma_code(z, LZMA_RUN);
	*in = z->next_in;
	*in_len = z->avail_in;
	*out = z->next_out;
	*out_len = z->avail_out;
	switch (rc) {
	case LZMA_STREAM_END:
		return DECODER_END;
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return 0;
	case LZMA_MEM_ERROR:
		return CORE_EMEMORY;
	case LZMA_MEMLIMIT_ERROR:
		*why = WINDOW;
		return CORE_EARCHIVE_BOMB;
	case LZMA_UNSUPPORTED_CHECK:
		*why = "the compressed data has a checksum of an unknown kind";
		return CORE_EARCHIVE;
	default:
		return CORE_EARCHIVE;
	}
}

static int32_t run_zstd(ZSTD_DCtx *z, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len,
			const char **why)
{
	ZSTD_inBuffer from = {*in, *in_len, 0};
	ZSTD_outBuffer to = {*out, *out_len, 0};
	size_t rc = ZSTD_decompressStream(z, &to, &from);

	*in += from.pos;
	*in_len -= from.pos;
	*out += to.pos;
	*out_len -= to.pos;
	if (rc == 0)
		return DECODER_END;
	if (!ZSTD_isError(rc))
		return 0;
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_memory_allocation:
		return CORE_EMEMORY;
	case ZSTD_error_frameParameter_windowTooLarge:
		*why = WINDOW;
		return CORE_EARCHIVE_BOMB;
	case ZSTD_error_dictionary_wrong:
		*why = "the compressed data needs a dictionary that is not in it";
		return CORE_EARCHIVE;
	default:
		return CORE_EARCHIVE;
	}
}

static int32_t run_lz4(LZ4F_dctx *z, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len)
{
	size_t taken = *in_len, made = *out_len;
	size_t rc = LZ4F_decompress(z, *out, &made, *in, &taken, NULL);

	if (LZ4F_isError(rc))
		return LZ4F_getErrorCode(rc) == LZ4F_ERROR_allocation_failed ? CORE_EMEMORY : CORE_EARCHIVE;
	*in += taken;
	*in_len -= taken;
	*out += made;
	*out_len -= made;
	return rc == 0 ? DECODER_END : 0;
}

int32_t decoder_run(struct decoder *d, const uint8_t **in, size_t *in_len, uint8_t **out, size_t *out_len,
		    const char **why)
{
	size_t in_before = *in_len, out_before = *out_len;
	int32_t rc = CORE_EARCHIVE;

	*why = DAMAGED;
	switch (d->codec) {
	case CODEC_NONE:
		break;
	case CODEC_GZIP:
	case CODEC_DEFLATE:
		rc = run_zlib(&d->as.zlib, in, in_len, out, out_len);
		break;
	case CODEC_BZIP2:
		rc = run_bzip2(&d->as.bzip2, in, in_len, out, out_len);
		break;
	case CODEC_XZ:
		rc = run_xz(&d->as.xz, in, in_len, out, out_len, why);
		break;
	case CODEC_ZSTD:
		rc = run_zstd(d->as.zstd, in, in_len, out, out_len, why);
		break;
	case CODEC_LZ4:
		rc = run_lz4(d->as.lz4, in, in_len, out, out_len);
		break;
	}
	if (rc == CORE_EMEMORY)
		*why = MEMORY;
	/* Nothing done in spite of input and room would go on for ever. */
	if (rc == 0 && in_before > 0 && out_before > 0 && *in_len == in_before && *out_len == out_before)
		rc = CORE_EARCHIVE;
	return rc;
}
