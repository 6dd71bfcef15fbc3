/* SPDX-License-Identifier: MIT */
/* C-02: readers over what is in archives do as all readers do. */
#include "archives.h"
#include "check.h"
#include "conformance.h"
#include "pack/pack.h"
#include "pack/stream.h"
#include "pack/zip.h"
#include "pool/pool.h"

static enum step no_step(struct task *t)
{
	(void)t;
	return STEP_DONE;
}

static struct task task = {.step = no_step};

/* A tar, in gzip, with an entry before and behind the one that is read; or a ZIP. */
static struct buf archive_around(const uint8_t *bytes, size_t len)
{
	struct buf tar = {0};

	tar_block(&tar, '0', "before", 700, "ustar");
	tar_body(&tar, bytes, 700);
	tar_block(&tar, '0', "member", len, "ustar");
	tar_body(&tar, bytes, len);
	tar_block(&tar, '0', "behind", 3, "ustar");
	tar_body(&tar, bytes, 3);
	struct buf packed = archive_compress("gzip", tar.data, tar.len);
	buf_free(&tar);
	return packed;
}

static struct buf archive;
static struct pack *pack;
static struct pack_stream *stream;
static struct zip *zip;
static struct reader zip_bytes;

static void open_entry(struct reader *r, const uint8_t *bytes, size_t len)
{
	struct reader whole;
	struct pack_entry entry;
	struct err e;

	archive = archive_around(bytes, len);
	reader_open_memory(&whole, archive.data, archive.len, 0);
	CHECK_EQ(pack_open(&pack, &whole, NULL, &e), 0);
	CHECK_EQ(pack_next(pack, &entry, &e), 1);
	CHECK_EQ(pack_next(pack, &entry, &e), 1);
	reader_open_pack_entry(r, pack, 1);
}

static void drop_entry(void)
{
	pack_close(pack);
	buf_free(&archive);
}

static void step_pool(void)
{
	CHECK(pool_test_step());
}

static void open_member(struct reader *r, const uint8_t *bytes, size_t len)
{
	struct reader whole;
	struct pack_entry entry;
	struct err e;
	int32_t rc;

	archive = archive_around(bytes, len);
	pool_test_begin(len);
	reader_open_memory(&whole, archive.data, archive.len, 0);
	CHECK_EQ(pack_stream_start(&stream, &whole, NULL, &e), 0);
	for (int i = 0; i < 2; i++) {
		while ((rc = pack_stream_next(stream, &task, &entry, &e)) == PACK_STREAM_WAIT)
			step_pool();
		CHECK_EQ(rc, 1);
	}
	reader_open_pack(r, stream, 1);
}

static void drop_member(void)
{
	CHECK_EQ(pack_stream_close(stream, NULL), 0);
	while (pool_test_step())
		;
	CHECK_EQ(pool_tasks(), 0);
	pool_test_end();
	buf_free(&archive);
}

/* Deflated, and from offsets of its own. */
static void open_zip_member(struct reader *r, const uint8_t *bytes, size_t len)
{
	struct thing one = {"member", 'f', (const char *)bytes, len, 'd'};
	struct err e;

	archive = archive_make("zip", "none", NULL, &one, 1);
	reader_open_memory(&zip_bytes, archive.data, archive.len, 0);
	CHECK_EQ(zip_open(&zip, &zip_bytes, NULL, &e), 0);
	CHECK_EQ(reader_open_zip_member(r, zip, 0, 1, &e), 0);
}

static void open_zip_raw(struct reader *r, const uint8_t *bytes, size_t len)
{
	struct thing one = {"member", 'f', (const char *)bytes, len, 'd'};
	struct err e;

	archive = archive_make("zip", "none", "compression=store", &one, 1);
	reader_open_memory(&zip_bytes, archive.data, archive.len, 0);
	CHECK_EQ(zip_open(&zip, &zip_bytes, NULL, &e), 0);
	CHECK_EQ(reader_open_zip_raw(r, zip, 0, 1, &e), 0);
}

static void drop_zip(void)
{
	zip_close(zip);
	reader_close(&zip_bytes);
	buf_free(&archive);
}

static void no_more(void)
{
	FAIL("this reader never waits");
}

static const struct reader_kind kinds[] = {
	{"archive entry", open_entry, no_more, drop_entry, NULL, 0, 1, 0},
	{"archive entry decoded ahead", open_member, step_pool, drop_member, NULL, 0, 1, 0},
	{"ZIP member", open_zip_member, no_more, drop_zip, NULL, 0, 1, 0},
	{"stored bytes of a ZIP member", open_zip_raw, no_more, drop_zip, NULL, 1, 1, 0},
};

static const struct reader_kind *kind;

static void conforms(void)
{
	reader_conforms(kind);
}

int main(void)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		kind = &kinds[i];
		TEST(check_text("C-02 reader conformance, %s", kind->name), conforms);
	}
	return check_end();
}
