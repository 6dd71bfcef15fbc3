/* SPDX-License-Identifier: MIT */
/* Readers of what is on this machine, and what is special about files. */
#include "check.h"
#include "conformance.h"
#include "core.h"
#include "files.h"
#include "io/feed.h"
#include "io/reader.h"
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/loop.h>

static core_pump *pump;
static core_feed *feed;
static const uint8_t *feed_bytes;
static size_t feed_len, feed_at;

/* ------------------------------------------------------------------ kinds */

static void open_file(struct reader *r, const uint8_t *bytes, size_t len)
{
	const char *path = check_text("%s/conformance", check_folder());
	struct err e;

	files_write(path, bytes, len);
	CHECK_EQ(reader_open_file(r, PLAT_CWD, path, 0, 1, &e), 0);
}

static void open_memory(struct reader *r, const uint8_t *bytes, size_t len)
{
	reader_open_memory(r, bytes, len, 1);
}

static void open_feed(struct reader *r, const uint8_t *bytes, size_t len)
{
	if (!pump)
		CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_feed_new(&feed, pump, 1, 4096), 0);
	CHECK(feed_take(feed));
	reader_open_feed(r, feed, 1);
	feed_bytes = bytes;
	feed_len = len;
	feed_at = 0;
}

/* What the source does while its reader waits. */
static void no_more(void)
{
	FAIL("this reader never waits");
}

static void feed_more(void)
{
	uint64_t taken;

	if (feed_at == feed_len) {
		CHECK_EQ(core_feed_end(feed), 0);
		return;
	}
	CHECK_EQ(core_feed_write(feed, feed_bytes + feed_at, feed_len - feed_at, &taken), 0);
	CHECK(taken > 0);
	feed_at += taken;
}

static void nothing(void)
{
}

static void drop_feed(void)
{
	core_feed_del(feed);
}

static void end_feeds(void)
{
	core_pump_del(pump);
	pump = NULL;
}

static const struct reader_kind kinds[] = {
	{"file", open_file, no_more, nothing, NULL, 1, 1, 0},
	{"memory", open_memory, no_more, nothing, NULL, 1, 1, 0},
	{"feed", open_feed, feed_more, drop_feed, end_feeds, 0, 0, 2},
};

static const struct reader_kind *kind;

static void conforms(void)
{
	reader_conforms(kind);
}

/* ------------------------------------------------------------- files only */

static const char *file(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

static void changes_are_seen(void)
{
	static const struct {
		const char *what, *detail;
	} changes[] = {{"shorter", "size changed while it was read"},
		       {"longer", "size changed while it was read"},
		       {"written", "mtime changed while it was read"},
		       {"times", "mtime changed while it was read"},
		       {"mode", "ctime changed while it was read"}};
	const char *path = file("changing");

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct reader r;
		struct err e;
		uint8_t buf[8192];
		size_t got;
		files_write(path, "0123456789", 10);
		files_resize(path, 8192);
		CHECK_EQ(reader_open_file(&r, PLAT_CWD, path, 0, 0, &e), 0);
		CHECK_EQ(reader_at(&r, 0, buf, 4096, &got, &e), 0);
		CHECK_EQ(got, 4096);
		CHECK_EQ(reader_check(&r, &e), 0);
		/* Coarse clocks would hide a change that comes at once. */
		usleep(20000);
		if (i == 0)
			files_resize(path, 5000);
		if (i == 1)
			files_resize(path, 9000);
		if (i == 2)
			files_patch(path, 5, "x", 1);
		if (i == 3)
			CHECK_EQ(utimensat(AT_FDCWD, path, (const struct timespec[]){{1, 0}, {1, 0}}, 0), 0);
		if (i == 4)
			CHECK_EQ(chmod(path, 0640), 0);
		CHECK_EQ(reader_at(&r, 4096, buf, 4096, &got, &e), 0);
		CHECK_EQ(got, i == 0 ? 5000 - 4096 : 4096);
		CHECK_EQ(reader_check(&r, &e), CORE_ECHANGED);
		CHECK_EQ(e.code, CORE_ECHANGED);
		CHECK_TEXT(e.detail, changes[i].detail);
		reader_close(&r);
		unlink(path);
	}
}

static void open_fails(void)
{
	struct reader r;
	struct err e;
	const char *folder = file("folder"), *link = file("link"), *fifo = file("fifo");

	files_mkdir(folder);
	files_link("folder", link);
	CHECK_EQ(mkfifo(fifo, 0600), 0);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, file("none"), 0, 1, &e), CORE_ENOT_FOUND);
	CHECK_EQ(e.sys, ENOENT);
	CHECK_EQ(e.side, 1);
	CHECK_TEXT(e.op, "open");
	reader_close(&r);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, link, PLAT_NOFOLLOW, 0, &e), CORE_ELOOP);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, fifo, PLAT_DIR, 0, &e), CORE_ENOT_FOUND);
	/* A FIFO opens without a writer, and says what it is. */
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, fifo, 0, 0, &e), 0);
	CHECK_EQ(r.before.kind, CORE_KIND_FIFO);
	reader_close(&r);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, link, PLAT_DIR, 0, &e), 0);
	CHECK_EQ(r.before.kind, CORE_KIND_DIR);
	/* A directory has no bytes: the error carries the place. */
	uint8_t byte;
	size_t got;
	CHECK_EQ(reader_at(&r, 41, &byte, 1, &got, &e), CORE_EREAD);
	CHECK_EQ(e.sys, EISDIR);
	CHECK_EQ(e.at, 42);
	reader_close(&r);
	CHECK_EQ(plat_descriptors(), 0);
}

static void holes_and_data(void)
{
	const char *path = file("sparse");
	struct reader r;
	struct err e;
	const uint64_t at = 1 << 20, size = 4 << 20;

	files_resize(path, size);
	files_patch(path, at, "data", 4);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, path, 0, 0, &e), 0);
	if (!r.sparse)
		check_skip("no sparse files here");
	if (reader_data(&r, 0) == 0)
		check_skip("this file system does not tell holes");
	uint64_t data = reader_data(&r, 0);
	CHECK(data <= at && data + 65536 > at);
	CHECK(reader_data(&r, at) == at);
	uint64_t hole = reader_hole(&r, at);
	CHECK(hole > at && hole <= at + 65536);
	CHECK(reader_data(&r, hole) == size);
	CHECK(reader_data(&r, size) == size);
	CHECK(reader_data(&r, size + 5) == size);
	reader_close(&r);
	files_write(path, "dense", 5);
	CHECK_EQ(reader_open_file(&r, PLAT_CWD, path, 0, 0, &e), 0);
	CHECK(!r.sparse);
	reader_close(&r);
	unlink(path);
}

static void same_and_pseudo(void)
{
	struct reader a, b, c, m;
	struct err e;

	files_write_text(file("one"), "x");
	files_write_text(file("two"), "x");
	CHECK_EQ(link(file("one"), file("hard")), 0);
	CHECK_EQ(reader_open_file(&a, PLAT_CWD, file("one"), 0, 0, &e), 0);
	CHECK_EQ(reader_open_file(&b, PLAT_CWD, file("hard"), 0, 1, &e), 0);
	CHECK_EQ(reader_open_file(&c, PLAT_CWD, file("two"), 0, 1, &e), 0);
	reader_open_memory(&m, (const uint8_t *)"x", 1, 1);
	CHECK(reader_same(&a, &b));
	CHECK(!reader_same(&a, &c));
	CHECK(!reader_same(&a, &m) && !reader_same(&m, &m));
	CHECK(!reader_is_pseudo(&a) && !reader_is_pseudo(&m));
	reader_close(&b);
	if (reader_open_file(&b, PLAT_CWD, "/proc/self/status", 0, 1, &e) == 0) {
		CHECK(reader_is_pseudo(&b));
		reader_close(&b);
	}
	reader_close(&a);
	reader_close(&c);
}

/* A block device: its size is not that of its node, and it is not taken for changed. */
static void block_device(void)
{
	const char *path = file("image");
	char device[32];
	struct reader r;
	struct err e;
	uint8_t byte;
	size_t got;

	files_resize(path, 1 << 20);
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	if (number < 0)
		check_skip("no loop device here");
	snprintf(device, sizeof device, "/dev/loop%d", number);
	int loop = open(device, O_RDWR | O_CLOEXEC), image = open(path, O_RDWR | O_CLOEXEC);
	if (loop < 0 || ioctl(loop, LOOP_SET_FD, image) != 0)
		check_skip("no loop device to use");
	int32_t rc = reader_open_file(&r, PLAT_CWD, device, 0, 0, &e);
	int32_t read = rc != 0 ? rc : reader_at(&r, (1 << 20) - 1, &byte, 1, &got, &e);
	int32_t check = rc != 0 ? rc : reader_check(&r, &e);
	uint64_t size = r.size;
	reader_close(&r);
	ioctl(loop, LOOP_CLR_FD, 0);
	close(loop);
	close(image);
	CHECK_EQ(rc, 0);
	CHECK_EQ(size, 1 << 20);
	CHECK_EQ(read, 0);
	CHECK_EQ(got, 1);
	CHECK_EQ(check, 0);
}

int main(void)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		kind = &kinds[i];
		TEST(check_text("C-02 reader conformance, %s", kind->name), conforms);
	}
	TEST("C-03 reader changes of a file are seen", changes_are_seen);
	TEST("C-02 reader opening fails with the reason", open_fails);
	TEST("C-02 reader finds holes and data", holes_and_data);
	TEST("C-02 reader same inode and made-up files", same_and_pseudo);
	TEST("C-02 reader block device", block_device);
	return check_end();
}
