/* SPDX-License-Identifier: MIT */
#include "io/feed.h"
#include "io/reader.h"

static int32_t stream_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got,
			 struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "a stream has no offsets");
	return e->code;
}

static int32_t stream_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			   struct err *e)
{
	int32_t rc = feed_read(r->feed, t, buf, len, got);

	if (rc < 0)
		*e = err_of(rc, "read", r->side, "the stream broke off");
	r->pos += *got;
	return rc;
}

static int32_t stream_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void stream_close(struct reader *r)
{
	feed_leave(r->feed);
}

static const struct reader_ops stream_ops = {stream_at, stream_next, stream_check, stream_close};

void reader_open_feed(struct reader *r, core_feed *feed, int32_t side)
{
	*r = (struct reader){.ops = &stream_ops, .size = UINT64_MAX, .waits = 1, .side = side, .feed = feed};
}
