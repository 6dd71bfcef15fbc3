/* SPDX-License-Identifier: MIT */
#include "http/reader_http.h"

#include "base/alloc.h"
#include "http/net.h"
#include "http/transfer.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { URL_LIMIT = 16 << 10 };

/* ------------------------------------------------------------------- reader */

static int32_t http_at(struct reader *r, uint64_t off, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	(void)off;
	(void)buf;
	(void)len;
	*got = 0;
	*e = err_of(CORE_EUNSUPPORTED, "fetch", r->side, "a URL is read from start to end");
	return e->code;
}

/* Waits for what is known before the first byte, or has it copied to the reader. */
static int32_t http_ready(struct reader *r, struct task *task, struct err *e)
{
	struct transfer *t = r->own;
	int32_t rc = 0;

	pthread_mutex_lock(&t->lock);
	if (!t->ready) {
		t->waiter = task;
		rc = READER_WAIT;
	} else if (t->err.code != 0) {
		*e = t->err;
		rc = e->code;
	} else {
		r->size = t->size;
		r->digests = t->digests.have ? &t->digests : NULL;
	}
	pthread_mutex_unlock(&t->lock);
	return rc;
}

static int32_t http_next(struct reader *r, struct task *task, uint8_t *buf, size_t len, size_t *got, struct err *e)
{
	struct transfer *t = r->own;
	int room;
	int32_t rc = ring_read(&t->ring, task, buf, len, got, &room);

	r->pos += *got;
	if (room)
		net_post(t, ASK_RESUME);
	/* Its size was asked for first: the bytes are asked for when they are wanted. */
	if (rc == READER_WAIT && !t->body_asked) {
		t->body_asked = 1;
		net_post(t, ASK_BODY);
	}
	if (rc < 0) {
		pthread_mutex_lock(&t->lock);
		*e = t->err;
		pthread_mutex_unlock(&t->lock);
		rc = e->code;
	}
	return rc;
}

/* Every byte was of one answer, or of parts that the server said are of one whole. */
static int32_t http_check(struct reader *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static void http_close(struct reader *r)
{
	struct transfer *t = r->own;

	pthread_mutex_lock(&t->lock);
	t->waiter = NULL;
	pthread_mutex_unlock(&t->lock);
	ring_leave(&t->ring);
	net_post(t, ASK_CLOSE);
}

static const struct reader_ops http_ops = {
	.at = http_at, .next = http_next, .check = http_check, .close = http_close, .ready = http_ready};

/* ------------------------------------------------------------------- opener */

struct http_opener {
	struct opener opener;
	char *url;
	core_remote *remote;
};

/* `Authorization: Basic …`, RFC 7617, of a login: NULL when memory ran out. */
static char *basic(const char *login)
{
	static const char field[] = "Authorization: Basic ";
	const size_t len = strlen(login), room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char *out = mem_alloc(sizeof field + room);

	if (!out)
		return NULL;
	memcpy(out, field, sizeof field);
	sodium_bin2base64(out + sizeof field - 1, room, (const uint8_t *)login, len, sodium_base64_VARIANT_ORIGINAL);
	return out;
}

static int32_t fill(struct transfer *t, const struct http_opener *from)
{
	char *login;
	int32_t rc = url_parse(&t->source, from->url, &login);

	if (rc != 0)
		return rc;
	if (login) {
		t->authorization = basic(login);
		url_free_login(login);
		if (!t->authorization)
			return CORE_EMEMORY;
	}
	return 0;
}

static int32_t http_open(struct opener *o, struct reader *r, const struct reader_want *want, int32_t side, struct err *e)
{
	const struct http_opener *from = (struct http_opener *)(void *)o;
	struct transfer *t = NULL;

	*r = (struct reader){.side = side};
	int32_t rc = net_start();
	if (rc == 0) {
		t = transfer_new();
		rc = t ? fill(t, from) : CORE_EMEMORY;
	}
	if (rc != 0) {
		if (t)
			transfer_free(t);
		*e = err_of(rc, "fetch", side, rc == CORE_ELIMIT ? "no thread could be made" : "out of memory");
		return rc;
	}
	t->remote = from->remote;
	remote_ref(t->remote);
	t->want = *want;
	t->side = side;
	t->head_first = want->size_first || (want->digest && (t->remote->flags & CORE_REMOTE_TRUST_DIGEST));
	t->body_asked = !t->head_first;
	*r = (struct reader){.ops = &http_ops, .size = UINT64_MAX, .side = side, .clipped = 1, .own = t};
	net_post(t, ASK_START);
	return 0;
}

static void http_del(struct opener *o)
{
	struct http_opener *h = (struct http_opener *)(void *)o;

	if (h->url)
		sodium_memzero(h->url, strlen(h->url));
	mem_free(h->url);
	remote_unref(h->remote);
	mem_free(h);
}

static const struct opener_ops http_opener_ops = {.open = http_open, .del = http_del};

int32_t http_opener_new(struct opener **out, const uint8_t *url, size_t len, core_remote *remote, char **shown)
{
	const struct core_remote_opts defaults = {.size = sizeof defaults};
	struct url parsed = {0};
	char *login = NULL;

	if (len == 0 || len > URL_LIMIT || memchr(url, 0, len))
		return CORE_EUSAGE;
	struct http_opener *h = mem_zalloc(1, sizeof *h);
	if (!h)
		return CORE_EMEMORY;
	h->opener.ops = &http_opener_ops;
	int32_t rc = CORE_EMEMORY;
	h->url = mem_alloc(len + 1);
	if (h->url) {
		memcpy(h->url, url, len);
		h->url[len] = '\0';
		rc = url_parse(&parsed, h->url, &login);
	}
	url_free_login(login);
	if (rc == 0) {
		*shown = url_shown(&parsed);
		url_free(&parsed);
		rc = *shown ? 0 : CORE_EMEMORY;
	}
	if (rc == 0 && remote) {
		remote_ref(remote);
		h->remote = remote;
	} else if (rc == 0) {
		rc = core_remote_new(&h->remote, &defaults);
		if (rc != 0)
			mem_free(*shown);
	}
	if (rc != 0) {
		http_del(&h->opener);
		return rc;
	}
	*out = &h->opener;
	return 0;
}

uint64_t http_count(void)
{
	return transfer_count();
}
