/* SPDX-License-Identifier: MIT */
/* Which format bytes are of: enough of a header that text or noise is not taken for one. */
#include "pack/format.h"

#include "pack/cpio.h"
#include "pack/tar.h"

#include <string.h>

const struct format *format_of(const uint8_t *data, size_t len)
{
	if (len >= 6 && memcmp(data, "7z\xbc\xaf\x27\x1c", 6) == 0)
		return &format_7z;
	if (len >= 4 && (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0))
		return &format_zip_stream;
	if (len >= 8 && memcmp(data, "!<arch>\n", 8) == 0)
		return &format_ar;
	if (tar_is_header(data, len))
		return &format_tar;
	if (cpio_is_header(data, len))
		return &format_cpio;
	/* An empty tar is nothing but zeros. */
	if (len >= 512 && data[0] == 0 && memcmp(data, data + 1, 511) == 0)
		return &format_tar;
	return NULL;
}

/* A reader that leaves the other one as it is, and open. */
static void stay_open(struct reader *r)
{
	(void)r;
}

/* 1 when the reader's first bytes, decoded where they are compressed, are those of an archive; 0, or CORE_EMEMORY. */
static int32_t sniff(const struct reader *of)
{
	struct reader_ops ops = *of->ops;
	struct reader r = *of;
	struct input in;
	struct err e;
	const uint8_t *head;
	size_t len;
	int found = 0;

	struct blocks *blocks = blocks_new();
	if (!blocks)
		return CORE_EMEMORY;
	ops.close = stay_open;
	r.ops = &ops;
	int32_t rc = input_open(&in, &r, blocks, pack_limits_of(NULL).ratio, NULL, &e);
	if (rc == 0)
		rc = input_ahead(&in, FORMAT_HEAD, &head, &len, &e);
	if (rc == 0) {
		const struct format *f = format_of(head, len);
		/* Zeros alone may be anything. */
		found = f && !(f == &format_tar && head[0] == 0 && memcmp(head, head + 1, len - 1) == 0);
	}
	input_close(&in);
	blocks_del(blocks);
	return rc == CORE_EMEMORY ? rc : found;
}

int32_t pack_sniff(struct reader *r)
{
	return r->random ? sniff(r) : 0;
}

int32_t pack_sniff_bytes(const uint8_t *data, size_t len)
{
	struct reader r;

	reader_open_memory(&r, data, len, -1);
	return sniff(&r);
}
