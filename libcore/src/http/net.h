/* SPDX-License-Identifier: MIT */
/*
 * The one thread that all transfers of the process run on, made when the
 * first one is. It alone touches curl's handles.
 */
#ifndef HTTP_NET_H
#define HTTP_NET_H

#include <curl/curl.h>
#include <stdint.h>

struct transfer;

/** Makes the thread unless it is there: 0, CORE_ELIMIT or CORE_EMEMORY. */
int32_t net_start(void);
/** Has `transfer_asked()` called on the thread. Any thread. */
void net_post(struct transfer *t, uint32_t asks);

/* For the thread itself. */

/** Gives a handle to the thread's loop: 0, or CORE_EMEMORY. */
int32_t net_add(CURL *easy);
void net_remove(CURL *easy);
/** Begins and ends the watch over a transfer's deadlines. */
void net_watch(struct transfer *t);
void net_unwatch(struct transfer *t);

#endif
