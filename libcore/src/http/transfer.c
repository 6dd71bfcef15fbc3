/* SPDX-License-Identifier: MIT */
#include "http/transfer.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "core.h"
#include "http/net.h"
#include "plat/plat.h"
#include "wire/address.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
	RING_CAP = 512 << 10,
	/** Of a body that nobody wants, read on so that the connection can be used again. */
	DRAIN_BYTES = 64 << 10,
	/** Bytes after which a source that failed before counts as one that works. */
	PROGRESS_BYTES = 1 << 20,
	/** The wait before the first further try; it doubles. */
	BACKOFF_MS = 250,
	MAX_BACKOFF_MS = 5000,
	/** A server that wants more patience than this gets none. */
	MAX_RETRY_AFTER_MS = 30000,
};

#define UNKNOWN UINT64_MAX
#define MS 1000000ull

static _Atomic uint64_t live;

struct transfer *transfer_new(void)
{
	struct transfer *t = mem_zalloc(1, sizeof *t);

	if (!t)
		return NULL;
	if (ring_init(&t->ring, RING_CAP, RING_CAP / 2) != 0) {
		mem_free(t);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	t->size = t->total = UNKNOWN;
	atomic_fetch_add(&live, 1);
	return t;
}

void transfer_free(struct transfer *t)
{
	url_free(&t->source);
	url_free(&t->at);
	url_free_login(t->authorization);
	remote_unref(t->remote);
	ring_free(&t->ring);
	pthread_mutex_destroy(&t->lock);
	mem_free(t);
	atomic_fetch_sub(&live, 1);
}

uint64_t transfer_count(void)
{
	return atomic_load(&live);
}

/* ------------------------------------------------------- what the reader sees */

static struct err error_of(const struct transfer *t, int32_t code, const char *detail)
{
	struct err e = err_of(code, "fetch", t->side, detail);

	e.n = t->got;
	return e;
}

/* Of a whole, how much is wanted. */
static uint64_t wanted_of(const struct transfer *t, uint64_t total)
{
	if (total == UNKNOWN)
		return UNKNOWN;
	uint64_t left = total > t->want.skip ? total - t->want.skip : 0;
	return t->want.limit > 0 && t->want.limit < left ? t->want.limit : left;
}

static void wake(struct transfer *t)
{
	if (t->waiter)
		pool_wake(t->waiter);
	t->waiter = NULL;
}

static void publish(struct transfer *t)
{
	pthread_mutex_lock(&t->lock);
	if (!t->ready) {
		t->size = wanted_of(t, t->total);
		t->digests = t->answer.digests;
		if (!t->want.digest || !(t->remote->flags & CORE_REMOTE_TRUST_DIGEST))
			t->digests.have = 0;
		t->ready = 1;
	}
	wake(t);
	pthread_mutex_unlock(&t->lock);
}

/* It comes to nothing: told behind the bytes that are in the ring. */
static void fail(struct transfer *t, const struct err *e)
{
	t->role = ROLE_NONE;
	t->retry_at = 0;
	net_unwatch(t);
	pthread_mutex_lock(&t->lock);
	t->err = *e;
	t->ready = 1;
	wake(t);
	pthread_mutex_unlock(&t->lock);
	ring_end(&t->ring, RING_BROKEN);
}

static void succeed(struct transfer *t)
{
	t->role = ROLE_NONE;
	net_unwatch(t);
	ring_end(&t->ring, RING_ENDED);
}

/* ------------------------------------------------------------------ requests */

static void send_request(struct transfer *t)
{
	t->heard = plat_now();
	t->retry_at = 0;
	if (request_begin(t) != 0) {
		struct err e = err_of(CORE_EMEMORY, "fetch", t->side, "out of memory");
		fail(t, &e);
	}
}

/* Begins at the source's own URL. */
static void begin(struct transfer *t, enum transfer_role role)
{
	char *none;
	int32_t rc = 0;

	url_free(&t->at);
	rc = url_parse(&t->at, t->source.text, &none);
	url_free_login(none);
	t->role = role;
	t->hops = 0;
	t->bound = 1;
	t->guarded = t->resuming = 0;
	if (rc != 0) {
		struct err e = err_of(rc, "fetch", t->side, "out of memory");
		fail(t, &e);
		return;
	}
	send_request(t);
}

/*
 * Sends the request anew after a while, unless that was tried often enough or
 * would be too late: then it has failed with `e`.
 */
static void try_again(struct transfer *t, const struct err *e, uint64_t wait_ms, unsigned most)
{
	const uint64_t now = plat_now();

	if (t->pos - t->pos_at_failure >= PROGRESS_BYTES)
		t->tries = 0;
	t->pos_at_failure = t->pos;
	if (most > t->remote->retries)
		most = t->remote->retries;
	/* What was handed over cannot be taken back: only the rest of the same bytes will do. */
	t->resuming = t->pos > t->want.skip;
	if (t->tries >= most || (t->resuming && (t->etag[0] == '\0' || t->no_range))) {
		fail(t, e);
		return;
	}
	if (wait_ms == 0) {
		uint64_t seed = now;
		wait_ms = (uint64_t)BACKOFF_MS << (t->tries < 5 ? t->tries : 5);
		if (wait_ms > MAX_BACKOFF_MS)
			wait_ms = MAX_BACKOFF_MS;
		/* Apart from each other, those that were refused together. */
		wait_ms += rng_next(&seed) % (wait_ms / 4 + 1);
	}
	if (t->deadline != 0 && now + wait_ms * MS >= t->deadline) {
		fail(t, e);
		return;
	}
	t->tries++;
	t->retry_at = now + wait_ms * MS;
}

/* ----------------------------------------------------------------- redirects */

static int is_redirect(const struct transfer *t)
{
	const unsigned s = t->answer.status;

	return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) &&
	       !(t->remote->flags & CORE_REMOTE_NO_REDIRECTS);
}

int transfer_allows(struct transfer *t, const char *ip)
{
	struct address address;

	if (ip && address_parse(ip, strlen(ip), &address) && !address_is_private(&address))
		return 1;
	t->fault = error_of(t, CORE_ENETWORK, "the redirect leads to a private address");
	return 0;
}

/* 1 when a host is an address or a name that is private wherever it is asked from. */
static int is_private_host(const struct url *u)
{
	struct address address;
	const size_t len = strlen(u->host);

	if (address_parse(u->host, len, &address))
		return address_is_private(&address);
	return name_is_local(u->host, len);
}

/* Whether the server that has answered is one that anybody can reach. */
static int answered_publicly(struct transfer *t)
{
	struct address address;
	long proxied = 0;
	char *ip = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_USED_PROXY, &proxied);
	curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip);
	if (proxied)
		return !is_private_host(&t->at);
	return !ip || !address_parse(ip, strlen(ip), &address) || !address_is_private(&address);
}

/* Goes where the answer leads; the request is taken back already. */
static void follow(struct transfer *t)
{
	struct err e = error_of(t, CORE_ENETWORK, NULL);
	struct url next;

	e.n = t->remote->redirects;
	if (t->answer.location[0] == '\0')
		e.detail = t->answer.long_location ? "the address of the redirect is too long" : "the redirect leads nowhere";
	else if (t->hops >= t->remote->redirects)
		e.detail = "more than {n} redirects";
	if (e.detail) {
		fail(t, &e);
		return;
	}
	int32_t rc = url_follow(&next, &t->at, t->answer.location);
	if (rc != 0) {
		e.code = rc == CORE_EMEMORY ? rc : e.code;
		e.detail = rc == CORE_EMEMORY ? "out of memory" : "the redirect leads to what is no http or https URL";
		fail(t, &e);
		return;
	}
	t->guarded = answered_publicly(t) && !(t->remote->flags & CORE_REMOTE_PRIVATE_REDIRECTS);
	if (url_is_tls(&t->at) && !url_is_tls(&next))
		e.detail = "the redirect leads from https to http";
	else if (t->guarded && is_private_host(&next))
		e.detail = "the redirect leads to a private address";
	/* Once away, it does not come back: whoever was between could lead it there. */
	t->bound = t->bound && url_same_origin(&t->source, &next);
	url_free(&t->at);
	t->at = next;
	t->hops++;
	if (e.detail)
		fail(t, &e);
	else
		send_request(t);
}

/* ------------------------------------------------------------------- answers */

/* Statuses that may be others a moment later. */
static int is_for_now(unsigned status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

static struct err status_error(const struct transfer *t)
{
	struct err e = error_of(t, CORE_EHTTP_STATUS, "the server answered {n}");

	e.n = t->answer.status;
	return e;
}

/* Part of the bytes: only the part that was asked for will do. */
static const char *check_part(struct transfer *t)
{
	const struct answer *a = &t->answer;
	const struct content_range *r = &a->range;

	if (!t->ranged || !a->has_range || !r->satisfied)
		return "the server sent a part that nobody asked for";
	uint64_t last = t->range_last;
	if (r->total != UNKNOWN && r->total - 1 < last)
		last = r->total - 1;
	if (r->first != t->range_first || r->last > last || (last != UNKNOWN && r->last < last))
		return "the server sent another part than was asked for";
	if (a->length != UNKNOWN && a->length != r->last - r->first + 1)
		return "the length of the part contradicts its place";
	return NULL;
}

/* What is known of the whole from an answer that holds bytes; and whether it is the whole of before. */
static int take_whole(struct transfer *t, uint64_t total)
{
	if (t->total != UNKNOWN && total != UNKNOWN && t->total != total) {
		t->fault = error_of(t, CORE_ECHANGED, "its size changed while it was read");
		return 0;
	}
	if (t->resuming && strcmp(t->etag, t->answer.etag) != 0) {
		t->fault = error_of(t, CORE_ECHANGED, "it changed while it was read");
		return 0;
	}
	if (total != UNKNOWN)
		t->total = total;
	memcpy(t->etag, t->answer.etag, sizeof t->etag);
	return 1;
}

/* An answer with a body to be read: 1, or 0 with a fault. */
static int accept_body(struct transfer *t)
{
	const struct answer *a = &t->answer;
	const char *wrong = NULL;
	uint64_t total = UNKNOWN;

	if (a->encoded)
		wrong = "the server sent the body encoded, though it was to come as it is";
	else if (a->contradicts || (a->chunked && a->length != UNKNOWN))
		wrong = "the header of the answer contradicts itself";
	else if (a->status == 206)
		wrong = check_part(t);
	else if (a->has_range)
		wrong = "the header of the answer contradicts itself";
	else if (t->resuming && strcmp(t->etag, a->etag) == 0)
		wrong = "the connection broke after {n} bytes, and the server does not go on from there";
	if (wrong) {
		t->fault = error_of(t, CORE_ENETWORK, wrong);
		return 0;
	}
	if (a->status == 206)
		total = a->range.total;
	else if (!a->chunked)
		total = a->length;
	if (!take_whole(t, total))
		return 0;
	t->from_server = a->status == 206 ? a->range.first : 0;
	/* A part to the end says where that is. */
	if (a->status == 206 && total == UNKNOWN && t->range_last == UNKNOWN)
		t->total = a->range.last + 1;
	publish(t);
	return 1;
}

/* Nothing is behind the place that was asked for: 1 when the answer says so. */
static int is_beyond_end(const struct transfer *t)
{
	const struct content_range *r = &t->answer.range;

	return t->ranged && !t->resuming && t->answer.has_range && !r->satisfied && !t->answer.contradicts &&
	       r->total <= t->range_first;
}

int transfer_header(struct transfer *t, const char *line, size_t len)
{
	struct answer *a = &t->answer;

	t->heard = plat_now();
	if (t->answered) {
		/* Fields behind the body mean nothing here, but are counted all the same. */
		a->bytes += len;
		return a->bytes > HEADER_BYTES ? -1 : 0;
	}
	int rc = answer_line(a, line, len, (int64_t)time(NULL));
	if (rc < 0)
		t->fault = error_of(t, CORE_ENETWORK, "the header of the answer is too long");
	if (rc <= 0)
		return rc;
	t->answered = 1;
	t->drains = t->role == ROLE_HEAD || (a->status != 200 && a->status != 206);
	return t->drains || accept_body(t) ? 0 : -1;
}

int transfer_body(struct transfer *t, const uint8_t *data, size_t len)
{
	if (ring_is_shut(&t->ring))
		return -1;
	if (t->drains) {
		t->drained += len;
		return t->drained > DRAIN_BYTES ? -1 : 0;
	}
	/* Before anything is counted: what is refused comes again. */
	const uint64_t end = t->from_server + len, to = end < t->stop ? end : t->stop;
	const uint64_t from = t->from_server > t->pos ? t->from_server : t->pos;
	if (to > from && !ring_has_room(&t->ring, to - from)) {
		t->paused = 1;
		return 1;
	}
	if (to > from) {
		ring_write(&t->ring, data + (from - t->from_server), to - from);
		t->pos = to;
	}
	t->from_server = end;
	t->got += len;
	t->heard = plat_now();
	/* What follows is not wanted, and may be long. */
	t->enough = end > t->stop || (end == t->stop && t->answer.status == 200 && t->total > end);
	return t->enough ? -1 : 0;
}

/* ----------------------------------------------------------------- endings */

static void head_done(struct transfer *t)
{
	const struct answer *a = &t->answer;

	if (a->status != 200 || a->encoded || a->contradicts || a->has_range) {
		/* Not every server knows how to say no more than that. */
		begin(t, ROLE_BODY);
		return;
	}
	if (!a->chunked)
		t->total = a->length;
	t->role = ROLE_NONE;
	publish(t);
}

/* The body has come to its end, as far as curl can tell. */
static void body_done(struct transfer *t)
{
	const struct answer *a = &t->answer;
	const uint64_t end = t->total < t->stop ? t->total : t->stop;
	struct err e = error_of(t, CORE_ENETWORK, NULL);

	e.m = a->length;
	if (t->excess)
		e.detail = "the body is longer than the {m} bytes it was to have";
	else if (!t->enough && !a->framed && !a->chunked && a->length == UNKNOWN)
		e.detail = "nothing says where the body ends: it may have broken off after {n} bytes";
	else if (!t->enough && end != UNKNOWN && t->from_server < end)
		e.detail = "the body ended after {n} bytes, before its time";
	if (e.detail)
		fail(t, &e);
	else
		succeed(t);
}

static void answer_done(struct transfer *t)
{
	const struct answer *a = &t->answer;

	if (is_redirect(t)) {
		follow(t);
		return;
	}
	if (is_for_now(a->status)) {
		struct err e = status_error(t);
		/* At least a moment: 0 would be a wait of our own. */
		const uint64_t wait = a->has_retry_after ? a->retry_after : 0;
		if (wait > MAX_RETRY_AFTER_MS / 1000)
			fail(t, &e);
		else
			try_again(t, &e, a->has_retry_after ? wait * 1000 + 1 : 0, UINT32_MAX);
		return;
	}
	if (t->role == ROLE_HEAD) {
		head_done(t);
	} else if (a->status == 200 || a->status == 206) {
		body_done(t);
	} else if (a->status == 416 && is_beyond_end(t)) {
		t->total = a->range.total;
		publish(t);
		succeed(t);
	} else if (a->status == 416 && t->ranged && !t->resuming) {
		/* It could be asked for without: the bytes before are then passed over. */
		t->no_range = 1;
		send_request(t);
	} else {
		struct err e = status_error(t);
		fail(t, &e);
	}
}

void transfer_done(struct transfer *t, CURLcode code)
{
	struct err e = {0};
	const int drained = t->drains && t->drained > DRAIN_BYTES && t->fault.code == 0;

	if (code != CURLE_OK && !t->enough && !drained)
		e = request_error(t, code);
	request_end(t);
	if (e.code == 0) {
		answer_done(t);
		return;
	}
	/* Some servers close the connection instead of answering what they do not know. */
	if (t->role == ROLE_HEAD && code == CURLE_GOT_NOTHING)
		begin(t, ROLE_BODY);
	else if (t->fault.code == 0 && request_may_recover(t, code))
		/* A port that nobody listens at rarely is another one soon. */
		try_again(t, &e, 0, code == CURLE_COULDNT_CONNECT ? 1 : UINT32_MAX);
	else
		fail(t, &e);
}

uint64_t transfer_tick(struct transfer *t, uint64_t now)
{
	const core_remote *r = t->remote;
	const uint64_t idle = t->role == ROLE_NONE || t->retry_at != 0 || t->paused ? 0 : t->heard + r->idle_ms * MS;
	struct err e = error_of(t, CORE_ETIMEOUT, "it took longer than {s} s: {m} bytes so far");

	e.m = t->got;
	if (t->deadline != 0 && now >= t->deadline) {
		e.n = r->timeout_ms;
	} else if (idle != 0 && now >= idle) {
		e.n = r->idle_ms;
		e.detail = "nothing came for {s} s: {m} bytes so far";
	} else {
		if (t->retry_at != 0 && now >= t->retry_at)
			send_request(t);
		uint64_t next = t->deadline != 0 ? t->deadline : UNKNOWN;
		if (idle != 0 && idle < next)
			next = idle;
		return t->retry_at != 0 && t->retry_at < next ? t->retry_at : next;
	}
	request_end(t);
	fail(t, &e);
	return UNKNOWN;
}

/* -------------------------------------------------------------------- asked */

static void start(struct transfer *t)
{
	t->pos = t->pos_at_failure = t->want.skip;
	t->stop = t->want.limit == 0 || t->want.skip > UNKNOWN - t->want.limit ? UNKNOWN : t->want.skip + t->want.limit;
	if (t->remote->timeout_ms != 0)
		t->deadline = plat_now() + t->remote->timeout_ms * MS;
	net_watch(t);
	begin(t, t->head_first ? ROLE_HEAD : ROLE_BODY);
}

static void resume(struct transfer *t)
{
	if (!t->paused)
		return;
	t->paused = 0;
	t->heard = plat_now();
	CURLcode code = curl_easy_pause(t->easy, CURLPAUSE_CONT);
	if (code != CURLE_OK)
		transfer_done(t, code);
}

void transfer_asked(struct transfer *t, uint32_t asks)
{
	if (asks & ASK_CLOSE) {
		net_unwatch(t);
		request_end(t);
		curl_easy_cleanup(t->easy);
		transfer_free(t);
		return;
	}
	if (asks & ASK_START)
		start(t);
	/* Unless they are on their way, because the server has no other answer; what has failed says so itself. */
	if ((asks & ASK_BODY) && t->role == ROLE_NONE && atomic_load(&t->ring.end) == RING_OPEN)
		begin(t, ROLE_BODY);
	if (asks & ASK_RESUME)
		resume(t);
}
