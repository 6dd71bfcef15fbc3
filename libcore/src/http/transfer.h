/* SPDX-License-Identifier: MIT */
/*
 * One URL on its way: asked for, redirected, asked again when it fails for
 * the moment, gone on with where it broke off. It lives on the thread of
 * net.h; its reader sees what is under the lock, and the ring.
 */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "base/digest.h"
#include "base/err.h"
#include "http/url.h"
#include "io/opener.h"
#include "io/remote.h"
#include "io/ring.h"
#include "wire/answer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdint.h>

/** What the reader asks of the thread. */
enum transfer_ask {
	ASK_START = 1,
	/** Its size was asked for alone; now the bytes. */
	ASK_BODY = 2,
	/** There is room in the ring again. */
	ASK_RESUME = 4,
	/** The last one: the thread frees the transfer. */
	ASK_CLOSE = 8,
};

/** What a request is for. */
enum transfer_role {
	ROLE_NONE,
	/** HEAD: size and digests. */
	ROLE_HEAD,
	/** GET: the bytes. */
	ROLE_BODY,
};

struct transfer {
	/* Of the reader, before the thread has it, and unchanged from then on. */
	struct url source;
	core_remote *remote;
	struct reader_want want;
	/** Size and digests are asked for before the bytes. */
	int head_first;
	int32_t side;
	/** `Authorization: Basic …`, or NULL. */
	char *authorization;
	/** The reader's: it has asked for the bytes. */
	int body_asked;

	/* Between the two. */
	struct ring ring;
	pthread_mutex_t lock;
	/** Woken when it is ready or has failed. Under the lock, as is all up to `digests`. */
	struct task *waiter;
	int ready;
	struct err err;
	/** Of what is wanted; UINT64_MAX where it is not known. */
	uint64_t size;
	struct digest_set digests;

	/* The queue to the thread, under its lock. */
	struct transfer *next_posted;
	uint32_t asks;

	/* The thread's. */
	CURL *easy;
	struct curl_slist *fields;
	struct transfer *next_watched, **watched;
	enum transfer_role role;
	/** Where the request goes now, and how many redirects led there. */
	struct url at;
	unsigned hops;
	/** It is still at the origin of the source, and always was: credentials may be sent. */
	int bound;
	/** The server that redirected has a public address, so this request must not end at a private one. */
	int guarded;
	/** A Range was sent: this one. `no_range` when the server cannot do with any. */
	int ranged, no_range;
	uint64_t range_first, range_last;
	/** Asked to go on where it broke off. */
	int resuming;
	struct answer answer;
	int answered;
	/** The body is not what is wanted: it is passed over, so that the connection can be used again. */
	int drains;
	uint64_t drained;
	/** What this request failed with, found out in a callback. */
	struct err fault;
	/** More came than was announced; and all that is wanted is there. */
	int excess, enough;
	/** Length of the whole, once it is known; its strong entity tag, once there is one. */
	uint64_t total;
	char etag[ETAG_BYTES];
	/** Offset of the next byte for the ring, of the next one from the server, and where what is wanted ends. */
	uint64_t pos, from_server, stop;
	/** Body bytes received; and where `pos` was when it last failed. */
	uint64_t got, pos_at_failure;
	unsigned tries;
	int paused;
	/** Times of plat_now(), 0 where there is none. */
	uint64_t deadline, heard, retry_at;
};

/** Does what was asked for: the thread's. Frees the transfer after ASK_CLOSE. */
void transfer_asked(struct transfer *t, uint32_t asks);
/** A request of it has ended: the thread's. */
void transfer_done(struct transfer *t, CURLcode code);
/** Looks at its times: the next one that matters, or UINT64_MAX. The thread's. */
uint64_t transfer_tick(struct transfer *t, uint64_t now);

/** Releases a transfer that no thread has. */
void transfer_free(struct transfer *t);
/** Transfers that are not yet freed. */
uint64_t transfer_count(void);
struct transfer *transfer_new(void);

/* request.c: one request of it. */

/** Sends the request that `role` and the place it has come to call for: 0, or CORE_EMEMORY. */
int32_t request_begin(struct transfer *t);
/** Takes the request back, finished or not. */
void request_end(struct transfer *t);
/** What curl's code means. */
struct err request_error(struct transfer *t, CURLcode code);
/** 1 when the same request may succeed a moment later. */
int request_may_recover(struct transfer *t, CURLcode code);

/* Callbacks of the request. */

/** A line of a header: 0 to go on, -1 to end the request with `t->fault`. */
int transfer_header(struct transfer *t, const char *line, size_t len);
/** Bytes of a body: 0 to go on, 1 to pause, -1 to end the request. */
int transfer_body(struct transfer *t, const uint8_t *data, size_t len);
/** Where a connection is about to be used: 0 when it must not be. */
int transfer_allows(struct transfer *t, const char *ip);

#endif
