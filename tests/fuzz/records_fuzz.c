/* SPDX-License-Identifier: MIT */
/*
 * Any records in any order through a ring that is drained at any time: what
 * comes out is what was written, in order, each record whole and its strings
 * within it.
 *
 * An input is a row of letters, each followed by little-endian fields; what
 * is missing at the end counts as zeros:
 *
 *   e  entry of a directory: status, kind, kind, proof (1 byte each), reasons (4), size, size, offset, line, below
 *      (8 each), error, system error (1 each), length of the directory's path, of the name (2 each), filling (1)
 *   s  entry of a directory that is spelled otherwise on the right: the same, then length of that directory's path, of
 *      the name there (2 each); 0 for one that is spelled alike
 *   p  entry of a pair: the same, and the name is the whole path
 *   l  log: level, system error (1 each), length (2), filling (1)
 *   r  range: offset, length (8 each)
 *   b  range with its bytes: offset (8), length (2), filling (1)
 *   d  drain
 *   x  nobody wants records any more
 */
#include "base/alloc.h"
#include "compare/merge.h"
#include "compare/record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum {
	/* What the engine keeps to: paths of 16 KiB, two of 15 KiB each, operands and ranges of 4 KiB. */
	MOST_DIR = 16 << 10,
	MOST_SPELLED = 15 << 10,
	MOST_NAME = 4096,
	MOST_RANGE = 4096,
	MOST_LOG = 1000,
	/* More records than this do not fit the ring. */
	MOST_RECORDS = RING_BYTES / sizeof(struct core_rec_log),
};

#define CHECK(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

struct input {
	const uint8_t *data;
	size_t len;
};

static uint64_t take(struct input *in, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && in->len > 0; i++, in->data++, in->len--)
		value |= (uint64_t)*in->data << (8 * i);
	return value;
}

/* A string of a length and filling that the input says; a buffer of its very size. */
struct text {
	uint8_t *data;
	size_t len;
};

static struct text text_of(size_t len, uint64_t filling)
{
	struct text t = {.data = malloc(len > 0 ? len : 1), .len = len};

	CHECK(t.data);
	memset(t.data, (int)(filling & 0xff), len);
	/* Marks in it, so that a string that has moved is another one. */
	for (size_t i = 0; i < len; i += 61)
		t.data[i] = (uint8_t)(filling + i);
	return t;
}

/* The same without a NUL in it, and one behind it. */
static struct text name_of(size_t len, uint64_t filling)
{
	struct text t = text_of(len + 1, filling);

	for (size_t i = 0; i < len; i++)
		t.data[i] |= 1;
	t.data[--t.len] = 0;
	return t;
}

static struct text joined(struct text a, struct text b)
{
	struct text t = text_of(a.len + b.len, 0);

	if (a.len > 0)
		memcpy(t.data, a.data, a.len);
	if (b.len > 0)
		memcpy(t.data + a.len, b.data, b.len);
	free(a.data);
	free(b.data);
	return t;
}

static struct text copy_of(const void *data, size_t len)
{
	struct text t = text_of(len, 0);

	if (len > 0)
		memcpy(t.data, data, len);
	return t;
}

/* A record as it has to come out: its numbers, and its strings apart from it. */
struct wanted {
	union {
		struct core_rec head;
		struct core_rec_entry entry;
		struct core_rec_log log;
		struct core_rec_range range;
	} rec;
	size_t size;
	struct text text[3];
};

struct state {
	core_run *run;
	struct wanted queue[MOST_RECORDS];
	size_t first, count;
	int discarded;
};

static void forget(struct wanted *w)
{
	for (int i = 0; i < 3; i++)
		free(w->text[i].data);
}

static void want(struct state *s, struct wanted w)
{
	if (s->discarded) {
		forget(&w);
		return;
	}
	CHECK(s->count < MOST_RECORDS);
	s->queue[(s->first + s->count++) % MOST_RECORDS] = w;
}

static void check_text(const uint8_t *rec, uint32_t *at, struct core_str s, struct text want)
{
	/* One that is not there has no place. */
	CHECK(s.len == want.len && (s.off == *at || (s.off == 0 && s.len == 0)));
	if (want.len > 0)
		CHECK(memcmp(rec + s.off, want.data, want.len) == 0);
	*at += s.len;
}

/* One record that came out, against the one that was written. */
static void check_record(const uint8_t *rec, const struct wanted *w)
{
	struct wanted got = {.size = w->size};
	struct core_str no_text = {0}, text[3] = {{0}};

	memcpy(&got.rec, rec, w->size);
	CHECK(got.rec.head.type == w->rec.head.type);
	uint32_t bytes = got.rec.head.bytes, at = (uint32_t)w->size;
	CHECK(bytes % 8 == 0 && bytes >= w->size + w->text[0].len + w->text[1].len + w->text[2].len);
	if (got.rec.head.type == CORE_REC_ENTRY) {
		text[0] = got.rec.entry.path;
		text[1] = got.rec.entry.path_right;
		text[2] = got.rec.entry.message;
		got.rec.entry.path = got.rec.entry.path_right = got.rec.entry.message = no_text;
	} else if (got.rec.head.type == CORE_REC_LOG) {
		text[0] = got.rec.log.message;
		text[1] = got.rec.log.path;
		got.rec.log.path = got.rec.log.message = no_text;
	} else {
		text[0] = got.rec.range.left;
		text[1] = got.rec.range.right;
		got.rec.range.left = got.rec.range.right = no_text;
	}
	got.rec.head.bytes = 0;
	CHECK(memcmp(&got.rec, &w->rec, w->size) == 0);
	for (int i = 0; i < 3; i++)
		check_text(rec, &at, text[i], w->text[i]);
	/* Only padding is left, and nothing leaks in it. */
	CHECK(bytes - at < 8);
	for (; at < bytes; at++)
		CHECK(rec[at] == 0);
}

/* Takes out what the ring holds: whether it held anything. */
static int drain(struct state *s)
{
	static _Alignas(8) uint8_t buf[RING_BYTES];
	uint64_t used = 0;
	uint32_t bits = 0;

	CHECK(core_run_drain(s->run, buf, RING_BYTES - 1, &used, &bits) == CORE_EUSAGE);
	CHECK(core_run_drain(s->run, buf, RING_BYTES, &used, &bits) == 0);
	for (uint64_t at = 0; at < used;) {
		struct core_rec head;
		CHECK(used - at >= sizeof head);
		memcpy(&head, buf + at, sizeof head);
		CHECK(head.bytes >= sizeof head && head.bytes <= used - at && s->count > 0);
		struct wanted *w = &s->queue[s->first];
		CHECK(head.bytes >= w->size);
		check_record(buf + at, w);
		forget(w);
		s->first = (s->first + 1) % MOST_RECORDS;
		s->count--;
		at += head.bytes;
	}
	return used > 0;
}

static const char *const operations[] = {"open", "read", "compare", ""};
static const int32_t codes[] = {0, CORE_EREAD, CORE_EPERMISSION, CORE_ECHANGED, CORE_ELIMIT, CORE_EMEMORY};

static void entry(struct state *s, struct input *in, char kind)
{
	int in_directory = kind != 'p', spelled = kind == 's';
	struct dir_pair dir = {.present = {1, 1}};
	struct item it = {.below = 0};
	struct outcome *o = &it.out;
	char message[256];

	o->status = (uint8_t)take(in, 1);
	it.kind[0] = (uint8_t)take(in, 1);
	it.kind[1] = (uint8_t)take(in, 1);
	o->proof = (uint8_t)take(in, 1);
	o->reasons = (uint32_t)take(in, 4);
	o->size[0] = take(in, 8);
	o->size[1] = take(in, 8);
	o->offset = take(in, 8);
	o->line = take(in, 8);
	it.below = take(in, 8);
	unsigned what = (unsigned)take(in, 1);
	o->err.code = codes[what % (sizeof codes / sizeof *codes)];
	o->err.op = operations[what / 8 % 4];
	o->err.side = (int32_t)(what / 32 % 4) - 1;
	o->err.sys = (int32_t)take(in, 1);
	/* The message is cut where it is too long. */
	static const char long_detail[400] = {[0 ... 398] = 'd'};
	o->err.detail = what >= 128 ? long_detail : NULL;
	size_t most_dir = spelled ? MOST_SPELLED - 255 : MOST_DIR, most_name = spelled ? 255 : MOST_NAME;
	size_t dir_len = in_directory ? take(in, 2) % (most_dir + 1) : 0;
	size_t name_len = take(in, 2) % (most_name + 1);
	uint64_t filling = take(in, 1);
	struct text prefix = text_of(dir_len, filling), name = name_of(name_len, filling + 1);
	struct text right_prefix = {0}, right_name = {0};

	if (in_directory) {
		dir.path = (struct buf){.data = prefix.data, .len = dir_len};
		it.dir = &dir;
		it.name = (const char *)name.data;
		it.len = (uint32_t)name_len;
	}
	if (spelled) {
		right_prefix = text_of(take(in, 2) % (most_dir + 1), filling + 2);
		dir.right = (struct buf){.data = right_prefix.data, .len = right_prefix.len};
		size_t right_len = take(in, 2) % (most_name + 1);
		right_name = name_of(right_len, filling + 3);
		it.name_right = right_len > 0 ? (const char *)right_name.data : NULL;
	}
	int32_t rc = record_entry(s->run, NULL, &it, name.data, name_len);
	if (rc == 0) {
		CHECK(drain(s));
		rc = record_entry(s->run, NULL, &it, name.data, name_len);
	}
	CHECK(rc == 1);
	/* Only what is there on the right has a spelling there. */
	struct text right = {0};
	if (it.kind[1] != CORE_KIND_NONE && (dir.right.len > 0 || it.name_right))
		right = joined(dir.right.len > 0 ? copy_of(right_prefix.data, right_prefix.len) : copy_of(prefix.data, dir_len),
			       it.name_right ? copy_of(right_name.data, right_name.len) : copy_of(name.data, name_len));
	free(right_prefix.data);
	free(right_name.data);
	size_t message_len = o->err.code ? err_text(&o->err, message, sizeof message) : 0;
	want(s, (struct wanted){
		.rec.entry = {.head.type = CORE_REC_ENTRY, .status = o->status, .kind_left = it.kind[0],
			      .kind_right = it.kind[1], .proof = o->proof, .reasons = o->reasons,
			      .size_left = o->size[0], .size_right = o->size[1], .offset = o->offset,
			      .line = o->line, .below = it.below, .error = o->err.code, .sys = o->err.sys},
		.size = sizeof(struct core_rec_entry),
		.text = {joined(prefix, name), right, copy_of(message, message_len)},
	});
}

static void log_record(struct state *s, struct input *in)
{
	uint32_t level = (uint32_t)take(in, 1);
	int32_t sys = (int32_t)take(in, 1);
	size_t len = take(in, 2) % (MOST_LOG + 1);
	struct text message = name_of(len, take(in, 1));

	uint32_t before = atomic_load(&s->run->tail);
	record_log(s->run, (enum core_level)level, sys, (const char *)message.data);
	/* It is left out where there is no room for it. */
	if (atomic_load(&s->run->tail) == before) {
		free(message.data);
		return;
	}
	want(s, (struct wanted){
		.rec.log = {.head.type = CORE_REC_LOG, .level = level, .sys = sys},
		.size = sizeof(struct core_rec_log),
		.text = {message},
	});
}

static void range(struct state *s, struct input *in, int with_bytes)
{
	uint64_t off = take(in, 8), length = with_bytes ? take(in, 2) % (MOST_RANGE + 1) : take(in, 8);
	uint64_t filling = with_bytes ? take(in, 1) : 0;
	struct text a = text_of(with_bytes ? length : 0, filling), b = text_of(a.len, filling + 1);
	const uint8_t *left = with_bytes ? a.data : NULL, *right = with_bytes ? b.data : NULL;

	int32_t rc = record_range(s->run, NULL, off, length, left, right);
	if (rc == 0) {
		CHECK(drain(s));
		rc = record_range(s->run, NULL, off, length, left, right);
	}
	CHECK(rc == 1);
	want(s, (struct wanted){
		.rec.range = {.head.type = CORE_REC_RANGE, .offset = off, .length = length},
		.size = sizeof(struct core_rec_range),
		.text = {a, b},
	});
}

static void no_job(void *job)
{
	(void)job;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static core_pump *pump;
	static struct state s;
	struct input in = {.data = data, .len = len};

	if (!pump)
		CHECK(core_pump_new(&pump) == 0);
	s.first = s.count = 0;
	s.discarded = 0;
	CHECK(run_new(&s.run, pump, 1, NULL, NULL, no_job) == 0);
	while (in.len > 0) {
		switch (take(&in, 1)) {
		case 'e': entry(&s, &in, 'e'); break;
		case 's': entry(&s, &in, 's'); break;
		case 'p': entry(&s, &in, 'p'); break;
		case 'l': log_record(&s, &in); break;
		case 'r': range(&s, &in, 0); break;
		case 'b': range(&s, &in, 1); break;
		case 'd': drain(&s); break;
		case 'x':
			core_run_discard(s.run);
			s.discarded = 1;
			for (; s.count > 0; s.count--, s.first = (s.first + 1) % MOST_RECORDS)
				forget(&s.queue[s.first]);
			break;
		default: break;
		}
	}
	run_end(s.run, NULL, NULL, 0);
	/* At the end nothing may be missing. */
	while (drain(&s))
		;
	CHECK(s.count == 0);
	run_unref(s.run);
	core_run_del(s.run);
	uint64_t token;
	uint32_t n;
	do
		core_pump_ready(pump, &token, 1, &n);
	while (n > 0);
	return 0;
}
