/* SPDX-License-Identifier: MIT */
/* A small HTTP/1.1 server on loopback, in threads of the test: GET and HEAD of the same bytes at any path. */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>

/** What it sends; to be set before a request is made. */
struct http_content {
	const uint8_t *bytes;
	size_t len;
	/** In chunks, so that the length is not known before the end. */
	int chunked;
};

extern struct http_content http_content;

/** Starts it for the rest of the process: the URL of its root. */
const char *http_server_start(void);
/** Requests so far. */
unsigned http_server_requests(void);

#endif
