/* SPDX-License-Identifier: MIT */
#include "net/http_server.h"

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_content http_content;
static atomic_uint requests;

static int send_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
		if (n <= 0)
			return 0;
		at += n;
		len -= (size_t)n;
	}
	return 1;
}

static int send_text(int fd, const char *text)
{
	return send_all(fd, text, strlen(text));
}

static int send_chunks(int fd)
{
	const struct http_content *c = &http_content;
	char line[32];

	for (size_t at = 0; at < c->len;) {
		/* Of lengths that fit nothing. */
		size_t n = at % 7001 + 1 < c->len - at ? at % 7001 + 1 : c->len - at;
		snprintf(line, sizeof line, "%zx\r\n", n);
		if (!send_text(fd, line) || !send_all(fd, c->bytes + at, n) || !send_text(fd, "\r\n"))
			return 0;
		at += n;
	}
	return send_text(fd, "0\r\n\r\n");
}

static int answer(int fd, int head)
{
	const struct http_content *c = &http_content;
	char line[128];

	if (c->chunked)
		return send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") && (head || send_chunks(fd));
	snprintf(line, sizeof line, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", c->len);
	return send_text(fd, line) && (head || send_all(fd, c->bytes, c->len));
}

static void *serve(void *arg)
{
	const int fd = (int)(intptr_t)arg;
	char text[4096];
	size_t len = 0;
	ssize_t n;

	while ((n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		char *end = strstr(text, "\r\n\r\n");
		if (!end)
			continue;
		atomic_fetch_add(&requests, 1);
		if (!answer(fd, strncmp(text, "HEAD ", 5) == 0))
			break;
		len -= (size_t)(end + 4 - text);
		memmove(text, end + 4, len);
	}
	close(fd);
	return NULL;
}

static void *listen_on(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (;;) {
		int fd = accept((int)(intptr_t)arg, NULL, NULL);
		if (fd >= 0 && pthread_create(&thread, &attr, serve, (void *)(intptr_t)fd) != 0)
			close(fd);
	}
	return NULL;
}

const char *http_server_start(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	pthread_t thread;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	CHECK(pthread_create(&thread, NULL, listen_on, (void *)(intptr_t)fd) == 0);
	pthread_detach(thread);
	return check_text("http://127.0.0.1:%u/", (unsigned)ntohs(at.sin_port));
}

unsigned http_server_requests(void)
{
	return atomic_load(&requests);
}
