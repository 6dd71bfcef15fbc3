/* SPDX-License-Identifier: MIT */
#include "pack/stream.h"

#include "base/alloc.h"
#include "pack/blocking.h"
#include "pack/format.h"
#include "pack/nested.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

enum {
	/** Messages in flight, a power of two: two for each small file. */
	QUEUE = 128,
	/** Messages that a consumer which waits is woken for in the middle of a step. */
	WORTH_WAKING = 16,
	/** Blocks in flight, with one or two that the decoder works on: 1 MiB waits for the consumer. */
	BLOCKS = 6,
	/** Blocks and messages of one step. */
	STEP_BLOCKS = 4,
	STEP_MESSAGES = 64,
	/** Entries, or pieces of them, that are passed at a time on the way to archives in archives. */
	STEP_PASSES = 8,
};

/** What the decoder tells the consumer. */
enum what {
	/** An entry begins. */
	ENTRY,
	/** Bytes of it. */
	DATA,
	/** It cannot be decoded, or no further; the archive goes on. */
	BROKEN,
	/** The archive is at its end, or failed. */
	END,
};

struct message {
	enum what what;
	/** ENTRY, DATA: the entry's bytes end with this. */
	int last;
	/** ENTRY: with its text behind it, in one piece of memory. */
	struct pack_entry *entry;
	struct slice slice;
	struct err err;
};

struct pack_stream {
	/** The decoder, when it runs on the pool. */
	struct task task;
	/** How it waits, when it has a thread. */
	struct blocking *blocking;
	/** Consumer and decoder; the last of them frees. */
	_Atomic unsigned users;
	struct reader take;
	struct pack_limits limits;
	/** What is looked into; `depth` 0 for the archive itself. */
	struct pack_look look;
	struct blocks *blocks;
	/** Set by the consumer: nobody wants the rest. */
	_Atomic uint32_t stop;
	/** The consumer passes entries before this one. */
	_Atomic uint64_t wanted;
	_Atomic uint64_t bytes_read;

	/* The decoder's. */
	struct pack *pack;
	struct pack_entry entry;
	int in_entry;
	/** A message that waits for room, and one to be sent behind it. */
	struct message ready[2];
	unsigned ready_count;
	/** Nothing comes after what is ready. */
	int ending;

	pthread_mutex_t lock;
	/** For the decoder's thread, when the queue is full. */
	pthread_cond_t room;
	/* Under the lock. */
	struct message queue[QUEUE];
	unsigned head, tail;
	/** The consumer's task, parked because there is nothing. */
	struct task *waiting;
	/** The decoder is parked because there is too much; it has let go of everything. */
	int is_full, done;

	/* The consumer's. */
	struct pack_entry *current;
	struct slice held, member;
	/** The entry's bytes are over; the archive is. */
	int entry_over, ended;
	struct err entry_err, err;
	struct buf failed_name;
};

/* ---------------------------------------------------------------- messages */

static void drop_message(struct message *m)
{
	block_drop(m->slice.block);
	mem_free(m->entry);
}

/* A copy of an entry in one piece of memory; NULL when there is none. */
static struct pack_entry *copy_entry(const struct pack_entry *from)
{
	size_t attrs = from->attr_count * sizeof *from->attrs;
	size_t text = (size_t)from->path_len + from->raw_len + from->target_len;

	for (uint32_t i = 0; i < from->attr_count; i++)
		text += (size_t)from->attrs[i].name_len + from->attrs[i].value_len;
	struct pack_entry *to = mem_alloc(sizeof *to + attrs + text);
	if (!to)
		return NULL;
	struct pack_attr *attr = (struct pack_attr *)(void *)(to + 1);
	uint8_t *at = (uint8_t *)(to + 1) + attrs;
	*to = *from;
	to->attrs = attr;
#define COPY(field, len)                                     \
	do {                                                 \
		if ((len) > 0)                               \
			memcpy(at, field, len);              \
		if (field)                                   \
			(field) = at;                        \
		at += (len);                                 \
	} while (0)
	COPY(to->path, from->path_len);
	COPY(to->raw, from->raw_len);
	COPY(to->target, from->target_len);
	for (uint32_t i = 0; i < from->attr_count; i++) {
		attr[i] = from->attrs[i];
		COPY(attr[i].name, attr[i].name_len);
		COPY(attr[i].value, attr[i].value_len);
	}
#undef COPY
	return to;
}

/* ----------------------------------------------------------------- decoder */

/* The lock is held. */
static int is_full(const struct pack_stream *s)
{
	return s->tail - s->head >= QUEUE || blocks_out(s->blocks) >= BLOCKS + NESTED_BLOCKS * s->look.depth;
}

/* Enough room that waking the decoder for it pays. The lock is held. */
static int has_room(const struct pack_stream *s)
{
	return s->tail - s->head <= QUEUE / 2 && blocks_out(s->blocks) <= BLOCKS / 2;
}

static void wake_consumer(struct pack_stream *s)
{
	if (s->waiting)
		pool_wake(s->waiting);
	s->waiting = NULL;
}

/* Hands over what is ready: 1, or 0 when there is no room now and the consumer wakes the decoder. */
static int hand_over(struct pack_stream *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned sent = 0;
	for (; sent < s->ready_count && s->tail - s->head < QUEUE; sent++)
		s->queue[s->tail++ % QUEUE] = s->ready[sent];
	s->ready_count -= sent;
	if (s->ready_count > 0 && sent > 0)
		s->ready[0] = s->ready[sent];
	/* Full also without anything to send: then the next block has to wait. */
	s->is_full = !atomic_load(&s->stop) && (s->ready_count > 0 || (!s->ending && is_full(s)));
	int go_on = !s->is_full;
	/* Waking costs more than a small file: not for each of them, unless the next may be long in coming. */
	if (s->head != s->tail &&
	    (!go_on || s->ending || s->blocking || s->tail - s->head >= WORTH_WAKING))
		wake_consumer(s);
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

static void ready(struct pack_stream *s, struct message m)
{
	s->ready[s->ready_count++] = m;
}

static void ready_end(struct pack_stream *s, int32_t rc, const struct err *e)
{
	ready(s, (struct message){.what = END, .err = rc < 0 ? *e : (struct err){0}});
}

/* Whether the consumer has passed the entry that is decoded. */
static int is_passed(const struct pack_stream *s)
{
	return atomic_load_explicit(&s->wanted, memory_order_relaxed) > s->entry.index;
}

/* Whether nothing follows what was decoded of the entry: then no message of its own need say so. */
static int at_end_of_entry(struct pack_stream *s, struct message *more)
{
	struct slice none;
	struct err e;

	if (s->entry.size == UINT64_MAX || s->pack->entry_given < s->entry.size)
		return 0;
	int32_t rc = pack_take(s->pack, &none, &e);
	if (rc == 0 && none.len == 0)
		return 1;
	*more = rc == 0 ? (struct message){.what = DATA, .slice = none}
			: (struct message){.what = BROKEN, .err = e};
	return 0;
}

static void decode_entry(struct pack_stream *s)
{
	struct message m = {.what = ENTRY}, more = {.what = END};
	struct err e;

	int32_t rc = pack_next(s->pack, &s->entry, &e);
	if (rc <= 0) {
		ready_end(s, rc, &e);
		return;
	}
	m.entry = copy_entry(&s->entry);
	if (!m.entry) {
		e = err_of(CORE_EMEMORY, "read the archive", s->pack->side, "out of memory");
		ready_end(s, e.code, &e);
		return;
	}
	if (s->entry.size == 0)
		m.last = at_end_of_entry(s, &more);
	s->in_entry = !m.last && more.what != BROKEN;
	ready(s, m);
	if (more.what != END)
		ready(s, more);
}

static void decode_data(struct pack_stream *s)
{
	struct message m = {.what = DATA}, more = {.what = END};

	int32_t rc = pack_take(s->pack, &m.slice, &m.err);
	if (rc != 0)
		m.what = BROKEN;
	else if (m.slice.len == 0)
		m.last = 1;
	else
		m.last = at_end_of_entry(s, &more);
	s->in_entry = rc == 0 && !m.last && more.what != BROKEN;
	ready(s, m);
	if (more.what != END)
		ready(s, more);
}

/* Passes what the consumer has passed, in pieces: an entry may be long. What fails is told with the next one. */
static void pass_data(struct pack_stream *s)
{
	struct err e;

	s->in_entry = pack_pass(s->pack, &e) > 0;
}

/* Some work: 1 when there may be more, 0 when that was the end. */
static int work(struct pack_stream *s)
{
	struct err e;

	if (!s->pack) {
		int32_t rc = s->look.depth > 0
			? nested_open(&s->pack, &s->take, &s->limits, s->blocks, &s->stop, &s->look, &e)
			: pack_open_with(&s->pack, &s->take, &s->limits, s->blocks, &s->stop, &e);
		if (rc != 0)
			ready_end(s, rc, &e);
		return rc == 0;
	}
	for (unsigned i = 0; !s->in_entry && s->look.depth > 0 && !nested_advance(s->pack); i++) {
		if (i == STEP_PASSES)
			return 1;
	}
	if (!s->in_entry)
		decode_entry(s);
	else if (is_passed(s))
		pass_data(s);
	else
		decode_data(s);
	atomic_store_explicit(&s->bytes_read, pack_bytes_read(s->pack), memory_order_relaxed);
	return s->ready_count == 0 || s->ready[s->ready_count - 1].what != END;
}

static void let_go(struct pack_stream *s)
{
	if (atomic_fetch_sub(&s->users, 1) != 1)
		return;
	while (s->head != s->tail)
		drop_message(&s->queue[s->head++ % QUEUE]);
	block_drop(s->held.block);
	blocking_del(s->blocking);
	blocks_del(s->blocks);
	buf_free(&s->failed_name);
	mem_free(s->current);
	pthread_cond_destroy(&s->room);
	pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

/* The decoder's last act. */
static void finish(struct pack_stream *s)
{
	while (s->ready_count > 0)
		drop_message(&s->ready[--s->ready_count]);
	pack_close(s->pack);
	s->pack = NULL;
	reader_close(&s->take);
	blocking_end(s->blocking);
	pthread_mutex_lock(&s->lock);
	s->done = 1;
	wake_consumer(s);
	pthread_mutex_unlock(&s->lock);
	let_go(s);
}

/** What comes after a turn of the decoder. */
enum turn { AGAIN, WAIT, OVER };

/* Decodes for a bounded time. */
static enum turn take_turn(struct pack_stream *s)
{
	for (unsigned i = 0; i < STEP_MESSAGES; i++) {
		if (!hand_over(s))
			return WAIT;
		if (s->ending || atomic_load(&s->stop))
			return OVER;
		s->ending = !work(s);
		/* A block of bytes, given or passed, is what takes time, and not a small file. */
		if (s->ready_count == 0 || s->ready[0].slice.len == PACK_BLOCK)
			i += STEP_MESSAGES / STEP_BLOCKS - 1;
	}
	pthread_mutex_lock(&s->lock);
	if (s->head != s->tail)
		wake_consumer(s);
	pthread_mutex_unlock(&s->lock);
	return AGAIN;
}

static enum step decode_step(struct task *t)
{
	struct pack_stream *s = (struct pack_stream *)(void *)t;

	switch (take_turn(s)) {
	case AGAIN:
		return STEP_MORE;
	case WAIT:
		return STEP_PARK;
	case OVER:
		break;
	}
	finish(s);
	return STEP_DONE;
}

static void *decode_thread(void *arg)
{
	struct pack_stream *s = arg;
	enum turn turn;

	plat_name_thread("core-pack");
	while ((turn = take_turn(s)) != OVER) {
		pthread_mutex_lock(&s->lock);
		while (s->is_full)
			pthread_cond_wait(&s->room, &s->lock);
		pthread_mutex_unlock(&s->lock);
	}
	finish(s);
	return NULL;
}

/* ---------------------------------------------------------------- consumer */

/* The decoder may go on, if it waits for that. The lock is held. */
static void wake_decoder(struct pack_stream *s)
{
	/* A consumer with nothing left to take cannot wait for more room than there is. */
	int room = s->head == s->tail ? !is_full(s) : has_room(s);
	if (!s->is_full || (!room && !atomic_load(&s->stop)))
		return;
	s->is_full = 0;
	if (s->blocking)
		pthread_cond_signal(&s->room);
	else
		pool_wake(&s->task);
}

/* Gives back the bytes the consumer had. */
static void drop_held(struct pack_stream *s)
{
	block_drop(s->held.block);
	s->held = (struct slice){0};
	s->member = (struct slice){0};
}

/* The next message: 1, or 0 when there is none and `t` is woken when there is. */
static int receive(struct pack_stream *s, struct task *t, struct message *m)
{
	pthread_mutex_lock(&s->lock);
	int got = s->head != s->tail;
	if (got)
		*m = s->queue[s->head++ % QUEUE];
	else
		s->waiting = t;
	wake_decoder(s);
	pthread_mutex_unlock(&s->lock);
	return got;
}

static int32_t end_of(struct pack_stream *s, const struct message *m)
{
	s->ended = 1;
	s->entry_over = 1;
	s->err = m->err;
	return m->err.code;
}

/* The consumer's copy of a name outlives the entry. */
static void note_failure(struct pack_stream *s)
{
	s->failed_name.len = 0;
	if (s->current)
		(void)buf_append(&s->failed_name, s->current->raw, s->current->raw_len);
}

int32_t pack_stream_next(struct pack_stream *s, struct task *t, struct pack_entry *entry, struct err *e)
{
	struct message m;

	drop_held(s);
	if (!s->entry_over && s->current)
		atomic_store_explicit(&s->wanted, s->current->index + 1, memory_order_relaxed);
	while (!s->ended) {
		if (!receive(s, t, &m))
			return PACK_STREAM_WAIT;
		if (m.what == ENTRY) {
			mem_free(s->current);
			s->current = m.entry;
			s->entry_over = m.last;
			s->entry_err = (struct err){0};
			*entry = *m.entry;
			return 1;
		}
		if (m.what == END)
			end_of(s, &m);
		drop_message(&m);
	}
	if (s->err.code == 0)
		return 0;
	note_failure(s);
	*e = s->err;
	return e->code;
}

int32_t pack_stream_data(struct pack_stream *s, struct task *t, const uint8_t **data, size_t *len,
			 struct err *e)
{
	struct message m;

	drop_held(s);
	*data = NULL;
	*len = 0;
	if (s->entry_err.code != 0 || (s->ended && s->err.code != 0)) {
		*e = s->entry_err.code != 0 ? s->entry_err : s->err;
		return e->code;
	}
	if (s->entry_over || !s->current)
		return 0;
	if (!receive(s, t, &m))
		return READER_WAIT;
	if (m.what == BROKEN || m.what == END) {
		note_failure(s);
		s->entry_over = 1;
		s->entry_err = m.err;
		if (m.what == END)
			end_of(s, &m);
		*e = m.err;
		return e->code;
	}
	s->held = m.slice;
	s->entry_over = m.last;
	*data = m.slice.data;
	*len = m.slice.len;
	return 0;
}

const uint8_t *pack_stream_failed_name(const struct pack_stream *s, uint32_t *len)
{
	*len = (uint32_t)s->failed_name.len;
	return s->failed_name.data ? s->failed_name.data : (const uint8_t *)"";
}

uint64_t pack_stream_bytes_read(const struct pack_stream *s)
{
	return atomic_load_explicit(&s->bytes_read, memory_order_relaxed);
}

int32_t pack_stream_close(struct pack_stream *s, struct task *t)
{
	drop_held(s);
	atomic_store(&s->stop, 1);
	if (s->blocking)
		blocking_stop(s->blocking);
	pthread_mutex_lock(&s->lock);
	s->waiting = s->done ? NULL : t;
	int wait = s->waiting != NULL;
	wake_decoder(s);
	pthread_mutex_unlock(&s->lock);
	if (wait)
		return READER_WAIT;
	let_go(s);
	return 0;
}

/* ----------------------------------------------------------------- readers */

static int32_t no_offsets(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "read", r->side, "an archive's entry has no offsets");
	return e->code;
}

static int32_t entry_next(struct reader *r, struct task *t, uint8_t *buf, size_t len, size_t *got,
			  struct err *e)
{
	struct pack_stream *s = r->impl;

	*got = 0;
	if (len == 0)
		return 0;
	if (s->member.len == 0) {
		int32_t rc = pack_stream_data(s, t, &s->member.data, &s->member.len, e);
		if (rc < 0)
			e->side = r->side;
		if (rc != 0)
			return rc;
	}
	*got = s->member.len < len ? s->member.len : len;
	if (*got > 0)
		memcpy(buf, s->member.data, *got);
	s->member.data += *got;
	s->member.len -= *got;
	r->pos += *got;
	return 0;
}

static int32_t no_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

/* Nobody waits any more: the task that did may be gone soon. */
static void entry_close(struct reader *r)
{
	struct pack_stream *s = r->impl;

	pthread_mutex_lock(&s->lock);
	s->waiting = NULL;
	pthread_mutex_unlock(&s->lock);
}

static const struct reader_ops entry_ops = {no_offsets, entry_next, no_check, entry_close, NULL};

void reader_open_pack(struct reader *r, struct pack_stream *s, int32_t side)
{
	*r = (struct reader){.ops = &entry_ops, .size = s->current ? s->current->size : 0, .waits = 1, .side = side,
			     .impl = s};
}

/* ------------------------------------------------------------------- start */

/* A thread that nobody waits for and that gets no signals, as those of the pool. */
static int start_thread(struct pack_stream *s)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256 << 10);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&thread, &attr, decode_thread, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc == 0;
}

static int32_t no_start(struct reader *take, int32_t code, struct err *e)
{
	*e = err_of(code, "read the archive", take->side, code == CORE_EMEMORY ? "out of memory" : "no thread is left");
	reader_close(take);
	return code;
}

int32_t pack_stream_start(struct pack_stream **out, struct reader *take, const struct pack_limits *limits,
			  struct err *e)
{
	const struct pack_look none = {0};

	return pack_stream_start_nested(out, take, limits, &none, e);
}

int32_t pack_stream_start_nested(struct pack_stream **out, struct reader *take, const struct pack_limits *limits,
				 const struct pack_look *look, struct err *e)
{
	struct pack_stream *s = mem_zalloc(1, sizeof *s);

	if (!s)
		return no_start(take, CORE_EMEMORY, e);
	s->blocks = blocks_new();
	if (!s->blocks || pool_start() != 0) {
		int32_t code = s->blocks ? CORE_ELIMIT : CORE_EMEMORY;
		blocks_del(s->blocks);
		mem_free(s);
		return no_start(take, code, e);
	}
	s->task.step = decode_step;
	atomic_init(&s->users, 2);
	s->limits = pack_limits_of(limits);
	s->look = *look;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->room, NULL);
	int waits = take->waits;
	int32_t code = waits ? blocking_open(&s->blocking, take) : 0;
	if (code == 0) {
		s->take = *take;
		take->ops = NULL;
		if (!waits)
			pool_submit(&s->task);
		else if (!start_thread(s))
			code = CORE_ELIMIT;
	}
	if (code == 0) {
		*out = s;
		return 0;
	}
	struct reader *left = s->take.ops ? &s->take : take;
	no_start(left, code, e);
	blocking_end(s->blocking);
	atomic_store(&s->users, 1);
	let_go(s);
	return code;
}
