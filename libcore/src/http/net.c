/* SPDX-License-Identifier: MIT */
#include "http/net.h"

#include "core.h"
#include "http/transfer.h"
#include "plat/plat.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

enum {
	/** Idle connections kept. */
	MAX_IDLE = 64,
	/** Names looked up at once; each lookup is a thread while it lasts. */
	RESOLVERS = 1,
	/** Longest sleep: nothing depends on it. */
	SLEEP_MS = 3600000,
};

static struct {
	pthread_mutex_t lock;
	int started;
	CURLM *multi;
	/** Posted, oldest first. */
	struct transfer *first, **end;
	/** The thread's. */
	struct transfer *watched;
} net = {.lock = PTHREAD_MUTEX_INITIALIZER, .end = &net.first};

/* What was posted, until nothing is left. */
static void take_posted(void)
{
	for (;;) {
		pthread_mutex_lock(&net.lock);
		struct transfer *t = net.first;
		uint32_t asks = 0;
		if (t) {
			asks = t->asks;
			t->asks = 0;
			net.first = t->next_posted;
			if (!net.first)
				net.end = &net.first;
		}
		pthread_mutex_unlock(&net.lock);
		if (!t)
			return;
		transfer_asked(t, asks);
	}
}

static void take_finished(void)
{
	int left;

	for (CURLMsg *m; (m = curl_multi_info_read(net.multi, &left));) {
		struct transfer *t = NULL;
		/* The message is gone once its handle is taken back. */
		const CURLcode code = m->data.result;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		transfer_done(t, code);
	}
}

/* Looks at all deadlines: milliseconds to the next one. */
static int take_deadlines(void)
{
	const uint64_t now = plat_now();
	uint64_t next = now + (uint64_t)SLEEP_MS * 1000000;

	for (struct transfer *t = net.watched, *after; t; t = after) {
		after = t->next_watched;
		uint64_t at = transfer_tick(t, now);
		if (at < next)
			next = at;
	}
	return next <= now ? 0 : (int)((next - now + 999999) / 1000000);
}

static void *net_main(void *arg)
{
	int running;

	(void)arg;
	plat_name_thread("core-net");
	for (;;) {
		take_posted();
		curl_multi_perform(net.multi, &running);
		take_finished();
		curl_multi_poll(net.multi, NULL, 0, take_deadlines(), NULL);
	}
	return NULL;
}

static int32_t start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return CORE_EMEMORY;
	if (!net.multi)
		net.multi = curl_multi_init();
	if (!net.multi)
		return CORE_EMEMORY;
	curl_multi_setopt(net.multi, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE);
	curl_multi_setopt(net.multi, CURLMOPT_RESOLVE_THREADS_MAX, (long)RESOLVERS);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* Signals are the caller's: none is delivered to this thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&thread, &attr, net_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : CORE_ELIMIT;
}

int32_t net_start(void)
{
	int32_t rc = 0;

	pthread_mutex_lock(&net.lock);
	if (!net.started) {
		rc = start();
		net.started = rc == 0;
	}
	pthread_mutex_unlock(&net.lock);
	return rc;
}

void net_post(struct transfer *t, uint32_t asks)
{
	pthread_mutex_lock(&net.lock);
	if (t->asks == 0) {
		t->next_posted = NULL;
		*net.end = t;
		net.end = &t->next_posted;
	}
	t->asks |= asks;
	pthread_mutex_unlock(&net.lock);
	curl_multi_wakeup(net.multi);
}

int32_t net_add(CURL *easy)
{
	return curl_multi_add_handle(net.multi, easy) == CURLM_OK ? 0 : CORE_EMEMORY;
}

void net_remove(CURL *easy)
{
	curl_multi_remove_handle(net.multi, easy);
}

void net_watch(struct transfer *t)
{
	t->next_watched = net.watched;
	t->watched = &net.watched;
	if (t->next_watched)
		t->next_watched->watched = &t->next_watched;
	net.watched = t;
}

void net_unwatch(struct transfer *t)
{
	if (!t->watched)
		return;
	if (t->next_watched)
		t->next_watched->watched = t->watched;
	*t->watched = t->next_watched;
	t->watched = NULL;
}
