/* SPDX-License-Identifier: MIT */
/* C-72: what is in archives inside an archive, as one pack and as a stream, whatever is wrong with them. */
#include "archives.h"
#include "base/alloc.h"
#include "base/xxh.h"
#include "check.h"
#include "pack/nested.h"
#include "pack/stream.h"
#include "pool/pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ archives */

static void add_file(struct buf *tar, const char *name, const void *data, size_t len)
{
	tar_block(tar, '0', name, len, "ustar");
	tar_body(tar, data, len);
}

static const uint8_t zeros[1024];

static const struct thing inner_things[] = {
	{"x", 'f', NULL, 3000, 't'}, {"d", 'd', NULL, 0, 0}, {"d/y", 'f', NULL, 700000, 'n'}, {"empty", 'f', NULL, 0, 'z'},
};

/* Two archives in it, one of them with another one, among files of all sizes. */
static struct buf make_outer(void)
{
	struct buf core = archive_make("ustar", "zstd", NULL, inner_things, 4);
	struct buf zip = archive_make("zip", "none", NULL, inner_things, 4);
	struct buf deep = {0}, outer = {0};

	add_file(&deep, "small", "12", 2);
	add_file(&deep, "core", core.data, core.len);
	add_file(&deep, "large", zip.data, 300000);
	put(&deep, zeros, sizeof zeros);
	struct buf packed = archive_compress("gzip", deep.data, deep.len);
	add_file(&outer, "plain", deep.data, 400000);
	add_file(&outer, "in/zip", zip.data, zip.len);
	add_file(&outer, "in/deep", packed.data, packed.len);
	add_file(&outer, "text", "no archive, but as long as a header of one might be", 51);
	put(&outer, zeros, sizeof zeros);
	struct buf all = archive_compress("lz4", outer.data, outer.len);
	buf_free(&core);
	buf_free(&zip);
	buf_free(&deep);
	buf_free(&outer);
	buf_free(&packed);
	return all;
}

/* ------------------------------------------------------------------- reading */

static enum pack_into into_first(const void *ctx, const uint8_t *path, size_t len)
{
	(void)ctx;
	return len < 3 || memcmp(path, "in/", 3) != 0 ? len == 4 && memcmp(path, "text", 4) == 0 ? PACK_INTO_LIST
												: PACK_INTO_NOT
						      : PACK_INTO_LIST;
}

static enum pack_into into_second(const void *ctx, const uint8_t *path, size_t len)
{
	(void)ctx;
	if (len == 7 && memcmp(path, "in/deep", 7) == 0)
		return PACK_INTO_PASS;
	return len == 13 && memcmp(path, "in/deep!/core", 13) == 0 ? PACK_INTO_LIST : PACK_INTO_NOT;
}

static const struct pack_look first = {.into = into_first, .depth = 1}, second = {.into = into_second, .depth = 2};

static void add_line(struct listing *l, const struct pack_entry *entry, const struct buf *data)
{
	char text[256];
	struct pack_entry end = *entry;

	if (!entry->over) {
		listing_add(l, entry, data->len, xxh_64(data->data, data->len));
		return;
	}
	int n = snprintf(text, sizeof text, "%.*s ends %d %d", (int)entry->path_len, (const char *)entry->path, entry->over,
			 (int)entry->why.code);
	end.path = (const uint8_t *)text;
	end.path_len = (uint32_t)n;
	listing_add(l, &end, 0, 0);
}

/* All of it on this thread. */
static struct listing listing_nested(const void *data, size_t len, const struct pack_look *look,
				     const struct pack_limits *limits)
{
	struct listing l = {0};
	struct blocks *blocks = blocks_new();
	struct reader r;
	struct pack *p = NULL;
	struct pack_entry entry;
	struct buf content = {0};
	struct err e = {0};

	reader_open_memory(&r, data, len, 0);
	int32_t rc = blocks ? nested_open(&p, &r, limits, blocks, NULL, look, &e) : CORE_EMEMORY;
	while (rc == 0 && (rc = pack_next(p, &entry, &e)) == 1) {
		const uint8_t *piece;
		size_t n = 1;
		content.len = 0;
		while ((rc = pack_data(p, &piece, &n, &e)) == 0 && n > 0)
			put(&content, piece, n);
		if (rc == 0)
			add_line(&l, &entry, &content);
		else
			rc = rc == CORE_EMEMORY ? rc : 0;
	}
	if (p || rc != 0)
		listing_end(&l, rc, &e);
	pack_close(p);
	blocks_del(blocks);
	buf_free(&content);
	return l;
}

static void levels(void)
{
	struct buf bytes = make_outer();
	struct listing a = listing_nested(bytes.data, bytes.len, &first, NULL);
	struct listing b = listing_nested(bytes.data, bytes.len, &second, NULL);

	CHECK(strstr(a.text, "in/zip!/d/y"));
	CHECK(strstr(a.text, "in/zip ends 1 0 "));
	CHECK(strstr(a.text, "in/deep!/core"));
	CHECK(strstr(a.text, "in/deep ends 1 0 "));
	CHECK(strstr(a.text, "text ends 3 0 "));
	CHECK(!strstr(a.text, "plain"));
	CHECK(strstr(b.text, "in/deep!/core!/d/y"));
	CHECK(strstr(b.text, "in/deep!/core ends 1 0 "));
	CHECK(!strstr(b.text, "in/deep!/large"));
	CHECK(!strstr(b.text, "in/zip"));
	CHECK_EQ(a.entries, 4 + 3 + 3);
	CHECK_EQ(b.entries, 5);
	listing_free(&a);
	listing_free(&b);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* The outermost archive is itself one that is looked into, and has no offsets. */
static void by_root(void)
{
	struct buf zip = archive_make("zip", "none", NULL, inner_things, 4);
	const struct pack_look look = {
		.into = into_first, .depth = 1, .root = (const uint8_t *)"in/a", .root_len = 4};

	unsigned before = 0;

	for (int kind = 0; kind < 2; kind++) {
		struct blocks *blocks = blocks_new();
		struct reader r;
		struct pack *p;
		struct pack_entry entry = {0};
		struct err e;
		unsigned modes = 0, n = 0;
		if (kind == 0)
			open_plain_stream(&r, zip.data, zip.len, 1);
		else
			reader_open_memory(&r, zip.data, zip.len, 1);
		CHECK_EQ(nested_open(&p, &r, NULL, blocks, NULL, &look, &e), 0);
		for (; pack_next(p, &entry, &e) == 1; n++) {
			CHECK(entry.prefix_len == (entry.over ? 0 : 6));
			modes += entry.has_mode;
		}
		/* Only the directory of the ZIP knows those. */
		CHECK(modes > 0);
		CHECK_EQ(kind == 0 || modes == before, 1);
		before = modes;
		CHECK_EQ(n, 5);
		CHECK_EQ(entry.over, PACK_OVER_WHOLE);
		pack_close(p);
		blocks_del(blocks);
	}
	buf_free(&zip);
	CHECK_EQ(mem_bytes(), 0);
}

/* What is no archive, and zeros, which may be anything, have nothing but an end that says so. */
static void none_at_root(void)
{
	static const uint8_t text[] = "no archive, and neither are zeros";
	static const uint8_t many[20000];
	const struct pack_look look = {.into = into_first, .depth = 1, .root = (const uint8_t *)"in/a", .root_len = 4};

	for (int kind = 0; kind < 8; kind++) {
		const void *data = kind / 2 == 0 ? text : many;
		const size_t len = kind / 2 == 0 ? sizeof text : kind / 2 == 1 ? 1024 : kind / 2 == 2 ? sizeof many : 0;
		struct blocks *blocks = blocks_new();
		struct reader r;
		struct pack *p;
		struct pack_entry entry;
		struct err e;
		if (kind % 2 == 0)
			open_plain_stream(&r, data, len, 1);
		else
			reader_open_memory(&r, data, len, 1);
		CHECK_EQ(nested_open(&p, &r, NULL, blocks, NULL, &look, &e), 0);
		CHECK_EQ(pack_next(p, &entry, &e), 1);
		CHECK_EQ(entry.over, PACK_OVER_NONE);
		CHECK_EQ(pack_next(p, &entry, &e), 0);
		pack_close(p);
		blocks_del(blocks);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------------- streams */

struct consumer {
	struct task task;
	struct pack_stream *stream;
	struct listing listing;
	struct pack_entry entry;
	struct buf data;
	unsigned calls, close_after;
	int reading, closing;
	_Atomic int over;
};

static int32_t go_on(struct consumer *c)
{
	const uint8_t *data;
	size_t len;
	struct err e;
	int32_t rc;

	if (c->reading) {
		rc = pack_stream_data(c->stream, &c->task, &data, &len, &e);
		if (rc == READER_WAIT)
			return rc;
		if (rc == 0)
			put(&c->data, data, len);
		if (rc == 0 && len == 0)
			add_line(&c->listing, &c->entry, &c->data);
		c->reading = rc == 0 && len > 0;
		return 0;
	}
	rc = pack_stream_next(c->stream, &c->task, &c->entry, &e);
	if (rc == PACK_STREAM_WAIT)
		return READER_WAIT;
	c->data.len = 0;
	c->reading = rc == 1;
	if (rc != 1) {
		listing_end(&c->listing, rc, &e);
		c->closing = 1;
	}
	return 0;
}

static enum step consumer_step(struct task *t)
{
	struct consumer *c = (struct consumer *)(void *)t;

	c->closing |= c->close_after > 0 && ++c->calls > c->close_after;
	if (!c->closing)
		return go_on(c) == READER_WAIT ? STEP_PARK : STEP_MORE;
	if (pack_stream_close(c->stream, t) == READER_WAIT)
		return STEP_PARK;
	buf_free(&c->data);
	atomic_store(&c->over, 1);
	return STEP_DONE;
}

static int32_t start(struct consumer *c, const struct buf *bytes, const struct pack_look *look)
{
	struct reader r;
	struct err e;

	c->task.step = consumer_step;
	reader_open_memory(&r, bytes->data, bytes->len, 0);
	int32_t rc = pack_stream_start_nested(&c->stream, &r, NULL, look, &e);
	if (rc == 0)
		pool_submit(&c->task);
	return rc;
}

static void schedules(void)
{
	struct buf bytes = make_outer();

	for (uint64_t seed = 0; seed < check_rounds(60); seed++) {
		const struct pack_look *look = seed % 2 ? &first : &second;
		struct listing want = listing_nested(bytes.data, bytes.len, look, NULL);
		struct consumer c = {.close_after = seed % 5 == 4 ? 1 + (unsigned)seed / 5 : 0};
		pool_test_begin(seed);
		CHECK_EQ(start(&c, &bytes, look), 0);
		while (pool_test_step())
			;
		CHECK(atomic_load(&c.over));
		if (c.close_after == 0)
			CHECK_TEXT(c.listing.text, want.text);
		listing_free(&c.listing);
		listing_free(&want);
		CHECK_EQ(pool_tasks(), 0);
		pool_test_end();
		CHECK(mem_bytes() == bytes.cap);
	}
	buf_free(&bytes);
}

static void no_memory(void)
{
	struct buf bytes = make_outer();
	struct listing want = listing_nested(bytes.data, bytes.len, &second, NULL);
	unsigned failed = 0;

	for (uint64_t nth = 1; nth < 400; nth++) {
		struct consumer c = {0};
		/* The test's own memory is there. */
		CHECK_EQ(buf_reserve(&c.data, 1 << 20), 0);
		pool_test_begin(nth);
		mem_fail_at(nth);
		int32_t rc = start(&c, &bytes, &second);
		while (pool_test_step())
			;
		mem_fail_at(0);
		if (rc == 0 && c.listing.text && strcmp(c.listing.text, want.text) == 0) {
			listing_free(&c.listing);
			pool_test_end();
			continue;
		}
		/* Told, and nothing more than there is. */
		failed++;
		if (rc != 0)
			buf_free(&c.data);
		else
			CHECK(c.listing.err.code == CORE_EMEMORY || strstr(c.listing.text, "ends 2"));
		listing_free(&c.listing);
		pool_test_end();
	}
	CHECK(failed > 10);
	listing_free(&want);
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* -------------------------------------------------------------------- damage */

/* Cut anywhere, and with a byte changed anywhere, an inner archive is whole only if its entries are what they were. */
static void damage(void)
{
	struct buf core = archive_make("ustar", "gzip", NULL, inner_things, 2);
	struct buf whole = {0};

	add_file(&whole, "in/a", core.data, core.len);
	put(&whole, zeros, sizeof zeros);
	struct listing want = listing_nested(whole.data, whole.len, &first, NULL);
	CHECK(strstr(want.text, "in/a ends 1 0 "));
	for (size_t at = 0; at < core.len; at += 1 + core.len / check_rounds(300)) {
		struct buf cut = {0};
		add_file(&cut, "in/a", core.data, at);
		put(&cut, zeros, sizeof zeros);
		struct listing l = listing_nested(cut.data, cut.len, &first, NULL);
		CHECK(!strstr(l.text, "ends 1"));
		listing_free(&l);
		buf_free(&cut);
		const uint8_t was = whole.data[512 + at];
		whole.data[512 + at] ^= 0x55;
		l = listing_nested(whole.data, whole.len, &first, NULL);
		CHECK(!strstr(l.text, "ends 1") || strcmp(l.text, want.text) == 0);
		listing_free(&l);
		whole.data[512 + at] = was;
	}
	listing_free(&want);
	buf_free(&core);
	buf_free(&whole);
	CHECK_EQ(mem_bytes(), 0);
}

static void limits(void)
{
	struct buf bytes = make_outer();
	static const struct pack_limits some[] = {{.entries = 6}, {.bytes = 500000}, {.name = 9}};

	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		struct listing l = listing_nested(bytes.data, bytes.len, &first, &some[i]);
		CHECK_EQ(l.err.code != 0 ? l.err.code : CORE_EARCHIVE_BOMB, CORE_EARCHIVE_BOMB);
		CHECK(l.err.code != 0 || strstr(l.text, check_text("ends 2 %d", CORE_EARCHIVE_BOMB)));
		listing_free(&l);
	}
	buf_free(&bytes);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------------- changes */

static struct reader_ops changing;


static int32_t changed(struct reader *r, struct err *e)
{
	*e = err_of(CORE_ECHANGED, "compare", r->side, "size changed while it was read");
	return e->code;
}

/* what was read of a file that changed meanwhile is no archive that was read to its end. */
static void changes(void)
{
	struct buf bytes = make_outer();

	for (int nested = 0; nested < 2; nested++) {
		struct blocks *blocks = blocks_new();
		struct reader r;
		struct pack *p;
		struct pack_entry entry;
		struct err e = {0};
		reader_open_memory(&r, bytes.data, bytes.len, 0);
		changing = *r.ops;

		changing.check = changed;
		r.ops = &changing;
		CHECK_EQ(nested ? nested_open(&p, &r, NULL, blocks, NULL, &first, &e) : pack_open_with(&p, &r, NULL, blocks, NULL, &e), 0);
		int32_t rc;
		while ((rc = pack_next(p, &entry, &e)) == 1)
			;
		CHECK_EQ(rc, CORE_ECHANGED);
		pack_close(p);
		blocks_del(blocks);
	}
	buf_free(&bytes);
}

int main(void)
{
	TEST("C-72 archives in archives, level by level", levels);
	TEST("C-72 an archive that is itself looked into", by_root);
	TEST("C-72 a file that is no archive after all", none_at_root);
	TEST("C-72 as a stream under any schedule", schedules);
	TEST("C-72 as a stream without memory", no_memory);
	TEST("C-72 damage of inner archives", damage);
	TEST("C-72 limits of all levels", limits);
	TEST("R-1 an archive that changes while it is read", changes);
	return check_end();
}
